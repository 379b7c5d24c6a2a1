/**
 * Cursors that name the server process that gave them.
 *
 * A cursor of SCAN, HSCAN, SSCAN or ZSCAN is a place in a hash table, whose order
 * another process does not share: there the same cursor misses elements. So the
 * client adds the process's run id to the cursor, as in `17@4f3c…`; a page that
 * another process answers is dropped, and its iteration begins again, which
 * repeats elements and misses none.
 *
 * @see https://redis.io/docs/latest/commands/scan/
 * @module
 */

import type { CallOptions } from "../client/engine.ts";
import type { Command } from "../connection/command.ts";
import { upper } from "../connection/words.ts";
import { ReplyError } from "../errors.ts";
import { decodeText, encodeText } from "../resp/bytes.ts";
import { type Arg, type Mode, RAW, type Reply } from "../resp/reply.ts";

/** Which argument of a command is its cursor. */
const CURSORS: ReadonlyMap<string, number> = new Map([
  ["SCAN", 1],
  ["HSCAN", 2],
  ["SSCAN", 2],
  ["ZSCAN", 2],
]);

/** Begins an iteration, and ends it. */
export const START = "0";

/** Executes commands on one connection, so at one server process. */
export type ExecuteTogether = (
  commands: readonly Command[],
  call: CallOptions,
) => Promise<unknown[]>;

/** A page as a server gave it. */
export interface ServerPage {
  /** The cursor without the run id. */
  readonly cursor: string;
  /** The elements as they came. */
  readonly items: Reply;
  /** The run id of the process; empty where the user may not ask for it. */
  readonly run: string;
}

/** The index of the cursor among the arguments; `undefined` for other commands. */
export function cursorIndexOf(args: readonly Arg[]): number | undefined {
  return CURSORS.get(upper(args[0]));
}

/** Reads a cursor as text; throws a `TypeError` when it has none of the forms that are given out. */
export function cursorText(cursor: Arg | undefined): string {
  const text = cursor instanceof Uint8Array
    ? decodeText(cursor)
    : `${cursor ?? ""}`;
  if (/^\d+(@|$)/.test(text)) return text;
  throw new TypeError(
    `Cannot scan as the cursor must be 0 or one that SCAN gave: current value is ${text}`,
  );
}

const INFO: Command = { args: ["INFO", "server"], shape: RAW };

/**
 * Fetches a page from one server, from its beginning when another process than
 * `run` answers. Without `run` the cursor is taken for this server's.
 */
export async function fetchPage(
  args: readonly Arg[],
  { cursor, run }: { cursor: string; run?: string | undefined },
  mode: Mode,
  call: CallOptions,
  execute: ExecuteTogether,
): Promise<ServerPage> {
  const index = cursorIndexOf(args)!;
  const words = args.with(index, cursor);
  const shape = { mode, parse: (reply: Reply) => reply };
  const [info, reply] = await execute([INFO, { args: words, shape }], call);
  if (reply instanceof Error) throw reply;
  const answering = info instanceof ReplyError
    ? ""
    : /^run_id:(\w+)/m.exec(String(info))?.[1] ?? "";
  if (run !== undefined && run !== answering && cursor !== START) {
    const start = { cursor: START };
    return await fetchPage(args, start, mode, call, execute);
  }
  const [next, items] = reply as Reply[];
  const text = next instanceof Uint8Array ? decodeText(next) : String(next);
  return { cursor: text, items: items!, run: answering };
}

/** Makes a reply of a page, with a cursor of the client. */
export function toReply(cursor: string, items: Reply, mode: Mode): Reply {
  return [mode === RAW.mode ? cursor : encodeText(cursor), items];
}

/** Executes a command that has a cursor at one server; `undefined` for other commands. */
export function scanPage<T>(
  { args, shape }: Command<T>,
  call: CallOptions,
  execute: ExecuteTogether,
): Promise<T> | undefined {
  const index = cursorIndexOf(args);
  if (index === undefined) return undefined;
  const scan = async () => {
    const [cursor = START, run] = cursorText(args[index]).split("@");
    const page = await fetchPage(
      args,
      { cursor, run },
      shape.mode,
      call,
      execute,
    );
    const next = page.cursor === START ? START : `${page.cursor}@${page.run}`;
    return shape.parse(toReply(next, page.items, shape.mode));
  };
  return scan();
}
