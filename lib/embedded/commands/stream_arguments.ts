/**
 * Helpers shared by stream commands: ids, trimming, entries.
 *
 * @module
 */

import type { Session } from "./host.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { CommandError, err, syntaxError } from "../base/errors.ts";
import { toBigInt } from "../base/numbers.ts";
import type { Stream, Trim, VisitEntry } from "../values/stream.ts";
import { Consumer, type Group } from "../values/stream_group.ts";
import {
  FIRST_ID,
  formatId,
  LAST_ID,
  nextId,
  parsePart,
  type Part,
  previousId,
  type StreamId,
} from "../values/stream_id.ts";
import { LIMITS } from "../values/limits.ts";
import { createArguments } from "./stream_effects.ts";

/** The maximum length of an id as text. */
const LONGEST = 127;

/** Parses an id; `null` if invalid. `missing` is the default of the second part. */
export function readId(text: string, missing: Part): StreamId | null {
  if (text.length > LONGEST) return null;
  const [line] = text.split("\0", 1) as [string];
  const dash = line.indexOf("-");
  const ms = parsePart(dash < 0 ? line : line.slice(0, dash));
  const seq = dash < 0 ? missing : parsePart(line.slice(dash + 1));
  return ms === null || seq === null ? null : { ms, seq };
}

/** Parses an id; throws if invalid. */
export function toId(text: string, missing: Part = 0): StreamId {
  const id = readId(text, missing);
  if (id === null) throw invalidId();
  return id;
}

/** Parses an id; `-` and `+` are the smallest and the greatest id. */
export function toIdOrEdge(text: string, missing: Part = 0): StreamId {
  if (text === "-") return FIRST_ID;
  if (text === "+") return LAST_ID;
  return toId(text, missing);
}

/** The error for an invalid id. */
export function invalidId(): CommandError {
  return err("Invalid stream ID specified as stream command argument");
}

/** Parses the start of an interval; `(` excludes the id itself. */
export function toStart(text: string): StreamId {
  if (!isExclusive(text)) return toIdOrEdge(text);
  const id = nextId(toId(text.slice(1)));
  if (id === null) throw err("invalid start ID for the interval");
  return id;
}

/** Parses the end of an interval; `(` excludes the id itself. */
export function toEnd(text: string): StreamId {
  if (!isExclusive(text)) return toIdOrEdge(text, LAST_ID.seq);
  const id = previousId(toId(text.slice(1), LAST_ID.seq));
  if (id === null) throw err("invalid end ID for the interval");
  return id;
}

function isExclusive(text: string): boolean {
  return text.length > 1 && text.startsWith("(");
}

/** Parses an integer; throws `error` if invalid. */
export function toWhole(text: string, error?: string): number {
  try {
    return Number(toBigInt(text));
  } catch (thrown) {
    if (error !== undefined && thrown instanceof CommandError) {
      throw err(error);
    }
    throw thrown;
  }
}

/** The id argument of XADD: `null` for `*`, a `seq` of `null` for `ms-*`. */
export type NewId = { ms: StreamId["ms"]; seq: StreamId["seq"] | null } | null;

function parseNewId(text: string): NewId {
  if (text === "*") return null;
  if (!text.endsWith("-*")) return toId(text);
  return { ms: toId(text.slice(0, -2) + "-0").ms, seq: null };
}

/**
 * What deleting an entry does to groups where it is pending: it stays pending, or is
 * deleted there too; with ACKED only what all groups acknowledged is deleted.
 */
export type References = "KEEPREF" | "DELREF" | "ACKED";

/** Whether a word, in upper case, is one of {@linkcode References}. */
export function isReferences(word: string): word is References {
  return word === "KEEPREF" || word === "DELREF" || word === "ACKED";
}

/** A message of a producer. Without `id` (IDMPAUTO) its content identifies it. */
export interface Message {
  readonly producer: string;
  readonly id?: string;
}

/** The options of XADD and XTRIM. */
export interface TrimArguments {
  /** How to trim; `null` for not at all. */
  trim: Trim | null;
  /** The indexes of the threshold, of the limit and of the references option; 0 if absent. */
  thresholdAt: number;
  limitAt: number;
  referencesAt: number;
  references: References;
  /** The message of IDMP or IDMPAUTO; `null` without them. */
  message: Message | null;
  noMakeStream: boolean;
  /** The index after the options; for XADD, the index of the id. */
  end: number;
  /** XADD's id. */
  id: NewId;
}

/**
 * Parses `[NOMKSTREAM] [KEEPREF | DELREF | ACKED] [IDMPAUTO producer | IDMP producer
 * message] [MAXLEN | MINID [= | ~] threshold [LIMIT count]]`.
 */
export function parseTrim(
  { core }: Session,
  args: readonly string[],
  adds: boolean,
): TrimArguments {
  const parsed: TrimArguments = {
    trim: null,
    thresholdAt: 0,
    limitAt: 0,
    referencesAt: 0,
    references: "KEEPREF",
    message: null,
    noMakeStream: false,
    end: 2,
    id: null,
  };
  let what: Pick<Trim, "maxLength" | "minId"> | undefined;
  let approximate = false;
  let limit: number | undefined;
  for (; parsed.end < args.length; parsed.end++) {
    const word = args[parsed.end]!.toUpperCase();
    const left = args.length - 1 - parsed.end;
    if (adds && word === "*") break;
    if ((word === "MAXLEN" || word === "MINID") && left >= 1) {
      if (what !== undefined) {
        throw err(
          "syntax error, MAXLEN and MINID options at the same time are not compatible",
        );
      }
      const sign = left >= 2 ? args[parsed.end + 1]! : "";
      approximate = sign === "~";
      if (sign === "~" || sign === "=") parsed.end++;
      parsed.thresholdAt = ++parsed.end;
      const threshold = args[parsed.thresholdAt]!;
      what = word === "MINID"
        ? { minId: toId(threshold) }
        : { maxLength: notNegative(threshold, word) };
    } else if (word === "LIMIT" && left >= 1) {
      parsed.limitAt = ++parsed.end;
      limit = notNegative(args[parsed.end]!, word);
    } else if (adds && word === "NOMKSTREAM") {
      parsed.noMakeStream = true;
    } else if (isReferences(word) && parsed.referencesAt === 0) {
      parsed.referencesAt = parsed.end;
      parsed.references = word;
    } else if (adds && word === "IDMPAUTO" && left >= 1) {
      parsed.message = toMessage(parsed, word, [args[++parsed.end]!]);
    } else if (adds && word === "IDMP" && left >= 2) {
      const [producer, id] = [args[++parsed.end]!, args[++parsed.end]!];
      parsed.message = toMessage(parsed, word, [producer, id]);
    } else if (adds) {
      parsed.id = parseNewId(args[parsed.end]!);
      break;
    } else {
      throw syntaxError();
    }
  }
  if (parsed.message !== null && parsed.id !== null && !core.obeys) {
    throw err(
      "syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs",
    );
  }
  if (limit && what === undefined) {
    throw err(
      "syntax error, LIMIT cannot be used without specifying a trimming strategy",
    );
  }
  if (!adds && what === undefined) {
    throw err(
      "syntax error, XTRIM must be called with a trimming strategy",
    );
  }
  // Redis propagates an exact trim, but leaves LIMIT in its arguments.
  if (core.obeys) limit = 0;
  else if (limit !== undefined && !approximate) {
    throw err(
      "syntax error, LIMIT cannot be used without the special ~ option",
    );
  }
  if (what === undefined) return parsed;
  // Redis's default: a limit that keeps the command fast.
  limit ??= approximate ? trimLimit() : 0;
  parsed.trim = { ...what, approximate, limit };
  return parsed;
}

function toMessage(
  { message }: TrimArguments,
  word: "IDMP" | "IDMPAUTO",
  [producer, id]: readonly [producer: string, id?: string],
): Message {
  if (message !== null) {
    throw err("syntax error, IDMP/IDMPAUTO specified multiple times");
  }
  if (producer === "") {
    throw err(`syntax error, ${word} requires a non-empty producer ID`);
  }
  if (id === "") {
    throw err("syntax error, IDMP requires a non-empty idempotent ID");
  }
  return id === undefined ? { producer } : { producer, id };
}

function notNegative(text: string, name: string): number {
  const value = toWhole(text);
  if (value < 0) throw err(`The ${name} argument must be >= 0.`);
  return value;
}

/**
 * Trims a stream; pending entries of groups stay (KEEPREF). Rewrites `args` for
 * propagation: an approximate trim becomes the equal exact one, and the option for
 * references is removed, as servers before 8.2 do not know it.
 */
export function trimStream(
  stream: Stream,
  parsed: TrimArguments,
  args: string[],
): number {
  const { trim, thresholdAt, limitAt } = parsed;
  const deleted = stream.trim(trim!);
  if (trim!.approximate) {
    args[thresholdAt - 1] = "=";
    args[thresholdAt] = trim!.minId === undefined
      ? String(stream.length)
      // For an empty stream: the greatest id, which deletes everything.
      : formatId(stream.length === 0 ? LAST_ID : stream.firstId);
  }
  const left = trim!.approximate && limitAt > 0 ? [limitAt - 1, limitAt] : [];
  leaveOut(args, [...left, parsed.referencesAt]);
  return deleted;
}

/** Removes the arguments at these indexes; 0 stands for no argument. */
export function leaveOut(args: string[], places: readonly number[]): void {
  for (const at of places.filter((at) => at > 0).sort((a, b) => b - a)) {
    args.splice(at, 1);
  }
}

/** Writes an entry. */
export function showEntry(
  reply: ReplyEncoder,
  id: StreamId,
  pairs: readonly string[],
): void {
  reply.array(2);
  reply.bulk(formatId(id));
  reply.bulks(pairs);
}

/** Writes up to `count` entries of an interval; 0 means all. Returns their number. */
export function showRange(
  reply: ReplyEncoder,
  stream: Stream,
  [start, end]: readonly [StreamId, StreamId],
  count: number,
  reverse = false,
): number {
  const entries: [StreamId, string[]][] = [];
  const visit: VisitEntry = (id, pairs) => {
    entries.push([id, pairs]);
    return entries.length !== count;
  };
  if (reverse) stream.eachBack(start, end, visit);
  else stream.each(start, end, visit);
  reply.array(entries.length);
  for (const [id, pairs] of entries) showEntry(reply, id, pairs);
  return entries.length;
}

/** A text as C prints it: up to the first zero byte. */
export function shown(text: string): string {
  return text.split("\0", 1)[0]!;
}

/** Finds a group; throws if it does not exist. */
export function existingGroup(
  stream: Stream,
  key: string,
  name: string,
): Group {
  const group = stream.groups.get(name);
  if (group !== undefined) return group;
  throw new CommandError(
    `NOGROUP No such consumer group '${shown(name)}' for key name '${
      shown(key)
    }'`,
  );
}

/** Finds a group; throws if the stream or the group does not exist. */
export function groupOf(
  stream: Stream | undefined,
  key: string,
  name: string,
  suffix = "",
): Group {
  const group = stream?.groups.get(name);
  if (group !== undefined) return group;
  throw new CommandError(
    `NOGROUP No such key '${shown(key)}' or consumer group '${
      shown(name)
    }'${suffix}`,
  );
}

/** Finds or creates a consumer, and updates its time of last use. */
export function consumerOf(
  session: Session,
  key: string,
  group: Group,
  name: string,
): Consumer {
  const { core } = session;
  let consumer = group.consumers.get(name);
  if (consumer === undefined) {
    consumer = new Consumer(name, core.now);
    group.consumers.set(name, consumer);
    session.db.changed(key);
    core.propagate(session.db, createArguments(key, group, name));
    session.notify("t", "xgroup-createconsumer", key);
  }
  consumer.seenAt = core.now;
  return consumer;
}

/** The maximum number of entries that an approximate trim deletes without LIMIT. */
function trimLimit(): number {
  const limit = 100 * LIMITS["stream-node-max-entries"];
  return limit === 0 ? 10_000 : Math.min(limit, 1_000_000);
}
