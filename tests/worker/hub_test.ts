/**
 * Which Durable Object is asked, and how long clients live; the object itself is
 * tested in workerd: `wrangler_test.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dial } from "../../lib/net/tcp.ts";
import { askHub, type HubBinding } from "../../worker/hub.ts";
import { makeGateway } from "../../worker/gateway.ts";
import { LIMITS } from "../../worker/limits.ts";
import { Refusal } from "../../worker/refusal.ts";
import { Clients } from "../../worker/upstream.ts";
import { TestServer } from "../support/test_server.ts";
import { eventually } from "./events.ts";

const request = new Request("http://gateway/get/a");
const redisUrl = "rediss://bob:hidden@redis.example:6380/2?name=x";

/** A binding whose objects answer with their name and place, or fail. */
function binding(fail = false): HubBinding {
  return {
    idFromName: (name) => name,
    get: (id, options) => ({
      fetch: () =>
        fail
          ? Promise.reject(new Error("The object was reset"))
          : Promise.resolve(Response.json([id, options])),
    }),
  };
}

Deno.test("askHub() names objects after the server, without credentials", async () => {
  assert.equal(askHub(request, redisUrl, {}), undefined);
  const asked = await askHub(request, redisUrl, { HUB: binding() });
  assert.deepEqual(await asked?.json(), [
    "rediss://redis.example:6380/2#0",
    {},
  ]);
});

Deno.test("askHub() spreads requests over SHARDS objects, at LOCATION", async () => {
  const env = { HUB: binding(), SHARDS: "3", LOCATION: "weur" };
  const names = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const [name, options] = await (await askHub(request, redisUrl, env))!
      .json();
    names.add(name);
    assert.deepEqual(options, { locationHint: "weur" });
  }
  assert.deepEqual(
    [...names].sort(),
    [0, 1, 2].map((shard) => `rediss://redis.example:6380/2#${shard}`),
  );
});

function unused(what: string): never {
  throw new Error(`no ${what} is needed`);
}

Deno.test("what is declared too large is not passed on", async () => {
  const passed: string[] = [];
  const gateway = makeGateway({
    engine: () => unused("engine"),
    upstream: () => unused("client"),
    upgrade: () => unused("WebSocket"),
    passOn: ({ url }) => {
      passed.push(url);
      return Promise.resolve(new Response("elsewhere"));
    },
  });
  const ask = async (length: number) => {
    const headers = {
      authorization: "Bearer t",
      "content-length": `${length}`,
    };
    const init = { method: "POST", body: "x", headers };
    const request = new Request("http://gateway/set/a", init);
    const env = { REDIS_URL: "redis://h", TOKEN: "t" };
    return (await gateway.fetch(request, env)).status;
  };
  assert.equal(await ask(LIMITS.bodyBytes + 1), 413);
  assert.deepEqual(passed, []);
  assert.equal(await ask(LIMITS.bodyBytes), 200);
  assert.equal(passed.length, 1);
});

Deno.test("askHub() answers 503 for an object that was lost", async () => {
  await assert.rejects(
    async () => await askHub(request, redisUrl, { HUB: binding(true) }),
    (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.status, 503);
      assert.match(error.message, /may have been executed/);
      return true;
    },
  );
});

Deno.test("Clients closes what is unused, and nothing in use", async () => {
  await using server = await TestServer.start();
  const clients = new Clients({ dial, idle: 100 });
  const id = () =>
    clients.upstream(server.url, (client) => client.send(["CLIENT", "ID"]));
  const [first, ...others] = await Promise.all([id(), id(), id()]);
  assert.deepEqual(others, [first, first]);
  const alone = async () =>
    (await server.ask("CLIENT", "LIST")).match(/^id=/gm)?.length === 1;
  await eventually(alone);

  const second = await clients.upstream(server.url, async (client) => {
    const before = await client.send(["CLIENT", "ID"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await client.send(["CLIENT", "ID"]), before);
    return before;
  });
  assert.notEqual(second, first);
  await eventually(alone);
  await clients.close(0);
});

Deno.test("Clients sends in one write what came in one turn", async () => {
  await using server = await TestServer.start();
  const turn = Promise.withResolvers<void>();
  const clients = new Clients({ dial, turn: () => turn.promise });
  clients.prepare(server.url);
  let working = 0;
  const asked = Array.from(
    { length: 20 },
    (_, i) =>
      clients.upstream(server.url, (client) => {
        working++;
        return client.send(["ECHO", i]);
      }),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(working, 0);
  const reads = async () =>
    Number(
      /total_reads_processed:(\d+)/.exec(await server.ask("INFO", "stats"))![1],
    );
  const before = await reads();
  turn.resolve();
  assert.deepEqual(
    await Promise.all(asked),
    Array.from({ length: 20 }, (_, i) => `${i}`),
  );
  // The handshake of the client, the commands, and what asks here.
  assert.ok(await reads() - before < 10);
  await clients.close(0);
});
