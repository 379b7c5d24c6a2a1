import assert from "node:assert/strict";
import { ProtocolError, ReplyError } from "../../lib/errors.ts";
import { encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { Decoder, MORE } from "../../lib/resp/decoder.ts";
import { BYTES, FLAT, Push, type Reply, TEXT } from "../../lib/resp/reply.ts";
import { assertDecodes, chunksOf, decode } from "./decoding.ts";

const CRLF = encodeText("\r\n");
const none = { permissions: "none" } as const;
/** `FLAT | BYTES`; TypeScript infers it as a plain number. */
const FLAT_BYTES = 3;

/** A bulk string of arbitrary bytes. */
function bulk(bytes: Uint8Array): Uint8Array {
  return joinBytes([
    encodeText(`$${bytes.length}\r\n`),
    bytes,
    encodeText("\r\n"),
  ]);
}

// -- Scalars --

Deno.test("Decoder reads simple strings", none, () => {
  assertDecodes("+OK\r\n", ["OK"]);
  assertDecodes("+\r\n", [""]);
  assertDecodes("+a b $1 -ERR :1 *3\r\n", ["a b $1 -ERR :1 *3"]);
  assertDecodes("+größer 漢字 🦀\r\n", ["größer 漢字 🦀"]);
  assertDecodes(`+${"long ".repeat(300)}\r\n`, ["long ".repeat(300)]);
  assertDecodes("+OK\r\n", [encodeText("OK")], { mode: BYTES });
  assertDecodes("+\r\n", [encodeText("")], { mode: BYTES });
  assertDecodes("+OK\r\n", ["OK"], { mode: FLAT });
});

Deno.test(
  "Decoder reads simple errors as values, text in every mode",
  none,
  () => {
    for (const mode of [TEXT, BYTES, FLAT] as const) {
      const wire = "-WRONGTYPE Operation against a key\r\n-ERR\r\n-\r\n";
      assertDecodes(wire, [
        new ReplyError("WRONGTYPE Operation against a key"),
        new ReplyError("ERR"),
        new ReplyError(""),
      ], { mode });
    }
    assert.equal(new ReplyError("WRONGTYPE Operation").code, "WRONGTYPE");
  },
);

Deno.test(
  "run reads integers behind each other, and stops when told",
  none,
  () => {
    const numbers = [0, -1, 7, 123456789, 1234567890, 2 ** 40, -0x7fffffff, 5];
    const wire = numbers.map((number) => `:${number}\r\n`).join("");
    assertDecodes(wire, numbers);
    assertDecodes(`${wire}+OK\r\n${wire}$1\r\nx\r\n${wire}`, [
      ...[...numbers, "OK", ...numbers, "x"],
      ...numbers,
    ]);
    const decoder = new Decoder();
    decoder.feed(encodeText(`:1\r\n:2\r\n:3\r\n${":4".repeat(20)}`));
    const taken: [unknown, number][] = [];
    const take = (value: unknown) =>
      taken.push([value, decoder.position]) % 2 > 0;
    assert.equal(decoder.run(TEXT, take), true);
    assert.deepEqual(taken, [[1, 4], [2, 8]]);
    // What stands behind the last whole line is damaged.
    assert.equal(decoder.run(TEXT, take), false);
    decoder.feed(CRLF);
    assert.throws(() => decoder.run(TEXT, take), ProtocolError);
    assert.deepEqual(taken.at(-1), [3, 12]);
  },
);

Deno.test(
  "run does not look for digits behind the bytes that came",
  none,
  () => {
    const decoder = new Decoder();
    const memory = encodeText(":12\r\n:34999999999999999999999999999999999");
    decoder.feed(memory.subarray(0, 8));
    const taken: unknown[] = [];
    const take = (value: unknown) => taken.push(value) > 0;
    assert.equal(decoder.run(TEXT, take), false);
    decoder.feed(CRLF);
    assert.equal(decoder.run(TEXT, take), false);
    assert.deepEqual(taken, [12, 34]);
  },
);

Deno.test("Decoder reads integers", none, () => {
  const cases: [string, number | bigint][] = [
    ["0", 0],
    ["1", 1],
    ["-1", -1],
    ["+5", 5],
    ["-0", 0],
    ["+0", 0],
    ["007", 7],
    ["1000", 1000],
    ["999999999999999", 999999999999999],
    ["-999999999999999", -999999999999999],
    ["1000000000000000", 1000000000000000],
    ["0000000000000000000", 0],
    ["-0000000000000000000", 0],
    ["0000000000000000012", 12],
  ];
  for (const [text, value] of cases) {
    for (const mode of [TEXT, BYTES, FLAT] as const) {
      assertDecodes(`:${text}\r\n`, [value], { mode });
    }
  }
});

Deno.test("behaviour 5: integers beyond 2^53 are exact bigints", none, () => {
  const cases: [string, number | bigint][] = [
    ["9007199254740990", 9007199254740990],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["9007199254740993", 9007199254740993n],
    ["+9007199254740993", 9007199254740993n],
    ["-9007199254740991", -9007199254740991],
    ["-9007199254740992", -9007199254740992n],
    ["-9007199254740993", -9007199254740993n],
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
  ];
  for (const [text, value] of cases) {
    assertDecodes(`:${text}\r\n`, [value]);
    assertDecodes(`*2\r\n:${text}\r\n:1\r\n`, [[value, 1]]);
  }
});

Deno.test("Decoder reads bulk strings", none, () => {
  assertDecodes("$0\r\n\r\n", [""]);
  assertDecodes("$0\r\n\r\n", [new Uint8Array(0)], { mode: BYTES });
  assertDecodes("$2\r\nab\r\n", ["ab"]);
  assertDecodes("$2\r\nab\r\n", ["ab"], { mode: FLAT });
  assertDecodes("$010\r\n0123456789\r\n", ["0123456789"]);
  // Every length that the fast path for short ASCII text handles, and one more.
  for (let length = 0; length <= 41; length++) {
    const text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG".slice(0, length);
    assertDecodes(`$${length}\r\n${text}\r\n`, [text]);
  }
});

Deno.test("Decoder reads long bulk strings", none, () => {
  // Around the limit of collecting, the first allocation, and several growths.
  for (const length of [4095, 4096, 4097, 65535, 65536, 65537, 300_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7 % 256);
    assertDecodes(bulk(bytes), [bytes], { mode: BYTES });
    const text = "0123456789".repeat(length / 10 + 1).slice(0, length);
    assertDecodes(`$${length}\r\n${text}\r\n`, [text]);
  }
});

Deno.test("Decoder returns bytes that do not share their buffer", none, () => {
  for (const length of [0, 5, 5000, 100_000]) {
    const decoder = new Decoder();
    decoder.feed(bulk(new Uint8Array(length)));
    const value = decoder.next(BYTES);
    assert.ok(value instanceof Uint8Array);
    assert.equal(value.byteOffset, 0);
    assert.equal(value.buffer.byteLength, length);
  }
  const decoder = new Decoder();
  decoder.feed(encodeText("=8\r\ntxt:text\r\n"));
  const value = decoder.next(BYTES);
  assert.ok(value instanceof Uint8Array);
  assert.equal(value.buffer.byteLength, 4);
});

Deno.test(
  "behaviour 2: bytes come back exact, whatever they look like",
  none,
  () => {
    const texts = [
      "\r\n",
      "\r",
      "\n",
      "a\r\nb",
      "-ERR x",
      "-ERR x\r\n",
      "*3\r\n",
      "$-1\r\n",
      "+OK\r\n:1\r\n",
      "\0",
      "\0\r\n\0",
      "\r\n".repeat(3000),
    ];
    for (const text of texts) {
      const wire = bulk(encodeText(text));
      assertDecodes(wire, [encodeText(text)], { mode: BYTES });
      assertDecodes(wire, [text]);
    }
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    assertDecodes(bulk(all), [all], { mode: BYTES });
  },
);

Deno.test(
  "behaviour 2: a value of replies inside an array is exact, wherever its chunks begin",
  none,
  () => {
    for (const text of ["$1\r\na\r\n", ":1\r\n", "*1\r\n"]) {
      for (const type of ["$", "!", "=", "$?"]) {
        const long = text.repeat(type === "$" ? 1000 : 3);
        const value = type === "=" ? `txt:${long}` : long;
        const wire = type === "$?"
          ? `*3\r\n$?\r\n;${long.length}\r\n${long}\r\n;0\r\n:1\r\n:2\r\n`
          : `*3\r\n${type}${value.length}\r\n${value}\r\n:1\r\n:2\r\n`;
        const read = type === "!" ? new ReplyError(long) : long;
        const bytes = encodeText(wire);
        for (let at = 4; at < 40; at++) {
          for (const step of [7, 40, bytes.length]) {
            const chunks = [
              bytes.slice(0, at),
              ...chunksOf(bytes.slice(at), step),
            ];
            assert.deepStrictEqual(decode(chunks), [[read, 1, 2]]);
          }
        }
      }
    }
  },
);

Deno.test(
  "behaviour 2: invalid UTF-8 is exact as bytes and replaced as text",
  none,
  () => {
    const cases: [number[], string][] = [
      [[0xff], "\ufffd"],
      [[0x80], "\ufffd"],
      [[0x61, 0x80, 0x62], "a\ufffdb"],
      [[0xc3], "\ufffd"],
      [[0xe2, 0x82], "\ufffd"],
      [[0xf0, 0x9f, 0xa6], "\ufffd"],
      [[0xc0, 0x80], "\ufffd\ufffd"],
      [[0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    ];
    for (const [numbers, text] of cases) {
      const bytes = Uint8Array.from(numbers);
      assertDecodes(bulk(bytes), [bytes], { mode: BYTES });
      assertDecodes(bulk(bytes), [text]);
      const long = joinBytes([bytes, encodeText("x".repeat(5000))]);
      assertDecodes(bulk(long), [text + "x".repeat(5000)]);
    }
  },
);

Deno.test("Decoder keeps a leading U+FEFF", none, () => {
  assertDecodes("$4\r\n\ufeffa\r\n+\ufeff\r\n", ["\ufeffa", "\ufeff"]);
  const text = `\ufeff${"a".repeat(5000)}`;
  assertDecodes(`$5003\r\n${text}\r\n`, [text]);
});

Deno.test("behaviour 4: all three nulls are null", none, () => {
  for (const mode of [TEXT, BYTES, FLAT] as const) {
    assertDecodes("$-1\r\n*-1\r\n_\r\n", [null, null, null], { mode });
    const wire = "*4\r\n$-1\r\n*-1\r\n_\r\n:1\r\n";
    assertDecodes(wire, [[null, null, null, 1]], { mode });
  }
});

Deno.test("Decoder reads doubles", none, () => {
  const cases: [string, number][] = [
    ["10", 10],
    ["1.5", 1.5],
    ["+1.5", 1.5],
    ["-1.5", -1.5],
    ["0", 0],
    ["-0", -0],
    ["-0.0", -0],
    ["5.", 5],
    ["1E5", 1e5],
    ["1e+300", 1e300],
    ["1.25e-7", 1.25e-7],
    ["2.1000000000000001", 2.1],
    ["1e999", Infinity],
    ["5e-324", 5e-324],
    ["+inf", Infinity],
    ["INF", Infinity],
    ["-INF", -Infinity],
    ["-nan", NaN],
    ["NAN", NaN],
    ["+nan", NaN],
    ["nan(0x1)", NaN],
    ["-nan(ind)", NaN],
    ["nan()", NaN],
  ];
  for (const [text, value] of cases) {
    for (const mode of [TEXT, BYTES, FLAT] as const) {
      assertDecodes(`,${text}\r\n`, [value], { mode });
    }
  }
});

Deno.test("behaviour 6: RESP3 scalars", none, () => {
  const cases: [string, Reply][] = [
    [",inf\r\n", Infinity],
    [",-inf\r\n", -Infinity],
    [",nan\r\n", NaN],
    [",1e5\r\n", 100000],
    [
      "(3492890328409238509324850943850943825024385\r\n",
      3492890328409238509324850943850943825024385n,
    ],
    ["#t\r\n", true],
    ["=15\r\ntxt:Some string\r\n", "Some string"],
  ];
  for (const [wire, value] of cases) assertDecodes(wire, [value]);
  assertDecodes(cases.map(([wire]) => wire).join(""), cases.map(([, v]) => v));
});

Deno.test("Decoder reads booleans", none, () => {
  for (const mode of [TEXT, BYTES, FLAT] as const) {
    assertDecodes("#t\r\n#f\r\n", [true, false], { mode });
  }
});

Deno.test("Decoder reads big numbers, small ones too, as bigints", none, () => {
  assertDecodes("(0\r\n", [0n]);
  assertDecodes("(-0\r\n", [0n]);
  assertDecodes("(1\r\n(+1\r\n(-1\r\n", [1n, 1n, -1n]);
  const digits = "1234567890".repeat(100);
  assertDecodes(`(-${digits}\r\n`, [-BigInt(digits)]);
  assertDecodes("(12\r\n", [12n], { mode: BYTES });
});

Deno.test(
  "Decoder reads bulk errors as values, text in every mode",
  none,
  () => {
    for (const mode of [TEXT, BYTES, FLAT] as const) {
      assertDecodes("!21\r\nSYNTAX invalid syntax\r\n!0\r\n\r\n", [
        new ReplyError("SYNTAX invalid syntax"),
        new ReplyError(""),
      ], { mode });
    }
    assertDecodes("!8\r\nERR\r\n+OK\r\n", [new ReplyError("ERR\r\n+OK")]);
    const long = `ERR ${"x".repeat(6000)}`;
    assertDecodes(`!6004\r\n${long}\r\n`, [new ReplyError(long)]);
  },
);

Deno.test("Decoder reads verbatim strings without their format", none, () => {
  assertDecodes("=4\r\ntxt:\r\n", [""]);
  assertDecodes("=8\r\nmkd:# hi\r\n", ["# hi"]);
  assertDecodes("=8\r\nmkd:# hi\r\n", [encodeText("# hi")], { mode: BYTES });
  assertDecodes("=9\r\ntxt:\r\n+OK\r\n", ["\r\n+OK"]);
  assertDecodes("=7\r\ntxt:\ufeff\r\n", ["\ufeff"]);
  const long = "漢".repeat(3000);
  assertDecodes(`=9004\r\ntxt:${long}\r\n`, [long]);
  assertDecodes(`=9004\r\ntxt:${long}\r\n`, [encodeText(long)], {
    mode: BYTES,
  });
});

// -- Aggregates --

Deno.test("Decoder reads arrays", none, () => {
  assertDecodes("*0\r\n", [[]]);
  assertDecodes("*1\r\n*0\r\n", [[[]]]);
  assertDecodes("*3\r\n:1\r\n$1\r\na\r\n+b\r\n", [[1, "a", "b"]]);
  assertDecodes("*2\r\n*2\r\n:1\r\n*1\r\n:2\r\n*-1\r\n:3\r\n", [
    [[1, [2]], null],
    3,
  ]);
  const wire = `*1000\r\n${"$3\r\nabc\r\n".repeat(1000)}`;
  assertDecodes(wire, [Array(1000).fill("abc")]);
  const bytes = encodeText("a");
  assertDecodes("*2\r\n$1\r\na\r\n+a\r\n", [[bytes, bytes]], { mode: BYTES });
});

Deno.test("Decoder reads maps, in order, with keys of any type", none, () => {
  assertDecodes("%0\r\n", [new Map()]);
  const wire =
    "%3\r\n+z\r\n:1\r\n:2\r\n$1\r\nb\r\n*1\r\n#t\r\n%1\r\n_\r\n,1\r\n";
  const map = new Map<Reply, Reply>([
    ["z", 1],
    [2, "b"],
    [[true], new Map([[null, 1]])],
  ]);
  assertDecodes(wire, [map]);
  const decoder = new Decoder();
  decoder.feed(encodeText(wire));
  const value = decoder.next();
  assert.ok(value instanceof Map);
  assert.deepStrictEqual([...value.keys()], ["z", 2, [true]]);
});

Deno.test(
  "Decoder reads keys of maps that came before, and others in their place",
  none,
  () => {
    const lengths = [1, 2, 3, 9, 10, 11, 31, 32, 33, 99, 100];
    // Many differ only in bytes that do not choose the place.
    const keys = lengths.flatMap((length) =>
      ["a", "b", "é"].map((one) => {
        const bytes = encodeText("k".repeat(length));
        const some = encodeText(one);
        if (length >= 9) bytes.set(some, 2);
        else bytes[0] = some[0]!;
        return bytes;
      })
    );
    // They have one place, and the first begins with the second.
    keys.push(encodeText("userap_"), encodeText("user"));
    for (const mode of [TEXT, FLAT, BYTES] as const) {
      for (const size of [1, keys.length]) {
        const map = joinBytes([
          encodeText(`%${size}\r\n`),
          ...keys.slice(-size).flatMap((key) => [bulk(key), bulk(key)]),
        ]);
        const decoder = new Decoder();
        for (let times = 0; times < 2; times++) {
          decoder.feed(map);
          const value = decoder.next(mode);
          const items = value instanceof Map ? [...value].flat() : value;
          const expected = keys.slice(-size).map((key) =>
            mode === BYTES ? key : new TextDecoder().decode(key)
          );
          assert.deepStrictEqual(items, expected.flatMap((key) => [key, key]));
        }
      }
    }
  },
);

Deno.test("Decoder reads sets", none, () => {
  assertDecodes("~0\r\n", [new Set()]);
  assertDecodes("~3\r\n+a\r\n:1\r\n$1\r\nb\r\n", [new Set(["a", 1, "b"])]);
  assertDecodes("~2\r\n~1\r\n:1\r\n*0\r\n", [new Set([new Set([1]), []])]);
  assertDecodes("~3\r\n+a\r\n+a\r\n:1\r\n", [new Set(["a", 1])]);
});

Deno.test("Decoder reads maps and sets as arrays in flat mode", none, () => {
  const how = { mode: FLAT } as const;
  assertDecodes("%0\r\n~0\r\n", [[], []], how);
  assertDecodes("%2\r\n+a\r\n:1\r\n+a\r\n~2\r\n:2\r\n:2\r\n", [
    ["a", 1, "a", [2, 2]],
  ], how);
  assertDecodes("*1\r\n%1\r\n+a\r\n%1\r\n+b\r\n:1\r\n", [
    [["a", ["b", 1]]],
  ], how);
  const [a, b] = [encodeText("a"), encodeText("b")];
  const wire = "%1\r\n$1\r\na\r\n~1\r\n+b\r\n";
  assertDecodes(wire, [[a, [b]]], { mode: FLAT_BYTES });
  assertDecodes(wire, [new Map([[a, new Set([b])]])], { mode: BYTES });
});

Deno.test("behaviour 8: a key __proto__ is an ordinary key", none, () => {
  const wire = "%2\r\n$9\r\n__proto__\r\n%1\r\n+x\r\n:1\r\n" +
    "$11\r\nconstructor\r\n:2\r\n";
  assertDecodes(wire, [
    new Map<Reply, Reply>([
      ["__proto__", new Map([["x", 1]])],
      ["constructor", 2],
    ]),
  ]);
  assertDecodes(wire, [["__proto__", ["x", 1], "constructor", 2]], {
    mode: FLAT,
  });
  assert.equal(({} as Record<string, unknown>).x, undefined);
});

Deno.test(
  "behaviour 3: errors inside aggregates are values, and the next reply parses",
  none,
  () => {
    const error = new ReplyError("ERR x");
    for (const wire of ["-ERR x\r\n", "!5\r\nERR x\r\n"]) {
      for (let k = 0; k < 4; k++) {
        const elements = [":0\r\n", ":1\r\n", ":2\r\n", ":3\r\n"];
        elements[k] = wire;
        const values: Reply[] = [0, 1, 2, 3];
        values[k] = error;
        const inside = elements.join("");
        const map = new Map([[values[0]!, values[1]!], [
          values[2]!,
          values[3]!,
        ]]);
        assertDecodes(`*4\r\n${inside}+next\r\n`, [values, "next"]);
        assertDecodes(`~4\r\n${inside}+next\r\n`, [new Set(values), "next"]);
        assertDecodes(`%2\r\n${inside}+next\r\n`, [map, "next"]);
        assertDecodes(`*?\r\n${inside}.\r\n+next\r\n`, [values, "next"]);
        assertDecodes(`*1\r\n*4\r\n${inside}+next\r\n`, [[values], "next"]);
      }
    }
  },
);

// -- The modes of elements --

Deno.test(
  "Decoder.next() reads the elements of an array by their own modes",
  none,
  () => {
    const a = encodeText("a");
    const modes = [BYTES, TEXT, FLAT, FLAT_BYTES] as const;
    const map = "%1\r\n$1\r\na\r\n~1\r\n+a\r\n";
    assertDecodes(`*4\r\n${map.repeat(4)}`, [[
      new Map([[a, new Set([a])]]),
      new Map([["a", new Set(["a"])]]),
      ["a", ["a"]],
      [a, [a]],
    ]], { modes });
  },
);

Deno.test(
  "Decoder.next() reads elements without a mode of their own in the first one",
  none,
  () => {
    const a = encodeText("a");
    const how = { mode: BYTES, modes: [TEXT] } as const;
    assertDecodes("*3\r\n+a\r\n+a\r\n*1\r\n+a\r\n", [["a", a, [a]]], how);
    assertDecodes("+a\r\n", [a], how);
    assertDecodes("~2\r\n+a\r\n:1\r\n", [new Set([a, 1])], how);
    assertDecodes("%1\r\n+a\r\n+a\r\n", [new Map([[a, a]])], how);
  },
);

Deno.test(
  "Decoder.next() counts neither attributes nor pushes as elements with modes",
  none,
  () => {
    const [a, b] = [encodeText("a"), encodeText("b")];
    const wire = "|1\r\n+x\r\n+y\r\n*3\r\n" +
      "|1\r\n+x\r\n+y\r\n+a\r\n" +
      ">3\r\n+message\r\n+a\r\n+b\r\n%1\r\n+a\r\n+b\r\n" +
      "|2\r\n+x\r\n+y\r\n+x\r\n+y\r\n$?\r\n;1\r\na\r\n;0\r\n";
    assertDecodes(wire, [
      new Push("message", ["a", b]),
      ["a", ["a", "b"], a],
    ], { modes: [TEXT, FLAT, BYTES] });
  },
);

// -- Several replies --

Deno.test(
  "behaviour 1: any cut of a stream of all types gives the same values",
  none,
  () => {
    const wire =
      "+OK\r\n-ERR no\r\n:1\r\n$3\r\na\r\n\r\n$-1\r\n*2\r\n:1\r\n_\r\n" +
      "#f\r\n,-1.5e3\r\n(123\r\n!5\r\nERR x\r\n=5\r\ntxt:a\r\n" +
      "%1\r\n+k\r\n~2\r\n:1\r\n$0\r\n\r\n" +
      "|1\r\n+ttl\r\n:5\r\n*1\r\n|1\r\n+ttl\r\n:5\r\n+v\r\n" +
      ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n" +
      "$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n*?\r\n:1\r\n.\r\n~?\r\n:1\r\n.\r\n" +
      "%?\r\n+a\r\n:1\r\n.\r\n:9223372036854775807\r\n+bye\r\n";
    const values = [
      "OK",
      new ReplyError("ERR no"),
      1,
      "a\r\n",
      null,
      [1, null],
      false,
      -1500,
      123n,
      new ReplyError("ERR x"),
      "a",
      new Map([["k", new Set([1, ""])]]),
      ["v"],
      new Push("message", ["c", encodeText("m")]),
      "abc",
      [1],
      new Set([1]),
      new Map([["a", 1]]),
      9223372036854775807n,
      "bye",
    ];
    assertDecodes(wire, values);
    const many = Array.from({ length: 400 }, () => values).flat();
    assertDecodes(wire.repeat(400), many);
  },
);

Deno.test(
  "Decoder.next() returns MORE until a chunk brings bytes",
  none,
  () => {
    const decoder = new Decoder();
    assert.equal(decoder.next(), MORE);
    for (const byte of encodeText("*2\r\n$2\r\nab\r\n+c\r")) {
      decoder.feed(Uint8Array.of(byte));
      assert.equal(decoder.next(), MORE);
      decoder.feed(new Uint8Array(0));
      assert.equal(decoder.next(), MORE);
      assert.equal(decoder.next(), MORE);
    }
    decoder.feed(encodeText("\n+d\r\n"));
    assert.deepStrictEqual(decoder.next(), ["ab", "c"]);
    assert.equal(decoder.next(), "d");
    assert.equal(decoder.next(), MORE);
  },
);

Deno.test("Decoder.next() takes another mode for each reply", none, () => {
  const decoder = new Decoder();
  decoder.feed(encodeText("+a\r\n+a\r\n~1\r\n+a\r\n*1\r\n+a\r\n"));
  assert.deepStrictEqual(decoder.next(BYTES), encodeText("a"));
  assert.deepStrictEqual(decoder.next(), "a");
  assert.deepStrictEqual(decoder.next(FLAT), ["a"]);
  assert.deepStrictEqual(decoder.next(TEXT, [BYTES]), [encodeText("a")]);
});
