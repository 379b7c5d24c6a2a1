/**
 * The data at one moment as an RDB file, written in slices while commands go on
 * changing the data.
 *
 * Redis forks its process for that; JavaScript cannot. Instead a value is written
 * just before it changes: see {@linkcode Snapshot.keep}. Each value stores the
 * number of the last snapshot that wrote it, so that none is written twice.
 *
 * @module
 */

import { VERSION as SERVER_VERSION } from "../base/about.ts";
import type { Dict } from "../base/dict.ts";
import { Stream } from "../values/stream.ts";
import { Producers } from "../values/stream_producers.ts";
import type { Value } from "../values/value.ts";
import { Crc64 } from "./crc64.ts";
import { OPCODE, VERSION } from "./format.ts";
import { writeFunctions } from "./functions.ts";
import {
  isLarge,
  typeOf,
  versionOf,
  writeSteps,
  writeValue,
} from "./values.ts";
import { RdbWriter } from "./writer.ts";

/** The first bytes of every RDB file. */
export const MAGIC = "REDIS";

/** A chunk is returned once it has this many bytes. */
const CHUNK = 1024 * 1024;
/** Keys that are written between two readings of the clock. */
const KEYS_PER_LOOK = 32;

/** A database to save. */
export interface SavedDatabase {
  /** Its number. */
  readonly index: number;
  /** The value of each key. */
  readonly keys: Dict<Value>;
  /** When keys expire, in ms since 1970. */
  readonly expires: Dict<number>;
  /** Keys of hashes that have fields with an expiry. */
  readonly volatile: ReadonlySet<string>;
}

/** The file's metadata. */
export interface SaveOptions {
  /** The time of the snapshot, in ms since 1970. */
  readonly now: number;
  /** Whether commands follow: it is the base of an append-only file. */
  readonly base: boolean;
  /** More auxiliary fields, such as the replication offset. */
  readonly aux?: Readonly<Record<string, string>>;
  /** The code of the function libraries. */
  readonly functions?: readonly string[];
}

/** A database as it was when the snapshot began. */
interface Captured {
  readonly index: number;
  readonly table: Dict<Value>;
  readonly names: readonly string[];
  readonly values: readonly Value[];
  readonly expires: Dict<number>;
  readonly expiring: number;
}

let lastNumber = 0;

/** Writes the data that the databases hold at its creation. */
export class Snapshot {
  /** The mark of the values that it has written; 0 without marks. */
  readonly #number: number;
  readonly #databases: readonly Captured[];
  readonly #writer = new RdbWriter();
  /** Values that were written early, to be inserted between two keys of the writer. */
  readonly #kept = new RdbWriter();
  readonly #checksum = new Crc64();
  #database = 0;
  #key = 0;
  /** The database that the writer has selected; -1 for none yet. */
  #selected = -1;
  #keptSelected = -1;
  /** A large value that is partly written. */
  #partial: { value: Value; steps: Iterator<void> } | null = null;
  #ended = false;

  /**
   * Captures the databases. With `marks`, each written value is marked: commands may
   * run, but {@linkcode Snapshot.keep} must be called before a value changes, and no
   * other snapshot of these databases may run. Without `marks`, no command may run
   * until the snapshot is complete.
   */
  constructor(
    databases: readonly SavedDatabase[],
    { now, base, aux = {}, functions = [] }: SaveOptions,
    { marks }: { marks: boolean },
  ) {
    // The mark has 24 bits: see `Value.snapshot`.
    this.#number = marks ? lastNumber = lastNumber % 0xffffff + 1 : 0;
    this.#databases = databases.filter(({ keys }) => keys.size > 0)
      .map(({ index, keys, expires }) => ({
        index,
        table: keys,
        names: marks ? keys.keys().slice() : keys.keys(),
        values: marks ? keys.values().slice() : keys.values(),
        expires,
        expiring: expires.size,
      }));
    const writer = this.#writer;
    const version = Math.max(VERSION.plain, ...databases.map(versionFor));
    writer.text(`${MAGIC}${String(version).padStart(4, "0")}`);
    const fields = {
      "redis-ver": SERVER_VERSION,
      "redis-bits": "64",
      "ctime": String(Math.floor(now / 1000)),
      ...aux,
      "aof-base": base ? "1" : "0",
    };
    for (const [name, value] of Object.entries(fields)) {
      writer.byte(OPCODE.aux);
      writer.string(name);
      writer.string(value);
    }
    writeFunctions(writer, functions);
  }

  /**
   * Writes for about `budget` milliseconds and returns the bytes; `null` once all
   * was returned.
   */
  next(budget: number): Uint8Array<ArrayBuffer> | null {
    if (this.#ended) return null;
    const writer = this.#writer;
    const end = performance.now() + budget;
    for (let i = 1; writer.length < CHUNK; i++) {
      if (!this.#writeNext()) {
        this.#ended = true;
        writer.byte(OPCODE.end);
        const bytes = writer.take();
        writer.bytes(bytes);
        writer.bytes(this.#checksum.add(bytes).bytes());
        return writer.take();
      }
      const look = this.#partial !== null || i % KEYS_PER_LOOK === 0;
      if (look && performance.now() > end) break;
    }
    const bytes = writer.take();
    this.#checksum.add(bytes);
    return bytes;
  }

  /** Writes a value before it, its key or its expiry changes, unless it is written already. */
  keep(table: Dict<Value>, key: string, value: Value): void {
    if (this.#ended) return;
    if (value.snapshot === this.#number) {
      if (this.#partial?.value === value) this.#finishPartial();
      return;
    }
    // A table that was not captured: its database was emptied after the snapshot began.
    const database = this.#databases.find((one) => one.table === table);
    if (database === undefined) return;
    const kept = this.#kept;
    if (this.#keptSelected !== database.index) select(kept, database.index);
    this.#keptSelected = database.index;
    value.snapshot = this.#number;
    writeHead(kept, key, value, database.expires.get(key));
    writeValue(kept, value);
  }

  /** Marks a value that does not belong to the snapshot: its key got it just now. */
  exclude(value: Value): void {
    value.snapshot = this.#number;
  }

  /** Writes the next key, or a step of a large value; returns false at the end. */
  #writeNext(): boolean {
    if (this.#partial !== null) {
      if (this.#partial.steps.next().done) this.#partial = null;
      return true;
    }
    const writer = this.#writer;
    if (this.#kept.length > 0) {
      writer.bytes(this.#kept.take());
      this.#keptSelected = this.#selected = -1;
    }
    const database = this.#databases[this.#database];
    if (database === undefined) return false;
    if (this.#key === database.names.length) {
      this.#database++;
      this.#key = 0;
      return true;
    }
    const key = database.names[this.#key]!;
    const value = database.values[this.#key]!;
    this.#key++;
    if (this.#number !== 0) {
      if (value.snapshot === this.#number) return true;
      value.snapshot = this.#number;
    }
    if (this.#selected !== database.index) {
      select(writer, database.index);
      this.#selected = database.index;
      writer.byte(OPCODE.resize);
      writer.count(database.names.length);
      writer.count(database.expiring);
    }
    writeHead(writer, key, value, database.expires.get(key));
    if (isLarge(value)) {
      this.#partial = { value, steps: writeSteps(writer, value) };
    } else writeValue(writer, value);
    return true;
  }

  #finishPartial(): void {
    while (!this.#partial!.steps.next().done);
    this.#partial = null;
  }
}

function select(writer: RdbWriter, index: number): void {
  writer.byte(OPCODE.select);
  writer.count(index);
}

function writeHead(
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
}

/** The version that reads all of a database: most need none of the newer ones. */
function versionFor({ keys, volatile }: SavedDatabase): number {
  let version: number = VERSION.plain;
  for (const key of volatile) {
    const value = keys.get(key);
    if (value !== undefined) version = Math.max(version, versionOf(value));
  }
  if (!Producers.used) return version;
  for (const value of keys.values()) {
    if (value instanceof Stream) version = Math.max(version, versionOf(value));
  }
  return version;
}
