/**
 * Ways to cut bytes into chunks.
 *
 * @module
 */

/** Yields `bytes` cut into two at every offset, both ends included. */
export function* cutInTwo(
  bytes: Uint8Array,
): Generator<[Uint8Array, Uint8Array]> {
  for (let at = 0; at <= bytes.length; at++) {
    yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
}

/** Returns `bytes` as chunks of `size` bytes, the last one shorter. */
export function inChunks(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    chunks.push(bytes.subarray(at, at + size));
  }
  return chunks;
}

/** Returns `bytes` as chunks of one byte. */
export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return inChunks(bytes, 1);
}
