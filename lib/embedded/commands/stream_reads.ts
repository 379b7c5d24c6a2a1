/**
 * XREAD and XREADGROUP, with their blocking forms.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { LONGEST_TIMER } from "../session/blocking.ts";
import { type CommandError, err, syntaxError } from "../base/errors.ts";
import { Stream } from "../values/stream.ts";
import type { Consumer, Group, Pending } from "../values/stream_group.ts";
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
  /** The timeout for blocking, in ms; absent for a read that does not block. */
  block?: number;
  group?: { name: string; consumer: string };
  noAck: boolean;
  /** CLAIM: the idle time from which a pending entry is claimed, in ms. */
  claim?: number;
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

/** The stream of a source in an array; an empty array if it has no entries after the id. */
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

/** The delivery state of an entry before this read; both 0 for a new entry. */
interface Before {
  readonly idle: number;
  readonly deliveries: number;
}

const NEVER: Before = { idle: 0, deliveries: 0 };

/** The reply for one stream. A deleted entry has an id, and no fields and values. */
interface Read {
  readonly key: string;
  readonly entries: [
    id: StreamId,
    pairs: string[] | undefined,
    before?: Before,
  ][];
}

/** Reads a stream for a consumer of a group; returns an empty array or one result. */
function readFor(session: Session, source: Source, query: Query): Read[] {
  const { db } = session;
  const { key, after } = source;
  const { group: wanted, count, noAck, claim } = query;
  const stream = db.get(key, Stream)!;
  const group = stream.groups.get(wanted!.name)!;
  const consumer = consumerOf(session, key, group, wanted!.consumer);
  const place = { key, stream, group, consumer };
  if (after !== null) {
    // The reply has the stream even if no entry is pending.
    const entries = readHistory(session, place, after, count);
    db.changed(key);
    return [{ key, entries }];
  }
  const entries: Read["entries"] = [];
  if (claim !== undefined) entries.push(...claimOld(session, place, query));
  const left = count - entries.length;
  if (count === 0 || left > 0) {
    const delivered = deliver(session, place, Math.max(left, 0), noAck);
    for (const [id, pairs] of delivered) {
      entries.push(claim === undefined ? [id, pairs] : [id, pairs, NEVER]);
    }
  }
  if (entries.length === 0) return [];
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
    for (const [id, pairs, before] of entries) {
      reply.array(before === undefined ? 2 : 4);
      reply.bulk(formatId(id));
      if (pairs === undefined) reply.nullArray();
      else reply.bulks(pairs);
      if (before === undefined) continue;
      reply.integer(before.idle);
      reply.integer(before.deliveries);
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

/** CLAIM: moves entries that have been pending for long to a consumer, the oldest first. */
function claimOld(
  { core, db }: Session,
  { key, stream, group, consumer }: Place,
  { claim, count }: Query,
): Read["entries"] {
  const { now } = core;
  if (now - group.oldest < claim!) return [];
  const old: Pending[] = [];
  let oldest = Infinity;
  group.pending.each((pending) => {
    const { id, deliveredAt } = pending;
    const isOld = now - deliveredAt >= claim!;
    if (!isOld && deliveredAt >= oldest || !stream.has(id)) return;
    if (isOld) old.push(pending);
    else oldest = deliveredAt;
  });
  // The sort is stable: entries that were delivered together stay sorted by id.
  old.sort((a, b) => a.deliveredAt - b.deliveredAt);
  const left = count > 0 ? old.splice(count) : [];
  group.oldest = left[0]?.deliveredAt ?? oldest;
  return old.map((pending) => {
    const { id, deliveredAt, deliveries } = pending;
    group.assign(pending, consumer);
    consumer.activeAt = now;
    group.deliverAgain(pending, now);
    pending.deliveries++;
    core.propagate(db, claimArguments(key, group, pending));
    return [id, stream.get(id), { idle: now - deliveredAt, deliveries }];
  });
}

/** Delivers entries to a consumer that the group has not read yet. */
function deliver(
  { core, db }: Session,
  { key, stream, group, consumer }: Place,
  count: number,
  noAck: boolean,
): Read["entries"] {
  const entries: Read["entries"] = [];
  const from = nextId(group.lastId);
  if (from === null) return entries;
  stream.each(from, LAST_ID, (id, pairs) => {
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
    if (noAck) continue;
    consumer.activeAt = core.now;
    const pending = group.deliver(id, consumer, core.now);
    core.propagate(db, claimArguments(key, group, pending));
  }
  if (noAck && entries.length > 0) {
    core.propagate(db, setIdArguments(key, group));
  }
  return entries;
}

/** Reads the consumer's pending entries again. */
function readHistory(
  { core }: Session,
  { stream, group, consumer }: Place,
  after: StreamId,
  count: number,
): Read["entries"] {
  const from = nextId(after);
  const pending = from === null ? [] : consumer.pending.from(from, count);
  return pending.map((pending) => {
    const pairs = stream.get(pending.id);
    if (pairs !== undefined) {
      group.deliverAgain(pending, core.now);
      pending.deliveries++;
    }
    return [pending.id, pairs];
  });
}

const IN_XREADGROUP = " in XREADGROUP with GROUP option";

/** Blocks on the streams if the command has BLOCK; otherwise replies null. */
function wait(
  session: Session,
  query: Query,
  serve: (source: Source) => boolean,
): void {
  const { core, db, reply } = session;
  const { sources, block, group } = query;
  // Commands of a transaction or a script do not block.
  if (block === undefined || session.inExec || session.caller !== null) {
    return reply.nullArray();
  }
  const byKey = new Map<string, Source>();
  for (const source of sources) byKey.set(source.key, source);
  const alarm = new ClaimAlarm(session, query);
  core.waiting.add(session, {
    keys: [...byKey.keys()],
    timeout: block,
    serve(key) {
      const value = db.peek(key);
      if (group !== undefined) {
        const stream = db.get(key, Stream);
        groupOf(stream, key, group.name, IN_XREADGROUP);
      }
      const served = value instanceof Stream && serve(byKey.get(key)!);
      if (!served) alarm.set();
      return served;
    },
    whenGone: group !== undefined,
    timedOut: () => reply.nullArray(),
    over: () => alarm.clear(),
  });
  alarm.set();
}

/** The interval between attempts while writes are refused, in ms. */
const RETRY_MS = 100;

/** Serves a session that is blocked with CLAIM once a pending entry is old enough. */
class ClaimAlarm {
  readonly #session: Session;
  readonly #query: Query;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, query: Query) {
    this.#session = session;
    this.#query = query;
  }

  /** Starts a timer for the pending entry that was delivered first. */
  set(): void {
    const { sources, group, claim } = this.#query;
    if (claim === undefined) return;
    const { core, db } = this.#session;
    let first = Infinity;
    for (const { key } of sources) {
      const found = db.get(key, Stream)?.groups.get(group!.name);
      first = Math.min(first, found?.oldest ?? Infinity);
    }
    this.clear();
    if (first !== Infinity) this.#ringIn(Math.max(first + claim - core.now, 1));
  }

  /** Stops the timer. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #ringIn(ms: number): void {
    this.#timer = setTimeout(() => {
      try {
        this.#ring();
      } catch (error) {
        this.#session.core.report(error);
        this.#session.close();
      }
    }, Math.min(ms, LONGEST_TIMER));
  }

  #ring(): void {
    const { core, db } = this.#session;
    const { pause, loading, scripting } = core;
    if (pause.active || loading.active || scripting.busy) {
      return this.#ringIn(RETRY_MS);
    }
    core.tick();
    for (const { key } of this.#query.sources) core.waiting.changed(db, key);
    core.settle();
  }
}

/** Parses the options, the streams and their ids. */
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
    } else if (word === "CLAIM" && left >= 1) {
      if (!grouped) throw onlyGrouped("CLAIM");
      query.claim = parseMinIdle(args[++i]!);
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

function parseMinIdle(text: string): number {
  const idle = toWhole(text, "min-idle-time is not an integer or out of range");
  if (idle < 0) throw err("min-idle-time must be a positive integer");
  return idle;
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
