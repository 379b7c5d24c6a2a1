import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { ReplyError } from "../../lib/errors.ts";
import { encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { Decoder, MORE } from "../../lib/resp/decoder.ts";
import {
  BYTES,
  FLAT,
  LONGEST_PAYLOAD_TEXT,
  PAYLOAD,
  Push,
  type Reply,
  TEXT,
} from "../../lib/resp/reply.ts";
import { assertDecodes, chunksOf, decode } from "./decoding.ts";

const none = { permissions: "none" } as const;

/** A push as the decoder returns it: a string in the last place is bytes. */
function push(kind: string, ...data: Reply[]): Push {
  const last = data.at(-1);
  return new Push(
    kind,
    typeof last === "string" ? data.with(-1, encodeText(last)) : data,
  );
}

// -- Short arrays --

Deno.test(
  "Decoder reads pairs, entries and deeper nesting, however they are cut",
  none,
  () => {
    const pair = "*2\r\n$1\r\nm\r\n,1.5\r\n";
    assertDecodes(`*3\r\n${pair.repeat(3)}`, [
      [["m", 1.5], ["m", 1.5], ["m", 1.5]],
    ]);
    const entry =
      "*2\r\n$3\r\n1-0\r\n*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$-1\r\n";
    const read = ["1-0", ["a", "1", "b", null]];
    assertDecodes(`*2\r\n${entry}${entry}`, [[read, read]]);
    assertDecodes(`*1\r\n*2\r\n$1\r\ns\r\n*1\r\n${entry}`, [[["s", [read]]]]);
    const many = `*9\r\n${":1\r\n".repeat(9)}`;
    assertDecodes(`${many}*10\r\n${":1\r\n".repeat(10)}`, [
      Array(9).fill(1),
      Array(10).fill(1),
    ]);
    assertDecodes("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", [[[[[1]]]]]);
    // With values that are not scalars among them.
    assertDecodes(
      "*2\r\n*2\r\n$1\r\na\r\n-ERR x\r\n*3\r\n_\r\n|1\r\n+k\r\n+v\r\n%1\r\n+k\r\n+OK\r\n$-1\r\n",
      [[["a", new ReplyError("ERR x")], [null, new Map([["k", "OK"]]), null]]],
    );
    assertDecodes(`*2\r\n${pair}*2\r\n+OK\r\n$2\r\n\r\n\r\n`, [
      [[encodeText("m"), 1.5], [encodeText("OK"), encodeText("\r\n")]],
    ], { mode: BYTES });
  },
);

Deno.test(
  "Decoder reads EXEC's short arrays each in its own mode",
  none,
  () => {
    const wire = "*2\r\n*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n";
    assertDecodes(wire, [[[encodeText("a")], ["b"]]], { modes: [BYTES, TEXT] });
    assertDecodes("*1\r\n$1\r\na\r\n", [[encodeText("a")]], { modes: [BYTES] });
  },
);

// -- Attributes --

Deno.test("behaviour 7: attributes leave replies unaffected", none, () => {
  const attribute = "|1\r\n+ttl\r\n:3600\r\n";
  for (const mode of [TEXT, FLAT] as const) {
    const how = { mode };
    // Before a reply, several times, and an empty one.
    assertDecodes(`${attribute}:1\r\n`, [1], how);
    assertDecodes(`${attribute}${attribute}:1\r\n`, [1], how);
    assertDecodes(`|0\r\n:1\r\n`, [1], how);
    assertDecodes(`|0\r\n|0\r\n*1\r\n|0\r\n:1\r\n`, [[1]], how);
    // Before any element.
    const array = `*3\r\n${attribute}:1\r\n:2\r\n${attribute}$1\r\na\r\n`;
    assertDecodes(`${array}+next\r\n`, [[1, 2, "a"], "next"], how);
    // Before aggregates, nulls and errors.
    assertDecodes(`${attribute}${array}`, [[1, 2, "a"]], how);
    assertDecodes(`${attribute}_\r\n${attribute}-ERR x\r\n`, [
      null,
      new ReplyError("ERR x"),
    ], how);
    assertDecodes(`*1\r\n${attribute}*0\r\n`, [[[]]], how);
  }
  const map = `%2\r\n${attribute}+a\r\n:1\r\n+b\r\n${attribute}:2\r\n`;
  assertDecodes(map, [new Map([["a", 1], ["b", 2]])]);
  assertDecodes(map, [["a", 1, "b", 2]], { mode: FLAT });
  assertDecodes(`~2\r\n${attribute}:1\r\n:2\r\n`, [new Set([1, 2])]);
});

Deno.test("behaviour 7: attributes nest and hold any value", none, () => {
  const inner = "|1\r\n+a\r\n:1\r\n";
  assertDecodes(
    `|1\r\n${inner}+k\r\n${inner}*2\r\n:1\r\n${inner}:2\r\n+v\r\n`,
    [
      "v",
    ],
  );
  const keys = "|1\r\n+key-popularity\r\n" +
    "%2\r\n$1\r\na\r\n,0.1923\r\n$1\r\nb\r\n,0.0012\r\n" +
    "*2\r\n:2039123\r\n:9543892\r\n";
  assertDecodes(keys, [[2039123, 9543892]]);
  assertDecodes("|1\r\n$?\r\n;1\r\na\r\n;0\r\n*?\r\n:1\r\n.\r\n+v\r\n", ["v"]);
  assertDecodes("|2\r\n~1\r\n:1\r\n-ERR x\r\n#t\r\n%?\r\n.\r\n+v\r\n", ["v"]);
});

Deno.test("Decoder skips attributes in streamed aggregates", none, () => {
  const attribute = "|1\r\n+ttl\r\n:3600\r\n";
  assertDecodes(`*?\r\n${attribute}:1\r\n:2\r\n.\r\n`, [[1, 2]]);
  assertDecodes(`%?\r\n${attribute}:1\r\n${attribute}:2\r\n.\r\n`, [
    new Map([[1, 2]]),
  ]);
});

// -- Pushes --

Deno.test(
  "behaviour 9: a push between replies is not taken for a reply",
  none,
  () => {
    const message = ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n";
    assertDecodes(`+a\r\n${message}+b\r\n`, [
      "a",
      push("message", "c", "m"),
      "b",
    ]);
    assertDecodes(`${message}${message}*1\r\n:1\r\n`, [
      push("message", "c", "m"),
      push("message", "c", "m"),
      [1],
    ]);
  },
);

Deno.test(
  "Decoder reads the last element of a push as bytes, and maps not flat, in every mode",
  none,
  () => {
    for (const mode of [TEXT, BYTES, FLAT, 3] as const) {
      assertDecodes(
        ">4\r\n+kind\r\n*2\r\n$1\r\na\r\n+b\r\n%1\r\n+k\r\n~1\r\n:1\r\n*1\r\n+c\r\n",
        [
          push("kind", ["a", "b"], new Map([["k", new Set([1])]]), [
            encodeText("c"),
          ]),
        ],
        { mode },
      );
    }
  },
);

Deno.test("Decoder reads pushes of every kind and shape", none, () => {
  assertDecodes(">1\r\n+tracking-redir-broken\r\n", [
    push("tracking-redir-broken"),
  ]);
  assertDecodes(">2\r\n$10\r\ninvalidate\r\n_\r\n", [push("invalidate", null)]);
  assertDecodes(">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", [
    push("subscribe", "c", 1),
  ]);
  assertDecodes(">3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n", [
    push("unsubscribe", null, 0),
  ]);
  assertDecodes(">2\r\n=11\r\ntxt:unknown\r\n-ERR x\r\n", [
    push("unknown", new ReplyError("ERR x")),
  ]);
  assertDecodes(">2\r\n:1\r\n:2\r\n", [push("", 2)]);
  assertDecodes(">2\r\n$?\r\n;2\r\nab\r\n;0\r\n$?\r\n;1\r\nc\r\n;0\r\n", [
    push("ab", "c"),
  ]);
  const payload = "x".repeat(10_000);
  assertDecodes(
    `>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$10000\r\n${payload}\r\n`,
    [push("message", "c", payload)],
  );
});

Deno.test(
  "Decoder keeps names in pushes that are not UTF-8 as bytes",
  none,
  () => {
    const wire = (...parts: (string | number[])[]) =>
      joinBytes(
        parts.map((part) =>
          typeof part === "string" ? encodeText(part) : Uint8Array.from(part)
        ),
      );
    const long = Array(9_000).fill(0x80);
    for (const name of [[0xff, 0xfe], [0x61, 0xc3], long]) {
      const bytes = wire(
        `>4\r\n$8\r\npmessage\r\n$${name.length}\r\n`,
        name,
        "\r\n$2\r\né\r\n$1\r\nm\r\n",
      );
      const [heard] = decode(chunksOf(bytes, 7));
      assert(heard instanceof Push);
      assert.deepEqual(heard.data, [
        Uint8Array.from(name),
        "é",
        encodeText("m"),
      ]);
    }
  },
);

Deno.test("Decoder skips attributes before and in a push", none, () => {
  const attribute = "|1\r\n+k\r\n+v\r\n";
  assertDecodes(`${attribute}>2\r\n+message\r\n${attribute}+c\r\n:1\r\n`, [
    push("message", "c"),
    1,
  ]);
});

// Servers before 7.2 insert these anywhere: protocol.md 5.3.
Deno.test(
  "Decoder takes uncounted pushes out of their aggregate",
  none,
  () => {
    const kinds: [string, Push][] = [
      [
        ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nm\r\n",
        push("message", "a", "m"),
      ],
      [
        ">4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\nm\r\n",
        push("pmessage", "*", "a", "m"),
      ],
      [
        ">3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\nm\r\n",
        push("smessage", "a", "m"),
      ],
      [
        ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n",
        push("invalidate", [encodeText("k")]),
      ],
    ];
    for (const [wire, value] of kinds) {
      // The reply of the EXEC in 5.3, and the next reply.
      assertDecodes(`*3\r\n$1\r\n1\r\n${wire}:1\r\n$1\r\n2\r\n+next\r\n`, [
        value,
        ["1", 1, "2"],
        "next",
      ]);
      assertDecodes(`*1\r\n${wire}${wire}:1\r\n`, [value, value, [1]]);
      assertDecodes(`*1\r\n*1\r\n${wire}*1\r\n${wire}:1\r\n`, [
        value,
        value,
        [[[1]]],
      ]);
      assertDecodes(`%1\r\n${wire}+k\r\n${wire}+v\r\n`, [
        value,
        value,
        new Map([["k", "v"]]),
      ]);
      assertDecodes(`%1\r\n+k\r\n${wire}~1\r\n${wire}+v\r\n`, [
        value,
        value,
        ["k", ["v"]],
      ], { mode: FLAT });
      assertDecodes(`*?\r\n${wire}:1\r\n${wire}.\r\n`, [value, value, [1]]);
      assertDecodes(`|1\r\n+k\r\n${wire}+v\r\n:1\r\n`, [value, 1]);
      assertDecodes(`*2\r\n+a\r\n${wire}+a\r\n`, [
        value,
        [encodeText("a"), "a"],
      ], { modes: [BYTES, TEXT] });
    }
  },
);

Deno.test(
  "Decoder counts confirmations as elements of their aggregate",
  none,
  () => {
    const subscribe = ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
    const element = ["subscribe", "a", 1];
    assertDecodes(`*2\r\n${subscribe}:1\r\n+next\r\n`, [[element, 1], "next"]);
    assertDecodes(`*1\r\n:1\r\n*1\r\n${subscribe}`, [[1], [element]]);
    // MULTI, SUBSCRIBE a a, EXEC: the further confirmations follow outside.
    assertDecodes(`*1\r\n${subscribe}${subscribe}+next\r\n`, [
      [element],
      push("subscribe", "a", 1),
      "next",
    ]);
    const message = ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nm\r\n";
    assertDecodes(`*2\r\n${subscribe}${message}:1\r\n`, [
      push("message", "a", "m"),
      [element, 1],
    ]);
  },
);

Deno.test(
  "Decoder continues in the reply's mode after a push inside an aggregate",
  none,
  () => {
    const a = encodeText("a");
    const subscribe = ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
    const element = ["subscribe", "a", 1];
    assertDecodes(`*2\r\n${subscribe}+a\r\n`, [[element, "a"]]);
    // The push is the last element: the aggregate keeps the reply's mode.
    assertDecodes(`%1\r\n+a\r\n${subscribe}`, [["a", element]], { mode: FLAT });
    assertDecodes(`*2\r\n+a\r\n~1\r\n${subscribe}`, [[a, [element]]], {
      modes: [BYTES, FLAT],
    });
  },
);

/** A push on the wire. */
function wireOf(...words: (string | Uint8Array)[]): Uint8Array {
  const parts = words.map((word) => {
    const bytes = typeof word === "string" ? encodeText(word) : word;
    return [encodeText(`$${bytes.length}\r\n`), bytes, encodeText("\r\n")];
  });
  return joinBytes([encodeText(`>${words.length}\r\n`), ...parts.flat()]);
}

Deno.test("Decoder.payloadMode chooses how each payload is read", none, () => {
  const asked: unknown[] = [];
  const payloadMode = (kind: Reply, name: Reply | undefined) => {
    asked.push([kind, name]);
    return name === "text" ? PAYLOAD : BYTES;
  };
  const long = "x".repeat(LONGEST_PAYLOAD_TEXT);
  const words = [
    ["message", "text", "héllo"],
    ["message", "bytes", "b"],
    ["pmessage", "text", "text:1", "p"],
    ["message", "text", ""],
    ["message", "text", long],
    ["message", "text", `${long}x`],
  ];
  const wire = joinBytes(words.map((one) => wireOf(...one)));
  assertDecodes(wire, [
    new Push("message", ["text", "héllo"]),
    new Push("message", ["bytes", encodeText("b")]),
    new Push("pmessage", ["text", "text:1", "p"]),
    new Push("message", ["text", ""]),
    new Push("message", ["text", long]),
    new Push("message", ["text", encodeText(`${long}x`)]),
  ], { payloadMode });
  for (const [kind, name] of words) {
    assert(asked.some((one) => isDeepStrictEqual(one, [kind, name])));
  }
});

Deno.test(
  "Decoder reads messages whose headings repeat and change",
  none,
  () => {
    const binary = Uint8Array.of(0xff, 0xfe);
    const lists = [
      ["message", "a", "1"],
      ["message", "a", "2"],
      ["message", "b", "3"],
      ["message", "a".repeat(200), "4"],
      ["message", "a".repeat(200), "5"],
      ["pmessage", "a", "b", "6"],
      ["pmessage", "a", "b", "7"],
      ["message", binary, "8"],
      ["message", binary, "9"],
      ["message", "a", "10"],
    ] as const;
    const expected = lists.map(([kind, ...data]) => push(kind, ...data));
    const wire = joinBytes(lists.map((words) => wireOf(...words)));
    assertDecodes(wire, expected);
    // If the name is bytes, it must be that of its own message.
    const [first, second] = decode([
      joinBytes([wireOf("message", binary, "8")]),
      joinBytes([wireOf("message", binary, "9")]),
    ]) as [Push, Push];
    (first.data[0] as Uint8Array).fill(0);
    assert.deepEqual(second.data[0], binary);
  },
);

Deno.test("a reply that looks like the last message is a reply", none, () => {
  const decoder = new Decoder();
  decoder.arraysArePushes = true;
  const wire = wireOf("message", "a", "m");
  wire[0] = 0x2a;
  decoder.feed(wire);
  assert.deepEqual(decoder.next(), push("message", "a", "m"));
  assert.equal(decoder.next(), MORE);
  decoder.arraysArePushes = false;
  decoder.feed(wire);
  assert.deepEqual(decoder.next(), ["message", "a", "m"]);
});

Deno.test("Decoder reads a push inside a push", none, () => {
  assertDecodes(">3\r\n+outer\r\n>2\r\n+inner\r\n+a\r\n+b\r\n+c\r\n", [
    push("outer", ["inner", encodeText("a")], "b"),
    "c",
  ]);
});

Deno.test(
  "Decoder.arraysArePushes reads top-level arrays as pushes",
  none,
  () => {
    const how = { arraysArePushes: true };
    const wire = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n" +
      "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\n\xff\r\n" +
      "*2\r\n$4\r\npong\r\n$0\r\n\r\n-ERR x\r\n+PONG\r\n";
    assertDecodes(wire, [
      push("subscribe", "c", 1),
      push("message", "c", "\xff"),
      push("pong", ""),
      new ReplyError("ERR x"),
      "PONG",
    ], how);
    // Only at top level; nested arrays stay arrays.
    assertDecodes("*2\r\n+a\r\n*2\r\n+b\r\n:1\r\n", [
      push("a", [encodeText("b"), 1]),
    ], how);
    assertDecodes("*-1\r\n~1\r\n*1\r\n:1\r\n", [null, new Set([[1]])], how);
    assertDecodes(">2\r\n+a\r\n:1\r\n", [push("a", 1)], how);
  },
);

Deno.test("Decoder.arraysArePushes may change between replies", none, () => {
  const decoder = new Decoder();
  decoder.feed(encodeText("*1\r\n+a\r\n".repeat(3)));
  assert.deepStrictEqual(decoder.next(), ["a"]);
  decoder.arraysArePushes = true;
  assert.deepStrictEqual(decoder.next(), push("a"));
  decoder.arraysArePushes = false;
  assert.deepStrictEqual(decoder.next(), ["a"]);
  assert.equal(decoder.next(), MORE);
});

// -- Streamed types --

Deno.test("Decoder reads streamed strings", none, () => {
  assertDecodes("$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;2\r\nld\r\n;0\r\n", [
    "Hello world",
  ]);
  assertDecodes("$?\r\n;0\r\n+next\r\n", ["", "next"]);
  assertDecodes("$?\r\n;2\r\n\r\n\r\n;0\r\n", [encodeText("\r\n")], {
    mode: BYTES,
  });
  assertDecodes("*2\r\n$?\r\n;1\r\na\r\n;0\r\n:1\r\n", [["a", 1]]);
  const long = "x".repeat(5000);
  assertDecodes(`$?\r\n;5000\r\n${long}\r\n;5000\r\n${long}\r\n;0\r\n`, [
    long + long,
  ]);
});

Deno.test(
  "Decoder joins the parts of a streamed string before it decodes them",
  none,
  () => {
    const head = encodeText("$?\r\n;1\r\n_\r\n;2\r\n__\r\n;0\r\n");
    const crab = encodeText("é");
    // é: its first byte is in the first part, its second in the next, then "_".
    head[8] = crab[0]!;
    head[15] = crab[1]!;
    assertDecodes(head, ["é_"]);
  },
);

Deno.test("Decoder reads streamed arrays, sets and maps", none, () => {
  assertDecodes("*?\r\n.\r\n~?\r\n.\r\n%?\r\n.\r\n", [
    [],
    new Set(),
    new Map(),
  ]);
  assertDecodes("*?\r\n:1\r\n:2\r\n.\r\n+next\r\n", [[1, 2], "next"]);
  assertDecodes("~?\r\n:1\r\n:2\r\n.\r\n", [new Set([1, 2])]);
  assertDecodes("%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n", [
    new Map([["a", 1], ["b", 2]]),
  ]);
  assertDecodes("%?\r\n+a\r\n~?\r\n:1\r\n.\r\n.\r\n", [["a", [1]]], {
    mode: FLAT,
  });
});

Deno.test(
  "Decoder reads streamed types inside fixed ones and the other way round",
  none,
  () => {
    assertDecodes("*2\r\n*?\r\n:1\r\n.\r\n:2\r\n", [[[1], 2]]);
    assertDecodes("*?\r\n*1\r\n:1\r\n*?\r\n:2\r\n.\r\n.\r\n", [[[1], [2]]]);
    assertDecodes("%1\r\n*?\r\n.\r\n*?\r\n.\r\n", [new Map([[[], []]])]);
    assertDecodes("*?\r\n$?\r\n;1\r\na\r\n;0\r\n*-1\r\n.\r\n", [["a", null]]);
    assertDecodes("*?\r\n+a\r\n+a\r\n.\r\n", [[encodeText("a"), "a"]], {
      modes: [BYTES],
    });
  },
);
