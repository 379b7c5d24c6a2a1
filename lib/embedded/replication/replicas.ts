/**
 * The replicas of this server: each gets the data once, then every change.
 *
 * @module
 */

import type { ReplicatedServer } from "./host.ts";
import { CommandError, err } from "../base/errors.ts";
import { Replica } from "../session/replica.ts";
import type { Session } from "../session/session.ts";

/** Why WAITAOF cannot wait for this server's disk. */
export const NO_FILE =
  "WAITAOF cannot be used when numlocal is set but appendonly is disabled.";

/** Those that copy this server. */
export class Replicas {
  /** The number of full syncs. */
  full = 0;
  /** The number of partial syncs. */
  partial = 0;
  /** The number of partial syncs that were not possible. */
  partialFailed = 0;
  readonly #core: ReplicatedServer;
  readonly #online = new Map<Session, Replica>();
  /** First syncs under way. */
  readonly #syncing = new Map<Session, Sync>();
  #reassuredAt = 0;
  /** `min-replicas-to-write` */
  #fewest = 0;
  /** `min-replicas-max-lag`: the longest silence of a good replica, in seconds. */
  #longest: number;
  /** Ends the wait of a session, WAIT or WAITAOF, when it is time. */
  readonly #waits = new Map<Session, () => void>();

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
    const { hard } = this.#core.config.limits.slave;
    for (const [session, sync] of this.#syncing) {
      if (!sync.begun) continue;
      // The sender uses its bytes again.
      sync.behind.push(bytes.slice());
      sync.size += bytes.length;
      if (hard > 0 && sync.size > hard) session.close();
    }
  }

  /** Sends keepalives to replicas in a full sync. */
  #reassure(): void {
    const { now, config } = this.#core;
    const period = config.number("repl-ping-replica-period") * 1000;
    if (now - this.#reassuredAt < period) return;
    this.#reassuredAt = now;
    for (const [session, { sending }] of this.#syncing) {
      if (!sending) session.push((reply) => reply.raw("\n"));
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

  /** Notes how much of the stream a replica has, and how much of it on its disk. */
  acknowledge(replica: Replica, offset: number, synced: number): void {
    replica.offset = Math.max(replica.offset, offset);
    replica.syncedOffset = Math.max(replica.syncedOffset, synced);
    replica.acknowledgedAt = this.#core.now;
    replica.unread = 0;
    this.#core.replication.failover.tick();
    this.checkWaits();
  }

  /** Answers sessions that wait for the disks, or for replicas, when it is time. */
  checkWaits(): void {
    for (const check of this.#waits.values()) check();
  }

  /** How many replicas have acknowledged the stream up to an offset. */
  countAt(offset: number): number {
    let count = 0;
    for (const replica of this.#online.values()) {
      if (replica.acknowledges && replica.offset >= offset) count++;
    }
    return count;
  }

  /** How many have the stream up to a byte on their disks. */
  countSyncedAt(offset: number): number {
    let count = 0;
    for (const replica of this.#online.values()) {
      if (replica.acknowledges && replica.syncedOffset >= offset) count++;
    }
    return count;
  }

  /** How many were heard lately; `null` when nothing is asked of them. */
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
    const offset = session.written;
    const count = () => this.countAt(offset);
    this.#wait(session, timeout, () => count() >= wanted, () => {
      session.reply.integer(count());
    });
  }

  /**
   * WAITAOF: answers a session when what was written is on the disks of this server,
   * if `local` is 1, and of enough replicas.
   */
  waitAof(
    session: Session,
    local: number,
    wanted: number,
    timeout: number,
  ): void {
    const aof = this.#core.persistence?.aof;
    const offset = session.written;
    const position = aof?.position ?? 0;
    const here = () => aof?.on && aof.synced >= position ? 1 : 0;
    const there = () => this.countSyncedAt(offset);
    const isOff = () => local > 0 && !aof?.on;
    const isDone = () => isOff() || here() >= local && there() >= wanted;
    const answer = () => {
      if (isOff()) return session.reply.error(err(NO_FILE).message);
      session.reply.array(2);
      session.reply.integer(here());
      session.reply.integer(there());
    };
    if (isDone() || session.inExec || session.caller !== null) return answer();
    this.#wait(session, timeout, isDone, answer);
  }

  #wait(
    session: Session,
    timeout: number,
    isDone: () => boolean,
    answer: () => void,
  ): void {
    const { waiting, replication } = this.#core;
    this.#waits.set(session, () => {
      if (isDone()) waiting.end(session, answer);
    });
    waiting.add(session, {
      keys: [],
      timeout,
      serve: () => false,
      timedOut: answer,
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
    replica.joined = replica.online = true;
    replica.acknowledgedAt = this.#core.now;
    // From here on the replica gets the stream, but no replies.
    session.replies = "off";
    this.#online.set(session, replica);
    return replica;
  }

  /** A full sync: sends a snapshot, then the stream from there on. */
  #sendAll(session: Session, heading: (offset: number) => string): void {
    const core = this.#core;
    const { replication, scripting, snapshots } = core;
    this.full++;
    if (replication.backlog === null) {
      // Without a backlog, earlier changes did not enter the stream: it needs a new id.
      replication.startOver();
    }
    session.replica ??= new Replica();
    session.replica.joined = true;
    session.replies = "off";
    this.#reassuredAt = core.now;
    const sync: Sync = { begun: false, behind: [], size: 0, sending: false };
    this.#syncing.set(session, sync);
    const send = () => {
      // In the middle of a script the data is incomplete.
      if (scripting.busy) {
        void core.pause.held.then(() => snapshots.whenFree(send));
        return;
      }
      this.#sendSnapshot(session, sync, heading).catch((error) => {
        core.report(error);
        session.close();
      });
    };
    snapshots.whenFree(send);
  }

  async #sendSnapshot(
    session: Session,
    sync: Sync,
    heading: (offset: number) => string,
  ): Promise<void> {
    const snapshot = await this.#prepare(session, sync, heading);
    if (snapshot === null) return;
    const { line, parts, size } = snapshot;
    session.replica!.unread = size;
    sync.sending = true;
    session.push((reply) => reply.raw(`${line}$${size}\r\n`));
    // All parts at once would stop other clients while they are copied.
    for (const part of parts) {
      session.push((reply) => reply.rawBytes(part));
      session.flush();
      await session.drained();
      if (!this.#syncing.has(session)) return;
    }
    this.#add(session);
    session.push((reply) => {
      for (const bytes of sync.behind) reply.rawBytes(bytes);
    });
    session.flush();
  }

  /** Makes the snapshot that a replica is sent; `null` when the replica left. */
  async #prepare(
    session: Session,
    sync: Sync,
    heading: (offset: number) => string,
  ): Promise<{ line: string; parts: Uint8Array[]; size: number } | null> {
    // It may have left while another snapshot was made.
    if (!this.#syncing.has(session)) return null;
    const { now, replication, scripting, snapshots } = this.#core;
    using snapshot = snapshots.begin({
      now,
      base: false,
      aux: replication.aux,
      functions: scripting.libraries.codes,
    });
    sync.begun = true;
    // The stream says next which database it is about; a master's goes on.
    if (replication.link === null) replication.selected = -1;
    const line = heading(replication.offset);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of snapshot) {
      if (!this.#syncing.has(session)) return null;
      parts.push(part);
      size += part.length;
    }
    return { line, parts, size };
  }
}

/** A first sync: the replica's data is being prepared, or sent. */
interface Sync {
  /** Whether the snapshot has begun: it may have to wait for another. */
  begun: boolean;
  /** The replication stream since the snapshot began. */
  behind: Uint8Array[];
  /** Its bytes. */
  size: number;
  /** Whether the data is being sent: nothing else may come between. */
  sending: boolean;
}

/** Where a replica says it is, or where it comes from. */
export function hostOf(session: Session, replica: Replica): string {
  return replica.address ||
    session.address.slice(0, session.address.lastIndexOf(":"));
}
