import assert from "node:assert/strict";
import { decodeText, encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { checkArgs, Encoder } from "../../lib/resp/encoder.ts";
import type { Arg } from "../../lib/resp/reply.ts";

const none = { permissions: "none" } as const;

// What the encoder says by name: text and bytes that long are not copied.
const UNCOPIED = 8192;

/** The bytes of `commands` by the book. */
function expected(...commands: readonly Arg[][]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const args of commands) {
    parts.push(encodeText(`*${args.length}\r\n`));
    for (const arg of args) {
      const bytes = arg instanceof Uint8Array ? arg : encodeText(String(arg));
      parts.push(encodeText(`$${bytes.length}\r\n`), bytes, encodeText("\r\n"));
    }
  }
  return joinBytes(parts);
}

/** The bytes that an encoder makes of `commands`. */
function encoded(...commands: readonly Arg[][]): Uint8Array {
  const encoder = new Encoder();
  for (const args of commands) encoder.encode(args);
  return joinBytes(encoder.take());
}

function assertEncodes(...commands: readonly Arg[][]): void {
  assert.deepStrictEqual(encoded(...commands), expected(...commands));
}

/** Bytes that tell one place from another. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 31 % 251);
}

// -- Arguments --

Deno.test(
  "Encoder.encode() writes text of megabytes, in its place among the others",
  none,
  () => {
    // Around the length from which on text is encoded by itself.
    for (const length of [-1, 0, 1].map((more) => 8 * 1024 * 1024 + more)) {
      const text = "ü" + "x".repeat(length - 1);
      assert.equal(text.length, length);
      const commands = [["SET", "a", text], ["GET", "a"]];
      const [bytes, wanted] = [encoded(...commands), expected(...commands)];
      assert.equal(bytes.length, wanted.length);
      // Not deepEqual, which would show the difference for minutes.
      assert.ok(bytes.every((byte, i) => byte === wanted[i]));
    }
  },
);

Deno.test("Encoder.encode() writes an array of bulk strings", none, () => {
  assert.equal(
    decodeText(encoded(["SET", "key", "välue"])),
    "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$6\r\nvälue\r\n",
  );
  assertEncodes(["PING"]);
  assertEncodes(["a\r\nb", "$1\r\n", "*1\r\n", "\0"]);
  assertEncodes([encodeText("PING"), "x"]);
});

Deno.test("behaviour 12: text is sent by its length in bytes", none, () => {
  const characters = ["a", "\x7f", "\x80", "é", "߿", "ࠀ", "漢", "\uffff", "🦀"];
  // One under, at and over every length that the encoder treats in its own way.
  const lengths = [0, 1, 2, 9, 10, 11, 31, 32, 33, 62, 63, 64, 65, 66, 99, 100];
  const long = [101, 999, 1000, 2730, 2731, 4095, 4096, 8190, 8191, 8192, 8193];
  for (const character of characters) {
    for (const length of [...lengths, ...long, 20_000]) {
      const text = character.repeat(length);
      assertEncodes(["SET", text, "x"]);
      // The one character that is not ASCII comes last, or first.
      const ascii = "x".repeat(Math.max(0, length - character.length));
      assertEncodes(["SET", ascii + character, character + ascii]);
    }
  }
});

Deno.test("Encoder.encode() writes empty text and empty bytes", none, () => {
  assert.equal(
    decodeText(encoded(["", new Uint8Array(0), ""])),
    "*3\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n",
  );
});

Deno.test("Encoder.encode() writes lone surrogates as U+FFFD", none, () => {
  for (const text of ["\ud800", "\udc00", "a\ud800b", "\udc00\ud800"]) {
    for (const length of [1, 40, 100, 9000]) {
      assertEncodes(["SET", text.repeat(length), "\ufeff"]);
    }
  }
  assert.equal(
    decodeText(encoded(["\ud800"])),
    "*1\r\n$3\r\n\ufffd\r\n",
  );
});

Deno.test("Encoder.encode() writes numbers as decimal text", none, () => {
  const cases: [number | bigint, string][] = [
    [0, "0"],
    [-0, "0"],
    [7, "7"],
    [-1, "-1"],
    [1234567890, "1234567890"],
    [2 ** 31, "2147483648"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [Number.MIN_SAFE_INTEGER, "-9007199254740991"],
    [1.5, "1.5"],
    [-0.1, "-0.1"],
    [1e21, "1e+21"],
    [1e-7, "1e-7"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [0n, "0"],
    [-5n, "-5"],
    [9223372036854775807n, "9223372036854775807"],
    [-9223372036854775808n, "-9223372036854775808"],
    [10n ** 9000n, `1${"0".repeat(9000)}`],
  ];
  for (const [value, text] of cases) {
    assert.deepStrictEqual(encoded(["SET", value]), expected(["SET", text]));
  }
});

Deno.test("Encoder.encode() writes any number of arguments", none, () => {
  for (const count of [1, 2, 9, 10, 11, 99, 100, 101, 1000, 100_000]) {
    assertEncodes(Array.from({ length: count }, (_, i) => `${i}`));
  }
});

Deno.test("Encoder.encode() writes bytes as they are", none, () => {
  for (const length of [0, 1, 99, 100, 8190, 8191, 8192, 8193, 100_000]) {
    assertEncodes(["SET", pattern(length), "x"], ["GET", "y"]);
  }
  const whole = pattern(50_000);
  for (const [start, end] of [[3, 3], [3, 10], [100, 8300], [9000, 50_000]]) {
    assertEncodes(["SET", whole.subarray(start, end), "x"]);
  }
});

Deno.test(
  "Encoder.encode() copies small bytes: they may change at once",
  none,
  () => {
    const encoder = new Encoder();
    const bytes = pattern(UNCOPIED - 1);
    encoder.encode(["SET", bytes]);
    const wanted = expected(["SET", bytes]);
    bytes.fill(0);
    const chunks = encoder.take();
    assert.equal(chunks.length, 1);
    assert.deepStrictEqual(joinBytes(chunks), wanted);
  },
);

Deno.test("Encoder.encode() passes large bytes on uncopied", none, () => {
  const encoder = new Encoder();
  const bytes = pattern(3 * UNCOPIED).subarray(7, 7 + UNCOPIED);
  encoder.encode(["SET", "k", bytes]);
  encoder.encode(["MSET", "a", bytes, "b", bytes]);
  const chunks = encoder.take();
  assert.equal(chunks.filter((chunk) => chunk === bytes).length, 3);
  assert.deepStrictEqual(
    joinBytes(chunks),
    expected(["SET", "k", bytes], ["MSET", "a", bytes, "b", bytes]),
  );
});

// -- The buffer --

Deno.test(
  "Encoder.take() gives many commands in order, however far the buffer grows",
  none,
  () => {
    const commands: Arg[][] = [];
    for (let i = 0; i < 3000; i++) {
      commands.push(["SET", `key:${i}`, "v".repeat(i % 1500), i]);
      if (i % 100 === 0) commands.push(["SET", "large", pattern(10_000 + i)]);
      if (i % 130 === 0) commands.push(["SET", "text", "ü".repeat(9000 + i)]);
      if (i % 170 === 0) commands.push(["SET", "bytes", pattern(8000)]);
    }
    assertEncodes(...commands);
    const encoder = new Encoder();
    const wanted = expected(...commands);
    for (let round = 0; round < 4; round++) {
      for (const args of commands) encoder.encode(args);
      assert.deepStrictEqual(joinBytes(encoder.take()), wanted);
    }
  },
);

Deno.test("Encoder.take() gives small commands as one chunk", none, () => {
  const encoder = new Encoder();
  for (let i = 0; i < 100; i++) encoder.encode(["GET", `key:${i}`]);
  assert.equal(encoder.take().length, 1);
  for (let i = 0; i < 100_000; i++) encoder.encode(["GET", `key:${i}`]);
  assert.equal(encoder.take().length, 1);
});

Deno.test(
  "Encoder.take() leaves its chunks alone until the next one",
  none,
  () => {
    const sizes = [1, 100, 20_000, 3, 2_000_000, 5, 5, 100_000, 1];
    const encoder = new Encoder();
    const fill = (round: number, size: number): Arg[] => {
      const args = ["SET", `${round}`, "x".repeat(Math.min(size, 8000))];
      encoder.encode(args);
      for (let left = size; left > 0; left -= 8000) encoder.encode(args);
      return args;
    };
    let written: Uint8Array[] = [];
    let wanted: Uint8Array = new Uint8Array(0);
    for (const [round, size] of sizes.entries()) {
      const args = fill(round, size);
      // Full to the end now, and what was taken last is still what it was.
      assert.deepStrictEqual(joinBytes(written), wanted);
      written = encoder.take();
      const count = 1 + Math.ceil(size / 8000);
      wanted = expected(...Array<Arg[]>(count).fill(args));
      assert.deepStrictEqual(joinBytes(written), wanted);
    }
  },
);

Deno.test(
  "Encoder.encode() writes whatever is left of the buffer",
  none,
  () => {
    // The first buffer has 16 KiB: every argument meets its end once.
    const args = [
      "SET",
      "漢".repeat(100),
      pattern(150),
      "x".repeat(60),
      1234567,
    ];
    for (let used = 15_500; used <= 16_500; used++) {
      const rest = "x".repeat(used - 16_000 + 4_000);
      const before = ["SET", "x".repeat(6_000), "x".repeat(6_000), rest];
      assertEncodes(before, args, ["SET", pattern(UNCOPIED), "é".repeat(80)]);
    }
    for (let used = 0; used < 16_000; used += 500) {
      const before = ["SET", "x".repeat(used / 2), "x".repeat(used / 2)];
      assertEncodes(before, ["SET", "漢".repeat(6000), "x"]);
    }
  },
);

Deno.test(
  "Encoder.take() gives two buffers in turn, without those that grew large",
  none,
  () => {
    const encoder = new Encoder();
    const bufferOf = (commands: number): ArrayBufferLike => {
      const args = ["SET", "x".repeat(8000)];
      for (let i = 0; i < commands; i++) encoder.encode(args);
      return encoder.take()[0]!.buffer;
    };
    const [first, second] = [bufferOf(1), bufferOf(1)];
    assert.notEqual(first, second);
    assert.equal(bufferOf(1), first);
    assert.equal(bufferOf(1), second);
    assert.ok(bufferOf(1_000).byteLength > 8_000_000);
    const after = Array.from({ length: 70 }, () => bufferOf(1).byteLength);
    assert.ok(Math.max(...after) > 8_000_000, "kept for a while");
    assert.ok(Math.max(...after.slice(-4)) < 1_000_000, "given back");
    assert.ok(bufferOf(4_000).byteLength > 16 * 1024 * 1024);
    for (let i = 0; i < 4; i++) assert.ok(bufferOf(1).byteLength < 1_000_000);
  },
);

Deno.test("Encoder.empty says whether there is anything to take", none, () => {
  const encoder = new Encoder();
  assert.ok(encoder.empty);
  assert.deepStrictEqual(encoder.take(), []);
  encoder.encode(["PING"]);
  assert.ok(!encoder.empty);
  encoder.take();
  assert.ok(encoder.empty);
  encoder.encode(["SET", "k", pattern(UNCOPIED)]);
  assert.ok(!encoder.empty);
  encoder.take();
  assert.ok(encoder.empty);
  assert.throws(() => encoder.encode([]), TypeError);
  assert.ok(encoder.empty);
  assert.deepStrictEqual(encoder.take(), []);
});

// -- Bad arguments --

const bad: [value: unknown, shown: string][] = [
  [undefined, "undefined"],
  [null, "null"],
  [true, "true"],
  [false, "false"],
  [NaN, "NaN"],
  [{ password: "secret" }, "object"],
  [["secret"], "object"],
  [Symbol("secret"), "symbol"],
  [() => "secret", "function"],
  [new Date(0), "object"],
  [new ArrayBuffer(8), "object"],
  [new DataView(new ArrayBuffer(8)), "object"],
  [new Uint16Array(1), "object"],
  [Object("text"), "object"],
  [Promise.resolve("secret"), "object"],
];

function refusal(word: string, index: number, shown: string) {
  return {
    name: "TypeError",
    message: `Cannot send ${word}: argument ${index} must be a string, ` +
      `a number, a bigint or a Uint8Array: current value is ${shown}`,
  };
}

Deno.test(
  "behaviour 12: a bad argument throws a TypeError with its index, and nothing is written",
  none,
  () => {
    const befores: Arg[][][] = [[], [["SET", "a", "1"]], [[
      "SET",
      "a",
      pattern(UNCOPIED),
    ]]];
    const heads: Arg[][] = [
      ["SET"],
      ["SET", "key", "ü"],
      ["MSET", "k", pattern(UNCOPIED), "l", "x".repeat(10_000), "m"],
      // The buffer grows.
      ["MSET", ...Array<string>(20).fill("x".repeat(8000))],
      // It grows behind a chunk of its own.
      ["MSET", pattern(UNCOPIED), ...Array<string>(20).fill("x".repeat(8000))],
    ];
    for (const [value, shown] of bad) {
      for (const before of befores) {
        for (const head of heads) {
          const encoder = new Encoder();
          for (const args of before) encoder.encode(args);
          const args = [...head, value as Arg, "after"];
          const error = refusal(String(head[0]), head.length, shown);
          assert.throws(() => encoder.encode(args), error);
          assert.equal(encoder.empty, before.length === 0);
          encoder.encode(["GET", "b", pattern(UNCOPIED)]);
          assert.throws(() => encoder.encode(args), error);
          encoder.encode(["GET", "c"]);
          assert.deepStrictEqual(
            joinBytes(encoder.take()),
            expected(...before, ["GET", "b", pattern(UNCOPIED)], ["GET", "c"]),
          );
          assert.throws(() => encoder.encode(args), error);
          assert.deepStrictEqual(encoder.take(), []);
          assert.throws(() => checkArgs(args), error);
        }
      }
    }
  },
);

Deno.test(
  "behaviour 12: the command itself may be the bad argument",
  none,
  () => {
    for (const [value, shown] of bad) {
      const args = [value as Arg, "x"];
      const error = refusal("a command", 0, shown);
      assert.throws(() => new Encoder().encode(args), error);
      assert.throws(() => checkArgs(args), error);
    }
    const args = [encodeText("SET"), null as unknown as Arg];
    assert.throws(
      () => new Encoder().encode(args),
      refusal("a command", 1, "null"),
    );
    assert.throws(() => checkArgs(args), refusal("a command", 1, "null"));
  },
);

Deno.test(
  "behaviour 12: the first bad argument is named, holes are undefined",
  none,
  () => {
    // deno-lint-ignore no-sparse-arrays
    const args = ["SET", "k", , null] as unknown as Arg[];
    const error = refusal("SET", 2, "undefined");
    assert.throws(() => new Encoder().encode(args), error);
    assert.throws(() => checkArgs(args), error);
  },
);

Deno.test("Encoder.encode() refuses a command without a name", none, () => {
  const error = {
    name: "TypeError",
    message: "Cannot send a command without a name",
  };
  const encoder = new Encoder();
  encoder.encode(["PING"]);
  assert.throws(() => encoder.encode([]), error);
  assert.throws(() => checkArgs([]), error);
  assert.deepStrictEqual(joinBytes(encoder.take()), expected(["PING"]));
});

Deno.test("checkArgs() accepts what Encoder.encode() does", none, () => {
  const args = ["SET", "", 0, -1.5, Infinity, 5n, new Uint8Array(0)];
  checkArgs(args);
  new Encoder().encode(args);
});
