/**
 * Commands that transfer pending entries to another consumer.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { toRange } from "../base/numbers.ts";
import { Stream } from "../values/stream.ts";
import type { Group, Pending } from "../values/stream_group.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  type StreamId,
} from "../values/stream_id.ts";
import {
  consumerOf,
  groupOf,
  readId,
  showEntry,
  shown,
  toId,
  toStart,
  toWhole,
} from "./stream_arguments.ts";
import { claimArguments, setIdArguments } from "./stream_effects.ts";

/** The commands of this family. */
export const STREAM_CLAIMS: readonly CommandSpec[] = [
  {
    name: "XCLAIM",
    run: xclaim,
  },
  {
    name: "XAUTOCLAIM",
    run: xautoclaim,
  },
];

/** The options of XCLAIM. */
interface Options {
  ids: StreamId[];
  force: boolean;
  justId: boolean;
  /** The new delivery time in ms since 1970; absent for the current time. */
  deliveredAt?: number;
  /** The new delivery count; -1 to increment. */
  deliveries: number;
  lastId: StreamId;
}

function xclaim(session: Session, args: string[]): void {
  const { db, core } = session;
  const [, key, name, who] = args as [string, string, string, string];
  const stream = db.get(key, Stream)!;
  const group = groupOf(stream, key, name);
  const minIdle = parseMinIdle(args[4]!, "XCLAIM");
  const options = parseOptions(args, core.now);
  const consumer = consumerOf(session, key, group, who);
  let untold = compareIds(options.lastId, group.lastId) > 0;
  if (untold) group.lastId = options.lastId;
  const claimed: StreamId[] = [];
  const { dirty } = core;
  for (const id of options.ids) {
    let pending = group.pending.get(id);
    if (!stream.has(id)) {
      if (pending !== undefined) drop(session, key, group, pending);
      continue;
    }
    if (pending === undefined) {
      if (!options.force) continue;
      pending = group.deliver(id, consumer, core.now);
    } else if (core.now - pending.deliveredAt < minIdle) {
      continue;
    }
    group.assign(pending, consumer);
    consumer.activeAt = core.now;
    group.deliverAgain(pending, options.deliveredAt ?? core.now);
    if (options.deliveries >= 0) pending.deliveries = options.deliveries;
    else if (!options.justId) pending.deliveries++;
    core.propagate(db, claimArguments(key, group, pending));
    db.changed(key);
    claimed.push(id);
  }
  // The propagated XCLAIM commands set the last id already.
  if (core.dirty !== dirty) untold = false;
  if (untold) {
    core.propagate(db, setIdArguments(key, group));
    db.changed(key);
  }
  session.rewrite(null);
  showClaimed(session, stream, claimed, options.justId);
}

function parseMinIdle(text: string, name: string): number {
  const error = `Invalid min-idle-time argument for ${name}`;
  return Math.max(toWhole(text, error), 0);
}

/** Parses the ids, then the options. */
function parseOptions(args: string[], now: number): Options {
  const options: Options = {
    ids: [],
    force: false,
    justId: false,
    deliveries: -1,
    lastId: FIRST_ID,
  };
  let at = 5;
  for (; at < args.length; at++) {
    const id = readId(args[at]!, 0);
    if (id === null) break;
    options.ids.push(id);
  }
  const whole = (word: string) =>
    toWhole(args[++at]!, `Invalid ${word} option argument for XCLAIM`);
  let deliveredAt = -1;
  for (; at < args.length; at++) {
    const word = args[at]!.toUpperCase();
    const more = at + 1 < args.length;
    if (word === "FORCE") options.force = true;
    else if (word === "JUSTID") options.justId = true;
    else if (word === "IDLE" && more) deliveredAt = now - whole(word);
    else if (word === "TIME" && more) deliveredAt = whole(word);
    else if (word === "RETRYCOUNT" && more) options.deliveries = whole(word);
    else if (word === "LASTID" && more) options.lastId = toId(args[++at]!);
    else throw err(`Unrecognized XCLAIM option '${shown(args[at]!)}'`);
  }
  // A time in the future is valid: clocks differ.
  if (deliveredAt >= 0 && deliveredAt <= now) options.deliveredAt = deliveredAt;
  return options;
}

/** Removes a pending entry whose stream entry was deleted. */
function drop(
  { core, db }: Session,
  key: string,
  group: Group,
  pending: Pending,
): void {
  core.propagate(db, claimArguments(key, group, pending));
  group.acknowledge(pending.id);
  db.changed(key);
}

function showClaimed(
  { reply }: Session,
  stream: Stream,
  ids: readonly StreamId[],
  justId: boolean,
): void {
  reply.array(ids.length);
  for (const id of ids) {
    if (justId) reply.bulk(formatId(id));
    else showEntry(reply, id, stream.get(id)!);
  }
}

/** XAUTOCLAIM examines up to this many pending entries for each entry of its COUNT. */
const ATTEMPTS = 10;

function xautoclaim(session: Session, args: string[]): void {
  const { db, core, reply } = session;
  const [, key, name, who] = args as [string, string, string, string];
  const minIdle = parseMinIdle(args[4]!, "XAUTOCLAIM");
  const start = toStart(args[5]!);
  const { count, justId } = parseAutoOptions(args);
  const stream = db.get(key, Stream)!;
  const group = groupOf(stream, key, name);
  const consumer = consumerOf(session, key, group, who);
  const claimed: StreamId[] = [];
  const dropped: StreamId[] = [];
  const looked = group.pending.from(start, count * ATTEMPTS + 1);
  let at = 0;
  for (; at < looked.length && at < count * ATTEMPTS; at++) {
    if (claimed.length + dropped.length === count) break;
    const pending = looked[at]!;
    if (!stream.has(pending.id)) {
      drop(session, key, group, pending);
      dropped.push(pending.id);
      continue;
    }
    if (core.now - pending.deliveredAt < minIdle) continue;
    group.assign(pending, consumer);
    consumer.activeAt = core.now;
    group.deliverAgain(pending, core.now);
    if (!justId) pending.deliveries++;
    core.propagate(db, claimArguments(key, group, pending));
    db.changed(key);
    claimed.push(pending.id);
  }
  session.rewrite(null);
  reply.array(3);
  reply.bulk(formatId(looked[at]?.id ?? FIRST_ID));
  showClaimed(session, stream, claimed, justId);
  reply.bulks(dropped.map(formatId));
}

function parseAutoOptions(args: string[]): { count: number; justId: boolean } {
  let count = 100;
  let justId = false;
  for (let i = 6; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    if (word === "COUNT" && i + 1 < args.length) {
      const error = () => err("COUNT must be > 0");
      count = toRange(args[++i]!, 1, 2 ** 63 / 16 - 1, error);
    } else if (word === "JUSTID") {
      justId = true;
    } else {
      throw syntaxError();
    }
  }
  return { count, justId };
}
