/**
 * Sixth step: answers, or an error, -> response.
 *
 * @module
 */

import { onlyReads } from "../lib/connection/traits.ts";
import { ReplyError } from "../lib/errors.ts";
import { encodeText, joinBytes } from "../lib/resp/bytes.ts";
import type { Reply } from "../lib/resp/reply.ts";
import { explain } from "./explain.ts";
import type { Answer } from "./perform.ts";
import { badRequest, Refusal } from "./refusal.ts";
import { type CommandPlan, isGet, METHODS } from "./request.ts";

/** What every response needs to know of its request. */
export interface Asked {
  /** The request. */
  readonly request: Request;
  /** The origins that browsers may call from. */
  readonly origins: readonly string[];
}

/** What a response says. */
interface Said {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Headers besides those that all have. */
  readonly headers?: Record<string, string> | undefined;
}

const JSON_TYPE = "application/json";

/** By name: `*` does not cover `authorization`. */
const ALLOW_HEADERS =
  "authorization, content-type, if-none-match, upstash-encoding, upstash-response-format, upstash-sync-token, upstash-telemetry-runtime, upstash-telemetry-platform, upstash-telemetry-sdk, cache-control, last-event-id";

/** Answers OPTIONS: what browsers ask before a request from another origin. */
export function respondToPreflight(asked: Asked): Response {
  const headers = {
    "access-control-allow-methods": [...METHODS, "OPTIONS"].join(", "),
    "access-control-allow-headers": ALLOW_HEADERS,
    "access-control-max-age": "86400",
  };
  return finish(new Response(null, { status: 204, headers }), asked);
}

/** Answers with what the commands of a plan got. */
export function respond(
  asked: Asked,
  plan: CommandPlan,
  answers: readonly Answer[],
): Response | Promise<Response> {
  const { request } = asked;
  const { kind, format, commands, type = "" } = plan;
  let headers: Record<string, string> | undefined;
  let count = 0;
  for (const answer of answers) if (answer instanceof Error) count++;
  // Who looks at the status only would miss them.
  if (count > 0) headers = { "sorrel-errors": `${count}` };
  // Everything is written where everything is read. The token says no more than
  // that time went on; it is for who asks, be it with the empty one.
  // Not has(): for that Deno makes a list of all headers, some 2 µs.
  if (request.headers.get("upstash-sync-token") !== null) {
    headers = { ...headers, "upstash-sync-token": crypto.randomUUID() };
  }
  if (format === "raw") return respondRaw(asked, type, answers[0]!, headers);
  const said: Said = format === "resp2"
    ? { type: "application/octet-stream", body: resp2(answers), headers }
    : { type: JSON_TYPE, body: jsonBody(kind, format, answers), headers };
  const tagged = kind === "one" && isGet(request) &&
    request.headers.get("if-none-match") !== null && onlyReads(commands[0]!);
  return tagged ? tag(asked, said) : say(asked, said);
}

/** Answers with an error, whatever was thrown. */
export function respondWithError(asked: Asked, error: unknown): Response {
  const { status, message, headers = {} } = explain(error);
  const body = JSON.stringify({ error: message });
  return say(asked, { status, type: JSON_TYPE, body, headers });
}

/** Answers with text that is there already. */
export function respondWithText(
  asked: Asked,
  body: string,
  type: string = JSON_TYPE,
  headers: Record<string, string> = {},
): Response {
  return say(asked, { type, body, headers });
}

/** Answers with one value as it is, of a type that the client has chosen. */
function respondRaw(
  asked: Asked,
  type: string,
  answer: Answer,
  more: Record<string, string> | undefined,
): Promise<Response> {
  if (answer === null) throw new Refusal(404, "ERR there is no such value");
  if (typeof answer === "object" && !(answer instanceof Uint8Array)) {
    throw badRequest("/raw is for commands that answer one value");
  }
  return tag(asked, {
    type,
    body: answer instanceof Uint8Array ? answer.slice() : `${answer}`,
    headers: {
      ...more,
      "cache-control": "private, no-cache",
      // What a value holds must not act in the name of the gateway's origin.
      "content-security-policy": "sandbox",
      "x-content-type-options": "nosniff",
    },
  });
}

/** Says it, or 304 when the client has it already. */
async function tag(asked: Asked, said: Said): Promise<Response> {
  const { body } = said;
  const bytes = typeof body === "string" ? encodeText(body) : body;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const etag = `"${digest.toBase64({ alphabet: "base64url" })}"`;
  const headers = { ...said.headers, etag };
  // A list, or a weak one: the tag with its quotes is nothing else.
  const known = asked.request.headers.get("if-none-match");
  if (known?.trim() === "*" || known?.includes(etag)) {
    const response = new Response(null, { status: 304 });
    return finish(response, asked, headers);
  }
  return say(asked, { ...said, headers });
}

function say(
  asked: Asked,
  { status = 200, type, body, headers }: Said,
): Response {
  const head = asked.request.method === "HEAD";
  // One header here and the others behind: on Deno that takes 0.8 µs, all of
  // them here 4 µs.
  const response = new Response(head ? null : body, {
    status,
    headers: { "content-type": type },
  });
  if (head) {
    const length = typeof body === "string"
      ? encodeText(body).length
      : body.length;
    response.headers.append("content-length", `${length}`);
  }
  return finish(response, asked, headers);
}

/** Adds what every response has, errors too: browsers hide what lacks the origin. */
function finish(
  response: Response,
  asked: Asked,
  more?: Record<string, string>,
): Response {
  const { headers } = response;
  let exposed = "";
  for (const name in more) {
    headers.append(name, more[name]!);
    exposed += exposed === "" ? name : `, ${name}`;
  }
  // A GET may write, and what it read is old at once.
  if (more?.["cache-control"] === undefined) {
    headers.append("cache-control", "no-store");
  }
  const shared = sharedWith(asked);
  for (const name in shared) headers.append(name, shared[name]!);
  if (exposed !== "") headers.append("access-control-expose-headers", exposed);
  return response;
}

const ANYBODY: Record<string, string> = { "access-control-allow-origin": "*" };

/** The headers that say whether a browser may show the response to its page. */
export function sharedWith(
  { request, origins }: Asked,
): Record<string, string> {
  if (origins[0] === "*") return ANYBODY;
  const origin = request.headers.get("origin");
  const vary = { vary: "origin" };
  return origin === null || !origins.includes(origin)
    ? vary
    : { ...vary, "access-control-allow-origin": origin };
}

// -- JSON --

interface RawJson extends JSON {
  /** Makes a value that is written as `text`, digits and all. */
  rawJSON(text: string): unknown;
}

function jsonBody(
  kind: CommandPlan["kind"],
  format: CommandPlan["format"],
  answers: readonly Answer[],
): string {
  return JSON.stringify(
    kind === "one"
      ? partOf(answers[0]!, format)
      : answers.map((answer) => partOf(answer, format)),
  );
}

/** What one command got, for JSON. */
export function partOf(
  answer: Answer,
  format: CommandPlan["format"],
): { result: unknown } | { error: string } {
  if (answer instanceof Error) return { error: explain(answer).message };
  // The one status that is not base64, where it is all of the answer.
  const plain = answer === "OK";
  return { result: plain ? answer : jsonOf(answer, format === "base64") };
}

/** A reply at any depth as JSON. With `base64`, its text is a status. */
function jsonOf(reply: Reply, base64: boolean): unknown {
  if (typeof reply === "string") {
    return base64 ? encodeText(reply).toBase64() : reply;
  }
  if (reply instanceof Uint8Array) return reply.toBase64();
  if (Array.isArray(reply)) return reply.map((each) => jsonOf(each, base64));
  if (typeof reply === "bigint") return (JSON as RawJson).rawJSON(`${reply}`);
  // An error inside an array, from a script, is its text.
  if (reply instanceof ReplyError) return explain(reply).message;
  // RESP2 has nothing else but numbers and null.
  return reply;
}

// -- RESP2 --

/** Replies as Redis would send them, but that an absent array is an absent bulk. */
function resp2(answers: readonly Answer[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const answer of answers) write(answer, parts);
  return joinBytes(parts);
}

function write(answer: Answer, parts: Uint8Array[]): void {
  const line = (text: string) => parts.push(encodeText(`${text}\r\n`));
  if (answer instanceof Uint8Array) {
    line(`$${answer.length}`);
    parts.push(answer);
    line("");
  } else if (Array.isArray(answer)) {
    line(`*${answer.length}`);
    for (const each of answer) write(each, parts);
  } else if (answer instanceof Error) {
    line(`-${explain(answer).message.replace(/[\r\n]+/g, " ")}`);
  } else if (answer === null) line("$-1");
  else line(typeof answer === "string" ? `+${answer}` : `:${answer}`);
}
