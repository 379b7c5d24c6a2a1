/**
 * Replication: the stream of changes that this server has, and its offset in it.
 *
 * The primary makes the stream; replicas pass it on to their own replicas byte by
 * byte. It has an id of 40 digits, and its bytes are counted. So a replica whose
 * link was down can go on at its offset, at its old primary or at another server
 * that has the same stream.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 * @module
 */

import type { Dial } from "../../net/transport.ts";
import { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { Backlog } from "./backlog.ts";
import type { ReplicatedServer } from "./host.ts";
import type { Effect } from "../model/effect.ts";
import { Failover } from "./failover.ts";
import { type KnownStream, MasterLink } from "./master_link.ts";
import { Replicas } from "./replicas.ts";

const UNBLOCKED =
  "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";

/** The backlog is no smaller, whatever is configured. */
const LEAST_BACKLOG = 16 * 1024;

/** The id of no stream. */
const NO_ID = "0".repeat(40);

/** A stream, and an offset in it. */
interface SavedStream {
  readonly id: string;
  readonly offset: number;
  readonly selected: number;
}

/** The replication of a server. */
export class Replication {
  /** The id of the stream. */
  id: string = randomHex(40);
  /** The id that it had before a failover. */
  oldId: string = NO_ID;
  /** The first offset that the old id does not cover; -1 without an old id. */
  oldIdEnd = -1;
  /** How many bytes the stream has so far. */
  offset = 0;
  /** The last bytes of the stream; `null` until the first replica asks for them. */
  backlog: Backlog | null = null;
  /** The link to the primary; `null` on a primary. */
  link: MasterLink | null = null;
  /** The replicas of this server. */
  readonly replicas: Replicas;
  /** Changing places with a replica. */
  readonly failover: Failover;
  /** Dials a primary; `null` where there is no network. */
  dial: Dial | null = null;
  /** The database that the stream has selected; -1 to select anew. */
  selected = -1;
  readonly #core: ReplicatedServer;
  readonly #encoder = new ReplyEncoder();
  /** Links that are ending. */
  readonly #ending = new Set<Promise<void>>();
  /** The stream that the loaded file is of; `null` when it names none. */
  #loaded: SavedStream | null = null;
  #replicasReadOnly = true;
  /** When replicas were last sent a PING. */
  #pinged: number = Date.now();

  /** Makes a primary without replicas. */
  constructor(core: ReplicatedServer) {
    this.#core = core;
    this.replicas = new Replicas(core);
    this.failover = new Failover(core);
    core.config.onSet("replica-read-only", (value) => {
      this.#replicasReadOnly = value === "yes";
    });
    core.config.onSet("repl-backlog-size", (value) => {
      this.backlog?.resize(Math.max(LEAST_BACKLOG, Number(value)));
    });
  }

  /** Whether clients may change nothing. */
  get readOnly(): boolean {
    return this.#replicasReadOnly && this.#core.role === "slave";
  }

  /** Whether changes go to a stream of this server's own. */
  get feeding(): boolean {
    return this.backlog !== null && this.link === null;
  }

  /** The first byte of the stream that the backlog has. */
  get first(): number {
    return this.offset - (this.backlog?.length ?? 0) + 1;
  }

  /** Starts the backlog. */
  openBacklog(): void {
    const size = this.#core.config.number("repl-backlog-size");
    this.backlog ??= new Backlog(Math.max(LEAST_BACKLOG, size));
  }

  /** Whether a replica that wants the stream from a byte on can have that. */
  canContinue(id: string, from: number): boolean {
    const known = id === this.id || id === this.oldId && from <= this.oldIdEnd;
    return known && this.backlog !== null && from >= this.first &&
      from <= this.offset + 1;
  }

  /** Gives the stream a new name; the old one stays good for what there is. */
  rename(id: string = randomHex(40)): void {
    this.oldId = this.id;
    this.oldIdEnd = this.offset + 1;
    this.id = id;
  }

  /** Begins another stream: replicas must synchronize again. */
  startOver(id: string = randomHex(40), offset: number = this.offset): void {
    this.replicas.drop();
    this.backlog = null;
    this.id = id;
    this.offset = offset;
    this.oldId = NO_ID;
    this.oldIdEnd = -1;
    this.openBacklog();
  }

  /** Adds changes to the stream: all of one command, or of one EXEC. */
  feed(effects: readonly Effect[]): void {
    const encoder = this.#encoder;
    const many = effects.length > 1;
    for (let i = 0; i < effects.length; i++) {
      const { db, args } = effects[i]!;
      if (db !== this.selected) encoder.bulks(["SELECT", String(db)]);
      this.selected = db;
      if (many && i === 0) encoder.bulks(["MULTI"]);
      encoder.bulks(args);
    }
    if (many) encoder.bulks(["EXEC"]);
    this.#extend();
  }

  /** Adds a command that changes nothing to the stream. */
  tell(...args: string[]): void {
    if (!this.feeding) return;
    this.#encoder.bulks(args);
    this.#extend();
  }

  /** Hands on bytes that were counted. */
  relay(bytes: Uint8Array): void {
    this.backlog?.add(bytes);
    this.replicas.send(bytes);
  }

  /**
   * What a file says of the stream besides the data, so that after a restart
   * replicas, or this one, can go on where they were; nothing when no stream is
   * kept, or the data is ahead of it: within EXEC.
   */
  get aux(): Record<string, string> {
    const { link } = this;
    if (!this.#core.effects.empty) return {};
    if (link === null ? this.backlog === null : !link.whole) return {};
    const selected = link?.session.db.index ?? Math.max(0, this.selected);
    return {
      "repl-stream-db": String(selected),
      "repl-id": this.id,
      "repl-offset": String(this.offset),
    };
  }

  /** Notes that more of the append-only file is on the disk. */
  synced(): void {
    this.replicas.checkWaits();
  }

  /** Keeps what a file that was loaded said of the stream. */
  recover(aux: ReadonlyMap<string, string>): void {
    const id = aux.get("repl-id");
    const offset = Number(aux.get("repl-offset") ?? -1);
    if (id === undefined || offset < 0) return;
    const selected = Number(aux.get("repl-stream-db") ?? 0);
    this.#loaded = { id, offset, selected };
    this.offset = offset;
    if (this.#core.config.get("replicaof") !== "") {
      this.id = id;
      return;
    }
    this.oldId = id;
    this.oldIdEnd = offset + 1;
    this.openBacklog();
  }

  /** Has a network from now on; follows the master of the configuration. */
  start(dial: Dial): void {
    this.dial = dial;
    const [host, port] = this.#core.config.get("replicaof").split(" ");
    if (port === undefined) return;
    const { selected = 0 } = this.#loaded ?? {};
    this.follow(host!, Number(port), {
      whole: this.#loaded !== null,
      selected,
    });
  }

  /** Becomes a replica; goes on with the stream it knows where the master can. */
  follow(
    host: string,
    port: number,
    known: KnownStream = this.#known(),
  ): void {
    const core = this.#core;
    this.#leave();
    core.role = "slave";
    core.overdue = "hidden";
    core.config.note("replicaof", `${host} ${port}`);
    for (const session of core.sessions.values()) {
      core.waiting.end(session, () => {
        session.reply.error(UNBLOCKED);
        session.closing = true;
      });
    }
    this.openBacklog();
    this.link = new MasterLink(core, host, port, known);
    this.link.start();
  }

  /** Becomes a master. */
  promote(): void {
    if (this.link === null) return;
    const core = this.#core;
    this.#leave();
    this.rename();
    // They come back and go on with the stream by its new name.
    this.replicas.drop();
    this.selected = -1;
    core.role = "master";
    core.overdue = "deleted";
    core.config.note("replicaof", "");
  }

  /** What there is to do from time to time. */
  turn(): void {
    const { now, config } = this.#core;
    this.link?.turn();
    this.replicas.turn();
    this.failover.turn();
    // A replica is to have all there is.
    if (this.failover.state !== "no-failover") return;
    const period = config.number("repl-ping-replica-period") * 1000;
    if (this.replicas.size > 0 && now - this.#pinged < period) return;
    this.#pinged = now;
    if (this.replicas.size > 0) this.tell("PING");
  }

  /** Ends the link to the master, whose replica this server stays. */
  stop(): void {
    if (this.link !== null) this.#end(this.link);
  }

  /** Resolves when nothing is under way any more. */
  async stopped(): Promise<void> {
    await Promise.all(this.#ending);
  }

  #known(): KnownStream {
    const { link } = this;
    // A master begins its stream with SELECT when it was a replica.
    if (link === null) return { whole: true, selected: 0 };
    return { whole: link.whole, selected: link.session.db.index };
  }

  /** Adds what was encoded to the stream. */
  #extend(): void {
    const bytes = this.#encoder.take();
    this.offset += bytes.length;
    this.relay(bytes);
  }

  #leave(): void {
    if (this.link === null) return;
    this.#end(this.link);
    this.link = null;
  }

  #end(link: MasterLink): void {
    const ended = link.stop();
    this.#ending.add(ended);
    ended.finally(() => this.#ending.delete(ended));
  }
}

/** So many random digits. */
export function randomHex(digits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
