/**
 * The server's state: databases, sessions, who must know what changed.
 *
 * @module
 */

import type { Transport } from "../net/transport.ts";
import { DEFAULT_LIMITS, type RequestLimits } from "../resp/request_decoder.ts";
import { LONGEST_STRING } from "../resp/binary.ts";
import { AclLog } from "./watchers/acl_log.ts";
import { Users } from "./access/acl.ts";
import { WaitingRoom } from "./session/blocking.ts";
import type { FullServer, Session as FullSession } from "./commands/host.ts";
import { FAMILIES } from "./commands/table.ts";
import { type Effect, Effects, type Sink } from "./model/effect.ts";
import type { CoreOptions } from "./options.ts";
import { Statistics } from "./base/statistics.ts";
import { CommandTable } from "./model/table.ts";

export type { CoreOptions, Effect, Sink };
import { Config, ValueError } from "./base/config.ts";
import type { ConfigFile } from "./config_file.ts";
import { Database, type Overdue } from "./keyspace/database.ts";
import { Heap } from "./keyspace/heap.ts";
import { Eviction } from "./keyspace/eviction.ts";
import { ActiveExpiry } from "./keyspace/expire.ts";
import { expireHashes } from "./keyspace/hash_expiry.ts";
import { Latency } from "./watchers/latency.ts";
import { Loading } from "./persistence/loading.ts";
import { Monitors } from "./watchers/monitor.ts";
import { Notifications } from "./watchers/notifications.ts";
import { Pause } from "./session/pause.ts";
import type { Persistence } from "./persistence/persistence.ts";
import { Snapshots } from "./persistence/snapshots.ts";
import { PubSub } from "./watchers/pubsub.ts";
import { refusal } from "./session/refusal.ts";
import { randomHex, Replication } from "./replication/replication.ts";
import { Session } from "./session/session.ts";
import { Scripting } from "./scripting/scripting.ts";
import { REPLICATE } from "./model/effect.ts";
import { SlowLog } from "./watchers/slow_log.ts";
import { Tracking } from "./watchers/tracking.ts";
import { Watches } from "./session/transaction.ts";
import { LIMITS } from "./values/limits.ts";
import type { Value } from "./values/value.ts";

/** The server's state. */
export class Core implements FullServer {
  /** The commands. */
  readonly commands = new CommandTable(FAMILIES);
  /** What CONFIG tells. */
  readonly config = new Config();
  /** Who may log in. */
  readonly users: Users = new Users(this.commands);
  /** What was refused. */
  readonly aclLog: AclLog = new AclLog(this.config);
  /** The numbered databases. */
  readonly databases: readonly Database[];
  /** Who is connected, by id. */
  readonly sessions = new Map<number, FullSession>();
  /** Who waits for keys. */
  readonly waiting = new WaitingRoom();
  /** Who watches keys. */
  readonly watches = new Watches();
  /** Who listens to channels. */
  readonly pubsub = new PubSub();
  /** What is told of keys. */
  readonly notifications: Notifications = new Notifications(this.pubsub);
  /** Who keeps what it read. */
  readonly tracking: Tracking = new Tracking(this);
  /** Who gets every command. */
  readonly monitors = new Monitors();
  /** What CLIENT PAUSE holds back. */
  readonly pause: Pause = new Pause(this);
  /** What took long. */
  readonly slowLog: SlowLog = new SlowLog(this.config);
  /** What held the server up. */
  readonly latency: Latency = new Latency(this.config);
  /** Snapshots that are made in the background. */
  readonly snapshots: Snapshots = new Snapshots(() => this.databases);
  /** What is kept on disk; `null` without a directory. */
  persistence: Persistence | null = null;
  /** What is being loaded. */
  readonly loading: Loading = new Loading(this);
  /** The file it was configured by; `null` without one. */
  configFile: ConfigFile | null = null;
  /** Its scripts and functions. */
  readonly scripting: Scripting = new Scripting(this);
  /** Who gets what the running command changes: `redis.set_repl` of a script. */
  replicate: number = REPLICATE.all;
  /** Which other servers it copies, and which copy it. */
  readonly replication: Replication = new Replication(this);
  /** The changes of the running command. */
  readonly effects = new Effects();
  /** What a command may be. */
  readonly requestLimits: RequestLimits = { ...DEFAULT_LIMITS };
  /** How many bytes of commands a session may send ahead. */
  queryLimit = 0;
  /** What it is among servers that copy each other. */
  role: "master" | "slave" = "master";
  /** Whether keys expire that nobody asks for. */
  expiresActively = true;
  /** What is counted. */
  readonly statistics = new Statistics();
  /** What SHUTDOWN does. */
  shutDown: () => void = () => this.close();
  /** Whether DEBUG SLEEP holds everybody back. */
  asleep = false;
  /** Resolves when nobody is held back any more by what is waited for. */
  held: Promise<void> = Promise.resolve();
  /** What becomes of keys whose time is over. */
  overdue: Overdue = "deleted";
  /** What deletes keys when memory is full. */
  readonly eviction: Eviction = new Eviction(this);
  /** How full V8's heap is. */
  readonly heap = new Heap();
  /** Writes a line of the server's log. */
  readonly log: (line: string) => void;
  /** Whether LATENCY HISTOGRAM is told how long commands take. */
  tracksLatency = true;
  /** The longest that SETRANGE, APPEND and SETBIT may make a string, in bytes. */
  longestString = 0;
  /** Who deletes keys whose time is over. */
  readonly expiry = new ActiveExpiry();
  /** The time in ms since 1970; the same while a command runs. */
  now = Date.now();
  /** Whether the running command only reads. */
  readsOnly = false;
  /** The session whose command runs. */
  current: Session | null = null;
  /** When the last command ended, or the turn began; by a clock that only goes on. */
  lap = 0;
  /** Counts changes. */
  dirty = 0;
  /** How the running command is saved: see {@linkcode Session.rewrite}. */
  rewritten: readonly string[] | null = null;
  /** When the server was made, in ms since 1970. */
  readonly since: number = Date.now();
  /** What names this run: 40 digits. */
  readonly runId: string = randomHex(40);
  #readOnlyReplica = true;
  #unwritten = new Set<Session>();
  #lastSession = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Makes the state of an empty server. */
  constructor(options: CoreOptions = {}) {
    this.log = options.log ?? (() => {});
    this.#follow();
    const { databases = 16, password, config = {}, users = [] } = options;
    for (const [name, other] of Object.entries(options.renamed ?? {})) {
      this.commands.rename(name, other);
    }
    this.config.start("databases", String(databases));
    for (const [name, value] of Object.entries(config)) {
      this.config.start(name, value);
    }
    if (password !== undefined) this.config.start("requirepass", password);
    for (const line of users) {
      const [name = "", ...rules] = line.trim().split(/\s+/);
      // Of the one that is there already nothing is left.
      this.users.set(name, name === "default" ? ["reset", ...rules] : rules);
    }
    this.databases = Array.from(
      { length: this.config.number("databases") },
      (_, index) => new Database(index, this),
    );
    for (const [name, value] of this.config.ignored()) {
      this.log(`The setting "${name} ${value}" has no effect here`);
    }
    this.#startClock(this.config.number("hz"));
    this.config.onSet("hz", (value) => this.#startClock(Number(value)));
  }

  #startClock(hz: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#cron(), Math.round(1000 / hz));
  }

  /** A number for a new session. */
  nextSessionId(): number {
    return ++this.#lastSession;
  }

  /** Serves a connection until it ends. */
  async serve(transport: Transport): Promise<void> {
    this.tick();
    this.statistics.connections++;
    const no = refusal(this, transport);
    if (no !== null) {
      this.statistics.refused++;
      using _ended = transport;
      await transport.write([no]).catch(() => {});
      return;
    }
    const session = new Session(this, transport);
    this.sessions.set(session.id, session);
    await session.serve();
  }

  /** Forgets a session that ended. */
  left(session: Session): void {
    this.sessions.delete(session.id);
    this.waiting.end(session);
    this.watches.forget(session);
    this.pubsub.forget(session);
    this.tracking.stop(session);
    this.monitors.stop(session);
    this.replication.replicas.left(session);
    this.#unwritten.delete(session);
  }

  /** Whether clients may change nothing. */
  get readOnly(): boolean {
    return this.role === "slave" && this.#readOnlyReplica;
  }

  /** Whether the command that runs came of a master or a file, where it was right. */
  get obeys(): boolean {
    return this.overdue === "kept";
  }

  /** A time that is set is over when it is not behind this one. */
  get past(): number {
    return this.obeys ? 0 : this.now;
  }

  /** Reads the clocks. */
  tick(): void {
    this.now = Date.now();
    this.lap = performance.now();
  }

  /** A key was added: tells who asked to know. */
  added(db: Database, key: string): void {
    if (this.notifications.active) {
      this.notifications.tell(db.index, "n", "new", key);
    }
  }

  /** A key was changed: counts it, and tells who waits for it or watches it. */
  changed(db: Database, key: string): void {
    this.changedWithAll(db, key);
    if (this.tracking.size > 0) this.tracking.changed(key, this.current);
  }

  /** A key was changed by a flush or a swap of its database. */
  changedWithAll(db: Database, key: string): void {
    this.dirty++;
    if (this.waiting.size > 0) this.waiting.changed(db, key);
    if (this.watches.size > 0) this.watches.touch(db, key);
    if (this.eviction.limit > 0) this.eviction.changed(db, key);
  }

  /** A key expired: replicas and files see it as deleted. */
  expired(db: Database, key: string): void {
    this.statistics.expirations++;
    this.#addEffect({ db: db.index, args: ["DEL", key] });
    if (this.watches.size > 0) this.watches.touch(db, key);
    if (this.tracking.size > 0) this.tracking.changed(key, null);
    if (this.eviction.limit > 0) this.eviction.changed(db, key);
    if (this.notifications.active) {
      this.notifications.tell(db.index, "x", "expired", key);
    }
  }

  /** A value is used: what eviction goes by counts. */
  used(value: Value): void {
    const { current } = this;
    if (current?.noTouch && current.lastCommand !== "touch") return;
    if (this.eviction.byFrequency) this.eviction.countUse(value);
    if (!this.eviction.byChange) value.used = this.now;
  }

  /** A value is about to be what a key holds: it was used as often as the last. */
  stored(db: Database, key: string, value: Value): void {
    if (this.eviction.byFrequency) {
      const old = db.keys.get(key);
      if (old !== undefined) {
        this.eviction.countUse(old);
        value.uses = old.uses;
      }
    }
    value.used = this.now;
  }

  /** A key was read. */
  looked(found: boolean): void {
    if (found) this.statistics.hits++;
    else this.statistics.misses++;
  }

  /** Saves a change as a command, besides what the running one is saved as. */
  propagate(db: Database, args: readonly string[]): void {
    const effect = { db: db.index, args };
    const { replicate } = this;
    this.#addEffect(
      replicate === REPLICATE.all ? effect : { ...effect, to: replicate },
    );
  }

  /** Lets replicas execute a command that changes nothing. */
  announce(db: Database, args: readonly string[]): void {
    this.#addEffect({ db: db.index, args, to: REPLICATE.replicas });
  }

  #addEffect(effect: Effect): void {
    if (this.effects.sinks.size === 0 && !this.replication.feeding) return;
    this.effects.add(effect);
  }

  /** Ends a command, or an EXEC: who waits is served, changes go to the sinks. */
  settle(): void {
    // What a script changed is one change, however long it takes.
    if (this.scripting.busy) return;
    if (this.waiting.size > 0) this.waiting.serve();
    if (this.effects.empty) return;
    const { replication } = this;
    this.effects.settle(
      replication.feeding ? (effects) => replication.feed(effects) : null,
    );
  }

  /** Forgets what was counted: CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.statistics.reset();
    this.eviction.count = 0;
    for (const command of this.commands.all()) {
      command.forgetCalls();
    }
  }

  /** Notes that a session that has no turn was written to. */
  flushLater(session: Session): void {
    this.#unwritten.add(session);
  }

  /** Ends a turn: starts to write what others are to get. */
  flush(): void {
    if (this.tracking.size > 0) this.tracking.broadcast();
    if (this.#unwritten.size === 0) return;
    for (const session of this.#unwritten) session.flush();
    this.#unwritten.clear();
  }

  /** Lets a session go on in the next turn: what was closed is closed by then. */
  nextTurn(session: Session, work: () => void): void {
    session.waiting = true;
    setTimeout(() => {
      session.waiting = false;
      work();
      session.resume();
    });
  }

  /** Lets nobody execute anything for some time. */
  sleep(ms: number, then: () => void): void {
    this.asleep = true;
    setTimeout(() => {
      this.asleep = false;
      then();
      this.resume();
    }, ms);
  }

  /** Lets nobody execute anything while something is waited for. */
  hold(work: () => Promise<() => void>): void {
    this.asleep = true;
    this.held = work().then((then) => {
      this.asleep = false;
      this.tick();
      then();
    }).catch((error) => this.report(error)).finally(() => {
      this.asleep = false;
      this.resume();
    });
  }

  /** Logs an exception that nobody expected, and goes on. */
  report(error: unknown): void {
    const text = error instanceof Error ? error.stack : error;
    this.log(`Unexpected error: ${text}`);
  }

  /** Lets everybody go on who was held back. */
  resume(): void {
    for (const session of [...this.sessions.values()]) session.resume();
  }

  /** Ends every connection and stops the clock. */
  close(): void {
    clearInterval(this.#timer);
    this.replication.stop();
    this.pause.end();
    this.loading.end();
    for (const session of this.sessions.values()) session.close();
  }

  /** Keeps what the configuration says where it is used. */
  #follow(): void {
    const { config } = this;
    config.onSet("requirepass", (value) => this.users.requirePassword(value));
    this.longestString = config.number("proto-max-bulk-len");
    config.onSet("proto-max-bulk-len", (value) => {
      this.longestString = Number(value);
      this.requestLimits.bulk = Math.min(this.longestString, LONGEST_STRING);
    });
    for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
      LIMITS[name] = config.number(name);
      config.onSet(name, (value) => LIMITS[name] = Number(value));
    }
    config.onSet("active-expire-effort", (value) => {
      this.expiry.effort = Number(value);
    });
    config.onSet("latency-tracking", (value) => {
      this.tracksLatency = value === "yes";
    });
    config.onSet("replica-read-only", (value) => {
      this.#readOnlyReplica = value === "yes";
    });
    this.queryLimit = config.number("client-query-buffer-limit");
    config.onSet("client-query-buffer-limit", (value) => {
      this.queryLimit = Number(value);
    });
    config.add("notify-keyspace-events", "", (value) => {
      if (this.notifications.set(value)) return;
      throw new ValueError(
        "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
      );
    });
  }

  #cron(): void {
    // The clock of a script stands still.
    if (this.scripting.busy) return;
    this.tick();
    this.statistics.measure(this.now);
    const timeout = this.config.number("timeout") * 1000;
    for (const session of this.sessions.values()) {
      session.checkOutput();
      const idle = this.now - session.lastUse;
      const may = session.waiting || session.listens || session.monitors ||
        session.replica?.online;
      if (timeout > 0 && idle > timeout && !may) session.close();
    }
    const expires = this.expiresActively && !this.loading.active &&
      !this.pause.active;
    if (expires && this.role === "master") {
      this.expiry.run(this.databases, this.now);
    }
    expireHashes(this);
    if (this.eviction.limit > 0) this.eviction.makeRoom();
    // A master that becomes a replica says before what it changed.
    this.settle();
    this.replication.turn();
    this.settle();
    this.flush();
  }
}
