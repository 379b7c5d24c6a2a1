/**
 * Replication between this server and a real one, in both directions.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Random } from "../resp/random.ts";
import type { EmbeddedOptions } from "../../lib/embedded/server.ts";
import { comparison } from "../support/compared_server.ts";
import { Asker, everyKind, sameContents } from "./asker.ts";
import { FAMILIES } from "./families.ts";
import { Folder } from "./folder.ts";
import { Member, until } from "./replication.ts";

/** Who copies whom; `newest` with a real server of the embedded one's version. */
const PAIRS: Record<string, {
  master: (options?: EmbeddedOptions) => Promise<Member>;
  replica: (master: Member, options?: EmbeddedOptions) => Promise<Member>;
  newest?: true;
}> = {
  "a real master, our replica": {
    master: () => Member.real(),
    replica: (master, options) => Member.ours(master, options),
  },
  "our master, a real replica": {
    master: (options) => Member.ours(undefined, options),
    replica: (master) => Member.real(master),
  },
  "our master, our replica": {
    master: (options) => Member.ours(undefined, options),
    replica: (master, options) => Member.ours(master, options),
    newest: true,
  },
  "a real master of our version, our replica": {
    master: () => Member.compared(),
    replica: (master, options) => Member.ours(master, options),
    newest: true,
  },
  "our master, a real replica of our version": {
    master: (options) => Member.ours(undefined, options),
    replica: (master) => Member.compared(master),
    newest: true,
  },
};

/** Writes some megabytes of data in thousands of keys. */
async function fillLarge({ asker }: Member): Promise<void> {
  const value = "0123456789abcdef".repeat(16);
  for (let part = 0; part < 10; part++) {
    await asker.all(
      Array.from({ length: 1000 }, (_, i) => ["SET", `k:${part}:${i}`, value]),
    );
  }
  await asker.ask("SET", "large", value.repeat(10_000));
}

for (
  const [pair, { master: startMaster, replica: startReplica, newest }] of Object
    .entries(PAIRS)
) {
  const test = newest && pair.includes("real") ? comparison : Deno.test;
  test(`${pair}: all types are copied, and what is written then`, async () => {
    await using master = await startMaster();
    await master.asker.all(everyKind());
    await using replica = await startReplica(master);
    await replica.follows(master);
    sameContents(await replica.contents(), await master.contents());
    await master.asker.all([
      ["SELECT", 7],
      ["SET", "late", "v", "EX", 1000],
      ["MULTI"],
      ["INCR", "n"],
      ["SELECT", 2],
      ["INCR", "n"],
      ["EXEC"],
      ["SELECT", 0],
      ["SET", "gone", "v", "PX", 1],
      ["RPUSH", "list", 1, 2, 3],
      ["LPOP", "list"],
      ["SPOP", "set:text", 3],
      ["SWAPDB", 3, 4],
    ]);
    await replica.follows(master);
    await until(
      async () => await replica.ask("GET", "gone") === null,
      "the key has expired on both",
    );
    sameContents(await replica.contents(), await master.contents());
  });

  test(`${pair}: random commands come to the same`, async () => {
    await using master = await startMaster();
    await using replica = await startReplica(master);
    await replica.follows(master);
    const families = FAMILIES.filter((family) => newest || !family.newest);
    for (const [i, family] of families.entries()) {
      const random = new Random(i);
      const commands = Array.from(
        { length: 150 },
        () => family.generate(random),
      ).filter(([name]) => !/^(BL|BR|BZ|X?READ|SUBSCR|WAIT)/i.test(name!));
      await master.ask("SELECT", i);
      await master.asker.all(commands);
      await replica.follows(master);
    }
    sameContents(await replica.contents(), await master.contents());
  });

  test(`${pair}: it is filled while it is written to, and goes on where it was`, async () => {
    await using master = await startMaster();
    await fillLarge(master);
    await using replica = await startReplica(master);
    for (let i = 0; i < 200; i++) await master.ask("INCR", "count");
    await replica.follows(master);
    equal(await replica.ask("GET", "count"), "200");
    equal(await master.info("sync_full"), "1");
    for (let round = 1; round <= 3; round++) {
      await master.ask("CLIENT", "KILL", "TYPE", "REPLICA");
      await master.asker.all(
        Array.from({ length: 100 }, (_, i) => ["SET", `new:${round}:${i}`, i]),
      );
      await replica.follows(master);
      equal(await master.info("sync_partial_ok"), String(round));
    }
    equal(await master.info("sync_full"), "1");
    const keys = (await master.ask("KEYS", "*") as string[]).sort();
    ok(keys.length > 10_000);
    deepEqual((await replica.ask("KEYS", "*") as string[]).sort(), keys);
    deepEqual(
      await replica.ask("MGET", ...keys),
      await master.ask("MGET", ...keys),
    );
  });

  if (newest) {
    test(`${pair}: WAITAOF waits until writes are on the disks of both`, async () => {
      await using here = await Folder.make();
      await using there = await Folder.make();
      await using master = await startMaster({ dir: here.path, save: "" });
      await using replica = await startReplica(master, {
        dir: there.path,
        save: "",
      });
      await replica.follows(master);
      await master.ask("SET", "k", 1);
      match(
        String(await master.ask("WAITAOF", 1, 0, 0)),
        /^ERR WAITAOF cannot/,
      );
      deepEqual(await master.ask("WAITAOF", 0, 1, 20), [0, 0]);
      for (const { asker } of [master, replica]) {
        equal(await asker.ask("CONFIG", "SET", "appendonly", "yes"), "OK");
      }
      await master.ask("SET", "k", 2);
      deepEqual(await master.ask("WAITAOF", 1, 1, 0), [1, 1]);
      deepEqual(await master.ask("WAITAOF", 1, 2, 20), [1, 1]);
      match(
        String(await replica.ask("WAITAOF", 0, 0, 0)),
        /^ERR WAITAOF cannot be used with replica instances/,
      );
    });
  }

  test(`${pair}: a replica says who it is and refuses writes`, async () => {
    await using master = await startMaster();
    // No PINGs: one between two questions would change the offset.
    await master.ask("CONFIG", "SET", "repl-ping-replica-period", 3600);
    await using replica = await startReplica(master);
    await replica.follows(master);
    await master.ask("SET", "k", 1);
    equal(await master.ask("WAIT", 1, 0), 1);
    equal(await master.ask("WAIT", 2, 20), 1);
    equal(await replica.ask("GET", "k"), "1");
    equal(
      await replica.ask("SET", "k", 2),
      "READONLY You can't write against a read only replica.",
    );
    match(String(await replica.ask("WAIT", 1, 1)), /^ERR WAIT cannot be used/);
    await replica.follows(master);
    const offset = Number(await master.info("master_repl_offset"));
    deepEqual(
      await replica.ask("ROLE"),
      ["slave", "127.0.0.1", master.port, "connected", offset],
    );
    const [role, , replicas] = await master.ask("ROLE") as unknown[];
    equal(role, "master");
    deepEqual(
      (replicas as string[][]).map(([host, port]) => [host, port]),
      [["127.0.0.1", String(replica.port)]],
    );
    match(
      (await master.info("slave0"))!,
      new RegExp(`^ip=127.0.0.1,port=${replica.port},state=online,offset=`),
    );
    equal(await master.info("connected_slaves"), "1");
    match(String(await master.ask("CLIENT", "LIST")), / flags=S /);
  });

  test(`${pair}: messages reach who listens to the replica`, async () => {
    await using master = await startMaster();
    await using replica = await startReplica(master);
    await replica.follows(master);
    using listener = await Asker.to(replica);
    await listener.ask("SUBSCRIBE", "news");
    equal(await master.ask("PUBLISH", "news", "one"), 0);
    deepEqual(await listener.next(), ["message", "news", "one"]);
    await master.asker.all([["MULTI"], ["SET", "k", 1], [
      "PUBLISH",
      "news",
      "two",
    ], ["EXEC"]]);
    deepEqual(await listener.next(), ["message", "news", "two"]);
    await replica.follows(master);
    equal(await replica.ask("GET", "k"), "1");
  });

  test(`${pair}: a replica hides what expired and leaves it to its master`, async () => {
    await using master = await startMaster();
    await using replica = await startReplica(master);
    await master.ask("DEBUG", "SET-ACTIVE-EXPIRE", 0);
    await master.asker.all([["SET", "k", 1, "PX", 30], ["SET", "other", 1]]);
    await replica.follows(master);
    await until(
      async () => await replica.ask("GET", "k") === null,
      "the key is hidden",
    );
    equal(await replica.ask("EXISTS", "k"), 0);
    deepEqual(await replica.ask("KEYS", "*"), ["other"]);
    equal(await replica.ask("RANDOMKEY"), "other");
    equal(await replica.ask("TTL", "k"), -2);
    equal(await replica.ask("DBSIZE"), 2);
    equal(await master.ask("GET", "k"), null);
    await replica.follows(master);
    equal(await replica.ask("DBSIZE"), 1);
  });
}

Deno.test("a full sync from a real master works with a length and with an end mark", async () => {
  for (const diskless of ["yes", "no"]) {
    await using master = await Member.real(undefined, {
      "repl-diskless-sync": diskless,
    });
    await fillLarge(master);
    await using replica = await Member.ours(master);
    await replica.follows(master);
    equal(await replica.ask("DBSIZE"), 10_001);
    ok(await replica.ask("GET", "large") === await master.ask("GET", "large"));
  }
});

Deno.test("a replica authenticates to its master", async () => {
  await using master = await Member.real(undefined, {
    requirepass: "secret",
    user: "ann on >hers ~* &* +psync +replconf +ping",
    masterauth: "secret",
  });
  await master.ask("AUTH", "secret");
  await master.ask("SET", "k", "v");
  for (
    const config of [
      { masterauth: "secret" },
      { masteruser: "ann", masterauth: "hers" },
    ]
  ) {
    await using replica = await Member.ours(master, { config });
    await replica.follows(master);
    equal(await replica.ask("GET", "k"), "v");
  }
  await using stranger = await Member.ours(master, {
    config: { masterauth: "wrong" },
  });
  await until(
    async () => String(await master.ask("ACL", "LOG")).includes("auth"),
    "the password was refused",
  );
  equal(await stranger.info("master_link_status"), "down");
  await until(
    async () =>
      /-WRONGPASS/.test(await stranger.info("master_link_error") ?? ""),
    "it says so",
  );
  equal(await stranger.ask("DBSIZE"), 0);
});

Deno.test("a replica reconnects to a master that is back", async () => {
  await using master = await Member.real();
  await master.ask("SET", "k", "before");
  await using replica = await Member.ours(master);
  await replica.follows(master);
  const { server } = master;
  if (!("restart" in server)) throw new Error("It is a real server");
  await server.kill();
  await until(
    async () => await replica.info("master_link_status") === "down",
    "the loss is noticed",
  );
  equal(await replica.ask("GET", "k"), "before");
  await server.startAgain();
  using asker = await Asker.to(master);
  await asker.ask("SET", "k", "after");
  await until(
    async () => await replica.ask("GET", "k") === "after",
    "the new data is there",
  );
});
