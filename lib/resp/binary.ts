/**
 * Bytes as text, a character for each byte: how the server's side holds what
 * it is sent.
 *
 * Such a string costs a byte per character in V8, compares and hashes as its
 * bytes do, and works as the key of a `Map`; a `Uint8Array` has a hundred bytes
 * of its own and none of that.
 *
 * @module
 */

const encoder = new TextEncoder();
// Where it succeeds with a character for each byte, all of them were ASCII.
const ascii = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The longest string that V8 can make: 24 bytes less than 512 MiB. */
export const LONGEST_STRING: number = 2 ** 29 - 24;

/** Beyond this length the platform's coders are faster than a loop. */
const SHORT = 64;
/** How many arguments a call is given at a time. */
const ARGUMENTS = 4096;

/** Character codes for one call of `fromCharCode`, by length of the text. */
const CODES: number[][] = Array.from(
  { length: SHORT + 1 },
  (_, length) => Array.from({ length }, () => 0),
);

/** Reads bytes as text, a character for each. */
export function toBinary(bytes: Uint8Array, at: number, end: number): string {
  const length = end - at;
  if (length > SHORT) return longToBinary(bytes.subarray(at, end));
  const make = String.fromCharCode;
  // A call with as many arguments is the fastest, for the most frequent lengths.
  switch (length) {
    case 0:
      return "";
    case 1:
      return make(bytes[at]!);
    case 2:
      return make(bytes[at]!, bytes[at + 1]!);
    case 3:
      return make(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!);
    case 4:
      return make(
        bytes[at]!,
        bytes[at + 1]!,
        bytes[at + 2]!,
        bytes[at + 3]!,
      );
  }
  // Text that is joined of parts takes V8 up to three times as much memory.
  const codes = CODES[length]!;
  for (let i = 0; i < length; i++) codes[i] = bytes[at + i]!;
  return make.apply(null, codes);
}

function longToBinary(bytes: Uint8Array): string {
  try {
    const text = ascii.decode(bytes);
    if (text.length === bytes.length) return text;
  } catch {
    // Not UTF-8, so not ASCII.
  }
  let text = "";
  for (let i = 0; i < bytes.length; i += ARGUMENTS) {
    // `apply` takes typed arrays, and is six times as fast as spreading one.
    text += Reflect.apply(
      String.fromCharCode,
      null,
      bytes.subarray(i, i + ARGUMENTS),
    );
  }
  return text;
}

/** Writes such text at `at`, where there is room for it. */
export function writeBinary(text: string, into: Uint8Array, at: number): void {
  const length = text.length;
  if (length > SHORT) {
    const { read, written } = encoder.encodeInto(
      text,
      into.subarray(at, at + length),
    );
    if (read === length && written === length) return;
  }
  for (let i = 0; i < length; i++) into[at + i] = text.charCodeAt(i);
}

/** Such text as bytes of their own. */
export function binaryToBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  writeBinary(text, bytes, 0);
  return bytes;
}

/** Ordinary text as binary text: the bytes of its UTF-8. */
export function binaryOf(text: string): string {
  const bytes = encoder.encode(text);
  return bytes.length === text.length ? text : longToBinary(bytes);
}
