/**
 * Test cases of module commands as data. The tests' server has no modules, except for
 * Search in `search_live_test.ts`, so the replies come from documentation and from
 * the tests of other projects: each fixture names its source.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Commands } from "../../../lib/commands/commands.ts";
import { AS_BYTES, type Readings } from "../../../lib/commands/shapes.ts";
import { Decoder, MORE } from "../../../lib/resp/decoder.ts";
import { Push } from "../../../lib/resp/reply.ts";
import type { Arg, Mode, Reply, Shape } from "../../../lib/resp/reply.ts";

/** A reply as a server writes it. */
export type Wire =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | Double
  | Failure
  | Wire[]
  | Map<string, Wire>
  | Set<Wire>;

/** A RESP3 double. */
export class Double {
  readonly text: string;
  constructor(value: number) {
    this.text = String(value).toLowerCase().replace("infinity", "inf");
  }
}

/** An error inside of a list. */
export class Failure {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** A call of a module command: its arguments and, if a source has them, its replies. */
export interface ModuleCase {
  call: (c: Commands<string>) => Promise<unknown>;
  words: Arg[];
  /** The source of the replies: a page, or a test with repository, file and commit. */
  source?: string;
  /** The reply in both protocols. */
  reply?: Wire;
  /** The reply in RESP2, if RESP3 has another or the source does not say. */
  resp2?: Wire;
  /** The reply in RESP3, if RESP2 has another. */
  resp3?: Wire;
  /** The value that both resolve to. */
  value?: unknown;
}

/** A module: its families, and at least one case for each method. */
export interface Module {
  /** The module's name, as in `redis.json`. */
  name: string;
  /** Its class, and the classes that it extends. */
  families: readonly { readonly prototype: object }[];
  cases: readonly ModuleCase[];
}

/** The number of a module's commands, by how they are tested. */
export interface ModuleCount {
  name: string;
  /** All commands. */
  typed: number;
  /** Commands with a reply from a source. */
  fixtureTested: number;
  /** Commands of which only the arguments are tested. */
  wordsOnly: number;
}

/** Commands whose second word is part of their name. */
const CONTAINERS = new Set([
  "FT.CONFIG",
  "FT.CURSOR",
  "JSON.DEBUG",
  "_FT.DEBUG",
]);

/** The name of the command that is sent. */
export function commandOf(words: readonly Arg[]): string {
  const name = String(words[0]);
  return CONTAINERS.has(name) ? `${name} ${words[1]}` : name;
}

/** Counts the commands of a module. */
export function countOf({ name, cases }: Module): ModuleCount {
  const typed = new Set(cases.map(({ words }) => commandOf(words)));
  const sourced = new Set(
    cases.filter(({ source }) => source !== undefined)
      .map(({ words }) => commandOf(words)),
  );
  return {
    name,
    typed: typed.size,
    fixtureTested: sourced.size,
    wordsOnly: typed.size - sourced.size,
  };
}

/** The documentation page of a command. */
export function page(name: string): string {
  return `https://redis.io/docs/latest/commands/${name}/`;
}

/** A RESP3 double. */
export function d(value: number): Double {
  return new Double(value);
}

/** A RESP3 map. */
export function map(fields: Record<string, Wire>): Map<string, Wire> {
  return new Map(Object.entries(fields));
}

/** Alternating names and values in a list, as in RESP2. */
export function flat(fields: Record<string, Wire>): Wire[] {
  return Object.entries(fields).flat();
}

/** Parses `reply` as a connection would. */
export function read(reply: Wire, protocol: 2 | 3, mode: Mode): Reply {
  const decoder = new Decoder();
  decoder.feed(new TextEncoder().encode(write(reply, protocol)));
  const read = decoder.next(mode);
  assert(read !== MORE && !(read instanceof Push));
  return read;
}

function write(reply: Wire, protocol: 2 | 3): string {
  const part = (reply: Wire) => write(reply, protocol);
  if (typeof reply === "string") {
    return `$${new TextEncoder().encode(reply).length}\r\n${reply}\r\n`;
  }
  if (reply instanceof Uint8Array) return part(new TextDecoder().decode(reply));
  if (typeof reply === "number") return `:${reply}\r\n`;
  if (reply instanceof Failure) return `-${reply.message}\r\n`;
  if (Array.isArray(reply)) {
    return `*${reply.length}\r\n${reply.map(part).join("")}`;
  }
  if (reply === null) return protocol === 2 ? "$-1\r\n" : "_\r\n";
  assert.equal(protocol, 3, "RESP2 has no booleans, doubles, maps and sets");
  if (typeof reply === "boolean") return `#${reply ? "t" : "f"}\r\n`;
  if (reply instanceof Double) return `,${reply.text}\r\n`;
  if (reply instanceof Map) {
    return `%${reply.size}\r\n${[...reply].flat().map(part).join("")}`;
  }
  return `~${reply.size}\r\n${[...reply].map(part).join("")}`;
}

/** Records the reply parser of each command, and reads values as bytes. */
export class ByteRecorder extends Commands<Uint8Array> {
  protected override readonly as: Readings<Uint8Array> = AS_BYTES;
  /** The reply parser of the last command. */
  shape: Shape<unknown> | undefined;

  override send(args: readonly Arg[]): Promise<Reply>;
  override send<T>(
    args: readonly Arg[],
    shape: Shape<T>,
  ): Promise<NoInfer<T>>;
  override send(
    _args: readonly Arg[],
    shape?: Shape<unknown>,
  ): Promise<never> {
    this.shape = shape;
    return new Promise(() => {});
  }
}

/** `value` with bytes as text, and objects as pairs: the same for text and bytes. */
export function levelled(value: unknown): unknown {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(levelled);
  if (typeof value !== "object" || value === null || value instanceof Error) {
    return value;
  }
  const entries = Object.entries(value).map(([name, part]) => [
    name,
    levelled(part),
  ]);
  return Object.getPrototypeOf(value) === null
    ? entries
    : Object.fromEntries(entries);
}
