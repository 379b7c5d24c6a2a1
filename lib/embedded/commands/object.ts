/**
 * OBJECT: encoding, idle time and frequency of a value.
 *
 * @module
 */

import type { CommandSpec, Run, Session } from "./host.ts";
import { err } from "../base/errors.ts";
import type { Database } from "../keyspace/database.ts";
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
  "    Print this help.",
];

/** The commands of this family. */
export const OBJECT: readonly CommandSpec[] = [
  {
    name: "OBJECT",
    subcommands: [
      {
        name: "ENCODING",
        run: ofValue(({ db, reply }, value, key) =>
          reply.bulk(encodingOf(db, key, value))
        ),
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
        run: ofValue(({ reply }) => reply.integer(1)),
      },
    ],
  },
];

/** Replies null for an absent key. Does not count as a use of the key. */
function ofValue(
  answer: (session: Session, value: Value, key: string) => void,
): Run {
  return (session, args) => {
    const key = args[2]!;
    const value = session.db.peek(key);
    if (value === undefined) session.reply.null();
    else answer(session, value, key);
  };
}

/** Redis allocates a key, its string and its expiry as one object. */
const PIECE_BYTES = 64;
/** Bytes of that object besides the key, the string and the expiry. */
const PIECE_HEAD_BYTES = 23;

/** The encoding that Redis would have for the value of a key. */
function encodingOf(db: Database, key: string, value: Value): string {
  const { encoding } = value;
  if (!(value instanceof StringValue) || encoding !== "embstr") return encoding;
  const expiry = db.expiryOf(key) === undefined ? 0 : 8;
  const size = PIECE_HEAD_BYTES + key.length + value.length;
  return size + expiry <= PIECE_BYTES ? "embstr" : "raw";
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

function help({ reply }: Session): void {
  reply.array(HELP.length);
  for (const line of HELP) reply.simple(line);
}
