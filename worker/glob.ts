/**
 * Patterns of keys and channels: `*` for anything, `?` for one character, `\`
 * before one of these that is meant itself.
 *
 * The server's classes, `[ab]`, are not known here. A regular expression is not
 * used, as one with several `*` may take a time that grows with a power of the
 * length of a key.
 *
 * @module
 */

/** One character, or `undefined` for any. */
interface Unit {
  readonly is: string | undefined;
  /** Whether any number of characters may stand before it. */
  readonly free: boolean;
}

/** A pattern that was read. */
export interface Glob {
  /** As it was written. */
  readonly source: string;
  /** Whether it matches the whole text. */
  matches(text: string): boolean;
}

/** Reads a pattern; `undefined` when it has a class. */
export function glob(source: string): Glob | undefined {
  if (/(?<!\\)(\\\\)*\[/.test(source)) return undefined;
  const prefix = /^[^*?\\]*(?=\*$)/.exec(source)?.[0];
  if (prefix !== undefined) {
    return { source, matches: (text) => text.startsWith(prefix) };
  }
  const units: Unit[] = [];
  let free = false;
  for (let i = 0; i < source.length; i++) {
    const is = source[i]!;
    if (is === "*") {
      free = true;
      continue;
    }
    units.push(
      is === "?"
        ? { is: undefined, free }
        : { is: is === "\\" ? source[++i] ?? is : is, free },
    );
    free = false;
  }
  return { source, matches: (text) => fits(units, free, text) };
}

/** Whether the units cover the text; `free` says that anything may follow them. */
function fits(units: readonly Unit[], free: boolean, text: string): boolean {
  let unit = 0;
  // Where to go on when the units behind the last `*` do not fit: one further.
  let again = -1;
  let from = 0;
  for (let i = 0; i < text.length;) {
    if (units[unit]?.free && again !== unit) {
      again = unit;
      from = i;
    }
    const { is } = units[unit] ?? {};
    if (unit < units.length && (is === undefined || is === text[i])) {
      unit++;
      i++;
    } else if (unit === units.length && free) {
      return true;
    } else if (again >= 0) {
      unit = again;
      i = ++from;
    } else {
      return false;
    }
  }
  return unit === units.length;
}
