/**
 * LZF, the compression of long strings in RDB files: decompression only, as a
 * file need not be compressed.
 *
 * @see http://oldhome.schmorp.de/marc/liblzf.html
 * @module
 */

/** Decompresses to `size` bytes. Throws when the input is invalid or of another size. */
export function decompress(input: Uint8Array, size: number): Uint8Array {
  // Three bytes decompress to 264 at most: check before allocating.
  if (size > input.length * 88) throw corrupt();
  const output = new Uint8Array(size);
  let from = 0;
  let to = 0;
  while (from < input.length) {
    const control = input[from++]!;
    if (control < 32) {
      const end = from + control + 1;
      if (to + control + 1 > size || end > input.length) throw corrupt();
      output.set(input.subarray(from, end), to);
      to += end - from;
      from = end;
      continue;
    }
    let length = control >> 5;
    if (length === 7) length += input[from++]!;
    let at = to - ((control & 0x1f) << 8) - input[from++]! - 1;
    if (at < 0 || to + length + 2 > size) throw corrupt();
    // Byte by byte: the source may overlap the bytes that are being written.
    for (let i = 0; i < length + 2; i++) output[to++] = output[at++]!;
  }
  if (to !== size) throw corrupt();
  return output;
}

function corrupt(): Error {
  return new Error("A compressed string of the RDB file is corrupt");
}
