/**
 * Streams: entries in the order of their ids, and the groups that read them.
 *
 * @module
 */

import type { Group } from "./stream_group.ts";
import {
  compareIds,
  FIRST_ID,
  idBytes,
  isFirst,
  type StreamId,
} from "./stream_id.ts";
import { StreamNode } from "./stream_node.ts";
import { Producers } from "./stream_producers.ts";
import { Value } from "./value.ts";

/** How XTRIM and XADD trim a stream. */
export interface Trim {
  /** The number of entries to keep; absent with `minId`. */
  readonly maxLength?: number;
  /** The smallest id to keep. */
  readonly minId?: StreamId;
  /** Whether to delete whole nodes only. */
  readonly approximate: boolean;
  /** The maximum number of entries to delete; 0 for no maximum. */
  readonly limit: number;
}

/** Receives an entry; returns `false` to end the visit. */
export type VisitEntry = (id: StreamId, pairs: string[]) => boolean | void;

/** A stream. An empty stream is not deleted: it still has its last id and its groups. */
export class Stream extends Value {
  /** The name of the type. */
  readonly type = "stream";
  /** The encoding that Redis would use. */
  readonly encoding = "stream";
  /** The greatest id ever added. */
  lastId: StreamId = FIRST_ID;
  /** The greatest id ever deleted. */
  maxDeletedId: StreamId = FIRST_ID;
  /** The number of entries ever added. */
  entriesAdded = 0;
  /** The groups by name. */
  readonly groups = new Map<string, Group>();
  /** The recent messages of `XADD IDMP`, by producer. */
  producers: Producers = new Producers();
  readonly #nodes: StreamNode[] = [];
  #length = 0;

  /** The number of entries. */
  get length(): number {
    return this.#length;
  }

  /** The id of the first entry; 0-0 when there is none. */
  get firstId(): StreamId {
    return this.#nodes[0]?.idAt(0) ?? FIRST_ID;
  }

  /** The id of the last entry; 0-0 when there is none. */
  get topId(): StreamId {
    const node = this.#nodes.at(-1);
    return node?.idAt(node.size - 1) ?? FIRST_ID;
  }

  /** Adds an entry. Its id must be greater than the last id. */
  add(id: StreamId, pairs: readonly string[]): void {
    let bytes = 0;
    for (const text of pairs) bytes += text.length;
    let node = this.#nodes.at(-1);
    if (node === undefined || node.isFull(bytes)) {
      const fields = pairs.filter((_, i) => i % 2 === 0);
      this.#nodes.push(node = new StreamNode(id, fields));
    }
    node.add(id, pairs);
    this.#length++;
    this.entriesAdded++;
    this.lastId = id;
  }

  /** Whether an entry with this id exists. */
  has(id: StreamId): boolean {
    return this.#find(id) !== null;
  }

  /** The fields and values of an entry. */
  get(id: StreamId): string[] | undefined {
    const place = this.#find(id);
    return place?.node.pairsAt(place.at);
  }

  /** Visits the entries from `start` to `end`, both included. */
  each(start: StreamId, end: StreamId, visit: VisitEntry): void {
    for (
      let n = Math.max(this.#nodeOf(start), 0);
      n < this.#nodes.length;
      n++
    ) {
      const node = this.#nodes[n]!;
      for (let at = node.find(start); at < node.size; at++) {
        const id = node.idAt(at);
        if (compareIds(id, end) > 0) return;
        if (visit(id, node.pairsAt(at)) === false) return;
      }
    }
  }

  /** Like {@linkcode Stream.each}, but starts with the last entry. */
  eachBack(start: StreamId, end: StreamId, visit: VisitEntry): void {
    for (let n = this.#nodeOf(end); n >= 0; n--) {
      const node = this.#nodes[n]!;
      let at = node.find(end);
      if (at === node.size || compareIds(node.idAt(at), end) > 0) at--;
      for (; at >= 0; at--) {
        const id = node.idAt(at);
        if (compareIds(id, start) < 0) return;
        if (visit(id, node.pairsAt(at)) === false) return;
      }
    }
  }

  /** The ids of one node, from `id` on; empty if `id` is after the last entry. */
  idsFrom(id: StreamId): StreamId[] {
    for (let n = Math.max(this.#nodeOf(id), 0); n < this.#nodes.length; n++) {
      const node = this.#nodes[n]!;
      const at = node.find(id);
      if (at === node.size) continue;
      return Array.from(
        { length: node.size - at },
        (_, i) => node.idAt(at + i),
      );
    }
    return [];
  }

  /** Deletes an entry; returns whether it existed. */
  delete(id: StreamId): boolean {
    if (!this.trimOne(id)) return false;
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id;
    return true;
  }

  /** Deletes an entry without counting a gap, like {@linkcode Stream.trim}. */
  trimOne(id: StreamId): boolean {
    const place = this.#find(id);
    if (place === null) return false;
    const { node, at } = place;
    node.delete(at, 1);
    if (node.size === 0) this.#nodes.splice(this.#nodes.indexOf(node), 1);
    this.#length--;
    return true;
  }

  /** Deletes old entries; returns their number. */
  trim({ maxLength, minId, approximate, limit }: Trim): number {
    let deleted = 0;
    let whole = 0;
    for (; whole < this.#nodes.length; whole++) {
      const node = this.#nodes[whole]!;
      const left = this.#length - deleted;
      if (maxLength !== undefined && left <= maxLength) break;
      if (limit > 0 && deleted + node.size > limit) break;
      const goes = maxLength === undefined
        ? compareIds(node.last, minId!) < 0
        : left - node.size >= maxLength;
      if (goes) {
        deleted += node.size;
        continue;
      }
      if (approximate) break;
      const count = maxLength === undefined
        ? node.find(minId!)
        : left - maxLength;
      node.delete(0, count);
      deleted += count;
      // The node is empty if XDEL had deleted its other entries.
      if (node.size === 0) whole++;
      break;
    }
    this.#nodes.splice(0, whole);
    this.#length -= deleted;
    return deleted;
  }

  /** Whether an entry at or after an id was deleted: then positions are unknown. */
  hasGaps(from: StreamId): boolean {
    const { maxDeletedId } = this;
    if (this.#length === 0 || isFirst(maxDeletedId)) return false;
    if (compareIds(this.firstId, maxDeletedId) > 0) return false;
    return compareIds(from, maxDeletedId) <= 0;
  }

  /** The number of entries ever added up to an id; -1 if unknown. */
  countUpTo(id: StreamId): number {
    if (this.entriesAdded === 0) return 0;
    const ahead = compareIds(id, this.lastId);
    if (this.#length === 0 && ahead <= 0) return this.entriesAdded;
    // Entries up to this id may have been deleted.
    if (!isFirst(id) && compareIds(id, this.maxDeletedId) < 0) return -1;
    if (ahead === 0) return this.entriesAdded;
    if (ahead > 0) return -1;
    const first = this.firstId;
    if (
      isFirst(this.maxDeletedId) || compareIds(this.maxDeletedId, first) < 0
    ) {
      const order = compareIds(id, first);
      if (order < 0) return this.entriesAdded - this.#length;
      if (order === 0) return this.entriesAdded - this.#length + 1;
    }
    return -1;
  }

  /** For XINFO: the number of nodes, and the size of a radix tree of their keys. */
  tree(): { keys: number; nodes: number } {
    const keys = this.#nodes.map(({ key }) => idBytes(key));
    return { keys: keys.length, nodes: radixNodes(keys, 0) };
  }

  /** A copy. */
  copy(): Stream {
    const copy = new Stream();
    for (const node of this.#nodes) copy.#nodes.push(node.copy());
    copy.#length = this.#length;
    copy.lastId = this.lastId;
    copy.maxDeletedId = this.maxDeletedId;
    copy.entriesAdded = this.entriesAdded;
    copy.producers = this.producers.copy();
    for (const [name, group] of this.groups) {
      copy.groups.set(name, group.copy());
    }
    return copy;
  }

  /** Finds the entry with an id; `null` if it does not exist. */
  #find(id: StreamId): { node: StreamNode; at: number } | null {
    const node = this.#nodes[this.#nodeOf(id)];
    if (node === undefined) return null;
    const at = node.find(id);
    const found = at < node.size && compareIds(node.idAt(at), id) === 0;
    return found ? { node, at } : null;
  }

  /** The index of the last node whose key is at most `id`; -1 for none. */
  #nodeOf(id: StreamId): number {
    let low = 0;
    let high = this.#nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds(this.#nodes[middle]!.key, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Counts the nodes of a radix tree of sorted keys of one length, from byte `at` on. */
function radixNodes(keys: readonly string[], at: number): number {
  const [first] = keys;
  if (first === undefined || at === first.length) return 1;
  const last = keys.at(-1)!;
  let common = at;
  while (common < first.length && first[common] === last[common]) common++;
  // Bytes that all keys share form one node.
  if (common > at) return 1 + radixNodes(keys, common);
  let nodes = 1;
  for (let from = 0; from < keys.length;) {
    const byte = keys[from]![at];
    let to = from + 1;
    while (to < keys.length && keys[to]![at] === byte) to++;
    nodes += radixNodes(keys.slice(from, to), at + 1);
    from = to;
  }
  return nodes;
}
