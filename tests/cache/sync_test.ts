import assert from "node:assert/strict";
import { CachedEngine } from "../../lib/cache/engine.ts";
import {
  type CachedCallOptions,
  resolveCacheOptions,
} from "../../lib/cache/options.ts";
import { Client } from "../../lib/client/client.ts";
import { dial } from "../../lib/net/tcp.ts";
import { RAW } from "../../lib/resp/reply.ts";
import { Chaos } from "../support/chaos.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { Events, testCache } from "./support.ts";

const testTracking = await testWith("client tracking");

for (const protocol of [2, 3] as const) {
  testTracking(
    `RESP${protocol}: behind sync() no reply is older than what another client has written`,
    async () => {
      await using server = await TestServer.start();
      await using chaos = Chaos.before(server);
      const events = new Events();
      await using client = new Client({
        hostname: chaos.hostname,
        port: chaos.port,
        dial,
        protocol,
      });
      const engine = new CachedEngine(
        client,
        resolveCacheOptions({ onEvent: events.add }),
      );
      const get = (call: CachedCallOptions = {}) =>
        engine.execute({ args: ["GET", "k"], shape: RAW }, call);
      assert.equal(await engine.sync(), true, "nothing is kept yet");
      await server.ask("SET", "k", "1");
      await get();
      // In RESP2 a read is kept once the subscription is there that tells of changes.
      await events.next("connected");
      assert.equal(await get(), "1");

      chaos.toClient.blackhole = true;
      await server.ask("SET", "k", "2");
      assert.equal(await get(), "1", "nobody has told");
      const synced = engine.sync().then(async (certain) => [
        certain,
        await get(),
      ]);
      chaos.toClient.blackhole = false;
      assert.deepEqual(await synced, [true, "2"]);

      chaos.drop();
      await events.next("disconnected");
      await engine.close();
    },
  );
}

testTracking(
  "a call tells how old its reply may be, and is told how old it is",
  async () => {
    await using server = await TestServer.start();
    await using client = new Client({
      hostname: server.hostname,
      port: server.port,
      dial,
    });
    const engine = new CachedEngine(client, resolveCacheOptions({}));
    const ages: number[] = [];
    const onHit = (age: number) => ages.push(age);
    const ask = (args: string[], maxAge = Infinity) =>
      engine.execute({ args, shape: RAW }, { maxAge, onHit });
    const count = () => [engine.stats.misses, engine.stats.hits, ages.length];

    await ask(["GET", "k"]);
    assert.deepEqual(count(), [1, 0, 0]);
    const start = performance.now();
    while (performance.now() < start + 5) await ask(["GET", "k"]);
    await ask(["GET", "k"]);
    assert.ok(ages.at(-1)! > 4, "it grows");
    ages.length = 0;
    await ask(["GET", "k"], 60_000);
    assert.equal(ages.length, 1);
    const [misses, hits] = count();
    await ask(["GET", "k"], 1);
    assert.deepEqual(count(), [misses! + 1, hits, 1], "too old: asked again");
    await ask(["GET", "k"], 0);
    assert.deepEqual(count(), [misses! + 1, hits, 1], "passed on");
    await ask(["MGET", "k", "l"]);
    await ask(["MGET", "k", "l"]);
    assert.deepEqual(count(), [misses! + 2, hits! + 1, 4], "of each key");
    await engine.close();
  },
);

testCache(
  "what anybody publishes where the server tells of changes drops nothing",
  async ({ cached, other, events }) => {
    await other.set("k", 1);
    await cached.get("k");
    await other.publish("__redis__:invalidate", "k");
    await other.set("other", 1);
    await cached.get("l");
    await other.set("l", 1);
    await events.next("invalidated");
    assert.equal(cached.stats.entries, 1);
    assert.equal(cached.stats.invalidations, 1);
  },
);
