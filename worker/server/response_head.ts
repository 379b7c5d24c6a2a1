/**
 * {@linkcode Outgoing} -> the bytes of an HTTP/1.1 response.
 *
 * @module
 */

import { encodeText, encodeTextInto, joinBytes } from "../../lib/resp/bytes.ts";
import { explain } from "../explain.ts";
import type { Outgoing } from "../http.ts";

/** How a response is framed. */
export interface Framing {
  /** Whether the client speaks HTTP/1.1, and so knows chunks. */
  readonly modern: boolean;
  /** Whether the connection is closed behind the response. */
  readonly close: boolean;
  /** Whether the body is left out: HEAD. */
  readonly head: boolean;
}

const REASONS: Record<number, string> = {
  101: "Switching Protocols",
  200: "OK",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  426: "Upgrade Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** The end of a body in chunks. */
export const endsResponse: Uint8Array = encodeText("0\r\n\r\n");

/** One chunk of a body in chunks. */
export function chunkOf(bytes: Uint8Array): Uint8Array {
  const size = encodeText(`${bytes.length.toString(16)}\r\n`);
  return joinBytes([size, bytes, encodeText("\r\n")]);
}

/** The response for an error of the server itself. */
export function refusalOf(error: unknown): Outgoing {
  const { status, message, headers = {} } = explain(error);
  return {
    status,
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ error: message }),
  };
}

/** Whether the body of a response is held as bytes until it is written. */
export function isLarge({ body }: Outgoing): boolean {
  return body instanceof Uint8Array ||
    typeof body === "string" && !isShortAscii(body);
}

/**
 * The head of a response, and its body where that is a short text. They may lie in
 * `scratch`, which must not change until they are written: to allocate bytes takes
 * longer than to encode them.
 */
export function headOf(
  outgoing: Outgoing,
  framing: Framing,
  scratch: Uint8Array = NO_SCRATCH,
): Uint8Array {
  const { body } = outgoing;
  const text = headText(outgoing, framing);
  return asciiBytes(
    typeof body === "string" && !framing.head ? text + body : text,
    scratch,
  );
}

const NO_SCRATCH = new Uint8Array(0);
/** A body up to this length is encoded together with the head. */
const SHORT = 8 * 1024;

const CONTROLS = /[\0\r\n]/;

function headText(
  { status, headers, body }: Outgoing,
  { modern, close }: Framing,
): string {
  let text = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n`;
  for (const name in headers) {
    const value = headers[name]!;
    if (CONTROLS.test(value)) throw new TypeError(`${name} has a line break`);
    text += `${name}: ${value}\r\n`;
  }
  if (typeof body === "string" || body instanceof Uint8Array) {
    text += `content-length: ${body.length}\r\n`;
  } else if (body !== null) {
    if (modern) text += "transfer-encoding: chunked\r\n";
  } else if (status >= 200 && status !== 204 && status !== 304) {
    text += "content-length: 0\r\n";
  }
  if (close || body instanceof ReadableStream && !modern) {
    text += "connection: close\r\n";
  } else if (!modern) text += "connection: keep-alive\r\n";
  return `${text}date: ${today()}\r\n\r\n`;
}

function isShortAscii(text: string): boolean {
  return text.length <= SHORT && /^[\0-\x7f]*$/.test(text);
}

function asciiBytes(text: string, scratch: Uint8Array): Uint8Array {
  const { length } = text;
  const bytes = length <= scratch.length ? scratch : new Uint8Array(length);
  if (encodeTextInto(text, bytes).written !== length) {
    throw new TypeError("Cannot write a header as it is not ASCII");
  }
  return bytes.subarray(0, length);
}

let date = "";
let dateUntil = 0;

/** The date as HTTP writes it. Made once a second: that takes 1 µs. */
function today(): string {
  const now = Date.now();
  if (now >= dateUntil) {
    date = new Date(now).toUTCString();
    dateUntil = now - now % 1000 + 1000;
  }
  return date;
}
