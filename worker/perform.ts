/**
 * Fifth step: a permitted plan -> answers, through an engine.
 *
 * @module
 */

import type { Engine } from "../lib/client/client.ts";
import {
  type Arg,
  type Reply,
  type Shape,
  TEXT,
  WIRE,
} from "../lib/resp/reply.ts";
import type { Permitted } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Format } from "./request.ts";

/** What one command got: a reply or, in a pipeline or transaction, its error. */
export type Answer = Reply | Refusal;

const parse = (reply: Reply) => reply;
const AS_TEXT: Shape<Reply> = { mode: TEXT, parse };
const AS_SENT: Shape<Reply> = { mode: WIRE, parse };

/**
 * Sends what is permitted; resolves to one answer for each command. An error
 * that concerns the request as a whole is thrown.
 *
 * For JSON, strings come as text; for every other format values come as bytes
 * and only statuses as text. What may block ends when the client leaves, which
 * `left` tells: nothing is popped for nobody.
 */
export async function perform(
  { kind, commands, blocks }: Permitted,
  engine: Engine,
  format: Format,
  left: { readonly signal: AbortSignal },
): Promise<Answer[]> {
  // Only then: on Deno a signal that is asked for has its price.
  const call = blocks ? { signal: left.signal } : {};
  const shape = format === "json" ? AS_TEXT : AS_SENT;
  if (kind === "one") {
    return [await engine.execute({ args: commands[0] as Arg[], shape }, call)];
  }
  const allowed = commands
    .filter((command): command is Arg[] => !(command instanceof Refusal))
    .map((args) => ({ args, shape }));
  const atomic = kind === "atomic";
  const replies = await engine.executeAll(allowed, { atomic }, call) as Reply[];
  let next = 0;
  return commands.map((command) =>
    command instanceof Refusal ? command : replies[next++]!
  );
}
