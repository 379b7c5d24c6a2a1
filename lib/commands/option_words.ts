/**
 * Options of commands -> words, and the errors for options that a command does
 * not have.
 *
 * An option has the command's own word as its name, in lower case: `{ ex: 60 }`
 * is `EX 60`. A word with `_` or `-` inside is written in camel case, as the
 * methods are: `{ chunkSize: 128 }` is `CHUNK_SIZE 128`.
 *
 * Each command lists its options in the order in which they are sent, separated
 * by blanks. A `|` separates options that exclude each other. What stands behind
 * a name says what follows the word:
 *
 * - nothing: a value, or an array of values.
 * - `!`: nothing. The option is `true` or left out.
 * - `?`: nothing for `true`, or an array of values.
 * - `^`: a word of the command, sent in upper case.
 * - `*`: a value or values, and the word again for each further element of an
 *   array.
 * - `@`: a point in time.
 * - `-`: a value; the word has `-` where others have `_`.
 *
 * @module
 */

import { isOptions, misuse, quote } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";

/**
 * A point in time: a Unix time in the unit of the option, a `Date`, or what has
 * `epochMilliseconds`, as `Temporal.Instant`.
 */
export type PointInTime = number | Date | {
  /** Milliseconds since 1970. */
  readonly epochMilliseconds: number;
};

interface OptionWord {
  readonly name: string;
  readonly word: string;
  readonly kind: string;
  /** The names of the options that exclude each other, this one among them. */
  readonly group: readonly string[];
}

const tables = new Map<string, readonly OptionWord[]>();

function read(table: string): readonly OptionWord[] {
  let known = tables.get(table);
  if (known === undefined) {
    known = table.split(" ").flatMap((part) => {
      const group = part.match(/\w+/g) ?? [];
      return Array.from(part.matchAll(/(\w+)(\W?)/g), ([, name = "", kind]) => {
        const gap = kind === "-" ? "-$&" : "_$&";
        const word = name.replace(/[A-Z]/g, gap).toUpperCase();
        return { name, word, kind: kind!, group };
      });
    });
    tables.set(table, known);
  }
  return known;
}

/**
 * Adds the options that `table` lists, in its order. Throws a `TypeError` when
 * `options` has others than those of `table` and `elsewhere`: the options that
 * the command adds in another place.
 */
export function addOptions(
  words: Arg[],
  options: object | undefined,
  table: string,
  elsewhere = "",
): Arg[] {
  if (options === undefined) return words;
  const known = read(table);
  check(words[0], options, known, elsewhere);
  let given: OptionWord | undefined;
  for (const option of known) {
    const value = (options as Record<string, unknown>)[option.name];
    if (value === undefined || value === false) continue;
    if (option.group === given?.group) {
      const names = option.group.join(", ");
      throw new TypeError(`${words[0]} takes only one option of ${names}`);
    }
    given = option;
    addOption(words, option, value);
  }
  return words;
}

function addOption(
  words: Arg[],
  { name, word, kind }: OptionWord,
  value: unknown,
): void {
  const isTrue = value === true;
  if (kind !== "?" && isTrue !== (kind === "!") || value === null) {
    const rule = kind === "!" ? "is true or left out" : "needs a value";
    throw new TypeError(
      `${words[0]} option "${name}" ${rule}: ${quote(value)}`,
    );
  }
  const repeated = kind === "*" && Array.isArray(value) ? value : [value];
  for (const one of repeated) {
    words.push(word);
    if (kind === "@") {
      words.push(unixTime(one as PointInTime, name === "exat" ? 1000 : 1));
    } else if (Array.isArray(one)) { for (const part of one) words.push(part); }
    else if (isLimit(one)) words.push(one.offset, one.count);
    else if (kind === "^") words.push(String(one).toUpperCase());
    else if (!isTrue) words.push(one as Arg);
  }
}

function isLimit(value: unknown): value is { offset: number; count: number } {
  return typeof value === "object" && "offset" in value! && "count" in value;
}

/** A point in time as a Unix time, in units of this many milliseconds. */
export function unixTime(time: PointInTime, unit: 1 | 1000): number {
  if (typeof time !== "object" || time === null) return time;
  const at = time instanceof Date ? time.getTime() : time.epochMilliseconds;
  return Math.floor(at / unit);
}

/** Throws a `TypeError` when `options` has others than those of `table`. */
export function checkOptions(
  name: string,
  options: object | undefined,
  table: string,
): void {
  if (options !== undefined) check(name, options, read(table), "");
}

/**
 * The options with changes that `change` makes of them. What is not an object
 * stays as it is: {@linkcode addOptions} refuses it.
 */
export function amend<O extends object>(
  options: O | undefined,
  change: (options: O) => object,
): object | undefined {
  return isOptions(options) ? { ...options, ...change(options) } : options;
}

function check(
  command: unknown,
  options: object,
  own: readonly OptionWord[],
  elsewhere: string,
): void {
  const known = elsewhere === "" ? own : [...own, ...read(elsewhere)];
  if (!isOptions(options)) {
    // Words in a row, as other clients have them, or a callback.
    const { name, kind } = alike(String(options), known) ??
      known.find(({ name }) => name === "ex") ?? known[0]!;
    throw new TypeError(
      `${command} takes its options as an object, such as ` +
        `{ ${name}: ${kind === "!" ? "true" : "value"} }: ` +
        `current value is ${quote(options)}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (known.some((option) => option.name === name)) {
      if (name === "signal") checkSignal(command, value);
      continue;
    }
    const right = alike(name, known);
    throw new TypeError(
      `${command} has no option ${quote(name)}: ` +
        (right === undefined
          ? `it has ${known.map(({ name }) => name).join(", ")}`
          : `use "${right.name}"`),
    );
  }
}

function checkSignal(command: unknown, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw misuse(`call ${command}`, '"signal" must be an AbortSignal', signal);
}

function alike(
  name: string,
  known: readonly OptionWord[],
): OptionWord | undefined {
  const plain = (text: string) => text.replace(/[-_ ]/g, "").toLowerCase();
  return known.find((option) => plain(option.name) === plain(name));
}
