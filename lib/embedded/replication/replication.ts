/**
 * Replication: the stream of changes, and this server's offset in it.
 *
 * The master produces the stream; a replica passes it on unchanged to its own
 * replicas. The stream has an id of 40 digits, and offsets count its bytes. So a
 * replica that lost its link can continue at its offset: with its old master, or
 * with another server that has the same stream.
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

/** The minimum size of the backlog. */
const LEAST_BACKLOG = 16 * 1024;

/** The id for no stream. */
const NO_ID = "0".repeat(40);

/** A position in a stream. */
interface SavedStream {
  readonly id: string;
  readonly offset: number;
  readonly selected: number;
}

/** The replication of a server. */
export class Replication {
  /** The id of the stream. */
  id: string = randomHex(40);
  /** The previous id of the stream, before a failover. */
  oldId: string = NO_ID;
  /** The first offset that the old id does not cover; -1 without an old id. */
  oldIdEnd = -1;
  /** The length of the stream so far, in bytes. */
  offset = 0;
  /** The last bytes of the stream; `null` until the first replica connects. */
  backlog: Backlog | null = null;
  /** The link to the master; `null` on a master. */
  link: MasterLink | null = null;
  /** The replicas of this server. */
  readonly replicas: Replicas;
  /** The failover to a replica. */
  readonly failover: Failover;
  /** Dials a master; `null` where there is no network. */
  dial: Dial | null = null;
  /** The database that the stream has selected; -1 when the next change needs a SELECT. */
  selected = -1;
  readonly #core: ReplicatedServer;
  readonly #encoder = new ReplyEncoder();
  /** Links that are being closed. */
  readonly #ending = new Set<Promise<void>>();
  /** The position that the loaded file states; `null` for none. */
  #loaded: SavedStream | null = null;
  #replicasReadOnly = true;
  /** When a PING was last added to the stream, in ms since 1970. */
  #pinged: number = Date.now();

  /** Makes a master without replicas. */
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

  /** Whether clients may not write. */
  get readOnly(): boolean {
    return this.#replicasReadOnly && this.#core.role === "slave";
  }

  /** Whether this server's changes enter a stream. A replica's do not. */
  get feeding(): boolean {
    return this.backlog !== null && this.link === null;
  }

  /** The first offset that the backlog holds. */
  get first(): number {
    return this.offset - (this.backlog?.length ?? 0) + 1;
  }

  /** Creates the backlog. */
  openBacklog(): void {
    const size = this.#core.config.number("repl-backlog-size");
    this.backlog ??= new Backlog(Math.max(LEAST_BACKLOG, size));
  }

  /** Whether a replica can continue a stream at an offset. */
  canContinue(id: string, from: number): boolean {
    const known = id === this.id || id === this.oldId && from <= this.oldIdEnd;
    return known && this.backlog !== null && from >= this.first &&
      from <= this.offset + 1;
  }

  /** Gives the stream a new id. Up to here the old id stays valid. */
  rename(id: string = randomHex(40)): void {
    this.oldId = this.id;
    this.oldIdEnd = this.offset + 1;
    this.id = id;
  }

  /** Begins a new stream: replicas need a full sync. */
  startOver(id: string = randomHex(40), offset: number = this.offset): void {
    this.replicas.drop();
    this.backlog = null;
    this.id = id;
    this.offset = offset;
    this.oldId = NO_ID;
    this.oldIdEnd = -1;
    this.openBacklog();
  }

  /** Adds the changes of one command, or of one EXEC, to the stream. */
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

  /** Adds a command that changes no data to the stream. */
  tell(...args: string[]): void {
    if (!this.feeding) return;
    this.#encoder.bulks(args);
    this.#extend();
  }

  /** Adds bytes to the backlog and sends them to replicas. `offset` counts them already. */
  relay(bytes: Uint8Array): void {
    this.backlog?.add(bytes);
    this.replicas.send(bytes);
  }

  /**
   * Auxiliary fields for a snapshot: the position in the stream, so that after a
   * restart this server or its replicas can continue. Empty when there is no stream,
   * or when the data is ahead of it, as within EXEC.
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

  /** Enables dialling, and connects to the master of the configuration. */
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

  /** Becomes a replica. Continues the `known` stream if the master has it. */
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
    // Replicas reconnect and continue the stream under its new id.
    this.replicas.drop();
    this.selected = -1;
    core.role = "master";
    core.overdue = "deleted";
    core.config.note("replicaof", "");
  }

  /** Periodic work. */
  tick(): void {
    const { now, config } = this.#core;
    this.link?.tick();
    this.replicas.tick();
    this.failover.tick();
    // During a failover the stream must not grow, so that the replica can catch up.
    if (this.failover.state !== "no-failover") return;
    const period = config.number("repl-ping-replica-period") * 1000;
    if (this.replicas.size > 0 && now - this.#pinged < period) return;
    this.#pinged = now;
    if (this.replicas.size > 0) this.tell("PING");
  }

  /** Closes the link to the master; the server stays its replica. */
  stop(): void {
    if (this.link !== null) this.#end(this.link);
  }

  /** Resolves when all links are closed. */
  async stopped(): Promise<void> {
    await Promise.all(this.#ending);
  }

  #known(): KnownStream {
    const { link } = this;
    // Database 0 will do: a replica that becomes the master begins with SELECT.
    if (link === null) return { whole: true, selected: 0 };
    return { whole: link.whole, selected: link.session.db.index };
  }

  /** Moves encoded commands to the stream. */
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

/** Random hexadecimal digits; `digits` must be even. */
export function randomHex(digits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
