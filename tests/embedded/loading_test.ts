/**
 * What clients are answered while data is loaded, and what is saved then.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  type EmbeddedOptions,
  EmbeddedServer,
} from "../../lib/embedded/server.ts";
import { listen } from "../../lib/net/tcp.ts";
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
    for (;;) {
      const answer = String(await replica.ask("GET", "key:1"));
      if (answer.startsWith("LOADING ")) break;
      equal(answer, "null", "it loads the data in one slice");
    }
  }
  await using server = await Member.ours(undefined, options);
  equal(await server.ask("DBSIZE"), 200_000);
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
    match(String(await asker.ask("GET", "1:1")), /^LOADING /);
    match(String(await asker.ask("DEBUG", "RELOAD")), /^LOADING /);
    match(String(await asker.ask("INFO", "persistence")), /^loading:1\r$/m);
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
