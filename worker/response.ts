/**
 * Sixth step: answers, or an error, -> response.
 *
 * @module
 */

import { ReplyError } from "../lib/errors.ts";
import { encodeText } from "../lib/resp/bytes.ts";
import type { Reply } from "../lib/resp/reply.ts";
import { explain } from "./explain.ts";
import type { Answer } from "./perform.ts";
import { METHODS, type Plan } from "./request.ts";

/** On every response, errors too: browsers hide what lacks the first. */
const COMMON: Record<string, string> = {
  "access-control-allow-origin": "*",
  // A GET may write, and what it read is old at once.
  "cache-control": "no-store",
};

const PREFLIGHT: Record<string, string> = {
  ...COMMON,
  "access-control-allow-methods": [...METHODS, "OPTIONS"].join(", "),
  // By name: `*` does not cover `authorization`.
  "access-control-allow-headers":
    "authorization, content-type, upstash-encoding, upstash-response-format, upstash-sync-token, upstash-telemetry-runtime, upstash-telemetry-platform, upstash-telemetry-sdk, cache-control, last-event-id",
  "access-control-max-age": "86400",
};

/** Answers OPTIONS: what browsers ask before a request from another origin. */
export function respondToPreflight(): Response {
  return new Response(null, { status: 204, headers: PREFLIGHT });
}

/** Answers with what the commands of a plan got. */
export function respond(
  request: Request,
  plan: Plan,
  answers: readonly Answer[],
): Response {
  const parts = answers.map((answer) =>
    answer instanceof Error
      ? { error: explain(answer).message }
      : { result: resultOf(answer) }
  );
  return json(request, 200, plan.kind === "one" ? parts[0] : parts);
}

/** Answers with an error, whatever was thrown. */
export function respondWithError(request: Request, error: unknown): Response {
  const { status, message, headers } = explain(error);
  return json(request, status, { error: message }, headers);
}

function json(
  { method }: Request,
  status: number,
  value: unknown,
  more: Record<string, string> = {},
): Response {
  const text = JSON.stringify(value);
  const headers = { ...COMMON, "content-type": "application/json", ...more };
  if (method !== "HEAD") return new Response(text, { status, headers });
  const length = `${encodeText(text).length}`;
  return new Response(null, {
    status,
    headers: { ...headers, "content-length": length },
  });
}

// -- Replies --

interface RawJson extends JSON {
  /** Makes a value that is written as `text`, digits and all. */
  rawJSON(text: string): unknown;
}

/**
 * A top-level reply as JSON. The status `OK` is never base64.
 *
 * The convention encodes a value that happens to be "OK"; here both are read
 * alike, so it stays as it is. Its clients take "OK" as it is in either case.
 */
function resultOf(reply: Reply): unknown {
  const isOk = reply instanceof Uint8Array && reply.length === 2 &&
    reply[0] === 0x4f && reply[1] === 0x4b;
  return isOk ? "OK" : jsonOf(reply);
}

/** A reply at any depth as JSON: bytes become base64. */
function jsonOf(reply: Reply): unknown {
  if (reply instanceof Uint8Array) return reply.toBase64();
  if (Array.isArray(reply)) return reply.map(jsonOf);
  if (typeof reply === "bigint") return (JSON as RawJson).rawJSON(`${reply}`);
  // An error inside an array, from a script, is its text.
  if (reply instanceof ReplyError) return reply.message;
  // RESP2 has nothing else but strings, numbers and null.
  return reply;
}
