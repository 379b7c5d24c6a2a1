/**
 * Aggregates whose elements are being read.
 *
 * @module
 */

import { joinBytes } from "./bytes.ts";
import { ARRAY, FLAT, type Mode, PART, type Reply, SET } from "./reply.ts";

/** One aggregate. A streamed string is one, too: of parts. */
export interface Frame {
  /** Its type byte. */
  readonly kind: number;
  /** How it is read. */
  readonly mode: Mode;
  /** How many elements are to come; `Infinity` for streamed aggregates. */
  left: number;
  /** The elements so far: of a map its keys and values by turns. */
  readonly items: Reply[];
}

/** What the elements of a frame become together. */
export function valueOf({ kind, mode, items }: Frame): Reply {
  if (kind === PART) return joinBytes(items as Uint8Array[]);
  if (kind === ARRAY || mode & FLAT) return items;
  if (kind === SET) return new Set(items);
  const map = new Map<Reply, Reply>();
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
  return map;
}
