/**
 * npm packages that use this convention, unchanged: each uses the gateway as its
 * documentation shows.
 *
 * @module
 */

import assert from "node:assert/strict";
import { UpstashRedisAdapter } from "npm:@auth/upstash-redis-adapter@2.11.3";
import { Lock } from "npm:@upstash/lock@0.2.1";
import { Query } from "npm:@upstash/query@0.0.2";
import { handle, Realtime } from "npm:@upstash/realtime@1.1.0";
import { Redis } from "npm:@upstash/redis@1.39.0/cloudflare";
import { createClient } from "npm:@vercel/kv@3.0.0";
import { Hono } from "npm:hono@4.13.19";
import { rateLimiter, RedisStore } from "npm:hono-rate-limiter@0.5.4";
import { createStorage } from "npm:unstorage@1.17.6";
import upstashDriver from "npm:unstorage@1.17.6/drivers/upstash";
import { z } from "npm:zod@4.1.11";
import { holdResponses } from "./upstash.ts";

/** A gateway: its address and a token with all permissions. */
interface Target {
  readonly url: string;
  readonly token: string;
}

type Use = (redis: Redis, target: Target) => Promise<void>;

const PACKAGES: Record<string, Use> = {
  "unstorage": async (_, { url, token }) => {
    const driver = upstashDriver({
      url,
      token,
      base: "storage",
      enableTelemetry: false,
    });
    const storage = createStorage({ driver });
    await storage.setItem("a:b", { n: 1 });
    await storage.setItem("c", "text", { ttl: 100 });
    assert.deepEqual(await storage.getItem("a:b"), { n: 1 });
    assert.equal(await storage.hasItem("nope"), false);
    const items = await storage.getItems(["a:b", "nope"]);
    assert.deepEqual(items.map(({ value }: { value: unknown }) => value), [{
      n: 1,
    }, null]);
    assert.deepEqual((await storage.getKeys()).sort(), ["a:b", "c"]);
    await storage.removeItem("c");
    await storage.clear();
    assert.deepEqual(await storage.getKeys(), []);
    await storage.dispose();
  },

  "@auth/upstash-redis-adapter": async (redis) => {
    // deno-lint-ignore no-explicit-any -- its types come from another package
    const adapter = UpstashRedisAdapter(redis as any) as any;
    const user = await adapter.createUser({
      email: "a@b.example",
      emailVerified: new Date(0),
    });
    assert.deepEqual(await adapter.getUserByEmail("a@b.example"), user);
    const expires = new Date("2030-01-01");
    const session = { sessionToken: "s", userId: user.id, expires };
    await adapter.createSession(session);
    assert.deepEqual(await adapter.getSessionAndUser("s"), { session, user });
    await adapter.linkAccount({
      userId: user.id,
      provider: "p",
      providerAccountId: "1",
    });
    await adapter.createVerificationToken({
      identifier: "i",
      token: "t",
      expires,
    });
    const used = await adapter.useVerificationToken({
      identifier: "i",
      token: "t",
    });
    assert.deepEqual(used.expires, expires);
    await adapter.deleteUser(user.id);
    assert.equal(await adapter.getUser(user.id), null);
  },

  "@vercel/kv": async (_, { url, token }) => {
    const kv = createClient({ url, token, enableTelemetry: false });
    await kv.set("kv", { a: 1 }, { ex: 100 });
    assert.deepEqual(await kv.get("kv"), { a: 1 });
    await kv.hset("kv-hash", { x: 1, y: "z" });
    assert.deepEqual(await kv.hgetall("kv-hash"), { x: 1, y: "z" });
    const keys: string[] = [];
    for await (const key of kv.scanIterator({ match: "kv*" })) keys.push(key);
    assert.deepEqual(keys.sort(), ["kv", "kv-hash"]);
    assert.deepEqual(await kv.multi().incr("n").get("n").exec(), [1, 1]);
  },

  "@upstash/lock": async (redis) => {
    // deno-lint-ignore no-explicit-any -- its types come from another version
    const config = { id: "lock", redis: redis as any, lease: 10_000 };
    const retry = { attempts: 1, delay: 1 };
    const [first, second] = [new Lock(config), new Lock({ ...config, retry })];
    assert.equal(await first.acquire(), true);
    assert.equal(await second.acquire(), false);
    assert.equal(await first.extend(5_000), true);
    assert.equal(await second.release(), false);
    assert.equal(await first.release(), true);
    assert.equal(await second.acquire(), true);
  },

  "@upstash/realtime": async (redis) => {
    using _held = holdResponses();
    const schema = { news: { alert: z.string() } };
    // deno-lint-ignore no-explicit-any -- its types come from another version
    const realtime = new Realtime({ schema, redis: redis as any });
    const leaving = new AbortController();
    const request = new Request("https://app.example/realtime?channel=room", {
      signal: leaving.signal,
    });
    const response = (await handle({ realtime })(request))!;
    const reader = response.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    let text = "";
    const until = async (mark: string) => {
      while (!text.includes(mark)) {
        const { done, value } = await reader.read();
        assert.ok(!done, text);
        text += value;
      }
    };
    await until('"connected"');
    await realtime.channel("room").emit("news.alert", "fire, really");
    await until("fire, really");
    leaving.abort();
    await reader.cancel().catch(() => {});
  },

  "@upstash/query": async (_, { url, token }) => {
    const redis = new Redis({
      url,
      token,
      automaticDeserialization: false,
      enableTelemetry: false,
    });
    // deno-lint-ignore no-explicit-any -- its types come from another version
    const query = new Query({ redis: redis as any });
    const users = query.createCollection<{ name: string; org: string }>("u");
    const byOrg = users.createIndex({ name: "by_org", terms: ["org"] });
    await users.set("1", { name: "A", org: "x" });
    await users.set("2", { name: "B", org: "y" });
    const found = await byOrg.match({ org: "x" });
    assert.deepEqual(found.map(({ data }) => data), [{ name: "A", org: "x" }]);
  },

  "hono-rate-limiter": async (redis) => {
    const app = new Hono();
    app.use(
      // deno-lint-ignore no-explicit-any -- its types come from another version
      rateLimiter<any, any, any>({
        windowMs: 60_000,
        limit: 2,
        keyGenerator: () => "somebody",
        store: new RedisStore({ client: redis }),
      }),
    );
    app.get("/", (c) => c.text("served"));
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await app.request("/")).status);
    }
    assert.deepEqual(statuses, [200, 200, 429]);
  },
};

/** Uses each package with the gateway at `url`. Redis must be empty, and is at the end. */
export async function assertServesPackages(
  t: Deno.TestContext,
  url: string,
  token: string,
): Promise<void> {
  const redis = new Redis({ url, token, enableTelemetry: false, retry: false });
  for (const [name, use] of Object.entries(PACKAGES)) {
    await t.step(name, async () => {
      await use(redis, { url, token });
      await redis.flushdb();
    });
  }
}
