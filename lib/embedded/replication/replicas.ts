/**
 * The replicas of this server: each gets the data once, then every change.
 *
 * @module
 */

import type { ReplicatedServer } from "./host.ts";
import { CommandError, err } from "../base/errors.ts";
import { Replica } from "../session/replica.ts";
import type { Session } from "../session/session.ts";

/** A session in WAIT. */
interface Wait {
  readonly offset: number;
  readonly wanted: number;
}

/** The replicas of this server. */
export class Replicas {
  /** The number of full syncs. */
  full = 0;
  /** The number of partial syncs. */
  partial = 0;
  /** The number of partial syncs that were not possible. */
  partialFailed = 0;
  readonly #core: ReplicatedServer;
  readonly #online = new Map<Session, Replica>();
  /** Replicas in a full sync, each with the stream since its snapshot. */
  readonly #syncing = new Map<Session, Uint8Array[]>();
  #reassuredAt = 0;
  /** `min-replicas-to-write` */
  #fewest = 0;
  /** `min-replicas-max-lag`: the longest silence of a good replica, in seconds. */
  #longest: number;
  readonly #waits = new Map<Session, Wait>();

  /** Follows the configuration of a server; there are no replicas yet. */
  constructor(core: ReplicatedServer) {
    this.#core = core;
    core.config.onSet("min-replicas-to-write", (value) => {
      this.#fewest = Number(value);
    });
    core.config.onSet("min-replicas-max-lag", (value) => {
      this.#longest = Number(value);
    });
    this.#longest = core.config.number("min-replicas-max-lag");
  }

  /** The number of replicas that receive the stream. */
  get size(): number {
    return this.#online.size;
  }

  /** The replicas that receive the stream. */
  all(): Iterable<[Session, Replica]> {
    return this.#online;
  }

  /** Sends the next bytes of the stream. */
  send(bytes: Uint8Array): void {
    for (const session of this.#online.keys()) {
      session.push((reply) => reply.rawBytes(bytes));
    }
    // A copy: the sender reuses its buffer.
    for (const behind of this.#syncing.values()) behind.push(bytes.slice());
  }

  /** Sends keepalives to replicas in a full sync. */
  #reassure(): void {
    const { now, config } = this.#core;
    const period = config.number("repl-ping-replica-period") * 1000;
    if (now - this.#reassuredAt < period) return;
    this.#reassuredAt = now;
    for (const session of this.#syncing.keys()) {
      session.push((reply) => reply.raw("\n"));
    }
  }

  /** Throws when a session cannot be a replica now. */
  check(session: Session): void {
    const { link } = this.#core.replication;
    if (link !== null && link.state !== "connected") {
      throw new CommandError(
        "NOMASTERLINK Can't SYNC while not connected with my master",
      );
    }
    if (session.reply.length > 0) {
      throw err("SYNC and PSYNC are invalid with pending output");
    }
  }

  /** PSYNC: continues the stream at an offset, or does a full sync. */
  begin(session: Session, id: string, from: number): void {
    const { replication } = this.#core;
    if (!replication.canContinue(id, from)) {
      if (id !== "?") this.partialFailed++;
      this.#sendAll(
        session,
        (offset) => `+FULLRESYNC ${replication.id} ${offset}\r\n`,
      );
      return;
    }
    this.partial++;
    const replica = this.#add(session);
    const name = replica.renames ? ` ${replication.id}` : "";
    const missed = replication.offset + 1 - from;
    session.push((reply) => {
      reply.raw(`+CONTINUE${name}\r\n`);
      reply.rawBytes(replication.backlog!.last(missed));
    });
  }

  /** SYNC: a full sync, for a replica that may not know PSYNC. */
  beginOld(session: Session): void {
    this.#sendAll(session, () => "");
    session.replica!.acknowledges = false;
  }

  /** Records the offset that a replica acknowledged. */
  acknowledge(replica: Replica, offset: number): void {
    replica.offset = Math.max(replica.offset, offset);
    replica.acknowledgedAt = this.#core.now;
    replica.unread = 0;
    this.#core.replication.failover.tick();
    for (const [session, { offset, wanted }] of this.#waits) {
      const count = this.countAt(offset);
      if (count < wanted) continue;
      this.#core.waiting.end(session, () => session.reply.integer(count));
    }
  }

  /** How many replicas have acknowledged the stream up to an offset. */
  countAt(offset: number): number {
    let count = 0;
    for (const replica of this.#online.values()) {
      if (replica.acknowledges && replica.offset >= offset) count++;
    }
    return count;
  }

  /** The number of good replicas, by their lag; `null` when the settings require none. */
  get good(): number | null {
    if (this.#fewest === 0 || this.#longest === 0) return null;
    const { now } = this.#core;
    let count = 0;
    for (const { acknowledgedAt } of this.#online.values()) {
      if (Math.floor((now - acknowledgedAt) / 1000) <= this.#longest) count++;
    }
    return count;
  }

  /** Whether there are too few good replicas to accept writes. */
  get tooFew(): boolean {
    return this.#fewest > 0 && (this.good ?? this.#fewest) < this.#fewest;
  }

  /** WAIT: replies to a session once enough replicas have acknowledged its writes. */
  wait(session: Session, wanted: number, timeout: number): void {
    const { waiting, replication } = this.#core;
    const offset = session.written;
    this.#waits.set(session, { offset, wanted });
    waiting.add(session, {
      keys: [],
      timeout,
      serve: () => false,
      timedOut: () => session.reply.integer(this.countAt(offset)),
      over: () => this.#waits.delete(session),
    });
    replication.tell("REPLCONF", "GETACK", "*");
  }

  /** Removes a session that ended. */
  left(session: Session): void {
    this.#online.delete(session);
    this.#syncing.delete(session);
  }

  /** Closes all connections to replicas. */
  drop(): void {
    const sessions = [...this.#online.keys(), ...this.#syncing.keys()];
    for (const session of sessions) session.close();
  }

  /** Periodic work: closes replicas that timed out, sends keepalives. */
  tick(): void {
    const { now, config } = this.#core;
    const timeout = config.number("repl-timeout") * 1000;
    for (const [session, replica] of this.#online) {
      const silent = now - replica.acknowledgedAt > timeout;
      if (replica.acknowledges && replica.unread === 0 && silent) {
        session.close();
      }
    }
    this.#reassure();
  }

  #add(session: Session): Replica {
    const replica = session.replica ??= new Replica();
    this.#syncing.delete(session);
    replica.online = true;
    replica.acknowledgedAt = this.#core.now;
    // From here on the replica gets the stream, but no replies.
    session.replies = "off";
    this.#online.set(session, replica);
    return replica;
  }

  /** A full sync: sends a snapshot, then the stream from there on. */
  #sendAll(session: Session, heading: (offset: number) => string): void {
    const { replication, snapshots } = this.#core;
    this.full++;
    if (replication.backlog === null) {
      // Without a backlog, earlier changes did not enter the stream: it needs a new id.
      replication.startOver();
    }
    session.replica ??= new Replica();
    session.replies = "off";
    this.#reassuredAt = this.#core.now;
    this.#syncing.set(session, []);
    snapshots.whenFree(() => void this.#sendSnapshot(session, heading));
  }

  async #sendSnapshot(
    session: Session,
    heading: (offset: number) => string,
  ): Promise<void> {
    // The replica may have disconnected while it waited for another snapshot.
    const behind = this.#syncing.get(session);
    if (behind === undefined) return;
    const { now, replication, scripting, snapshots } = this.#core;
    using snapshot = snapshots.begin({
      now,
      base: false,
      aux: replication.aux,
      functions: scripting.libraries.codes,
    });
    behind.length = 0;
    // A master's stream begins with a SELECT; a replica passes its master's stream on.
    if (replication.link === null) replication.selected = -1;
    const line = heading(replication.offset);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of snapshot) {
      if (!this.#syncing.has(session)) return;
      parts.push(part);
      size += part.length;
    }
    const replica = this.#add(session);
    replica.unread = size;
    session.push((reply) => {
      reply.raw(`${line}$${size}\r\n`);
      for (const part of parts) reply.rawBytes(part);
      for (const bytes of behind) reply.rawBytes(bytes);
    });
    this.#core.sessions.flush();
  }
}

/** The host that a replica announced, or that of its connection. */
export function hostOf(session: Session, replica: Replica): string {
  return replica.address ||
    session.address.slice(0, session.address.lastIndexOf(":"));
}
