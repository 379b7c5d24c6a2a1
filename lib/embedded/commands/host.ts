/**
 * The session that commands run on, and the whole server behind it.
 *
 * @module
 */

import type { ActiveExpiry } from "../keyspace/expire.ts";
import type {
  CommandSpec as AnySpec,
  Run as AnyRun,
} from "../model/command.ts";
import type { ScriptingServer } from "../scripting/host.ts";
import type { Session as AnySession } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";
import type { AclLog } from "../watchers/acl_log.ts";
import type { Latency } from "../watchers/latency.ts";
import type { Monitors } from "../watchers/monitor.ts";
import type { Notifications } from "../watchers/notifications.ts";
import type { PubSub } from "../watchers/pubsub.ts";
import type { SlowLog } from "../watchers/slow_log.ts";
import type { Tracking } from "../watchers/tracking.ts";

/** A session, as commands see it. */
export type Session = AnySession<FullServer>;

/** The declaration of a command. */
export type CommandSpec = AnySpec<Session>;

/** Executes a command. */
export type Run = AnyRun<Session>;

/** The server, as commands see it: the interfaces of the rooms below, and all watchers. */
export interface FullServer extends ScriptingServer {
  readonly sessions: Sessions<FullServer>;
  readonly aclLog: AclLog;
  readonly latency: Latency;
  readonly monitors: Monitors;
  readonly notifications: Notifications;
  readonly pubsub: PubSub;
  readonly slowLog: SlowLog;
  readonly tracking: Tracking;
  readonly expiry: ActiveExpiry;
  /** The file for CONFIG REWRITE; `null` without one. */
  readonly configFile: { rewrite(core: FullServer): void } | null;
  /** When the server was made, in ms since 1970. */
  readonly since: number;
  /** The random id of this server process: 40 hexadecimal digits. */
  readonly runId: string;
  /** The latest expiry time that already counts as past. */
  readonly past: number;

  /** SHUTDOWN. */
  shutDown(): void;
}
