/**
 * The head of an HTTP/1.1 request: bytes -> {@linkcode Head}.
 *
 * Strict, as parsers that read the same bytes differently are how requests are
 * smuggled past a proxy: a head that could mean two things is refused.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 * @module
 */

import { toBinary } from "../../lib/resp/binary.ts";
import { badRequest, Refusal } from "../refusal.ts";

/** The headers of a request, and what they tell of its body and connection. */
export interface Headers {
  /** As they were sent. */
  readonly text: string;
  /** By name in lower case; a header that was sent twice is joined by a comma. */
  readonly values: ReadonlyMap<string, string>;
  /** The bytes of the body, or that it comes in chunks. */
  readonly length: number | "chunked";
}

/** The request line and the headers. */
export interface Head {
  readonly method: string;
  /** The path and the query. */
  readonly target: string;
  readonly headers: Headers;
  /** Whether the client speaks HTTP/1.1, and so knows chunks. */
  readonly modern: boolean;
  /** Whether the client wants to send another request on this connection. */
  readonly keepAlive: boolean;
}

// `\S` would refuse U+00A0, the second byte of `à`, and let NUL pass.
const REQUEST_LINE =
  /^([!#$%&'*+.^`|~\w-]+) ([!-~\x80-\xff]+) HTTP\/1\.([01])$/;
// No control characters but tabs. Blanks around the value are cut off by code: an
// expression that tries where they end takes seconds for 32 KB of them.
// deno-lint-ignore no-control-regex
const HEADER = /^([!#$%&'*+.^`|~\w-]+):([^\0-\x08\x0a-\x1f\x7f]*)$/;
const HOST = /^[\w.:%[\]~!$&'()*+,;=-]*$/;

/**
 * Parses the bytes before the empty line. Throws a {@linkcode Refusal} when they are
 * no head. Most clients send the headers of their last request again: those are
 * not parsed again.
 */
export function parseHead(
  bytes: Uint8Array,
  start: number,
  end: number,
  last?: Headers,
): Head {
  const all = toBinary(bytes, start, end);
  const lineEnd = all.indexOf("\r\n");
  const line = lineEnd < 0 ? all : all.slice(0, lineEnd);
  const text = lineEnd < 0 ? "" : all.slice(lineEnd + 2);
  const [, method, target, minor] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined) {
    throw badRequest("malformed request line");
  }
  const headers = last?.text === text ? last : parseHeaders(text);
  const modern = minor === "1";
  const host = headers.values.get("host");
  if (host === undefined ? modern : !HOST.test(host)) {
    throw badRequest("the Host header is missing or not a host");
  }
  if (!modern && headers.length === "chunked") {
    throw badRequest("HTTP/1.0 has no transfer-encoding");
  }
  const connection = headers.values.get("connection")?.toLowerCase() ?? "";
  return {
    method,
    target: originForm(target),
    headers,
    modern,
    keepAlive: modern
      ? !connection.includes("close")
      : connection.includes("keep-alive"),
  };
}

function parseHeaders(text: string): Headers {
  const values = new Map<string, string>();
  for (const line of text === "" ? [] : text.split("\r\n")) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw badRequest("malformed header");
    }
    addHeader(values, name.toLowerCase(), trimBlanks(value));
  }
  return { text, values, length: bodyLength(values) };
}

/** Removes blanks and tabs from both ends: `trim()` would remove U+00A0 too. */
function trimBlanks(text: string): string {
  const isBlank = (at: number) => text[at] === " " || text[at] === "\t";
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return text.slice(start, end);
}

function addHeader(
  headers: Map<string, string>,
  name: string,
  value: string,
): void {
  const before = headers.get(name);
  if (before === undefined) headers.set(name, value);
  else if (name === "host" || name === "content-length") {
    throw badRequest(`the header ${name} came twice`);
  } else headers.set(name, `${before}, ${value}`);
}

/**
 * The path and query of a target. Bytes beyond ASCII are percent-encoded, as a
 * client should have done: `/get/é` is what people type into curl.
 */
function originForm(target: string): string {
  const path = target[0] === "/"
    ? target
    : target === "*"
    ? "/"
    : /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1];
  if (path === undefined) throw badRequest("malformed request target");
  const [before = ""] = path.split("#", 1);
  return before.replace(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16)}`,
  );
}

function bodyLength(headers: ReadonlyMap<string, string>): number | "chunked" {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding === undefined) {
    if (length === undefined) return 0;
    if (!/^\d{1,15}$/.test(length)) {
      throw badRequest("malformed content-length");
    }
    return Number(length);
  }
  if (length !== undefined) {
    throw badRequest("transfer-encoding and content-length exclude each other");
  }
  if (coding.toLowerCase() === "chunked") return "chunked";
  throw new Refusal(501, "ERR the only transfer-encoding here is chunked");
}
