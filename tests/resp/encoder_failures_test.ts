import assert from "node:assert/strict";
import { joinBytes } from "../../lib/resp/bytes.ts";
import { Encoder } from "../../lib/resp/encoder.ts";
import type { Arg } from "../../lib/resp/reply.ts";
import { byTheBook, encodeAll } from "./encoding.ts";

const none = { permissions: "none" } as const;

/** The size of the staging buffer. */
const BUFFER = 64 * 1024;
/** Longer than the buffer for long arguments. */
const LONG = 1024 * 1024 + 2 * BUFFER;
/** The first chunk after a pause is sent once it has this size. */
const FIRST_CHUNK = 8 * 1024;

/** Fails without printing the bytes, which would take minutes. */
function assertSame(actual: Uint8Array, wanted: Uint8Array, what = ""): void {
  assert.equal(actual.length, wanted.length, `length ${what}`);
  const at = actual.findIndex((byte, i) => byte !== wanted[i]);
  assert.equal(at, -1, `first difference ${what}`);
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

/** Detaches the memory of `bytes`, as a transfer by `postMessage` does. */
function detach(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer();
}

// -- rewind --

Deno.test(
  "Encoder.rewind() forgets a command that could not be encoded",
  none,
  () => {
    const failures: { what: string; args: () => Arg[] }[] = [
      {
        what: "detached memory",
        args: () => {
          const bytes = pattern(100);
          detach(bytes);
          return ["SET", "k", bytes];
        },
      },
      {
        what: "an argument that throws",
        args: () => ["SET", "k", {
          toString() {
            throw new TypeError("Cannot be text: detached");
          },
        } as unknown as number],
      },
      {
        what: "detached memory behind much text",
        args: () => {
          const bytes = pattern(100);
          detach(bytes);
          return ["SET", "v".repeat(30_000), bytes, "after"];
        },
      },
    ];
    const befores: Arg[][][] = [
      [],
      [["SET", "a", "1"]],
      [["SET", "a", "x".repeat(6_000)], ["GET", "a"]],
    ];
    const after: Arg[][] = [["GET", "b", pattern(20_000)], ["GET", "c"]];
    for (const { what, args } of failures) {
      for (const before of befores) {
        const encoder = new Encoder();
        for (const command of before) encoder.append(command);
        const mark = encoder.length;
        assert.throws(() => encoder.append(args()), /detached/, what);
        encoder.rewind(mark);
        assert.equal(encoder.length, mark);
        assert.ok(!encoder.unfinished);
        assertSame(
          encodeAll(after, encoder),
          byTheBook([...before, ...after]),
          what,
        );
      }
    }
  },
);

Deno.test(
  "Encoder.rewind() forgets the commands of a pipeline before the one that throws",
  none,
  () => {
    const encoder = new Encoder();
    encoder.append(["GET", "a"]);
    const mark = encoder.length;
    const detached = pattern(10);
    detach(detached);
    encoder.append(["SET", "k", "v"]);
    assert.throws(() => encoder.append(["SET", "k", detached]), TypeError);
    encoder.rewind(mark);
    encoder.append(["GET", "b"]);
    assertSame(rest(encoder), byTheBook([["GET", "a"], ["GET", "b"]]));
  },
);

Deno.test("Encoder.rewind() drops a partly encoded command", none, () => {
  const encoder = new Encoder();
  encoder.append(["GET", "a"]);
  const mark = encoder.length;
  encoder.append(["SET", "k", pattern(2 * BUFFER)]);
  encoder.append(["GET", "waits"]);
  assert.ok(encoder.unfinished);
  encoder.rewind(mark);
  assert.ok(!encoder.unfinished);
  encoder.append(["GET", "b"]);
  assertSame(rest(encoder), byTheBook([["GET", "a"], ["GET", "b"]]));
});

// -- abandon --

Deno.test(
  "Encoder.abandon() copies the rest of a partly encoded command",
  none,
  () => {
    // Cut in the first argument, in the second, between them, and in the header.
    for (
      const first of [10, 30_000, BUFFER - 40, BUFFER - 20, BUFFER, 150_000]
    ) {
      for (const text of [false, true]) {
        const [a, b] = [pattern(first), pattern(100_000)];
        const args: Arg[] = [
          "MSET",
          text ? "x".repeat(first) : "k",
          a,
          text ? "é".repeat(40_000) : 12.5,
          b,
          "last",
        ];
        const wanted = byTheBook([args, ["GET", "k"]]);
        const chunks = wanted.length / BUFFER;
        for (let after = 0; after < chunks; after++) {
          const [mine, other] = [a.slice(), b.slice()];
          const encoder = new Encoder();
          encoder.append(
            args.map((arg) => arg === a ? mine : arg === b ? other : arg),
          );
          const parts: Uint8Array[] = [];
          for (let i = 0; i < after; i++) parts.push(next(encoder));
          const taken = encoder.take();
          parts.push(taken.slice());
          assert.equal(encoder.abandon(), 0);
          assertSame(taken, parts.at(-1)!);
          // The caller may reuse its memory.
          mine.fill(0);
          detach(other);
          encoder.resume();
          parts.push(encodeAll([["GET", "k"]], encoder));
          assertSame(joinBytes(parts), wanted, `after ${after} of ${first}`);
        }
      }
    }
  },
);

Deno.test(
  "Encoder.abandon() returns how many commands it drops: those that are not partly encoded",
  none,
  () => {
    const encoder = new Encoder();
    assert.equal(encoder.abandon(), 0);
    encoder.append(["GET", "a"]);
    assert.equal(encoder.abandon(), 0, "what fits is written");
    encoder.append(["SET", "k", pattern(LONG)]);
    for (let i = 0; i < 5; i++) encoder.append(["SET", "k", `${i}`]);
    encoder.take();
    const begun = encoder.take().slice();
    assert.equal(encoder.abandon(), 5);
    assert.ok(encoder.unfinished);
    assert.equal(encoder.abandon(), 0);
    encoder.resume();
    assert.ok(!encoder.unfinished);
    assertSame(
      joinBytes([begun, encodeAll([["GET", "b"]], encoder)]),
      byTheBook([["GET", "a"], ["SET", "k", pattern(LONG)], ["GET", "b"]]),
    );
  },
);

Deno.test(
  "Encoder.abandon() drops all waiting commands when none is partly encoded",
  none,
  () => {
    const encoder = new Encoder();
    const args = ["SET", "k", "v".repeat(FIRST_CHUNK)];
    for (let i = 0; i < 4; i++) encoder.append(args);
    const taken = encoder.take().slice();
    assert.equal(encoder.abandon(), 3);
    assert.ok(!encoder.unfinished);
    encoder.resume();
    assertSame(
      joinBytes([taken, encodeAll([["GET", "b"]], encoder)]),
      byTheBook([args, ["GET", "b"]]),
    );
  },
);

Deno.test(
  "a command appended after abandon() follows what was taken",
  none,
  () => {
    // As for a transaction that the server must forget.
    for (const begins of [false, true]) {
      const encoder = new Encoder();
      const first = ["SET", "k", "v".repeat(FIRST_CHUNK)];
      const second = ["SET", "k", begins ? pattern(LONG) : "v"];
      const commands: Arg[][] = [["MULTI"], first, second, ["EXEC"]];
      for (const args of commands) encoder.append(args);
      const parts: Uint8Array[] = [encoder.take().slice()];
      let written = 2;
      if (begins) {
        encoder.resume();
        parts.push(encoder.take().slice());
        written = 3;
      }
      assert.equal(encoder.abandon(), 4 - written);
      encoder.append(["DISCARD"]);
      encoder.resume();
      parts.push(rest(encoder));
      assertSame(
        joinBytes(parts),
        byTheBook([...commands.slice(0, written), ["DISCARD"]]),
        `begins ${begins}`,
      );
    }
  },
);

// -- Detached memory --

Deno.test(
  "detached memory throws before any of it is written",
  none,
  () => {
    for (const length of [1, 100, 10_000, BUFFER, 500_000]) {
      const bytes = pattern(length);
      detach(bytes);
      assert.throws(() => new Encoder().append(["SET", "k", bytes]), {
        name: "TypeError",
        message: "Cannot send an argument whose memory was detached",
      });
    }
  },
);

Deno.test("detached memory throws in the middle of a command", none, () => {
  // Partly encoded; after a partly encoded command; after one, as a separate command.
  const places = [
    (bytes: Uint8Array): Arg[][] => [["SET", "k", bytes]],
    (bytes: Uint8Array): Arg[][] => [["SET", pattern(LONG), bytes]],
    (bytes: Uint8Array): Arg[][] => [["SET", pattern(LONG)], ["SET", bytes]],
  ];
  for (const place of places) {
    for (const abandoned of [false, true]) {
      const bytes = pattern(4 * LONG);
      const encoder = new Encoder();
      const [first, second] = place(bytes);
      encoder.append(first!);
      if (second !== undefined) encoder.append(second);
      const taken = encoder.take();
      const copy = taken.slice();
      detach(bytes);
      assertSame(taken, copy);
      // Detaching it later has no effect: detached memory is not copied.
      const forgotten = abandoned ? encoder.abandon() : 0;
      if (forgotten > 0) encoder.resume();
      else assert.throws(() => encoder.resume(), TypeError);
    }
  }
});

Deno.test(
  "the length of an argument is fixed when its header is written",
  none,
  () => {
    const memory = () => new ArrayBuffer(LONG, { maxByteLength: 4 * LONG });
    const wanted = byTheBook([["SET", pattern(LONG)], ["GET", "k"]]);
    // The argument grows.
    const encoder = new Encoder();
    const grown = new Uint8Array(memory());
    grown.set(pattern(LONG));
    encoder.append(["SET", grown]);
    const first = next(encoder);
    grown.buffer.resize(4 * LONG);
    assertSame(
      joinBytes([first, encodeAll([["GET", "k"]], encoder)]),
      wanted,
      "grown",
    );
    // It grows between take and resume, and after abandon.
    for (const abandoned of [false, true]) {
      const bytes = new Uint8Array(memory());
      bytes.set(pattern(LONG));
      const encoder = new Encoder();
      encoder.append(["SET", bytes]);
      const first = encoder.take().slice();
      if (abandoned) encoder.abandon();
      (bytes.buffer as ArrayBuffer).resize(4 * LONG);
      encoder.resume();
      const parts = [first, encodeAll([["GET", "k"]], encoder)];
      assertSame(joinBytes(parts), wanted, `grown, abandoned ${abandoned}`);
    }
    // It shrinks.
    for (const left of [0, 10, LONG - 1]) {
      const bytes = new Uint8Array(memory());
      const encoder = new Encoder();
      encoder.append(["SET", bytes]);
      encoder.take();
      (bytes.buffer as ArrayBuffer).resize(left);
      assert.throws(() => encoder.resume(), TypeError, `shrunk to ${left}`);
    }
  },
);
