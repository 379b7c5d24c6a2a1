/**
 * The ids of stream entries: two integers of 64 bits.
 *
 * @module
 */

/**
 * An unsigned 64-bit integer: a number where that is safe, else a bigint. Equal
 * values always have the same type, so `===` and `<` compare correctly.
 */
export type Part = number | bigint;

/** The id of an entry. */
export interface StreamId {
  /** Usually milliseconds since 1970. */
  readonly ms: Part;
  /** The sequence number within the millisecond. */
  readonly seq: Part;
}

const MOST = 2n ** 64n - 1n;

/** The smallest id. */
export const FIRST_ID: StreamId = { ms: 0, seq: 0 };
/** The greatest id. */
export const LAST_ID: StreamId = { ms: MOST, seq: MOST };

/** Makes a part of an unsigned 64-bit integer. */
export function toPart(value: bigint): Part {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

// The syntax of C's `strtoull`, which negates modulo 2^64.
const UNSIGNED = /^[ \t-\r]*([+-]?)([0-9]+)$/;

/** Parses one part of an id; `null` if invalid. */
export function parsePart(text: string): Part | null {
  const match = UNSIGNED.exec(text);
  if (match === null) return null;
  const [, sign, digits] = match as unknown as [string, string, string];
  if (sign !== "-" && digits.length <= 15) return Number(digits);
  // Redis first tries a strict parser, which rejects this as a negative integer.
  if (/^-[1-9][0-9]{0,17}$/.test(text)) return null;
  const value = BigInt(digits);
  if (value > MOST) return null;
  return toPart(sign === "-" ? BigInt.asUintN(64, -value) : value);
}

/** Compares two ids; a comparator for `Array.prototype.sort`. */
export function compareIds(one: StreamId, other: StreamId): number {
  if (one.ms !== other.ms) return one.ms < other.ms ? -1 : 1;
  if (one.seq !== other.seq) return one.seq < other.seq ? -1 : 1;
  return 0;
}

/** Whether an id is 0-0. */
export function isFirst(id: StreamId): boolean {
  return id.ms === 0 && id.seq === 0;
}

/** The id after this one; `null` after the last. */
export function nextId({ ms, seq }: StreamId): StreamId | null {
  if (seq !== MOST) return { ms, seq: plusOne(seq) };
  return ms === MOST ? null : { ms: plusOne(ms), seq: 0 };
}

/** The id before this one; `null` before the first. */
export function previousId({ ms, seq }: StreamId): StreamId | null {
  if (seq !== 0) return { ms, seq: minusOne(seq) };
  return ms === 0 ? null : { ms: minusOne(ms), seq: MOST };
}

function plusOne(part: Part): Part {
  if (typeof part === "number" && part < Number.MAX_SAFE_INTEGER) {
    return part + 1;
  }
  return BigInt(part) + 1n;
}

function minusOne(part: Part): Part {
  return typeof part === "number" ? part - 1 : toPart(part - 1n);
}

/** An id as text. */
export function formatId({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`;
}

/** An id as 16 bytes in big-endian order: they sort like the ids. */
export function idBytes({ ms, seq }: StreamId): string {
  return partBytes(ms) + partBytes(seq);
}

function partBytes(part: Part): string {
  let high: number;
  let low: number;
  if (typeof part === "number") {
    high = Math.floor(part / 2 ** 32);
    low = part % 2 ** 32;
  } else {
    high = Number(part >> 32n);
    low = Number(part & 0xffffffffn);
  }
  return String.fromCharCode(
    high >>> 24,
    high >>> 16 & 255,
    high >>> 8 & 255,
    high & 255,
    low >>> 24,
    low >>> 16 & 255,
    low >>> 8 & 255,
    low & 255,
  );
}
