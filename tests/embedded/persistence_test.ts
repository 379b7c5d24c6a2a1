/**
 * Snapshots: a real server's files and ours, each loaded by the other.
 *
 * @module
 */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { comparedServer, comparison } from "../support/compared_server.ts";
import { TestServer } from "../support/test_server.ts";
import { Asker, contents, everyKind, sameContents } from "./asker.ts";
import { Folder } from "./folder.ts";

function soon(ms = 5): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Fills a server with data of every kind; returns its content. */
async function fill(asker: Asker): Promise<Map<string, unknown>> {
  await asker.all(everyKind());
  const all = await contents(asker);
  ok(all.size > 50);
  return all;
}

Deno.test("each server loads the other's dump.rdb", async () => {
  await using folder = await Folder.make();
  let before: Map<string, unknown>;
  {
    await using real = await TestServer.start({ config: { dir: folder.path } });
    using theirs = await Asker.to(real);
    before = await fill(theirs);
    equal(await theirs.ask("SAVE"), "OK");
  }
  {
    await using embedded = await EmbeddedServer.create({ dir: folder.path });
    using ours = await Asker.within(embedded);
    sameContents(await contents(ours), before);
    await ours.ask("SET", "more", "from here");
    before = await contents(ours);
    equal(await ours.ask("SAVE"), "OK");
  }
  {
    await using real = await TestServer.start({ config: { dir: folder.path } });
    using theirs = await Asker.to(real);
    sameContents(await contents(theirs), before);
  }
});

comparison(
  "a dump.rdb of our version, with what a stream remembers of producers, is loaded here, and ours there",
  async () => {
    const program = await comparedServer();
    await using folder = await Folder.make();
    const add = ["XADD", "sent", "IDMP", "p", "m", "*", "f", "v"];
    let before: Map<string, unknown>;
    let id: unknown;
    const start = () =>
      TestServer.start({ program, config: { dir: folder.path } });
    {
      await using real = await start();
      using theirs = await Asker.to(real);
      id = await theirs.ask(...add);
      equal(
        await theirs.ask("XCFGSET", "kept", "IDMP-DURATION", 5),
        "ERR no such key",
      );
      await theirs.ask("XADD", "kept", "1-1", "f", "v");
      equal(await theirs.ask("XCFGSET", "kept", "IDMP-DURATION", 5), "OK");
      before = await fill(theirs);
      equal(await theirs.ask("SAVE"), "OK");
    }
    {
      await using embedded = await EmbeddedServer.create({ dir: folder.path });
      using ours = await Asker.within(embedded);
      sameContents(await contents(ours), before);
      equal(await ours.ask(...add), id);
      equal(await ours.ask("XLEN", "sent"), 1);
      const payload = await ours.ask("DUMP", "sent") as string;
      equal(await ours.ask("RESTORE", "copy", 0, payload), "OK");
      equal(await ours.ask("XADD", "copy", ...add.slice(2)), id);
      before = await contents(ours);
      equal(await ours.ask("SAVE"), "OK");
    }
    match(await Deno.readTextFile(`${folder.path}/dump.rdb`), /^REDIS0013/);
    {
      await using real = await start();
      using theirs = await Asker.to(real);
      sameContents(await contents(theirs), before);
      equal(await theirs.ask(...add), id);
    }
  },
);

Deno.test("a snapshot is made at the end, and not when it is not wanted", async () => {
  await using folder = await Folder.make();
  const add = async (save?: string) => {
    await using embedded = await EmbeddedServer.create({
      dir: folder.path,
      ...save !== undefined && { save },
    });
    using ours = await Asker.within(embedded);
    return await ours.ask("INCR", "n");
  };
  equal(await add(), 1);
  equal(await add(""), 2);
  equal(await add(), 2);
  equal(await add(), 3);
  deepEqual(await folder.list(), ["dump.rdb"]);
});

Deno.test("SHUTDOWN follows SAVE and NOSAVE", async () => {
  await using folder = await Folder.make();
  const shutDown = async (save: string, ...words: string[]) => {
    await using embedded = await EmbeddedServer.create({
      dir: folder.path,
      save,
    });
    using ours = await Asker.within(embedded);
    const value = await ours.ask("INCR", "n");
    await rejects(ours.ask("SHUTDOWN", ...words));
    await embedded.closed;
    return value;
  };
  equal(await shutDown("", "SAVE"), 1);
  equal(await shutDown("100 100", "NOSAVE"), 2);
  equal(await shutDown("100 100"), 2);
  equal(await shutDown(""), 3);
});

Deno.test("BGSAVE saves the data at the time of the command", async () => {
  await using folder = await Folder.make();
  {
    await using embedded = await EmbeddedServer.create({
      dir: folder.path,
      save: "",
    });
    using ours = await Asker.within(embedded);
    // All in one tick: the file is not written yet.
    const [info, ...answers] = (await ours.all([
      ["SET", "k", "before"],
      ["BGSAVE"],
      ["SET", "k", "after"],
      ["BGSAVE"],
      ["BGSAVE", "NONSENSE"],
      ["INFO", "persistence"],
    ])).toReversed();
    deepEqual(answers.toReversed(), [
      "OK",
      "Background saving started",
      "OK",
      "ERR Background save already in progress",
      "ERR syntax error",
    ]);
    match(info as string, /rdb_bgsave_in_progress:1/);
  }
  await using embedded = await EmbeddedServer.create({ dir: folder.path });
  using ours = await Asker.within(embedded);
  equal(await ours.ask("GET", "k"), "before");
  ok(await ours.ask("LASTSAVE") as number > 1.7e9);
});

Deno.test("a save point triggers a snapshot", async () => {
  await using folder = await Folder.make();
  await using embedded = await EmbeddedServer.create({
    dir: folder.path,
    save: "1 2",
  });
  using ours = await Asker.within(embedded);
  await ours.all([["SET", "a", 1], ["SET", "b", 2]]);
  while ((await folder.list()).join() !== "dump.rdb") {
    await soon();
  }
  while (
    !/rdb_changes_since_last_save:0/.test(
      await ours.ask("INFO", "persistence") as string,
    )
  ) await soon();
});

Deno.test("nothing is saved without a directory", async () => {
  await using embedded = await EmbeddedServer.create();
  using ours = await Asker.within(embedded);
  for (const command of ["SAVE", "BGSAVE", "BGREWRITEAOF"]) {
    equal(
      await ours.ask(command),
      "ERR This server has no directory to save to",
    );
  }
  equal(
    await ours.ask("CONFIG", "SET", "appendonly", "yes"),
    "ERR CONFIG SET failed (possibly related to argument 'appendonly') - there is no directory to save to",
  );
  await rejects(
    EmbeddedServer.create({ appendonly: true }),
    /Cannot configure "appendonly": there is no directory to save to/,
  );
});

Deno.test("impossible options are refused at startup", async () => {
  await using folder = await Folder.make();
  const dir = folder.path;
  await rejects(
    EmbeddedServer.create({ dir: `${dir}/none` }),
    /Cannot keep data in ".*none": it is not a directory/,
  );
  await rejects(
    EmbeddedServer.create({ dir, save: "3600" }),
    /Cannot configure "save": Invalid save parameters/,
  );
  await rejects(
    EmbeddedServer.create({ dir, config: { dbfilename: "../dump.rdb" } }),
    /Cannot configure "dbfilename"/,
  );
  deepEqual(await folder.list(), []);
});

Deno.test("DEBUG RELOAD leaves the data as it was", async () => {
  await using embedded = await EmbeddedServer.create();
  using ours = await Asker.within(embedded);
  const before = await fill(ours);
  equal(await ours.ask("DEBUG", "RELOAD"), "OK");
  sameContents(await contents(ours), before);
});

Deno.test("a corrupt file is refused and not overwritten", async () => {
  await using folder = await Folder.make();
  {
    await using embedded = await EmbeddedServer.create({ dir: folder.path });
    using ours = await Asker.within(embedded);
    await ours.all([["SET", "key", "value"], ["SAVE"]]);
  }
  const good = await folder.read("dump.rdb");
  const refuses = async (bytes: Uint8Array, message: RegExp) => {
    await folder.write("dump.rdb", bytes);
    await rejects(EmbeddedServer.create({ dir: folder.path }), message);
    deepEqual(await folder.read("dump.rdb"), bytes);
  };
  const changed = good.slice();
  changed[good.length - 12]! ^= 1;
  await refuses(changed, /Cannot load dump\.rdb: .*wrong checksum/);
  await refuses(good.subarray(0, 40), /ends in the middle/);
  await refuses(new TextEncoder().encode("nonsense!"), /is not an RDB file/);
  const newer = good.slice();
  newer[7] = 0x39;
  await refuses(newer, /version 90/);
});

Deno.test("keys that have expired are not loaded from a snapshot", async () => {
  await using folder = await Folder.make();
  {
    await using embedded = await EmbeddedServer.create({ dir: folder.path });
    using ours = await Asker.within(embedded);
    await ours.all([["SET", "k", "v", "PX", 20], ["SET", "l", "v"], ["SAVE"]]);
    await ours.ask("SHUTDOWN", "NOSAVE").catch(() => {});
  }
  await soon(30);
  await using embedded = await EmbeddedServer.create({ dir: folder.path });
  using ours = await Asker.within(embedded);
  equal(await ours.ask("DBSIZE"), 1);
});

Deno.test("fields that expire are kept in a snapshot", async () => {
  await using folder = await Folder.make();
  {
    await using embedded = await EmbeddedServer.create({ dir: folder.path });
    using ours = await Asker.within(embedded);
    await ours.ask("HSET", "h", "a", 1, "b", 2);
    await ours.ask("HPEXPIREAT", "h", 4102444800123, "FIELDS", 1, "a");
  }
  await using embedded = await EmbeddedServer.create({ dir: folder.path });
  using ours = await Asker.within(embedded);
  deepEqual(
    await ours.ask("HPEXPIRETIME", "h", "FIELDS", 2, "a", "b"),
    [4102444800123, -1],
  );
});

Deno.test("a snapshot that fails stops writes, as in Redis", async () => {
  await using folder = await Folder.make();
  await using embedded = await EmbeddedServer.create({
    dir: folder.path,
    save: "1000 1000",
  });
  using ours = await Asker.within(embedded);
  await ours.ask("SET", "k", "v");
  // A file cannot replace a directory.
  await folder.write("dump.rdb/file", "");
  equal(await ours.ask("BGSAVE"), "Background saving started");
  while (!/^MISCONF Redis is/.test(String(await ours.ask("PING")))) {
    await soon();
  }
  match(String(await ours.ask("SET", "k", "v")), /^MISCONF Redis is/);
  equal(await ours.ask("GET", "k"), "v");
  match(String(await ours.ask("SHUTDOWN")), /^ERR Errors trying to SHUTDOWN/);
  await ours.ask("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
  equal(await ours.ask("SET", "k", "w"), "OK");
  await Deno.remove(`${folder.path}/dump.rdb`, { recursive: true });
  equal(await ours.ask("SAVE"), "OK");
});
