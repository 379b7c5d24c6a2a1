import assert from "node:assert/strict";
import {
  type Gap,
  type Message,
  Subscription,
  type SubscriptionOptions,
} from "../../lib/client/subscription.ts";
import { Client } from "../../lib/client/client.ts";
import { ConnectionError, SlowReaderError } from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { connect } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";
import { clientsOf, errorOf, sleep, testBoth, until } from "./support.ts";

const permissions = "none";
const encoder = new TextEncoder();

/** A subscription without a connection. */
function alone(options: SubscriptionOptions): Subscription<string> & {
  left: number;
  pauses: number;
} {
  const subscription: ReturnType<typeof alone> = Object.assign(
    new Subscription<string>(options, "text", {
      // deno-lint-ignore require-await -- the server confirms
      leave: async () => void subscription.left++,
      took: () => {},
      pause: () => void subscription.pauses++,
    }),
    { left: 0, pauses: 0 },
  );
  return subscription;
}

function deliver(
  to: Subscription<string>,
  ...texts: (string | number)[]
): void {
  for (const text of texts) to.deliver("c", encoder.encode(String(text)));
}

/** Reads the queued messages, each gap before the message that follows it. */
async function drain(from: Subscription<string>): Promise<unknown[]> {
  const seen: unknown[] = [];
  from.end();
  for (;;) {
    const { done, value } = await from.next();
    if (done) return seen;
    seen.push(
      value.missed === null
        ? value.message
        : [shown(value.missed), value.message],
    );
  }
}

function shown({ reason, since, count }: Gap): string {
  assert(since instanceof Date);
  return count === undefined ? reason : `${reason} ${count}`;
}

Deno.test(
  'behaviour 56: "drop-oldest" keeps the newest messages, and counts the dropped',
  { permissions },
  async () => {
    const news = alone({ highWaterMark: 3 });
    deliver(news, 1, 2, 3);
    assert.equal(news.dropped, 0);
    deliver(news, 4, 5, 6, 7);
    assert.equal(news.dropped, 4);
    assert.deepEqual(await drain(news), [["dropped 4", "5"], "6", "7"]);
  },
);

Deno.test(
  'behaviour 56: "drop-newest" keeps the oldest messages, and counts the dropped',
  { permissions },
  async () => {
    const news = alone({ highWaterMark: 3, overflow: "drop-newest" });
    deliver(news, 1, 2, 3, 4, 5);
    assert.equal(news.dropped, 2);
    assert.equal((await news.next()).value?.message, "1");
    deliver(news, 6, 7);
    assert.equal((await news.next()).value?.message, "2");
    deliver(news, 8);
    assert.equal(news.dropped, 3);
    assert.deepEqual(await drain(news), [
      "3",
      ["dropped 2", "6"],
      ["dropped 1", "8"],
    ]);
  },
);

Deno.test(
  'behaviour 56: "error" throws after the queued messages',
  { permissions },
  async () => {
    const news = alone({ highWaterMark: 2, overflow: "error" });
    deliver(news, 1, 2);
    assert.equal(news.left, 0);
    deliver(news, 3, 4);
    assert.equal(news.left, 1);
    assert.equal((await news.next()).value?.message, "1");
    assert.equal((await news.next()).value?.message, "2");
    const error = await errorOf(news.next());
    assert(error instanceof SlowReaderError);
    assert.match(error.message, /2 wait to be read/);
    assert.equal((await news.next()).done, true);
  },
);

Deno.test(
  'behaviour 56: "pause" stops reading until there is room',
  { permissions },
  async () => {
    const news = alone({ highWaterMark: 2, overflow: "pause" });
    deliver(news, 1, 2);
    assert.equal(news.pauses, 0);
    // The rest of a chunk that was already read is kept all the same.
    deliver(news, 3, 4);
    assert.equal(news.pauses, 1);
    for (const n of [1, 2, 3]) {
      assert.equal((await news.next()).value?.message, String(n));
    }
    deliver(news, 5, 6);
    assert.equal(news.pauses, 2);
    assert.equal(news.dropped, 0);
    assert.deepEqual(await drain(news), ["4", "5", "6"]);
  },
);

Deno.test(
  "behaviour 56: a queue is bounded by bytes too, but always holds one message",
  {
    permissions,
  },
  async () => {
    for (const overflow of ["drop-oldest", "drop-newest"] as const) {
      const news = alone({ highWaterBytes: 10, overflow });
      deliver(news, "12345", "67890");
      assert.equal(news.dropped, 0);
      deliver(news, "a");
      assert.equal(news.dropped, 1);
      const kept = overflow === "drop-oldest"
        ? [["dropped 1", "67890"], "a"]
        : ["12345", "67890"];
      assert.deepEqual(await drain(news), kept);

      const large = alone({ highWaterBytes: 10, overflow });
      deliver(large, "x".repeat(100));
      assert.equal(large.dropped, 0);
      assert.deepEqual(await drain(large), ["x".repeat(100)]);
    }
  },
);

Deno.test(
  "nothing is dropped while a reader waits",
  { permissions },
  async () => {
    for (const overflow of ["drop-oldest", "drop-newest", "error"] as const) {
      const news = alone({ highWaterMark: 1, overflow });
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { message } of news) seen.push(message);
      })();
      for (let i = 0; i < 10; i++) {
        deliver(news, i);
        await sleep(0);
      }
      news.end();
      await reading;
      assert.deepEqual(seen, Array.from("0123456789"));
      assert.equal(news.dropped, 0);
    }
  },
);

Deno.test(
  "the next message reports a lost connection",
  { permissions },
  async () => {
    const news = alone({});
    deliver(news, 1);
    const since = new Date(0);
    news.lost(since);
    news.restored();
    deliver(news, 2, 3);
    assert.equal((await news.next()).value?.missed, null);
    const { value } = await news.next();
    assert.deepEqual(value?.missed, {
      reason: "reconnected",
      since,
      count: undefined,
    });
    assert.equal((await news.next()).value?.missed, null);
  },
);

Deno.test(
  "with gaps, a gap is an item of its own",
  { permissions },
  async () => {
    const news = alone({
      gaps: true,
      highWaterMark: 2,
    }) as unknown as Subscription<
      string,
      Message | Gap
    >;
    const one = news as unknown as Subscription<string>;
    const waiting = news.next();
    const since = new Date(0);
    news.lost(since);
    news.restored();
    const gap = { reason: "reconnected", since, count: undefined };
    assert.deepEqual((await waiting).value, gap);
    deliver(one, 1, 2, 3);
    const items: unknown[] = [];
    for (let i = 0; i < 3; i++) items.push((await news.next()).value);
    const [dropped, ...messages] = items as [Gap, ...Message[]];
    assert.equal(shown(dropped), "dropped 1");
    assert.deepEqual(messages, [
      { channel: "c", message: "2", missed: null },
      { channel: "c", message: "3", missed: null },
    ]);
  },
);

Deno.test(
  "a gap of a reconnect is reported although messages around it were dropped",
  {
    permissions,
  },
  async () => {
    for (const overflow of ["drop-oldest", "drop-newest"] as const) {
      for (const highWaterMark of [1, 2, 3]) {
        for (let before = 0; before < 5; before++) {
          for (let after = 1; after < 5; after++) {
            const news = alone({ highWaterMark, overflow });
            for (let i = 0; i < before; i++) deliver(news, "before");
            news.lost(new Date());
            for (let i = 0; i < after; i++) deliver(news, "after");
            const items = [(await news.next()).value!];
            deliver(news, "last");
            news.end();
            for await (const item of news) items.push(item);
            const first = items.findIndex(({ message }) =>
              message !== "before"
            );
            assert.deepEqual(
              items.map(({ missed }) => missed?.reason === "reconnected"),
              items.map((_, i) => i === first),
              Deno.inspect({ overflow, highWaterMark, before, after, items }),
            );
          }
        }
      }
    }
  },
);

Deno.test("behaviour 56: every message is read, or counted as missing", {
  permissions,
}, async () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor(seed / 2 ** 31 * below);
  };
  for (let round = 0; round < 200; round++) {
    const overflow = random(2) === 0 ? "drop-oldest" : "drop-newest";
    const news = alone({
      overflow,
      highWaterMark: 1 + random(5),
      highWaterBytes: 1 + random(20),
    });
    let published = 0;
    let read = 0;
    let accounted = 0;
    const publish = () => deliver(news, `${published++}`.padEnd(1 + random(6)));
    const readOne = async () => {
      const { value } = await news.next();
      accounted += value!.missed?.count ?? 0;
      assert.equal(Number(value!.message), accounted, "it is told where it is");
      accounted++;
      read++;
    };
    const held = () => published - news.dropped - read;
    for (let i = 0; i < 100; i++) {
      if (random(3) > 0 || held() === 0) publish();
      else await readOne();
    }
    while (held() > 0) await readOne();
    // The next message reports the messages that were dropped before it.
    publish();
    await readOne();
    assert.equal(accounted, published);
  }
});

testBoth(
  "behaviour 56: pause holds the server back, and delays no other subscription",
  async ({ server, redis }) => {
    const slow = await redis.subscribe("c", {
      overflow: "pause",
      highWaterMark: 8,
    });
    await using quick = await redis.subscribe("c", { highWaterMark: 100_000 });
    const count = 3_000;
    const payload = "x".repeat(1_000);
    for (let i = 0; i < count; i += 500) {
      await Promise.all(
        Array.from(
          { length: 500 },
          (_, j) => redis.publish("c", `${i + j} ${payload}`),
        ),
      );
    }
    for (let i = 0; i < count; i++) {
      const { value } = await quick.next();
      assert.match(value!.message, new RegExp(`^${i} `));
    }
    for (let i = 0; i < count; i++) {
      const { value } = await slow.next();
      assert.match(value!.message, new RegExp(`^${i} `));
      assert.equal(value!.missed, null);
    }
    assert.equal((await clientsOf(server, / sub=1 /)).length, 2);
    await slow.close();
    await until(async () => (await clientsOf(server, / sub=1 /)).length === 1);
  },
);

testBoth(
  "a paused subscription ends when it is closed, or its client is",
  async ({ redis }) => {
    const options = { overflow: "pause", highWaterMark: 1 } as const;
    const one = await redis.subscribe("c", options);
    const two = await redis.subscribe("c", options);
    for (let i = 0; i < 100; i++) await redis.publish("c", i);
    await sleep(5);
    await one.close();
    assert.equal((await one.next()).done, true);
    await redis.close();
    assert.equal(
      (await two.next()).done ?? false,
      false,
      "what it held is read",
    );
  },
);

testBoth(
  "a paused subscription whose connection is lost continues, and reports the gap",
  async ({ server, redis }) => {
    await using news = await redis.subscribe("c", {
      overflow: "pause",
      highWaterMark: 1,
    });
    for (let i = 0; i < 10; i++) await redis.publish("c", i);
    await sleep(5);
    await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
    let told = false;
    const reading = (async () => {
      for await (const { message, missed } of news) {
        told ||= missed?.reason === "reconnected";
        if (message === "end") return;
      }
    })();
    await until(async () => await redis.publish("c", "end") === 1);
    await reading;
    assert.equal(told, true);
  },
);

Deno.test("a paused subscription is paused on its next connection, too", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const { hostname, port } = server;
  await using client = new Client({ hostname, port, dial });
  const options = { overflow: "pause", highWaterMark: 1 } as const;
  const news = await client.subscribe("channel", ["c"], options, "text");
  for (let i = 0; i < 10; i++) await redis.publish("c", i);
  await until(async () => (await clientsOf(server, / sub=1 /)).length === 1);
  client.leave(new ConnectionError("Another server is the master now"));
  await until(async () => await redis.publish("c", "again") === 1);
  // More than the buffers in between can hold: the rest waits in the server.
  const text = "x".repeat(100_000);
  await until(async () => {
    await Promise.all(
      Array.from({ length: 20 }, () => redis.publish("c", text)),
    );
    const [line] = await clientsOf(server, / sub=1 /);
    return /omem=[1-9]/.test(line ?? "");
  });
  await news.close();
});

Deno.test("an unknown overflow policy is rejected", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await assert.rejects(
    redis.subscribe("c", { overflow: "dropoldest" as never }),
    /"overflow" must be one of drop-oldest, .*"dropoldest"/,
  );
});

Deno.test("authenticate() does not change a paused subscription", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await using own = await connect(server.url, {
    credentials: () => ({ username: "default", password: "x" }),
    connectTimeout: 5_000,
  });
  const heard = await own.subscribe("c", {
    overflow: "pause",
    highWaterMark: 2,
  });
  const total = 2_000;
  const text = "x".repeat(1_000);
  await Promise.all(
    Array.from({ length: total }, () => redis.publish("c", text)),
  );
  await sleep(100);
  await own.authenticate();
  let count = 0;
  for await (const { missed } of heard) {
    assert.equal(missed, null);
    if (++count === total) break;
  }
  assert.equal(count, total);
});
