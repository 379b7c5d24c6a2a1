/**
 * FAILOVER: a master and one of its replicas change places.
 *
 * The master lets nobody write until the replica has all there is, follows it
 * then, and asks it, as it does, to be the master.
 *
 * @module
 */

import type { ReplicatedServer } from "./host.ts";
import { hostOf } from "./replicas.ts";
import type { Replica } from "../session/replica.ts";
import type { Session } from "../session/session.ts";

/** How far it is, as INFO names it. */
export type FailoverState =
  | "no-failover"
  | "waiting-for-sync"
  | "failover-in-progress";

/** A replica, by where it says it is. */
export interface FailoverTarget {
  readonly host: string;
  readonly port: number;
}

/** The options of FAILOVER. */
export interface FailoverOptions {
  /** The replica; `null` for whichever has all there is first. */
  readonly target: FailoverTarget | null;
  /** For how long to wait until it has all there is, in ms; 0 for ever. */
  readonly timeout: number;
  /** Whether the time being over is no reason not to go on. */
  readonly force: boolean;
}

/** The change of places that is under way, if any. */
export class Failover {
  /** How far it is. */
  state: FailoverState = "no-failover";
  readonly #core: ReplicatedServer;
  #options: FailoverOptions | null = null;
  #since = 0;

  /** Makes it for a server. */
  constructor(core: ReplicatedServer) {
    this.#core = core;
  }

  /** Begins it. */
  begin(options: FailoverOptions): void {
    this.#options = options;
    this.#since = this.#core.now;
    this.state = "waiting-for-sync";
    this.#core.pause.holdWrites(true);
    // Whoever has all there is already need not say so in its own time.
    this.#core.replication.tell("REPLCONF", "GETACK", "*");
  }

  /** Goes on when a replica has all there is, or the time is over. */
  turn(): void {
    const options = this.#options;
    if (options === null || this.state !== "waiting-for-sync") return;
    const { now, replication } = this.#core;
    const { target, timeout, force } = options;
    for (const [session, replica] of replication.replicas.all()) {
      const at = addressOf(session, replica);
      if (target !== null && !same(at, target)) continue;
      if (replica.offset === replication.offset) return this.#follow(at);
    }
    if (timeout === 0 || now - this.#since < timeout) return;
    if (force && target !== null) this.#follow(target);
    else this.end();
  }

  /** The other one has answered: it is the master, or refuses to be. */
  answered(accepted: boolean): void {
    if (!accepted) this.#core.replication.promote();
    this.end();
  }

  /** Ends the failover, done or aborted: writes are no longer held back. */
  end(): void {
    this.#options = null;
    this.state = "no-failover";
    this.#core.pause.holdWrites(false);
  }

  /** FAILOVER ABORT. */
  abort(): void {
    if (this.state === "failover-in-progress") {
      this.#core.replication.promote();
    }
    this.end();
  }

  #follow({ host, port }: FailoverTarget): void {
    this.state = "failover-in-progress";
    this.#core.replication.follow(host, port);
  }
}

/** Where a replica is reached. */
export function addressOf(session: Session, replica: Replica): FailoverTarget {
  return { host: hostOf(session, replica), port: replica.port };
}

/** Whether two are the same replica. */
export function same(one: FailoverTarget, other: FailoverTarget): boolean {
  return one.host === other.host && one.port === other.port;
}
