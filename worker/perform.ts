/**
 * Fifth step: a permitted plan -> answers, through an engine.
 *
 * @module
 */

import { encodeText } from "../lib/resp/bytes.ts";
import {
  type Arg,
  type Reply,
  type Shape,
  TEXT,
  WIRE,
} from "../lib/resp/reply.ts";
import type { Engine, GatewayCall } from "./platform.ts";
import type { Permitted } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Format } from "./request.ts";
import { type Translated, translateScript } from "./scripts.ts";

/** The answer to one command: a reply or, in a pipeline or transaction, its error. */
export type Answer = Reply | Refusal;

const parse = (reply: Reply) => reply;
const AS_TEXT: Shape<Reply> = { mode: TEXT, parse };
const AS_SENT: Shape<Reply> = { mode: WIRE, parse };

/**
 * Sends the permitted commands; resolves to one answer for each. An error that
 * concerns the request as a whole is thrown.
 *
 * For JSON, strings are read as text; for every other format values are bytes and
 * only statuses are text. A command that blocks ends when `left.signal` aborts, as
 * an element that is popped for a client that has left would be lost. Only with
 * `cache` do reads have answers from memory.
 */
export async function perform(
  { kind, commands, blocks }: Permitted,
  engine: Engine,
  format: Format,
  left: { readonly signal: AbortSignal },
  cache?: GatewayCall["cache"],
): Promise<Answer[]> {
  const call: GatewayCall = {
    // Reading the signal has a price.
    ...(blocks && { signal: left.signal }),
    ...(cache && { cache }),
  };
  const shape = format === "json" ? AS_TEXT : AS_SENT;
  if (kind === "one") {
    const translated = translateScript(commands[0] as Arg[]);
    const { args, answer } = translated instanceof Promise
      ? await translated
      : translated;
    const reply = await engine.execute({ args, shape }, call);
    return [answerFor(reply, answer, format)];
  }
  const allowed = await Promise.all(
    commands
      .filter((command): command is Arg[] => !(command instanceof Refusal))
      .map(translateScript),
  ) as Translated[];
  const replies = await engine.executeAll(
    allowed.map(({ args }) => ({ args, shape })),
    { atomic: kind === "atomic" },
    call,
  ) as Reply[];
  let next = 0;
  return commands.map((command) => {
    if (command instanceof Refusal) return command;
    const { answer } = allowed[next]!;
    return answerFor(replies[next++]!, answer, format);
  });
}

/** The client's own digest of a script that was sent in another form. */
function answerFor(
  reply: Reply,
  digest: string | undefined,
  format: Format,
): Reply {
  if (digest === undefined || reply instanceof Error) return reply;
  return format === "json" ? digest : encodeText(digest);
}
