/**
 * The options of a client: {@linkcode ClientOptions} -> {@linkcode
 * ResolvedOptions}, checked once.
 *
 * @module
 */

import { type Backoff, jittered } from "../connection/backoff.ts";
import type { ClientEvent } from "../connection/events.ts";
import type { Credentials } from "../connection/handshake.ts";
import type { LinkOptions } from "../connection/link.ts";
import { cannot, misuse } from "../errors.ts";
import type { Dial, TlsOptions } from "../net/transport.ts";

/** The options of a client. A URL may set some of them. */
export interface ClientOptions {
  /**
   * The host name or address of the server.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /**
   * The TCP port of the server.
   *
   * @default {6379}
   */
  port?: number;
  /** The path of the server's Unix socket, instead of a host and a port. */
  path?: string;
  /** TLS: `true`, or how. A `rediss:` URL is `true`. */
  tls?: boolean | TlsOptions;
  /** The ACL user; the server's default user when left out. */
  username?: string;
  /** The user's password; empty for a user without one (`nopass`). */
  password?: string;
  /**
   * Called by each new connection for its user and password, within
   * `connectTimeout`, in place of `username` and `password`: for tokens and
   * passwords that change. `authenticate()` calls it again for the open
   * connections.
   */
  credentials?: () => Credentials | Promise<Credentials>;
  /**
   * The number of the database.
   *
   * @default {0}
   */
  db?: number;
  /** The name of the connections in CLIENT LIST: no blanks. */
  name?: string;
  /**
   * The version of the protocol. With 3, the client falls back to 2 where the
   * server does not know 3.
   *
   * @default {3}
   */
  protocol?: 2 | 3;
  /**
   * Whether to tell the server the library's name and version (CLIENT SETINFO).
   *
   * @default {true}
   */
  info?: boolean;
  /**
   * The timeout of dialling, TLS and the handshake together, in milliseconds.
   *
   * @default {5000}
   */
  connectTimeout?: number;
  /**
   * The timeout of each command, from the call to the reply, in milliseconds; 0
   * for none. The time that a blocking command may wait is added.
   *
   * @default {5000}
   */
  commandTimeout?: number;
  /**
   * After this idle time a connection is checked with a PING, in milliseconds;
   * 0 for never.
   *
   * @default {30000}
   */
  pingInterval?: number;
  /**
   * How often a command that only reads is sent again after its connection was
   * lost. Other commands are not sent again, unless `with({ retry: true })`
   * says so. A command that the server refuses for now (LOADING, MASTERDOWN,
   * TRYAGAIN, CLUSTERDOWN) is sent again after the backoff until its deadline,
   * whatever this says.
   *
   * @default {3}
   */
  retries?: number;
  /**
   * After this many failed attempts to reconnect in a row, waiting commands are
   * rejected, and subscriptions end with the error. The next command starts new
   * attempts. Refused credentials reject waiting commands at once. A connection
   * that is lost within a second counts as a failed attempt: some servers
   * accept connections that they cannot serve.
   *
   * @default {Infinity}
   */
  connectAttempts?: number;
  /**
   * Returns the milliseconds to wait before each attempt to reconnect. By
   * default up to 2 s, with jitter; also where the function throws or returns
   * no number >= 0.
   */
  backoff?: Backoff;
  /**
   * How many commands may be pending at a time, over all shared connections:
   * those that wait for a connection, to be written, or for their reply.
   *
   * @default {200000}
   */
  queueSize?: number;
  /**
   * How many bytes the arguments of the pending commands may have together. A
   * single command may exceed it while no other is pending.
   *
   * @default {268435456}
   */
  queueBytes?: number;
  /**
   * What happens to a command that would exceed `queueSize` or `queueBytes`:
   * with `"reject"` it rejects at once with a {@linkcode QueueFullError}, with
   * `"wait"` it waits until its deadline. With `"wait"`, callers must limit
   * memory themselves, by awaiting their commands.
   *
   * @default {"reject"}
   */
  whenFull?: "reject" | "wait";
  /**
   * How many connections ordinary commands are spread over. With more than one,
   * order is kept on each connection only.
   *
   * @default {1}
   */
  connections?: number;
  /**
   * How many connections may be leased at a time. Blocking commands, `watch`
   * and `lease` take one each.
   *
   * @default {50}
   */
  poolSize?: number;
  /**
   * How long to wait for a lease when all connections are taken, in
   * milliseconds; 0 for ever.
   *
   * @default {5000}
   */
  poolTimeout?: number;
  /**
   * After this idle time an unused pool connection is closed, in milliseconds;
   * 0 for never.
   *
   * @default {60000}
   */
  poolIdleTimeout?: number;
  /**
   * A pool connection that is older than this is closed when it is given back,
   * in milliseconds; 0 for never. For servers behind a load balancer, or behind
   * a host name whose address changes.
   *
   * @default {0}
   */
  poolMaxLifetime?: number;
  /**
   * Opens a connection to the server. `connect` uses Deno's sockets when it is
   * left out.
   */
  dial?: Dial;
  /**
   * Called with each event, for logs and metrics. Events have no passwords and
   * no arguments of commands. Errors that the function throws are ignored.
   */
  onEvent?: (event: ClientEvent) => void;
  /**
   * A command that takes this many milliseconds from the call to the reply is
   * an event. Blocking commands are not.
   *
   * @default {Infinity}
   */
  slowTime?: number;
  /**
   * Whether the stack of a command's error begins at the line of its call. For
   * debugging: each command then takes about 3 µs more, and 1 kB until its
   * reply. `connect()` turns it on where the environment variable
   * `REDIS_CALL_SITES` is 1 and may be read. A `Client`, without the commands
   * as methods, does not record it.
   *
   * @default {false}
   */
  callSites?: boolean;
}

/** Options with every value present and checked. */
export interface ResolvedOptions extends LinkOptions {
  /** As in {@linkcode ClientOptions}; `Infinity` for none. */
  readonly commandTimeout: number;
  /** As in {@linkcode ClientOptions}. */
  readonly connections: number;
  /** As in {@linkcode ClientOptions}. */
  readonly poolSize: number;
  /** As in {@linkcode ClientOptions}; `Infinity` for ever. */
  readonly poolTimeout: number;
  /** As in {@linkcode ClientOptions}; `Infinity` for never. */
  readonly poolIdleTimeout: number;
  /** As in {@linkcode ClientOptions}; `Infinity` for never. */
  readonly poolMaxLifetime: number;
  /** As in {@linkcode ClientOptions}; `Infinity` for never. */
  readonly slowTime: number;
  /** As in {@linkcode ClientOptions}. */
  readonly callSites: boolean;
}

/** The options that are numbers. */
type NumberOption = {
  [K in keyof ClientOptions]-?: NonNullable<ClientOptions[K]> extends number ? K
    : never;
}[keyof ClientOptions];

/**
 * The default of each number, and the smallest allowed integer; "ms" for
 * milliseconds, where 0 means no limit.
 */
export const NUMBERS: Record<
  NumberOption,
  [otherwise: number, least: number | "ms"]
> = {
  port: [6379, 1],
  db: [0, 0],
  protocol: [3, 2],
  connectTimeout: [5_000, "ms"],
  commandTimeout: [5_000, "ms"],
  pingInterval: [30_000, "ms"],
  retries: [3, 0],
  connectAttempts: [Infinity, 1],
  queueSize: [200_000, 0],
  queueBytes: [256 * 1024 * 1024, 0],
  connections: [1, 1],
  poolSize: [50, 1],
  poolTimeout: [5_000, "ms"],
  poolIdleTimeout: [60_000, "ms"],
  poolMaxLifetime: [0, "ms"],
  slowTime: [Infinity, 0],
};
/** The options that are not numbers. */
const OTHERS: readonly string[] =
  "hostname path tls username password credentials name info backoff dial onEvent whenFull callSites"
    .split(" ");
const ACTION = "create client";

/** Checks the options and fills in the defaults. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { hostname, path, tls, dial, name, username, password } = options;
  const { port, protocol, pingInterval, ...numbers } = resolveNumbers(options);
  for (const name in options) {
    if (!Object.hasOwn(NUMBERS, name) && !OTHERS.includes(name)) {
      throw unknownOption("", name);
    }
  }
  if (dial === undefined) {
    throw misuse(ACTION, '"dial" is needed, which connect() brings', dial);
  }
  if (protocol !== 2 && protocol !== 3) {
    throw outOfRange("protocol", "2 or 3", protocol);
  }
  const { whenFull = "reject" } = options;
  if (whenFull !== "reject" && whenFull !== "wait") {
    throw misuse(ACTION, '"whenFull" must be "reject" or "wait"', whenFull);
  }
  for (const name of ["dial", "credentials", "backoff", "onEvent"] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== "function") {
      throw misuse(ACTION, `"${name}" must be a function`, value);
    }
  }
  for (const name of ["hostname", "path", "username", "password"] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== "string") {
      // A password stays out of errors, whatever it is.
      throw new TypeError(`Cannot ${ACTION} as "${name}" must be a string`);
    }
  }
  if (port > 65535) throw outOfRange("port", "at most 65535", port);
  if (name !== undefined && !/^[!-~]+$/.test(name)) {
    throw misuse(ACTION, '"name" must be printable ASCII without blanks', name);
  }
  if (username !== undefined && password === undefined) {
    throw misuse(
      ACTION,
      '"username" goes with "password", which may be empty',
      password,
    );
  }
  if (options.credentials && password !== undefined) {
    throw new TypeError(
      'Cannot create client as "credentials" stands instead of "username" and "password"',
    );
  }
  if (
    path !== undefined &&
    (hostname ?? options.port ?? (tls || undefined)) !== undefined
  ) {
    throw misuse(
      ACTION,
      '"path" stands alone, without "hostname", "port" and "tls"',
      path,
    );
  }
  return {
    ...numbers,
    dial,
    address: path !== undefined ? { path } : {
      hostname: hostname ?? "127.0.0.1",
      port,
      ...tls ? { tls: tls === true ? {} : tls } : {},
    },
    protocol,
    credentials: password === undefined
      ? options.credentials
      : () => ({ username, password }),
    name,
    info: options.info ?? true,
    callSites: options.callSites ?? false,
    // Each connection gets its share. Commands go to the connection with the
    // fewest pending commands.
    queueSize: Math.ceil(numbers.queueSize / numbers.connections),
    queueBytes: Math.ceil(numbers.queueBytes / numbers.connections),
    whenFull,
    retryRefused: true,
    limits: {
      stall: numbers.commandTimeout < Infinity
        ? numbers.commandTimeout
        : pingInterval,
      idle: pingInterval,
      ping: Math.min(numbers.commandTimeout, pingInterval, 5_000),
    },
    backoff: safely(options.backoff),
    onEvent: options.onEvent,
  };
}

/**
 * A `backoff` that throws, or returns no number >= 0, must not end the
 * attempts.
 */
function safely(backoff: Backoff = jittered): Backoff {
  return (attempt) => {
    try {
      const delay = backoff(attempt);
      if (delay >= 0) return delay;
    } catch {
      // As if there were none.
    }
    return jittered(attempt);
  };
}

function resolveNumbers(options: ClientOptions): Record<NumberOption, number> {
  const resolved: Partial<Record<NumberOption, number>> = {};
  for (const name of Object.keys(NUMBERS) as NumberOption[]) {
    const [otherwise, least] = NUMBERS[name];
    const value = options[name] ?? otherwise;
    const time = least === "ms";
    const allowed = time
      ? typeof value === "number" && value >= 0
      : value === otherwise || Number.isInteger(value) && value >= least;
    if (!allowed) {
      const rule = time ? "milliseconds >= 0" : `an integer >= ${least}`;
      throw outOfRange(name, rule, value);
    }
    resolved[name] = time ? value || Infinity : value;
  }
  return resolved as Record<NumberOption, number>;
}

/** The error for an option that there is not; `hint` says what to use. */
export function unknownOption(hint: string, name: string): TypeError {
  return misuse(ACTION, `its option is unknown${hint}`, name);
}

function outOfRange(name: string, rule: string, value: unknown): RangeError {
  return new RangeError(cannot(ACTION, `"${name}" must be ${rule}`, value));
}
