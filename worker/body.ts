/**
 * The body of a request: bytes within a limit, and commands from JSON.
 *
 * @module
 */

import { EMPTY, joinBytes } from "../lib/resp/bytes.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { badRequest, Refusal } from "./refusal.ts";

/**
 * How long the body is as the request says, or `null` when it does not; throws a
 * {@linkcode Refusal} when that is more than `limit`.
 */
export function declaredLength(
  { headers }: Request,
  limit: number,
): string | null {
  const declared = headers.get("content-length");
  if (Number(declared) > limit) throw tooLarge(limit);
  return declared;
}

/** Reads the body; throws a {@linkcode Refusal} when it has more than `limit` bytes. */
export async function readBody(
  request: Request,
  limit: number,
): Promise<Uint8Array> {
  if (declaredLength(request, limit) !== null) {
    // A server takes no more than was declared: no need to count.
    const body = await request.bytes();
    if (body.length > limit) throw tooLarge(limit);
    return body;
  }
  if (request.body === null) return EMPTY;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Counted as it comes: a chunked body does not declare its length.
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : joinBytes(chunks);
}

/**
 * Several commands, at most `limit`: `[["SET", "key", "value"], ["GET", "key"]]`;
 * `what` says where they stand.
 */
export function commandsOf(
  commands: unknown,
  limit: number,
  what = "the body",
): Arg[][] {
  if (!Array.isArray(commands) || commands.length === 0) {
    throw malformed(`${what} must be a JSON array of commands`);
  }
  if (commands.length > limit) {
    throw new Refusal(
      413,
      `ERR too many commands: a request may have ${limit}`,
    );
  }
  return commands.map((each, i) => commandOf(each, `command # ${i + 1}`));
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text; throws a {@linkcode Refusal} that says what they are when they are not UTF-8. */
export function textIn(bytes: Uint8Array, what: string): string {
  try {
    // A replacement character in its place would be data lost unseen.
    return decoder.decode(bytes);
  } catch {
    throw malformed(`${what} is not UTF-8`);
  }
}

/** Reads JSON, in which numbers keep their digits where commands have them. */
export function parseBody(body: Uint8Array): unknown {
  const text = textIn(body, "the body").replace(/^\ufeff/, "");
  try {
    // A reviver is slow, and only numbers need it.
    const value = JSON.parse(text);
    return hasNumber(value) ? JSON.parse(text, exactNumber) : value;
  } catch {
    throw malformed("the body is not JSON");
  }
}

/** Whether a number stands where commands have their arguments. */
function hasNumber(value: unknown): boolean {
  return Array.isArray(value) &&
    value.some((part) =>
      typeof part === "number" || (Array.isArray(part) &&
        part.some((inner) => typeof inner === "number"))
    );
}

/** A reviver: a number as it was written, as beyond 2^53 digits would be lost. */
export function exactNumber(
  _key: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  return typeof value === "number" ? context?.source ?? `${value}` : value;
}

/** One command: `["SET", "key", "value"]`; `what` says where it stands. */
export function commandOf(value: unknown, what = "the body"): Arg[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw malformed(
      `${what} must be a JSON array: a command and its arguments`,
    );
  }
  return value.map((arg: unknown, i) => {
    if (typeof arg === "string" && arg.isWellFormed()) return arg;
    if (typeof arg === "boolean") return `${arg}`;
    const kind = typeof arg === "string"
      ? "half of a surrogate pair"
      : arg === null
      ? "null"
      : Array.isArray(arg)
      ? "an array"
      : "an object";
    throw malformed(
      `argument # ${i} of ${what} must be a string, a number or a boolean, not ${kind}`,
    );
  });
}

/** Whether it is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(reason: string): Refusal {
  return badRequest(`malformed request: ${reason}`);
}

function tooLarge(limit: number): Refusal {
  return new Refusal(
    413,
    `ERR max request size exceeded: a body may have ${limit} bytes`,
  );
}
