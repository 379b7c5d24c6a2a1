/**
 * The choice of Durable Object, the data that travels to it and back, and the lifetime of
 * clients. The object itself is tested in workerd: `workerd_test.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import * as errors from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { RAW } from "../../lib/resp/reply.ts";
import { Clients } from "../../worker/clients.ts";
import { Direct } from "../../worker/direct.ts";
import type { HubBinding } from "../../worker/env.ts";
import { explain } from "../../worker/explain.ts";
import { Hub } from "../../worker/hub.ts";
import { HubEngine, hubFor } from "../../worker/hub_engine.ts";
import { Refusal } from "../../worker/refusal.ts";
import {
  decodeError,
  decodeReply,
  encodeError,
  encodeReply,
} from "../../worker/wire.ts";
import { TestServer } from "../support/test_server.ts";
import { eventually } from "./events.ts";

const REDIS_URL = "rediss://bob:hidden@redis.example:6380/2?name=x";

/** A binding whose stubs are the name and location of the object. */
const binding: HubBinding = {
  idFromName: (name) => name,
  get: (id, options) => [id, options],
};

Deno.test("hubFor() names objects after the server, without credentials", () => {
  assert.equal(hubFor(REDIS_URL, {}), undefined);
  assert.deepEqual(hubFor(REDIS_URL, { HUB: binding }), [
    "rediss://redis.example:6380/2#0",
    {},
  ]);
});

Deno.test("hubFor() spreads requests over SHARDS objects, at LOCATION", () => {
  const env = { HUB: binding, SHARDS: "3", LOCATION: "weur" };
  const names = new Set<unknown>();
  for (let i = 0; i < 200; i++) {
    const [name, options] = hubFor(REDIS_URL, env) as unknown as unknown[];
    names.add(name);
    assert.deepEqual(options, { locationHint: "weur" });
  }
  assert.deepEqual(
    [...names].sort(),
    [0, 1, 2].map((shard) => `rediss://redis.example:6380/2#${shard}`),
  );
});

Deno.test("an error that travels to the Worker keeps its explanation", () => {
  const reply = new errors.ReplyError("ERR unknown", {
    cause: new errors.ReplyError("EXECABORT discarded"),
  });
  const all = [
    reply,
    new errors.ReplyError("LOADING wait"),
    new errors.AuthenticationError("WRONGPASS for bob"),
    new errors.BatchError(2, "GET", reply),
    new errors.BatchError(0, "GET", new TypeError("x")),
    new errors.ConnectionError("x", { maybeExecuted: true }),
    new errors.ConnectionError("x", { cause: new Refusal(500, "ERR tls") }),
    new errors.TimeoutError("x"),
    new errors.ClosedError("x"),
    new errors.QueueFullError("x"),
    new errors.ProtocolError("x"),
    new errors.SlowReaderError("x"),
    new errors.WatchError("x"),
    new errors.RedisError("x"),
    new Refusal(429, "ERR many", { "retry-after": "1" }),
    new TypeError("x is undefined"),
    "thrown",
  ];
  for (const error of all) {
    const data = structuredClone(encodeError(error));
    const decoded = decodeError(data);
    assert.equal(
      decoded.name,
      error instanceof TypeError ? "Error" : data.error,
    );
    const { status, message, headers = {} } = explain(error);
    const again = explain(decoded);
    assert.deepEqual(
      [again.status, again.message, again.headers ?? {}],
      [status, message, headers],
      `${error}`,
    );
  }
});

Deno.test("a reply reaches the Worker unchanged, including nested errors", () => {
  const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
  const replies = ["a", 1, 2n ** 60n, null, view, [], [["a", [null, view]]]];
  for (const reply of replies) {
    const sent = structuredClone(encodeReply(reply));
    assert.deepEqual(decodeReply(sent), reply);
  }
  // Only the view's part of the buffer is sent.
  assert.equal((encodeReply(view) as Uint8Array).buffer.byteLength, 2);
  const error = new errors.ReplyError("WRONGTYPE no");
  const [one, [inner]] = decodeReply(
    structuredClone(encodeReply([1, [error, "x"]])),
  ) as [number, [Error]];
  assert.equal(one, 1);
  assert.ok(inner instanceof errors.ReplyError);
  assert.equal(inner.message, "WRONGTYPE no");
});

Deno.test("HubEngine returns 503 when its object is lost", async () => {
  const fail = () => Promise.reject(new Error("The object was reset"));
  const stub = {
    execute: fail,
    executeAll: fail,
    subscribe: fail,
    report: fail,
    read: fail,
  };
  const direct = new Direct("redis://unused", dial);
  const engine = new HubEngine(stub, "redis://unused", direct);
  const command = { args: ["GET", "a"], shape: RAW };
  const { signal } = new AbortController();
  for (
    const call of [
      () => engine.execute(command, {}),
      () => engine.executeAll([command], { atomic: false }, {}),
      () => engine.subscribe("channel", ["a"], { highWaterBytes: 1, signal }),
    ]
  ) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.status, 503);
      assert.match(error.message, /may have been executed/);
      return true;
    });
  }
});

Deno.test("Hub sums the counters of all instances, and the gauges of live ones", async () => {
  const stored = new Map<string, unknown>();
  const state = {
    storage: {
      get: (key: string) => Promise.resolve(structuredClone(stored.get(key))),
      put: (key: string, value: unknown) => {
        stored.set(key, structuredClone(value));
        return Promise.resolve();
      },
    },
  };
  const hub = new Hub(state, {});
  await hub.report("a", { commands_total: 2 }, { open: 1 });
  await hub.report("b", { commands_total: 3 }, { open: 2 });
  await hub.report("a", { commands_total: 1 }, { open: 4 });
  assert.deepEqual(await hub.read(), {
    counts: { commands_total: 6 },
    gauges: { open: 6 },
  });
  // The object was evicted, and is created again.
  const again = new Hub(state, {});
  await again.report("c", { commands_total: 1 }, {});
  assert.deepEqual(await again.read(), {
    counts: { commands_total: 7 },
    gauges: {},
  });
});

Deno.test("Clients closes an unused client, but none in use", async () => {
  await using server = await TestServer.start();
  const clients = new Clients({ dial, idle: 100 });
  const id = () =>
    clients.session(server.url).execute(
      { args: ["CLIENT", "ID"], shape: RAW },
      {},
    );
  const [first, ...others] = await Promise.all([id(), id(), id()]);
  assert.deepEqual(others, [first, first]);
  const alone = async () =>
    (await server.ask("CLIENT", "LIST")).match(/^id=/gm)?.length === 1;
  await eventually(alone);

  const second = await id();
  assert.notEqual(second, first);
  await eventually(alone);

  const left = new AbortController();
  const feed = await clients.session(server.url).subscribe(
    "channel",
    ["news"],
    { highWaterBytes: 1000, signal: left.signal },
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await server.ask("PUBLISH", "news", "hi"), ":1\r\n");
  await feed[Symbol.asyncDispose]();
  await eventually(alone);
  await clients.close(0);
});

Deno.test("Clients sends the commands of concurrent requests in one write", async () => {
  await using server = await TestServer.start();
  const read = Promise.withResolvers<void>();
  const clients = new Clients({ dial, batch: () => read.promise });
  clients.prepare(server.url);
  const replies = Array.from(
    { length: 20 },
    (_, i) =>
      clients.session(server.url).execute(
        { args: ["ECHO", i], shape: RAW },
        {},
      ),
  );
  const reads = async () =>
    Number(
      /total_reads_processed:(\d+)/.exec(await server.ask("INFO", "stats"))![1],
    );
  const before = await reads();
  read.resolve();
  assert.deepEqual(
    await Promise.all(replies),
    Array.from({ length: 20 }, (_, i) => `${i}`),
  );
  // The handshake of the client, the commands, and the INFO of this test.
  assert.ok(await reads() - before < 10);
  await clients.close(0);
});
