/**
 * Fifth step: a permitted plan -> answers, through an engine.
 *
 * @module
 */

import type { Engine } from "../lib/client/client.ts";
import {
  type Arg,
  BYTES,
  type Reply,
  type Shape,
  TEXT,
} from "../lib/resp/reply.ts";
import type { Permitted } from "./policy.ts";
import { Refusal } from "./refusal.ts";

/** What one command got: a reply or, in a pipeline or transaction, its error. */
export type Answer = Reply | Refusal;

const turn = (reply: Reply) => reply;
const AS_TEXT: Shape<Reply> = { mode: TEXT, turn };
const AS_BYTES: Shape<Reply> = { mode: BYTES, turn };

/**
 * Sends what is permitted; resolves to one answer for each command. An error
 * that concerns the request as a whole is thrown.
 *
 * With `bytes`, strings come as bytes: base64 needs them exact.
 */
export async function perform(
  { kind, commands }: Permitted,
  engine: Engine,
  { bytes }: { bytes: boolean },
): Promise<Answer[]> {
  const shape = bytes ? AS_BYTES : AS_TEXT;
  const allowed = commands
    .filter((command): command is Arg[] => !(command instanceof Refusal))
    .map((args) => ({ args, shape }));
  if (kind === "one") return [await engine.execute(allowed[0]!, {})];
  const atomic = kind === "atomic";
  const replies = await engine.executeAll(allowed, { atomic }, {}) as Reply[];
  let next = 0;
  return commands.map((command) =>
    command instanceof Refusal ? command : replies[next++]!
  );
}
