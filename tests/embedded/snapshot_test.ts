/**
 * Snapshots in slices: the data of one moment, whatever changes meanwhile, and
 * without blocking clients for long.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { makePipe } from "../../lib/embedded/base/pipe.ts";
import { Core } from "../../lib/embedded/core.ts";
import { loadRdb, saveRdb } from "../../lib/embedded/rdb/file.ts";
import { dump } from "../../lib/embedded/rdb/payload.ts";
import { Snapshot } from "../../lib/embedded/rdb/snapshot.ts";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { joinBytes } from "../../lib/resp/bytes.ts";
import { Random } from "../resp/random.ts";
import { Asker, everyKind } from "./asker.ts";
import { Folder } from "./folder.ts";

/** The content of a file, by database and key. */
function contentsOf(bytes: Uint8Array): Map<string, unknown> {
  const found = new Map<string, unknown>();
  loadRdb(bytes, ({ db, key, value, expiry }) => {
    const name = `${db} ${key}`;
    ok(!found.has(name), `${name} is there twice`);
    found.set(name, [expiry, dump(value)]);
  });
  return found;
}

/** A random command that changes one key of `everyKind()`, or all. */
function randomChange(random: Random, keys: readonly string[]): string[] {
  const key = keys[random.below(keys.length)]!;
  const other = keys[random.below(keys.length)]!;
  const n = String(random.below(1000));
  const changes: string[][] = [
    ["SET", key, n],
    ["SET", key, n, "KEEPTTL"],
    ["APPEND", key, n],
    ["SETRANGE", key, "3", n],
    ["SETBIT", key, n, "1"],
    ["INCR", key],
    ["DEL", key],
    ["UNLINK", key],
    ["GETDEL", key],
    ["RENAME", key, other],
    ["COPY", key, other, "REPLACE"],
    ["MOVE", key, "9"],
    ["PEXPIRE", key, "100000"],
    ["PEXPIRE", key, "-1"],
    ["PERSIST", key],
    ["RPUSH", key, n],
    ["LPOP", key],
    ["LSET", key, "0", n],
    ["LREM", key, "0", n],
    ["LTRIM", key, "1", "-2"],
    ["LMOVE", key, other, "LEFT", "RIGHT"],
    ["SADD", key, n],
    ["SPOP", key],
    ["SREM", key, n],
    ["SMOVE", key, other, n],
    ["HSET", key, n, n],
    ["HDEL", key, "f0", n],
    ["HINCRBY", key, "n", "1"],
    ["HPEXPIRE", key, "100000", "FIELDS", "1", n],
    ["ZADD", key, n, n],
    ["ZPOPMIN", key],
    ["ZREMRANGEBYRANK", key, "0", "1"],
    ["ZUNIONSTORE", key, "1", other],
    ["SORT", other, "ALPHA", "STORE", key],
    ["XADD", key, "*", "f", n],
    ["XTRIM", key, "MAXLEN", "100"],
    ["XREADGROUP", "GROUP", "one", "ann", "COUNT", "1", "STREAMS", key, ">"],
    ["XACK", key, "one", "1005-2"],
    ["XGROUP", "CREATE", key, n, "0"],
    ["PFADD", key, n],
    ["PFCOUNT", key],
    ["GET", key],
    ["HGETALL", key],
    ["SMEMBERS", key],
  ];
  if (random.below(200) === 0) return ["SWAPDB", "0", "9"];
  if (random.below(2000) === 0) return ["FLUSHDB"];
  return changes[random.below(changes.length)]!;
}

Deno.test("a snapshot has the data of its start, whatever changes meanwhile", async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Random(seed);
    const core = new Core();
    const [ours, theirs] = makePipe();
    const served = core.sessions.serve(ours);
    {
      using asker = new Asker(theirs);
      await asker.all(everyKind());
      const many = (kind: string, from: number) => [
        kind,
        `large:${kind}`,
        ...Array.from({ length: 10_000 }, (_, i) => String(from + i)),
      ];
      await asker.all([many("RPUSH", 0), many("SADD", 5), many("HSET", 0)]);
      await asker.ask("ZUNIONSTORE", "large:ZADD", "1", "large:SADD");
      await asker.all(
        Array.from({ length: 300 }, (_, i) => ["SET", `k${i}`, i, "EX", 1000]),
      );
      const keys = core.databases[0]!.keys.keys().slice();
      const options = { now: core.now, base: false };
      const expected = contentsOf(
        joinBytes([...saveRdb(core.databases, options)]),
      );
      const snapshot = new Snapshot(core.databases, options, { marks: true });
      for (const db of core.databases) db.snapshot = snapshot;
      const parts: Uint8Array[] = [];
      // A budget that is already used up gives the most slices.
      for (let part = snapshot.next(-1); part !== null;) {
        parts.push(part);
        const changes = Array.from(
          { length: random.below(20) },
          () => randomChange(random, keys),
        );
        await asker.all(changes);
        part = snapshot.next(-1);
      }
      for (const db of core.databases) db.snapshot = null;
      const found = contentsOf(joinBytes(parts));
      deepEqual([...found.keys()].sort(), [...expected.keys()].sort());
      for (const [name, content] of expected) {
        deepEqual(found.get(name), content, `seed ${seed}: ${name}`);
      }
    }
    await served;
    core.close();
  }
});

Deno.test("a BGSAVE waits for the end of a BGREWRITEAOF", async () => {
  await using folder = await Folder.make();
  const options = { dir: folder.path, appendonly: true };
  {
    await using server = await EmbeddedServer.create(options);
    using asker = await Asker.within(server);
    await fill(asker, 100);
    equal(
      await asker.ask("BGREWRITEAOF"),
      "Background append only file rewriting started",
    );
    equal(await asker.ask("BGSAVE"), "Background saving scheduled");
    await asker.ask("SET", "after", 1);
  }
  await using server = await EmbeddedServer.create(options);
  using asker = await Asker.within(server);
  equal(await asker.ask("DBSIZE"), 100_001);
  equal(await asker.ask("GET", "99:999"), "999");
});

Deno.test("clients are answered again and again while a snapshot is made", async () => {
  await using folder = await Folder.make();
  await using server = await EmbeddedServer.create({
    dir: folder.path,
    save: "",
  });
  using asker = await Asker.within(server);
  await fill(asker, 300);
  await asker.ask("BGSAVE");
  let answers = 0;
  const isSaving = async () =>
    String(await asker.ask("INFO", "persistence"))
      .includes("rdb_bgsave_in_progress:1");
  while (await isSaving()) answers++;
  // Each slice takes 8 ms at most; `stalls_test.ts` shows how long one blocks.
  ok(answers > 5, `${answers} answers`);
});

/** Adds thousands of keys. */
async function fill(asker: Asker, thousands: number): Promise<void> {
  for (let i = 0; i < thousands; i++) {
    await asker.all(
      Array.from({ length: 1000 }, (_, j) => ["SET", `${i}:${j}`, j]),
    );
  }
}
