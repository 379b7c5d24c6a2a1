/**
 * How much memory keys take, as an estimate: JavaScript does not tell.
 *
 * @module
 */

import type { Host } from "./host.ts";
import { HashValue } from "../values/hash.ts";
import { ListValue } from "../values/list.ts";
import { SetValue } from "../values/set.ts";
import { SortedSet } from "../values/sorted_set.ts";
import { Stream } from "../values/stream.ts";
import { StringValue } from "../values/string.ts";
import { Collection, type Value } from "../values/value.ts";

/** A key's share of the keyspace: the entry of a map, two slots of arrays. */
export const KEY_OVERHEAD = 56;
/** An object, and the headers of its string and its key. */
const OBJECT = 88;
/** An element with its share of the table that holds it. */
const ELEMENT = 72;
const SAMPLES = 64;
/** How many elements of a value are looked at. */
const ELEMENTS = 5;

/** The estimated bytes of a key and what it holds. */
export function estimateKey(key: string, value: Value): number {
  let size = KEY_OVERHEAD + OBJECT + key.length;
  if (value instanceof StringValue) size += value.length;
  else if (value instanceof Collection) {
    size += value.size * (ELEMENT + averageBytes(value));
  } else if (value instanceof Stream) {
    size += value.length * (ELEMENT + averageEntryBytes(value));
  }
  return size;
}

/** The average bytes of a few elements, spread over all. */
function averageBytes(value: Collection): number {
  // Short numbers; to list them would mean to sort them.
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
