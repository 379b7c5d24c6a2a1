/**
 * The data of one moment as an RDB file, written in slices while commands go on
 * changing it.
 *
 * A process cannot be forked here, as Redis does. Instead a value that is about
 * to change is written first: see {@linkcode Snapshot.keep}. Each value carries
 * the number of the snapshot that wrote it last, so that none is written twice.
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

/** What every RDB file begins with. */
export const MAGIC = "REDIS";

/** A part is handed on when it has this many bytes. */
const CHUNK = 1024 * 1024;
/** Keys that are written between two looks at the clock. */
const KEYS_PER_LOOK = 32;

/** One of the databases that are saved. */
export interface SavedDatabase {
  /** Its number. */
  readonly index: number;
  /** What each key holds. */
  readonly keys: Dict<Value>;
  /** When keys expire, in ms since 1970. */
  readonly expires: Dict<number>;
  /** Keys of hashes that have fields with an expiry. */
  readonly volatile: ReadonlySet<string>;
}

/** What the file says besides the data. */
export interface SaveOptions {
  /** The time in ms since 1970. */
  readonly now: number;
  /** Whether commands follow: it is the base of an append-only file. */
  readonly base: boolean;
  /** More fields, such as the replication offset. */
  readonly aux?: Readonly<Record<string, string>>;
  /** The texts of the libraries of functions. */
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

/** Writes the data that the databases have when it is made. */
export class Snapshot {
  /** What values that it wrote are marked with; 0 when they are not marked. */
  readonly #number: number;
  readonly #databases: readonly Captured[];
  readonly #writer = new RdbWriter();
  /** Values that were about to change, to go between two keys of the writer. */
  readonly #kept = new RdbWriter();
  readonly #checksum = new Crc64();
  #database = 0;
  #key = 0;
  /** The database that the writer's keys belong to; -1 for none yet. */
  #selected = -1;
  #keptSelected = -1;
  /** A large value of which a part is written. */
  #partial: { value: Value; steps: Iterator<void> } | null = null;
  #ended = false;

  /**
   * Captures the databases. With `marks` the values that are written are marked:
   * then {@linkcode Snapshot.keep} must be called before a value changes, and no
   * other snapshot of the same databases may run. Without it no command may run
   * until all is written.
   */
  constructor(
    databases: readonly SavedDatabase[],
    { now, base, aux = {}, functions = [] }: SaveOptions,
    { marks }: { marks: boolean },
  ) {
    // One byte of the mark's four holds something else.
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
   * Writes for about `budget` milliseconds and returns what was written; `null`
   * when all is written.
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

  /** Writes a value that is about to change, or whose key or expiry is. */
  keep(table: Dict<Value>, key: string, value: Value): void {
    if (this.#ended) return;
    if (value.snapshot === this.#number) {
      if (this.#partial?.value === value) this.#finishPartial();
      return;
    }
    // A database that was emptied has a new table, which was not captured.
    const database = this.#databases.find((one) => one.table === table);
    if (database === undefined) return;
    const kept = this.#kept;
    if (this.#keptSelected !== database.index) select(kept, database.index);
    this.#keptSelected = database.index;
    value.snapshot = this.#number;
    writeHead(kept, key, value, database.expires.get(key));
    writeValue(kept, value);
  }

  /** Marks a value as none of the snapshot's: its key got it just now. */
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
