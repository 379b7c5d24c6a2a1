/**
 * Replicas of replicas, promotions, and broken links.
 */

import {
  deepEqual,
  equal,
  match,
  notEqual,
  ok,
  rejects,
} from "node:assert/strict";
import { Core } from "../../lib/embedded/core.ts";
import { saveRdb } from "../../lib/embedded/rdb/file.ts";
import { dial, listen } from "../../lib/net/tcp.ts";
import type { Transport } from "../../lib/net/transport.ts";
import { binaryToBytes, toBinary } from "../../lib/resp/binary.ts";
import { comparison } from "../support/compared_server.ts";
import { Asker, everyKind, sameContents } from "./asker.ts";
import { Folder } from "./folder.ts";
import { comparePlays } from "./play.ts";
import { Member, until } from "./replication.ts";

comparison("replication commands reply as in Redis", async (t) => {
  await comparePlays(t, 2, {
    "REPLCONF": [
      "a REPLCONF; REPLCONF a; REPLCONF foo 1; REPLCONF listening-port x",
      "a REPLCONF capa eof capa psync2 capa other; REPLCONF ip-address 1.2.3.4",
      "a REPLCONF listening-port 77; REPLCONF rdb-only 1; REPLCONF rdb-only x",
    ],
    "PSYNC": [
      "a PSYNC; PSYNC abc x; PSYNC ? -1; SYNC",
      "a PSYNC abc x",
      "a MULTI; PSYNC ? -1; SYNC; EXEC",
    ],
    "REPLICAOF": [
      "a REPLICAOF; REPLICAOF 127.0.0.1; REPLICAOF x y; REPLICAOF x 70000",
      "a REPLICAOF no one; SLAVEOF NO ONE; REPLICAOF NO 1",
      "a REPLICAOF NO ONE",
    ],
    "a replica without its master": [
      "a SET k 1; MULTI; SET k 2",
      "b REPLICAOF 127.0.0.1 1; REPLICAOF 127.0.0.1 1; SLAVEOF 127.0.0.1 1",
      "a EXEC; SET k 3; GET k; MULTI; SET k 4; EXEC; MULTI; GET k; EXEC",
      "a WAIT 1 1; PSYNC ? -1; SYNC; CONFIG GET replicaof",
      "a PUBLISH c m; DEL k; FLUSHALL; EXISTS k; PFCOUNT k",
      "b REPLICAOF NO ONE",
      "a SET k 5; CONFIG GET replicaof",
    ],
    "a writable replica": [
      "b CONFIG SET replica-read-only no; REPLICAOF 127.0.0.1 1",
      "a SET k 1; INCR k; SET gone 1 PXAT 1; EXISTS gone; DBSIZE",
      "b REPLICAOF NO ONE; CONFIG SET replica-read-only yes",
    ],
    "too few replicas": [
      "a CONFIG SET min-replicas-to-write 1; SET k 1; GET k; SETNX; PING",
      "a MULTI; GET k; EXEC; MULTI; SET k 1; GET k; EXEC",
      "a CONFIG SET min-replicas-max-lag 0; SET k 2",
      "a CONFIG SET min-replicas-max-lag 5; DEL k; CONFIG GET min-replicas-max-lag",
      "b REPLICAOF 127.0.0.1 1",
      "a SET k 3",
      "b REPLICAOF NO ONE; CONFIG SET min-replicas-to-write 0",
      "a SET k 4",
    ],
    "WAIT": [
      "a WAIT; WAIT x 1; WAIT 1 x; WAIT 1 -1; WAIT 0 0; WAIT 1 1; WAIT -1 0",
      "a MULTI; WAIT 1 0; EXEC",
    ],
  });
});

Deno.test("a chain of servers of both kinds has the same data", async () => {
  await using first = await Member.real();
  await first.asker.all(everyKind());
  await using second = await Member.ours(first);
  await second.follows(first);
  await using third = await Member.ours(second);
  await using fourth = await Member.real(second);
  await third.follows(second);
  await fourth.follows(second);
  await using fifth = await Member.ours(fourth);
  await fifth.follows(fourth);
  using listener = await Asker.to(fifth);
  await listener.ask("SUBSCRIBE", "news");
  await first.asker.all([
    ["SELECT", 5],
    ["SET", "k", "v"],
    ["MULTI"],
    ["INCR", "n"],
    ["INCR", "n"],
    ["EXEC"],
    ["SELECT", 0],
    ["PUBLISH", "news", "hello"],
  ]);
  deepEqual(await listener.next(), ["message", "news", "hello"]);
  const expected = await first.contents();
  for (const replica of [second, third, fourth, fifth]) {
    await replica.follows(first);
    sameContents(await replica.contents(), expected);
  }
  equal(await first.ask("WAIT", 1, 0), 1);
});

Deno.test("a replica that joins mid-stream has the right database selected", async () => {
  await using first = await Member.ours();
  await using second = await Member.ours(first);
  await second.follows(first);
  await first.asker.all([["SELECT", 4], ["SET", "a", 1]]);
  await second.follows(first);
  await using third = await Member.ours(second);
  await using fourth = await Member.real(second);
  await third.follows(second);
  await fourth.follows(second);
  // The stream sends no SELECT: it still has that database selected.
  await first.ask("SET", "b", 2);
  for (const replica of [third, fourth]) {
    await replica.follows(first);
    await replica.ask("SELECT", 4);
    deepEqual(await replica.ask("MGET", "a", "b"), ["1", "2"]);
  }
  // Nor does it send one when a replica changes its master.
  await third.ask("REPLICAOF", "127.0.0.1", first.port);
  await third.follows(first);
  await first.ask("SET", "c", 3);
  await third.follows(first);
  equal(await third.ask("GET", "c"), "3");
  equal(await first.info("sync_partial_ok"), "1");
});

for (const kind of ["real", "ours"] as const) {
  Deno.test(`a replica becomes the master, and its replicas continue the stream (${kind})`, async () => {
    await using old = await Member[kind]();
    // No PINGs: a PING after the link breaks would be missing on the new master.
    await old.ask("CONFIG", "SET", "repl-ping-replica-period", 3600);
    await old.ask("SET", "k", 1);
    await using next = await Member.ours(old);
    await next.follows(old);
    await using follower = await Member.real(next);
    await using other = await Member.ours(next);
    await follower.follows(next);
    await other.follows(next);
    const id = await old.info("master_replid");
    equal(await next.ask("REPLICAOF", "NO", "ONE"), "OK");
    equal(await next.ask("SET", "k", 2), "OK");
    equal(await next.info("role"), "master");
    equal(await next.info("master_replid2"), id);
    await follower.follows(next);
    await other.follows(next);
    equal(await follower.ask("GET", "k"), "2");
    equal(await other.ask("GET", "k"), "2");
    equal(await next.info("sync_partial_ok"), "2");
    // The old master has no data that the new one lacks.
    await old.ask("REPLICAOF", "127.0.0.1", next.port);
    await old.follows(next);
    equal(await old.ask("GET", "k"), "2");
    equal(await next.info("sync_partial_ok"), "3");
  });
}

Deno.test("a replica that was away for too long does a full sync", async () => {
  await using master = await Member.ours(undefined, {
    config: { "repl-backlog-size": "16384" },
  });
  await using replica = await Member.real(master);
  await replica.follows(master);
  await using second = await Member.ours(replica);
  await second.follows(replica);
  await replica.ask("REPLICAOF", "127.0.0.1", 1);
  await master.asker.all(
    Array.from({ length: 1000 }, (_, i) => ["SET", `k:${i}`, "x".repeat(50)]),
  );
  await replica.ask("REPLICAOF", "127.0.0.1", master.port);
  await replica.follows(master);
  await second.follows(master);
  equal(await second.ask("DBSIZE"), 1000);
  equal(await master.info("sync_full"), "2");
  equal(await master.info("sync_partial_err"), "1");
  equal(await master.info("repl_backlog_histlen"), "16384");
});

const SLOW_WRITE = `
redis.call("INCR", KEYS[1])
for i = 1, 1e6 do end
return redis.call("INCR", KEYS[1])`;

Deno.test("WAIT counts the replicas that have the session's writes", async () => {
  await using master = await Member.ours();
  equal(await master.ask("WAIT", 1, 10), 0);
  await using one = await Member.ours(master);
  await using two = await Member.real(master);
  await using other = await Member.ours();
  await master.ask("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
  await one.follows(master);
  await two.follows(master);
  // By themselves replicas acknowledge every second: behind one acknowledgement the
  // next would take as long. One of these rounds is short even on a busy machine.
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    await master.ask("SET", "k", 1);
    const began = Date.now();
    equal(await master.ask("WAIT", 2, 0), 2);
    times.push(Date.now() - began);
  }
  ok(
    Math.min(...times.slice(1)) < 500,
    `replicas must acknowledge on request: ${times} ms`,
  );
  // A session without new writes does not wait.
  using idle = await Asker.to(master);
  equal(await idle.ask("WAIT", 0, 0), 2);
  const inExec = [["MULTI"], ["INCR", "k"], ["WAIT", 5, 0], ["EXEC"]];
  match(String((await master.asker.all(inExec)).at(-1)), /^2,[012]$/);
  if (!("kill" in two.server)) throw new Error("It is a real server");
  two.server.pause();
  await master.ask("INCR", "k");
  equal(await master.ask("WAIT", 1, 0), 1);
  equal(await master.ask("WAIT", 2, 100), 1);
  // Commands that write and take several turns.
  await master.ask("CONFIG", "SET", "busy-reply-threshold", 1);
  const writes = [
    ["XREADGROUP", "GROUP", "g", "c", "BLOCK", 1, "NOACK", "STREAMS", "s", ">"],
    ["EVAL", SLOW_WRITE, 1, "k"],
    ["MIGRATE", "127.0.0.1", other.server.port, "k", 0, 60_000],
  ];
  for (const write of writes) {
    two.server.resume();
    await master.ask("SET", "k", 1);
    await until(async () => {
      const info = String(await master.ask("INFO", "replication"));
      const [, offset] = /master_repl_offset:(\d+)/.exec(info)!;
      return info.split(`offset=${offset},`).length === 3;
    }, "both have acknowledged everything");
    two.server.pause();
    using session = await Asker.to(master);
    await session.ask(...write as [string]);
    equal(await session.ask("WAIT", 2, 100), 1, String(write[0]));
  }
  two.server.resume();
  equal(await master.ask("WAIT", 2, 0), 2);
});

Deno.test("WAIT waits for the writes of its session, not for what an earlier WAIT has asked", async () => {
  await using master = await Member.ours();
  using replica = await Asker.to(master);
  await replica.send("PSYNC ? -1\r\n");
  match(String(await replica.next()), /^FULLRESYNC /);
  await until(
    async () => await master.info("connected_slaves") === "1",
    "it is a replica",
  );
  await master.ask("SET", "k", 1);
  const offset = await master.info("master_repl_offset");
  const answer = master.ask("WAIT", 1, 0);
  await replica.send(`REPLCONF ACK ${offset}\r\n`);
  equal(await answer, 1);
  equal(await master.ask("WAIT", 2, 1), 1);
  equal(await master.ask("WAIT", 1, 0), 1);
});

Deno.test("a replica that does not read is disconnected", async () => {
  await using master = await Member.ours(undefined, {
    config: { "client-output-buffer-limit": "replica 1mb 0 0" },
  });
  // The full sync may exceed the output limit.
  await master.ask("SET", "large", "x".repeat(3_000_000));
  using asker = await Asker.to(master);
  await asker.send("PSYNC ? -1\r\n");
  await until(
    async () => await master.info("connected_slaves") === "1",
    "it is a replica",
  );
  equal(
    await asker.next(),
    `FULLRESYNC ${await master.info("master_replid")} 0`,
  );
  equal(await master.info("connected_slaves"), "1");
  await asker.send("REPLCONF ACK 0\r\n");
  await master.asker.all(
    Array.from(
      { length: 40 },
      (_, i) => ["SET", `k:${i}`, "x".repeat(500_000)],
    ),
  );
  await until(
    async () => await master.info("connected_slaves") === "0",
    "it is dropped",
  );
});

Deno.test("blocked clients are disconnected when the server becomes a replica", async () => {
  await using server = await Member.ours();
  using waiting = await Asker.to(server);
  const answer = waiting.ask("BLPOP", "k", 0);
  await until(
    async () => await server.info("blocked_clients") === "1",
    "it waits",
  );
  await server.ask("REPLICAOF", "127.0.0.1", 1);
  match(String(await answer), /^UNBLOCKED force unblock/);
  await rejects(waiting.next(), /The connection ended/);
});

Deno.test("our replica also writes an append-only file", async () => {
  await using folder = await Folder.make();
  await using master = await Member.real();
  await master.asker.all(everyKind());
  const options = { dir: folder.path, appendonly: true, save: "" };
  {
    await using replica = await Member.ours(undefined, options);
    await replica.ask("SET", "replaced", "v");
    await replica.ask("REPLICAOF", "127.0.0.1", master.port);
    await replica.follows(master);
    await master.asker.all([["SET", "late", "v"], ["DEL", "list:small"]]);
    await replica.follows(master);
  }
  await using again = await Member.ours(undefined, options);
  sameContents(await again.contents(), await master.contents());
});

Deno.test("hash fields expire on replicas, too", async () => {
  await using master = await Member.ours();
  await using replica = await Member.ours(master);
  await replica.follows(master);
  await master.ask("HSET", "h", "a", 1, "b", 2);
  await replica.follows(master);
  equal(await replica.ask("HLEN", "h"), 2);
  await master.ask("HPEXPIRE", "h", 50, "FIELDS", 1, "a");
  await until(
    async () => await replica.ask("HLEN", "h") === 1,
    "the field is gone",
  );
  await using late = await Member.ours(master);
  await late.follows(master);
  sameContents(await late.contents(), await master.contents());
});

Deno.test("evicted keys are deleted on replicas, which evict nothing", async () => {
  await using master = await Member.ours();
  const config = { "maxmemory": "1000", "maxmemory-policy": "allkeys-lru" };
  await using replica = await Member.ours(master, { config });
  await using real = await Member.real(master);
  await replica.follows(master);
  await master.asker.all(
    Array.from({ length: 500 }, (_, i) => ["SET", `k:${i}`, i]),
  );
  await replica.follows(master);
  equal(await replica.ask("DBSIZE"), 500);
  await master.ask(
    "CONFIG",
    "SET",
    "maxmemory",
    20_000,
    "maxmemory-policy",
    "allkeys-random",
  );
  await master.ask("SET", "last", 1);
  // One command deletes for a short time only; the rest goes between commands.
  await until(
    async () => Number(await master.info("used_memory")) <= 20_000,
    "the master has evicted enough",
  );
  const size = Number(await master.ask("DBSIZE"));
  ok(size > 10 && size < 300);
  for (const member of [replica, real]) {
    await member.follows(master);
    equal(await member.ask("DBSIZE"), size);
  }
});

/** A scripted master: serves links one after the other. */
class Master implements Disposable {
  readonly #listener = listen({ hostname: "127.0.0.1", port: 0 });
  readonly port = this.#listener.port;
  readonly hostname = "127.0.0.1";
  #transport: Transport | null = null;
  #got = "";

  /** Waits for a link and replies up to PSYNC; returns PSYNC's arguments. */
  async shakeHands(): Promise<string> {
    this.#transport?.[Symbol.dispose]();
    this.#transport = await this.#listener.accept();
    this.#got = "";
    for (const word of ["PING", "listening-port", "psync2"]) {
      await this.hear(word);
      await this.say("+OK\r\n");
    }
    const [, id, offset] = await this.hear(
      /PSYNC\r\n\$\d+\r\n(.*)\r\n\$\d+\r\n(.*)\r\n/,
    );
    return `${id} ${offset}`;
  }

  /** Waits until the replica has sent a text. */
  async hear(what: string | RegExp): Promise<RegExpExecArray> {
    const pattern = new RegExp(what, "s");
    const into = new Uint8Array(4096);
    for (;;) {
      const found = pattern.exec(this.#got);
      if (found !== null) {
        this.#got = this.#got.slice(found.index + found[0].length);
        return found;
      }
      const size = await this.#transport!.read(into);
      ok(size !== null, `The replica ended behind ${this.#got}`);
      this.#got += toBinary(into, 0, size);
    }
  }

  /** Sends text, byte by byte if `slowly`. */
  async say(text: string, slowly = false): Promise<void> {
    const parts = slowly ? [...text] : [text];
    for (const part of parts) {
      await this.#transport!.write([binaryToBytes(part)]);
    }
  }

  /** Closes the link. */
  hangUp(): void {
    this.#transport?.[Symbol.dispose]();
    this.#transport = null;
  }

  [Symbol.dispose](): void {
    this.hangUp();
    this.#listener[Symbol.dispose]();
  }
}

Deno.test("a silent peer is disconnected, on both sides", async () => {
  using silent = new Master();
  await using replica = await Member.ours(undefined, {
    replicaof: { hostname: "127.0.0.1", port: silent.port },
  });
  await using master = await Member.ours();
  // Only the silence may time out, not a handshake on a busy machine.
  const timeout = (seconds: number) =>
    ["CONFIG", "SET", "repl-timeout", seconds] as const;
  using asker = await Asker.to(master);
  await asker.send("PSYNC ? -1\r\n");
  match(String(await asker.next()), /^FULLRESYNC/);
  await asker.send("REPLCONF ACK 0\r\n");
  await silent.shakeHands();
  await silent.say(`+FULLRESYNC ${ID} 0\r\n$1000\r\n`);
  await until(
    async () => await replica.info("master_sync_in_progress") === "1",
    "the data is on its way",
  );
  await master.ask(...timeout(1));
  await replica.ask(...timeout(1));
  await until(
    async () => await replica.info("master_sync_in_progress") === "0",
    "the replica closes the link",
  );
  await replica.ask(...timeout(60));
  equal(await silent.shakeHands(), "? -1");
  await until(
    async () => await master.info("connected_slaves") === "0",
    "the replica is dropped",
  );
});

Deno.test("a replica that loads for long says so, and keeps the link", async () => {
  using master = new Master();
  const core = new Core();
  core.replication.start(dial);
  core.replication.follow("127.0.0.1", master.port);
  await master.shakeHands();
  await master.say(`+FULLRESYNC ${ID} 0\r\n`);
  await until(
    () => Promise.resolve(core.replication.link!.state === "sync"),
    "the sync has begun",
  );
  let isOver = false;
  const loaded = core.loading.run(
    (function* () {
      while (!isOver) yield;
    })(),
    { budget: 0, pause: 10 },
  );
  core.config.set([["repl-timeout", "1"]]);
  for (let i = 0; i < 3; i++) await master.hear(/^\n/);
  equal(core.replication.link!.state, "sync");
  isOver = true;
  await loaded;
  core.close();
  await core.replication.stopped();
});

Deno.test("what an earlier stream had on the disk does not count for a new one", async () => {
  await using folder = await Folder.make();
  using master = new Master();
  await using replica = await Member.ours(undefined, {
    replicaof: { hostname: "127.0.0.1", port: master.port },
    dir: folder.path,
    save: "",
    appendonly: true,
    appendfsync: "always",
  });
  const data = emptyData();
  await master.shakeHands();
  await master.say(`+FULLRESYNC ${ID} 1000\r\n$${data.length}\r\n${data}`);
  await master.hear("FACK\r\n\\$4\r\n1000\r\n");
  await replica.ask("CONFIG", "SET", "appendfsync", "no");
  master.hangUp();
  await master.shakeHands();
  await master.say(`+FULLRESYNC ${NEXT_ID} 10\r\n$${data.length}\r\n${data}`);
  const [, words] = await master.hear(
    /\*(\d)\r\n\$8\r\nREPLCONF\r\n\$3\r\nACK\r\n\$2\r\n10\r\n/,
  );
  equal(words, "3");
});

function emptyData(): string {
  const parts = [...saveRdb([], { now: 0, base: false })];
  return parts.map((part) => toBinary(part, 0, part.length)).join("");
}

const ID = "0123456789".repeat(4);
const NEXT_ID = "abcdefabcd".repeat(4);

Deno.test("the stream may be split anywhere, and an interrupted transaction comes again", async () => {
  using master = new Master();
  await using replica = await Member.ours(undefined, {
    replicaof: { hostname: "127.0.0.1", port: master.port },
  });
  equal(await master.shakeHands(), "? -1");
  const data = emptyData();
  // A master that prepares its snapshot sends empty lines meanwhile.
  await master.say("\n\n");
  await master.say(`+FULLRESYNC ${ID} 1000\r\n`);
  await master.say(`\n\n$${data.length}\r\n${data}`, true);
  await master.hear("ACK\r\n\\$4\r\n1000\r\n");
  const set = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n1\r\n";
  const unknown = "*2\r\n$6\r\nNOSUCH\r\n$1\r\nx\r\n";
  const ask = "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n";
  await master.say(set + unknown, true);
  await master.say(ask);
  const before = 1000 + set.length + unknown.length;
  await master.hear(`ACK\r\n\\$4\r\n${before}\r\n`);
  const half =
    "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n*2\r\n$4\r\nIN";
  await master.say(half);
  master.hangUp();
  const from = before + ask.length;
  equal(await master.shakeHands(), `${ID} ${from + 1}`);
  equal(await replica.ask("GET", "k"), "1");
  await master.say(`+CONTINUE ${NEXT_ID}\r\n`);
  const whole = half + "CR\r\n$1\r\nk\r\n*1\r\n$4\r\nEXEC\r\n";
  await master.say(whole, true);
  await master.say(ask);
  await master.hear(`ACK\r\n\\$4\r\n${from + whole.length}\r\n`);
  equal(await replica.ask("GET", "k"), "3");
  equal(await replica.info("master_replid"), NEXT_ID);
  equal(await replica.info("master_replid2"), ID);
  // A transfer that breaks off keeps the old data, and is requested again.
  master.hangUp();
  await master.shakeHands();
  await master.say(`+FULLRESYNC ${ID} 5000\r\n$1000\r\nREDIS`);
  master.hangUp();
  equal(await master.shakeHands(), "? -1");
  equal(await replica.ask("GET", "k"), "3");
  await master.say(
    "-NOMASTERLINK Can't SYNC while not connected with my master\r\n",
  );
  equal(await master.shakeHands(), "? -1");
  const damaged = data.slice(0, -1) + "?";
  await master.say(`+FULLRESYNC ${ID} 5000\r\n$${data.length}\r\n${damaged}`);
  equal(await master.shakeHands(), "? -1");
  match((await replica.info("master_link_error"))!, /wrong checksum/);
  notEqual(await replica.info("master_replid"), ID);
  const mark = "m".repeat(40);
  await master.say(`+FULLRESYNC ${ID} 5000\r\n$EOF:${mark}\r\n${data}${mark}`);
  await master.hear("ACK\r\n\\$4\r\n5000\r\n");
  equal(await replica.ask("DBSIZE"), 0);
});
