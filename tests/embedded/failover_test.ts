/**
 * FAILOVER, and continuing the stream after a restart, between embedded and real
 * servers.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";
import { Asker, sameContents } from "./asker.ts";
import { Folder } from "./folder.ts";
import { Member, until } from "./replication.ts";

const STARTS = {
  ours: (master?: Member) => Member.ours(master),
  real: (master?: Member) => Member.real(master),
};

type Kind = keyof typeof STARTS;

const PAIRS: readonly (readonly [from: Kind, to: Kind])[] = [
  ["ours", "ours"],
  ["ours", "real"],
  ["real", "ours"],
];

/** Writes until a write is refused; returns the number of successful writes. */
async function writeUntilRefused(member: Member): Promise<number> {
  using asker = await Asker.to(member);
  for (let n = 1;; n++) {
    const answer = await asker.ask("INCR", "n");
    if (answer === n) continue;
    match(String(answer), /^READONLY /);
    return n - 1;
  }
}

for (const [from, to] of PAIRS) {
  Deno.test(`FAILOVER, ${from} to ${to}: loses no write and needs no full sync`, async () => {
    await using old = await STARTS[from]();
    await using next = await STARTS[to](old);
    await using third = await Member.ours(old);
    await next.follows(old);
    await third.follows(old);
    const written = writeUntilRefused(old);
    await until(
      async () => Number(await old.ask("GET", "n")) > 20,
      "it writes",
    );
    equal(
      await old.ask("FAILOVER", "TO", "127.0.0.1", next.port),
      "OK",
    );
    const count = await written;
    await until(
      async () => await next.info("role") === "master",
      "the replica is the master",
    );
    await old.follows(next);
    equal(await next.ask("GET", "n"), String(count));
    equal(await old.info("master_failover_state"), "no-failover");
    equal(await next.info("sync_full"), "0");
    await next.ask("SET", "after", "v");
    await old.follows(next);
    sameContents(await old.contents(), await next.contents());
    // Then back, to the first replica that has the whole stream.
    equal(await next.ask("FAILOVER"), "OK");
    await next.follows(old);
    equal(
      await next.ask("SET", "k", "v").then(String).then((s) => s.slice(0, 8)),
      "READONLY",
    );
    // The replica of the old master still replicates it.
    await third.follows(old);
    equal(await third.info("role"), "slave");
  });
}

Deno.test("FAILOVER refuses what redis-server refuses", async () => {
  const commands = [
    ["FAILOVER"],
    ["FAILOVER", "ABORT"],
    ["FAILOVER", "TO", "127.0.0.1"],
    ["FAILOVER", "TO", "127.0.0.1", "x"],
    ["FAILOVER", "TO", "127.0.0.1", 1],
    ["FAILOVER", "TIMEOUT", 0],
    ["FAILOVER", "TIMEOUT", "x"],
    ["FAILOVER", "TIMEOUT", 1, "ABORT"],
    ["FAILOVER", "FORCE"],
    ["FAILOVER", "FORCE", "TIMEOUT", 5],
    ["FAILOVER", "FORCE", "FORCE"],
    ["FAILOVER", "MORE"],
    ["PSYNC", "?", -1, "FAILOVER"],
  ];
  const found: unknown[] = [];
  for (const kind of ["real", "ours"] as const) {
    await using master = await STARTS[kind]();
    const alone = await master.asker.all(commands);
    await using replica = await STARTS[kind](master);
    await replica.follows(master);
    found.push([
      alone,
      await master.asker.all(commands.slice(1, -1)),
      await replica.asker.all(commands),
    ]);
  }
  deepEqual(found[1], found[0]);
});

Deno.test("FAILOVER ends by timeout or ABORT, and FORCE continues after the timeout", async () => {
  await using master = await Member.ours();
  await using server = await TestServer.start({
    config: { replicaof: `127.0.0.1 ${master.port}` },
  });
  await until(
    async () => await master.info("connected_slaves") === "1",
    "it is copied",
  );
  const where = ["TO", "127.0.0.1", server.port];
  server.pause();
  await master.ask("SET", "k", 1);
  // All in one turn, before the timeout.
  const [begun, info, again] = await master.asker.all([
    ["FAILOVER", ...where, "TIMEOUT", 700],
    ["INFO", "replication"],
    ["FAILOVER"],
  ]);
  equal(begun, "OK");
  match(String(info), /^master_failover_state:waiting-for-sync\r$/m);
  match(String(again), /already in progress/);
  // The write was held back until then.
  equal(await master.ask("INCR", "k"), 2);
  equal(await master.info("master_failover_state"), "no-failover");
  equal(await master.ask("FAILOVER"), "OK");
  using other = await Asker.to(master);
  const held = other.ask("INCR", "k");
  equal(await master.ask("GET", "k"), "2");
  equal(await master.ask("FAILOVER", "ABORT"), "OK");
  equal(await held, 3);
  const words = [...where, "TIMEOUT", 100, "FORCE"];
  equal(await master.ask("FAILOVER", ...words), "OK");
  await until(
    async () =>
      await master.info("master_failover_state") === "failover-in-progress",
    "it goes on",
  );
  equal(await master.info("role"), "slave");
  server.resume();
  await until(
    async () => await master.info("master_link_status") === "up",
    "they changed places",
  );
  ok((await server.ask("ROLE")).includes("master"));
});

Deno.test("after a restart of our master its replicas continue the stream", async () => {
  await using folder = await Folder.make();
  const options = { dir: folder.path, save: "3600 1" };
  await using _first = await Member.ours(undefined, options);
  const { port } = _first;
  await using real = await Member.real(_first);
  await using ours = await Member.ours(_first);
  await real.follows(_first);
  await ours.follows(_first);
  await _first.asker.all([
    ["SELECT", 3],
    ["SET", "k", "v"],
    ["SET", "over", "v", "PX", 30],
  ]);
  await real.follows(_first);
  await ours.follows(_first);
  await _first.server[Symbol.asyncDispose]();
  await new Promise((resolve) => setTimeout(resolve, 40));
  await using again = await Member.ours(undefined, { ...options, port });
  await again.asker.all([["SELECT", 3], ["SET", "more", "v"], ["GET", "over"]]);
  for (const replica of [real, ours]) {
    await replica.follows(again);
    sameContents(await replica.contents(), await again.contents());
  }
  equal(await again.info("sync_full"), "0");
  equal(await again.info("sync_partial_ok"), "2");
});

Deno.test("a save within EXEC leads to a full sync after a restart", async () => {
  await using folder = await Folder.make();
  const options = { dir: folder.path, save: "" };
  await using first = await Member.ours(undefined, options);
  await using replica = await Member.ours(first);
  await replica.follows(first);
  await first.asker.all([
    ["MULTI"],
    ["SET", "k", "v"],
    ["BGSAVE"],
    ["EXEC"],
  ]);
  await replica.follows(first);
  const { port } = first;
  await first.server[Symbol.asyncDispose]();
  await using again = await Member.ours(undefined, { ...options, port });
  await replica.follows(again);
  equal(await again.info("sync_full"), "1");
  equal(await again.ask("GET", "k"), "v");
});

Deno.test("after a restart our replica continues the stream of a real master and of ours", async () => {
  for (const kind of ["real", "ours"] as const) {
    await using folder = await Folder.make();
    const options = { dir: folder.path, save: "3600 1" };
    await using master = await STARTS[kind]();
    {
      await using replica = await Member.ours(master, options);
      await replica.follows(master);
      await master.asker.all([["SELECT", 2], ["SET", "k", "v"]]);
      await replica.follows(master);
    }
    await master.asker.all([["SET", "missed", "v"], ["SELECT", 0]]);
    await using again = await Member.ours(master, options);
    await again.follows(master);
    sameContents(await again.contents(), await master.contents());
    equal(await master.info("sync_full"), "1");
    equal(await master.info("sync_partial_ok"), "1");
  }
});

Deno.test("after a restart a real replica continues the stream of our master", async () => {
  await using master = await Member.ours();
  await using server = await TestServer.start({
    config: { replicaof: `127.0.0.1 ${master.port}` },
  });
  const offset = () => master.info("master_repl_offset");
  const has = async () =>
    (await server.ask("INFO", "replication"))
      .includes(`slave_repl_offset:${await offset()}\r`);
  await master.asker.all([["SELECT", 2], ["SET", "k", "v"]]);
  await until(has, "the replica has the whole stream");
  await server.ask("SHUTDOWN", "SAVE").catch(() => {});
  await until(
    async () => await master.info("connected_slaves") === "0",
    "the replica is gone",
  );
  await master.ask("SET", "missed", "v");
  await server.restart();
  await until(has, "the replica has the whole stream again");
  equal(await master.info("sync_full"), "1");
  equal(await master.info("sync_partial_ok"), "1");
});
