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
import { type Incoming, isGet, METHODS, type Outgoing } from "./http.ts";
import type { Answer } from "./perform.ts";
import type { CacheTold } from "./platform.ts";
import { badRequest, Refusal } from "./refusal.ts";
import type { CommandPlan } from "./request.ts";

/** What a response depends on besides its content. */
export interface Asked {
  /** The request. */
  readonly request: Incoming;
  /** The origins that browsers may call from. */
  readonly origins: readonly string[];
}

/** The content of a response. */
interface Content {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  /** Headers besides those of every response. */
  readonly headers?: Record<string, string> | undefined;
}

/** May be kept, and used after asking the gateway again. */
const REVALIDATED = "private, no-cache";

const JSON_TYPE = "application/json";

/** By name: `*` does not cover `authorization`. */
const ALLOW_HEADERS =
  "authorization, content-type, if-none-match, upstash-encoding, upstash-response-format, upstash-sync-token, upstash-telemetry-runtime, upstash-telemetry-platform, upstash-telemetry-sdk, cache-control, last-event-id";

/** Answers OPTIONS, which browsers send before a request to another origin. */
export function respondToPreflight(asked: Asked): Outgoing {
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": [...METHODS, "OPTIONS"].join(", "),
      "access-control-allow-headers": ALLOW_HEADERS,
      "access-control-max-age": "86400",
      "cache-control": "no-store",
      ...corsHeaders(asked),
    },
    body: null,
  };
}

/** Answers with the answers to a plan's commands. */
export function respond(
  asked: Asked,
  plan: CommandPlan,
  answers: readonly Answer[],
  told?: CacheTold,
): Outgoing | Promise<Outgoing> {
  const { request } = asked;
  const { kind, format, commands, type = "" } = plan;
  // Without a cache all reads and writes go to one server, so that any new token is
  // true. A client expects one with each answer, even if it sent none.
  const headers: Record<string, string> = {
    "upstash-sync-token": told?.syncToken ?? crypto.randomUUID(),
  };
  if (told !== undefined && commands.every(onlyReads)) {
    headers["cache-control"] = REVALIDATED;
    if (told.age !== undefined) headers.age = `${Math.floor(told.age / 1000)}`;
  }
  let errors = 0;
  for (const answer of answers) if (answer instanceof Error) errors++;
  // The status of a pipeline does not show them.
  if (errors > 0) headers["sorrel-errors"] = `${errors}`;
  if (format === "raw") return respondRaw(asked, type, answers[0]!, headers);
  const content: Content = format === "resp2"
    ? { type: "application/octet-stream", body: resp2(answers), headers }
    : { type: JSON_TYPE, body: jsonBody(kind, format, answers), headers };
  const tagged = kind === "one" && isGet(request) &&
    request.header("if-none-match") !== null && onlyReads(commands[0]!);
  return tagged ? withTag(asked, content) : finish(asked, content);
}

/** Answers with an error, whatever was thrown. */
export function respondWithError(asked: Asked, error: unknown): Outgoing {
  const { status, message, headers = {} } = explain(error);
  const body = JSON.stringify({ error: message });
  return finish(asked, { status, type: JSON_TYPE, body, headers });
}

/** Answers with a text. */
export function respondWithText(
  asked: Asked,
  body: string,
  type: string = JSON_TYPE,
  headers: Record<string, string> = {},
): Outgoing {
  return finish(asked, { type, body, headers });
}

/** Answers with one value as it is, of a type that the client has chosen. */
function respondRaw(
  asked: Asked,
  type: string,
  answer: Answer,
  headers: Record<string, string>,
): Promise<Outgoing> {
  if (answer === null) throw new Refusal(404, "ERR there is no such value");
  if (typeof answer === "object" && !(answer instanceof Uint8Array)) {
    throw badRequest("/raw is for commands that answer one value");
  }
  return withTag(asked, {
    type,
    body: answer instanceof Uint8Array ? answer.slice() : `${answer}`,
    headers: {
      ...headers,
      "cache-control": REVALIDATED,
      // A page in the value must not act as one of the gateway's origin.
      "content-security-policy": "sandbox",
      "x-content-type-options": "nosniff",
    },
  });
}

/** Adds an entity tag; answers 304 when the client has it already. */
async function withTag(asked: Asked, content: Content): Promise<Outgoing> {
  const { body } = content;
  const bytes = typeof body === "string" ? encodeText(body) : body!;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const etag = `"${digest.toBase64({ alphabet: "base64url" })}"`;
  const headers = { ...content.headers, etag };
  // A list, or a weak tag: the tag with its quotes is part of nothing else.
  const known = asked.request.header("if-none-match");
  return known?.trim() === "*" || known?.includes(etag)
    ? finish(asked, { ...content, status: 304, body: null, headers })
    : finish(asked, { ...content, headers });
}

/** Adds the headers of every response. Errors have them too: browsers hide a response without the origin. */
function finish(
  asked: Asked,
  { status = 200, type, body, headers: own }: Content,
): Outgoing {
  // One by one: spreading objects takes 1 µs more.
  const headers: Record<string, string> = {};
  if (body !== null) headers["content-type"] = type;
  // A GET may write, and a value that was read is old at once.
  headers["cache-control"] = "no-store";
  let exposed = "";
  for (const name in own) {
    headers[name] = own[name]!;
    exposed += exposed === "" ? name : `, ${name}`;
  }
  const cors = corsHeaders(asked);
  for (const name in cors) headers[name] = cors[name]!;
  // Browsers hide other headers from their pages.
  if (exposed !== "") headers["access-control-expose-headers"] = exposed;
  return { status, headers, body };
}

const EVERYBODY: Record<string, string> = {
  "access-control-allow-origin": "*",
};

/** The headers that tell whether a browser may show the response to its page. */
export function corsHeaders(
  { request, origins }: Asked,
): Record<string, string> {
  if (origins[0] === "*") return EVERYBODY;
  const origin = request.header("origin");
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

/** The answer to one command, for JSON. */
export function partOf(
  answer: Answer,
  format: CommandPlan["format"],
): { result: unknown } | { error: string } {
  if (answer instanceof Error) return { error: explain(answer).message };
  // The convention leaves this one status as it is, but only at the top.
  const plain = answer === "OK";
  return { result: plain ? answer : jsonOf(answer, format === "base64") };
}

/** A reply, or a part of one, for JSON. With `base64`, a string is a status. */
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

/** Encodes replies as Redis does, except that an absent array is an absent bulk string. */
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
