/**
 * The state of a server, which connects its rooms.
 *
 * @module
 */

import { Users } from "./access/acl.ts";
import { Config } from "./base/config.ts";
import { Statistics } from "./base/statistics.ts";
import type { FullServer } from "./commands/host.ts";
import { FAMILIES } from "./commands/table.ts";
import type { ConfigFile } from "./config_file.ts";
import { Cron } from "./cron.ts";
import { Database, type Overdue } from "./keyspace/database.ts";
import { Eviction } from "./keyspace/eviction.ts";
import { ActiveExpiry } from "./keyspace/expire.ts";
import { Heap } from "./keyspace/heap.ts";
import { Effects, REPLICATE } from "./model/effect.ts";
import { CommandTable } from "./model/table.ts";
import type { CoreOptions } from "./options.ts";
import { Loading } from "./persistence/loading.ts";
import type { Persistence } from "./persistence/persistence.ts";
import { Snapshots } from "./persistence/snapshots.ts";
import { randomHex, Replication } from "./replication/replication.ts";
import { Scripting } from "./scripting/scripting.ts";
import { WaitingRoom } from "./session/blocking.ts";
import { Limits } from "./session/limits.ts";
import { Pause } from "./session/pause.ts";
import type { Session } from "./session/session.ts";
import { Sessions } from "./session/sessions.ts";
import { Stopwatch } from "./session/stopwatch.ts";
import { Watches } from "./session/transaction.ts";
import { followLimits } from "./values/limits.ts";
import { AclLog } from "./watchers/acl_log.ts";
import { KeyEvents } from "./watchers/key_events.ts";
import { Latency } from "./watchers/latency.ts";
import { Monitors } from "./watchers/monitor.ts";
import { Notifications } from "./watchers/notifications.ts";
import { PubSub } from "./watchers/pubsub.ts";
import { SlowLog } from "./watchers/slow_log.ts";
import { Tracking } from "./watchers/tracking.ts";

/** The state of a server. The module of each field documents it. */
export class Core implements FullServer {
  // Identity and configuration.
  readonly config = new Config();
  readonly commands = new CommandTable(FAMILIES);
  readonly statistics = new Statistics();
  readonly since: number = Date.now();
  readonly runId: string = randomHex(40);
  readonly log: (line: string) => void;
  /** The file for CONFIG REWRITE; `null` without one. */
  configFile: ConfigFile | null = null;
  /** Handles SHUTDOWN. */
  shutDown: () => void = () => this.close();

  // Keys.
  readonly databases: readonly Database[];
  readonly expiry: ActiveExpiry = new ActiveExpiry(this.config);
  readonly eviction: Eviction = new Eviction(this);
  readonly heap = new Heap();
  readonly snapshots: Snapshots = new Snapshots(() => this.databases);
  readonly loading: Loading = new Loading(this);
  /** The files; `null` without a directory. */
  persistence: Persistence | null = null;

  // Clients.
  readonly users: Users = new Users(this.commands, this.config);
  readonly limits: Limits = new Limits(this.config);
  readonly sessions: Sessions<FullServer> = new Sessions<FullServer>(this);
  readonly pause: Pause = new Pause(this);
  readonly waiting = new WaitingRoom();
  readonly watches = new Watches();
  readonly stopwatch: Stopwatch = new Stopwatch(this);

  // Watchers.
  readonly aclLog: AclLog = new AclLog(this.config);
  readonly slowLog: SlowLog = new SlowLog(this.config);
  readonly latency: Latency = new Latency(this.config);
  readonly monitors = new Monitors();
  readonly pubsub = new PubSub();
  readonly notifications: Notifications = new Notifications(
    this.pubsub,
    this.config,
  );
  readonly tracking: Tracking = new Tracking(this);

  // Scripts and other servers.
  readonly scripting: Scripting = new Scripting(this);
  readonly replication: Replication = new Replication(this);
  role: "master" | "slave" = "master";
  overdue: Overdue = "deleted";

  // The running command.
  /** Its session; for a script, the session of its caller. */
  current: Session | null = null;
  /** Whether it only reads. */
  readsOnly = false;
  /** Its changes. */
  readonly effects: Effects = new Effects(() => this.replication.feeding);
  /** The number of changes since startup. */
  dirty = 0;
  /** The command that its changes propagate as: see {@linkcode Session.rewrite}. */
  rewritten: readonly string[] | null = null;
  /** The receivers of its changes: `redis.set_repl` of a script. */
  replicate: number = REPLICATE.all;
  /** The time in ms since 1970; constant while the command runs. */
  now: number = Date.now();
  /** When it began, by a monotonic clock. */
  lap = 0;

  readonly #cron: Cron;

  /** Makes the state of an empty server. */
  constructor(options: CoreOptions = {}) {
    const { databases = 16, password, config = {}, users = [] } = options;
    this.log = options.log ?? (() => {});
    followLimits(this.config);
    for (const [name, other] of Object.entries(options.renamed ?? {})) {
      this.commands.rename(name, other);
    }
    this.config.start("databases", String(databases));
    for (const [name, value] of Object.entries(config)) {
      this.config.start(name, value);
    }
    if (password !== undefined) this.config.start("requirepass", password);
    for (const line of users) this.users.load(line);
    const events = new KeyEvents(this);
    this.databases = Array.from(
      { length: this.config.number("databases") },
      (_, index) => new Database(index, events),
    );
    for (const [name, value] of this.config.ignored()) {
      this.log(`The setting "${name} ${value}" has no effect here`);
    }
    this.#cron = new Cron(this);
  }

  /** Updates the clocks. */
  tick(): void {
    this.now = Date.now();
    this.lap = performance.now();
  }

  /** Whether the running command comes from a master or a file: it was checked there. */
  get obeys(): boolean {
    return this.overdue === "kept";
  }

  /** The latest expiry time that already counts as past. */
  get past(): number {
    return this.obeys ? 0 : this.now;
  }

  /** Propagates a command, in addition to the running command's own. */
  propagate(db: Database, args: readonly string[]): void {
    this.effects.add({ db: db.index, args, to: this.replicate });
  }

  /** Ends a command or an EXEC: serves blocked sessions and propagates changes. */
  settle(): void {
    // The changes of a script are propagated together, when it ends.
    if (this.scripting.busy) return;
    if (this.waiting.size > 0) this.waiting.serve();
    if (this.effects.empty) return;
    const { replication } = this;
    this.effects.settle(
      replication.feeding ? (effects) => replication.feed(effects) : null,
    );
  }

  /** Removes a session that ended from all rooms. */
  left(session: Session): void {
    this.sessions.forget(session);
    this.waiting.end(session);
    this.watches.forget(session);
    this.pubsub.forget(session);
    this.tracking.stop(session);
    this.monitors.stop(session);
    this.replication.replicas.left(session);
  }

  /** Logs an unexpected exception. */
  report(error: unknown): void {
    const text = error instanceof Error ? error.stack : error;
    this.log(`Unexpected error: ${text}`);
  }

  /** Closes every connection and stops all timers. */
  close(): void {
    this.#cron.stop();
    this.replication.stop();
    this.pause.end();
    this.loading.end();
    this.sessions.close();
  }
}
