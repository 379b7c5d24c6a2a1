/**
 * OBJECT: how the server holds what a key holds.
 *
 * @module
 */

import type { CommandSpec, Run, Session } from "./host.ts";
import { err } from "../base/errors.ts";
import { StringValue } from "../values/string.ts";
import type { Value } from "../values/value.ts";

const HELP = [
  "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "ENCODING <key>",
  "    Return the kind of internal representation used in order to store the value",
  "    associated with a <key>.",
  "FREQ <key>",
  "    Return the access frequency index of the <key>. The returned integer is",
  "    proportional to the logarithm of the recent access frequency of the key.",
  "IDLETIME <key>",
  "    Return the idle time of the <key>, that is the approximated number of",
  "    seconds elapsed since the last access to the key.",
  "REFCOUNT <key>",
  "    Return the number of references of the value associated with the specified",
  "    <key>.",
  "HELP",
  "    Prints this help.",
];

/** The commands of this family. */
export const OBJECT: readonly CommandSpec[] = [
  {
    name: "OBJECT",
    subcommands: [
      {
        name: "ENCODING",
        run: ofValue(({ reply }, value) => reply.bulk(value.encoding)),
      },
      {
        name: "FREQ",
        run: ofValue(frequency),
      },
      {
        name: "HELP",
        run: help,
      },
      {
        name: "IDLETIME",
        run: ofValue(idleTime),
      },
      {
        name: "REFCOUNT",
        run: ofValue(({ reply }, value) => reply.integer(references(value))),
      },
    ],
  },
];

/** Answers null when the key is absent. Looking is no use of the key. */
function ofValue(answer: (session: Session, value: Value) => void): Run {
  return (session, args) => {
    const value = session.db.peek(args[2]!);
    if (value === undefined) session.reply.null();
    else answer(session, value);
  };
}

const SWITCHING =
  "Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.";

function frequency({ core, reply }: Session, value: Value): void {
  if (!core.eviction.byFrequency) {
    throw err(
      `An LFU maxmemory policy is not selected, access frequency not tracked. ${SWITCHING}`,
    );
  }
  reply.integer(core.eviction.frequencyOf(value));
}

function idleTime({ core, reply }: Session, value: Value): void {
  if (core.eviction.byFrequency) {
    throw err(
      `An LFU maxmemory policy is selected, idle time not tracked. ${SWITCHING}`,
    );
  }
  reply.integer(Math.floor((core.now - value.used) / 1000));
}

/** What Redis says of an object that it shares among keys. */
const SHARED = 2 ** 31 - 1;

function references(value: Value): number {
  return value instanceof StringValue && value.shared ? SHARED : 1;
}

function help({ reply }: Session): void {
  reply.array(HELP.length);
  for (const line of HELP) reply.simple(line);
}
