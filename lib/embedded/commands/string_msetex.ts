/**
 * MSETEX: sets several strings with one expiry and one condition.
 *
 * @module
 */

import type { Session } from "./host.ts";
import { err } from "../base/errors.ts";
import { toRange } from "../base/numbers.ts";
import { StringValue } from "../values/string.ts";
import { readExpiry, readExpiryOptions } from "./expiry.ts";

const WORDS = ["NX", "XX", "KEEPTTL"];

/** Sets `count` keys; none of them if NX or XX fails for any. */
export function mSetEx(session: Session, args: string[]): void {
  const { db, reply } = session;
  const count = toRange(
    args[1]!,
    1,
    2 ** 31 - 1,
    () => err("invalid numkeys value"),
  );
  const end = 2 + count * 2;
  if (end > args.length) throw err("wrong number of key-value pairs");
  const pairs: [key: string, text: string][] = [];
  for (let i = 2; i < end; i += 2) pairs.push([args[i]!, args[i + 1]!]);
  const { words, time } = readExpiryOptions(args, end, WORDS);
  const at = time && readExpiry(session, ...time, "msetex");
  const isWrong = words.has("NX")
    ? (key: string) => db.peek(key) !== undefined
    : (key: string) => words.has("XX") && db.peek(key) === undefined;
  if (pairs.some(([key]) => isWrong(key))) return reply.integer(0);
  // Each pair is saved as a SET, which servers without MSETEX know, too.
  session.rewrite(null);
  const keeps = words.has("KEEPTTL");
  for (const [key, text] of pairs) {
    if (keeps) db.replace(key, new StringValue(text));
    else db.set(key, new StringValue(text), at);
    session.notify("$", "set", key);
    if (at !== undefined) session.notify("g", "expire", key);
    const saved = keeps
      ? ["KEEPTTL"]
      : at === undefined
      ? []
      : ["PXAT", String(at)];
    session.core.propagate(db, ["SET", key, text, ...saved]);
  }
  reply.integer(1);
}
