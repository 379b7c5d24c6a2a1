/**
 * Bytes and text: ASCII constants, UTF-8, short strings without a decoder.
 *
 * @module
 */

/** `\r` */
export const CR = 0x0d;
/** `\n` */
export const LF = 0x0a;
/** `.` */
export const DOT = 0x2e;
/** `0` */
export const ZERO = 0x30;
/** `+` */
export const PLUS = 0x2b;
/** `-` */
export const MINUS = 0x2d;
/** `?` */
export const QUESTION = 0x3f;
/** `:` */
export const COLON = 0x3a;

/** No bytes. */
export const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

const encoder = new TextEncoder();
// A value may begin with U+FEFF: that is data, not a byte order mark.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Encodes text as UTF-8, into bytes of their own. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * Encodes text as UTF-8 into `into`, as much as fits; returns how much was read
 * and written.
 */
export function encodeTextInto(
  text: string,
  into: Uint8Array,
): TextEncoderEncodeIntoResult {
  return encoder.encodeInto(text, into);
}

/**
 * Text up to this length is first read as ASCII. For longer text TextDecoder is
 * faster.
 */
const SHORT = 40;

/** Decodes UTF-8; invalid bytes become U+FFFD. */
export function decodeText(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): string {
  return end - start <= SHORT
    ? shortText(bytes, start, end)
    : platformText(bytes, start, end);
}

/**
 * Up to this length Deno's `Buffer` decodes in half the time of its TextDecoder,
 * with the same result.
 */
const MEDIUM = 256;
/** Loading Buffer takes as long as it saves on so many texts: a short process does without. */
const LOAD_AFTER = 2 ** 16;
let decoded = 0;
/** `Buffer.prototype.utf8Slice`, which also needs no view of the bytes. */
let utf8Slice:
  | ((this: Uint8Array, start: number, end: number) => string)
  | undefined;

function platformText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= MEDIUM) {
    if (utf8Slice !== undefined) return utf8Slice.call(bytes, start, end);
    if (++decoded === LOAD_AFTER) utf8Slice = loadUtf8Slice(globalThis);
  }
  return decoder.decode(bytes.subarray(start, end));
}

/** Not every platform has a Buffer. On Deno, reading the property loads it. */
function loadUtf8Slice(
  { Buffer }: { Buffer?: { prototype: { utf8Slice?: typeof utf8Slice } } },
): typeof utf8Slice {
  return Buffer?.prototype?.utf8Slice;
}

// Measured on Deno: one fromCharCode call with 16 arguments makes 25 M strings
// a second, a character at a time 6 M, TextDecoder 6 M. So each call has as
// many arguments as possible, and each byte is read once, into a variable.
function shortText(b: Uint8Array, at: number, end: number): string {
  const make = String.fromCharCode;
  let text = "";
  let i = at;
  while (end - i >= 16) {
    const c0 = b[i]!;
    const c1 = b[i + 1]!;
    const c2 = b[i + 2]!;
    const c3 = b[i + 3]!;
    const c4 = b[i + 4]!;
    const c5 = b[i + 5]!;
    const c6 = b[i + 6]!;
    const c7 = b[i + 7]!;
    const c8 = b[i + 8]!;
    const c9 = b[i + 9]!;
    const ca = b[i + 10]!;
    const cb = b[i + 11]!;
    const cc = b[i + 12]!;
    const cd = b[i + 13]!;
    const ce = b[i + 14]!;
    const cf = b[i + 15]!;
    if (
      (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | ca | cb | cc | cd |
        ce | cf) > 0x7f
    ) break;
    // deno-fmt-ignore
    text += make(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ca, cb, cc, cd, ce, cf);
    i += 16;
  }
  const rest = end - i;
  if (rest === 0) return text;
  if (rest < 16) {
    const c0 = b[i]!;
    const c1 = rest > 1 ? b[i + 1]! : 0;
    const c2 = rest > 2 ? b[i + 2]! : 0;
    const c3 = rest > 3 ? b[i + 3]! : 0;
    const c4 = rest > 4 ? b[i + 4]! : 0;
    const c5 = rest > 5 ? b[i + 5]! : 0;
    const c6 = rest > 6 ? b[i + 6]! : 0;
    const c7 = rest > 7 ? b[i + 7]! : 0;
    const c8 = rest > 8 ? b[i + 8]! : 0;
    const c9 = rest > 9 ? b[i + 9]! : 0;
    const ca = rest > 10 ? b[i + 10]! : 0;
    const cb = rest > 11 ? b[i + 11]! : 0;
    const cc = rest > 12 ? b[i + 12]! : 0;
    const cd = rest > 13 ? b[i + 13]! : 0;
    const ce = rest > 14 ? b[i + 14]! : 0;
    if (
      (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | ca | cb | cc | cd |
        ce) <= 0x7f
    ) {
      switch (rest) {
        case 1:
          return text + make(c0);
        case 2:
          return text + make(c0, c1);
        case 3:
          return text + make(c0, c1, c2);
        case 4:
          return text + make(c0, c1, c2, c3);
        case 5:
          return text + make(c0, c1, c2, c3, c4);
        case 6:
          return text + make(c0, c1, c2, c3, c4, c5);
        case 7:
          return text + make(c0, c1, c2, c3, c4, c5, c6);
        case 8:
          return text + make(c0, c1, c2, c3, c4, c5, c6, c7);
        case 9:
          return text + make(c0, c1, c2, c3, c4, c5, c6, c7, c8);
        case 10:
          return text + make(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9);
        case 11:
          return text + make(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ca);
        case 12:
          return text + make(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ca, cb);
        case 13:
          return text +
            make(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ca, cb, cc);
        case 14:
          return text +
            make(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ca, cb, cc, cd);
        case 15:
          return text +
            make(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ca, cb, cc, cd, ce);
      }
    }
  }
  // Not ASCII. Decodes all of it again, since a character may begin before this
  // group.
  return platformText(b, at, end);
}

/** Joins parts into one array of bytes. */
export function joinBytes(
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The character that stands for bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/** Whether decoding may have replaced bytes that are not UTF-8. */
export function isLossy(text: string): boolean {
  return text.includes(REPLACEMENT);
}
