/**
 * XDELEX, XACKDEL, and trimming with DELREF or ACKED: they delete entries and heed
 * the groups in which these are pending.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { toRange } from "../base/numbers.ts";
import { Stream } from "../values/stream.ts";
import type { Group } from "../values/stream_group.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  nextId,
  type StreamId,
} from "../values/stream_id.ts";
import {
  isReferences,
  type References,
  toId,
  type TrimArguments,
} from "./stream_arguments.ts";

/** The commands of this family. */
export const STREAM_DELETES: readonly CommandSpec[] = [
  { name: "XACKDEL", run: xackdel },
  { name: "XDELEX", run: xdelex },
];

const NO_ENTRY = -1;
const DELETED = 1;
const KEPT = 2;

/** Whether any group has not read an entry yet, or not acknowledged it. */
export function isReferenced({ groups }: Stream, id: StreamId): boolean {
  return groups.values().some(({ lastId, pending }) =>
    compareIds(id, lastId) > 0 || pending.get(id) !== undefined
  );
}

/** The deletions of one command, collected for propagation. */
class Deletion {
  readonly references: References;
  /** Whether it trims: then it does not count a gap in the stream. */
  readonly #trims: boolean;
  readonly #session: Session;
  readonly #key: string;
  readonly #deleted: string[] = [];
  readonly #acknowledged = new Map<string, string[]>();

  constructor(
    session: Session,
    key: string,
    references: References,
    trims = false,
  ) {
    this.#trims = trims;
    this.#session = session;
    this.#key = key;
    this.references = references;
  }

  /** Deletes an entry unless ACKED forbids it; returns the code for the reply. */
  delete(stream: Stream, id: StreamId): number {
    if (this.references === "ACKED" && isReferenced(stream, id)) return KEPT;
    if (this.references === "DELREF") {
      for (const group of stream.groups.values()) this.acknowledge(group, id);
    }
    const deleted = this.#trims ? stream.trimOne(id) : stream.delete(id);
    if (!deleted) return NO_ENTRY;
    this.#deleted.push(formatId(id));
    return DELETED;
  }

  /** Acknowledges an entry in a group; returns whether it was pending. */
  acknowledge(group: Group, id: StreamId): boolean {
    if (!group.acknowledge(id)) return false;
    const ids = this.#acknowledged.get(group.name);
    if (ids === undefined) this.#acknowledged.set(group.name, [formatId(id)]);
    else ids.push(formatId(id));
    return true;
  }

  /** Propagates the changes as XACK and XDEL, which every version with streams knows. */
  settle(): void {
    const { core, db } = this.#session;
    const key = this.#key;
    for (const [group, ids] of this.#acknowledged) {
      core.propagate(db, ["XACK", key, group, ...ids]);
    }
    if (this.#deleted.length > 0) {
      core.propagate(db, ["XDEL", key, ...this.#deleted]);
      this.#session.notify("t", this.#trims ? "xtrim" : "xdel", key);
    }
    if (this.#deleted.length + this.#acknowledged.size > 0) db.changed(key);
  }
}

/**
 * Trims a stream entry by entry, with DELREF or ACKED; propagates the deletions
 * and returns their number. `~` means the same as `=` here, as in Redis.
 */
export function trimReferenced(
  session: Session,
  key: string,
  stream: Stream,
  { trim, references }: TrimArguments,
): number {
  const { maxLength, minId, limit } = trim!;
  const deletion = new Deletion(session, key, references, true);
  const isTrimmed = (id: StreamId) =>
    maxLength === undefined
      ? compareIds(id, minId!) < 0
      : stream.length > maxLength;
  let deleted = 0;
  for (let from: StreamId | null = FIRST_ID; from !== null;) {
    // LIMIT allows whole nodes only.
    const ids = stream.idsFrom(from);
    if (ids.length === 0 || !isTrimmed(ids[0]!)) break;
    if (limit > 0 && deleted + ids.length > limit) break;
    for (const id of ids) {
      if (!isTrimmed(id)) break;
      if (deletion.delete(stream, id) === DELETED) deleted++;
    }
    from = nextId(ids.at(-1)!);
  }
  deletion.settle();
  return deleted;
}

/** Parses [KEEPREF | DELREF | ACKED] IDS count id [id ...], from `first` on. */
function parse(
  args: readonly string[],
  first: number,
): { references: References; ids: readonly string[] } {
  let references: References | undefined;
  let ids: readonly string[] | undefined;
  for (let i = first; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    if (isReferences(word) && references === undefined) {
      references = word;
    } else if (word === "IDS" && ids === undefined && i + 1 < args.length) {
      const count = toRange(
        args[++i]!,
        1,
        Number.MAX_SAFE_INTEGER,
        () => err("Number of IDs must be a positive integer"),
      );
      ids = args.slice(i + 1, i + 1 + count);
      if (ids.length < count) {
        throw err("The `numids` parameter must match the number of arguments");
      }
      i += count;
    } else {
      throw syntaxError();
    }
  }
  if (ids === undefined) throw syntaxError();
  return { references: references ?? "KEEPREF", ids };
}

function xdelex(session: Session, args: string[]): void {
  const key = args[1]!;
  const stream = session.db.get(key, Stream);
  const { references, ids } = parse(args, 2);
  if (stream === undefined) return replyNone(session, ids.length);
  session.rewrite(null);
  const deletion = new Deletion(session, key, references);
  replyEach(session, ids, (id) => deletion.delete(stream, id));
  deletion.settle();
}

function xackdel(session: Session, args: string[]): void {
  const key = args[1]!;
  const stream = session.db.get(key, Stream);
  const { references, ids } = parse(args, 3);
  const group = stream?.groups.get(args[2]!);
  if (group === undefined) return replyNone(session, ids.length);
  session.rewrite(null);
  const deletion = new Deletion(session, key, references);
  replyEach(session, ids, (id) => {
    if (!deletion.acknowledge(group, id)) return NO_ENTRY;
    // An entry that is no longer in the stream counts as deleted.
    const result = deletion.delete(stream!, id);
    return result === NO_ENTRY ? DELETED : result;
  });
  deletion.settle();
}

function replyNone({ reply }: Session, count: number): void {
  reply.array(count);
  for (let i = 0; i < count; i++) reply.integer(NO_ENTRY);
}

function replyEach(
  { reply }: Session,
  texts: readonly string[],
  work: (id: StreamId) => number,
): void {
  const ids = texts.map((text) => toId(text));
  reply.array(ids.length);
  for (const id of ids) reply.integer(work(id));
}
