/**
 * XREAD and XREADGROUP, with their blocking forms.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { type CommandError, err, syntaxError } from "../base/errors.ts";
import { Stream } from "../values/stream.ts";
import type { Consumer, Group } from "../values/stream_group.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  LAST_ID,
  nextId,
  previousId,
  type StreamId,
} from "../values/stream_id.ts";
import {
  consumerOf,
  groupOf,
  showEntry,
  showRange,
  toId,
  toWhole,
} from "./stream_arguments.ts";
import { claimArguments, setIdArguments } from "./stream_effects.ts";

/** The commands of this family. */
export const STREAM_READS: readonly CommandSpec[] = [
  {
    name: "XREAD",
    run: xread,
  },
  {
    name: "XREADGROUP",
    run: xreadgroup,
  },
];

/** A stream to read from. */
interface Source {
  readonly key: string;
  /** The id after which entries are read; `null` for a group's `>`. */
  readonly after: StreamId | null;
}

/** The arguments of XREAD or XREADGROUP. */
interface Query {
  sources: Source[];
  count: number;
  /** How long to block, in ms; absent for not at all. */
  block?: number;
  group?: { name: string; consumer: string };
  noAck: boolean;
}

function xread(session: Session, args: string[]): void {
  const query = parseQuery(session, args, false);
  const ready = query.sources.flatMap((source) => newest(session, source));
  if (ready.length > 0) {
    openStreams(session, ready.length);
    for (const found of ready) showNew(session, found, query.count);
    return;
  }
  wait(session, query, (source) => {
    const found = newest(session, source);
    if (found.length === 0) return false;
    openStreams(session, 1);
    showNew(session, found[0]!, query.count);
    return true;
  });
}

/** Writes the header of the reply: a map in RESP3, pairs in RESP2. */
function openStreams({ reply }: Session, count: number): void {
  if (reply.protocol === 3) reply.map(count);
  else reply.array(count);
}

/** A stream with new entries. */
interface Found {
  readonly key: string;
  readonly stream: Stream;
  readonly after: StreamId;
}

/** The stream of a source, if it has entries after the id; none or one. */
function newest({ db }: Session, { key, after }: Source): Found[] {
  const stream = db.get(key, Stream);
  if (stream === undefined || stream.length === 0) return [];
  if (compareIds(stream.topId, after!) <= 0) return [];
  return [{ key, stream, after: after! }];
}

function showNew({ reply }: Session, found: Found, count: number): void {
  if (reply.protocol === 2) reply.array(2);
  reply.bulk(found.key);
  showRange(reply, found.stream, [nextId(found.after)!, LAST_ID], count);
}

function xreadgroup(session: Session, args: string[]): void {
  const query = parseQuery(session, args, true);
  session.rewrite(null);
  const read = query.sources.flatMap((source) =>
    readFor(session, source, query)
  );
  if (read.length > 0) return showRead(session, read);
  wait(session, query, (source) => {
    session.rewrite(null);
    const read = readFor(session, source, query);
    if (read.length > 0) showRead(session, read);
    return read.length > 0;
  });
}

/** Whether there is a reply for a group's consumer. */
function hasFor(
  { db }: Session,
  { key, after }: Source,
  { group }: Query,
): boolean {
  // The consumer's history is a reply even if it is empty.
  if (after !== null) return true;
  const stream = db.get(key, Stream)!;
  const { lastId } = stream.groups.get(group!.name)!;
  return stream.length > 0 && compareIds(stream.topId, lastId) > 0;
}

/** The entries that a group's consumer reads from a stream; of deleted ones only the id. */
interface Read {
  readonly key: string;
  readonly entries: [id: StreamId, pairs: string[] | undefined][];
}

/** Reads a stream for a group's consumer; returns none or one result. */
function readFor(session: Session, source: Source, query: Query): Read[] {
  const { db } = session;
  const { key, after } = source;
  const { group: asked, count, noAck } = query;
  const stream = db.get(key, Stream)!;
  const group = stream.groups.get(asked!.name)!;
  const consumer = consumerOf(session, key, group, asked!.consumer);
  if (!hasFor(session, source, query)) return [];
  const place = { key, stream, group, consumer };
  const entries = after === null
    ? deliver(session, place, count, noAck)
    : readHistory(session, place, after, count);
  db.changed(key);
  return [{ key, entries }];
}

function showRead(session: Session, read: readonly Read[]): void {
  const { reply } = session;
  openStreams(session, read.length);
  for (const { key, entries } of read) {
    if (reply.protocol === 2) reply.array(2);
    reply.bulk(key);
    reply.array(entries.length);
    for (const [id, pairs] of entries) {
      if (pairs !== undefined) {
        showEntry(reply, id, pairs);
        continue;
      }
      reply.array(2);
      reply.bulk(formatId(id));
      reply.nullArray();
    }
  }
}

/** A consumer of a group, and the stream it reads. */
interface Place {
  readonly key: string;
  readonly stream: Stream;
  readonly group: Group;
  readonly consumer: Consumer;
}

/** Delivers new entries to a consumer. */
function deliver(
  { core, db }: Session,
  { key, stream, group, consumer }: Place,
  count: number,
  noAck: boolean,
): Read["entries"] {
  const entries: Read["entries"] = [];
  stream.each(nextId(group.lastId)!, LAST_ID, (id, pairs) => {
    entries.push([id, pairs]);
    return entries.length !== count;
  });
  for (const [id] of entries) {
    const counts = group.entriesRead !== -1n && !stream.hasGaps(id) &&
      compareIds(group.lastId, stream.firstId) >= 0;
    if (counts) {
      group.entriesRead = BigInt.asIntN(64, group.entriesRead + 1n);
    } else if (stream.entriesAdded > 0) {
      group.entriesRead = BigInt(stream.countUpTo(id));
    }
    group.lastId = id;
    consumer.activeAt = core.now;
    if (noAck) continue;
    const pending = group.deliver(id, consumer, core.now);
    core.propagate(db, claimArguments(key, group, pending));
  }
  if (noAck) core.propagate(db, setIdArguments(key, group));
  return entries;
}

/** Reads the consumer's pending entries again. */
function readHistory(
  { core }: Session,
  { stream, consumer }: Place,
  after: StreamId,
  count: number,
): Read["entries"] {
  const from = nextId(after);
  const pending = from === null ? [] : consumer.pending.from(from, count);
  return pending.map((pending) => {
    const pairs = stream.get(pending.id);
    if (pairs !== undefined) {
      pending.deliveredAt = core.now;
      pending.deliveries++;
    }
    return [pending.id, pairs];
  });
}

const IN_XREADGROUP = " in XREADGROUP with GROUP option";

/** Blocks on the streams if the command says so; else replies null. */
function wait(
  session: Session,
  { sources, block, group }: Query,
  serve: (source: Source) => boolean,
): void {
  const { core, db, reply } = session;
  // Commands in a transaction or a script never block.
  if (block === undefined || session.inExec || session.caller !== null) {
    return reply.nullArray();
  }
  const byKey = new Map<string, Source>();
  for (const source of sources) byKey.set(source.key, source);
  core.waiting.add(session, {
    keys: [...byKey.keys()],
    timeout: block,
    serve(key) {
      const value = db.peek(key);
      if (group !== undefined) {
        const stream = db.get(key, Stream);
        groupOf(stream, key, group.name, IN_XREADGROUP);
      }
      return value instanceof Stream && serve(byKey.get(key)!);
    },
    whenGone: group !== undefined,
    timedOut: () => reply.nullArray(),
  });
}

/** Reads the options, the streams and their ids. */
function parseQuery(session: Session, args: string[], grouped: boolean): Query {
  const query: Query = { sources: [], count: 0, noAck: false };
  let streamsAt = 0;
  for (let i = 1; i < args.length && streamsAt === 0; i++) {
    const word = args[i]!.toUpperCase();
    const left = args.length - i - 1;
    if (word === "BLOCK" && left >= 1) {
      query.block = parseBlock(args[++i]!);
    } else if (word === "COUNT" && left >= 1) {
      query.count = Math.max(toWhole(args[++i]!), 0);
    } else if (word === "STREAMS" && left >= 1) {
      streamsAt = i + 1;
    } else if (word === "GROUP" && left >= 2) {
      if (!grouped) throw onlyGrouped("GROUP");
      query.group = { name: args[++i]!, consumer: args[++i]! };
    } else if (word === "NOACK") {
      if (!grouped) throw onlyGrouped("NOACK");
      query.noAck = true;
    } else {
      throw syntaxError();
    }
  }
  const words = args.length - streamsAt;
  if (streamsAt > 0 && words % 2 !== 0) {
    throw err(
      grouped
        ? "Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
        : "Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.",
    );
  }
  if (streamsAt === 0) throw syntaxError();
  if (grouped && query.group === undefined) {
    throw err("Missing GROUP option for XREADGROUP");
  }
  const half = words / 2;
  for (let i = streamsAt; i < streamsAt + half; i++) {
    const key = args[i]!;
    const after = parseAfter(session, key, args[i + half]!, query);
    query.sources.push({ key, after });
  }
  return query;
}

function onlyGrouped(word: string): CommandError {
  return err(
    `The ${word} option is only supported by XREADGROUP. You called XREAD instead.`,
  );
}

function parseBlock(text: string): number {
  const timeout = toWhole(text, "timeout is not an integer or out of range");
  if (timeout < 0) throw err("timeout is negative");
  return timeout;
}

function parseAfter(
  { db }: Session,
  key: string,
  text: string,
  { group }: Query,
): StreamId | null {
  const stream = db.get(key, Stream);
  if (group !== undefined) {
    groupOf(stream, key, group.name, IN_XREADGROUP);
  }
  if (text === "$") {
    if (group === undefined) return stream?.lastId ?? FIRST_ID;
    throw err(
      "The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
    );
  }
  // `+` reads only the last entry.
  if (text === "+" && group === undefined) {
    return stream === undefined || stream.length === 0
      ? FIRST_ID
      : previousId(stream.topId)!;
  }
  if (text !== ">") return toId(text);
  if (group !== undefined) return null;
  throw err(
    "The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
  );
}
