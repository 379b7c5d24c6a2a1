import assert from "node:assert/strict";
import { encodeText } from "../../lib/resp/bytes.ts";
import { decimal } from "../../lib/resp/numbers.ts";
import { Random } from "./random.ts";

const none = { permissions: "none" } as const;

function read(text: string): number | undefined {
  const bytes = encodeText(`x${text}x`);
  return decimal(bytes, 1, bytes.length - 1);
}

Deno.test("decimal() equals Number() to the last bit", none, () => {
  const random = new Random(1);
  for (let i = 0; i < 100_000; i++) {
    let text = String(random.below(10 ** random.below(16)));
    const point = random.below(text.length + 1);
    if (point > 0) text = `${text.slice(0, point)}.${text.slice(point)}`;
    if (random.chance(0.5)) text = `-${text}`;
    assert(Object.is(read(text), Number(text)), text);
  }
  for (const text of ["0", "-0", "0.1", "00.10", "5.", "999999999999999"]) {
    assert(Object.is(read(text), Number(text)), text);
  }
});

Deno.test("decimal() is undefined for other and long text", none, () => {
  const others = [
    "",
    "-",
    ".",
    "-.",
    ".5",
    "-.5",
    "+1",
    "1e5",
    "inf",
    "nan",
    "1.2.3",
    "1 ",
    "1234567890123456",
    "0.1234567890123456",
    "--1",
  ];
  for (const text of others) assert.equal(read(text), undefined, text);
});
