/**
 * The declaration of a command: one place for everything that dispatching,
 * COMMAND, ACL and persistence need to know about it.
 *
 * @module
 */

import {
  type Begin,
  CATALOGUE,
  type Facts,
  type KeySpec,
} from "./catalogue.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import type { Database } from "../keyspace/database.ts";
import type { Host } from "../keyspace/host.ts";

/** The session that runs a command. Rooms above extend it. */
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

/** A command, or the sub-command of one. */
export interface CommandSpec<C extends Call = Call> {
  /** The name in upper case; for a sub-command its own word only. */
  readonly name: string;
  /** The indexes of its keys, where the key specifications cannot find them. */
  readonly keys?: (args: readonly string[]) => number[];
  /** Executes the command. Absent for a container that only has sub-commands. */
  run?(call: C, args: string[]): void;
  /**
   * The flags of a call, for a command whose flags depend on its arguments: a script
   * may declare that it does not write. `null` for the command's usual flags.
   */
  flagsOf?(
    core: C["core"],
    args: readonly string[],
    own: ReadonlySet<string>,
  ): ReadonlySet<string> | null;
  /** Its sub-commands. */
  readonly subcommands?: readonly CommandSpec<C>[];
}

/** Flags of key specifications that do not find every key. */
const UNRELIABLE = ["variable_flags", "incomplete"];

/** Commands that CLIENT PAUSE WRITE holds although they lack the flag `write`. */
const MAY_REPLICATE = new Set(
  ["eval", "evalsha", "fcall", "pfcount", "publish", "spublish"],
);

/** A key among the arguments, and its use. */
export interface KeyUse {
  /** Its index among the arguments. */
  readonly at: number;
  /** As COMMAND GETKEYSANDFLAGS shows it: `RW access update`. */
  readonly flags: string;
}

/** A command in the form for lookups: flags as booleans, full name. */
export class Command {
  /** The declaration. */
  readonly spec: CommandSpec;
  /** The name in lower case; for a sub-command `container|sub`. */
  readonly name: string;
  /** The facts of COMMAND and COMMAND DOCS. */
  readonly facts: Facts;
  /** The flags. */
  readonly flags: ReadonlySet<string>;
  /** The categories of ACL rules. */
  readonly categories: ReadonlySet<string>;
  /** The specifications of its keys, without those for channels. */
  readonly #keySpecs: readonly KeySpec[];
  /** Whether it may change data. */
  readonly writes: boolean;
  /** Whether it only reads data. */
  readonly reads: boolean;
  /** Whether it takes little time, whatever it finds. */
  readonly isShort: boolean;
  /** Whether CLIENT PAUSE WRITE holds it though it is not flagged `write`. */
  readonly mayReplicate: boolean;
  /** The sub-commands by name in upper case. */
  readonly subcommands: ReadonlyMap<string, Command> | null;
  /** How often it was called. */
  calls = 0;
  /** The total time of its calls, in microseconds. */
  usec = 0;
  /** A histogram: the number of calls up to 1, 2, 4, 8 … microseconds. */
  readonly durations = new Uint32Array(32);
  /** How often it was refused before it ran. */
  rejected = 0;
  /** How often it replied with an error. */
  failed = 0;

  /** Makes it from its declaration. */
  constructor(spec: CommandSpec, container?: CommandSpec) {
    this.spec = spec;
    this.name = (container ? `${container.name}|${spec.name}` : spec.name)
      .toLowerCase();
    const facts = CATALOGUE.get(this.name);
    if (facts === undefined) {
      throw new TypeError(
        `Cannot make the command "${this.name}": the table of commands does not have it`,
      );
    }
    this.facts = facts;
    this.flags = new Set(facts.flags);
    this.categories = new Set(facts.categories);
    this.writes = this.flags.has("write");
    this.reads = this.flags.has("readonly");
    // Redis does not flag SET as fast: it may have to free a large value.
    this.isShort = this.flags.has("fast") || this.name === "set";
    this.mayReplicate = MAY_REPLICATE.has(this.name);
    this.#keySpecs = facts.keySpecs.filter(({ flags }) =>
      !flags.includes("not_key")
    );
    this.subcommands = spec.subcommands === undefined ? null : new Map(
      spec.subcommands.map((sub) => [sub.name, new Command(sub, spec)]),
    );
  }

  /** The flags of a call with these arguments. */
  flagsFor(core: Host, args: readonly string[]): ReadonlySet<string> {
    return this.spec.flagsOf?.(core, args, this.flags) ?? this.flags;
  }

  /** Counts calls that took so many microseconds together. */
  count(usec: number, calls: number, tracked: boolean): void {
    this.calls += calls;
    this.usec += usec;
    if (!tracked) return;
    const each = Math.max(0, Math.ceil(usec / calls) - 1);
    this.durations[32 - Math.clz32(each)]! += calls;
  }

  /** Resets its counters. */
  forgetCalls(): void {
    this.calls =
      this.usec =
      this.rejected =
      this.failed =
        0;
    this.durations.fill(0);
  }

  /** Whether it accepts this number of arguments, its name included. */
  takes(count: number): boolean {
    const { arity } = this.facts;
    return arity >= 0 ? count === arity : count >= -arity;
  }

  /** Whether it can have keys. */
  get hasKeys(): boolean {
    return this.#keySpecs.length > 0;
  }

  /** The indexes of the keys among the arguments. */
  keysOf(args: readonly string[]): number[] {
    return this.spec.keys?.(args) ??
      this.#keySpecs.flatMap((spec) => placesOf(spec, args));
  }

  /** The keys among the arguments, and the use of each. */
  keysWithFlags(args: readonly string[]): KeyUse[] {
    const flagsAt = new Map<number, string>();
    let reliable = this.hasKeys;
    for (const spec of this.#keySpecs) {
      if (
        UNRELIABLE.some((flag) => spec.flags.includes(flag)) ||
        spec.begin.type === "unknown"
      ) reliable = false;
      for (const at of placesOf(spec, args)) {
        flagsAt.set(at, usedAs(this.name, spec, args));
      }
    }
    if (reliable) return Array.from(flagsAt, ([at, flags]) => ({ at, flags }));
    const others = this.#keySpecs.at(-1)?.flags.join(" ") ?? "RW access update";
    return this.keysOf(args).map((at) => ({
      at,
      flags: flagsAt.get(at) ?? others,
    }));
  }
}

/** The indexes that a key specification selects. */
function placesOf(
  { begin, find }: KeySpec,
  args: readonly string[],
): number[] {
  const start = beginOf(begin, args);
  if (start === null || find.type === "unknown") return [];
  let first = start;
  let last: number;
  if (find.type === "keynum") {
    const count = Number(args[start + find.keynumidx]);
    first += find.firstkey;
    last = first + (count - 1) * find.keystep;
  } else {
    const { lastkey, limit } = find;
    last = lastkey < 0 ? args.length + lastkey : start + lastkey;
    // A limit of n selects the first 1/n of the remaining arguments.
    if (lastkey < 0 && limit > 1) {
      last = first + Math.floor((last - first + 1) / limit) - 1;
    }
  }
  const places: number[] = [];
  for (let at = first; at <= last && at < args.length; at += find.keystep) {
    places.push(at);
  }
  return places;
}

/** The index of the first key; `null` when there is none. */
function beginOf(begin: Begin, args: readonly string[]): number | null {
  switch (begin.type) {
    case "index":
      return begin.index;
    case "unknown":
      return null;
  }
  const { keyword, startfrom } = begin;
  const step = startfrom < 0 ? -1 : 1;
  let at = startfrom < 0 ? args.length + startfrom : startfrom;
  while (at > 0 && at < args.length && args[at]!.toUpperCase() !== keyword) {
    at += step;
  }
  return at <= 0 || at >= args.length ? null : at + 1;
}

/** How a call uses its key: with `variable_flags` that depends on its options. */
function usedAs(
  name: string,
  { flags }: KeySpec,
  args: readonly string[],
): string {
  if (!flags.includes("variable_flags")) return flags.join(" ");
  const words = args.slice(2).map((arg) => arg.toUpperCase());
  if (name === "set") {
    return words.slice(1).includes("GET") ? "RW access update" : "OW update";
  }
  return words.includes("SET") || words.includes("INCRBY")
    ? "RW access update"
    : "RO access";
}
