/**
 * The nodes of a stream. Each has a few consecutive entries in a compact form.
 *
 * @module
 */

import { parseInteger } from "../base/numbers.ts";
import { LIMITS } from "./limits.ts";
import { compareIds, type Part, type StreamId } from "./stream_id.ts";

/** Redis's upper limit for `stream-node-max-bytes`; 0 there means this limit. */
const MOST_BYTES = 2 ** 30;

/**
 * Consecutive entries. The field names of the first entry are stored once.
 *
 * Approximate trimming deletes whole nodes. To delete the same entries as Redis, a
 * node counts the bytes that Redis's listpack would have, and ends where it would.
 */
export class StreamNode {
  /** The id of the first entry ever added to it. */
  readonly key: StreamId;
  readonly #fields: readonly string[];
  readonly #ms: Part[] = [];
  readonly #seq: Part[] = [];
  readonly #entries: string[] = [];
  /** The number of deleted entries. Redis only marks them, so they count as part of the node. */
  #deleted = 0;
  /** The last id added; its entry may have been deleted. */
  #last: StreamId;
  /** The size of Redis's listpack, in bytes. */
  #bytes: number;

  /** Makes an empty node. `id` and `fields` are those of the first entry. */
  constructor(id: StreamId, fields: readonly string[]) {
    this.key = this.#last = id;
    this.#fields = fields;
    // The listpack's header and end; two counters, the number of fields, the fields, a zero.
    this.#bytes = 7 + 2 + 2 + integerSize(fields.length) + 2;
    for (const field of fields) this.#bytes += elementSize(field);
  }

  /** The number of entries. */
  get size(): number {
    return this.#entries.length;
  }

  /** The greatest id ever added. */
  get last(): StreamId {
    return this.#last;
  }

  /** Whether an entry of this many bytes must go to a new node. */
  isFull(bytes: number): boolean {
    const most = LIMITS["stream-node-max-bytes"] || MOST_BYTES;
    if (this.#bytes + bytes >= Math.min(most, MOST_BYTES)) return true;
    const entries = LIMITS["stream-node-max-entries"];
    return entries > 0 && this.size + this.#deleted >= entries;
  }

  /** Adds an entry at the end. */
  add(id: StreamId, pairs: readonly string[]): void {
    const fields = this.#fields;
    let same = pairs.length === fields.length * 2;
    for (let i = 0; same && i < fields.length; i++) {
      same = fields[i] === pairs[i * 2];
    }
    let bytes = 2 + distanceSize(id.ms, this.key.ms) +
      distanceSize(id.seq, this.key.seq);
    let elements = 3 + fields.length;
    if (!same) {
      bytes += integerSize(pairs.length / 2);
      elements = 4 + pairs.length;
    }
    for (let i = same ? 1 : 0; i < pairs.length; i += same ? 2 : 1) {
      bytes += elementSize(pairs[i]!);
    }
    this.#bytes += bytes + integerSize(elements);
    this.#ms.push(id.ms);
    this.#seq.push(id.seq);
    this.#entries.push(pack(pairs, same));
    this.#last = id;
  }

  /** The id of the entry at an index. */
  idAt(at: number): StreamId {
    return { ms: this.#ms[at]!, seq: this.#seq[at]! };
  }

  /** The fields and values of the entry at an index. */
  pairsAt(at: number): string[] {
    return unpack(this.#entries[at]!, this.#fields);
  }

  /** The index of the first entry whose id is `id` or greater. */
  find(id: StreamId): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds(this.idAt(middle), id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Deletes `count` entries from an index on. */
  delete(at: number, count: number): void {
    this.#ms.splice(at, count);
    this.#seq.splice(at, count);
    this.#entries.splice(at, count);
    this.#deleted += count;
  }

  /** A copy. */
  copy(): StreamNode {
    const copy = new StreamNode(this.key, this.#fields);
    copy.#ms.push(...this.#ms);
    copy.#seq.push(...this.#seq);
    copy.#entries.push(...this.#entries);
    copy.#deleted = this.#deleted;
    copy.#last = this.#last;
    copy.#bytes = this.#bytes;
    return copy;
  }
}

/**
 * Encodes an entry as one string: the length of each part, then the part. A
 * JavaScript string per value would take more memory than most values.
 */
function pack(pairs: readonly string[], same: boolean): string {
  const parts = [same ? "\x01" : "\x00"];
  for (let i = same ? 1 : 0; i < pairs.length; i += same ? 2 : 1) {
    const part = pairs[i]!;
    let { length } = part;
    for (; length > 0x7f; length = length >>> 7) {
      parts.push(String.fromCharCode(length & 0x7f | 0x80));
    }
    parts.push(String.fromCharCode(length), part);
  }
  return parts.join("");
}

function unpack(entry: string, fields: readonly string[]): string[] {
  const same = entry.charCodeAt(0) === 1;
  const pairs: string[] = [];
  for (let at = 1; at < entry.length;) {
    let byte = entry.charCodeAt(at++);
    let length = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = entry.charCodeAt(at++);
      length += (byte & 0x7f) * 2 ** shift;
    }
    if (same) pairs.push(fields[pairs.length / 2]!);
    pairs.push(entry.slice(at, at + length));
    at += length;
  }
  return pairs;
}

function distanceSize(part: Part, from: Part): number {
  if (part === from) return 2;
  const distance = BigInt.asIntN(64, BigInt(part) - BigInt(from));
  return integerSize(Number(distance));
}

/** The size of an integer in a listpack in bytes, with its back length. */
function integerSize(value: number): number {
  if (value >= 0 && value <= 127) return 2;
  if (value >= -4096 && value <= 4095) return 3;
  const bits = value < 0 ? -value - 1 : value;
  if (bits < 2 ** 15) return 4;
  if (bits < 2 ** 23) return 5;
  if (bits < 2 ** 31) return 6;
  return 10;
}

/** The size of a string in a listpack in bytes, with its back length. */
function elementSize(text: string): number {
  const { length } = text;
  const integer = length <= 20 ? parseInteger(text) : null;
  if (integer !== null) return integerSize(Number(integer));
  const size = length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
  if (size <= 127) return size + 1;
  if (size < 16383) return size + 2;
  return size + (size < 2097151 ? 3 : size < 268435455 ? 4 : 5);
}
