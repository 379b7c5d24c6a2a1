/**
 * The server as sessions see it. Higher rooms have interfaces of their own that
 * extend this one.
 *
 * @module
 */

import type { Users } from "../access/acl.ts";
import type { Denial } from "../access/selector.ts";
import type { Eviction } from "../keyspace/eviction.ts";
import type { Heap } from "../keyspace/heap.ts";
import type { Host } from "../keyspace/host.ts";
import type { Effects } from "../model/effect.ts";
import type { CommandTable } from "../model/table.ts";
import type { WaitingRoom } from "./blocking.ts";
import type { Limits } from "./limits.ts";
import type { Pause } from "./pause.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Watches } from "./transaction.ts";

/** The parts of the server that sessions use. */
export interface Server extends Host {
  /** The commands. */
  readonly commands: CommandTable;
  /** Users and their permissions. */
  readonly users: Users;
  /** The sessions, by id. */
  readonly sessions: Sessions;
  /** Sessions that are blocked on keys. */
  readonly waiting: WaitingRoom;
  /** Sessions that watch keys. */
  readonly watches: Watches;
  /** Pauses: CLIENT PAUSE, and work that blocks all clients. */
  readonly pause: Pause;
  /** Evicts keys when memory is full. */
  readonly eviction: Eviction;
  /** How full V8's heap is. */
  readonly heap: Heap;
  /** Limits on the size of commands and strings. */
  readonly limits: Limits;
  /** How long commands take. */
  readonly stopwatch: Stopwatch;
  /** The changes of the running command. */
  readonly effects: Effects;

  /** The running command: its session, whether it only reads, its rewritten form, its start. */
  current: Session | null;
  readsOnly: boolean;
  rewritten: readonly string[] | null;
  lap: number;

  /** Forgets a session that ended. */
  left(session: Session): void;
  /** Updates the clocks. */
  tick(): void;
  /** Writes a line of the log. */
  log(line: string): void;
  /** Logs an unexpected exception. */
  report(error: unknown): void;

  // Parts of higher rooms.

  /** SLOWLOG. */
  readonly slowLog: {
    /** Whether it keeps commands that take less than a millisecond. */
    readonly isExact: boolean;
    wants(usec: number): boolean;
    add(session: Session, args: readonly string[], usec: number): void;
  };
  /** The latency monitor. */
  readonly latency: {
    readonly active: boolean;
    /** Whether LATENCY HISTOGRAM records the duration of commands. */
    readonly tracksCommands: boolean;
    add(event: string, now: number, ms: number): void;
  };
  /** MONITOR. */
  readonly monitors: {
    readonly size: number;
    tell(session: Session, args: readonly string[]): void;
  };
  /** CLIENT TRACKING. */
  readonly tracking: {
    readonly size: number;
    read(session: Session, keys: readonly string[]): void;
    broadcast(): void;
  };
  /** ACL LOG. */
  readonly aclLog: {
    add(session: Session, denial: Denial, user: string, where?: "script"): void;
  };
  /** Files; `null` without a directory. */
  readonly persistence: {
    /** Why writes are refused now; `null` when they are not. */
    readonly refusal: string | null;
    readonly aof: { readonly pending: boolean; commit(): void };
  } | null;
  /** A load of data in progress. */
  readonly loading: { readonly active: boolean };
  /** Replicas and the link to the master. */
  readonly replication: {
    readonly offset: number;
    /** Whether clients may not write. */
    readonly readOnly: boolean;
    readonly replicas: { readonly tooFew: boolean };
  };
  /** Scripts. */
  readonly scripting: {
    /** Whether a script is paused in the middle. */
    readonly busy: boolean;
    /** Why most commands are refused meanwhile; `null` when they are not. */
    readonly refusal: string | null;
    whenEnded(work: () => void): void;
  };
}
