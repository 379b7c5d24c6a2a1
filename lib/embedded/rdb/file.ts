/**
 * Whole RDB files: all databases at one moment.
 *
 * @module
 */

import { toTime } from "../base/numbers.ts";
import type { Value } from "../values/value.ts";
import { Crc64 } from "./crc64.ts";
import { NEWEST_VERSION, OPCODE } from "./format.ts";
import { RdbReader } from "./reader.ts";
import {
  MAGIC,
  type SavedDatabase,
  type SaveOptions,
  Snapshot,
} from "./snapshot.ts";
import { isEmpty, readValue } from "./values.ts";

export type { SaveOptions };

/** All databases as a file in chunks. No command may run until the last chunk. */
export function* saveRdb(
  databases: readonly SavedDatabase[],
  options: SaveOptions,
): Generator<Uint8Array<ArrayBuffer>> {
  const snapshot = new Snapshot(databases, options, { marks: false });
  for (let bytes = snapshot.next(Infinity); bytes !== null;) {
    yield bytes;
    bytes = snapshot.next(Infinity);
  }
}

/** A key read from a file. */
export interface LoadedKey {
  /** The number of its database. */
  readonly db: number;
  readonly key: string;
  readonly value: Value;
  /** When it expires, in ms since 1970. */
  readonly expiry: number | undefined;
  /** For how many seconds it was not used, if the file says so. */
  readonly idle: number | undefined;
  /** Its LFU counter, if the file says so. */
  readonly uses: number | undefined;
}

/** Whether bytes begin like an RDB file. */
export function isRdb(bytes: Uint8Array): boolean {
  return new RdbReader(bytes).startsWith(MAGIC);
}

/** Reads a file at once; see {@linkcode loadSteps}. */
export function loadRdb(...args: Parameters<typeof loadSteps>): number {
  const steps = loadSteps(...args);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Keys, and bytes, that are read between two yields, so that other work can run. */
const KEYS_PER_STEP = 32;
const BYTES_PER_STEP = 64 * 1024;

/**
 * Reads a file key by key, with its auxiliary fields and the code of function
 * libraries. Returns the offset of its end, as commands may follow. Throws when the
 * file is corrupt, or has data that is not supported here.
 */
export function* loadSteps(
  bytes: Uint8Array,
  visit: (key: LoadedKey) => void,
  tell: (name: string, value: string) => void = () => {},
  addFunctions: (code: string) => void = () => {},
): Generator<void, number> {
  const reader = new RdbReader(bytes);
  const version = readVersion(reader);
  let db = 0;
  let expiry: number | undefined;
  let idle: number | undefined;
  let uses: number | undefined;
  let count = 0;
  const checksum = new Crc64();
  let summed = 0;
  const sum = () => {
    checksum.add(bytes.subarray(summed, reader.at));
    summed = reader.at;
  };
  for (;;) {
    const type = reader.byte();
    switch (type) {
      case OPCODE.expiry:
        expiry = reader.uint32() * 1000;
        continue;
      case OPCODE.expiryMs:
        expiry = toTime(reader.int64());
        continue;
      case OPCODE.freq:
        uses = reader.byte();
        continue;
      case OPCODE.idle:
        idle = reader.length();
        continue;
      case OPCODE.select:
        db = reader.length();
        continue;
      case OPCODE.resize:
        reader.length();
        reader.length();
        continue;
      case OPCODE.aux:
        tell(reader.string(), reader.string());
        continue;
      case OPCODE.slotInfo:
        // A node of a cluster tells how large each slot is.
        for (let i = 0; i < 3; i++) reader.length();
        continue;
      case OPCODE.keyMetadata:
      case OPCODE.moduleAux:
        throw new Error("The RDB file has data of a module");
      case OPCODE.function:
        addFunctions(reader.string());
        continue;
      case OPCODE.oldFunction:
        throw new Error(
          "The RDB file has functions in the format of a release candidate of Redis 7",
        );
      case OPCODE.end:
        sum();
        if (version >= 5) verify(reader, checksum);
        return reader.at;
    }
    const key = reader.string();
    const value = readValue(reader, type);
    if (!isEmpty(value)) visit({ db, key, value, expiry, idle, uses });
    expiry = idle = uses = undefined;
    const isMuch = reader.at - summed >= BYTES_PER_STEP;
    if (++count % KEYS_PER_STEP !== 0 && !isMuch) continue;
    sum();
    yield;
  }
}

function readVersion(reader: RdbReader): number {
  const header = reader.startsWith(MAGIC) ? reader.text(9) : "";
  const version = Number(header.slice(MAGIC.length));
  if (!(version >= 1)) throw new Error("The file is not an RDB file");
  if (version > NEWEST_VERSION) {
    throw new Error(
      `The RDB file is of version ${version}: no more than ${NEWEST_VERSION} is known here`,
    );
  }
  return version;
}

function verify(reader: RdbReader, checksum: Crc64): void {
  const told = reader.bytes(8);
  // All zero: checksums were disabled when the file was written.
  if (told.every((byte) => byte === 0)) return;
  if (checksum.bytes().some((byte, i) => byte !== told[i])) {
    throw new Error("The RDB file has a wrong checksum");
  }
}

/** A database that loaded keys are added to. */
export interface LoadTarget {
  set(key: string, value: Value, expiry?: number): void;
}

/** Adds a loaded key to its database; emits no events. */
export function addKey(
  databases: readonly LoadTarget[],
  { db: index, key, value, expiry, idle, uses }: LoadedKey,
  now: number,
): void {
  const db = databases[index];
  if (db === undefined) {
    throw new Error(
      `The RDB file has database ${index}: there are ${databases.length} here`,
    );
  }
  db.set(key, value, expiry);
  if (idle !== undefined) value.used = now - idle * 1000;
  if (uses !== undefined) value.uses = uses;
}
