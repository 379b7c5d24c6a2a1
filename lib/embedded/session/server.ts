/**
 * What sessions need of the server that they are part of. Rooms above have
 * interfaces of their own, which extend this one.
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

/** The server, as sessions see it. */
export interface Server extends Host {
  /** The commands. */
  readonly commands: CommandTable;
  /** Users and their permissions. */
  readonly users: Users;
  /** The sessions by their number. */
  readonly sessions: Sessions;
  /** Sessions that wait for keys. */
  readonly waiting: WaitingRoom;
  /** Sessions that watch keys. */
  readonly watches: Watches;
  /** What CLIENT PAUSE holds back. */
  readonly pause: Pause;
  /** Deletes keys when memory is full. */
  readonly eviction: Eviction;
  /** How full V8's heap is. */
  readonly heap: Heap;
  /** How large a client may make things. */
  readonly limits: Limits;
  /** How long commands take. */
  readonly stopwatch: Stopwatch;
  /** The changes of the running command. */
  readonly effects: Effects;

  /** The running command: its session, its kind, what it is saved as, its start. */
  current: Session | null;
  readsOnly: boolean;
  rewritten: readonly string[] | null;
  lap: number;

  /** Forgets a session that ended. */
  left(session: Session): void;
  /** Reads the clocks. */
  tick(): void;
  /** Writes a line of the log. */
  log(line: string): void;
  /** Logs an exception that nobody expected. */
  report(error: unknown): void;

  // What rooms above do for a session.

  /** CONFIG SET slowlog-log-slower-than. */
  readonly slowLog: {
    /** Whether it keeps commands that take less than a millisecond. */
    readonly isExact: boolean;
    wants(usec: number): boolean;
    add(session: Session, args: readonly string[], usec: number): void;
  };
  /** CONFIG SET latency-monitor-threshold. */
  readonly latency: {
    readonly active: boolean;
    /** Whether LATENCY HISTOGRAM counts how long commands take. */
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
    /** Why nothing may be written now; `null` when it may. */
    readonly refusal: string | null;
    readonly aof: { readonly pending: boolean; commit(): void };
  } | null;
  /** Data that is being loaded. */
  readonly loading: { readonly active: boolean };
  /** Replicas and the primary. */
  readonly replication: {
    readonly offset: number;
    /** Whether clients may change nothing. */
    readonly readOnly: boolean;
    readonly replicas: { readonly tooFew: boolean };
  };
  /** Scripts. */
  readonly scripting: {
    /** Whether one runs that was paused. */
    readonly busy: boolean;
    /** Why other commands are refused meanwhile; `null` when they are not. */
    readonly refusal: string | null;
    whenEnded(work: () => void): void;
  };
}
