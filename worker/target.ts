/**
 * The target of a request: path and query, percent-decoded to bytes.
 *
 * `URL` and `URLSearchParams` would decode to text, so that `%FF` becomes U+FFFD.
 * On Cloudflare the path has gone through the platform's URL parser, which drops
 * the segments `.` and `..`, encoded or not: send such an argument in a JSON
 * command.
 *
 * @module
 */

import { encodeText } from "../lib/resp/bytes.ts";
import { badRequest, Refusal } from "./refusal.ts";

/** The path and the query of a request, percent-encoded. */
export interface Target {
  /** The path, below the prefix. */
  readonly path: string;
  /** The query without its question mark. */
  readonly query: string;
}

/** Text that had nothing to decode, or bytes. */
export type Decoded = string | Uint8Array;

/**
 * Splits the target of a request into path and query. Throws a {@linkcode Refusal}
 * when the path is not below `prefix`.
 */
export function targetOf(target: string, prefix = ""): Target {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark + 1);
  if (prefix === "") return { path, query };
  const below = path.slice(prefix.length);
  if (!path.startsWith(prefix) || below !== "" && below[0] !== "/") {
    throw new Refusal(404, "ERR the gateway is not at this path");
  }
  return { path: below, query };
}

/** Whether the path is that of a stream or a WebSocket. */
export function isStream({ path }: Target): boolean {
  return /^\/(p?subscribe|monitor|ws)(\/|$)/i.test(path);
}

/**
 * The segments of a path, decoded. Inner empty ones are kept, as empty
 * arguments; one at the end is dropped, so that `/set/k/` is `/set/k`.
 */
export function segmentsOf(path: string): Decoded[] {
  const segments = path.slice(1).split("/");
  if (segments.at(-1) === "") segments.pop();
  return path.includes("%") ? segments.map(percentDecode) : segments;
}

/**
 * The query as arguments: name and value one by one, a name without `=` alone.
 * The token is not one of them, nor are those in `except`.
 */
export function queryArgs(
  query: string,
  except: readonly string[] = [],
): Decoded[] {
  if (query === "") return [];
  return parametersOf(query)
    .filter(([name = ""]) =>
      ![TOKEN, ...except].includes(decodeLeniently(name))
    )
    .flatMap((parts) => parts.map(percentDecode));
}

/** The first value of a parameter, or `undefined` when there is none. */
export function queryValue(query: string, wanted: string): string | undefined {
  for (const [name = "", value = ""] of parametersOf(query)) {
    if (decodeLeniently(name) === wanted) return decodeLeniently(value);
  }
  return undefined;
}

/** The query parameter that has the token. */
export const TOKEN = "_token";

/**
 * Parameters in order: a name each, and a value where there is a `=`. They are not
 * decoded but for `+`, which is a blank in a query.
 */
function parametersOf(query: string): string[][] {
  return query.replaceAll("+", " ").split("&").filter(Boolean)
    .map((part) => part.split(/=(.*)/s, 2));
}

/** Decodes what should be ASCII; malformed text stays as it is and equals no name. */
function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const PERCENT = 0x25;

function percentDecode(text: string): Decoded {
  if (!text.includes("%")) return text;
  const bytes = encodeText(text);
  let to = 0;
  for (let from = 0; from < bytes.length; to++) {
    let byte = bytes[from++]!;
    if (byte === PERCENT) {
      byte = hexDigit(bytes[from++]) << 4 | hexDigit(bytes[from++]);
    }
    bytes[to] = byte;
  }
  return bytes.subarray(0, to);
}

function hexDigit(byte = 0): number {
  const digit = byte - 0x30;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = (byte | 0x20) - 0x61;
  if (letter >= 0 && letter <= 5) return letter + 10;
  throw badRequest("the path or query has a % without two hexadecimal digits");
}
