/**
 * The server's state: databases, sessions, who must know what changed.
 *
 * @module
 */

import type { Transport } from "../net/transport.ts";
import { WaitingRoom } from "./blocking.ts";
import { CommandTable } from "./commands.ts";
import { Database, type DatabaseEvents } from "./database.ts";
import { Session } from "./session.ts";

/** What the server can be told when it is made. */
export interface CoreOptions {
  /**
   * The password of the default user; none is asked for when left out.
   */
  password?: string;
  /**
   * How many numbered databases there are.
   *
   * @default {16}
   */
  databases?: number;
}

/** A change as the command that makes it again: for a file, for a replica. */
export interface Effect {
  /** The number of its database. */
  readonly db: number;
  /** The command. */
  readonly args: readonly string[];
}

/** Who gets every change: all of one command, or of one EXEC, together. */
export type Sink = (effects: readonly Effect[]) => void;

const CRON = 100;

/** The server's state. */
export class Core implements DatabaseEvents {
  /** The commands. */
  readonly commands = new CommandTable();
  /** The numbered databases. */
  readonly databases: readonly Database[];
  /** Who is connected, by id. */
  readonly sessions = new Map<number, Session>();
  /** Who waits for keys. */
  readonly waiting = new WaitingRoom();
  /** Who gets every change. */
  readonly sinks = new Set<Sink>();
  /** The password of the default user. */
  password: string | undefined;
  /** The time in ms since 1970; the same while a command runs. */
  now = Date.now();
  /** Counts changes. */
  dirty = 0;
  /** How the running command is saved: see {@linkcode Session.rewrite}. */
  rewritten: readonly string[] | null = null;
  /** How many commands were run. */
  calls = 0;
  /** How many keys were found when they were read. */
  hits = 0;
  /** How many were not. */
  misses = 0;
  /** How many keys expired. */
  expirations = 0;
  /** When the server was made, in ms since 1970. */
  readonly since: number = Date.now();
  #effects: Effect[] = [];
  #lastSession = 0;
  #timer: ReturnType<typeof setInterval>;

  /** Makes the state of an empty server. */
  constructor(options: CoreOptions = {}) {
    this.password = options.password;
    this.databases = Array.from(
      { length: options.databases ?? 16 },
      (_, index) => new Database(index, this),
    );
    this.#timer = setInterval(() => this.#cron(), CRON);
  }

  /** Whether a session must show a password first. */
  get asksForPassword(): boolean {
    return this.password !== undefined;
  }

  /** A number for a new session. */
  nextSessionId(): number {
    return ++this.#lastSession;
  }

  /** Serves a connection until it ends. */
  async serve(transport: Transport): Promise<void> {
    const session = new Session(this, transport);
    this.sessions.set(session.id, session);
    await session.serve();
  }

  /** Forgets a session that ended. */
  left(session: Session): void {
    this.sessions.delete(session.id);
    this.waiting.end(session);
  }

  /** Reads the clock. */
  tick(): void {
    this.now = Date.now();
  }

  /** A key was changed: counts it, and tells who waits for it or watches it. */
  changed(db: Database, key: string): void {
    this.dirty++;
    if (this.waiting.size > 0) this.waiting.changed(db, key);
  }

  /** A key expired: replicas and files see it as deleted. */
  expired(db: Database, key: string): void {
    this.expirations++;
    this.propagate(db, ["DEL", key]);
  }

  /** A key was read. */
  looked(found: boolean): void {
    if (found) this.hits++;
    else this.misses++;
  }

  /** Saves a change as a command, besides what the running one is saved as. */
  propagate(db: Database, args: readonly string[]): void {
    if (this.sinks.size > 0) this.#effects.push({ db: db.index, args });
  }

  /** Ends a command, or an EXEC: who waits is served, changes go to the sinks. */
  settle(): void {
    if (this.waiting.size > 0) this.waiting.serve();
    if (this.#effects.length === 0) return;
    const effects = this.#effects;
    this.#effects = [];
    for (const sink of this.sinks) sink(effects);
  }

  /** Ends every connection and stops the clock. */
  close(): void {
    clearInterval(this.#timer);
    for (const session of this.sessions.values()) session.close();
  }

  #cron(): void {
    this.tick();
    this.settle();
  }
}
