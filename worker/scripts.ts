/**
 * Scripts for the hosted service of this convention, on any server.
 *
 * `@upstash/ratelimit` begins its scripts with `#!lua flags=allow-key-locking`.
 * Only Upstash's server knows that flag; Redis refuses the script. So the gateway
 * sends the script without the flag. The client computes the digest of the text
 * with the flag: the gateway remembers which digest the server has for it.
 *
 * @see https://redis.io/docs/latest/develop/programmability/lua-api/
 * @module
 */

import { upper } from "../lib/connection/words.ts";
import { encodeText } from "../lib/resp/bytes.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { textOf } from "./categories.ts";

const FLAG = "allow-key-locking";
/** The digests of this many scripts are remembered. */
const MAX_DIGESTS = 1_000;

/** The server's digest by the client's; the oldest are first. */
const digests = new Map<string, string>();

/** A command for the server, and the answer for the client. */
export interface Translated {
  readonly args: Arg[];
  /** The client's digest of the script, which it gets instead of the server's. */
  readonly answer?: string;
}

/** Translates the command of a script. Other commands stay as they are, at no cost. */
export function translateScript(
  args: Arg[],
): Translated | Promise<Translated> {
  // Compared by length first: most commands are no scripts.
  const word = args[0];
  if (word === undefined || (word as string).length < 4) return { args };
  switch (upper(word)) {
    case "EVAL":
    case "EVAL_RO":
      return translateText(args, 1);
    case "SCRIPT":
      return translateScriptCommand(args);
    case "EVALSHA":
    case "EVALSHA_RO":
      return { args: args.with(1, serverDigest(args[1])) };
    default:
      return { args };
  }
}

function translateScriptCommand(
  args: Arg[],
): Translated | Promise<Translated> {
  switch (upper(args[1])) {
    case "LOAD":
      return translateText(args, 2, true);
    case "EXISTS":
      return {
        args: args.map((arg, i) => i < 2 ? arg : serverDigest(arg)),
      };
    default:
      return { args };
  }
}

function serverDigest(digest: Arg | undefined): Arg {
  if (digests.size === 0 || digest === undefined) return digest ?? "";
  return digests.get(textOf(digest).toLowerCase()) ?? digest;
}

/** Sends the script at `at` without the flag, and remembers its digests. */
async function translateText(
  args: Arg[],
  at: number,
  answersDigest = false,
): Promise<Translated> {
  const text = textOf(args[at]);
  const plain = withoutFlag(text);
  if (plain === undefined) return { args };
  const [asked, sent] = await Promise.all([sha1(text), sha1(plain)]);
  digests.delete(asked);
  digests.set(asked, sent);
  const [oldest] = digests.keys();
  if (digests.size > MAX_DIGESTS) digests.delete(oldest!);
  const translated = args.with(at, plain);
  return answersDigest
    ? { args: translated, answer: asked }
    : { args: translated };
}

/** The script without the flag; `undefined` when it has none. Its lines keep their numbers. */
export function withoutFlag(script: string): string | undefined {
  const [, engine, list] = /^#!(\w+) +flags=([\w,-]+) *$/m.exec(
    script.split("\n", 1)[0]!.trimEnd(),
  ) ?? [];
  const flags = list?.split(",");
  if (!flags?.includes(FLAG)) return undefined;
  const kept = flags.filter((flag) => flag !== FLAG).join();
  const rest = script.slice(script.indexOf("\n") >>> 0);
  // Servers before 7.0, and the embedded one, do not know such a line at all.
  return (kept === "" ? "" : `#!${engine} flags=${kept}`) + rest;
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", encodeText(text));
  return new Uint8Array(digest).toHex();
}
