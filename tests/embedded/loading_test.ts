/**
 * What clients are answered while data is loaded, and what is saved then.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Core } from "../../lib/embedded/core.ts";
import { loadPart } from "../../lib/embedded/persistence/aof_load.ts";
import { loadSteps, saveRdb } from "../../lib/embedded/rdb/file.ts";
import {
  type EmbeddedOptions,
  EmbeddedServer,
} from "../../lib/embedded/server.ts";
import { StringValue } from "../../lib/embedded/values/string.ts";
import { listen } from "../../lib/net/tcp.ts";
import { binaryToBytes } from "../../lib/resp/binary.ts";
import { joinBytes } from "../../lib/resp/bytes.ts";
import { Asker, everyKind, sameContents } from "./asker.ts";
import { Folder } from "./folder.ts";
import { Member } from "./replication.ts";

/** Makes a reload take about a second. */
const SLOWLY = [
  ["DEBUG", "POPULATE", 1000, "key", 100],
  ["CONFIG", "SET", "key-load-delay", 1000],
  ["CONFIG", "SET", "loading-process-events-interval-bytes", 1024],
];

Deno.test("DEBUG RELOAD leaves the data unchanged", async () => {
  await using server = await Member.ours();
  await server.asker.all(everyKind());
  const before = await server.contents();
  equal(await server.ask("DEBUG", "RELOAD"), "OK");
  sameContents(await server.contents(), before);
  await server.asker.all([["MULTI"], ["DEBUG", "RELOAD"], ["DBSIZE"]]);
  deepEqual(await server.ask("EXEC"), ["OK", before.size - 1]);
});

Deno.test("commands on data get LOADING while data is being loaded", async () => {
  await using server = await Member.ours();
  using other = await Asker.to(server);
  await other.all([["MULTI"], ["INCR", "n"]]);
  await server.asker.all(SLOWLY);
  const reloaded = server.ask("DEBUG", "RELOAD");
  const refused = "LOADING Redis is loading the dataset in memory";
  deepEqual(
    await other.all([
      ["EXEC"],
      ["GET", "key:1"],
      ["SET", "k", "v"],
      ["DBSIZE"],
      ["PING"],
      ["MULTI"],
      ["CONFIG", "SET", "key-load-delay", 0],
      ["DISCARD"],
    ]),
    [
      `EXECABORT Transaction discarded because of: ${refused}`,
      ...[refused, refused, refused, refused],
      "OK",
      "QUEUED",
      "OK",
    ],
  );
  match(String(await other.ask("INFO", "server")), /redis_version/);
  equal(await reloaded, "OK");
  equal(await other.ask("DBSIZE"), 1000);
});

Deno.test("a server that is closed while it loads saves all data", async () => {
  await using folder = await Folder.make();
  const options = { port: 0, dir: folder.path, save: "3600 1" };
  for (const word of ["close", "SHUTDOWN"]) {
    {
      await using server = await EmbeddedServer.listen(options);
      using asker = await Asker.within(server);
      using other = await Asker.within(server);
      await asker.all(SLOWLY);
      const reloaded = asker.ask("DEBUG", "RELOAD").catch(String);
      match(String(await other.ask("GET", "key:1")), /^LOADING /);
      if (word === "SHUTDOWN") other.ask(word).catch(() => {});
      else await server.close();
      await server.closed;
      await reloaded;
    }
    await using server = await EmbeddedServer.listen(options);
    using asker = await Asker.within(server);
    equal(await asker.ask("DBSIZE"), 1000);
    await asker.ask("FLUSHALL");
  }
});

Deno.test("a replica serves clients while it loads a full sync", async () => {
  await using primary = await Member.real();
  await primary.ask("DEBUG", "POPULATE", 200_000);
  await primary.ask("SET", "last", "here");
  await using replica = await Member.ours(primary);
  let refused = 0;
  for (;;) {
    const answer = String(await replica.ask("GET", "last"));
    if (answer === "here") break;
    if (answer.startsWith("LOADING ")) refused++;
    else equal(answer, "null");
  }
  // The load takes many slices, and after each one this connection gets a reply.
  ok(refused > 3, `refused ${refused} times`);
  equal(await replica.ask("DBSIZE"), 200_001);
});

Deno.test("a replica that is closed while it loads saves all data", async () => {
  await using primary = await Member.real();
  await primary.ask("DEBUG", "POPULATE", 200_000);
  await using folder = await Folder.make();
  const options = { port: 0, dir: folder.path, save: "3600 1" };
  {
    await using replica = await Member.ours(primary, options);
    await isLoading(replica);
  }
  await using server = await Member.ours(undefined, options);
  equal(await server.ask("DBSIZE"), 200_000);
});

/** Waits until a replica is in the middle of loading 200,000 keys. */
async function isLoading(replica: Member): Promise<void> {
  for (;;) {
    const answer = String(await replica.ask("GET", "key:1"));
    if (answer.startsWith("LOADING ")) return;
    equal(answer, "null", "it loads the data in one slice");
  }
}

Deno.test("SHUTDOWN while a replica loads is not written into its append-only file", async () => {
  await using primary = await Member.real();
  await primary.ask("DEBUG", "POPULATE", 200_000);
  await using folder = await Folder.make();
  const options = { port: 0, dir: folder.path, save: "", appendonly: true };
  {
    await using replica = await Member.ours(primary, options);
    await isLoading(replica);
    replica.ask("SHUTDOWN").catch(() => {});
    if (!("closed" in replica.server)) throw new Error("It is embedded");
    await replica.server.closed;
  }
  await using server = await EmbeddedServer.listen(options);
  using asker = await Asker.to({ hostname: "127.0.0.1", port: server.port });
  equal(await asker.ask("DBSIZE"), 200_000);
});

Deno.test("an append-only file that is switched on while a replica loads has all data", async () => {
  await using primary = await Member.real();
  await primary.ask("DEBUG", "POPULATE", 200_000);
  await using folder = await Folder.make();
  const options = { port: 0, dir: folder.path, save: "" };
  {
    await using replica = await Member.ours(primary, options);
    await isLoading(replica);
    equal(await replica.ask("CONFIG", "SET", "appendonly", "yes"), "OK");
    await replica.follows(primary);
    await primary.ask("SET", "later", 1);
    await replica.follows(primary);
  }
  await using server = await Member.ours(undefined, {
    ...options,
    appendonly: true,
  });
  equal(await server.ask("DBSIZE"), 200_001);
});

/** A server that starts with the files of 200,000 keys, and a client of it. */
async function startWithFiles(
  options: EmbeddedOptions,
): Promise<{ starting: Promise<EmbeddedServer>; asker: Asker }> {
  {
    await using server = await EmbeddedServer.create(options);
    using asker = await Asker.within(server);
    for (let i = 0; i < 200; i++) {
      await asker.all(
        Array.from({ length: 1000 }, (_, j) => ["SET", `${i}:${j}`, j]),
      );
    }
  }
  let port: number;
  {
    using listener = listen({ hostname: "127.0.0.1", port: 0 });
    ({ port } = listener);
  }
  const starting = EmbeddedServer.listen({ ...options, port });
  return { starting, asker: await Asker.to({ hostname: "127.0.0.1", port }) };
}

for (const appendonly of [false, true]) {
  const files = appendonly ? "an append-only file" : "a snapshot";
  const kept = { appendonly, save: "3600 1" };

  Deno.test(`clients hear LOADING while ${files} is loaded at the start`, async () => {
    await using folder = await Folder.make();
    const options = { ...kept, dir: folder.path };
    const { starting, asker } = await startWithFiles(options);
    using _ended = asker;
    // All in one turn, before the load is over.
    const answers = await asker.all([
      ["GET", "1:1"],
      ["DEBUG", "RELOAD"],
      ["DEBUG", "POPULATE", 1],
      ["INFO", "persistence"],
    ]);
    const info = String(answers.pop());
    for (const answer of answers) match(String(answer), /^LOADING /);
    match(info, /^loading:1\r$/m);
    await using _server = await starting;
    equal(await asker.ask("DBSIZE"), 200_000);
    equal(await asker.ask("GET", "199:999"), "999");
    match(String(await asker.ask("INFO", "persistence")), /^loading:0\r$/m);
  });

  Deno.test(`SHUTDOWN while ${files} is loaded leaves it as it is`, async () => {
    await using folder = await Folder.make();
    const options = { ...kept, dir: folder.path };
    const { starting, asker } = await startWithFiles(options);
    using _ended = asker;
    match(String(await asker.ask("GET", "1:1")), /^LOADING /);
    asker.ask("SHUTDOWN").catch(() => {});
    const ended = await starting;
    await ended.closed;
    await using server = await EmbeddedServer.create(options);
    using again = await Asker.within(server);
    equal(await again.ask("DBSIZE"), 200_000);
  });
}

Deno.test("an append-only file that is switched off while it is loaded begins anew later", async () => {
  await using folder = await Folder.make();
  const options = { dir: folder.path, save: "", appendonly: true };
  const { starting, asker } = await startWithFiles(options);
  {
    using _ended = asker;
    equal(await asker.ask("CONFIG", "SET", "appendonly", "no"), "OK");
    await using _server = await starting;
    await asker.all([
      ["FLUSHALL"],
      ["SET", "n", 1],
      ["CONFIG", "SET", "appendonly", "yes"],
    ]);
    await asker.ask("INCR", "n");
  }
  await using server = await EmbeddedServer.create(options);
  using again = await Asker.within(server);
  deepEqual(await again.all([["DBSIZE"], ["GET", "n"]]), [1, "2"]);
});

Deno.test("a transaction in an append-only file is loaded in steps", () => {
  const core = new Core();
  const command = (...args: string[]) =>
    `*${args.length}\r\n` +
    args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("");
  const text = [
    command("MULTI"),
    ...Array.from({ length: 3200 }, () => command("INCR", "n")),
    command("EXEC"),
  ].join("");
  let incremented = 0;
  let largest = 0;
  for (const _ of loadPart(core, "file", binaryToBytes(text))) {
    const n = core.databases[0]!.keys.get("n") as StringValue | undefined;
    const value = Number(n?.text ?? 0);
    largest = Math.max(largest, value - incremented);
    incremented = value;
  }
  core.close();
  ok(incremented > 3000);
  ok(largest <= 32, `${largest} commands in one step`);
});

Deno.test("an RDB file of large values is read in steps", () => {
  const core = new Core();
  const [db] = core.databases;
  for (let i = 0; i < 20; i++) {
    db!.set(`k${i}`, new StringValue(`${i}`.repeat(50_000)));
  }
  const parts = [...saveRdb(core.databases, { now: 0, base: false })];
  const steps = [...loadSteps(joinBytes(parts), () => {})];
  core.close();
  ok(steps.length >= 5, `${steps.length} steps`);
});
