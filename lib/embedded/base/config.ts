/**
 * The parameters of CONFIG GET and CONFIG SET.
 *
 * Only parameters that have an effect here can be set. Some others that clients
 * ask for are listed with the value that is true of this server.
 *
 * @module
 */

import { err } from "./errors.ts";
import { DEFAULT_ONLY, IGNORED } from "./harmless_settings.ts";
import { parseInteger } from "./numbers.ts";

/** An invalid value; the text is Redis's. */
export class ValueError extends Error {
  /** The name of the error's class. */
  override readonly name: string = "ValueError";
}

/** Checks a value and returns the text that CONFIG GET shows; throws when invalid. */
type Kind = (text: string) => string;

interface Parameter {
  /** The parameter's name; an alias shares the parameter. */
  readonly name: string;
  readonly kind: Kind;
  /** Whether CONFIG SET may change it, or why not: "ignored" has no effect here. */
  readonly change: "allowed" | "immutable" | "ignored";
  /** The default value. */
  readonly usual: string;
  value: string;
}

/** Called with the new value; throws a {@linkcode ValueError} to refuse it. */
export type OnSet = (value: string) => void;

const integer = (least: number, most: number): Kind => (text) => {
  const value = parseInteger(text);
  if (value === null) {
    throw new ValueError("argument couldn't be parsed into an integer");
  }
  if (value < least || value > most) {
    throw new ValueError(
      `argument must be between ${least} and ${most} inclusive`,
    );
  }
  return String(value);
};

const yesOrNo: Kind = (text) => {
  const value = text.toLowerCase();
  if (value === "yes" || value === "no") return value;
  throw new ValueError("argument must be 'yes' or 'no'");
};

const oneOf = (...words: string[]): Kind => (text) => {
  const value = text.toLowerCase();
  if (words.includes(value)) return value;
  throw new ValueError(
    `argument(s) must be one of the following: ${words.join(", ")}`,
  );
};

const text: Kind = (value) => value;

const fileName: Kind = (value) => {
  if (value !== "" && !/[/\\]/.test(value)) return value;
  throw new ValueError("it can't be a path, just a filename");
};

/** Accepts one value only: any other would promise a behaviour this server lacks. */
const onlyDefault = (word: string): Kind => (value) => {
  if (value.toLowerCase() === word.toLowerCase()) return word;
  throw new ValueError(`only "${word}" is supported here`);
};

/** The address of a master: host and port. */
const master: Kind = (text) => {
  if (text === "" || /^\S+ \d{1,5}$/.test(text)) return text;
  throw new ValueError("argument must be a host and a port");
};

const UNITS: Record<string, number> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** Reads a number of bytes such as `100mb`; `null` when invalid. */
function readMemory(text: string): number | null {
  const [, digits, unit] = /^(\d+)([a-z]*)$/i.exec(text) ?? [];
  const size = UNITS[unit?.toLowerCase() ?? "?"];
  return size === undefined ? null : Number(digits) * size;
}

const memory: Kind = (text) => {
  const value = readMemory(text);
  if (value === null) throw new ValueError("argument must be a memory value");
  return String(value);
};

/** The three client classes of `client-output-buffer-limit`. */
export type BufferClass = "normal" | "slave" | "pubsub";

/** Limits of a client's output buffer. */
export interface BufferLimit {
  /** The client is disconnected beyond this many bytes; 0 for no limit. */
  readonly hard: number;
  /** The client is disconnected beyond this many bytes for `seconds`; 0 for no limit. */
  readonly soft: number;
  /** How long `soft` may be exceeded. */
  readonly seconds: number;
}

const LIMITS = "normal 0 0 0 slave 268435456 67108864 60 " +
  "pubsub 33554432 8388608 60";
const POLICIES = [
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "volatile-lrm",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "allkeys-lrm",
  "noeviction",
];
const MOST = 2 ** 31 - 1;

/** The parameters that CONFIG SET changes, with their defaults. */
function parameters(): [name: string, kind: Kind, value: string][] {
  return [
    ["acllog-max-len", integer(0, MOST), "128"],
    ["active-expire-effort", integer(1, 10), "1"],
    ["aof-load-truncated", yesOrNo, "yes"],
    ["appendfsync", oneOf("everysec", "always", "no"), "everysec"],
    ["appendonly", yesOrNo, "no"],
    ["auto-aof-rewrite-min-size", memory, "67108864"],
    ["auto-aof-rewrite-percentage", integer(0, MOST), "100"],
    ["busy-reply-threshold", integer(0, MOST), "5000"],
    ["client-query-buffer-limit", memory, "1073741824"],
    ["dbfilename", fileName, "dump.rdb"],
    ["hash-max-listpack-entries", integer(0, MOST), "512"],
    ["hash-max-listpack-value", integer(0, MOST), "64"],
    ["hz", integer(1, 500), "10"],
    ["key-load-delay", integer(-MOST, MOST), "0"],
    ["latency-monitor-threshold", integer(0, MOST), "0"],
    ["latency-tracking", yesOrNo, "yes"],
    ["lfu-decay-time", integer(0, MOST), "1"],
    ["lfu-log-factor", integer(0, MOST), "10"],
    [
      "loading-process-events-interval-bytes",
      integer(1024, MOST),
      "2097152",
    ],
    ["masterauth", text, ""],
    ["masteruser", text, ""],
    ["maxclients", integer(1, MOST), "10000"],
    ["maxmemory", memory, "0"],
    ["maxmemory-policy", oneOf(...POLICIES), "noeviction"],
    ["maxmemory-samples", integer(1, MOST), "5"],
    ["min-replicas-max-lag", integer(0, MOST), "10"],
    ["min-replicas-to-write", integer(0, MOST), "0"],
    ["proto-max-bulk-len", memory, "536870912"],
    ["protected-mode", yesOrNo, "yes"],
    ["repl-backlog-size", memory, "1048576"],
    ["repl-ping-replica-period", integer(1, MOST), "10"],
    ["repl-timeout", integer(1, MOST), "60"],
    ["replica-announce-ip", text, ""],
    ["replica-announce-port", integer(0, 65535), "0"],
    ["replica-priority", integer(0, MOST), "100"],
    ["replica-read-only", yesOrNo, "yes"],
    ["requirepass", text, ""],
    ["save", text, ""],
    ["set-max-intset-entries", integer(0, MOST), "512"],
    ["set-max-listpack-entries", integer(0, MOST), "128"],
    ["set-max-listpack-value", integer(0, MOST), "64"],
    ["stop-writes-on-bgsave-error", yesOrNo, "yes"],
    ["slowlog-log-slower-than", integer(-1, MOST), "10000"],
    ["slowlog-max-len", integer(0, MOST), "128"],
    ["stream-idmp-duration", integer(1, 86_400), "100"],
    ["stream-idmp-maxsize", integer(1, 10_000), "100"],
    ["stream-node-max-bytes", memory, "4096"],
    ["stream-node-max-entries", integer(0, MOST), "100"],
    ["timeout", integer(0, MOST), "0"],
    ["tracking-table-max-keys", integer(0, MOST), "1000000"],
    ["zset-max-listpack-entries", integer(0, MOST), "128"],
    ["zset-max-listpack-value", integer(0, MOST), "64"],
  ];
}

/** Parameters that can only be set at startup. */
function fixed(): [name: string, kind: Kind, value: string][] {
  return [
    ["appenddirname", fileName, "appendonlydir"],
    ["appendfilename", fileName, "appendonly.aof"],
    ["bind", text, "127.0.0.1"],
    ["databases", integer(1, MOST), "16"],
    ["dir", text, ""],
    ["enable-debug-command", oneOf("no", "yes", "local"), "local"],
    ["port", integer(0, 65535), "6379"],
    ["replicaof", master, ""],
  ];
}

const HIDDEN: ReadonlySet<string> = new Set([
  "key-load-delay",
  "loading-process-events-interval-bytes",
]);

/** Older names of parameters. */
const ALIASES: readonly (readonly [alias: string, name: string])[] = [
  ["hash-max-ziplist-entries", "hash-max-listpack-entries"],
  ["hash-max-ziplist-value", "hash-max-listpack-value"],
  ["lua-time-limit", "busy-reply-threshold"],
  ["list-max-ziplist-size", "list-max-listpack-size"],
  ["zset-max-ziplist-entries", "zset-max-listpack-entries"],
  ["zset-max-ziplist-value", "zset-max-listpack-value"],
  ["cluster-slave-no-failover", "cluster-replica-no-failover"],
  ["cluster-slave-validity-factor", "cluster-replica-validity-factor"],
  ["min-slaves-max-lag", "min-replicas-max-lag"],
  ["min-slaves-to-write", "min-replicas-to-write"],
  ["repl-ping-slave-period", "repl-ping-replica-period"],
  ["slave-announce-ip", "replica-announce-ip"],
  ["slave-announce-port", "replica-announce-port"],
  ["slave-ignore-maxmemory", "replica-ignore-maxmemory"],
  ["slave-lazy-flush", "replica-lazy-flush"],
  ["slave-priority", "replica-priority"],
  ["slave-read-only", "replica-read-only"],
  ["slave-serve-stale-data", "replica-serve-stale-data"],
  ["slaveof", "replicaof"],
];

/** The configuration of a server. */
export class Config {
  /** Output buffer limits by client class. */
  limits: Record<BufferClass, BufferLimit>;
  readonly #parameters = new Map<string, Parameter>();
  readonly #onSet = new Map<string, OnSet>();

  /** Makes a configuration with Redis's defaults. */
  constructor() {
    for (const [name, kind, value] of parameters()) {
      this.#define(name, kind, value, "allowed");
    }
    for (const [name, kind, value] of fixed()) {
      this.#define(name, kind, value, "immutable");
    }
    for (const [name, value] of IGNORED) {
      this.#define(name, text, value, "ignored");
    }
    for (const [name, value] of DEFAULT_ONLY) {
      this.#define(name, onlyDefault(value), value, "ignored");
    }
    const merge: Kind = (value) => this.#mergeLimits(value);
    this.#define("client-output-buffer-limit", merge, LIMITS, "allowed");
    for (const [alias, name] of ALIASES) {
      this.#parameters.set(alias, this.#parameters.get(name)!);
    }
    this.limits = readLimits(LIMITS);
    this.onSet("client-output-buffer-limit", (value) => {
      this.limits = readLimits(value);
    });
  }

  /** The names of all parameters. */
  names(): Iterable<string> {
    return this.#parameters.keys();
  }

  /** Whether CONFIG GET shows a parameter only by its full name. */
  hidden(name: string): boolean {
    return HIDDEN.has(name);
  }

  /** The default value of a parameter. */
  usual(name: string): string {
    return this.#parameters.get(name)!.usual;
  }

  /** The value of a parameter as text. */
  get(name: string): string {
    return this.#parameters.get(name)!.value;
  }

  /** The value of a parameter as a number. */
  number(name: string): number {
    return Number(this.get(name));
  }

  /** The parameter's name for an alias; other names as they are. */
  nameOf(name: string): string {
    return this.#parameters.get(name)?.name ?? name;
  }

  /** Parameters that have no effect here but differ from Redis's default. */
  ignored(): [name: string, value: string][] {
    return IGNORED.map(([name]) => this.#parameters.get(name)!)
      .filter(({ value, usual }) => value !== usual)
      .map(({ name, value }) => [name, value]);
  }

  /** Adds a parameter whose value is stored elsewhere. */
  add(name: string, value: string, onSet: OnSet): void {
    this.#define(name, text, value, "allowed");
    this.onSet(name, onSet);
  }

  #define(
    name: string,
    kind: Kind,
    value: string,
    change: Parameter["change"],
  ): void {
    this.#parameters.set(name, { name, kind, change, value, usual: value });
  }

  /** Sets the listener of a parameter: one per parameter, called on each change. */
  onSet(name: string, onSet: OnSet): void {
    this.#onSet.set(name, onSet);
  }

  /** Sets parameters as CONFIG SET does: all of them, or none. */
  set(pairs: readonly (readonly [name: string, value: string])[]): void {
    const wanted = new Map<string, string>();
    for (const [word] of pairs) {
      if (!this.#parameters.has(word.toLowerCase())) {
        throw err(
          `Unknown option or number of arguments for CONFIG SET - '${word}'`,
        );
      }
    }
    const changes: [Parameter, string][] = [];
    for (const [word, value] of pairs) {
      const name = word.toLowerCase();
      const parameter = this.#parameters.get(name)!;
      try {
        checkChange(parameter, value);
        if (wanted.has(name)) throw new ValueError("duplicate parameter");
        wanted.set(name, value);
        changes.push([parameter, parameter.kind(value)]);
      } catch (error) {
        throw explain(error, name);
      }
    }
    const undo: (() => void)[] = [];
    for (const [parameter, value] of changes) {
      const before = parameter.value;
      try {
        this.#apply(parameter, value);
      } catch (error) {
        for (const back of undo) back();
        throw explain(error, parameter.name);
      }
      undo.unshift(() => this.#apply(parameter, before));
    }
  }

  /** Sets a parameter at startup; immutable ones can be set, too. */
  start(name: string, value: string): void {
    const parameter = this.#parameters.get(name);
    if (parameter === undefined) {
      throw new TypeError(`Cannot configure "${name}": it is not known here`);
    }
    try {
      this.#apply(parameter, parameter.kind(value));
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new TypeError(`Cannot configure "${name}": ${error.message}`);
    }
  }

  /** Stores a value without checks or listeners. */
  note(name: string, value: string): void {
    this.#parameters.get(name)!.value = value;
  }

  #apply(parameter: Parameter, value: string): void {
    this.#onSet.get(parameter.name)?.(value);
    parameter.value = value;
  }

  #mergeLimits(value: string): string {
    const words = value.split(/\s+/).filter((word) => word !== "");
    if (words.length === 0 || words.length % 4 !== 0) {
      throw new ValueError(
        "Wrong number of arguments in buffer limit configuration.",
      );
    }
    const limits = { ...this.limits };
    for (let i = 0; i < words.length; i += 4) {
      const name = words[i]!.toLowerCase();
      const of = name === "replica" ? "slave" : name;
      if (of !== "normal" && of !== "slave" && of !== "pubsub") {
        throw new ValueError(
          "Invalid client class specified in buffer limit configuration.",
        );
      }
      const [hard, soft] = [words[i + 1]!, words[i + 2]!].map(readMemory);
      const seconds = parseInteger(words[i + 3]!);
      if (hard == null || soft == null || seconds === null || seconds < 0) {
        throw new ValueError(
          "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
        );
      }
      limits[of] = { hard, soft, seconds: Number(seconds) };
    }
    return (["normal", "slave", "pubsub"] as const).map((of) =>
      `${of} ${limits[of].hard} ${limits[of].soft} ${limits[of].seconds}`
    ).join(" ");
  }
}

function checkChange({ change, value }: Parameter, wanted: string): void {
  if (change === "immutable") {
    throw new ValueError("can't set immutable config");
  }
  if (change === "ignored" && wanted.toLowerCase() !== value.toLowerCase()) {
    throw new ValueError(`it has no effect here, and stays "${value}"`);
  }
}

function readLimits(value: string): Record<BufferClass, BufferLimit> {
  const words = value.split(" ");
  const limit = (at: number): BufferLimit => {
    const [hard, soft, seconds] = words.slice(at, at + 3).map(Number);
    return { hard: hard!, soft: soft!, seconds: seconds! };
  };
  return { normal: limit(1), slave: limit(5), pubsub: limit(9) };
}

function explain(error: unknown, name: string): unknown {
  if (!(error instanceof ValueError)) return error;
  return err(
    `CONFIG SET failed (possibly related to argument '${name}') - ${error.message}`,
  );
}
