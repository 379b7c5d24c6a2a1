/**
 * SHA-1: the names of scripts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3174
 * @module
 */

const words = new Int32Array(80);

/** The SHA-1 of binary text (one character per byte), as 40 hexadecimal digits. */
export function sha1(text: string): string {
  let [h0, h1, h2, h3, h4] = [
    0x67452301,
    0xefcdab89 | 0,
    0x98badcfe | 0,
    0x10325476,
    0xc3d2e1f0 | 0,
  ] as [number, number, number, number, number];
  const blocks = (text.length + 8 >> 6) + 1;
  for (let block = 0; block < blocks; block++) {
    words.fill(0, 0, 16);
    const start = block * 64;
    const end = Math.min(text.length - start, 64);
    for (let i = 0; i < end; i++) {
      words[i >> 2]! |= text.charCodeAt(start + i) << (24 - i % 4 * 8);
    }
    if (end >= 0 && end < 64) words[end >> 2]! |= 0x80 << (24 - end % 4 * 8);
    if (block === blocks - 1) {
      words[14] = text.length / 2 ** 29;
      words[15] = text.length << 3;
    }
    for (let i = 16; i < 80; i++) {
      const word = words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^
        words[i - 16]!;
      words[i] = word << 1 | word >>> 31;
    }
    let [a, b, c, d, e] = [h0, h1, h2, h3, h4];
    for (let i = 0; i < 80; i++) {
      const [f, k] = i < 20
        ? [b & c | ~b & d, 0x5a827999]
        : i < 40
        ? [b ^ c ^ d, 0x6ed9eba1]
        : i < 60
        ? [b & c | b & d | c & d, 0x8f1bbcdc]
        : [b ^ c ^ d, 0xca62c1d6];
      const next = (a << 5 | a >>> 27) + f! + e + k! + words[i]! | 0;
      [e, d, c, b, a] = [d, c, b << 30 | b >>> 2, a, next];
    }
    h0 = h0 + a | 0;
    h1 = h1 + b | 0;
    h2 = h2 + c | 0;
    h3 = h3 + d | 0;
    h4 = h4 + e | 0;
  }
  return [h0, h1, h2, h3, h4].map((word) =>
    (word >>> 0).toString(16).padStart(8, "0")
  ).join("");
}
