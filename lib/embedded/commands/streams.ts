/**
 * Commands on the entries of a stream.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { binaryToBytes, toBinary } from "../../resp/binary.ts";
import { err, noSuchKey, syntaxError, wrongArity } from "../base/errors.ts";
import { xxh3 } from "../base/xxh3.ts";
import { Stream } from "../values/stream.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  isFirst,
  LAST_ID,
  nextId,
  type StreamId,
} from "../values/stream_id.ts";
import {
  leaveOut,
  type NewId,
  parseTrim,
  showRange,
  toEnd,
  toId,
  toStart,
  toWhole,
  type TrimArguments,
  trimStream,
} from "./stream_arguments.ts";
import { trimReferenced } from "./stream_deletes.ts";

/** The commands of this family. */
export const STREAMS: readonly CommandSpec[] = [
  {
    name: "XADD",
    run: xadd,
  },
  {
    name: "XCFGSET",
    run: xcfgset,
  },
  {
    name: "XDEL",
    run: xdel,
  },
  {
    name: "XIDMPRECORD",
    run: xidmprecord,
  },
  {
    name: "XLEN",
    run: xlen,
  },
  {
    name: "XRANGE",
    run: xrange,
  },
  {
    name: "XREVRANGE",
    run: xrevrange,
  },
  {
    name: "XTRIM",
    run: xtrim,
  },
  {
    name: "XSETID",
    run: xsetid,
  },
];

function xadd(session: Session, args: string[]): void {
  const { db, reply, core } = session;
  const key = args[1]!;
  const parsed = parseTrim(session, args, true);
  const { id: wanted, end: idAt } = parsed;
  const count = args.length - idAt - 1;
  if (count < 2 || count % 2 !== 0) throw wrongArity("xadd");
  if (wanted !== null && wanted.seq !== null && isFirst(wanted as StreamId)) {
    throw err("The ID specified in XADD must be greater than 0-0");
  }
  let stream = db.get(key, Stream);
  if (stream === undefined && parsed.noMakeStream) return reply.null();
  const message = messageOf(parsed, args.slice(idAt + 1));
  if (message !== null && stream !== undefined) {
    const known = stream.producers.find(...message, core.now);
    // A primary propagates `*` for a duplicate, and the id for a new message. Its
    // decision counts: messages may have expired differently by this server's clock.
    if (core.obeys ? wanted === null : known !== undefined) {
      stream.producers.repeated();
      return reply.bulk(formatId(known ?? FIRST_ID));
    }
  }
  const id = newId(stream?.lastId ?? FIRST_ID, wanted, core.now);
  stream ??= db.getOrAdd(key, Stream, () => new Stream());
  const pairs = args.slice(idAt + 1);
  stream.add(id, pairs);
  if (message !== null) stream.producers.record(...message, id);
  reply.bulk(formatId(id));
  session.notify("t", "xadd", key);
  const saved = [...args];
  saved[idAt] = formatId(id);
  saveAdded(session, stream, parsed, saved);
  db.changed(key);
}

/** Trims the stream after an entry was added, and propagates both. */
function saveAdded(
  session: Session,
  stream: Stream,
  parsed: TrimArguments,
  saved: string[],
): void {
  const [, key] = saved as [string, string];
  const { trim, references, thresholdAt, limitAt, referencesAt } = parsed;
  if (trim === null) {
    leaveOut(saved, [referencesAt]);
    session.rewrite(saved);
  } else if (references === "KEEPREF") {
    const deleted = trimStream(stream, parsed, saved);
    if (deleted > 0) session.notify("t", "xtrim", key);
    session.rewrite(saved);
  } else {
    // The trimmed entries are propagated as commands of their own, after this one.
    const isSigned = /^[=~]$/.test(saved[thresholdAt - 1]!);
    leaveOut(saved, [
      ...[thresholdAt, thresholdAt - 1, isSigned ? thresholdAt - 2 : 0],
      ...limitAt > 0 ? [limitAt, limitAt - 1] : [],
      referencesAt,
    ]);
    session.core.propagate(session.db, saved);
    session.rewrite(null);
    trimReferenced(session, key, stream, parsed);
  }
}

/** The producer and the message id of `XADD IDMP` or `IDMPAUTO`; `null` without them. */
function messageOf(
  { message }: TrimArguments,
  pairs: readonly string[],
): [producer: string, id: string] | null {
  if (message === null) return null;
  return [message.producer, message.id ?? contentId(pairs)];
}

/** A message id of 16 bytes: a hash of fields and values, independent of their order. */
function contentId(pairs: readonly string[]): string {
  const texts: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const [field, value] = [pairs[i]!, pairs[i + 1]!];
    texts.push(`${field.length}:${field}${value.length}:${value}`);
  }
  const text = texts.sort().join("");
  return [text, `${text}.`].map((text) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, xxh3(binaryToBytes(text)));
    return toBinary(bytes, 0, 8);
  }).join("");
}

/** The id of a new entry after `last`. */
function newId(last: StreamId, wanted: NewId, now: number): StreamId {
  if (compareIds(last, LAST_ID) === 0) {
    throw err(
      "The stream has exhausted the last possible ID, unable to add more items",
    );
  }
  let id: StreamId;
  if (wanted === null) {
    id = now > last.ms ? { ms: now, seq: 0 } : nextId(last)!;
  } else if (wanted.seq !== null) {
    id = wanted as StreamId;
  } else if (wanted.ms !== last.ms) {
    id = { ms: wanted.ms, seq: 0 };
  } else {
    // Redis's message, although no element is too large.
    if (last.seq === LAST_ID.seq) {
      throw err("Elements are too large to be stored");
    }
    id = nextId(last)!;
  }
  if (compareIds(id, last) <= 0) {
    throw err(
      "The ID specified in XADD is equal or smaller than the target stream top item",
    );
  }
  return id;
}

function xdel(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const stream = db.get(key, Stream);
  if (stream === undefined) return reply.integer(0);
  const ids = args.slice(2).map((text) => toId(text));
  let deleted = 0;
  for (const id of ids) if (stream.delete(id)) deleted++;
  if (deleted > 0) {
    db.changed(key);
    session.notify("t", "xdel", key);
  }
  reply.integer(deleted);
}

function xlen({ db, reply }: Session, [, key]: string[]): void {
  reply.integer(db.get(key!, Stream)?.length ?? 0);
}

function xrange(session: Session, args: string[]): void {
  range(session, args, [toStart(args[2]!), toEnd(args[3]!)], false);
}

function xrevrange(session: Session, args: string[]): void {
  range(session, args, [toStart(args[3]!), toEnd(args[2]!)], true);
}

function range(
  { db, reply }: Session,
  args: string[],
  interval: readonly [StreamId, StreamId],
  reverse: boolean,
): void {
  let count: number | undefined;
  for (let i = 4; i < args.length; i += 2) {
    if (args[i]!.toUpperCase() !== "COUNT" || i + 1 === args.length) {
      throw syntaxError();
    }
    count = Math.max(toWhole(args[i + 1]!), 0);
  }
  const stream = db.get(args[1]!, Stream);
  if (stream === undefined) return reply.array(0);
  if (count === 0) return reply.nullArray();
  showRange(reply, stream, interval, count ?? 0, reverse);
}

function xtrim(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const parsed = parseTrim(session, args, false);
  const stream = db.get(key, Stream);
  if (stream === undefined) return reply.integer(0);
  if (parsed.references !== "KEEPREF") {
    session.rewrite(null);
    return reply.integer(trimReferenced(session, key, stream, parsed));
  }
  const saved = [...args];
  const deleted = trimStream(stream, parsed, saved);
  if (deleted > 0) {
    session.rewrite(saved);
    db.changed(key);
    session.notify("t", "xtrim", key);
  }
  reply.integer(deleted);
}

function xcfgset(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const stream = db.get(key, Stream);
  if (stream === undefined) throw noSuchKey();
  const settings = new Map<string, number>();
  for (let i = 2; i < args.length; i += 2) {
    const word = args[i]!.toUpperCase();
    const most = IDMP_SETTINGS[word];
    const value = args[i + 1];
    if (most === undefined || value === undefined) throw syntaxError();
    if (settings.has(word)) throw err(`${word} specified multiple times`);
    const setting = toWhole(value);
    if (setting < 1 || setting > most.to) {
      throw err(`${word} must be between 1 and ${most.to} ${most.unit}`);
    }
    settings.set(word, setting);
  }
  if (settings.size === 0) {
    throw err("At least one parameter must be specified");
  }
  const { producers } = stream;
  const duration = settings.get("IDMP-DURATION") ?? producers.duration;
  const maxSize = settings.get("IDMP-MAXSIZE") ?? producers.maxSize;
  if (producers.configure(duration, maxSize)) db.changed(key);
  reply.ok();
}

/** The maximum of each parameter of XCFGSET; the minimum is 1. */
const IDMP_SETTINGS: Record<string, { to: number; unit: string } | undefined> =
  {
    "IDMP-DURATION": { to: 86_400, unit: "seconds" },
    "IDMP-MAXSIZE": { to: 10_000, unit: "entries" },
  };

function xidmprecord(session: Session, args: string[]): void {
  const { db, reply, core } = session;
  const [, key, producer, message, text] = args as [
    ...[string, string, string, string, string],
  ];
  const id = toId(text);
  if (producer === "") throw err("producer ID must be non-empty");
  if (message === "") throw err("idempotent ID must be non-empty");
  const stream = db.get(key, Stream);
  if (stream === undefined) throw noSuchKey();
  if (!stream.has(id)) throw err("No such message in stream");
  // A primary propagates this command only after it recorded the message. By its
  // clock an earlier entry of the message had expired, which may be known here.
  const known = core.obeys
    ? undefined
    : stream.producers.peek(producer, message);
  if (known === undefined) {
    stream.producers.record(producer, message, id);
    db.changed(key);
  } else if (compareIds(known, id) !== 0) {
    throw err(
      "IID already exists for this producer with a different stream ID",
    );
  }
  reply.ok();
}

function xsetid(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const id = toId(args[2]!);
  let entriesAdded: number | undefined;
  let maxDeletedId = FIRST_ID;
  for (let i = 3; i < args.length; i += 2) {
    const word = args[i]!.toUpperCase();
    const value = args[i + 1];
    if (value === undefined) throw syntaxError();
    if (word === "ENTRIESADDED") {
      entriesAdded = toWhole(value);
      if (entriesAdded < 0) throw err("entries_added must be positive");
    } else if (word === "MAXDELETEDID") {
      maxDeletedId = toId(value);
      if (compareIds(id, maxDeletedId) < 0) {
        throw err(
          "The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
        );
      }
    } else {
      throw syntaxError();
    }
  }
  const stream = db.get(key, Stream);
  if (stream === undefined) throw noSuchKey();
  if (compareIds(id, stream.maxDeletedId) < 0) {
    throw err(
      "The ID specified in XSETID is smaller than current max_deleted_entry_id",
    );
  }
  if (stream.length > 0) {
    if (compareIds(id, stream.topId) < 0) {
      throw err(
        "The ID specified in XSETID is smaller than the target stream top item",
      );
    }
    if (entriesAdded !== undefined && stream.length > entriesAdded) {
      throw err(
        "The entries_added specified in XSETID is smaller than the target stream length",
      );
    }
  }
  stream.lastId = id;
  stream.entriesAdded = entriesAdded ?? stream.entriesAdded;
  if (!isFirst(maxDeletedId)) stream.maxDeletedId = maxDeletedId;
  // A new entry may get the id of a deleted one that is still pending.
  for (const group of stream.groups.values()) group.oldest = 0;
  db.changed(key);
  session.notify("t", "xsetid", key);
  reply.ok();
}
