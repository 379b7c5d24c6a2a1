/**
 * RDB: payloads of DUMP and whole files, exchanged with a real server.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { Crc64 } from "../../lib/embedded/rdb/crc64.ts";
import { toBinary } from "../../lib/resp/binary.ts";
import { TestServer } from "../support/test_server.ts";
import { Asker, contentOf, everyKind } from "./asker.ts";

/** Settings for small and large encodings of the same elements, compressed or not. */
const SETTINGS = [
  [],
  ["list-compress-depth", "1", "list-max-listpack-size", "4"],
  [
    ["hash-max-listpack-entries", "0", "zset-max-listpack-entries", "0"],
    ["set-max-intset-entries", "0", "rdbcompression", "no"],
  ].flat(),
];

async function fill(asker: Asker): Promise<string[]> {
  const commands = everyKind();
  const answers = await asker.all(commands);
  answers.forEach((answer, i) => {
    ok(!/^(ERR|WRONG)/.test(String(answer)), `${commands[i]}: ${answer}`);
  });
  return (await asker.ask("KEYS", "*") as string[]).sort();
}

async function copyAll(from: Asker, to: Asker): Promise<void> {
  const keys = await fill(from);
  ok(keys.length > 50);
  for (const key of keys) {
    const payload = await from.ask("DUMP", key) as string;
    const expiry = await from.ask("PEXPIRETIME", key) as number;
    const time = Math.max(expiry, 0);
    const args = ["RESTORE", key, time, payload, "ABSTTL", "REPLACE"];
    equal(await to.ask(...args), "OK", key.slice(0, 20));
    deepEqual(await contentOf(to, key), await contentOf(from, key));
  }
}

for (const [i, settings] of SETTINGS.entries()) {
  Deno.test(`RESTORE accepts the payloads of a real server (settings ${i})`, async () => {
    await using real = await TestServer.start();
    await using embedded = await EmbeddedServer.create();
    using theirs = await Asker.to(real);
    using ours = await Asker.within(embedded);
    if (settings.length > 0) await theirs.ask("CONFIG", "SET", ...settings);
    await copyAll(theirs, ours);
  });
}

Deno.test("a real server restores our payloads", async () => {
  await using real = await TestServer.start({
    config: { "sanitize-dump-payload": "yes" },
  });
  await using embedded = await EmbeddedServer.create();
  using theirs = await Asker.to(real);
  using ours = await Asker.within(embedded);
  await copyAll(ours, theirs);
});

/** A payload of an RDB version, a type and the bytes of the value. */
function payload(version: number, ...bytes: number[]): string {
  const whole = Uint8Array.of(...bytes, version, 0);
  const checksum = new Crc64().add(whole).bytes();
  return toBinary(whole, 0, whole.length) + toBinary(checksum, 0, 8);
}

Deno.test("DUMP and RESTORE reply as a real server does", async () => {
  await using real = await TestServer.start();
  await using embedded = await EmbeddedServer.create();
  using theirs = await Asker.to(real);
  using ours = await Asker.within(embedded);
  const good = payload(10, 0, 1, 0x61);
  const past = Date.now() - 1000;
  for (
    const command of [
      ["DUMP", "none"],
      ["DUMP"],
      ["RESTORE", "k", 0],
      ["RESTORE", "k", 0, ""],
      ["RESTORE", "k", 0, "nonsense"],
      ["RESTORE", "k", 0, good.slice(0, -1) + "\0"],
      ["RESTORE", "k", 0, payload(99, 0, 1, 0x61)],
      ["RESTORE", "k", 0, payload(10, 0, 50, 0x61)],
      ["RESTORE", "k", 0, payload(10, 99, 1, 0x61)],
      ["RESTORE", "k", 0, payload(10, 1, 0)],
      ["RESTORE", "k", 0, payload(10, 2, 2, 1, 0x61, 1, 0x61)],
      ["RESTORE", "k", 0, payload(10, 0, 0xc3, 2, 0x50, 0, 0)],
      ["RESTORE", "k", -1, good],
      ["RESTORE", "k", "x", good],
      ["RESTORE", "k", 0, good, "NONSENSE"],
      ["RESTORE", "k", 0, good, "IDLETIME"],
      ["RESTORE", "k", 0, good, "IDLETIME", -1],
      ["RESTORE", "k", 0, good, "IDLETIME", "x"],
      ["RESTORE", "k", 0, good, "FREQ", 256],
      ["RESTORE", "k", 0, good, "FREQ", 1, "IDLETIME", 1],
      ["EXISTS", "k"],
      ["RESTORE", "k", 0, good],
      ["RESTORE", "k", 0, good],
      ["RESTORE", "k", "x", good],
      ["GET", "k"],
      ["RESTORE", "k", 0, good, "REPLACE", "IDLETIME", 1000],
      ["OBJECT", "IDLETIME", "k"],
      ["RESTORE", "k", 100_000, good, "replace"],
      ["PERSIST", "k"],
      ["RESTORE", "k", past, good, "ABSTTL"],
      ["RESTORE", "k", past, good, "ABSTTL", "REPLACE"],
      ["EXISTS", "k"],
      ["RESTORE", "k", 4102444800123, good, "ABSTTL"],
      ["PEXPIRETIME", "k"],
      ["LPUSH", "l", "a"],
      ["RESTORE", "l", 0, good, "REPLACE"],
      ["GET", "l"],
    ]
  ) {
    equal(
      JSON.stringify(await ours.ask(...command)),
      JSON.stringify(await theirs.ask(...command)),
      JSON.stringify(command),
    );
  }
});

/** An RDB string shorter than 64 bytes. */
function short(...bytes: number[]): number[] {
  return [bytes.length, ...bytes];
}

/** A ziplist of these entries; each one has its encoding, but not the previous length. */
function ziplist(...entries: number[][]): number[] {
  let before = 0;
  const body = entries.flatMap((entry) => {
    const whole = [before, ...entry];
    before = whole.length;
    return whole;
  });
  const size = 10 + body.length + 1;
  const tail = size - 1 - before;
  const header = [size, 0, 0, 0, tail, 0, 0, 0, entries.length, 0];
  return short(...header, ...body, 0xff);
}

/** A stream's entries, before its groups: a key of 16 bytes and a listpack. */
function oldStream(): number[] {
  const key = [...Array(7).fill(0), 5, ...Array(8).fill(0)];
  const elements = [
    ...[[2], [1], [1], [0x81, 0x66], [0]],
    ...[[2], [0], [1], [0x81, 0x61], [4]],
    ...[[3], [0], [2], [0x81, 0x62], [4]],
    ...[[0], [1], [0], [1], [0x81, 0x67], [0x82, 0x63, 0x64], [6]],
  ].flatMap((element) => [...element, element.length]);
  const size = 6 + elements.length + 1;
  const listpack = [size, 0, 0, 0, 22, 0, ...elements, 0xff];
  const pending = [...key.slice(0, 15), 1];
  const time = [0x7b, 0, 0, 0, 0, 0, 0, 0];
  return [
    ...[15, 1, ...short(...key), ...short(...listpack), 2, 6, 0],
    ...[1, ...short(0x67), 5, 1, 1, ...pending, ...time, 3],
    ...[1, ...short(0x63), ...time, 1, ...pending],
  ];
}

Deno.test("reads the encodings of older servers as a real server does", async () => {
  await using real = await TestServer.start();
  await using embedded = await EmbeddedServer.create();
  using theirs = await Asker.to(real);
  using ours = await Asker.within(embedded);
  const integers = [
    ...[[0xf1], [0xfd], [0xfe, 0x80], [0xc0, 0, 0x80], [0xf0, 0, 0, 0x80]],
    ...[[0xd0, 0, 0, 0, 0x80], [0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80]],
  ];
  const text = [2, 0x61, 0x62];
  const long = [0x40, 3, 0x61, 0x62, 0x63];
  const huge = [0x80, 0, 0, 0, 1, 0x7a];
  for (
    const [name, ...bytes] of [
      ["list", 10, ...ziplist(text, ...integers)],
      ["list", 10, ...ziplist(long, huge, text)],
      ["list", 14, 2, ...ziplist(text), ...ziplist(long, [0xf3])],
      [
        "list",
        18,
        2,
        1,
        ...short(0x61),
        2,
        ...short(...[
          ...[15, 0, 0, 0, 3, 0],
          ...[0x81, 0x61, 2, 0xdf, 0xff, 2, 7, 1],
          0xff,
        ]),
      ],
      ["hash", 13, ...ziplist(text, [0xf2], long, huge)],
      ["zset", 12, ...ziplist(text, [0xf2], long, [3, 0x31, 0x2e, 0x35])],
      ["zset", 3, 2, ...short(0x61), ...short(0x31, 0x2e, 0x35), 1, 0x62, 254],
      ["set", 11, ...short(2, 0, 0, 0, 2, 0, 0, 0, 0xff, 0xff, 1, 0)],
      ["set", 11, ...short(4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80)],
      ["string", 0, 0xc0, 0x80],
      ["string", 0, 0xc1, 0, 0x80],
      ["string", 0, 0xc2, 0, 0, 0, 0x80],
      ["string", 0, 0x80, 0, 0, 0, 1, 0x61],
      ["string", 0, 0xc3, 4, 9, 0, 0x61, 0xc0, 0],
      ["stream", ...oldStream()],
    ] as [string, ...number[]][]
  ) {
    const old = payload(9, ...bytes);
    const commands = [["RESTORE", "k", 0, old, "REPLACE"], ["TYPE", "k"]];
    const theirAnswers = await theirs.all(commands);
    deepEqual(await ours.all(commands), theirAnswers);
    deepEqual(await contentOf(ours, "k"), await contentOf(theirs, "k"), name);
    if (theirAnswers[0] !== "OK") {
      throw new Error(`${name}: ${theirAnswers[0]}`);
    }
  }
});

Deno.test("reads the encodings of newer servers", async () => {
  await using embedded = await EmbeddedServer.create();
  using ours = await Asker.within(embedded);
  const listpack = [15, 0, 0, 0, 3, 0, 0x81, 0x61, 2, 0x81, 0x62, 2, 7, 1];
  const set = payload(11, 20, ...short(...listpack, 0xff));
  equal(await ours.ask("RESTORE", "set", 0, set), "OK");
  deepEqual((await ours.ask("SMEMBERS", "set") as string[]).sort(), [
    "7",
    "a",
    "b",
  ]);
  const ms = [0xf4, 0, 0, 0, 0, 0, 4, 0, 0, 9];
  const fields = [...[0x81, 0x61, 2, 1, 1], ...ms, ...[
    0x81,
    0x62,
    2,
    2,
    1,
    0,
    1,
  ]];
  const hash = payload(
    12,
    ...[25, 0, 0, 0, 0, 0, 4, 0, 0],
    ...short(7 + fields.length, 0, 0, 0, 6, 0, ...fields, 0xff),
  );
  equal(await ours.ask("RESTORE", "hash", 0, hash), "OK");
  deepEqual(
    await ours.ask("HPEXPIRETIME", "hash", "FIELDS", 2, "a", "b"),
    [2 ** 42, -1],
  );
  for (const type of [6, 7, 9, 22, 26]) {
    equal(
      await ours.ask("RESTORE", "k", 0, payload(12, type, 1, 0)),
      "ERR Bad data format",
    );
  }
});

Deno.test("dumps fields that expire in the format of Redis 7.4", async () => {
  await using real = await TestServer.start();
  await using embedded = await EmbeddedServer.create();
  using theirs = await Asker.to(real);
  using ours = await Asker.within(embedded);
  await ours.ask("HSET", "h", "a", 1, "b", 2, "c", 3);
  await ours.ask("HPEXPIREAT", "h", 4102444800123, "FIELDS", 1, "a");
  await ours.ask("HPEXPIREAT", "h", 4102444800999, "FIELDS", 1, "c");
  const dumped = await ours.ask("DUMP", "h") as string;
  equal(await ours.ask("RESTORE", "copy", 0, dumped), "OK");
  deepEqual(
    await ours.ask("HPEXPIRETIME", "copy", "FIELDS", 3, "a", "b", "c"),
    [4102444800123, -1, 4102444800999],
  );
  equal(dumped.charCodeAt(0), 24);
  match(
    String(await theirs.ask("RESTORE", "copy", 0, dumped)),
    /payload version/,
  );
});
