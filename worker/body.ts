/**
 * Bodies and WebSocket messages: JSON -> commands.
 *
 * @module
 */

import type { Arg } from "../lib/resp/reply.ts";
import { badRequest, Refusal } from "./refusal.ts";

/**
 * Reads several commands, at most `limit`: `[["SET", "key", "value"], ["GET", "key"]]`.
 * Errors call them `what`.
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

/** Decodes UTF-8. Throws a {@linkcode Refusal} that calls the bytes `what` when they are not. */
export function textIn(bytes: Uint8Array, what: string): string {
  try {
    // A replacement character would lose data without an error.
    return decoder.decode(bytes);
  } catch {
    throw malformed(`${what} is not UTF-8`);
  }
}

/** Parses a body as JSON. Numbers among the arguments of commands become their own text. */
export function parseBody(body: Uint8Array): unknown {
  const text = textIn(body, "the body").replace(/^\ufeff/, "");
  try {
    const value = JSON.parse(text);
    // A reviver is slow, and only numbers need it.
    return hasNumber(value) ? JSON.parse(text, exactNumber) : value;
  } catch {
    throw malformed("the body is not JSON");
  }
}

/** Whether an argument of a command, or of several, is a number. */
export function hasNumber(value: unknown): boolean {
  return Array.isArray(value) &&
    value.some((part) =>
      typeof part === "number" || (Array.isArray(part) &&
        part.some((inner) => typeof inner === "number"))
    );
}

/** A reviver: a number becomes its own text, as beyond 2^53 digits would be lost. */
export function exactNumber(
  _key: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  return typeof value === "number" ? context?.source ?? `${value}` : value;
}

/** Reads one command: `["SET", "key", "value"]`. Errors call it `what`. */
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

/** Whether a JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(reason: string): Refusal {
  return badRequest(`malformed request: ${reason}`);
}
