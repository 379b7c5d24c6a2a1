/**
 * Whole RDB files: all databases at one time.
 *
 * @module
 */

import { VERSION as SERVER_VERSION } from "../base/about.ts";
import type { Database } from "../keyspace/database.ts";
import { toTime } from "../base/numbers.ts";
import type { Value } from "../values/value.ts";
import { Crc64 } from "./crc64.ts";
import { NEWEST_VERSION, OPCODE, VERSION } from "./format.ts";
import { RdbReader } from "./reader.ts";
import {
  hasExpiries,
  isEmpty,
  readValue,
  typeOf,
  writeValue,
} from "./values.ts";
import { RdbWriter } from "./writer.ts";

/** Bytes are handed on when there are so many. */
const CHUNK = 1024 * 1024;

/** What every RDB file begins with. */
const MAGIC = "REDIS";

/** What is said of a file besides its data. */
export interface SaveOptions {
  /** The time in ms since 1970. */
  readonly now: number;
  /** Whether commands follow behind: it is the base of an append-only file. */
  readonly base: boolean;
  /** More to be told, such as which replication it belongs to. */
  readonly aux?: Readonly<Record<string, string>>;
}

/**
 * All databases as a file, in parts. What is written is what is there when each
 * part is asked for: who wants one moment asks for all parts at once.
 */
export function* saveRdb(
  databases: readonly Database[],
  { now, base, aux = {} }: SaveOptions,
): Generator<Uint8Array<ArrayBuffer>> {
  const writer = new RdbWriter();
  const checksum = new Crc64();
  const version = databases.some(needsNewest) ? NEWEST_VERSION : VERSION;
  writer.text(`${MAGIC}${String(version).padStart(4, "0")}`);
  const told = {
    "redis-ver": SERVER_VERSION,
    "redis-bits": "64",
    "ctime": String(Math.floor(now / 1000)),
    ...aux,
    "aof-base": base ? "1" : "0",
  };
  for (const [name, value] of Object.entries(told)) {
    writer.byte(OPCODE.aux);
    writer.string(name);
    writer.string(value);
  }
  for (const db of databases) {
    if (db.keys.size === 0) continue;
    writer.byte(OPCODE.select);
    writer.count(db.index);
    writer.byte(OPCODE.resize);
    writer.count(db.keys.size);
    writer.count(db.expires.size);
    const values = db.keys.values();
    for (const [i, key] of db.keys.keys().entries()) {
      writeKey(writer, key, values[i]!, db.expiryOf(key));
      if (writer.length < CHUNK) continue;
      const bytes = writer.take();
      checksum.add(bytes);
      yield bytes;
    }
  }
  writer.byte(OPCODE.end);
  const bytes = writer.take();
  yield bytes;
  yield checksum.add(bytes).bytes();
}

function writeKey(
  writer: RdbWriter,
  key: string,
  value: Value,
  expiry: number | undefined,
): void {
  if (expiry !== undefined) {
    writer.byte(OPCODE.expiryMs);
    writer.int64(BigInt(expiry));
  }
  writer.byte(typeOf(value));
  writer.string(key);
  writeValue(writer, value);
}

/** Whether Redis 7.0 cannot read all of a database: fields of hashes expire. */
function needsNewest(db: Database): boolean {
  for (const key of db.volatile) {
    const value = db.keys.get(key);
    if (value !== undefined && hasExpiries(value)) return true;
  }
  return false;
}

/** A key of a file. */
export interface LoadedKey {
  /** The number of its database. */
  readonly db: number;
  readonly key: string;
  readonly value: Value;
  /** When it expires, in ms since 1970. */
  readonly expiry: number | undefined;
  /** For how many seconds it was not used, where that was told. */
  readonly idle: number | undefined;
  /** How often it was used, where that was told. */
  readonly uses: number | undefined;
}

/** Whether bytes are an RDB file. */
export function isRdb(bytes: Uint8Array): boolean {
  return new RdbReader(bytes).startsWith(MAGIC);
}

/**
 * Reads a file, key by key, and what it tells besides; returns where it ends,
 * as commands may follow.
 * Throws when it is corrupt, or has what is not known here.
 */
export function loadRdb(
  bytes: Uint8Array,
  visit: (key: LoadedKey) => void,
  tell: (name: string, value: string) => void = () => {},
): number {
  const reader = new RdbReader(bytes);
  const version = readVersion(reader);
  let db = 0;
  let expiry: number | undefined;
  let idle: number | undefined;
  let uses: number | undefined;
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
      case OPCODE.moduleAux:
        throw new Error("The RDB file has data of a module");
      case OPCODE.function:
      case OPCODE.oldFunction:
        throw new Error(
          "The RDB file has functions, and this server has no scripting engine",
        );
      case OPCODE.end:
        if (version >= 5) verify(bytes, reader);
        return reader.at;
    }
    const key = reader.string();
    const value = readValue(reader, type);
    if (!isEmpty(value)) visit({ db, key, value, expiry, idle, uses });
    expiry = idle = uses = undefined;
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

function verify(bytes: Uint8Array, reader: RdbReader): void {
  const end = reader.at;
  const told = reader.bytes(8);
  // All zero: whoever wrote it was told to spare the time.
  if (told.every((byte) => byte === 0)) return;
  const checksum = new Crc64().add(bytes.subarray(0, end)).bytes();
  if (checksum.some((byte, i) => byte !== told[i])) {
    throw new Error("The RDB file has a wrong checksum");
  }
}

/** Puts a loaded key where it belongs; says nothing to anybody. */
export function addKey(
  databases: readonly Database[],
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
