/**
 * FUNCTION DUMP payloads: libraries in the format of RDB files.
 *
 * @module
 */

import { toBinary } from "../../resp/binary.ts";
import { err } from "../base/errors.ts";
import { Crc64 } from "./crc64.ts";
import { OPCODE, VERSION } from "./format.ts";
import { verify } from "./payload.ts";
import { RdbReader } from "./reader.ts";
import { RdbWriter } from "./writer.ts";

/** Writes libraries, each as its code. */
export function writeFunctions(
  writer: RdbWriter,
  codes: readonly string[],
): void {
  for (const code of codes) {
    writer.byte(OPCODE.function);
    writer.string(code);
  }
}

/** Serializes libraries as a payload. */
export function dumpFunctions(codes: readonly string[]): string {
  const writer = new RdbWriter();
  writeFunctions(writer, codes);
  writer.byte(VERSION.plain);
  writer.byte(0);
  const bytes = writer.take();
  const checksum = new Crc64().add(bytes).bytes();
  return toBinary(bytes, 0, bytes.length) + toBinary(checksum, 0, 8);
}

/** Reads the libraries of a payload. Throws when it is invalid. */
export function restoreFunctions(payload: string): string[] {
  const bytes = verify(payload);
  if (bytes === null) throw err("DUMP payload version or checksum are wrong");
  const reader = new RdbReader(bytes);
  const codes: string[] = [];
  while (reader.at < bytes.length) {
    if (reader.byte() !== OPCODE.function) {
      throw err("given type is not a function");
    }
    codes.push(reader.string());
  }
  return codes;
}
