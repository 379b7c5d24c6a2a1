import assert from "node:assert/strict";
import { decodeText, encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { checkArgs, Encoder } from "../../lib/resp/encoder.ts";
import type { Arg } from "../../lib/resp/reply.ts";
import { byTheBook, chunksOf, encodeAll } from "./encoding.ts";

const none = { permissions: "none" } as const;

/** The size of the staging buffer, and of the one for long arguments. */
const BUFFER = 64 * 1024;
const LARGE = 1024 * 1024 + BUFFER;
/** The first chunk after a pause is sent once it has this size. */
const FIRST_CHUNK = 8 * 1024;

/** Fails without printing the bytes, which would take minutes. */
function assertSame(actual: Uint8Array, wanted: Uint8Array, what = ""): void {
  assert.equal(actual.length, wanted.length, `length ${what}`);
  const at = actual.findIndex((byte, i) => byte !== wanted[i]);
  assert.equal(at, -1, `first difference ${what}`);
}

function assertEncodes(...commands: readonly Arg[][]): void {
  assertSame(encodeAll(commands), byTheBook(commands));
}

/** Bytes that differ by position. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 % 251;
  return bytes;
}

/** Takes the next bytes, and continues with the waiting ones. */
function next(encoder: Encoder): Uint8Array {
  const bytes = encoder.take().slice();
  encoder.resume();
  return bytes;
}

/** Takes all appended bytes. */
function rest(encoder: Encoder): Uint8Array {
  return encodeAll([], encoder);
}

// -- Arguments --

Deno.test("Encoder writes an array of bulk strings", none, () => {
  assert.equal(
    decodeText(encodeAll([["SET", "key", "välue"]])),
    "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$6\r\nvälue\r\n",
  );
  assertEncodes(["PING"]);
  assertEncodes(["a\r\nb", "$1\r\n", "*1\r\n", "\0"]);
  assertEncodes([encodeText("PING"), "x"]);
});

Deno.test("behaviour 12: text is sent by its length in bytes", none, () => {
  const characters = ["a", "\x7f", "\x80", "é", "߿", "ࠀ", "漢", "\uffff", "🦀"];
  // One below, at and above every length that the encoder treats specially.
  const lengths = [0, 1, 2, 9, 10, 11, 31, 32, 33, 62, 63, 64, 65, 66, 99, 100];
  const long = [101, 999, 1000, 2730, 2731, 4095, 4096, 8190, 8191, 8192, 8193];
  for (const character of characters) {
    for (const length of [...lengths, ...long, 20_000]) {
      const text = character.repeat(length);
      assertEncodes(["SET", text, "x"]);
      // The only non-ASCII character comes last, or first.
      const ascii = "x".repeat(Math.max(0, length - character.length));
      assertEncodes(["SET", ascii + character, character + ascii]);
    }
  }
});

Deno.test("Encoder writes empty text and empty bytes", none, () => {
  assert.equal(
    decodeText(encodeAll([["", new Uint8Array(0), ""]])),
    "*3\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n",
  );
});

Deno.test("Encoder writes lone surrogates as U+FFFD", none, () => {
  for (const text of ["\ud800", "\udc00", "a\ud800b", "\udc00\ud800"]) {
    for (const length of [1, 40, 100, 9000]) {
      assertEncodes(["SET", text.repeat(length), "\ufeff"]);
    }
  }
  assert.equal(
    decodeText(encodeAll([["\ud800"]])),
    "*1\r\n$3\r\n\ufffd\r\n",
  );
});

Deno.test("Encoder writes numbers as decimal text", none, () => {
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
    [10n ** 9_000n, `1${"0".repeat(9_000)}`],
    [10n ** 70_000n, `1${"0".repeat(70_000)}`],
  ];
  for (const [value, text] of cases) {
    assertSame(encodeAll([["SET", value]]), byTheBook([["SET", text]]), text);
  }
});

Deno.test("Encoder writes any number of arguments", none, () => {
  for (const count of [1, 2, 9, 10, 11, 99, 100, 101, 1000, 100_000]) {
    assertEncodes(Array.from({ length: count }, (_, i) => `${i}`));
  }
});

Deno.test("Encoder writes bytes as they are", none, () => {
  for (const length of [0, 1, 99, 100, 8190, 8191, 8192, 8193, 100_000]) {
    assertEncodes(["SET", pattern(length), "x"], ["GET", "y"]);
  }
  const whole = pattern(50_000);
  for (const [start, end] of [[3, 3], [3, 10], [100, 8300], [9000, 50_000]]) {
    assertEncodes(["SET", whole.subarray(start, end), "x"]);
  }
});

Deno.test("Encoder writes text of megabytes in the right order", none, () => {
  // Longer than the scratch buffer, ASCII and not; then a short text.
  const encoder = new Encoder();
  for (const text of ["x", "ü", "漢", "x".repeat(99) + "🦀"]) {
    const long = text.repeat(5 * 1024 * 1024 / text.length);
    const commands = [
      ["SET", "a", long],
      ["GET", "a"],
      ["SET", "b", text.repeat(70_000)],
      ["SET", long.slice(0, 70_000), long.slice(0, 90_000)],
    ];
    assertSame(encodeAll(commands, encoder), byTheBook(commands), text);
  }
});

Deno.test("Encoder writes the bytes of any memory", none, () => {
  const shared = new Uint8Array(new SharedArrayBuffer(100_000));
  shared.set(pattern(100_000));
  const resizable = new ArrayBuffer(100_000, { maxByteLength: 200_000 });
  const tracking = new Uint8Array(resizable, 10);
  tracking.set(pattern(99_990));
  class Named extends Uint8Array {}
  const named = new Named(pattern(100_000));
  for (const length of [0, 100, 99_990]) {
    assertEncodes(
      ["SET", shared.subarray(0, length), tracking.subarray(0, length)],
      ["SET", tracking, named.subarray(0, length), named],
    );
  }
});

// -- The edges of the buffer --

Deno.test(
  "Encoder writes every argument at every place before the buffer's end",
  none,
  () => {
    const args: Arg[] = [
      "SET",
      "漢".repeat(100),
      pattern(150),
      "x".repeat(60),
      "é".repeat(40),
      1234567,
      "",
      new Uint8Array(0),
    ];
    const tail: Arg[][] = [["SET", pattern(9_000), "é".repeat(80)], ["PING"]];
    const length = byTheBook([args]).length;
    // The command begins here, so that each of its bytes is at the end once.
    const pads = pattern(BUFFER);
    for (let start = BUFFER - length - 40; start <= BUFFER; start++) {
      const before = ["SET", pads.subarray(0, start - 25)];
      const commands = [before, args, ...tail];
      assertSame(encodeAll(commands), byTheBook(commands), `at ${start}`);
    }
  },
);

Deno.test(
  "behaviour 12: text and bytes of every length around the buffer's size",
  none,
  () => {
    const whole = pattern(BUFFER + 100);
    const ascii = "x".repeat(BUFFER + 100);
    // The number of characters that fill the buffer, by their size in UTF-8.
    const characters = ["é", "漢", "🦀"].map((text) => {
      const size = encodeText(text).length / text.length;
      return { text, fill: Math.ceil(BUFFER / size / text.length) };
    });
    for (let more = -80; more <= 40; more++) {
      const size = BUFFER + more;
      const commands: Arg[][] = [
        ["SET", whole.subarray(0, size)],
        ["SET", ascii.slice(0, size), "k"],
        // Too long for the buffer only because of its non-ASCII character.
        ["SET", ascii.slice(0, size - 1) + "é"],
        ["SET", "é" + ascii.slice(0, Math.floor(size / 3)), "k"],
      ];
      for (const { text, fill } of characters) {
        commands.push(["SET", text.repeat(fill + more), "k"]);
      }
      for (const command of commands) {
        // At the start of an empty buffer, in the middle of one, and in a row.
        assertEncodes(command);
        assertEncodes(["GET", "k"], command, ["GET", "k"]);
      }
      assertEncodes(...commands);
    }
    // Around the length at which three bytes per character still fit.
    for (let length = BUFFER / 3 - 40; length <= BUFFER / 3 + 10; length++) {
      const text = "漢".repeat(length);
      assertEncodes(["SET", text], ["SET", text.slice(1) + "x"]);
    }
  },
);

Deno.test(
  "Encoder writes a long argument that ends just before the buffer's end",
  none,
  () => {
    const whole = pattern(3 * BUFFER);
    // Its last byte, CR and LF fall on both sides of a buffer's end.
    for (const buffers of [1, 2]) {
      for (let more = -60; more <= 20; more++) {
        const bytes = whole.subarray(0, buffers * BUFFER + more);
        assertEncodes(["SET", bytes], ["GET", "k"]);
        assertEncodes(["SET", bytes, bytes.subarray(0, 100), bytes]);
        const text = "x".repeat(buffers * BUFFER + more);
        assertEncodes(["SET", text, "é", bytes], ["GET", text]);
      }
    }
  },
);

Deno.test(
  "Encoder.take() gives many commands in order, in chunks of the buffer's size",
  none,
  () => {
    const commands: Arg[][] = [];
    for (let i = 0; i < 3000; i++) {
      commands.push(["SET", `key:${i}`, "v".repeat(i % 1500), i]);
      if (i % 100 === 0) commands.push(["SET", "large", pattern(10_000 + i)]);
      if (i % 130 === 0) commands.push(["SET", "text", "ü".repeat(40_000 + i)]);
      if (i % 170 === 0) commands.push(["SET", "bytes", pattern(150_000)]);
    }
    const encoder = new Encoder();
    const wanted = byTheBook(commands);
    for (let round = 0; round < 4; round++) {
      const chunks = chunksOf(commands, encoder);
      assertSame(joinBytes(chunks), wanted);
      assert.ok(chunks.every(({ length }) => length <= LARGE));
      assert.ok(chunks.length < 2 * wanted.length / BUFFER);
    }
  },
);

Deno.test(
  "Encoder writes a pipeline appended at once, however long",
  none,
  () => {
    const commands = Array.from(
      { length: 20_000 },
      (_, i): Arg[] => ["SET", `key:${i}`, "v".repeat(i % 90)],
    );
    const encoder = new Encoder();
    for (const args of commands) encoder.append(args);
    assert.ok(encoder.full);
    assert.ok(encoder.unfinished);
    assertSame(rest(encoder), byTheBook(commands));
    assert.ok(!encoder.unfinished);
  },
);

// -- take and resume --

Deno.test("Encoder.take() returns the first chunk early", none, () => {
  const args = ["SET", "k", "v".repeat(100)];
  const commands = Array<Arg[]>(5_000).fill(args);
  const { length } = byTheBook([args]);
  const encoder = new Encoder();
  for (let round = 0; round < 3; round++) {
    const [first, ...others] = chunksOf(commands, encoder);
    assert.ok(first!.length >= FIRST_CHUNK);
    assert.ok(first!.length < FIRST_CHUNK + length);
    const full = others.slice(0, -1);
    assert.ok(full.length > 5);
    for (const chunk of full) assert.ok(chunk.length > BUFFER - length - 64);
  }
});

Deno.test("Encoder.full is true when the bytes must be taken", none, () => {
  const encoder = new Encoder();
  const args = ["SET", "k", "v".repeat(100)];
  let appended = 0;
  const fill = () => {
    for (; !encoder.full; appended++) encoder.append(args);
    return encoder.length;
  };
  assert.ok(!encoder.full);
  const first = fill();
  assert.ok(first >= FIRST_CHUNK && first < FIRST_CHUNK + 200);
  assert.equal(encoder.take().length, first);
  encoder.resume();
  const second = fill();
  assert.ok(second > BUFFER - 300 && second <= BUFFER);
  encoder.resume();
  const all = Array<Arg[]>(appended).fill(args);
  const left = first + second + rest(encoder).length;
  assert.equal(left, byTheBook(all).length);
});

Deno.test("Encoder.take() returns nothing when all was taken", none, () => {
  const encoder = new Encoder();
  assert.equal(encoder.take().length, 0);
  assert.equal(encoder.length, 0);
  encoder.append(["PING"]);
  assert.equal(encoder.length, byTheBook([["PING"]]).length);
  assert.ok(!encoder.unfinished);
  assertSame(next(encoder), byTheBook([["PING"]]));
  assert.equal(encoder.length, 0);
  assert.equal(encoder.take().length, 0);
});

Deno.test("the taken bytes do not change until resume()", none, () => {
  const encoder = new Encoder();
  encoder.append(["SET", "a", "v".repeat(FIRST_CHUNK)]);
  encoder.append(["SET", "b", pattern(6 * LARGE)]);
  let chunks = 0;
  for (let taken; (taken = encoder.take()).length > 0; chunks++) {
    const copy = taken.slice();
    // Everything that may happen while a write is in progress.
    if (chunks < 6) encoder.append(["GET", "k", "w".repeat(200)]);
    if (chunks === 3) encoder.abandon();
    assertSame(taken, copy, `of chunk ${chunks}`);
    encoder.resume();
  }
  assert.ok(chunks > 5);
});

Deno.test(
  "commands appended between take() and resume() are written next",
  none,
  () => {
    const encoder = new Encoder();
    encoder.append(["SET", "a", "v"]);
    const first = encoder.take();
    const copy = first.slice();
    encoder.append(["DISCARD"]);
    assertSame(first, copy);
    encoder.resume();
    assert.equal(
      decodeText(joinBytes([copy, rest(encoder)])),
      decodeText(byTheBook([["SET", "a", "v"], ["DISCARD"]])),
    );
  },
);

Deno.test(
  "take() never returns a caller's memory, and uses two buffers",
  none,
  () => {
    const encoder = new Encoder();
    const bytes = [10, 8_192, BUFFER, 500_000, 3 * LARGE].map(pattern);
    const buffers = new Set<ArrayBufferLike>();
    for (const value of bytes) encoder.append(["SET", "k", value]);
    for (let taken; (taken = encoder.take()).length > 0; encoder.resume()) {
      buffers.add(taken.buffer);
    }
    const sizes = [...buffers].map(({ byteLength }) => byteLength);
    assert.ok(sizes.every((size) => size === BUFFER || size === LARGE));
    assert.equal(new Set(sizes).size, sizes.length, "one of each size");
    for (const buffer of buffers) {
      assert.ok(bytes.every((value) => value.buffer !== buffer));
    }
  },
);

Deno.test(
  "a caller may change bytes once they are encoded, long ones once they are taken",
  none,
  () => {
    const encoder = new Encoder();
    const small = pattern(5_000);
    const wanted = byTheBook([["SET", small]]);
    encoder.append(["SET", small]);
    small.fill(0);
    assertSame(next(encoder), wanted);

    const long = pattern(2 * BUFFER);
    const whole = byTheBook([["SET", long]]);
    encoder.append(["SET", long]);
    const parts = [next(encoder)];
    // `resume` has copied the first two buffers of the rest.
    long.fill(0, 0, 2 * BUFFER - 200);
    parts.push(rest(encoder));
    assertSame(joinBytes(parts), whole);
  },
);

// -- Bad arguments --

const bad: [value: unknown, shown: string][] = [
  [undefined, "undefined"],
  [null, "null"],
  [true, "true"],
  [false, "false"],
  [NaN, "NaN"],
  [{ password: "secret" }, "a plain object: JSON.stringify() it"],
  [["secret"], "an Array: spread it"],
  [Symbol("secret"), "a symbol"],
  [() => "secret", "a function"],
  [new Date(0), "a Date: getTime() gives a number"],
  [new ArrayBuffer(8), "an ArrayBuffer"],
  [new DataView(new ArrayBuffer(8)), "a DataView"],
  [new Uint16Array(1), "a Uint16Array"],
  [Object("text"), "a String"],
  [Promise.resolve("secret"), "a Promise: await it"],
];

function refusal(word: string, index: number, shown: string) {
  return {
    name: "TypeError",
    message: `Cannot send ${word}: argument ${index} must be a string, ` +
      `a number, a bigint or a Uint8Array: current value is ${shown}`,
  };
}

Deno.test(
  "behaviour 12: checkArgs() throws a TypeError that names the bad argument",
  none,
  () => {
    const heads: Arg[][] = [
      ["SET"],
      ["SET", "key", "ü"],
      ["MSET", "k", pattern(10_000), "l", "x".repeat(10_000), "m"],
    ];
    for (const [value, shown] of bad) {
      for (const head of heads) {
        const args = [...head, value as Arg, "after"];
        const error = refusal(String(head[0]), head.length, shown);
        assert.throws(() => checkArgs(args), error);
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
      assert.throws(() => checkArgs(args), refusal("a command", 0, shown));
    }
    const args = [encodeText("SET"), null as unknown as Arg];
    assert.throws(() => checkArgs(args), refusal("a command", 1, "null"));
  },
);

Deno.test(
  "behaviour 12: the first bad argument is named, holes are undefined",
  none,
  () => {
    // deno-lint-ignore no-sparse-arrays
    const args = ["SET", "k", , null] as unknown as Arg[];
    assert.throws(() => checkArgs(args), refusal("SET", 2, "undefined"));
  },
);

Deno.test("checkArgs() refuses a command without a name", none, () => {
  assert.throws(() => checkArgs([]), {
    name: "TypeError",
    message: "Cannot send a command without a name",
  });
});

Deno.test("checkArgs() accepts all valid arguments", none, () => {
  const args = ["SET", "", 0, -1.5, Infinity, 5n, new Uint8Array(0)];
  checkArgs(args);
  assert.equal(
    decodeText(encodeAll([args])),
    "*7\r\n$3\r\nSET\r\n$0\r\n\r\n$1\r\n0\r\n$4\r\n-1.5\r\n" +
      "$3\r\ninf\r\n$1\r\n5\r\n$0\r\n\r\n",
  );
});

Deno.test(
  "checkArgs() returns the approximate bytes of a command",
  none,
  () => {
    const commands: Arg[][] = [
      ["PING"],
      ["SET", "k", "v".repeat(1_000)],
      ["SET", "k", pattern(100_000)],
      ["MSET", ...Array<string>(2_000).fill("value")],
      ["ZADD", "k", 1.5, "m", -7n, "n"],
    ];
    for (const args of commands) {
      const share = checkArgs(args) / byTheBook([args]).length;
      assert.ok(share > 0.7 && share < 2, `${args[0]}: ${share}`);
    }
  },
);

Deno.test(
  "the large buffer is dropped when writes do not need it",
  none,
  () => {
    const encoder = new Encoder();
    encoder.append(["SET", "k", pattern(500_000)]);
    assert.equal(encoder.take().buffer.byteLength, LARGE);
    encoder.resume();
    for (let i = 0; i < 64; i++) {
      encoder.append(["GET", "k"]);
      next(encoder);
    }
    encoder.append(["GET", "k"]);
    assert.equal(encoder.take().buffer.byteLength, BUFFER);
  },
);

Deno.test(
  "Encoder writes long arguments that end around the edge of the large buffer",
  none,
  () => {
    const whole = pattern(LARGE + 100);
    const ascii = "x".repeat(LARGE + 100);
    for (let length = LARGE - 60; length <= LARGE + 10; length += 3) {
      assertEncodes(["SET", whole.subarray(0, length), "v"], ["GET", "k"]);
      assertEncodes(["SET", ascii.slice(0, length), "v"], ["GET", "k"]);
      const text = `${ascii.slice(0, length - 1)}é`;
      assertEncodes(["SET", text, "v"], ["GET", "k"]);
    }
  },
);
