/**
 * Third step: request -> {@linkcode Plan}, without Redis.
 *
 * | Request                         | Plan                                  |
 * | ------------------------------- | ------------------------------------- |
 * | `POST /` with a JSON array      | one command                           |
 * | `/CMD/a/b?EX=10` with a body    | one: `CMD a b <body> EX 10`           |
 * | `POST /pipeline`, JSON arrays   | many commands, each with its answer   |
 * | `POST /multi-exec`, JSON arrays | all of them or none                   |
 *
 * @module
 */

import type { Arg } from "../lib/resp/reply.ts";
import { parseCommand, parseCommands, readBody } from "./body.ts";
import { Refusal } from "./refusal.ts";
import { queryArgs, segmentsOf, targetOf } from "./target.ts";

/** What a request asks for, as data. */
export interface Plan {
  /** One command, many one by one, or many between MULTI and EXEC. */
  readonly kind: "one" | "many" | "atomic";
  /** The commands, in order; one at least, none empty. */
  readonly commands: readonly Arg[][];
  /** Whether the strings of the answer are base64. */
  readonly base64: boolean;
}

const BATCHES: ReadonlyMap<unknown, "many" | "atomic"> = new Map([
  ["pipeline", "many"],
  ["multi-exec", "atomic"],
]);

const NO_COMMAND =
  "ERR no command: name it in the path, as /get/key, or POST a JSON array to /";

/** The methods that are served; `OPTIONS` is answered before. */
export const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT"];

/** Throws a {@linkcode Refusal} unless the method is one of `methods`. */
export function checkMethod(
  { method }: Request,
  methods: readonly string[] = METHODS,
): void {
  if (methods.includes(method)) return;
  const allow = methods.join(", ");
  throw new Refusal(405, `ERR method not allowed here: use ${allow}`, {
    allow,
  });
}

/** Reads what a request asks for; its body has at most `bodyLimit` bytes. */
export async function readPlan(
  request: Request,
  bodyLimit: number,
): Promise<Plan> {
  const base64 = wantsBase64(request.headers);
  const { path, query } = targetOf(request.url);
  const segments = segmentsOf(path);
  const [first, ...others] = segments;
  if (first === undefined || first.length === 0) {
    if (first !== undefined || /^(GET|HEAD)$/.test(request.method)) {
      throw new Refusal(400, NO_COMMAND);
    }
    const body = await readBody(request, bodyLimit);
    return { kind: "one", commands: [parseCommand(body)], base64 };
  }
  const kind = BATCHES.get(first);
  if (kind !== undefined && others.length === 0) {
    checkMethod(request, ["POST"]);
    const body = await readBody(request, bodyLimit);
    return { kind, commands: parseCommands(body), base64 };
  }
  // The body is opaque bytes, whatever its type says. None at all is no
  // argument, so that `POST /incr/key` works.
  const body = await readBody(request, bodyLimit);
  const command = [
    ...segments,
    ...(body.length > 0 ? [body] : []),
    ...queryArgs(query),
  ];
  return { kind: "one", commands: [command], base64 };
}

function wantsBase64(headers: Headers): boolean {
  const format = headers.get("upstash-response-format") ?? "json";
  if (format.toLowerCase() !== "json") {
    throw new Refusal(400, 'ERR Upstash-Response-Format must be "json"');
  }
  const encoding = headers.get("upstash-encoding");
  if (encoding === null) return false;
  if (encoding.toLowerCase() === "base64") return true;
  throw new Refusal(400, 'ERR Upstash-Encoding must be "base64"');
}
