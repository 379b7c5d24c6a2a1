/**
 * Commands on the entries of a stream.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, noSuchKey, syntaxError, wrongArity } from "../base/errors.ts";
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
  type NewId,
  parseTrim,
  showRange,
  toEnd,
  toId,
  toStart,
  toWhole,
  trimStream,
} from "./stream_arguments.ts";

/** The commands of this family. */
export const STREAMS: readonly CommandSpec[] = [
  {
    name: "XADD",
    run: xadd,
  },
  {
    name: "XDEL",
    run: xdel,
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
  const id = newId(stream?.lastId ?? FIRST_ID, wanted, core.now);
  stream ??= db.getOrAdd(key, Stream, () => new Stream());
  stream.add(id, args.slice(idAt + 1));
  reply.bulk(formatId(id));
  session.notify("t", "xadd", key);
  const saved = [...args];
  saved[idAt] = formatId(id);
  if (parsed.trim !== null && trimStream(stream, parsed, saved) > 0) {
    session.notify("t", "xtrim", key);
  }
  session.rewrite(saved);
  db.changed(key);
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
    // Redis's own text, although no element is too large.
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
  const saved = [...args];
  const deleted = trimStream(stream, parsed, saved);
  if (deleted > 0) {
    session.rewrite(saved);
    db.changed(key);
    session.notify("t", "xtrim", key);
  }
  reply.integer(deleted);
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
  db.changed(key);
  session.notify("t", "xsetid", key);
  reply.ok();
}
