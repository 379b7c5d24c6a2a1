import assert from "node:assert/strict";
import { ProtocolError } from "../../lib/errors.ts";
import { encodeText } from "../../lib/resp/bytes.ts";
import { Decoder, MORE } from "../../lib/resp/decoder.ts";
import { BYTES, TEXT } from "../../lib/resp/reply.ts";
import { chunksOf, decode } from "./decoding.ts";

const none = { permissions: "none" } as const;
const MIB = 1024 * 1024;

/** The error that decoding `chunks` ends with. */
function errorOf(chunks: Iterable<Uint8Array>, arraysArePushes = false) {
  try {
    decode(chunks, { arraysArePushes });
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error));
    return error.message;
  }
}

/** The fault and its offset, without the bytes around it. */
function placeOf(message: string | undefined): string | undefined {
  const words = "Cannot decode reply: ";
  if (!message?.startsWith(words)) return message;
  return message.slice(words.length, message.lastIndexOf(", in "));
}

function unexpected(byte: string): string {
  return `unexpected byte ${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function unreadable(line: string): string {
  return `unreadable "${line}"`;
}

// -- Malformed replies --

const HALF_END = "a line with half an end";
const LONG_BULK = "a length over 2147483648";
const LONG_AGGREGATE = "a length over 4294967295";
const NO_FORMAT = "a verbatim string without its format";

/** The bytes, the fault in them, and its offset. */
const malformed: [wire: string, what: string, offset: number][] = [
  // Types that do not exist, or not at this place.
  ["hello\r\n", unexpected("h"), 0],
  ["HTTP/1.1 400 Bad Request\r\n", unexpected("H"), 0],
  ["\r\n", unexpected("\r"), 0],
  ["\n", unexpected("\n"), 0],
  ["\0", unexpected("\0"), 0],
  [" +OK\r\n", unexpected(" "), 0],
  ["+OK\r\n\r\n", unexpected("\r"), 5],
  ["*1\r\n?\r\n", unexpected("?"), 4],
  [";1\r\na\r\n", unexpected(";"), 0],
  ["*1\r\n;1\r\na\r\n", unexpected(";"), 4],
  ["*?\r\n;1\r\na\r\n", unexpected(";"), 4],
  [".\r\n", unexpected("."), 0],
  ["*1\r\n.\r\n", unexpected("."), 4],
  ["*?\r\n*1\r\n.\r\n", unexpected("."), 8],
  ["$?\r\n.\r\n", unexpected("."), 4],
  ["$?\r\n$1\r\na\r\n", unexpected("$"), 4],
  ["$?\r\n;1\r\na\r\n+b\r\n", unexpected("+"), 11],
  // Lines.
  ["+a\rb\r\n", HALF_END, 2],
  ["+a\r\r\n", HALF_END, 2],
  ["+a\nb\r\n", HALF_END, 2],
  ["-ERR\n\r\n", HALF_END, 4],
  ["*1\r\n+a\n.\r\n", HALF_END, 6],
  [",1\n.\r\n", HALF_END, 2],
  ["(1\rx\r\n", HALF_END, 2],
  // Integers.
  [":\r\n", unreadable(":"), 1],
  [":+\r\n", unreadable(":+"), 1],
  [":-\r\n", unreadable(":-"), 1],
  [":--1\r\n", unreadable(":--1"), 1],
  [":+-1\r\n", unreadable(":+-1"), 1],
  [": 1\r\n", unreadable(": 1"), 1],
  [":1 \r\n", unreadable(":1 "), 1],
  [":a\r\n", unreadable(":a"), 1],
  [":12a\r\n", unreadable(":12a"), 1],
  [":0x10\r\n", unreadable(":0x10"), 1],
  [":1.5\r\n", unreadable(":1.5"), 1],
  [":1\n\n", HALF_END, 2],
  [":1\r1\n", HALF_END, 2],
  [":12345678901234567890\r\n", unreadable(":12345678901234567890"), 1],
  [":-12345678901234567890123\r\n", unreadable(":-12345678901234567890123"), 1],
  // Nulls and booleans.
  ["_x\r\n", unreadable("_x"), 1],
  ["_\n.", HALF_END, 1],
  ["_\rx", HALF_END, 1],
  ["#\r\n", unreadable("#"), 1],
  ["#T\r\n", unreadable("#T"), 1],
  ["#true\r\n", unreadable("#true"), 1],
  ["#t\n.", HALF_END, 2],
  // Doubles.
  [",\r\n", unreadable(","), 1],
  [",.5\r\n", unreadable(",.5"), 1],
  [",.\r\n", unreadable(",."), 1],
  [",1e\r\n", unreadable(",1e"), 1],
  [",1e5.5\r\n", unreadable(",1e5.5"), 1],
  [",+-1\r\n", unreadable(",+-1"), 1],
  [", 1\r\n", unreadable(", 1"), 1],
  [",1 \r\n", unreadable(",1 "), 1],
  [",0x10\r\n", unreadable(",0x10"), 1],
  [",infinity\r\n", unreadable(",infinity"), 1],
  [",-infx\r\n", unreadable(",-infx"), 1],
  [",nanx\r\n", unreadable(",nanx"), 1],
  [",nan(\r\n", unreadable(",nan("), 1],
  [",NaN(1)1\r\n", unreadable(",NaN(1)1"), 1],
  [`,${"x".repeat(60)}\r\n`, `unreadable ",${"x".repeat(58)}…`, 1],
  // Big numbers.
  ["(\r\n", unreadable("("), 1],
  ["(+\r\n", unreadable("(+"), 1],
  ["(1.5\r\n", unreadable("(1.5"), 1],
  ["(0x1f\r\n", unreadable("(0x1f"), 1],
  ["( 1\r\n", unreadable("( 1"), 1],
  ["(1n\r\n", unreadable("(1n"), 1],
  // Lengths.
  ["$\r\n", unreadable("$"), 1],
  ["$a\r\n", unreadable("$a"), 1],
  ["$1a\r\n", unreadable("$1a"), 1],
  ["$+1\r\na\r\n", unreadable("$+1"), 1],
  ["$ 1\r\na\r\n", unreadable("$ 1"), 1],
  ["$1 \r\na\r\n", unreadable("$1 "), 1],
  ["$1.0\r\na\r\n", unreadable("$1.0"), 1],
  ["$-\r\n", unreadable("$-"), 1],
  ["$-2\r\n", unreadable("$-2"), 1],
  ["$-0\r\n", unreadable("$-0"), 1],
  ["$--1\r\n", unreadable("$--1"), 1],
  ["$-10\r\n", unreadable("$-10"), 1],
  ["$-1x\r\n", unreadable("$-1x"), 1],
  ["$1\n.", HALF_END, 2],
  ["$1\ra", HALF_END, 2],
  ["$?1\r\n", unreadable("$?1"), 1],
  ["$2147483649\r\n", LONG_BULK, 1],
  ["$99999999999999999999\r\n", LONG_BULK, 1],
  ["!2147483649\r\n", LONG_BULK, 1],
  ["=2147483649\r\n", LONG_BULK, 1],
  ["$?\r\n;2147483649\r\n", LONG_BULK, 5],
  ["!-1\r\n", unreadable("!-1"), 1],
  ["=-1\r\n", unreadable("=-1"), 1],
  ["!?\r\n", unreadable("!?"), 1],
  ["=?\r\n", unreadable("=?"), 1],
  ["$?\r\n;-1\r\n", unreadable(";-1"), 5],
  ["$?\r\n;?\r\n", unreadable(";?"), 5],
  ["*-2\r\n", unreadable("*-2"), 1],
  ["*a\r\n", unreadable("*a"), 1],
  ["*4294967296\r\n", LONG_AGGREGATE, 1],
  ["%4294967296\r\n", LONG_AGGREGATE, 1],
  ["%-1\r\n", unreadable("%-1"), 1],
  ["~-1\r\n", unreadable("~-1"), 1],
  ["|-1\r\n", unreadable("|-1"), 1],
  [">-1\r\n", unreadable(">-1"), 1],
  [">0\r\n", unreadable(">0"), 1],
  [">?\r\n", unreadable(">?"), 1],
  ["|?\r\n", unreadable("|?"), 1],
  // Bytes after the end of a bulk string.
  ["$1\r\nab\r\n", unexpected("b"), 5],
  ["$0\r\na\r\n", unexpected("a"), 4],
  ["$2\r\na\r\n\r\n", unexpected("\n"), 6],
  ["$1\r\na\n\n", unexpected("\n"), 5],
  ["$1\r\na\rb", unexpected("b"), 6],
  ["$?\r\n;1\r\nab\r\n", unexpected("b"), 9],
  [`$5000\r\n${"x".repeat(5001)}\r\n`, unexpected("x"), 5007],
  [`$5000\r\n${"x".repeat(5000)}\r\r`, unexpected("\r"), 5008],
  ["=3\r\ntxt\r\n", NO_FORMAT, 9],
  ["=0\r\n\r\n", NO_FORMAT, 6],
  ["=5\r\ntxt-a\r\n", NO_FORMAT, 11],
  // Ends of streamed aggregates.
  ["*?\r\n.x\r\n", unreadable(".x"), 5],
  ["*?\r\n.\rx", HALF_END, 5],
  ["%?\r\n+a\r\n.\r\n", unreadable("."), 9],
  // An attribute must be followed by its value.
  ["*?\r\n|1\r\n+a\r\n+b\r\n.\r\n", unexpected("."), 16],
  ["*?\r\n|0\r\n.\r\n", unexpected("."), 8],
  ["~?\r\n:1\r\n|1\r\n+a\r\n*0\r\n.\r\n", unexpected("."), 20],
  ["%?\r\n|1\r\n+a\r\n*?\r\n.\r\n.\r\n", unexpected("."), 19],
];

Deno.test("behaviour 10: malformed replies throw a ProtocolError", none, () => {
  const before = "+before\r\n*1\r\n:1\r\n";
  for (const [wire, what, offset] of malformed) {
    const check = (chunks: Iterable<Uint8Array>, at: number, how: string) =>
      assert.equal(
        placeOf(errorOf(chunks)),
        `${what} at offset ${at}`,
        `${JSON.stringify(wire.slice(0, 40))} ${how}`,
      );
    const bytes = encodeText(wire);
    check([bytes.slice()], offset, "whole");
    check(chunksOf(bytes, 1), offset, "byte by byte");
    for (let at = 1; at < Math.min(bytes.length, 100); at++) {
      const chunks = [bytes.slice(0, at), bytes.slice(at)];
      check(chunks, offset, `cut at ${at}`);
    }
    const stream = encodeText(before + wire);
    for (const size of [1, 2, 3, 5, 7, 1000]) {
      check(chunksOf(stream, size), before.length + offset, `later, ${size}`);
    }
  }
});

Deno.test(
  "behaviour 10: the error shows the bytes around its offset in hex",
  none,
  () => {
    assert.equal(
      errorOf([encodeText("+OK\r\nhello\r\n")]),
      "Cannot decode reply: unexpected byte 68 at offset 5, " +
        "in 2b 4f 4b 0d 0a 68 65 6c 6c 6f 0d 0a",
    );
    assert.equal(
      errorOf([encodeText(`+${"a".repeat(20)}\r\n?${"b".repeat(20)}`)]),
      "Cannot decode reply: unexpected byte 3f at offset 23, " +
        "in 61 61 61 61 61 61 0d 0a 3f 62 62 62 62 62 62 62",
    );
  },
);

Deno.test("Decoder counts offsets over many chunks", none, () => {
  const bytes = encodeText(`${"$5\r\nhello\r\n".repeat(100_000)}:x\r\n`);
  for (const size of [7, 1460, 64 * 1024, bytes.length]) {
    assert.equal(
      placeOf(errorOf(chunksOf(bytes, size))),
      'unreadable ":x" at offset 1100001',
    );
  }
});

Deno.test(
  "Decoder rejects an empty array if arrays are pushes",
  none,
  () => {
    assert.equal(
      placeOf(errorOf([encodeText("*0\r\n")], true)),
      'unreadable "*0" at offset 1',
    );
  },
);

// -- Limits --

Deno.test(
  "behaviour 11: too deep nesting is rejected, without a stack overflow",
  none,
  () => {
    for (
      const open of ["*1\r\n", "*?\r\n", "~1\r\n", "%1\r\n", ">1\r\n", "|1\r\n"]
    ) {
      const bytes = encodeText(open.repeat(100_000));
      const place = `a reply nested deeper than 512 at offset ${4 * 513}`;
      assert.equal(placeOf(errorOf([bytes.slice()])), place);
      assert.equal(placeOf(errorOf(chunksOf(bytes, 1460))), place);
    }
  },
);

Deno.test("Decoder reads replies nested 512 deep", none, () => {
  let [value] = decode([encodeText("*1\r\n".repeat(512) + ":1\r\n")]);
  let depth = 0;
  for (; Array.isArray(value); depth++) value = value[0]!;
  assert.equal(depth, 512);
  assert.equal(value, 1);
  // The limit is on depth, not on the number of aggregates.
  const wide = `*2000\r\n${"*1\r\n*0\r\n".repeat(2000)}`;
  assert.deepStrictEqual(decode([encodeText(wide)]), [Array(2000).fill([[]])]);
});

Deno.test(
  "behaviour 10: declared lengths allocate nothing before their bytes come",
  none,
  () => {
    const wires = [
      "$2147483648\r\n",
      "!2147483648\r\n",
      "=2147483648\r\n",
      "$?\r\n;2147483648\r\n",
      "*4294967295\r\n",
      "%4294967295\r\n",
      "~4294967295\r\n",
      ">4294967295\r\n",
      "|4294967295\r\n",
      "*4294967295\r\n".repeat(500),
    ];
    const before = Deno.memoryUsage();
    for (const wire of wires) {
      for (const bytes of ["", "+a\r\n"]) {
        if (bytes !== "" && wire.startsWith("$?")) continue;
        const decoder = new Decoder();
        decoder.feed(encodeText(wire + bytes));
        assert.equal(decoder.next(), MORE);
      }
    }
    const after = Deno.memoryUsage();
    assert.ok(after.heapUsed - before.heapUsed < 16 * MIB);
    assert.ok(after.external - before.external < 16 * MIB);
  },
);

// -- Large replies --

/** A bulk string of `length` bytes in chunks of 64 KiB, reusing one buffer. */
function* largeBulk(length: number): Generator<Uint8Array> {
  yield encodeText(`$${length}\r\n`);
  const buffer = new Uint8Array(64 * 1024);
  for (let at = 0; at < length; at += buffer.length) {
    buffer.fill(0x61 + at / buffer.length % 26);
    yield buffer.subarray(0, Math.min(buffer.length, length - at));
  }
  yield encodeText("\r\n+next\r\n");
}

Deno.test("behaviour 13: 64 MiB in 64 KiB chunks", none, () => {
  for (const mode of [BYTES, TEXT] as const) {
    const [value, next] = decode(largeBulk(64 * MIB), { mode });
    assert.deepStrictEqual(next, mode === BYTES ? encodeText("next") : "next");
    assert.ok(value instanceof Uint8Array || typeof value === "string");
    assert.equal(value.length, 64 * MIB);
    for (let i = 0; i < 1024; i++) {
      for (const at of [i * 64 * 1024, (i + 1) * 64 * 1024 - 1]) {
        const byte: number | undefined = typeof value === "string"
          ? value.charCodeAt(at)
          : value[at];
        assert.equal(byte, 0x61 + i % 26);
      }
    }
  }
});

Deno.test(
  "behaviour 13: the buffer of a long bulk string grows by doubling, not per chunk",
  none,
  () => {
    const transfer = ArrayBuffer.prototype.transfer;
    let times = 0;
    ArrayBuffer.prototype.transfer = function (size) {
      times++;
      return transfer.call(this, size);
    };
    try {
      decode(largeBulk(64 * MIB), { mode: BYTES });
    } finally {
      ArrayBuffer.prototype.transfer = transfer;
    }
    // 1 MiB, 2 MiB, ..., 64 MiB.
    assert.equal(times, 6);
  },
);

Deno.test("Decoder reads a long line in small chunks", none, () => {
  const line = "0123456789abcdef".repeat(MIB / 16);
  for (const size of [16, 1460]) {
    const bytes = encodeText(`+${line}\r\n-${line}\r\n:1\r\n`);
    const [text, error, one] = decode(chunksOf(bytes, size));
    assert.ok(text === line);
    assert.ok(error instanceof Error && error.message === line);
    assert.equal(one, 1);
  }
});

Deno.test(
  "Decoder continues after a line that was longer than its carry buffer",
  none,
  () => {
    const line = "0123456789abcdef".repeat(3 * MIB / 16);
    const wire = encodeText(`+${line}\r\n`);
    const decoder = new Decoder();
    for (let round = 0; round < 3; round++) {
      for (const chunk of chunksOf(wire, 64 * 1024)) {
        assert.equal(decoder.next(), MORE);
        decoder.feed(chunk);
      }
      assert.ok(decoder.next() === line);
      // The next incomplete line needs a buffer again.
      decoder.feed(encodeText(":1"));
      assert.equal(decoder.next(), MORE);
      decoder.feed(encodeText("2\r\n"));
      assert.equal(decoder.next(), 12);
    }
  },
);

Deno.test("Decoder reads a large array in small chunks", none, () => {
  const wire = `*100000\r\n${"$5\r\nhello\r\n".repeat(100_000)}`;
  for (const size of [3, 1460]) {
    const [value] = decode(chunksOf(encodeText(wire), size));
    assert.ok(Array.isArray(value));
    assert.equal(value.length, 100_000);
    assert.ok(value.every((element) => element === "hello"));
  }
});

Deno.test("Decoder rejects a line without an end before it fills the memory", {
  permissions: "none",
}, () => {
  for (const type of ["(", ","]) {
    const decoder = new Decoder();
    decoder.feed(new TextEncoder().encode(type + "1".repeat(60_000)));
    assert.equal(decoder.next(), MORE);
    decoder.feed(new TextEncoder().encode("1".repeat(60_000)));
    assert.throws(() => decoder.next(), /a line over 65536 bytes/);
  }
});
