import { deepEqual, equal } from "node:assert/strict";
import {
  binaryOf,
  binaryToBytes,
  toBinary,
  writeBinary,
} from "../../lib/resp/binary.ts";
import { Random } from "./random.ts";

Deno.test("any bytes become text with one character per byte, and back", () => {
  const random = new Random(1);
  for (let i = 0; i < 2000; i++) {
    const bytes = random.bytes(10_000);
    const text = toBinary(bytes, 0, bytes.length);
    equal(text.length, bytes.length);
    for (let at = 0; at < bytes.length; at++) {
      equal(text.charCodeAt(at), bytes[at]);
    }
    deepEqual(binaryToBytes(text), bytes);
  }
});

Deno.test("a part of the bytes can be read", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256);
  const whole = toBinary(bytes, 0, bytes.length);
  for (const [start, end] of [[0, 0], [3, 10], [250, 256], [5, 300]] as const) {
    equal(toBinary(bytes, start, end), whole.slice(start, end));
  }
});

Deno.test("text is written at its position, and nothing else changes", () => {
  for (const text of ["", "abc", "\xff\0\x80", "é".repeat(100)]) {
    const into = new Uint8Array(text.length + 10).fill(7);
    writeBinary(text, into, 5);
    equal(toBinary(into, 5, 5 + text.length), text);
    deepEqual(into.subarray(0, 5), new Uint8Array(5).fill(7));
    deepEqual(into.subarray(5 + text.length), new Uint8Array(5).fill(7));
  }
});

Deno.test("binary texts compare as their bytes do", () => {
  const texts = ["", "\0", "a", "a\0", "b", "\x7f", "\x80", "\xff"];
  deepEqual([...texts].sort(), texts);
});

Deno.test("ordinary text becomes its UTF-8 bytes", () => {
  equal(binaryOf("plain"), "plain");
  equal(binaryOf("é🦀"), "\xc3\xa9\xf0\x9f\xa6\x80");
  equal(binaryOf("ü".repeat(5000)), "\xc3\xbc".repeat(5000));
});
