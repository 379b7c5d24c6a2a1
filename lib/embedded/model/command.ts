/**
 * How a command of the server is declared: once, with all that dispatching,
 * COMMAND, ACL and persistence need to know of it.
 *
 * @module
 */

import { CATALOGUE, type KeySpec } from "./catalogue.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import type { Database } from "../keyspace/database.ts";
import type { Host } from "../keyspace/host.ts";

/** What a command runs on: a session. Rooms above know more of it than is said here. */
export interface Call {
  /** The selected database. */
  readonly db: Database;
  /** Where the reply is written. */
  readonly reply: ReplyEncoder;
  /** The server. */
  readonly core: Host;
}

/** Executes a command: checks its arguments, changes data, writes one reply. */
export type Run<C extends Call = Call> = (call: C, args: string[]) => void;

/** The families that COMMAND DOCS groups commands by. */
export type Group =
  | "string"
  | "list"
  | "set"
  | "sorted-set"
  | "hash"
  | "stream"
  | "bitmap"
  | "hyperloglog"
  | "geo"
  | "generic"
  | "pubsub"
  | "transactions"
  | "connection"
  | "server"
  | "scripting"
  | "cluster";

/**
 * Where the keys are among the arguments: first, last (negative: from the end)
 * and step, as COMMAND INFO tells them; or a function that finds their places.
 */
export type Keys =
  | readonly [first: number, last: number, step: number]
  | ((args: readonly string[]) => number[]);

/** A command, or the sub-command of one. */
export interface CommandSpec<C extends Call = Call> {
  /** The name in upper case; of a sub-command its own word only. */
  readonly name: string;
  /** The number of arguments, the name included; negative: at least so many. */
  readonly arity: number;
  /** Redis's flags, separated by blanks: `"write denyoom fast"`. */
  readonly flags: string;
  /** Where its keys are; left out when it has none. */
  readonly keys?: Keys;
  /** What it is about. */
  readonly group: Group;
  /** The Redis version that brought it. */
  readonly since: string;
  /** One sentence, for COMMAND DOCS. */
  readonly summary: string;
  /** What it does; a container without own work has sub-commands only. */
  run?(call: C, args: string[]): void;
  /**
   * Of a command whose flags depend on its arguments, as a script may say that it
   * changes nothing: the flags that count. `null` for those above.
   */
  flagsOf?(
    core: C["core"],
    args: readonly string[],
  ): ReadonlySet<string> | null;
  /** Its sub-commands. */
  readonly subcommands?: readonly CommandSpec<C>[];
}

/** The category of a group's commands, where it has one. */
const CATEGORIES: Partial<Record<Group, string>> = {
  "string": "string",
  "list": "list",
  "set": "set",
  "sorted-set": "sortedset",
  "hash": "hash",
  "stream": "stream",
  "bitmap": "bitmap",
  "hyperloglog": "hyperloglog",
  "geo": "geo",
  "generic": "keyspace",
  "connection": "connection",
  "transactions": "transaction",
  "scripting": "scripting",
};

/** Key specs that do not tell everything. */
const UNRELIABLE = /variable_flags|incomplete/;

/** A key among the arguments, and what is done with it. */
export interface KeyUse {
  /** Its place. */
  readonly at: number;
  /** As COMMAND GETKEYSANDFLAGS shows it: `RW access update`. */
  readonly flags: string;
}

/** A command as it is looked up: flags as booleans, names joined. */
export class Command {
  /** What was declared. */
  readonly spec: CommandSpec;
  /** The name in lower case; of a sub-command `container|sub`. */
  readonly name: string;
  /** The flags. */
  readonly flags: ReadonlySet<string>;
  /** The categories of ACL rules, in the order of ACL CAT. */
  readonly categories: ReadonlySet<string>;
  /** Which keys it uses how. */
  readonly keySpecs: readonly KeySpec[];
  /** Whether it may change data. */
  readonly writes: boolean;
  /** Whether it only reads data. */
  readonly reads: boolean;
  /** The sub-commands by name in upper case. */
  readonly subcommands: ReadonlyMap<string, Command> | null;
  /** How often it was called. */
  calls = 0;
  /** How long that took, in microseconds. */
  usec = 0;
  /** How often it took up to 1, 2, 4, 8 … microseconds. */
  readonly durations = new Uint32Array(32);
  /** How often it was refused before it was called. */
  rejected = 0;
  /** How often it answered with an error. */
  failed = 0;

  /** Makes it of its declaration. */
  constructor(spec: CommandSpec, container?: CommandSpec) {
    this.spec = spec;
    this.name = (container ? `${container.name}|${spec.name}` : spec.name)
      .toLowerCase();
    this.flags = new Set(spec.flags.split(" ").filter((flag) => flag !== ""));
    this.writes = this.flags.has("write");
    this.reads = this.flags.has("readonly");
    this.categories = this.#findCategories();
    this.keySpecs = CATALOGUE.keySpecs.get(this.name) ?? this.#guessKeySpecs();
    this.subcommands = spec.subcommands === undefined ? null : new Map(
      spec.subcommands.map((sub) => [sub.name, new Command(sub, spec)]),
    );
  }

  #findCategories(): Set<string> {
    const { flags } = this;
    const { group, subcommands } = this.spec;
    const found = new Set<string>();
    if (flags.has("write")) found.add("write");
    if (flags.has("readonly") && group !== "scripting") found.add("read");
    if (flags.has("admin")) found.add("admin").add("dangerous");
    if (flags.has("pubsub")) found.add("pubsub");
    if (flags.has("blocking")) found.add("blocking");
    found.add(flags.has("fast") ? "fast" : "slow");
    const category = CATEGORIES[group];
    // A container by itself does nothing.
    if (category !== undefined && subcommands === undefined) {
      found.add(category);
    }
    for (const more of CATALOGUE.categories.get(this.name) ?? []) {
      if (more.startsWith("-")) found.delete(more.slice(1));
      else found.add(more);
    }
    return found;
  }

  /** Of commands that came after 7.0. */
  #guessKeySpecs(): KeySpec[] {
    const { keys } = this.spec;
    if (keys === undefined || typeof keys === "function") return [];
    const [first, last, step] = keys;
    return [{
      flags: this.writes ? "RW update" : "RO access",
      begin: `index ${first}`,
      find: `range ${last < 0 ? last : last - first} ${step} 0`,
      notes: undefined,
    }];
  }

  /** Counts a call that took so many microseconds. */
  count(usec: number, tracked: boolean): void {
    this.calls++;
    this.usec += usec;
    if (!tracked) return;
    this.durations[32 - Math.clz32(Math.max(0, Math.ceil(usec) - 1))]!++;
  }

  /** Begins to count anew. */
  forgetCalls(): void {
    this.calls =
      this.usec =
      this.rejected =
      this.failed =
        0;
    this.durations.fill(0);
  }

  /** Whether it takes so many arguments, its name included. */
  takes(count: number): boolean {
    const { arity } = this.spec;
    return arity >= 0 ? count === arity : count >= -arity;
  }

  /** The places of the keys among the arguments. */
  keysOf(args: readonly string[]): number[] {
    const { keys } = this.spec;
    if (keys === undefined) return [];
    if (typeof keys === "function") return keys(args);
    const [first, last, step] = keys;
    const end = last < 0 ? args.length + last : last;
    const places: number[] = [];
    for (let i = first; i <= end && i < args.length; i += step) places.push(i);
    return places;
  }

  /** The keys among the arguments, and what is done with each. */
  keysWithFlags(args: readonly string[]): KeyUse[] {
    const flagsAt = new Map<number, string>();
    let reliable = this.keySpecs.length > 0;
    for (const spec of this.keySpecs) {
      if (UNRELIABLE.test(spec.flags) || spec.begin === "unknown") {
        reliable = false;
      }
      for (const at of placesOf(spec, args)) {
        flagsAt.set(at, usedAs(this.name, spec, args));
      }
    }
    if (reliable) return Array.from(flagsAt, ([at, flags]) => ({ at, flags }));
    const others = this.keySpecs.at(-1)?.flags ?? "RW access update";
    return this.keysOf(args).map((at) => ({
      at,
      flags: flagsAt.get(at) ?? others,
    }));
  }
}

/** The places that a key spec leads to. */
function placesOf(
  { begin, find }: KeySpec,
  args: readonly string[],
): number[] {
  const [how, where, from] = begin.split(" ");
  let first = Number(where);
  if (how === "keyword") {
    const start = Number(from);
    const step = start < 0 ? -1 : 1;
    let at = start < 0 ? args.length + start : start;
    while (at > 0 && at < args.length && args[at]!.toUpperCase() !== where) {
      at += step;
    }
    if (at <= 0 || at >= args.length) return [];
    first = at + 1;
  } else if (how !== "index") return [];
  const [way, ...numbers] = find.split(" ");
  const [a, b, c] = numbers.map(Number) as [number, number, number];
  let last = first + a;
  let step = b;
  if (way === "keynum") {
    const count = Number(args[first + a]);
    first += b;
    step = c;
    last = first + (count - 1) * step;
  } else if (a < 0) {
    last = args.length + a;
    // A limit of n: the first 1/n of what is left.
    if (c > 1) last = first + Math.floor((last - first + 1) / c) - 1;
  }
  const places: number[] = [];
  for (let at = first; at <= last && at < args.length; at += step) {
    places.push(at);
  }
  return places;
}

/** What a call does with its key, where that depends on its options. */
function usedAs(
  name: string,
  { flags }: KeySpec,
  args: readonly string[],
): string {
  if (!flags.includes("variable_flags")) return flags;
  const words = args.slice(2).map((arg) => arg.toUpperCase());
  if (name === "set") {
    return words.slice(1).includes("GET") ? "RW access update" : "OW update";
  }
  return words.includes("SET") || words.includes("INCRBY")
    ? "RW access update"
    : "RO access";
}

/** The keys that follow their number at `args[at]`, and others before it. */
export function numbered(at: number, ...others: number[]): Keys {
  return (args) => {
    const count = Number(args[at]);
    const places = [...others];
    for (let i = 0; i < count && at + 1 + i < args.length; i++) {
      places.push(at + 1 + i);
    }
    return places;
  };
}
