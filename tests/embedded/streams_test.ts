import { deepEqual, equal, match, ok } from "node:assert/strict";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { dump, restore, verify } from "../../lib/embedded/rdb/payload.ts";
import { LIMITS } from "../../lib/embedded/values/limits.ts";
import { Stream } from "../../lib/embedded/values/stream.ts";
import { Producers } from "../../lib/embedded/values/stream_producers.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  idBytes,
  LAST_ID,
  nextId,
  previousId,
  type StreamId,
} from "../../lib/embedded/values/stream_id.ts";
import { comparedServer, comparison } from "../support/compared_server.ts";
import { Random } from "../resp/random.ts";
import { TestServer } from "../support/test_server.ts";
import { type Answer, Asker } from "./asker.ts";
import { compare } from "./differential.ts";
import {
  LONG_STREAM_FAMILY,
  PRODUCER_FAMILY,
  STREAM_FAMILY,
} from "./families/streams.ts";
import { comparePlays, savedBy } from "./play.ts";

for (const protocol of [2, 3] as const) {
  comparison(
    `streams: every reply is Redis's, RESP${protocol}`,
    () =>
      compare(STREAM_FAMILY, {
        seed: 1000 * protocol,
        sequences: 30,
        commands: 60,
        protocol,
      }),
  );

  comparison(
    `messages of producers are added once, as in Redis, RESP${protocol}`,
    () =>
      compare(PRODUCER_FAMILY, {
        seed: 1000 * protocol,
        sequences: 20,
        commands: 60,
        protocol,
      }),
  );

  comparison(
    `streams of many nodes are trimmed where Redis trims, RESP${protocol}`,
    () =>
      compare(LONG_STREAM_FAMILY, {
        seed: 1000 * protocol,
        sequences: 4,
        commands: 600,
        protocol,
      }),
  );
}

comparison(
  "a group counts read entries as Redis does, even beyond 64 bits",
  (t) =>
    comparePlays(t, 2, {
      "entries-read": [
        "a XGROUP CREATE s h 0 MKSTREAM ENTRIESREAD 9223372036854775807",
        "a XADD s 1-1 f v; XADD s 2-1 f v; XINFO STREAM s FULL",
        "a XREADGROUP GROUP h c COUNT 1 STREAMS s >; XINFO GROUPS s",
        "a XREADGROUP GROUP h c COUNT 1 STREAMS s >; XINFO GROUPS s",
        "a XGROUP SETID s h 0 ENTRIESREAD 9007199254740993; XINFO GROUPS s",
        "a XGROUP SETID s h 0 ENTRIESREAD -2; XGROUP SETID s h 1-1",
        "a XINFO GROUPS s; XGROUP CREATE s i 1-1 ENTRIESREAD -1",
      ],
    }),
);

/** Asks a server on two connections; returns what the one that waited with CLAIM got. */
async function claimed(alice: Asker, bob: Asker): Promise<unknown[]> {
  const read = ["XREADGROUP", "GROUP", "g", "alice", "STREAMS", "s", ">"];
  const wait = "XREADGROUP GROUP g bob BLOCK 0 CLAIM 30 STREAMS s >".split(" ");
  const replies: Answer[] = [];
  await alice.all([["XADD", "s", "1-1", "f", "v"], [
    "XGROUP",
    "CREATE",
    "s",
    "g",
    "0",
  ], read]);
  replies.push(await bob.ask(...wait));
  await alice.ask("XACK", "s", "g", "1-1");
  const waiting = bob.ask(...wait);
  // What alice takes while bob waits is new to nobody else.
  await alice.all([["MULTI"], ["XADD", "s", "2-1", "f", "v"], read, ["EXEC"]]);
  replies.push(await waiting);
  return replies.map((reply) => {
    const [[, [[id, pairs, idle, deliveries]]]] = reply as unknown as [
      [string, [[string, string[], number, number]]],
    ];
    ok(idle >= 30, `${idle}`);
    return [id, pairs, deliveries];
  });
}

comparison(
  "XREADGROUP CLAIM waits until an entry was pending for long enough, as in Redis",
  async () => {
    const expected = [["1-1", ["f", "v"], 1], ["2-1", ["f", "v"], 1]];
    await using embedded = await EmbeddedServer.create();
    {
      using alice = await Asker.within(embedded);
      using bob = await Asker.within(embedded);
      deepEqual(await claimed(alice, bob), expected);
    }
    await using real = await TestServer.start({
      program: await comparedServer(),
    });
    using alice = await Asker.to(real);
    using bob = await Asker.to(real);
    deepEqual(await claimed(alice, bob), expected);
  },
);

Deno.test("CLAIM gives what was pending for long enough, the longest first", async () => {
  await using server = await EmbeddedServer.create();
  using asker = await Asker.within(server);
  const random = new Random(1);
  await asker.ask("XGROUP", "CREATE", "s", "g", 0, "MKSTREAM");
  /** Ids that are idle for so many ms, and still in the stream. */
  const idle = async (ms: number): Promise<[id: string, idle: number][]> => {
    const range = ["s", "g", "IDLE", ms, "-", "+", 1000];
    const answer = await asker.ask("XPENDING", ...range);
    const pending = answer as [string, string, number, number][];
    const found = await asker.all(
      pending.map(([id]) => ["XRANGE", "s", id, id]),
    ) as Answer[][];
    return pending.filter((_, i) => found[i]!.length > 0)
      .map(([id, , idle]): [string, number] => [id, idle])
      .sort(([, a], [, b]) => b - a);
  };
  const steps: (() => Promise<unknown>)[] = [
    () => asker.ask("XADD", "s", "*", "f", "v"),
    async () => {
      for (const [id] of await idle(0)) {
        const ms = random.below(10) * 100_000;
        await asker.ask("XCLAIM", "s", "g", "b", 0, id, "IDLE", ms);
        if (random.chance(0.3)) break;
      }
    },
    async () => {
      const [found] = await idle(0);
      const words = random.pick(["XACK s g", "XDEL s"]).split(" ");
      if (found !== undefined) await asker.ask(...words, found[0]);
    },
    async () => {
      const ms = random.below(10) * 100_000 + 50_000;
      await asker.ask("XAUTOCLAIM", "s", "g", "c", ms, "-", "COUNT", 2);
    },
  ];
  const rounded = (ms: number) => Math.floor(ms / 50_000);
  let claimed = 0;
  for (let i = 0; i < 500; i++) {
    await random.pick(steps)();
    const read = "XREADGROUP GROUP g a COUNT".split(" ");
    // Nothing new is left behind it.
    await asker.ask(...read, 1000, "STREAMS", "s", ">");
    const ms = random.below(10) * 100_000 + 50_000;
    const count = 1 + random.below(3);
    const expected = (await idle(ms)).slice(0, count)
      .map(([id, idle]) => [id, rounded(idle)]);
    const reply = await asker.ask(
      ...[...read, count, "CLAIM", ms, "STREAMS", "s", ">"],
    ) as [[string, [string, string[], number, number][]]] | null;
    const got = reply?.[0][1].map(([id, , idle]) => [id, rounded(idle)]) ?? [];
    deepEqual(got, expected);
    claimed += got.length;
  }
  ok(claimed > 50, `${claimed}`);
});

Deno.test("CLAIM gives nothing while writes are paused", async () => {
  await using server = await EmbeddedServer.create();
  using alice = await Asker.within(server);
  using bob = await Asker.within(server);
  const read = "XREADGROUP GROUP g alice STREAMS s >".split(" ");
  await alice.all([
    ["XADD", "s", "1-1", "f", "v"],
    ["XGROUP", "CREATE", "s", "g", 0],
    read,
  ]);
  const began = Date.now();
  // So long the machine may be busy until the pause begins, which ends later.
  const answer = bob.ask(
    ..."XREADGROUP GROUP g bob BLOCK 0 CLAIM 3000 STREAMS s >".split(" "),
  );
  const clients = async () => String(await alice.ask("INFO", "clients"));
  while (!(await clients()).includes("blocked_clients:1"));
  equal(await alice.ask("CLIENT", "PAUSE", 4000, "WRITE"), "OK");
  match(String(await answer), /^s,1-1,f,v,/);
  ok(Date.now() - began >= 4000);
});

Deno.test("a stream that is not plain from the start is saved in the format of Redis 8.6", () => {
  Producers.used = false;
  new Stream();
  equal(Producers.used, false);
  LIMITS["stream-idmp-duration"] = 200;
  new Stream();
  LIMITS["stream-idmp-duration"] = 100;
  ok(Producers.used);
  const stream = new Stream();
  stream.producers.repeated();
  const bytes = verify(dump(stream))!;
  Producers.used = false;
  restore(bytes);
  ok(Producers.used);
});

Deno.test("a message is forgotten after its duration, and the oldest above the size", () => {
  const producers = new Producers();
  producers.configure(2, 2);
  const at = (ms: number) => ({ ms, seq: 0 });
  for (const [message, ms] of [["a", 1000], ["b", 2000]] as const) {
    producers.record("p", message, at(ms));
  }
  deepEqual(producers.find("p", "a", 3000), at(1000));
  equal(producers.find("p", "a", 3001), undefined);
  deepEqual(producers.find("p", "b", 3001), at(2000));
  equal(producers.find("q", "b", 3001), undefined);
  producers.record("p", "c", at(3000));
  producers.record("p", "d", at(3000));
  equal(producers.find("p", "b", 3001), undefined);
  deepEqual(producers.all(3001).map(([name, { size }]) => [name, size]), [[
    "p",
    2,
  ]]);
  deepEqual(producers.all(9000), []);
  equal(producers.added, 4);
});

Deno.test("ids of 64 bits are exact, and their bytes sort as they do", () => {
  const safe = Number.MAX_SAFE_INTEGER;
  const ids: StreamId[] = [
    FIRST_ID,
    { ms: 0, seq: 1 },
    { ms: 0, seq: safe },
    { ms: 0, seq: BigInt(safe) + 1n },
    { ms: 1, seq: 0 },
    { ms: 2 ** 32, seq: 5 },
    { ms: safe, seq: LAST_ID.seq },
    { ms: BigInt(safe) + 1n, seq: 0 },
    LAST_ID,
  ];
  for (const [i, id] of ids.entries()) {
    const next = nextId(id);
    if (next !== null) {
      equal(compareIds(next, id), 1);
      deepEqual(previousId(next), id);
    }
    for (const [j, other] of ids.entries()) {
      equal(compareIds(id, other), Math.sign(i - j));
      equal(idBytes(id) < idBytes(other), i < j);
    }
  }
  equal(nextId(LAST_ID), null);
  equal(previousId(FIRST_ID), null);
  equal(formatId(nextId(ids[6]!)!), "9007199254740992-0");
});

Deno.test("Stream gives back every byte of an entry", () => {
  const stream = new Stream();
  const texts = ["", "\0", "\x80\xff", "x".repeat(127), "y".repeat(128)];
  texts.push("z".repeat(20_000));
  const entries = texts.map((text) => [text, text + "!", "field", text]);
  for (const [i, pairs] of entries.entries()) {
    stream.add({ ms: i + 1, seq: 0 }, pairs);
  }
  const seen: string[][] = [];
  stream.each(FIRST_ID, LAST_ID, (_, pairs) => {
    seen.push(pairs);
  });
  deepEqual(seen, entries);
});

const SCRIPTS = {
  "XREAD gets entries that are added while it blocks": [
    "d XADD k 1-1 a b",
    "a XREAD BLOCK 0 STREAMS k other $ 0",
    "b XREAD COUNT 1 BLOCK 0 STREAMS k 1-1",
    "c XREAD BLOCK 0 STREAMS k 5",
    "d XADD k 2-1 c d",
    "d XADD k 6-1 e f",
  ],
  "each consumer of a group gets a different entry": [
    "d XGROUP CREATE k g $ MKSTREAM",
    "a XREADGROUP GROUP g alice BLOCK 0 STREAMS k >",
    "b XREADGROUP GROUP g bob BLOCK 0 COUNT 1 STREAMS k >",
    "d XADD k 1-1 a b",
    "d XADD k 2-1 c d",
    "d XPENDING k g",
    "d XADD k 3-1 c d",
    "a XREADGROUP GROUP g alice BLOCK 0 NOACK STREAMS k >",
    "d XINFO GROUPS k",
  ],
  "entries added in MULTI arrive together": [
    "a XREAD BLOCK 0 STREAMS k $",
    "d MULTI; XADD k 1-1 a b; XADD k 1-2 c d; EXEC",
  ],
  "deleting a group or its stream ends the wait with an error": [
    "d XGROUP CREATE k g $ MKSTREAM",
    "a XREADGROUP GROUP g alice BLOCK 0 STREAMS k >",
    "d XGROUP DESTROY k g",
    "d XGROUP CREATE k g $",
    "a XREADGROUP GROUP g alice BLOCK 0 STREAMS k >",
    "d DEL k",
    "d XGROUP CREATE k g $ MKSTREAM",
    "a XREADGROUP GROUP g alice BLOCK 0 STREAMS k >",
    "d SET k x",
    "a PING",
  ],
  "XREAD keeps blocking on other changes": [
    "d XADD k 1-1 a b",
    "a XREAD BLOCK 0 STREAMS k $",
    "d DEL k",
    "d SET k x",
    "d DEL k",
    "d XADD k 1-1 a b",
    "d XADD k 2-1 a b",
  ],
  "RENAME and COPY provide a stream": [
    "a XREAD BLOCK 0 STREAMS k 0",
    "d XADD other 1-1 a b; RENAME other k",
  ],
  "the reply after the timeout, and in EXEC": [
    "d XGROUP CREATE k g $ MKSTREAM",
    "a XREAD BLOCK 10 STREAMS k 0",
    "b XREADGROUP GROUP g alice BLOCK 10 STREAMS k >",
    "d MULTI; XREAD BLOCK 0 STREAMS k $; EXEC",
  ],
};

for (const protocol of [2, 3] as const) {
  comparison(
    `blocking stream commands reply as in Redis, RESP${protocol}`,
    (t) => comparePlays(t, protocol, SCRIPTS),
  );
}

Deno.test("reads, claims and trims propagate as their results", async () => {
  const saved = await savedBy([
    "d XGROUP CREATE k g 0 MKSTREAM",
    "a XREADGROUP GROUP g alice BLOCK 0 STREAMS k >",
    "d XADD k 1-* a b",
    "d XADD k MAXLEN ~ 1 LIMIT 5 2-2 a b",
    "d XREADGROUP GROUP g bob NOACK STREAMS k >",
    "d XCLAIM k g bob 0 1-0 JUSTID",
    "d XTRIM k MAXLEN ~ 0",
    "d XACK k g 1-0",
  ]);
  const claim =
    /^XCLAIM k g (\w+) 0 1-0 TIME \d+ RETRYCOUNT 1 FORCE JUSTID LASTID (\S+)$/;
  deepEqual(saved.splice(0, 3), [
    "XGROUP CREATE k g 0 MKSTREAM",
    "XGROUP CREATECONSUMER k g alice",
    "XADD k 1-0 a b",
  ]);
  match(saved[0]!, claim);
  deepEqual(saved[0]!.match(claim)!.slice(1), ["alice", "1-0"]);
  deepEqual(saved.slice(1, 4), [
    "XADD k MAXLEN = 2 2-2 a b",
    "XGROUP CREATECONSUMER k g bob",
    "XGROUP SETID k g 2-2 ENTRIESREAD 2",
  ]);
  deepEqual(saved[4]!.match(claim)!.slice(1), ["bob", "2-2"]);
  deepEqual(saved.slice(5), ["XTRIM k MAXLEN = 0", "XACK k g 1-0"]);
});
