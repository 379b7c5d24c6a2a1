/**
 * Options -> {@linkcode ResolvedOptions}, once, at the door.
 *
 * @module
 */

import { type Backoff, jittered } from "../connection/backoff.ts";
import type { ClientEvent } from "../connection/events.ts";
import type { Credentials } from "../connection/handshake.ts";
import type { LinkOptions } from "../connection/link.ts";
import { cannot, misuse } from "../errors.ts";
import type { Dial, TlsOptions } from "../net/transport.ts";

/** What a client can be told. A URL says the same of what both can. */
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
   * Asked for the user and the password by each connection, within its
   * `connectTimeout`, instead of `username` and `password`: for tokens and
   * passwords that change. `authenticate()` asks again for those that are open.
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
   * The protocol to speak. With 3, servers that do not know it are spoken to in 2.
   *
   * @default {3}
   */
  protocol?: 2 | 3;
  /**
   * Whether servers are told the library's name and version.
   *
   * @default {true}
   */
  info?: boolean;
  /**
   * For dialling, TLS and the handshake together, in milliseconds.
   *
   * @default {5000}
   */
  connectTimeout?: number;
  /**
   * For each command: waiting for a connection, writing and the reply together,
   * in milliseconds; 0 for none. A blocking command has its own time besides.
   *
   * @default {5000}
   */
  commandTimeout?: number;
  /**
   * A connection that was not used for so long is checked with a PING, in
   * milliseconds; 0 for never.
   *
   * @default {30000}
   */
  pingInterval?: number;
  /**
   * How often a command that only reads is sent again after its connection was
   * lost. Others are never, unless `with({ retry: true })` says so. A command
   * that the server refuses for now (LOADING, MASTERDOWN, TRYAGAIN, CLUSTERDOWN)
   * is sent again after the backoff until its deadline, whatever this says.
   *
   * @default {3}
   */
  retries?: number;
  /**
   * After so many failed attempts in a row to connect again, what waits is
   * rejected, and subscriptions end with the error; the next command starts
   * anew. Refused credentials do so at once, and the attempts go on. A
   * connection that is lost within a second counts as a failed attempt: some
   * servers accept what they cannot serve.
   *
   * @default {Infinity}
   */
  connectAttempts?: number;
  /** The wait before each attempt to connect again. At most 2 s, with jitter, when left out, and where it throws or gives no time. */
  backoff?: Backoff;
  /**
   * How many commands may be unanswered at a time, over all shared connections:
   * those that wait for a connection, to be written, or for their reply.
   *
   * @default {200000}
   */
  queueSize?: number;
  /**
   * How many bytes the arguments of these commands may have together. A single
   * command may have more while nothing else waits.
   *
   * @default {268435456}
   */
  queueBytes?: number;
  /**
   * What happens to a command that would exceed `queueSize` or `queueBytes`: it
   * is rejected at once with a {@linkcode QueueFullError}, or waits like the
   * others, until its deadline. Then the memory is for the callers to limit, by
   * awaiting what they ask.
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
   * How many connections may be leased at a time: blocking commands, `watch`
   * and `lease` take one each.
   *
   * @default {50}
   */
  poolSize?: number;
  /**
   * How long a lease is waited for when all are taken, in milliseconds; 0 for ever.
   *
   * @default {5000}
   */
  poolTimeout?: number;
  /**
   * A leased connection that was given back is closed when it was not used for
   * so long, in milliseconds; 0 for never.
   *
   * @default {60000}
   */
  poolIdleTimeout?: number;
  /**
   * A leased connection that is given back so long after it was opened is
   * closed, however much it is used, in milliseconds; 0 for never. For servers
   * behind a balancer, or behind a name that comes to mean another.
   *
   * @default {0}
   */
  poolMaxLifetime?: number;
  /** How the server is reached; `connect` brings Deno's sockets. */
  dial?: Dial;
  /**
   * Gets what happens, for logs and metrics. Never a password or an argument of
   * a command; what the function throws is ignored.
   */
  onEvent?: (event: ClientEvent) => void;
  /**
   * Commands that take so many milliseconds, from the call to the answer, are
   * an event; blocking ones are not.
   *
   * @default {Infinity}
   */
  slowTime?: number;
  /**
   * Whether the stack of a command's error begins at the line of its call, which
   * is captured with each command: for debugging, it takes about 3 µs, and
   * 1 kB until the reply. `connect()` turns it on where the environment
   * variable `REDIS_CALL_SITES` is 1 and may be read. A `Client`, without the
   * commands as methods, does not record it.
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
 * What stands for a number that is left out, and the least integer that is
 * allowed; "ms" for milliseconds, where 0 means without end.
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
/** The options that are no numbers. */
const OTHERS: readonly string[] =
  "hostname path tls username password credentials name info backoff dial onEvent whenFull callSites"
    .split(" ");
const ACTION = "create client";

/** Fills in what was left out and checks what was not. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { hostname, path, tls, dial, name, username, password } = options;
  const { port, protocol, pingInterval, ...numbers } = resolveNumbers(options);
  for (const name in options) {
    if (!Object.hasOwn(NUMBERS, name) && !OTHERS.includes(name)) {
      throw misuse(ACTION, unknown(name), name);
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
    // A share for each connection; commands go to the one with the least to do.
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

/** What throws, or gives no time, must not end the attempts. */
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

/** What other clients call an option, and what it is here. */
const HERE: Record<string, string> = {
  host: '"hostname"',
  url: "connect(url, options)",
  user: '"username"',
  database: '"db"',
  socket: '"hostname"',
  keyPrefix: "withPrefix",
};

function unknown(name: string): string {
  const here = Object.hasOwn(HERE, name) ? `: use ${HERE[name]}` : "";
  return `its option is unknown${here}`;
}

function outOfRange(name: string, rule: string, value: unknown): RangeError {
  return new RangeError(cannot(ACTION, `"${name}" must be ${rule}`, value));
}
