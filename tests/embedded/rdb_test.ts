/**
 * RDB: payloads of DUMP and whole files, to and from a real server.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { Crc64 } from "../../lib/embedded/rdb/crc64.ts";
import { toBinary } from "../../lib/resp/binary.ts";
import { TestServer } from "../support/test_server.ts";
import { Asker, contentOf, everyKind } from "./asker.ts";

/** What makes the same elements small or large, and compressed or not. */
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
  Deno.test(`what a real server dumps is restored here (settings ${i})`, async () => {
    await using real = await TestServer.start();
    await using embedded = await EmbeddedServer.create();
    using theirs = await Asker.to(real);
    using ours = await Asker.within(embedded);
    if (settings.length > 0) await theirs.ask("CONFIG", "SET", ...settings);
    await copyAll(theirs, ours);
  });
}

Deno.test("what is dumped here a real server restores", async () => {
  await using real = await TestServer.start({
    config: { "sanitize-dump-payload": "yes" },
  });
  await using embedded = await EmbeddedServer.create();
  using theirs = await Asker.to(real);
  using ours = await Asker.within(embedded);
  await copyAll(ours, theirs);
});

/** A payload of a type and the bytes behind it. */
function payload(version: number, ...bytes: number[]): string {
  const whole = Uint8Array.of(...bytes, version, 0);
  const checksum = new Crc64().add(whole).bytes();
  return toBinary(whole, 0, whole.length) + toBinary(checksum, 0, 8);
}

Deno.test("DUMP and RESTORE answer as a real server", async () => {
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

Deno.test("fields that expire are dumped as Redis 7.4 does", async () => {
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
