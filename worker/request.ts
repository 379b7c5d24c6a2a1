/**
 * Third step: request -> {@linkcode Plan}, without Redis.
 *
 * | Request                         | Plan                                  |
 * | ------------------------------- | ------------------------------------- |
 * | `POST /` with a JSON array      | one command                           |
 * | `/CMD/a/b?EX=10` with a body    | one: `CMD a b <body> EX 10`           |
 * | `POST /pipeline`, JSON arrays   | many commands, each with its answer   |
 * | `POST /multi-exec`, JSON arrays | all of them or none                   |
 * | `/raw/CMD/a?type=text/html`     | one; its value is the whole body      |
 * | `/subscribe/a/b`                | listen to channels                    |
 * | `/psubscribe/a/b`               | listen to patterns                    |
 * | `/monitor`                      | every command of the server           |
 *
 * @module
 */

import { onlyReads } from "../lib/connection/traits.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { commandOf, commandsOf, parseBody, textIn } from "./body.ts";
import { checkMethod, type Incoming, isGet } from "./http.ts";
import type { Limits } from "./limits.ts";
import { badRequest } from "./refusal.ts";
import {
  type Decoded,
  queryArgs,
  queryValue,
  segmentsOf,
  type Target,
} from "./target.ts";

/** The format of the answer: JSON, JSON with strings in base64, RESP2, or one value as it is. */
export type Format = "json" | "base64" | "resp2" | "raw";

/** Commands to execute. */
export interface CommandPlan {
  /** One command, many one by one, or many between MULTI and EXEC. */
  readonly kind: "one" | "many" | "atomic";
  /** The commands, in order; one at least, none empty. */
  readonly commands: readonly Arg[][];
  /** How the answer is written. */
  readonly format: Format;
  /** The type of an answer whose format is `raw`. */
  readonly type?: string;
}

/** A subscription, until the client leaves. */
export interface ListenPlan {
  /** A stream. */
  readonly kind: "listen";
  /** Channels, patterns, or every command. */
  readonly how: "channel" | "pattern" | "monitor";
  /** The names of the channels or patterns; none for a monitor. */
  readonly names: string[];
}

/** The meaning of a request, as data. */
export type Plan = CommandPlan | ListenPlan;

const BATCHES: ReadonlyMap<unknown, "many" | "atomic"> = new Map([
  ["pipeline", "many"],
  ["multi-exec", "atomic"],
]);

const LISTENS: ReadonlyMap<string, ListenPlan["how"]> = new Map([
  ["subscribe", "channel"],
  ["psubscribe", "pattern"],
  ["monitor", "monitor"],
]);

const NO_COMMAND =
  "no command: name it in the path, as /get/key, or POST a JSON array to /";

/** Reads a request, its body within the limits. */
export async function readPlan(
  request: Incoming,
  target: Target,
  limits: Limits,
): Promise<Plan> {
  const format = readFormat(request);
  const segments = segmentsOf(target.path);
  const [first] = segments;
  if (first === undefined || first.length === 0) {
    if (first !== undefined || isGet(request)) {
      throw badRequest(NO_COMMAND);
    }
    const body = await request.body(limits.bodyBytes);
    return { kind: "one", commands: [commandOf(parseBody(body))], format };
  }
  const kind = BATCHES.get(first);
  if (kind !== undefined && segments.length === 1) {
    checkMethod(request, ["POST"]);
    const body = await request.body(limits.bodyBytes);
    const commands = commandsOf(parseBody(body), limits.commands);
    // The convention has transactions in JSON only.
    const json = kind === "atomic" && format === "resp2";
    return { kind, commands, format: json ? "json" : format };
  }
  const how = typeof first === "string"
    ? LISTENS.get(first.toLowerCase())
    : undefined;
  if (how !== undefined) {
    // The body means nothing: the convention's own client sends `[]`.
    checkMethod(request, ["GET", "POST"]);
    return { kind: "listen", how, names: namesOf(how, segments.slice(1)) };
  }
  if (first === "raw") {
    checkMethod(request, ["GET", "HEAD"]);
    return readRaw(target.query, segments.slice(1));
  }
  // The body is opaque bytes, whatever its content type is. An empty one is no
  // argument, so that `POST /incr/key` works.
  const body = isGet(request)
    ? undefined
    : await request.body(limits.bodyBytes);
  if (body?.length) segments.push(body);
  segments.push(...queryArgs(target.query));
  return { kind: "one", commands: [segments], format };
}

function namesOf(how: ListenPlan["how"], segments: Decoded[]): string[] {
  if ((how === "monitor") !== (segments.length === 0)) {
    throw badRequest(
      how === "monitor"
        ? "/monitor takes no arguments"
        : "no channel: name one or more in the path, as /subscribe/news",
    );
  }
  return segments.map((name) =>
    typeof name === "string" ? name : textIn(name, "the name of a channel")
  );
}

function readRaw(query: string, command: Arg[]): CommandPlan {
  const type = queryValue(query, "type") ?? "application/octet-stream";
  if (!/^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/.test(type)) {
    throw badRequest("type must be a content type, as text/html");
  }
  command.push(...queryArgs(query, ["type"]));
  if (!onlyReads(command)) {
    throw badRequest("/raw is for commands that only read");
  }
  return { kind: "one", commands: [command], format: "raw", type };
}

function readFormat(request: Incoming): Format {
  const format = request.header("upstash-response-format")?.toLowerCase();
  const encoding = request.header("upstash-encoding")?.toLowerCase();
  if (format !== undefined && format !== "json" && format !== "resp2") {
    throw badRequest('Upstash-Response-Format must be "json" or "resp2"');
  }
  if (encoding === undefined) return format ?? "json";
  if (encoding !== "base64" || format === "resp2") {
    throw badRequest(
      'Upstash-Encoding must be "base64", and left out with "resp2"',
    );
  }
  return "base64";
}
