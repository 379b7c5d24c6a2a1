/**
 * An estimate of the memory that keys take: JavaScript cannot measure it.
 *
 * @module
 */

import type { Host } from "./host.ts";
import { FLAT_MOST } from "../values/flat.ts";
import { HashValue } from "../values/hash.ts";
import { ListValue } from "../values/list.ts";
import { SetValue } from "../values/set.ts";
import { SortedSet } from "../values/sorted_set.ts";
import { Stream } from "../values/stream.ts";
import { StringValue } from "../values/string.ts";
import { Collection, type Value } from "../values/value.ts";

/** A key's share of the keyspace: the index and two arrays. */
export const KEY_OVERHEAD = 56;
/** An object, and the headers of its string and its key. */
const OBJECT = 88;
/** The entry of a stream with its share of the tree that holds it. */
const ENTRY = 72;
/** A place in an array. */
const SLOT = 8;
/** The header of a string, and the loss to alignment. */
const TEXT = 20;
/** A key's share of an index. */
const INDEX = 16;
const SAMPLES = 64;
/** How many elements of a value are measured. */
const ELEMENTS = 5;

/** The estimated bytes of a key and its value. */
export function estimateKey(key: string, value: Value): number {
  let size = KEY_OVERHEAD + OBJECT + key.length;
  if (value instanceof StringValue) size += value.length;
  else if (value instanceof Collection) {
    size += value.size * (elementBytes(value) + averageBytes(value));
  } else if (value instanceof Stream) {
    size += value.length * (ENTRY + averageEntryBytes(value));
  }
  return size;
}

/** The bytes of an element besides its text. */
function elementBytes(value: Collection): number {
  const indexed = value.size > FLAT_MOST;
  if (value instanceof ListValue) return SLOT + TEXT;
  if (value instanceof SetValue) return SLOT + TEXT + (indexed ? INDEX : 0);
  if (value instanceof HashValue) {
    return 2 * (SLOT + TEXT) + (indexed ? INDEX : 0);
  }
  // A large sorted set has its members in a tree, and in a table of scores.
  return 2 * SLOT + TEXT + (indexed ? 2 * SLOT + INDEX : 0);
}

/** The average bytes of a few elements, spread over all. */
function averageBytes(value: Collection): number {
  // An intset holds short numbers, and listing them would sort them.
  if (value.encoding === "intset") return 0;
  const step = Math.ceil(value.size / ELEMENTS);
  let bytes = 0;
  let count = 0;
  for (let i = 0; i < value.size; i += step, count++) {
    bytes += bytesAt(value, i);
  }
  return count === 0 ? 0 : Math.round(bytes / count);
}

function bytesAt(value: Collection, at: number): number {
  if (value instanceof ListValue) return value.at(at).length;
  if (value instanceof SetValue) return value.members()[at]!.length;
  if (value instanceof SortedSet) return value.at(at)!.member.length;
  if (!(value instanceof HashValue)) return 0;
  return value.fieldAt(at).length + value.valueAt(at).length;
}

/** The average bytes of the first few entries. */
function averageEntryBytes(stream: Stream): number {
  let bytes = 0;
  let count = 0;
  stream.each(stream.firstId, stream.topId, (_, pairs) => {
    for (const text of pairs) bytes += text.length;
    return ++count < ELEMENTS;
  });
  return count === 0 ? 0 : Math.round(bytes / count);
}

/** The estimated bytes of all keys, from a sample of each database. */
export function estimateTotal({ databases }: Host): number {
  let total = 0;
  for (const { keys } of databases) {
    const names = keys.keys();
    const values = keys.values();
    const step = Math.max(1, Math.floor(names.length / SAMPLES));
    let sum = 0;
    let count = 0;
    for (let i = 0; i < names.length; i += step, count++) {
      sum += estimateKey(names[i]!, values[i]!);
    }
    if (count > 0) total += Math.round(sum / count * names.length);
  }
  return total;
}
