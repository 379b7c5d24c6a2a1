/**
 * The library `string`, which also provides the methods of strings.
 *
 * @module
 */

import { typeName } from "../convert.ts";
import type { Machine } from "../machine.ts";
import { LuaTable } from "../table.ts";
import {
  calling,
  isTrue,
  NativeFunction,
  type RoutineRun,
  type Value,
} from "../value.ts";
import {
  addRoutines,
  integer,
  library,
  NOTHING,
  optionalInteger,
  text,
  wrongType,
} from "./arguments.ts";
import { format } from "./format.ts";
import { isPlain, Matcher } from "./pattern.ts";

/** Adds `string` to the global variables, and its functions as methods to strings. */
export function openString(m: Machine): void {
  const made = library(FUNCTIONS);
  made.set("gfind", made.get("gmatch"));
  addRoutines(made, { gsub });
  m.globals.set("string", made);
  m.strings.set("__index", made);
}

/** Converts a position that may count from the end (negative). */
function fromStart(at: number, length: number): number {
  return at < 0 ? Math.max(0, at + length + 1) : at;
}

const FUNCTIONS: Readonly<Record<string, NativeFunction["run"]>> = {
  byte(args, m) {
    const s = text(m, args, 0);
    const first = fromStart(optionalInteger(m, args, 1, 1), s.length);
    const last = fromStart(optionalInteger(m, args, 2, first), s.length);
    const codes: Value[] = [];
    const end = Math.min(last, s.length);
    if (end - first >= MAX_CODES) throw m.error("string slice too long");
    for (let i = Math.max(1, first); i <= end; i++) {
      codes.push(s.charCodeAt(i - 1));
    }
    return codes;
  },
  char(args, m) {
    let made = "";
    for (let i = 0; i < args.length; i++) {
      const code = integer(m, args, i);
      if (code < 0 || code > 255) throw m.argumentError(i + 1, "invalid value");
      made += String.fromCharCode(code);
    }
    return made;
  },
  dump(args, m) {
    if (typeName(args[0]) !== "function") {
      throw wrongType(m, args, 0, "function");
    }
    // A dumped function could not be loaded again, so none can be dumped.
    throw m.error("unable to dump given function");
  },
  find: (args, m) => find(args, m, true),
  format,
  gmatch(args, m) {
    const s = text(m, args, 0);
    const matcher = new Matcher(m, s, text(m, args, 1));
    let at = 0;
    return new NativeFunction(() => {
      for (; at <= s.length; at++) {
        const end = matcher.match(at, 0);
        if (end < 0) continue;
        const start = at;
        at = end === start ? end + 1 : end;
        return matcher.captures(start, end);
      }
      return NOTHING;
    });
  },
  len: (args, m) => text(m, args, 0).length,
  lower: (args, m) =>
    text(m, args, 0).replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  match: (args, m) => find(args, m, false),
  rep(args, m) {
    const s = text(m, args, 0);
    const count = Math.max(0, integer(m, args, 1));
    m.charge(s.length * count);
    return s.repeat(s === "" ? 0 : count);
  },
  reverse(args, m) {
    return Array.from(text(m, args, 0)).reverse().join("");
  },
  sub(args, m) {
    const s = text(m, args, 0);
    const first = fromStart(integer(m, args, 1), s.length);
    const last = fromStart(optionalInteger(m, args, 2, -1), s.length);
    return s.slice(Math.max(0, first - 1), last);
  },
  upper: (args, m) =>
    text(m, args, 0).replace(/[a-z]+/g, (part) => part.toUpperCase()),
};

/** The results of `byte` must fit on the stack. */
const MAX_CODES = 8000;

function find(
  args: readonly Value[],
  m: Machine,
  wantsPlace: boolean,
): Value[] {
  const s = text(m, args, 0);
  const pattern = text(m, args, 1);
  const start = fromStart(optionalInteger(m, args, 2, 1), s.length) - 1;
  const from = Math.min(Math.max(0, start), s.length);
  if (wantsPlace && (isTrue(args[3]) || isPlain(pattern))) {
    const at = s.indexOf(pattern, from);
    return at < 0 ? [undefined] : [at + 1, at + pattern.length];
  }
  const isAnchored = pattern[0] === "^";
  const matcher = new Matcher(m, s, pattern);
  for (let at = from; at <= s.length; at++) {
    const end = matcher.match(at, isAnchored ? 1 : 0);
    if (end >= 0) {
      if (!wantsPlace) return matcher.captures(at, end);
      const captures = matcher.captureCount > 0
        ? matcher.captures(at, end)
        : NOTHING;
      return [at + 1, end, ...captures];
    }
    if (isAnchored) break;
  }
  return [undefined];
}

function* gsub(args: Value[], m: Machine): RoutineRun {
  const s = text(m, args, 0);
  const pattern = text(m, args, 1);
  const replacement = args[2];
  const kind = typeName(replacement);
  const most = optionalInteger(m, args, 3, s.length + 1);
  if (!REPLACEMENTS.has(kind)) {
    throw m.argumentError(3, "string/function/table expected");
  }
  const isAnchored = pattern[0] === "^";
  const matcher = new Matcher(m, s, pattern);
  let made = "";
  let at = 0;
  let count = 0;
  while (count < most) {
    const end = matcher.match(at, isAnchored ? 1 : 0);
    if (end >= 0) {
      count++;
      let value: Value;
      if (kind === "string" || kind === "number") {
        value = expand(m, matcher, text(m, args, 2), at, end);
      } else if (replacement instanceof LuaTable) {
        value = yield* lookUp(m, replacement, matcher.capture(0, at, end));
      } else {
        [value] = yield {
          kind: "call",
          callee: replacement,
          args: matcher.captures(at, end),
        };
      }
      if (!isTrue(value)) value = s.slice(at, end);
      else if (typeof value !== "string" && typeof value !== "number") {
        throw m.error(`invalid replacement value (a ${typeName(value)})`);
      }
      made += text(m, [value], 0);
      m.charge(made.length);
    }
    if (end > at) at = end;
    else if (at < s.length) made += s[at++];
    else break;
    if (isAnchored) break;
  }
  return [made + s.slice(at), count];
}

const REPLACEMENTS: ReadonlySet<string> = new Set([
  "string",
  "number",
  "function",
  "table",
]);

/** The replacement text with `%1` and similar replaced by captures. */
function expand(
  m: Machine,
  matcher: Matcher,
  replacement: string,
  start: number,
  end: number,
): string {
  if (!replacement.includes("%")) return replacement;
  let made = "";
  for (let i = 0; i < replacement.length; i++) {
    const char = replacement[i]!;
    if (char !== "%") {
      made += char;
      continue;
    }
    // A `%` at the end escapes the zero byte that terminates the text in C.
    const next = replacement[++i] ?? "\0";
    if (next < "0" || next > "9") made += next;
    else if (next === "0") made += matcher.slice(start, end);
    else made += text(m, [matcher.capture(Number(next) - 1, start, end)], 0);
  }
  return made;
}

/** A field of a table, by its metamethods, too. */
function* lookUp(
  m: Machine,
  holder: LuaTable,
  key: Value,
): Generator<ReturnType<typeof calling>, Value, Value[]> {
  let current: Value = holder;
  for (let i = 0; i < 100; i++) {
    if (current instanceof LuaTable) {
      const value = current.get(key);
      if (value !== undefined) return value;
      if (current.metatable === undefined) return undefined;
    }
    const meta: Value = m.metamethod(current, "__index");
    if (meta === undefined) {
      if (current instanceof LuaTable) return undefined;
      throw m.typeError("index", current);
    }
    if (!(meta instanceof LuaTable || typeof meta === "string")) {
      const [value] = yield calling(meta, current, key);
      return value;
    }
    current = meta;
  }
  throw m.error("loop in gettable");
}
