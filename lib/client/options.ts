/**
 * URLs and options -> {@linkcode ResolvedOptions}, once, at the door.
 *
 * @module
 */

import { type Backoff, jittered } from "../connection/backoff.ts";
import type { LinkOptions } from "../connection/link.ts";
import { quote } from "../errors.ts";
import type { Address, Dial, TlsOptions } from "../net/transport.ts";

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
  /** The user's password. */
  password?: string;
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
   * lost. Others are never, unless `with({ retry: true })` says so.
   *
   * @default {3}
   */
  retries?: number;
  /**
   * After so many failed attempts in a row to connect again, what waits is
   * rejected; the next command starts anew.
   *
   * @default {Infinity}
   */
  connectAttempts?: number;
  /** The wait before each attempt to connect again. At most 2 s, with jitter, when left out. */
  backoff?: Backoff;
  /**
   * How many commands may wait for a connection; more are rejected at once.
   *
   * @default {10000}
   */
  queueSize?: number;
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
  /** How the server is reached; `connect` brings Deno's sockets. */
  dial?: Dial;
}

/** Options with every value present and checked. */
export interface ResolvedOptions extends LinkOptions {
  /** As in {@linkcode ClientOptions}; `Infinity` for none. */
  readonly commandTimeout: number;
  /** As in {@linkcode ClientOptions}. */
  readonly retries: number;
  /** As in {@linkcode ClientOptions}. */
  readonly connections: number;
  /** As in {@linkcode ClientOptions}. */
  readonly poolSize: number;
  /** As in {@linkcode ClientOptions}; `Infinity` for ever. */
  readonly poolTimeout: number;
  /** As in {@linkcode ClientOptions}; `Infinity` for never. */
  readonly poolIdleTimeout: number;
}

const SCHEMES = "redis:, rediss:, valkey:, valkeys: or unix:";
const TLS_SCHEMES = new Set(["rediss:", "valkeys:"]);
/** The options that are numbers. */
type NumberOption = {
  [K in keyof ClientOptions]-?: NonNullable<ClientOptions[K]> extends number ? K
    : never;
}[keyof ClientOptions];

/**
 * What stands for a number that is left out, and the least integer that is
 * allowed; "ms" for milliseconds, where 0 means without end.
 */
const NUMBERS: Record<NumberOption, [otherwise: number, least: number | "ms"]> =
  {
    port: [6379, 1],
    db: [0, 0],
    protocol: [3, 2],
    connectTimeout: [5_000, "ms"],
    commandTimeout: [5_000, "ms"],
    pingInterval: [30_000, "ms"],
    retries: [3, 0],
    connectAttempts: [Infinity, 1],
    queueSize: [10_000, 0],
    connections: [1, 1],
    poolSize: [50, 1],
    poolTimeout: [5_000, "ms"],
    poolIdleTimeout: [60_000, "ms"],
  };
const BOOLEANS = new Set(["info"]);
const TEXTS = new Set(["name"]);

/** Reads a Redis URL. Throws a `TypeError` without anything of it that may be secret. */
export function fromUrl(input: string | URL): ClientOptions {
  const url = parse(input);
  const options: ClientOptions = {};
  if (url.protocol === "unix:") {
    // The start of a path behind two slashes only would be a host, and be lost.
    if (url.host !== "" || url.pathname === "") {
      throw new TypeError(
        "Cannot read URL as its path must look like unix:///run/redis.sock",
      );
    }
    options.path = decode(url.pathname, "path");
  } else if (/^(redis|valkey)s?:$/.test(url.protocol)) {
    // An empty host is the default one: redis:///3
    if (url.hostname !== "") {
      options.hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
    }
    if (url.port !== "") options.port = Number(url.port);
    if (TLS_SCHEMES.has(url.protocol)) options.tls = true;
    const db = url.pathname.slice(1);
    if (db !== "") options.db = number("db", decode(db, "path"));
  } else {
    throw new TypeError(
      `Cannot read URL as its scheme must be ${SCHEMES}: current value is ${url.protocol}`,
    );
  }
  if (url.username !== "") options.username = decode(url.username, "username");
  if (url.password !== "") options.password = decode(url.password, "password");
  for (const [name, value] of url.searchParams) {
    // A URL has its own place for the port.
    if (Object.hasOwn(NUMBERS, name) && name !== "port") {
      Object.assign(options, { [name]: number(name, value) });
    } else if (BOOLEANS.has(name)) {
      Object.assign(options, { [name]: boolean(name, value) });
    } else if (TEXTS.has(name)) Object.assign(options, { [name]: value });
    else {
      throw new TypeError(
        `Cannot read URL as its option is unknown: current value is ${
          quote(name)
        }`,
      );
    }
  }
  return options;
}

function parse(input: string | URL): URL {
  try {
    return new URL(input);
  } catch {
    // The cause is left out: it shows the whole URL.
    throw new TypeError(
      `Cannot read URL as it must look like redis://user:password@host:port/db`,
    );
  }
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError(
      `Cannot read URL as its ${part} is not percent-encoded UTF-8`,
    );
  }
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && !Number.isNaN(value)) return value;
  throw new TypeError(
    `Cannot read URL as "${name}" must be a number: current value is ${
      quote(text)
    }`,
  );
}

function boolean(name: string, text: string): boolean {
  if (/^(true|1|yes)$/i.test(text)) return true;
  if (/^(false|0|no)$/i.test(text)) return false;
  throw new TypeError(
    `Cannot read URL as "${name}" must be true or false: current value is ${
      quote(text)
    }`,
  );
}

/** Fills in what was left out and checks what was not. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { dial, name, username, password } = options;
  if (dial === undefined) {
    throw new TypeError(
      'Cannot create client without "dial": import connect from mod.ts, which brings one',
    );
  }
  const { protocol, ...numbers } = resolveNumbers(options);
  if (protocol !== 2 && protocol !== 3) {
    throw outOfRange("protocol", "2 or 3", protocol);
  }
  if (name !== undefined && !/^[!-~]+$/.test(name)) {
    throw new TypeError(
      `Cannot create client as "name" must be printable ASCII without blanks: current value is ${
        quote(name)
      }`,
    );
  }
  if (username !== undefined && password === undefined) {
    throw new TypeError(
      'Cannot create client as "username" goes with "password": current value has only one',
    );
  }
  const { commandTimeout, pingInterval, connectAttempts, port, ...rest } =
    numbers;
  return {
    ...rest,
    commandTimeout,
    dial,
    address: resolveAddress(options, port),
    protocol,
    username,
    password,
    name,
    info: options.info ?? true,
    limits: {
      stall: commandTimeout,
      idle: pingInterval,
      ping: Math.min(commandTimeout, 5_000),
    },
    attempts: connectAttempts,
    backoff: options.backoff ?? jittered,
  };
}

function resolveAddress(options: ClientOptions, port: number): Address {
  const { hostname = "127.0.0.1", path, tls } = options;
  if (path !== undefined) {
    if (options.hostname !== undefined || options.port !== undefined || tls) {
      throw new TypeError(
        'Cannot create client as "path" stands alone: current value has a "hostname", "port" or "tls" besides',
      );
    }
    return { path };
  }
  if (port > 65535) throw outOfRange("port", "at most 65535", port);
  if (!tls) return { hostname, port };
  return { hostname, port, tls: tls === true ? {} : tls };
}

function resolveNumbers(options: ClientOptions): Record<NumberOption, number> {
  const resolved: Partial<Record<NumberOption, number>> = {};
  for (const name of Object.keys(NUMBERS) as NumberOption[]) {
    const [otherwise, least] = NUMBERS[name];
    const value = options[name] ?? otherwise;
    if (least === "ms") {
      if (typeof value !== "number" || !(value >= 0)) {
        throw outOfRange(name, "milliseconds >= 0", value);
      }
      resolved[name] = value || Infinity;
    } else {
      const allowed = Number.isInteger(value) || value === otherwise;
      if (!allowed || value < least) {
        throw outOfRange(name, `an integer >= ${least}`, value);
      }
      resolved[name] = value;
    }
  }
  return resolved as Record<NumberOption, number>;
}

function outOfRange(name: string, rule: string, value: unknown): RangeError {
  return new RangeError(
    `Cannot create client as "${name}" must be ${rule}: current value is ${
      quote(value)
    }`,
  );
}
