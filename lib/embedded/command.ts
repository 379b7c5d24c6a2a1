/**
 * How a command of the server is declared: once, with all that dispatching,
 * COMMAND, ACL and persistence need to know of it.
 *
 * @module
 */

import type { Session } from "./session.ts";

/** Executes a command: checks its arguments, changes data, writes one reply. */
export type Run = (session: Session, args: string[]) => void;

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
export interface CommandSpec {
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
  readonly run?: Run;
  /** Its sub-commands. */
  readonly subcommands?: readonly CommandSpec[];
}

/** A command as it is looked up: flags as booleans, names joined. */
export class Command {
  /** What was declared. */
  readonly spec: CommandSpec;
  /** The name in lower case; of a sub-command `container|sub`. */
  readonly name: string;
  /** The flags. */
  readonly flags: ReadonlySet<string>;
  /** Whether it may change data. */
  readonly writes: boolean;
  /** The sub-commands by name in upper case. */
  readonly subcommands: ReadonlyMap<string, Command> | null;

  /** Makes it of its declaration. */
  constructor(spec: CommandSpec, container?: CommandSpec) {
    this.spec = spec;
    this.name = (container ? `${container.name}|${spec.name}` : spec.name)
      .toLowerCase();
    this.flags = new Set(spec.flags.split(" ").filter((flag) => flag !== ""));
    this.writes = this.flags.has("write");
    this.subcommands = spec.subcommands === undefined ? null : new Map(
      spec.subcommands.map((sub) => [sub.name, new Command(sub, spec)]),
    );
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
