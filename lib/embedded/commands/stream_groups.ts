/**
 * Commands on the consumer groups of a stream and their pending entries.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { CommandError, err, syntaxError } from "../base/errors.ts";
import { toBigInt } from "../base/numbers.ts";
import { Stream } from "../values/stream.ts";
import {
  byName,
  Consumer,
  Group,
  type Pending,
} from "../values/stream_group.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  type StreamId,
} from "../values/stream_id.ts";
import {
  existingGroup,
  groupOf,
  toEnd,
  toId,
  toIdOrEdge,
  toStart,
  toWhole,
} from "./stream_arguments.ts";

/** The commands of this family. */
export const STREAM_GROUPS: readonly CommandSpec[] = [
  {
    name: "XACK",
    run: xack,
  },
  {
    name: "XPENDING",
    run: xpending,
  },
  {
    name: "XGROUP",
    subcommands: [
      {
        name: "CREATE",
        run: create,
      },
      {
        name: "CREATECONSUMER",
        run: createconsumer,
      },
      {
        name: "DELCONSUMER",
        run: delconsumer,
      },
      {
        name: "DESTROY",
        run: destroy,
      },
      {
        name: "HELP",
        run: help,
      },
      {
        name: "SETID",
        run: setid,
      },
    ],
  },
];

/** The key and group of an XGROUP command. */
interface Place {
  readonly key: string;
  readonly name: string;
  /** The stream; `undefined` if it has to be created. */
  readonly stream: Stream | undefined;
}

/** Finds the stream of XGROUP's arguments. Throws if it is absent, unless `makes` is set. */
function placeOf({ db }: Session, args: string[], makes = false): Place {
  const [, , key, name] = args as [string, string, string, string];
  const stream = db.get(key, Stream);
  if (stream === undefined && !makes) {
    throw err(
      "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
    );
  }
  return { key, name, stream };
}

/** Finds the stream and the group of XGROUP's arguments. Throws if either is absent. */
function groupAt(session: Session, args: string[]): [Place, Group] {
  const place = placeOf(session, args);
  return [place, existingGroup(place.stream!, place.key, place.name)];
}

/** Parses [MKSTREAM] [ENTRIESREAD n]. */
function parseOptions(
  args: string[],
  makes: boolean,
): { makeStream: boolean; entriesRead: bigint } {
  const options = { makeStream: false, entriesRead: -1n };
  for (let i = 5; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    if (word === "MKSTREAM" && makes) {
      options.makeStream = true;
    } else if (word === "ENTRIESREAD" && i + 1 < args.length) {
      options.entriesRead = toBigInt(args[++i]!);
      if (options.entriesRead < -1n) {
        throw err("value for ENTRIESREAD must be positive or -1");
      }
    } else {
      throw wrongSubcommand("XGROUP", args[1]!);
    }
  }
  return options;
}

/** Redis's error for a wrong number of arguments of a sub-command. */
export function wrongSubcommand(name: string, word: string): CommandError {
  return err(
    `unknown subcommand or wrong number of arguments for '${
      word.slice(0, 128)
    }'. Try ${name} HELP.`,
  );
}

function create(session: Session, args: string[]): void {
  const { db, reply } = session;
  const { makeStream, entriesRead } = parseOptions(args, true);
  const { key, name, stream: found } = placeOf(session, args, makeStream);
  // Redis reports a repeated option as a wrong number of arguments.
  if (args.length > 8) throw wrongSubcommand("XGROUP", args[1]!);
  const id = args[4] === "$" ? found?.lastId ?? FIRST_ID : toId(args[4]!);
  const stream = found ?? db.getOrAdd(key, Stream, () => new Stream());
  if (stream.groups.has(name)) {
    throw new CommandError("BUSYGROUP Consumer Group name already exists");
  }
  stream.groups.set(name, new Group(name, id, readOf(stream, entriesRead)));
  db.changed(key);
  session.notify("t", "xgroup-create", key);
  reply.ok();
}

/** Limits the number of read entries to the number of added entries. */
function readOf({ entriesAdded }: Stream, entriesRead: bigint): bigint {
  const added = BigInt(entriesAdded);
  return entriesRead < added ? entriesRead : added;
}

function setid(session: Session, args: string[]): void {
  const { entriesRead } = parseOptions(args, false);
  const [{ key, stream }, group] = groupAt(session, args);
  if (args.length > 7) throw wrongSubcommand("XGROUP", args[1]!);
  group.lastId = args[4] === "$" ? stream!.lastId : toIdOrEdge(args[4]!);
  group.entriesRead = readOf(stream!, entriesRead);
  session.db.changed(key);
  session.notify("t", "xgroup-setid", key);
  session.reply.ok();
}

function destroy(session: Session, args: string[]): void {
  const { key, name, stream } = placeOf(session, args);
  const was = stream!.groups.delete(name);
  if (was) {
    session.db.changed(key);
    session.notify("t", "xgroup-destroy", key);
  }
  session.reply.integer(was ? 1 : 0);
}

function createconsumer(session: Session, args: string[]): void {
  const [{ key }, group] = groupAt(session, args);
  const name = args[4]!;
  if (group.consumers.has(name)) return session.reply.integer(0);
  group.consumers.set(name, new Consumer(name, session.core.now));
  session.db.changed(key);
  session.notify("t", "xgroup-createconsumer", key);
  session.reply.integer(1);
}

function delconsumer(session: Session, args: string[]): void {
  const [{ key }, group] = groupAt(session, args);
  const pending = group.leave(args[4]!);
  if (pending !== undefined) {
    session.db.changed(key);
    session.notify("t", "xgroup-delconsumer", key);
  }
  session.reply.integer(pending ?? 0);
}

function help({ reply }: Session): void {
  reply.array(HELP.length);
  for (const line of HELP) reply.simple(line);
}

const HELP = [
  "XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "CREATE <key> <groupname> <id|$> [option]",
  "    Create a new consumer group. Options are:",
  "    * MKSTREAM",
  "      Create the empty stream if it does not exist.",
  "    * ENTRIESREAD entries_read",
  "      Set the group's entries_read counter (internal use).",
  "CREATECONSUMER <key> <groupname> <consumer>",
  "    Create a new consumer in the specified group.",
  "DELCONSUMER <key> <groupname> <consumer>",
  "    Remove the specified consumer.",
  "DESTROY <key> <groupname>",
  "    Remove the specified group.",
  "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
  "    Set the current group ID and entries_read counter.",
  "HELP",
  "    Print this help.",
];

function xack({ db, reply }: Session, args: string[]): void {
  const key = args[1]!;
  const group = db.get(key, Stream)?.groups.get(args[2]!);
  if (group === undefined) return reply.integer(0);
  const ids = args.slice(3).map((text) => toId(text));
  let acknowledged = 0;
  for (const id of ids) if (group.acknowledge(id)) acknowledged++;
  if (acknowledged > 0) db.changed(key);
  reply.integer(acknowledged);
}

function xpending(session: Session, args: string[]): void {
  const { db } = session;
  const [, key, name] = args as [string, string, string];
  if (args.length !== 3 && (args.length < 6 || args.length > 9)) {
    throw syntaxError();
  }
  const query = args.length === 3 ? null : parsePending(args);
  const group = groupOf(db.get(key, Stream), key, name);
  if (query === null) summarize(session, group);
  else list(session, group, query);
}

/** The pending entries that XPENDING lists. */
interface PendingQuery {
  readonly minIdle: number;
  readonly start: StreamId;
  readonly end: StreamId;
  readonly count: number;
  readonly consumer: string | undefined;
}

/** Parses [IDLE min-idle] start end count [consumer]. */
function parsePending(args: string[]): PendingQuery {
  let at = 3;
  let minIdle = 0;
  if (args[at]!.toUpperCase() === "IDLE") {
    minIdle = toWhole(args[4]!);
    if (args.length < 8) throw syntaxError();
    at = 5;
  }
  const count = Math.max(toWhole(args[at + 2]!), 0);
  const start = toStart(args[at]!);
  const end = toEnd(args[at + 1]!);
  return { minIdle, start, end, count, consumer: args[at + 3] };
}

function summarize({ reply }: Session, { pending, consumers }: Group): void {
  reply.array(4);
  reply.integer(pending.size);
  if (pending.size === 0) {
    reply.null();
    reply.null();
    reply.nullArray();
    return;
  }
  reply.bulk(formatId(pending.first()!.id));
  reply.bulk(formatId(pending.last()!.id));
  const busy = byName(consumers).filter(({ pending }) => pending.size > 0);
  reply.array(busy.length);
  for (const { name, pending } of busy) {
    reply.array(2);
    reply.bulk(name);
    reply.bulk(String(pending.size));
  }
}

function list(
  { reply, core }: Session,
  group: Group,
  { minIdle, start, end, count, consumer: name }: PendingQuery,
): void {
  const consumer = name === undefined ? group : group.consumers.get(name);
  if (consumer === undefined) return reply.array(0);
  const found: Pending[] = [];
  consumer.pending.each((pending) => {
    if (found.length >= count || compareIds(pending.id, end) > 0) return false;
    if (core.now - pending.deliveredAt >= minIdle) found.push(pending);
  }, start);
  reply.array(found.length);
  for (const { id, consumer, deliveredAt, deliveries } of found) {
    reply.array(4);
    reply.bulk(formatId(id));
    reply.bulk(consumer.name);
    reply.integer(Math.max(core.now - deliveredAt, 0));
    reply.integer(deliveries);
  }
}
