/**
 * A server's data on disk: snapshots and the append-only file.
 *
 * A background snapshot is written in slices between commands: see
 * `rdb/snapshot.ts`.
 *
 * @module
 */

import { Aof } from "./aof.ts";
import { type Config, ValueError } from "../base/config.ts";
import type { PersistentServer } from "./host.ts";
import { type Disk, reasonOf } from "../base/disk.ts";
import { addKey, loadSteps, type SaveOptions, saveRdb } from "../rdb/file.ts";

/** A snapshot is due after this many changes within this many seconds. */
interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** The default of `save` for a server with a directory. */
export const DEFAULT_SAVE = "3600 1 300 100 60 10000";
const CLOCK = 1000;
/** After a failed snapshot, the next attempt waits this long, in ms. */
const RETRY = 5000;

/** Refuses settings that need a directory, for a server without one. */
export function keepNothing(config: Config): void {
  for (const [name, none] of [["appendonly", "no"], ["save", ""]] as const) {
    config.onSet(name, (value) => {
      if (value === none) return;
      throw new ValueError("there is no directory to save to");
    });
    config.start(name, config.get(name));
  }
}

/** The data on disk. */
export class Persistence {
  /** The append-only file. */
  readonly aof: Aof;
  /** When the last snapshot was made, or the server started, in ms since 1970. */
  lastSave: number;
  /** The error of the last snapshot; `null` when it succeeded. */
  saveError: unknown = null;
  readonly #core: PersistentServer;
  readonly #disk: Disk;
  /** The number of snapshots. */
  saves = 0;
  /** The duration of the last background snapshot, in seconds; -1 for none. */
  lastSaveSeconds = -1;
  #savePoints: readonly SavePoint[] = [];
  /** The server's count of changes at the last snapshot. */
  #savedDirty = 0;
  #saving: Promise<void> | null = null;
  /** Whether a snapshot will begin once the current one is complete. */
  #scheduled = false;
  #switching: Promise<void> = Promise.resolve();
  #triedAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #loaded = false;
  #ended = false;
  /** Whether a background snapshot, once complete, would be the newest. */
  #isCurrent = true;

  /** Reads and writes nothing until {@linkcode Persistence.start}. */
  constructor(core: PersistentServer, disk: Disk) {
    this.#core = core;
    this.#disk = disk;
    this.aof = new Aof(core, disk);
    this.lastSave = core.now;
  }

  /**
   * Loads what is there, while clients hear LOADING, and begins to save. Rejects
   * when what is there is corrupt, or the server is closed: nothing is
   * overwritten then.
   */
  async start(): Promise<void> {
    const { config, loading } = this.#core;
    config.onSet("save", (value) => this.#savePoints = readSavePoints(value));
    config.start("save", config.get("save"));
    await loading.start(async () => {
      if (config.get("appendonly") === "yes") await this.aof.load();
      else await this.#loadSnapshot();
    });
    this.#loaded = true;
    this.#core.statistics.reset();
    this.#core.commands.forgetCalls();
    this.#savedDirty = this.#core.dirty;
    // A client may have changed it meanwhile.
    if (config.get("appendonly") === "yes") this.aof.start();
    else this.aof.forget();
    config.onSet("appendonly", (value) => this.#switch(value === "yes"));
    this.#timer = setInterval(() => this.#tick(), CLOCK);
  }

  /** The number of changes since the last snapshot. */
  get changes(): number {
    return this.#core.dirty - this.#savedDirty;
  }

  /** For how many seconds the current snapshot has been written; -1 for none. */
  get savingSeconds(): number {
    if (!this.saving) return -1;
    return Math.floor((this.#core.now - this.#triedAt) / 1000);
  }

  /** Whether a background snapshot is being written. */
  get saving(): boolean {
    return this.#saving !== null;
  }

  /** Saves a snapshot synchronously. Throws when that fails. */
  save(): void {
    const { dirty } = this.#core;
    this.#disk.replace(this.#fileName, this.#snapshot());
    this.#saved(dirty);
  }

  /**
   * Saves a snapshot of the current data in the background. Returns false when it
   * has to wait for another one, such as that for a replica.
   */
  saveLater(): boolean {
    const { snapshots, now, dirty } = this.#core;
    if (snapshots.busy) {
      this.#scheduled = true;
      return false;
    }
    this.#scheduled = false;
    this.#triedAt = now;
    this.#saving = this.#write(dirty);
    return true;
  }

  /** The error reply to writes while saving fails; `null` while it works. */
  get refusal(): string | null {
    const { config } = this.#core;
    const { error } = this.aof;
    // As in Redis, CONFIG SET appendonly no ends the refusal at once.
    const unwritten = error !== null && config.get("appendonly") === "yes";
    const unsaved = this.saveError !== null && this.#savePoints.length > 0 &&
      config.get("stop-writes-on-bgsave-error") === "yes";
    if (!unwritten && !unsaved) return null;
    return unsaved
      ? "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error."
      : `MISCONF Errors writing to the AOF file: ${reasonOf(error)}`;
  }

  /**
   * Saves before the server ends: `null` means to make a snapshot only if there are
   * save points. Throws when that fails.
   */
  prepareEnd(snapshot: boolean | null): void {
    if (this.#ended) return;
    this.#core.loading.end();
    if (!this.#loaded) return;
    if (snapshot ?? this.#savePoints.length > 0) {
      // A background snapshot must not replace this newer one.
      this.#isCurrent = false;
      this.save();
    }
    this.#ended = true;
  }

  /** Stops saving; resolves when no write is in progress. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    await this.#switching;
    await this.aof.stop();
  }

  async #loadSnapshot(): Promise<void> {
    const name = this.#fileName;
    const bytes = await this.#disk.readLater(name);
    if (bytes === null) return;
    const { databases, now, replication, scripting, loading } = this.#core;
    const aux = new Map<string, string>();
    try {
      await loading.run(loadSteps(
        bytes,
        (loaded) => {
          // Expired keys are skipped, unless replicas may still expect their deletion.
          const over = loaded.expiry !== undefined && loaded.expiry <= now;
          if (!over || aux.has("repl-id")) addKey(databases, loaded, now);
        },
        (name, value) => aux.set(name, value),
        (code) => {
          scripting.libraries.load(code, false);
        },
      ));
      replication.recover(aux);
    } catch (error) {
      throw new Error(`Cannot load ${name}: ${(error as Error).message}`);
    }
  }

  async #write(dirty: number): Promise<void> {
    using snapshot = this.#core.snapshots.begin(this.#saveOptions);
    try {
      await this.#disk.replaceLater(
        this.#fileName,
        snapshot,
        () => this.#isCurrent,
      );
      this.#saved(dirty);
      this.lastSaveSeconds = Math.floor((Date.now() - this.#triedAt) / 1000);
    } catch (error) {
      this.saveError = error;
      this.#core.log(`Cannot save a snapshot: ${reasonOf(error)}`);
    }
    this.#saving = null;
  }

  #saved(dirty: number): void {
    this.saves++;
    this.#savedDirty = dirty;
    this.lastSave = this.#core.now;
    this.saveError = null;
  }

  #snapshot(): Generator<Uint8Array> {
    return saveRdb(this.#core.databases, this.#saveOptions);
  }

  get #saveOptions(): SaveOptions {
    const { now, replication, scripting } = this.#core;
    const functions = scripting.libraries.codes;
    return { now, base: false, aux: replication.aux, functions };
  }

  /** Switches the append-only file on or off, after a previous switch has ended. */
  #switch(on: boolean): void {
    const { aof } = this;
    this.#switching = this.#switching.then(async () => {
      try {
        if (!on) await aof.stop();
        else if (!aof.on) {
          await aof.rewritten();
          // The file begins with all data, not with a part of it.
          this.#core.loading.finish();
          aof.start();
        }
      } catch (error) {
        aof.error = error;
      }
    });
  }

  #tick(): void {
    // Never save in the middle of a load or a script: the data is incomplete.
    if (this.#core.loading.active || this.#core.scripting.busy) return;
    this.aof.tick();
    if (this.saving || this.#core.snapshots.busy) return;
    if (this.#scheduled) {
      this.saveLater();
      return;
    }
    if (this.changes === 0) return;
    const { now } = this.#core;
    if (this.saveError !== null && now - this.#triedAt < RETRY) return;
    const due = this.#savePoints.some(({ seconds, changes }) =>
      this.changes >= changes && now - this.lastSave > seconds * 1000
    );
    if (due) this.saveLater();
  }

  get #fileName(): string {
    return this.#core.config.get("dbfilename");
  }
}

/** Reads save points such as `3600 1 300 100`; throws when invalid. */
function readSavePoints(text: string): SavePoint[] {
  const words = text.split(" ").filter((word) => word !== "");
  const points: SavePoint[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [seconds, changes] = [Number(words[i]), Number(words[i + 1])];
    if (!(seconds >= 1) || !(changes >= 0)) {
      throw new ValueError("Invalid save parameters");
    }
    points.push({ seconds, changes });
  }
  return points;
}
