/**
 * The append-only file: every change as a command, in the multi-part format of
 * Redis 7.
 *
 * @module
 */

import { joinBytes } from "../../resp/bytes.ts";
import { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { loadPart } from "./aof_load.ts";
import { type AofPart, readManifest, writeManifest } from "./aof_manifest.ts";
import type { PersistentServer } from "./host.ts";
import type { Effect } from "../model/effect.ts";
import { type AppendFile, type Disk, reasonOf } from "../base/disk.ts";
import { type SaveOptions, saveRdb } from "../rdb/file.ts";

/** The append-only file of a server. */
export class Aof {
  /** The error of the last write; `null` when it succeeded. */
  error: unknown = null;
  /** The error of the last rewrite; `null` when it succeeded. */
  rewriteError: unknown = null;
  /** The number of rewrites. */
  rewrites = 0;
  readonly #core: PersistentServer;
  readonly #disk: Disk;
  /** Changes that were not written yet. */
  readonly #encoder = new ReplyEncoder();
  /** Bytes of a write that failed, to be tried again. */
  #unwritten: Uint8Array | null = null;
  /** Whether the file has bytes that may not be on the disk yet. */
  #unsynced = false;
  #syncing: Promise<void> | null = null;
  /** How many bytes were ever written, and how many of them are on the disk. */
  #written = 0;
  #synced = 0;
  /** The database that the commands are for; -1 when a SELECT is due. */
  #db = -1;
  #parts: readonly AofPart[] = [];
  #file: AppendFile | null = null;
  /** The bytes of all parts except the last. */
  #sizeBefore = 0;
  /** The size after the last rewrite, or at the start. */
  #baseSize = 0;
  #rewriting: Promise<void> | null = null;
  #scheduled = false;
  #sink = (effects: readonly Effect[]) => this.#add(effects);

  /** Reads and writes nothing until {@linkcode Aof.load} or {@linkcode Aof.start}. */
  constructor(core: PersistentServer, disk: Disk) {
    this.#core = core;
    this.#disk = disk;
  }

  /** Whether changes are written. */
  get on(): boolean {
    return this.#file !== null;
  }

  /** Whether changes wait to be written. */
  get pending(): boolean {
    return this.#encoder.length > 0 || this.#unwritten !== null;
  }

  /** How many bytes of changes there ever were, with those that wait to be written. */
  get position(): number {
    return this.#written + this.#encoder.length +
      (this.#unwritten?.length ?? 0);
  }

  /** How many of these bytes are on the disk. */
  get synced(): number {
    return this.#synced;
  }

  /** Whether a rewrite is under way. */
  get rewriting(): boolean {
    return this.#rewriting !== null;
  }

  /** Whether a rewrite will begin once the current snapshot is complete. */
  get scheduled(): boolean {
    return this.#scheduled;
  }

  /** The size of all parts in bytes. */
  get size(): number {
    return this.#sizeBefore + (this.#file?.size ?? 0);
  }

  /** The size in bytes after the last rewrite, or at startup. */
  get baseSize(): number {
    return this.#baseSize;
  }

  /**
   * Loads the files; returns false when there are none. If the last file ends with
   * an incomplete command, `aof-load-truncated` allows to cut that off.
   */
  async load(): Promise<boolean> {
    this.#upgrade();
    const manifest = this.#disk.read(this.#path(this.#manifestName));
    if (manifest === null) return false;
    const parts = readManifest(manifest);
    this.#parts = parts.filter(({ type }) => type !== "h");
    for (const { file, type } of parts) {
      if (type === "h") this.#disk.remove(this.#path(file));
    }
    const core = this.#core;
    // The file has explicit deletions of expired keys.
    core.overdue = "kept";
    try {
      for (const [i, part] of this.#parts.entries()) {
        await this.#loadPart(part, i === this.#parts.length - 1);
      }
    } finally {
      core.overdue = "deleted";
    }
    return true;
  }

  /** Forgets the loaded files: {@linkcode Aof.start} will not append to them. */
  forget(): void {
    this.#parts = [];
  }

  /** Starts to write changes: appends to the loaded files, or begins with all data. */
  start(): void {
    const parts = this.#parts;
    const disk = this.#disk;
    disk.makeDirectory(this.#core.config.get("appenddirname"));
    const last = parts.at(-1);
    if (last === undefined) {
      this.#startAnew();
    } else if (last.type === "b") {
      this.#sizeBefore = this.#sizeOf(last);
      this.#begin(parts);
    } else {
      this.#sizeBefore = parts.slice(0, -1).reduce(
        (sum, part) => sum + this.#sizeOf(part),
        0,
      );
      this.#file = disk.append(this.#path(last.file));
    }
    this.#baseSize = this.size;
    this.error = null;
    this.#core.effects.sinks.add(this.#sink);
  }

  /** Resolves when no rewrite is in progress. */
  async rewritten(): Promise<void> {
    await this.#rewriting;
  }

  /** Stops writing, after everything is on the disk; throws when that fails. */
  async stop(): Promise<void> {
    this.#core.effects.sinks.delete(this.#sink);
    await this.#rewriting;
    await this.#syncing;
    this.error = null;
    const file = this.#file;
    if (file === null) return;
    try {
      this.#write(file);
      this.#sync(file);
    } finally {
      file.close();
      this.#file = null;
      this.#parts = [];
      // The next file begins with all data: it must not get these changes again.
      this.#encoder.truncate(0);
      this.#unwritten = null;
      // Nobody waits any longer for what is written here.
      this.#core.replication.synced();
    }
  }

  /**
   * Writes pending changes; with `appendfsync always` it also syncs, so that replies
   * may go out. If that fails, sessions with unsent replies are closed: no change is
   * acknowledged that may be lost.
   */
  commit(): void {
    const file = this.#file;
    if (file === null || this.error !== null || !this.pending) return;
    try {
      this.#write(file);
      if (this.#policy === "always") this.#sync(file);
    } catch (error) {
      this.error = error;
      if (this.#policy === "always") this.#dropUnanswered();
    }
  }

  /** Called every second: retries a failed write, syncs, rewrites the file when due. */
  tick(): void {
    const file = this.#file;
    if (file === null) {
      if (this.#scheduled) this.rewrite();
      return;
    }
    if (this.error !== null) {
      try {
        this.#write(file);
        this.#sync(file);
        this.error = null;
        // After a failed fsync the system may have dropped the data: write all of it anew.
        this.rewrite();
      } catch (error) {
        this.error = error;
      }
    }
    if (this.#policy === "everysec") this.#syncLater(file);
    if (this.#scheduled) this.rewrite();
    else this.#rewriteIfLarge();
  }

  /**
   * Replaces the files by the current data, in the background. While the append-only
   * file is off, it writes a single file with that data.
   */
  rewrite(): void {
    if (this.#rewriting !== null) return;
    this.#scheduled = this.#core.snapshots.busy;
    if (this.#scheduled) return;
    if (this.#file === null) {
      this.#rewriting = this.#rewriteUnused();
      return;
    }
    this.commit();
    if (this.error !== null) return;
    const old = this.#parts;
    const { size } = this;
    const base = this.#nextPart("b");
    try {
      this.#begin(old);
      this.#sizeBefore = size;
      this.#rewriting = this.#replace(old, base);
    } catch (error) {
      this.#rewriteFailed(error);
    }
  }

  async #replace(old: readonly AofPart[], base: AofPart): Promise<void> {
    using snapshot = this.#core.snapshots.begin(this.#saveOptions);
    try {
      const size = await this.#disk.replaceLater(
        this.#path(base.file),
        snapshot,
      );
      const now = [base, ...this.#parts.slice(old.length)];
      this.#writeManifest(now);
      this.#parts = now;
      this.#sizeBefore = size;
      this.#baseSize = this.size;
      this.rewriteError = null;
      this.rewrites++;
      for (const { file } of old) this.#disk.remove(this.#path(file));
    } catch (error) {
      this.#rewriteFailed(error);
    } finally {
      this.#rewriting = null;
    }
  }

  #rewriteFailed(error: unknown): void {
    this.rewriteError = error;
    this.#core.log(
      `Cannot rewrite the append-only file: ${reasonOf(error)}`,
    );
  }

  async #rewriteUnused(): Promise<void> {
    const disk = this.#disk;
    using snapshot = this.#core.snapshots.begin(this.#saveOptions);
    try {
      const old = this.#partsOnDisk();
      this.#parts = old;
      const base = this.#nextPart("b");
      disk.makeDirectory(this.#core.config.get("appenddirname"));
      await disk.replaceLater(this.#path(base.file), snapshot);
      this.#writeManifest([base]);
      this.rewriteError = null;
      this.rewrites++;
      for (const { file } of old) disk.remove(this.#path(file));
    } catch (error) {
      this.#rewriteFailed(error);
    } finally {
      this.#parts = [];
      this.#rewriting = null;
    }
  }

  #partsOnDisk(): readonly AofPart[] {
    const manifest = this.#disk.read(this.#path(this.#manifestName));
    return manifest === null ? [] : readManifest(manifest);
  }

  #rewriteIfLarge(): void {
    const { config } = this.#core;
    const percentage = config.number("auto-aof-rewrite-percentage");
    const { size } = this;
    if (percentage === 0 || size < config.number("auto-aof-rewrite-min-size")) {
      return;
    }
    const growth = (size - this.#baseSize) * 100 / (this.#baseSize || 1);
    if (growth >= percentage) this.rewrite();
  }

  /** Adds the changes of one command, or of one EXEC. */
  #add(effects: readonly Effect[]): void {
    const encoder = this.#encoder;
    // Deferred, so that one write includes the changes of other sessions in this tick.
    if (encoder.length === 0) queueMicrotask(() => this.commit());
    const block = effects.length > 1;
    if (block) encoder.bulks(["MULTI"]);
    for (const { db, args } of effects) {
      if (db !== this.#db) {
        encoder.bulks(["SELECT", String(db)]);
        this.#db = db;
      }
      encoder.bulks(args);
    }
    if (block) encoder.bulks(["EXEC"]);
  }

  #write(file: AppendFile): void {
    if (!this.pending) return;
    const bytes = this.#encoder.take();
    const whole = this.#unwritten === null
      ? bytes
      : joinBytes([this.#unwritten, bytes]);
    try {
      file.write(whole);
    } catch (error) {
      this.#unwritten = whole.slice();
      throw error;
    }
    this.#unwritten = null;
    this.#written += whole.length;
    this.#unsynced = true;
  }

  #sync(file: AppendFile): void {
    if (!this.#unsynced) return;
    file.sync();
    this.#unsynced = false;
    this.#advance(this.#written);
  }

  #advance(synced: number): void {
    // A sync that began earlier may end later.
    this.#synced = Math.max(this.#synced, synced);
    this.#core.replication.synced();
  }

  #syncLater(file: AppendFile): void {
    if (!this.#unsynced || this.#syncing !== null) return;
    this.#unsynced = false;
    const written = this.#written;
    this.#syncing = file.syncLater().then(() => {
      this.#advance(written);
    }).catch((error) => {
      this.#unsynced = true;
      this.error = error;
    }).finally(() => this.#syncing = null);
  }

  #dropUnanswered(): void {
    for (const session of this.#core.sessions.values()) {
      if (session.reply.length > 0) session.close();
    }
  }

  /** Replaces the files on the disk by one with the current data. */
  #startAnew(): void {
    const old = this.#partsOnDisk();
    // Names are not reused: the old manifest is valid until the new one is written.
    this.#parts = old;
    const base = this.#nextPart("b");
    this.#disk.replace(
      this.#path(base.file),
      saveRdb(this.#core.databases, this.#saveOptions),
    );
    this.#begin([base]);
    this.#sizeBefore = this.#sizeOf(base);
    for (const { file } of old) this.#disk.remove(this.#path(file));
  }

  /** Continues in a new file after these parts. */
  #begin(parts: readonly AofPart[]): void {
    const before = this.#file;
    before?.sync();
    const part = this.#nextPart("i");
    const file = this.#disk.append(this.#path(part.file));
    try {
      this.#writeManifest([...parts, part]);
    } catch (error) {
      file.close();
      throw error;
    }
    this.#file = file;
    this.#parts = [...parts, part];
    this.#db = -1;
    if (this.#syncing === null) before?.close();
    else void this.#syncing.finally(() => before?.close());
  }

  async #loadPart(part: AofPart, last: boolean): Promise<void> {
    const path = this.#path(part.file);
    const bytes = await this.#disk.readLater(path);
    if (bytes === null) {
      throw new Error(`Cannot load ${path}: it does not exist`);
    }
    const core = this.#core;
    const end = await core.loading.run(loadPart(core, path, bytes));
    if (end === bytes.length) return;
    const torn = `Cannot load ${path}: it ends in the middle of a command`;
    if (!last) throw new Error(`${torn}, and others follow`);
    if (core.config.get("aof-load-truncated") === "no") {
      throw new Error(`${torn}, and aof-load-truncated is no`);
    }
    const file = this.#disk.append(path);
    file.truncate(end);
    file.sync();
    file.close();
  }

  /** Converts the single file of Redis before 7 to a manifest with one part. */
  #upgrade(): void {
    const name = this.#core.config.get("appendfilename");
    if (this.#disk.size(this.#path(this.#manifestName)) !== null) return;
    if (this.#disk.size(name) === null) return;
    this.#disk.makeDirectory(this.#core.config.get("appenddirname"));
    this.#writeManifest([{ file: name, seq: 1, type: "b" }]);
    this.#disk.rename(name, this.#path(name));
  }

  #nextPart(type: "b" | "i"): AofPart {
    const last = this.#parts.findLast((part) => part.type === type);
    const kind = type === "b" ? "base.rdb" : "incr.aof";
    const name = this.#core.config.get("appendfilename");
    // Never overwrite a file: if its manifest was lost, it may be the only copy.
    for (let seq = (last?.seq ?? 0) + 1;; seq++) {
      const file = `${name}.${seq}.${kind}`;
      if (this.#disk.size(this.#path(file)) === null) {
        return { file, seq, type };
      }
    }
  }

  get #saveOptions(): SaveOptions {
    const { now, scripting } = this.#core;
    return { now, base: true, functions: scripting.libraries.codes };
  }

  #sizeOf(part: AofPart): number {
    return this.#disk.size(this.#path(part.file)) ?? 0;
  }

  #writeManifest(parts: readonly AofPart[]): void {
    this.#disk.replace(this.#path(this.#manifestName), [writeManifest(parts)]);
  }

  get #policy(): string {
    return this.#core.config.get("appendfsync");
  }

  get #manifestName(): string {
    return `${this.#core.config.get("appendfilename")}.manifest`;
  }

  #path(name: string): string {
    return `${this.#core.config.get("appenddirname")}/${name}`;
  }
}
