/**
 * The raw target of a request: its path and query, percent-decoded to bytes.
 *
 * `URL` and `URLSearchParams` are not used here: they decode to text, so that
 * `%FF` becomes U+FFFD. A path goes through the platform's URL parser before all
 * the same: on Cloudflare segments that are `.` or `..`, encoded or not, vanish
 * there. Such an argument can travel in a JSON command.
 *
 * @module
 */

import { encodeText } from "../lib/resp/bytes.ts";
import { Refusal } from "./refusal.ts";

/** The path and the query of a request, raw. */
export interface Target {
  /** From the slash behind the host on. */
  readonly path: string;
  /** What follows the question mark. */
  readonly query: string;
}

/** Text that had nothing to decode, or bytes. */
export type Decoded = string | Uint8Array;

/** Cuts path and query out of a URL. */
export function targetOf(url: string): Target {
  const [, path = "", query = ""] =
    /^[^:/?#]+:\/\/[^/?#]*([^?#]*)\??([^#]*)/.exec(url) ?? [];
  return { path, query };
}

/**
 * The segments of a path, decoded. Inner empty ones are kept, as empty
 * arguments; one at the end is dropped, so that `/set/k/` is `/set/k`.
 */
export function segmentsOf(path: string): Decoded[] {
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  return segments.map(percentDecode);
}

/**
 * The query as arguments: name and value one by one, a name without `=` alone.
 * The token is not one of them.
 */
export function queryArgs(query: string): Decoded[] {
  const args: Decoded[] = [];
  for (const { name, value } of parametersOf(query)) {
    if (isToken(name)) continue;
    args.push(percentDecode(name));
    if (value !== undefined) args.push(percentDecode(value));
  }
  return args;
}

/** The value of `_token`, or `null` when there is none. */
export function queryToken(query: string): string | null {
  for (const { name, value } of parametersOf(query)) {
    if (isToken(name)) return decodeLeniently(value ?? "");
  }
  return null;
}

/** Parameters in order, not decoded but for `+`, which is a blank in a query. */
function* parametersOf(
  query: string,
): Iterable<{ name: string; value: string | undefined }> {
  for (const part of query.replaceAll("+", " ").split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    yield equals < 0
      ? { name: part, value: undefined }
      : { name: part.slice(0, equals), value: part.slice(equals + 1) };
  }
}

function isToken(name: string): boolean {
  return decodeLeniently(name) === "_token";
}

/** For tokens, which are ASCII: what is malformed is not one. */
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
  throw new Refusal(
    400,
    "ERR the path or query has a % without two hexadecimal digits",
  );
}
