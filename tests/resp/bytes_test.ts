import { equal } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { decodeText, encodeText } from "../../lib/resp/bytes.ts";
import { Random } from "./random.ts";

const platform = new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes texts and bytes of every length as part of other bytes. */
function decodeAll(): void {
  const random = new Random(1);
  const ascii = encodeText("0123456789abcdef\r\n".repeat(20));
  const mixed = encodeText("\ufeffa£€🦀 plain text between ü".repeat(20));
  for (let length = 0; length <= 300; length++) {
    const noise = random.bytes(length);
    const oneByte = ascii.slice(0, length);
    if (length > 0) oneByte[random.below(length)] = 0xe9;
    for (const bytes of [ascii, mixed, noise, oneByte]) {
      const start = Math.min(3, bytes.length);
      const end = Math.min(start + length, bytes.length);
      const expected = platform.decode(bytes.subarray(start, end));
      equal(decodeText(bytes, start, end), expected);
    }
  }
}

Deno.test("texts of every length are decoded as by TextDecoder, also by Buffer once there were many", () => {
  const { utf8Slice } = Buffer.prototype;
  let calls = 0;
  Buffer.prototype.utf8Slice = function (start?: number, end?: number) {
    calls++;
    return utf8Slice.call(this, start, end);
  };
  try {
    decodeAll();
    equal(calls, 0);
    const text = "x".repeat(100);
    const bytes = encodeText(text);
    for (let i = 0; i < 2 ** 16; i++) equal(decodeText(bytes), text);
    calls = 0;
    decodeAll();
    equal(calls > 0, true);
  } finally {
    Buffer.prototype.utf8Slice = utf8Slice;
  }
});
