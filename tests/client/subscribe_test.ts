import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import type { Redis } from "../../lib/client/redis.ts";
import { ClosedError, ReplyError, TimeoutError } from "../../lib/errors.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { TestServer } from "../support/test_server.ts";
import { errorOf, sleep, take, testBoth, until } from "./support.ts";

/** The number of subscribers of a channel, according to the server. */
async function listeners(redis: Redis, channel: string): Promise<number> {
  const [[, count]] = await redis.pubsubNumsub(channel) as [[string, number]];
  return count;
}

testBoth(
  "behaviour 53: subscribe() resolves when the server has confirmed",
  async ({ redis }) => {
    for (let i = 0; i < 20; i++) {
      await using news = await redis.subscribe(`news${i}`);
      assert.equal(await redis.publish(`news${i}`, `number ${i}`), 1);
      const { value, done } = await news.next();
      assert.equal(done, false);
      assert.deepEqual(value, {
        channel: `news${i}`,
        message: `number ${i}`,
        missed: null,
      });
    }
  },
);

testBoth(
  "for await goes over subscribe() and monitor() without await",
  async ({ redis }) => {
    const published = (async () => {
      await until(async () => await listeners(redis, "news") === 1);
      await redis.publish("news", "hello");
    })();
    for await (const { message } of redis.subscribe("news")) {
      assert.equal(message, "hello");
      break;
    }
    await published;
    assert.equal(await listeners(redis, "news"), 0);
    const commands = redis.monitor();
    await commands;
    await redis.ping();
    for await (const { args } of commands) {
      assert.deepEqual(args, ["PING"]);
      break;
    }
    const unread = redis.monitor()[Symbol.asyncIterator]();
    await unread.return?.();
    await until(async () => !(await redis.clientList()).includes(" flags=O"));
    await assert.rejects(
      async () => {
        const signal = AbortSignal.abort(new Error("enough"));
        for await (const _ of redis.subscribe("news", { signal })) break;
      },
      /enough/,
    );
  },
);

testBoth(
  "psubscribe() listens to patterns, and tells which one matched",
  async ({ redis }) => {
    await using news = await redis.psubscribe(["news.*", "*.sport"]);
    assert.equal(await redis.publish("news.sport", "goal"), 2);
    const messages = await take(news, 2);
    const missed = null;
    for (const pattern of ["news.*", "*.sport"]) {
      assert(messages.some((message) => message.pattern === pattern));
    }
    assert.deepEqual(
      messages.find(({ pattern }) => pattern === "news.*"),
      { channel: "news.sport", pattern: "news.*", message: "goal", missed },
    );
  },
);

testBoth(
  "ssubscribe() subscribes to shard channels",
  async ({ server, redis }) => {
    if (!server.has("sharded pubsub")) return;
    await using news = await redis.ssubscribe(["news", "other"]);
    assert.equal(await redis.publish("news", "not sharded"), 0);
    assert.equal(await redis.spublish("news", "sharded"), 1);
    assert.deepEqual((await news.next()).value, {
      channel: "news",
      message: "sharded",
      missed: null,
    });
    await news.close();
    assert.deepEqual(await redis.pubsubShardchannels(), []);
  },
);

testBoth(
  "a channel, a pattern and a shard channel of the same name are separate",
  async ({ server, redis }) => {
    await using channel = await redis.subscribe("c");
    await using pattern = await redis.psubscribe("c");
    assert.equal(await redis.publish("c", "1"), 2);
    assert.equal((await channel.next()).value?.pattern, undefined);
    assert.equal((await pattern.next()).value?.pattern, "c");
    if (!server.has("sharded pubsub")) return;
    await using shard = await redis.ssubscribe("c");
    await redis.spublish("c", "2");
    assert.equal((await shard.next()).value?.message, "2");
    await channel.close();
    assert.equal(await redis.publish("c", "3"), 1);
  },
);

testBoth(
  "behaviour 57: two iterators on one channel both get every message",
  async ({ redis }) => {
    const one = await redis.subscribe("c");
    const two = await redis.subscribe(["c", "d"]);
    assert.equal(await listeners(redis, "c"), 1);
    await redis.publish("c", "1");
    for (const reader of [one, two]) {
      assert.equal((await reader.next()).value?.message, "1");
    }
    await one.close();
    assert.equal(await listeners(redis, "c"), 1);
    await redis.publish("c", "2");
    assert.equal((await two.next()).value?.message, "2");
    assert.equal((await one.next()).done, true);
    await two.close();
    assert.equal(await listeners(redis, "c"), 0);
  },
);

testBoth(
  "behaviour 55: leaving the loop unsubscribes, whichever way",
  async ({ redis }) => {
    const ways: (() => Promise<unknown>)[] = [
      async () => {
        for await (const _ of await redis.subscribe("c")) break;
      },
      async () => {
        for await (const _ of await redis.subscribe("c")) return;
      },
      async () => {
        for await (const _ of await redis.subscribe("c")) {
          throw new Error("by the test");
        }
      },
      async () => {
        await using news = await redis.subscribe("c");
        await news.next();
      },
    ];
    for (const way of ways) {
      const ended = way().catch((error) => error.message);
      await until(async () => await redis.publish("c", "x") === 1);
      assert.match(String(await ended), /undefined|by the test/);
      assert.equal(await listeners(redis, "c"), 0);
    }
  },
);

testBoth(
  "behaviour 58: the client's subscriptions match the server's, however they change",
  async ({ redis }) => {
    const names = async () => new Set(await redis.pubsubChannels());
    const one = await redis.subscribe(["a", "b", "b", "c"]);
    const two = await redis.subscribe("b");
    assert.deepEqual(await names(), new Set(["a", "b", "c"]));
    await one.close();
    assert.deepEqual(await names(), new Set(["b"]));
    // Unsubscribed and subscribed again, without awaiting in between.
    const leaving = two.close();
    const joining = redis.subscribe(["b", "d"]);
    await leaving;
    const three = await joining;
    assert.deepEqual(await names(), new Set(["b", "d"]));
    const [four, five] = await Promise.all([
      redis.subscribe("d"),
      redis.subscribe("e"),
    ]);
    await Promise.all([three.close(), five.close()]);
    assert.deepEqual(await names(), new Set(["d"]));
    await redis.publish("d", "x");
    assert.equal((await four.next()).value?.message, "x");
    await four.close();
    await four.close();
    assert.deepEqual(await names(), new Set());
  },
);

testBoth(
  "behaviour 59: ordinary commands work while there are subscriptions",
  async ({ redis }) => {
    await using _news = await redis.subscribe("c");
    await redis.set("k", "v");
    const answers = [
      redis.get("k"),
      redis.publish("c", "x"),
      redis.transaction((p) => [p.get("k")]),
    ];
    assert.deepEqual(await Promise.all(answers), ["v", 1, ["v"]]);
  },
);

testBoth(
  "behaviour 60: redis.bytes reads payloads exactly",
  async ({ redis }) => {
    const payload = Uint8Array.from({ length: 256 }, (_, i) => i);
    await using binary = await redis.bytes.subscribe("c");
    await using text = await redis.subscribe("c");
    await redis.publish("c", payload);
    await redis.publish("c", "");
    assert.deepEqual((await binary.next()).value?.message, payload);
    assert.deepEqual((await binary.next()).value?.message, new Uint8Array());
    assert.equal(
      (await text.next()).value?.message,
      new TextDecoder().decode(payload),
    );
    const large = new Uint8Array(3_000_000).fill(7);
    await redis.publish("c", large);
    assert.deepEqual((await binary.next()).value?.message, large);
  },
);

testBoth(
  "many messages come in order, to waiting readers and to a slow one",
  async ({ redis }) => {
    const count = 5_000;
    const options = { highWaterMark: count };
    await using early = await redis.subscribe("c", options);
    await using late = await redis.subscribe("c", options);
    const reading = take(early, count);
    for (let i = 0; i < count; i += 1_000) {
      await Promise.all(
        Array.from({ length: 1_000 }, (_, j) => redis.publish("c", i + j)),
      );
    }
    const expected = Array.from({ length: count }, (_, i) => String(i));
    const texts = (await reading).map(({ message }) => message);
    assert.deepEqual(texts, expected);
    const others = (await take(late, count)).map(({ message }) => message);
    assert.deepEqual(others, expected);
  },
);

testBoth(
  "batches() yields all queued messages, and unsubscribes when the loop is left",
  async ({ redis }) => {
    const count = 3_000;
    const news = await redis.subscribe("c", { highWaterMark: count });
    const seen: string[] = [];
    let batches = 0;
    const reading = (async () => {
      for await (const batch of news.batches()) {
        batches++;
        assert(batch.length > 0);
        for (const { channel, message, missed } of batch) {
          assert.deepEqual([channel, missed], ["c", null]);
          seen.push(message);
        }
        if (seen.length === count) break;
      }
    })();
    await redis.pipeline((p) =>
      Array.from({ length: count }, (_, i) => p.publish("c", i))
    );
    await reading;
    assert.deepEqual(seen, Array.from({ length: count }, (_, i) => String(i)));
    assert(batches < count, `${batches} batches`);
    assert.equal(await listeners(redis, "c"), 0);
    assert.equal((await news.next()).done, true);
  },
);

testBoth(
  "batches() ends with the subscription, and throws its error",
  async ({ redis }) => {
    const news = await redis.subscribe("c");
    const reading = Array.fromAsync(news.batches());
    await redis.publish("c", "x");
    await until(async () => await listeners(redis, "c") === 1);
    await news.close();
    assert.equal((await reading).flat().length <= 1, true);

    const stop = new AbortController();
    const other = await redis.subscribe("c", { signal: stop.signal });
    const failing = Array.fromAsync(other.batches());
    const reason = new Error("changed my mind");
    stop.abort(reason);
    assert.equal(await errorOf(failing), reason);
  },
);

testBoth("concurrent next() calls get one message each", async ({ redis }) => {
  const news = await redis.subscribe("c");
  const waiting = [news.next(), news.next(), news.next()];
  await redis.publish("c", "1");
  await redis.publish("c", "2");
  const [one, two] = await Promise.all(waiting.slice(0, 2));
  assert.deepEqual([one!.value?.message, two!.value?.message], ["1", "2"]);
  await news.close();
  assert.deepEqual(await waiting[2], { done: true, value: undefined });
});

testBoth("subscribe() rejects an empty list of channels", async ({ redis }) => {
  await assert.rejects(redis.subscribe([]), TypeError);
  for (const highWaterMark of [0, -1, NaN]) {
    await assert.rejects(redis.subscribe("c", { highWaterMark }), RangeError);
  }
  assert.deepEqual(await redis.pubsubChannels(), []);
});

testBoth(
  "a subscription's signal ends it with its reason",
  async ({ redis }) => {
    const reason = new Error("changed my mind");
    const stop = new AbortController();
    const news = await redis.subscribe("c", { signal: stop.signal });
    await redis.publish("c", "x");
    await sleep(5);
    stop.abort(reason);
    // A message that arrived before is still read.
    assert.equal((await news.next()).value?.message, "x");
    assert.equal(await errorOf(news.next()), reason);
    assert.equal((await news.next()).done, true);
    await until(async () => await listeners(redis, "c") === 0);

    const waiting = new AbortController();
    const other = await redis.with({ signal: waiting.signal }).subscribe("c");
    const next = other.next();
    next.catch(() => {});
    waiting.abort(reason);
    assert.equal(await errorOf(next), reason);
  },
);

testBoth("closing the client ends its iterators", async ({ redis }) => {
  const news = await redis.subscribe("c");
  const next = news.next();
  const patterns = await redis.psubscribe("d*");
  const loop = (async () => {
    for await (const _ of patterns);
    return "ended";
  })();
  await redis.close();
  assert.deepEqual(await next, { done: true, value: undefined });
  assert.equal(await loop, "ended");
  await news.close();
  await assert.rejects(redis.subscribe("c"), ClosedError);
});

// -- Refusals --

/** A client whose user may only access channels that start with `open`. */
async function limited(server: TestServer, protocol: 2 | 3): Promise<Redis> {
  await server.ask(
    ...["ACL", "SETUSER", "limited", "on", ">pw", "+@all", "~*"],
    ...["resetchannels", "&open*"],
  );
  return await connect(server.url, {
    protocol,
    username: "limited",
    password: "pw",
  });
}

testBoth(
  "a refused subscribe() rejects, without effect on other subscriptions",
  async ({ server, protocol }) => {
    await using redis = await limited(server, protocol);
    await using open = await redis.subscribe("open");
    for (
      const refused of [
        () => redis.subscribe("closed"),
        () => redis.psubscribe("*"),
        () => redis.subscribe(["open", "closed"]),
        () => redis.subscribe(["closed", "open2"]),
      ]
    ) {
      const error = await errorOf(refused());
      assert(error instanceof ReplyError);
      assert.equal(error.code, "NOPERM");
      await redis.publish("open", "still here");
      assert.equal((await open.next()).value?.message, "still here");
    }
    await using again = await redis.subscribe("open2");
    await redis.publish("open2", "x");
    assert.equal((await again.next()).value?.message, "x");
    assert.deepEqual(
      new Set(await redis.pubsubChannels()),
      new Set(["open", "open2"]),
    );
  },
);

testBoth(
  "refused and accepted subscribe() calls made concurrently do not affect each other",
  async ({ server, protocol }) => {
    await using redis = await limited(server, protocol);
    const outcomes = await Promise.allSettled([
      redis.subscribe("open1"),
      redis.subscribe("closed"),
      redis.subscribe(["open2", "open1"]),
      redis.subscribe(["open3", "closed"]),
      redis.subscribe("open3"),
    ]);
    const statuses = outcomes.map(({ status }) => status[0]);
    assert.deepEqual(statuses, ["f", "r", "f", "r", "f"]);
    for (const channel of ["open1", "open2", "open3"]) {
      assert.equal(await redis.publish(channel, channel), 1, channel);
    }
    const last = outcomes[4]!;
    assert(last.status === "fulfilled");
    assert.equal((await last.value.next()).value?.message, "open3");
  },
);

Deno.test("a client that fell back to RESP2 subscribes as RESP2 does", async () => {
  await using server = await TestServer.start({
    config: { "rename-command": 'HELLO ""' },
  });
  await using redis = await connect(server.url);
  await redis.set("k", "v");
  await using news = await redis.subscribe(["c", "d"]);
  await using pattern = await redis.psubscribe("c*");
  await redis.publish("c", "x");
  assert.equal((await news.next()).value?.message, "x");
  assert.equal((await pattern.next()).value?.pattern, "c*");
  assert.equal(await redis.get("k"), "v");
  if (server.has("commands of 7.0")) {
    assert.match(await redis.clientInfo(), / resp=2/);
  }
});

testBoth(
  "a quiet subscription's connection is kept alive",
  async ({ server, protocol }) => {
    await using redis = await connect(server.url, {
      protocol,
      pingInterval: 20,
    });
    await using news = await redis.subscribe("c");
    await sleep(150);
    assert.equal(await redis.publish("c", "x"), 1);
    const { value } = await news.next();
    assert.deepEqual([value?.message, value?.missed], ["x", null]);
  },
);

Deno.test("with({ timeout }) limits how long subscribe() waits for its confirmation", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  server.pause();
  using clock = new AwakeClock();
  const calls = [
    redis.with({ timeout: 40 }).subscribe("a"),
    redis.psubscribe("b", { timeout: 40 }),
  ];
  for (const call of calls) {
    assert(await errorOf(call) instanceof TimeoutError);
  }
  assert(clock.now < 3_000);
  server.resume();
  await using later = await redis.with({ timeout: 0 }).subscribe("a");
  await redis.publish("a", "heard");
  assert.equal((await later.next()).value?.message, "heard");
});

testBoth(
  "a name with a lone surrogate is subscribed as the server stores it",
  async ({ redis }) => {
    await using news = await redis.subscribe("a\ud800");
    await redis.publish("a\ufffd", "x");
    assert.equal((await news.next()).value?.message, "x");
  },
);

testBoth(
  "names that are not UTF-8 are subscribed and delivered as bytes",
  async ({ redis }) => {
    const name = Uint8Array.of(0xff, 0x00, 0xfe);
    const other = Uint8Array.of(0xff, 0x00, 0xfd);
    await using heard = await redis.bytes.subscribe([name, "ä"]);
    await using second = await redis.bytes.subscribe(other);
    await using matching = await redis.bytes.psubscribe(
      Uint8Array.of(0xff, 0x2a),
    );
    await using text = await redis.subscribe("ä");
    assert.equal(await redis.publish(name, "1"), 2);
    assert.equal(await redis.publish(other, "2"), 2);
    assert.equal(await redis.publish("ä", "3"), 1);
    const channelOf = async (
      subscription: AsyncIterator<{ channel: Uint8Array }>,
    ) => (await subscription.next()).value?.channel;
    assert.deepEqual(await channelOf(heard), name);
    assert.deepEqual(await channelOf(heard), new TextEncoder().encode("ä"));
    assert.deepEqual(await channelOf(second), other);
    const match = (await matching.next()).value;
    assert.deepEqual(match?.channel, name);
    assert.deepEqual(match?.pattern, Uint8Array.of(0xff, 0x2a));
    assert.equal((await text.next()).value?.channel, "ä");
    await heard.close();
    assert.equal(await redis.publish(name, "4"), 1);
  },
);

testBoth(
  "a subscription to __redis__:invalidate gets the keys that tracking redirects to it",
  async ({ redis }) => {
    await using keys = await redis.subscribe("__redis__:invalidate");
    const list = String(await redis.send(["CLIENT", "LIST", "TYPE", "PUBSUB"]));
    const [, id] = /\bid=(\d+)/.exec(list)!;
    using lease = await redis.lease();
    await lease.send(["CLIENT", "TRACKING", "ON", "REDIRECT", id!]);
    await lease.mget("a", "b");
    await redis.set("a", "1");
    const next = async () => (await keys.next()).value?.message;
    assert.equal(await next(), "a");
    await redis.set("b", "1");
    assert.equal(await next(), "b");
    await redis.flushall();
    assert.equal(await next(), "");
  },
);
