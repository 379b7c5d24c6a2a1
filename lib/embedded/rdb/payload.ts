/**
 * DUMP payloads: a value with its type, the version and a checksum.
 *
 * @module
 */

import { binaryToBytes, toBinary } from "../../resp/binary.ts";
import type { Value } from "../values/value.ts";
import { Crc64 } from "./crc64.ts";
import { NEWEST_VERSION } from "./format.ts";
import { RdbReader } from "./reader.ts";
import { isEmpty, readValue, typeOf, versionOf, writeValue } from "./values.ts";
import { RdbWriter } from "./writer.ts";

/** The bytes of the version and the checksum. */
const FOOTER = 10;

/** Serializes a value as a payload. */
export function dump(value: Value): string {
  const writer = new RdbWriter();
  writer.byte(typeOf(value));
  writeValue(writer, value);
  writer.byte(versionOf(value));
  writer.byte(0);
  const bytes = writer.take();
  const checksum = new Crc64().add(bytes).bytes();
  return toBinary(bytes, 0, bytes.length) + toBinary(checksum, 0, 8);
}

/** Checks a payload and returns its bytes; `null` for a wrong version or checksum. */
export function verify(payload: string): Uint8Array | null {
  if (payload.length < FOOTER) return null;
  const bytes = binaryToBytes(payload);
  const end = bytes.length - 8;
  const version = bytes[end - 2]! | bytes[end - 1]! << 8;
  if (version > NEWEST_VERSION) return null;
  const checksum = new Crc64().add(bytes.subarray(0, end)).bytes();
  if (checksum.some((byte, i) => byte !== bytes[end + i])) return null;
  return bytes.subarray(0, end - 2);
}

/** Reads the value of a verified payload. Throws when it is corrupt. */
export function restore(bytes: Uint8Array): Value {
  const reader = new RdbReader(bytes);
  const value = readValue(reader, reader.byte());
  if (isEmpty(value)) throw new Error("The payload has an empty collection");
  return value;
}
