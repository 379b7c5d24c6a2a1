/**
 * The gateway in Cloudflare's own runtime: HTTP into workerd, TCP out of it to a
 * real Redis; and the bundle that would be deployed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";
import { assertServes, Caller } from "./caller.ts";
import { DevServer, runWrangler } from "./wrangler.ts";

const TOKEN = "token-of-the-tests";

Deno.test("the worker serves in workerd, over TCP of its own", async (t) => {
  await using server = await TestServer.start();
  const REDIS_URL = `${server.url}?commandTimeout=1000`;
  await using worker = await DevServer.start({ REDIS_URL, TOKEN });
  const caller = new Caller(worker.url, TOKEN);

  await t.step("commands, pipelines and transactions", async () => {
    await assertServes(caller);
  });

  await t.step("concurrent requests, each on its own connection", async () => {
    const blocked = caller.call("/blpop/queue/5");
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, i) => caller.command("ECHO", `${i}`)),
    );
    assert.deepEqual(others, Array.from({ length: 20 }, (_, i) => `${i}`));
    await caller.command("RPUSH", "queue", "done");
    assert.deepEqual((await blocked).json, { result: ["queue", "done"] });
  });

  await t.step("no connection outlives its request", async () => {
    const deadline = Date.now() + 2_000;
    for (;;) {
      const clients = await server.ask("CLIENT", "LIST");
      // The one that asks.
      if (clients.match(/^id=/gm)?.length === 1) break;
      assert.ok(Date.now() < deadline, clients);
    }
  });

  await t.step("Redis gone, then back", async () => {
    await server.kill();
    const { status, json } = await caller.call("/get/a");
    assert.equal(status, 502);
    assert.match(json.error, /cannot reach Redis/);
    await server.startAgain();
    assert.equal(await caller.command("PING"), "PONG");
  });

  await t.step("Redis silent", async () => {
    server.pause();
    try {
      assert.equal((await caller.call("/get/a")).status, 504);
    } finally {
      server.resume();
    }
  });
});

Deno.test("the worker's bundle stays small", async () => {
  const said = await runWrangler(["deploy", "--dry-run", "--outdir", "out"]);
  const [, kibibytes] = /Total Upload: ([\d.]+) KiB/.exec(said) ?? [];
  assert.ok(Number(kibibytes) <= 60, said);
});
