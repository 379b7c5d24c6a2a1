/**
 * Loads an append-only file: executes its commands again.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import type { Transport } from "../../net/transport.ts";
import { toBinary } from "../../resp/binary.ts";
import { RequestDecoder } from "../../resp/request_decoder.ts";
import type { PersistentServer } from "./host.ts";
import { addKey, isRdb, loadSteps } from "../rdb/file.ts";
import { Session } from "../session/session.ts";

const ASTERISK = 0x2a;
/** `#` begins a line with the time at which the following commands were written. */
const HASH = 0x23;
/** Generous: the limits for clients do not apply to a file. */
const LIMITS = { bulk: 2 ** 32, count: 2 ** 31 };

/** The transport of a session without a client. */
const NOWHERE: Transport = {
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(),
  [Symbol.dispose]() {},
};

/** Commands that are run in one step. */
const COMMANDS_PER_STEP = 32;

/**
 * Loads one of the files, step by step: an RDB file, commands, or the one and
 * then the other. Returns where the last whole command, or EXEC, ends. Throws
 * when the file is corrupt.
 */
export function* loadPart(
  core: PersistentServer,
  name: string,
  bytes: Uint8Array,
): Generator<void, number> {
  let at = 0;
  if (isRdb(bytes)) {
    try {
      at = yield* loadSteps(
        bytes,
        (key) => addKey(core.databases, key, core.now),
        undefined,
        (code) => core.scripting.libraries.load(code, false),
      );
    } catch (error) {
      throw new Error(`Cannot load ${name}: ${(error as Error).message}`);
    }
  }
  return yield* replay(core, name, bytes, at);
}

function* replay(
  core: PersistentServer,
  name: string,
  bytes: Uint8Array,
  start: number,
): Generator<void, number> {
  const session = new Session(core, NOWHERE);
  const requests = new RequestDecoder(LIMITS);
  requests.feed(bytes.subarray(start));
  let transaction: string[][] | null = null;
  let whole = start;
  for (let count = 1;; count++) {
    if (count % COMMANDS_PER_STEP === 0) yield;
    const at = bytes.length - requests.pending;
    if (transaction === null) whole = at;
    if (at === bytes.length) return whole;
    if (bytes[at] !== ASTERISK && bytes[at] !== HASH) throw corrupt(name, at);
    const args = nextOf(requests, name, at);
    if (args === null) return whole;
    if (bytes[at] === HASH) continue;
    const word = args[0]!.toUpperCase();
    if (word === "MULTI" && transaction === null) transaction = [];
    else if (word === "EXEC" && transaction !== null) {
      for (const [i, args] of transaction.entries()) {
        if (i % COMMANDS_PER_STEP === 0) yield;
        execute(session, name, at, args);
      }
      transaction = null;
    } else if (transaction !== null) transaction.push(args);
    else execute(session, name, at, args);
  }
}

function nextOf(
  requests: RequestDecoder,
  name: string,
  at: number,
): string[] | null {
  try {
    return requests.next();
  } catch (error) {
    if (error instanceof ProtocolError) throw corrupt(name, at);
    throw error;
  }
}

function execute(
  session: Session,
  name: string,
  at: number,
  args: string[],
): void {
  const { core, reply } = session;
  const found = core.commands.find(args[0]!);
  const command = found?.subcommands?.get(args[1]?.toUpperCase() ?? "") ??
    found;
  if (command?.spec.run === undefined || !command.takes(args.length)) {
    throw failed(name, at, args, "it is not known here");
  }
  const run = command.spec.run;
  if (session.run(args, run)) {
    reply.truncate(0);
    return;
  }
  const answer = reply.take();
  throw failed(name, at, args, toBinary(answer, 1, answer.length - 2));
}

function corrupt(name: string, at: number): Error {
  return new Error(
    `Cannot load ${name}: it is corrupt at byte ${at}; redis-check-aof shows more`,
  );
}

function failed(
  name: string,
  at: number,
  [word]: readonly string[],
  reason: string,
): Error {
  return new Error(
    `Cannot load ${name}: ${word!.toUpperCase()} near byte ${at}: ${reason}`,
  );
}
