/**
 * Every command that a server executes, as it does.
 *
 * @see https://redis.io/docs/latest/commands/monitor/
 * @module
 */

import { UnexpectedReplyError } from "../errors.ts";
import { decodeText } from "../resp/bytes.ts";

/** One command that the server executed. */
export interface MonitorEntry {
  /** When, in milliseconds since 1970, exact to the microsecond. */
  readonly time: number;
  /** In which database. */
  readonly db: number;
  /** Whose command: an address, `unix:` with a path, or `lua`. */
  readonly client: string;
  /** The command's word and its arguments; bytes that are no UTF-8 are U+FFFD. */
  readonly args: readonly string[];
}

const LINE = /^(\d+\.\d+) \[(\d+) ([^\]]*)\] (.*)$/s;
const ARGUMENT = /"((?:[^"\\]|\\.)*)"/gs;
const ESCAPE = /\\(?:x([0-9a-f]{2})|(.))/gis;
const LETTERS: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
};

/** Reads a line such as `1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`. */
export function parseMonitorLine(line: string): MonitorEntry {
  const match = LINE.exec(line);
  if (match === null) throw new UnexpectedReplyError("a MONITOR line", line);
  const [, time = "", db = "", client = "", rest = ""] = match;
  const args = Array.from(rest.matchAll(ARGUMENT), ([, text = ""]) => {
    // Each \xff is a byte; together they are UTF-8.
    const latin1 = text.replace(
      ESCAPE,
      (_, hex: string | undefined, letter: string) =>
        hex === undefined
          ? LETTERS[letter] ?? letter
          : String.fromCharCode(parseInt(hex, 16)),
    );
    return decodeText(Uint8Array.from(latin1, (c) => c.charCodeAt(0)));
  });
  return { time: Number(time) * 1000, db: Number(db), client, args };
}
