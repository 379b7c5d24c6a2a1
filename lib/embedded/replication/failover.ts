/**
 * FAILOVER: a master and one of its replicas swap roles.
 *
 * The master blocks writes until the replica has the whole stream. Then it becomes
 * a replica of that replica, and its PSYNC request asks the replica to be the master.
 *
 * @module
 */

import type { ReplicatedServer } from "./host.ts";
import { hostOf } from "./replicas.ts";
import type { Replica } from "../session/replica.ts";
import type { Session } from "../session/session.ts";

/** The state of a failover, as INFO names it. */
export type FailoverState =
  | "no-failover"
  | "waiting-for-sync"
  | "failover-in-progress";

/** The announced address of a replica. */
export interface FailoverTarget {
  readonly host: string;
  readonly port: number;
}

/** The options of FAILOVER. */
export interface FailoverOptions {
  /** The replica; `null` for the first that has the whole stream. */
  readonly target: FailoverTarget | null;
  /** How long to wait for the replica to catch up, in ms; 0 for no limit. */
  readonly timeout: number;
  /** Whether to fail over even after the timeout. */
  readonly force: boolean;
}

/** The failover of a server; there is at most one. */
export class Failover {
  /** Its state. */
  state: FailoverState = "no-failover";
  readonly #core: ReplicatedServer;
  #options: FailoverOptions | null = null;
  #since = 0;

  /** Makes it for a server. */
  constructor(core: ReplicatedServer) {
    this.#core = core;
  }

  /** Begins a failover. */
  begin(options: FailoverOptions): void {
    this.#options = options;
    this.#since = this.#core.now;
    this.state = "waiting-for-sync";
    this.#core.pause.holdWrites(true);
    // Ask for acknowledgements now: otherwise a replica sends one per second.
    this.#core.replication.tell("REPLCONF", "GETACK", "*");
  }

  /** Periodic work: continues once a replica has caught up, or after the timeout. */
  tick(): void {
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

  /** The replica replied to PSYNC: it is the master now, or refuses. */
  answered(accepted: boolean): void {
    if (!accepted) this.#core.replication.promote();
    this.end();
  }

  /** Ends the failover, completed or aborted, and unblocks writes. */
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

/** The address at which a replica accepts connections. */
export function addressOf(session: Session, replica: Replica): FailoverTarget {
  return { host: hostOf(session, replica), port: replica.port };
}

/** Whether two addresses are equal. */
export function same(one: FailoverTarget, other: FailoverTarget): boolean {
  return one.host === other.host && one.port === other.port;
}
