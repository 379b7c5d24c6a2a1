/**
 * The gateway's cache: reads from memory, as long as Redis says that they are right.
 *
 * @module
 */

import assert from "node:assert/strict";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import {
  type GatewayServer,
  serve,
  type ServerEnv,
} from "../../worker/serve.ts";
import { ask } from "../support/ask.ts";
import { Chaos } from "../support/chaos.ts";
import { TestServer } from "../support/test_server.ts";
import { assertReadYourWrites } from "./cache_crowd.ts";
import { assertCaches, isCached, warmed } from "./cached.ts";
import { type Answered, assertServes, Caller } from "./caller.ts";
import { eventually } from "./events.ts";
import { assertServesPackages } from "./packages.ts";
import { assertServesSocket, SocketClient } from "./sockets.ts";
import { assertServesUpstash } from "./upstash.ts";

const TOKEN = "token-of-the-tests";

/** A gateway with a cache, and who asks it. */
class Cached implements AsyncDisposable {
  readonly gateway: GatewayServer;
  readonly caller: Caller;

  constructor(redisUrl: string, env: ServerEnv = {}) {
    this.gateway = serve({ REDIS_URL: redisUrl, TOKEN, CACHE: "on", ...env }, {
      hostname: "127.0.0.1",
      port: 0,
    });
    this.caller = new Caller(this.gateway.url, TOKEN);
  }

  /** Executes one command for a client that has `syncToken`. */
  act(syncToken: string, ...command: string[]): Promise<Answered> {
    return this.caller.post("/", command, { "upstash-sync-token": syncToken });
  }

  get(key: string, token: string = TOKEN): Promise<Answered> {
    return new Caller(this.gateway.url, token).call(`/get/${key}`);
  }

  /** The samples of `/metrics` by name. */
  async metrics(): Promise<Record<string, number>> {
    const response = await fetch(`${this.gateway.url}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const lines = (await response.text()).matchAll(/^sorrel_(\S+) (\S+)$/gm);
    return Object.fromEntries(
      Array.from(lines, ([, name, value]) => [name, Number(value)]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.shutdown(1_000);
  }
}

function tokenOf({ headers }: Answered): string {
  return headers.get("upstash-sync-token")!;
}

Deno.test("with CACHE reads come from memory until their keys change", async (t) => {
  await using server = await TestServer.start();
  await using cached = new Cached(server.url);
  const { caller, gateway: { url } } = cached;
  await assertCaches(url, TOKEN, (...args) => server.ask(...args));

  await t.step("and everything else is as it was", async (t) => {
    await assertServes(caller);
    await assertServesSocket(url, TOKEN, caller);
    await server.ask("FLUSHALL");
    await assertServesUpstash(url, TOKEN);
    await server.ask("FLUSHALL");
    await assertServesPackages(t, url, TOKEN);
  });
});

Deno.test("with CACHE, in front of the embedded server", async () => {
  await using server = await EmbeddedServer.listen({ port: 0 });
  await using cached = new Cached(server.url);
  const { hostname, port } = new URL(server.url);
  await assertCaches(
    cached.gateway.url,
    TOKEN,
    (...args) => ask(hostname, Number(port), args),
  );
});

Deno.test("without CACHE nothing comes from memory", async () => {
  await using server = await TestServer.start();
  await using plain = new Cached(server.url, { CACHE: "off" });
  for (let i = 0; i < 3; i++) {
    const answered = await plain.get("k");
    assert.ok(!isCached(answered));
    assert.equal(answered.headers.get("cache-control"), "no-store");
  }
  const { cache_hits_total } = await plain.metrics();
  assert.equal(cache_hits_total, undefined);
});

Deno.test("a sync token gives read-your-writes among gateways", async (t) => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using near = new Cached(server.url);
  await using far = new Cached(chaos.url);

  await t.step("also where news of changes is late", async () => {
    await near.act("", "SET", "k", "1");
    await warmed(() => far.get("k"));
    chaos.toClient.blackhole = true;
    const written = await near.act("", "SET", "k", "2");
    const old = await far.get("k");
    assert.equal(old.json.result, "1", "without a token news may be late");
    const read = far.act(tokenOf(written), "GET", "k");
    const many = far.caller.post("/pipeline", [["GET", "k"], ["GET", "l"]], {
      "upstash-sync-token": tokenOf(written),
    });
    chaos.toClient.blackhole = false;
    assert.equal((await read).json.result, "2");
    assert.equal((await many).json[0].result, "2");
    assert.equal((await far.get("k")).json.result, "2", "and for all others");
  });

  await t.step("and the token is known from then on", async () => {
    const token = tokenOf(await near.act("", "SET", "k", "3"));
    const first = await far.act(token, "GET", "k");
    assert.ok(!isCached(first));
    assert.equal(tokenOf(first), token, "a read gives it back");
    await warmed(() => far.act(token, "GET", "k"));
    await warmed(() => near.act(token, "GET", "k"));
  });

  await t.step(
    "a write that follows keeps what the client had seen",
    async () => {
      await warmed(() => far.get("k"));
      chaos.toClient.blackhole = true;
      const first = await near.act("", "SET", "k", "4");
      const second = far.act(tokenOf(first), "SET", "other", "1");
      chaos.toClient.blackhole = false;
      const read = await far.act(tokenOf(await second), "GET", "k");
      assert.equal(read.json.result, "4");
    },
  );

  await t.step(
    "each write has a new token, the first read has one",
    async () => {
      const tokens = new Set<string>();
      for (let i = 0; i < 10; i++) {
        tokens.add(tokenOf(await near.act("", "INCR", "n")));
      }
      assert.equal(tokens.size, 10);
      assert.ok(tokenOf(await near.act("", "GET", "n")));
    },
  );

  await t.step(
    "tokens of any form are accepted, and not all given back",
    async () => {
      await near.act("", "SET", "k", "5");
      for (const token of ["nonsense", "x".repeat(5_000), "a, b", "{}"]) {
        const answered = await far.act(token, "GET", "k");
        assert.equal(answered.json.result, "5", token);
        assert.ok(tokenOf(answered).length <= 64);
      }
    },
  );

  await t.step("a client that goes from one to the other", async () => {
    let token = "";
    for (let i = 0; i < 200; i++) {
      const [one, other] = i % 2 ? [near, far] : [far, near];
      token = tokenOf(await one.act(token, "SET", "k", `${i}`));
      const read = await other.act(token, "GET", "k");
      assert.equal(read.json.result, `${i}`);
      token = tokenOf(read);
    }
  });
});

Deno.test("a reply from memory is given to whom may read the key", async () => {
  await using server = await TestServer.start();
  await server.ask(
    "ACL",
    "SETUSER",
    "app",
    "on",
    ">pw",
    "+@all",
    "~app:*",
    "&*",
  );
  const { host } = new URL(server.url);
  await using cached = new Cached(server.url, {
    GRANTS: JSON.stringify({
      app: { token: "token-app", keys: ["app:*"] },
      writer: { token: "token-writer", allow: ["set"] },
      fresh: { token: "token-fresh", cache: false },
      // Another user, another database: caches of their own.
      user: { token: "token-user", redisUrl: `redis://app:pw@${host}` },
      one: { token: "token-one", redisUrl: `redis://${host}/1` },
    }),
  });
  await server.ask("SET", "secret", "1");
  await server.ask("SET", "app:a", "2");
  for (const key of ["secret", "app:a"]) await warmed(() => cached.get(key));

  assert.equal((await cached.get("app:a", "token-app")).json.result, "2");
  const url = cached.gateway.url;
  for (
    const [token, error] of [
      ["token-app", /^NOPERM.*keys/],
      ["token-writer", /^NOPERM.*command/],
      ["token-user", /^NOPERM/],
      ["wrong", /^WRONGPASS/],
    ] as const
  ) {
    const caller = new Caller(url, token);
    const asked = [
      await caller.call("/get/secret"),
      await caller.call("/raw/get/secret"),
      await caller.call("/mget/app:a/secret"),
      await caller.post("/", ["get", "secret"]),
    ];
    for (const answered of asked) {
      assert.match(answered.json.error, error, token);
      assert.ok(!isCached(answered));
      assert.equal(answered.headers.get("cache-control"), "no-store");
    }
    const { json } = await caller.post("/pipeline", [["GET", "secret"]]);
    assert.match((json[0] ?? json).error, error, token);
  }
  assert.equal((await cached.get("secret", "token-one")).json.result, null);
  for (let i = 0; i < 3; i++) {
    assert.ok(!isCached(await cached.get("secret", "token-fresh")));
  }
  // A grant without the cache writes: the others see it.
  await new Caller(url, "token-fresh").command("SET", "secret", "3");
  assert.equal((await cached.get("secret")).json.result, "3");
});

Deno.test("no reply outlives its key", async () => {
  await using server = await TestServer.start();
  await server.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  await using cached = new Cached(server.url);
  const until = Date.now() + 300;
  await cached.act("", "SET", "k", "v", "PXAT", `${until}`);
  await warmed(() => cached.get("k"));
  while (Date.now() <= until) {
    await new Promise((resolve) => setTimeout(resolve, until + 1 - Date.now()));
  }
  assert.equal((await cached.get("k")).json.result, null);
});

Deno.test("without Redis nothing comes from memory", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using cached = new Cached(`${chaos.url}?commandTimeout=1000`);
  await server.ask("SET", "k", "old");
  await warmed(() => cached.get("k"));
  await server.kill();
  await eventually(async () => (await cached.get("k")).status === 502);
  const { cache_entries } = await cached.metrics();
  assert.equal(cache_entries, 0);
  await server.startAgain();
  await server.ask("SET", "k", "new");
  await eventually(async () => (await cached.get("k")).status === 200);
  assert.equal((await cached.get("k")).json.result, "new");
  await warmed(() => cached.get("k"));

  // Connections that are lost, while another writes.
  for (let i = 0; i < 20; i++) {
    await warmed(() => cached.get("k"));
    chaos.drop();
    await server.ask("SET", "k", `${i}`);
    await eventually(async () =>
      (await cached.get("k")).json.result === `${i}`
    );
  }
});

Deno.test("/metrics tells what the cache does", async () => {
  await using server = await TestServer.start();
  await using cached = new Cached(server.url, { CACHE: "64kb" });
  await warmed(() => cached.get("k"));
  const before = await cached.metrics();
  await cached.get("k");
  await cached.get("other");
  const after = await cached.metrics();
  const grown = (name: string) => after[name]! - before[name]!;
  assert.equal(grown("cache_hits_total"), 1);
  assert.equal(grown("cache_misses_total"), 1);
  assert.equal(grown("cache_entries"), 1);
  assert.ok(grown("cache_bytes") > 0);

  const value = "v".repeat(1_000);
  for (let i = 0; i < 100; i++) {
    await server.ask("SET", `k${i}`, value);
    await cached.get(`k${i}`);
  }
  const full = await cached.metrics();
  assert.ok(full.cache_bytes! <= 64 * 1024, "within CACHE");
  assert.ok(full.cache_bytes! > 60 * 1024);
  assert.ok(full.cache_evictions_total! > 0);
  await server.ask("SET", "k99", "w");
  await eventually(async () =>
    (await cached.metrics()).cache_invalidations_total! > 0
  );
});

Deno.test("CACHE is checked", async (t) => {
  await using server = await TestServer.start();
  for (const wrong of ["yes", "0", "-1", "1.5mb", "64 mb", "1tb", "ON "]) {
    assert.throws(() => new Cached(server.url, { CACHE: wrong }), {
      message:
        `ERR cannot use CACHE as it must be on, off, or bytes such as 64mb: current value is ${
          JSON.stringify(wrong)
        }`,
    });
  }
  for (const right of ["on", "64mb", "1000000", "1GB", "8kB"]) {
    await using cached = new Cached(server.url, { CACHE: right });
    await warmed(() => cached.get("k"));
  }
  await t.step("a grant's cache is true or false", () => {
    const GRANTS = JSON.stringify({ a: { token: "a", cache: "on" } });
    assert.throws(() => new Cached(server.url, { GRANTS }), /cache must/);
  });
  await t.step("a user without CLIENT TRACKING is told", async () => {
    await server.ask(
      ...["ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all"],
      "-client|tracking",
    );
    const { host } = new URL(server.url);
    await using cached = new Cached(`redis://app:pw@${host}`);
    let error = "";
    await eventually(async () => {
      const { status, json } = await cached.get("k");
      error = json.error;
      return status === 502;
    });
    assert.match(
      error,
      /^ERR CACHE needs CLIENT TRACKING, which Redis refuses: NOPERM /,
    );
    // Writes go on.
    await cached.caller.command("SET", "k", "v");
  });
});

Deno.test("commands of a WebSocket are sent to Redis, and what they write is seen", async () => {
  await using server = await TestServer.start();
  await using cached = new Cached(server.url);
  await warmed(() => cached.get("k"));
  await using socket = await SocketClient.open(cached.gateway.url, TOKEN);
  socket.send({ id: 1, command: ["SET", "k", "v"] });
  assert.deepEqual(await socket.next(), { id: 1, result: "OK" });
  assert.equal((await cached.get("k")).json.result, "v");
});

Deno.test("clients that go from gateway to gateway read what they wrote, over a network with faults", async () => {
  await using server = await TestServer.start();
  await using slow = Chaos.before(server);
  await using lossy = Chaos.before(server);
  slow.toClient.delay = 5;
  lossy.toClient.split = 100;
  const gateways = [
    new Cached(server.url),
    new Cached(`${slow.url}?commandTimeout=2000`),
    new Cached(`${lossy.url}?commandTimeout=2000`, { CACHE: "64kb" }),
  ];
  try {
    const urls = gateways.map(({ gateway }) => gateway.url);
    const faults = setInterval(() => lossy.drop(), 500);
    const { reads, cached } = await assertReadYourWrites(urls, TOKEN, {
      clients: 20,
      times: 40,
      seed: 1,
    }).finally(() => clearInterval(faults));
    assert.ok(reads > 300, `${reads}`);
    assert.ok(cached > 30, `${cached}`);
  } finally {
    for (const each of gateways) await each[Symbol.asyncDispose]();
  }
});
