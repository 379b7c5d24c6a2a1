import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import type { ClientOptions } from "../../lib/client/options.ts";
import type { Redis } from "../../lib/client/redis.ts";
import type { Gap, Message } from "../../lib/client/subscription.ts";
import { ConnectionError, ReplyError } from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { WELCOME } from "../connection/support.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import { errorOf, sleep, testBoth, until } from "./support.ts";

/** Kills every subscriber's connection, and waits until `count` subscribe to `channel` again. */
async function cut(
  server: TestServer,
  redis: Redis,
  channel = "c",
  count = 1,
): Promise<void> {
  await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
  await until(async () => {
    const [entry] = await redis.pubsubNumsub(channel);
    return entry![1] === count;
  });
}

function isReconnected(missed: Gap | null | undefined): missed is Gap {
  assert(missed?.since instanceof Date);
  assert(Math.abs(Date.now() - missed.since.getTime()) < 60_000);
  return missed.reason === "reconnected" && missed.count === undefined;
}

testBoth(
  "behaviour 54: a subscription continues after its connection was lost, and reports that once",
  async ({ server, redis }) => {
    await using news = await redis.subscribe("c");
    for (let i = 0; i < 3; i++) {
      await redis.publish("c", "before");
      assert.equal((await news.next()).value?.message, "before");
      await cut(server, redis);
      await redis.publish("c", "first");
      await redis.publish("c", "second");
      const first = (await news.next()).value;
      assert.equal(first?.message, "first");
      assert(isReconnected(first?.missed));
      const second = (await news.next()).value;
      assert.deepEqual([second?.message, second?.missed], ["second", null]);
    }
  },
);

testBoth(
  "behaviour 54: a subscription continues after the server was restarted",
  async ({ server, redis }) => {
    await using channel = await redis.subscribe(["c", "d"]);
    await using pattern = await redis.psubscribe("c*");
    const sharded = server.has("sharded pubsub");
    await using shard = sharded
      ? await redis.ssubscribe(["s", "t"])
      : undefined;
    await server.kill();
    await sleep(50);
    await server.startAgain();
    await until(async () => await redis.publish("c", "again") === 2);
    for (const reader of [channel, pattern]) {
      const { value } = await reader.next();
      assert.equal(value?.message, "again");
      assert(isReconnected(value?.missed));
    }
    if (shard === undefined) return;
    await until(async () => await redis.spublish("t", "again") === 1);
    assert(isReconnected((await shard.next()).value?.missed));
  },
);

testBoth(
  "behaviour 54: it authenticates and selects before it subscribes again",
  async ({ protocol }) => {
    await using server = await TestServer.start({
      config: { requirepass: "s3cret", "notify-keyspace-events": "KEA" },
    });
    const written: string[] = [];
    await using redis = await connect(server.url, {
      protocol,
      password: "s3cret",
      db: 2,
      backoff: () => 0,
      async dial(address, signal) {
        const inner = await dial(address, signal);
        return {
          read: (into) => inner.read(into),
          write(chunks) {
            written.push(
              ...chunks.map((chunk) => new TextDecoder().decode(chunk)),
            );
            return inner.write(chunks);
          },
          [Symbol.dispose]: () => inner[Symbol.dispose](),
        };
      },
    });
    await using _news = await redis.subscribe("c");
    await redis.clientKill({ type: "pubsub" });
    const last = () => written.join("").split("AUTH").slice(3).join("AUTH");
    await until(() => last().includes("SUBSCRIBE"));
    // The third connection: after the shared one and the first one for subscriptions.
    assert.match(last(), /^\s.*s3cret.*SELECT.*\$1\s+2\s.*SUBSCRIBE.*c\s+$/s);
  },
);

testBoth(
  "with gaps, a reconnect is reported at once, before any message",
  async ({ server, redis }) => {
    await using news = await redis.subscribe("c", { gaps: true });
    await redis.publish("c", "before");
    assert.equal(
      (await news.next() as IteratorResult<Message, void>).value?.message,
      "before",
    );
    const next = news.next();
    await cut(server, redis);
    const gap = (await next).value;
    assert(gap !== undefined && "reason" in gap && isReconnected(gap));
    await redis.publish("c", "after");
    const after = (await news.next()).value;
    assert(after !== undefined && "message" in after);
    assert.deepEqual([after.message, after.missed], ["after", null]);
  },
);

testBoth(
  "a subscription made after a reconnect reports no gap",
  async ({ server, redis }) => {
    await using early = await redis.subscribe("c");
    await cut(server, redis);
    await using late = await redis.subscribe("c");
    await redis.publish("c", "x");
    assert(isReconnected((await early.next()).value?.missed));
    assert.equal((await late.next()).value?.missed, null);
  },
);

testBoth(
  "subscribe() while the connection is lost resolves when it is back",
  async ({ server, redis }) => {
    await using early = await redis.subscribe("c");
    await server.kill();
    await sleep(20);
    const subscribing = redis.subscribe("c");
    const leaving = redis.subscribe("d").then((news) => news.close());
    await sleep(20);
    await server.startAgain();
    await using late = await subscribing;
    await leaving;
    await until(async () => await redis.publish("c", "x") === 1);
    assert.equal((await late.next()).value?.message, "x");
    assert(isReconnected((await early.next()).value?.missed));
    assert.deepEqual(await redis.pubsubChannels(), ["c"]);
  },
);

testBoth(
  "a subscription that is closed while the connection is lost does not come back",
  async ({ server, redis }) => {
    const one = await redis.subscribe(["c", "d"]);
    await using two = await redis.subscribe("c");
    await server.kill();
    await sleep(20);
    await one.close();
    await server.startAgain();
    await until(async () => await redis.publish("c", "x") === 1);
    assert.equal((await two.next()).value?.message, "x");
    assert.deepEqual(await redis.pubsubChannels(), ["c"]);
  },
);

testBoth(
  "a channel that is refused after a reconnect ends only its own subscription",
  async ({ server, protocol }) => {
    const allow = (...names: string[]) =>
      server.ask(
        ...["ACL", "SETUSER", "limited", "on", ">pw", "+@all", "~*"],
        ...["resetchannels", ...names],
      );
    await allow("&a", "&b", "&c");
    await using redis = await connect(server.url, {
      protocol,
      username: "limited",
      password: "pw",
    });
    await using admin = await connect(server.url);
    const [a, b, c] = await Promise.all([
      redis.subscribe("a"),
      redis.subscribe("b"),
      redis.subscribe("c"),
    ]);
    // Redis disconnects a client that is subscribed to a channel for which it has lost
    // the permission.
    await allow("&a", "&c");
    const error = await errorOf(b.next());
    assert(error instanceof ReplyError);
    assert.equal(error.code, "NOPERM");
    assert.equal((await b.next()).done, true);
    for (const [name, reader] of [["a", a], ["c", c]] as const) {
      await until(async () => await admin.publish(name, "x") === 1);
      const { value } = await reader.next();
      assert.equal(value?.message, "x");
      assert(isReconnected(value?.missed));
    }
  },
);

const givingUp: ClientOptions = { connectAttempts: 2, backoff: () => 5 };

testBoth(
  "a subscription fails when the client gives up reconnecting",
  async ({ server, redis }) => {
    const news = await redis.subscribe("c");
    const waiting = news.next();
    waiting.catch(() => {});
    await server.kill();
    const error = await errorOf(waiting);
    assert(error instanceof ConnectionError);
    assert.match(error.message, /in 2 attempts/);
    assert.equal((await news.next()).done, true);
    await news.close();
    await server.startAgain();
    await using again = await redis.subscribe("c");
    await until(async () => await redis.publish("c", "x") === 1);
    const { value } = await again.next();
    assert.deepEqual([value?.message, value?.missed], ["x", null]);
  },
  givingUp,
);

testBoth(
  "closing the client while a subscription's connection is lost ends it",
  async ({ server, redis }) => {
    const news = await redis.subscribe("c");
    const next = news.next();
    await server.kill();
    await sleep(20);
    await redis.close({ timeout: 0 });
    assert.deepEqual(await next, { done: true, value: undefined });
    await server.startAgain();
  },
);

Deno.test("a new connection that does not confirm subscriptions in time is replaced by the next one", async () => {
  const subscribed = (name: string) =>
    `>3\r\n+subscribe\r\n$1\r\n${name}\r\n:1\r\n`;
  const peer = new ScriptedPeer().expect("HELLO", "3").reply(WELCOME)
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("SUBSCRIBE", "c").reply(subscribed("c")).hangUp()
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("SUBSCRIBE", "c").silence()
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("SUBSCRIBE", "c").reply(
      `${subscribed("c")}>3\r\n+message\r\n$1\r\nc\r\n$4\r\nback\r\n`,
    ).silence();
  await using redis = await connect({
    dial: peer.dial,
    info: false,
    commandTimeout: 50,
    backoff: () => 1,
  });
  await using news = await redis.with({ timeout: 5_000 }).subscribe("c");
  const { value } = await news.next();
  assert.equal(value?.message, "back");
  assert(isReconnected(value?.missed));
  await peer.done();
});

Deno.test("a name that is refused after a reconnect does not end other subscriptions, also when that connection is lost", async () => {
  const subscribed = (name: string) =>
    `>3\r\n+subscribe\r\n$1\r\n${name}\r\n:1\r\n`;
  const peer = new ScriptedPeer().expect("HELLO", "3").reply(WELCOME)
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("SUBSCRIBE", "a", "b").reply(subscribed("a") + subscribed("b"))
    .hangUp()
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("SUBSCRIBE", "a", "b").reply("-NOPERM no\r\n").hangUp()
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("SUBSCRIBE", "a", "b").reply(
      `${subscribed("a")}${subscribed("b")}` +
        ">3\r\n+message\r\n$1\r\nb\r\n$4\r\nback\r\n",
    ).silence();
  await using redis = await connect({
    dial: peer.dial,
    info: false,
    backoff: () => 1,
    // The peer does not reply to UNSUBSCRIBE.
    commandTimeout: 300,
  });
  await using news = await redis.subscribe(["a", "b"]);
  const { value } = await news.next();
  assert.equal(value?.message, "back");
  assert(isReconnected(value?.missed));
  await peer.done();
});
