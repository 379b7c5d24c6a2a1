/**
 * What a server keeps on disk: snapshots, and the append-only file.
 *
 * A snapshot in the background is written in slices while the server goes on:
 * see `rdb/snapshot.ts`.
 *
 * @module
 */

import { Aof } from "./aof.ts";
import { type Config, ValueError } from "../base/config.ts";
import type { PersistentServer } from "./host.ts";
import { type Disk, reasonOf } from "../base/disk.ts";
import { addKey, loadSteps, type SaveOptions, saveRdb } from "../rdb/file.ts";

/** After so many changes within so many seconds a snapshot is made. */
interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** `save` of a server that has a directory, if nothing else is said. */
export const DEFAULT_SAVE = "3600 1 300 100 60 10000";
const CLOCK = 1000;
/** After a snapshot that failed the next one is tried so much later, in ms. */
const RETRY = 5000;

/** Lets nothing be saved: there is no directory to save to. */
export function keepNothing(config: Config): void {
  for (const [name, none] of [["appendonly", "no"], ["save", ""]] as const) {
    config.onSet(name, (value) => {
      if (value === none) return;
      throw new ValueError("there is no directory to save to");
    });
    config.start(name, config.get(name));
  }
}

/** What a server keeps on disk. */
export class Persistence {
  /** The append-only file. */
  readonly aof: Aof;
  /** When the last snapshot was made, or the server, in ms since 1970. */
  lastSave: number;
  /** What went wrong with the last snapshot; `null` when nothing did. */
  saveError: unknown = null;
  readonly #core: PersistentServer;
  readonly #disk: Disk;
  /** How many snapshots were made. */
  saves = 0;
  /** How long the last one in the background took, in seconds; -1 for none. */
  lastSaveSeconds = -1;
  #savePoints: readonly SavePoint[] = [];
  /** What the server had counted when the last snapshot was made. */
  #savedDirty = 0;
  #saving: Promise<void> | null = null;
  /** Whether a snapshot is to be made when another one is done. */
  #scheduled = false;
  #switching: Promise<void> = Promise.resolve();
  #triedAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #loaded = false;
  #ended = false;
  /** Whether nothing newer was written than what is written in the background. */
  #isCurrent = true;

  /** Makes it; nothing is read or written yet. */
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
    config.onSet("appendonly", (value) => this.#switch(value === "yes"));
    this.#timer = setInterval(() => this.#tick(), CLOCK);
  }

  /** How many changes there were since the last snapshot. */
  get changes(): number {
    return this.#core.dirty - this.#savedDirty;
  }

  /** For how many seconds a snapshot has been written; -1 when none is. */
  get savingSeconds(): number {
    if (!this.saving) return -1;
    return Math.floor((this.#core.now - this.#triedAt) / 1000);
  }

  /** Whether a snapshot is being written. */
  get saving(): boolean {
    return this.#saving !== null;
  }

  /** Makes a snapshot; returns when it is on the disk. Throws when that fails. */
  save(): void {
    const { dirty } = this.#core;
    this.#disk.replace(this.#fileName, this.#snapshot());
    this.#saved(dirty);
  }

  /**
   * Writes a snapshot of this moment in the background; returns false when it
   * has to wait for another one, as that of a replica.
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

  /** What a command that writes is answered, as it could not be saved. */
  get refusal(): string | null {
    const { error } = this.aof;
    const unsaved = this.saveError !== null && this.#savePoints.length > 0 &&
      this.#core.config.get("stop-writes-on-bgsave-error") === "yes";
    if (error === null && !unsaved) return null;
    return unsaved
      ? "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error."
      : `MISCONF Errors writing to the AOF file: ${reasonOf(error)}`;
  }

  /**
   * Saves what is to be saved before the server ends: `null` says to make a
   * snapshot if there are save points. Throws when that fails.
   */
  prepareEnd(snapshot: boolean | null): void {
    if (this.#ended) return;
    this.#core.loading.end();
    if (!this.#loaded) return;
    if (snapshot ?? this.#savePoints.length > 0) {
      // It would replace this one, which is newer.
      this.#isCurrent = false;
      this.save();
    }
    this.#ended = true;
  }

  /** Ends all that is under way. */
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
          // A server that no other knows of forgets what is over.
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

  /** Behind the command that says so: what it is in the middle of ends first. */
  #switch(on: boolean): void {
    const { aof } = this;
    this.#switching = this.#switching.then(async () => {
      try {
        if (!on) await aof.stop();
        else if (!aof.on) {
          await aof.rewritten();
          aof.start();
        }
      } catch (error) {
        aof.error = error;
      }
    });
  }

  #tick(): void {
    // Half of the data is nothing to be saved.
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

/** Reads `3600 1 300 100`; throws when it is not that. */
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
