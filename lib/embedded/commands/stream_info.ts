/**
 * Commands that describe streams, their groups and consumers.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { noSuchKey } from "../base/errors.ts";
import { Stream } from "../values/stream.ts";
import { byName, type Consumer, type Group } from "../values/stream_group.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  LAST_ID,
} from "../values/stream_id.ts";
import {
  existingGroup,
  showEntry,
  showRange,
  toWhole,
} from "./stream_arguments.ts";
import { wrongSubcommand } from "./stream_groups.ts";

/** The commands of this family. */
export const STREAM_INFO: readonly CommandSpec[] = [
  {
    name: "XINFO",
    subcommands: [
      {
        name: "STREAM",
        run: stream,
      },
      {
        name: "GROUPS",
        run: groups,
      },
      {
        name: "CONSUMERS",
        run: consumers,
      },
      {
        name: "HELP",
        run: help,
      },
    ],
  },
];

/** The default number of entries and pending entries in the reply of FULL. */
const SHOWN = 10;

function streamAt({ db }: Session, key: string): Stream {
  const stream = db.get(key, Stream);
  if (stream === undefined) throw noSuchKey();
  return stream;
}

function stream(session: Session, args: string[]): void {
  const { reply } = session;
  const stream = streamAt(session, args[2]!);
  const count = parseFull(args);
  const { keys, nodes } = stream.tree();
  reply.map(count === null ? 16 : 15);
  const number = (name: string, value: number) => {
    reply.bulk(name);
    reply.integer(value);
  };
  const text = (name: string, value: string) => {
    reply.bulk(name);
    reply.bulk(value);
  };
  number("length", stream.length);
  number("radix-tree-keys", keys);
  number("radix-tree-nodes", nodes);
  text("last-generated-id", formatId(stream.lastId));
  text("max-deleted-entry-id", formatId(stream.maxDeletedId));
  number("entries-added", stream.entriesAdded);
  text("recorded-first-entry-id", formatId(stream.firstId));
  const { producers } = stream;
  const all = producers.all(session.core.now);
  number("idmp-duration", producers.duration);
  number("idmp-maxsize", producers.maxSize);
  number("pids-tracked", all.length);
  number("iids-tracked", all.reduce((sum, [, { size }]) => sum + size, 0));
  number("iids-added", producers.added);
  number("iids-duplicates", producers.duplicates);
  if (count !== null) return showFull(session, stream, count);
  number("groups", stream.groups.size);
  for (const name of ["first-entry", "last-entry"]) {
    reply.bulk(name);
    if (stream.length === 0) {
      reply.null();
      continue;
    }
    const id = name === "first-entry" ? stream.firstId : stream.topId;
    showEntry(reply, id, stream.get(id)!);
  }
}

/** Parses [FULL [COUNT count]]; returns the number of entries to show, `null` without FULL. */
function parseFull(args: string[]): number | null {
  if (args.length === 3) return null;
  const [full, word, count] = args.slice(3);
  const wrong = args.length !== 4 && args.length !== 6;
  if (wrong || full!.toUpperCase() !== "FULL") {
    throw wrongSubcommand("XINFO", args[1]!);
  }
  if (word === undefined) return SHOWN;
  if (word.toUpperCase() !== "COUNT") {
    throw wrongSubcommand("XINFO", args[1]!);
  }
  const shown = toWhole(count!);
  return shown < 0 ? SHOWN : shown;
}

function showFull(session: Session, stream: Stream, count: number): void {
  const { reply } = session;
  reply.bulk("entries");
  showRange(reply, stream, [FIRST_ID, LAST_ID], count);
  reply.bulk("groups");
  reply.array(stream.groups.size);
  for (const group of byName(stream.groups)) {
    reply.map(7);
    reply.bulk("name");
    reply.bulk(group.name);
    showProgress(session, stream, group);
    reply.bulk("pel-count");
    reply.integer(group.pending.size);
    showPending(session, group, count, true);
    reply.bulk("consumers");
    reply.array(group.consumers.size);
    for (const consumer of byName(group.consumers)) {
      reply.map(5);
      reply.bulk("name");
      reply.bulk(consumer.name);
      reply.bulk("seen-time");
      reply.integer(consumer.seenAt);
      reply.bulk("active-time");
      reply.integer(consumer.activeAt);
      reply.bulk("pel-count");
      reply.integer(consumer.pending.size);
      showPending(session, consumer, count, false);
    }
  }
}

function showPending(
  { reply }: Session,
  { pending }: Group | Consumer,
  count: number,
  withNames: boolean,
): void {
  const shown = pending.from(FIRST_ID, count);
  reply.bulk("pending");
  reply.array(shown.length);
  for (const { id, consumer, deliveredAt, deliveries } of shown) {
    reply.array(withNames ? 4 : 3);
    reply.bulk(formatId(id));
    if (withNames) reply.bulk(consumer.name);
    reply.integer(deliveredAt);
    reply.integer(deliveries);
  }
}

/** Writes the number of entries that a group has read, and its lag. */
function showProgress({ reply }: Session, stream: Stream, group: Group): void {
  reply.bulk("last-delivered-id");
  reply.bulk(formatId(group.lastId));
  reply.bulk("entries-read");
  if (group.entriesRead === -1n) reply.null();
  else reply.integer(group.entriesRead);
  reply.bulk("lag");
  const lag = lagOf(stream, group);
  if (lag === null) reply.null();
  else reply.integer(lag);
}

/** The number of entries that a group has not read yet; `null` if unknown. */
function lagOf(stream: Stream, group: Group): bigint | null {
  const { firstId, maxDeletedId, length } = stream;
  if (length === 0) return 0n;
  const isBefore = compareIds(group.lastId, firstId) < 0;
  if (isBefore && compareIds(maxDeletedId, firstId) < 0) return BigInt(length);
  const known = group.entriesRead !== -1n && !stream.hasGaps(group.lastId);
  const read = known
    ? group.entriesRead
    : BigInt(stream.countUpTo(group.lastId));
  return read === -1n
    ? null
    : BigInt.asIntN(64, BigInt(stream.entriesAdded) - read);
}

function groups(session: Session, args: string[]): void {
  const { reply } = session;
  const stream = streamAt(session, args[2]!);
  reply.array(stream.groups.size);
  for (const group of byName(stream.groups)) {
    reply.map(6);
    reply.bulk("name");
    reply.bulk(group.name);
    reply.bulk("consumers");
    reply.integer(group.consumers.size);
    reply.bulk("pending");
    reply.integer(group.pending.size);
    showProgress(session, stream, group);
  }
}

function consumers(session: Session, args: string[]): void {
  const { reply, core } = session;
  const [, , key, name] = args as [string, string, string, string];
  const group = existingGroup(streamAt(session, key), key, name);
  reply.array(group.consumers.size);
  for (const consumer of byName(group.consumers)) {
    const { seenAt, activeAt } = consumer;
    reply.map(4);
    reply.bulk("name");
    reply.bulk(consumer.name);
    reply.bulk("pending");
    reply.integer(consumer.pending.size);
    reply.bulk("idle");
    reply.integer(Math.max(core.now - seenAt, 0));
    reply.bulk("inactive");
    reply.integer(activeAt === -1 ? -1 : Math.max(core.now - activeAt, 0));
  }
}

function help({ reply }: Session): void {
  reply.array(HELP.length);
  for (const line of HELP) reply.simple(line);
}

const HELP = [
  "XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "CONSUMERS <key> <groupname>",
  "    Show consumers of <groupname>.",
  "GROUPS <key>",
  "    Show the stream consumer groups.",
  "STREAM <key> [FULL [COUNT <count>]",
  "    Show information about the stream.",
  "HELP",
  "    Print this help.",
];
