/**
 * Replies that several callers get: copies, so that nobody sees what another does
 * with an array or with bytes, and their size in memory.
 *
 * @module
 */

import type { Reply } from "../resp/reply.ts";

/** A reply that shares no memory with the first that can change. */
export function copyOf(reply: Reply): Reply {
  if (typeof reply !== "object" || reply === null) return reply;
  if (reply instanceof Uint8Array) return reply.slice();
  if (Array.isArray(reply)) return reply.map(copyOf);
  if (reply instanceof Map) {
    return new Map([...reply].map(([key, value]) => [
      copyOf(key),
      copyOf(value),
    ]));
  }
  return reply instanceof Set ? new Set([...reply].map(copyOf)) : reply;
}

// What V8 takes for each, in bytes, on 64 bits: `bench/cache.ts` measures it.
const WORD = 8;
const STRING = 16;
const HEAP_NUMBER = 16;
const ARRAY = 32 + 16;
/** Arrays with more elements than this have grown, and V8 left room for more. */
const SHORT_ARRAY = 18;
const ELEMENT = 1.5 * WORD;
const TYPED_ARRAY = 192;
const COLLECTION = 200;
const COLLECTION_ENTRY = 4 * WORD;

/** About how many bytes a string takes. */
export function stringBytes(text: string): number {
  // V8 keeps a string in one byte for each character where all are below U+0100.
  const width = /[^\0-\xff]/.test(text) ? 2 : 1;
  // V8 shares the strings of one such character.
  if (text.length < 2 && width === 1) return 0;
  return STRING + Math.ceil(text.length * width / WORD) * WORD;
}

/** About how many bytes a reply takes; `undefined` for one with an error in it, which is not kept. */
export function bytesOf(reply: Reply): number | undefined {
  switch (typeof reply) {
    case "string":
      return stringBytes(reply);
    case "number":
      return Number.isInteger(reply) && Math.abs(reply) < 2 ** 31
        ? 0
        : HEAP_NUMBER;
    case "bigint":
      return HEAP_NUMBER + WORD;
    case "boolean":
      return 0;
  }
  if (reply === null) return 0;
  if (reply instanceof Uint8Array) return TYPED_ARRAY + reply.length;
  if (Array.isArray(reply)) {
    return sum(ARRAY, reply.length > SHORT_ARRAY ? ELEMENT : WORD, reply);
  }
  if (reply instanceof Map) {
    const all = [...reply].flat();
    return sum(COLLECTION, COLLECTION_ENTRY / 2, all);
  }
  if (reply instanceof Set) {
    return sum(COLLECTION, COLLECTION_ENTRY, [...reply]);
  }
  return undefined;
}

function sum(
  base: number,
  each: number,
  parts: readonly Reply[],
): number | undefined {
  let total = base;
  for (const part of parts) {
    const bytes = bytesOf(part);
    if (bytes === undefined) return undefined;
    total += each + bytes;
  }
  return total;
}
