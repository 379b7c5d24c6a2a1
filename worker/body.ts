/**
 * The body of a request: bytes within a limit, and commands from JSON.
 *
 * @module
 */

import { joinBytes } from "../lib/resp/bytes.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { Refusal } from "./refusal.ts";

/** Reads the body; throws a {@linkcode Refusal} when it has more than `limit` bytes. */
export async function readBody(
  request: Request,
  limit: number,
): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length")) > limit) {
    throw tooLarge(limit);
  }
  if (request.body === null) return new Uint8Array();
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

/** Reads one command: `["SET", "key", "value"]`. */
export function parseCommand(body: Uint8Array): Arg[] {
  return command(parse(body), "the body");
}

/** Reads several: `[["SET", "key", "value"], ["GET", "key"]]`. */
export function parseCommands(body: Uint8Array): Arg[][] {
  const commands = parse(body);
  if (!Array.isArray(commands) || commands.length === 0) {
    throw malformed("the body must be a JSON array of commands");
  }
  return commands.map((each, i) => command(each, `command # ${i + 1}`));
}

function parse(body: Uint8Array): unknown {
  let text: string;
  try {
    // A replacement character in its place would be data lost unseen.
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw malformed("the body is not UTF-8");
  }
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

/** A number as it was written: beyond 2^53 digits would be lost. */
function exactNumber(
  _key: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  return typeof value === "number" ? context?.source ?? `${value}` : value;
}

function command(value: unknown, what: string): Arg[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw malformed(
      `${what} must be a JSON array: a command and its arguments`,
    );
  }
  return value.map((arg: unknown, i) => {
    if (typeof arg === "string") return arg;
    if (typeof arg === "boolean") return `${arg}`;
    const kind = arg === null
      ? "null"
      : Array.isArray(arg)
      ? "an array"
      : "an object";
    throw malformed(
      `argument # ${i} of ${what} must be a string, a number or a boolean, not ${kind}`,
    );
  });
}

function malformed(reason: string): Refusal {
  return new Refusal(400, `ERR malformed request: ${reason}`);
}

function tooLarge(limit: number): Refusal {
  return new Refusal(
    413,
    `ERR max request size exceeded: a body may have ${limit} bytes`,
  );
}
