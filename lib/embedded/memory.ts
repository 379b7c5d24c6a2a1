/**
 * How much memory keys take, as an estimate: JavaScript does not tell.
 *
 * @module
 */

import type { Core } from "./core.ts";
import { StringValue } from "./types/string.ts";
import { Collection, type Value } from "./types/value.ts";

/** A key's share of the keyspace: the entry of a map, two slots of arrays. */
export const KEY_OVERHEAD = 64;
/** An object, and the header of its string. */
const OBJECT = 48;
/** An element with its share of the table that holds it. */
const ELEMENT = 72;
const SAMPLES = 64;

/** The estimated bytes of a key and what it holds. */
export function estimateKey(key: string, value: Value): number {
  let size = KEY_OVERHEAD + OBJECT + key.length;
  if (value instanceof StringValue) size += value.length;
  else if (value instanceof Collection) size += value.size * ELEMENT;
  return size;
}

/** The estimated bytes of all keys, from a sample of each database. */
export function estimateTotal({ databases }: Core): number {
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
