/**
 * The gateway in Cloudflare's own runtime: HTTP into workerd, TCP out of it to a real
 * Redis; and the bundle for deployment.
 *
 * @module
 */

import assert from "node:assert/strict";
import description from "../../worker/console/openapi.json" with {
  type: "json",
};
import { TestServer } from "../support/test_server.ts";
import { assertRefusesBodies, assertServes, Caller } from "./caller.ts";
import { assertUndisturbed } from "./crowd.ts";
import { EventReader, eventually } from "./events.ts";
import { assertServesSocket } from "./sockets.ts";
import { assertServesUpstash } from "./upstash.ts";
import { DevServer, runWrangler, WRANGLERS } from "./wrangler.ts";

const TOKEN = "token-of-the-tests";

for (const hub of [true, false]) {
  const how = hub ? "with its Durable Object" : "without";
  Deno.test(`the worker serves in workerd, ${how}`, async (t) => {
    await using server = await TestServer.start();
    const REDIS_URL = `${server.url}?commandTimeout=1000`;
    // Many clients on few cores need time.
    const patient = "commandTimeout=60000&connectTimeout=60000";
    const redisUrl = `${server.url}?${patient}&poolSize=100&poolTimeout=60000`;
    const GRANTS = JSON.stringify({ crowd: { token: "crowd", redisUrl } });
    await using worker = await DevServer.start(
      { REDIS_URL, TOKEN, GRANTS, CONSOLE: hub ? "on" : "off" },
      { hub },
    );
    const caller = new Caller(worker.url, TOKEN);
    const listen = (path: string) => EventReader.open(worker.url + path, TOKEN);
    await t.step("commands, pipelines and transactions", async () => {
      await assertServes(caller);
    });

    await t.step("@upstash/redis and @upstash/ratelimit", async () => {
      await server.ask("FLUSHALL");
      await assertServesUpstash(worker.url, TOKEN);
    });

    await t.step("blocking requests do not affect others", async () => {
      const blocked = caller.call("/blpop/queue/5");
      const others = await Promise.all(
        Array.from({ length: 20 }, (_, i) => caller.command("ECHO", `${i}`)),
      );
      assert.deepEqual(others, Array.from({ length: 20 }, (_, i) => `${i}`));
      await caller.command("RPUSH", "queue", "done");
      assert.deepEqual((await blocked).json, { result: ["queue", "done"] });
    });

    await t.step(
      "streams of an object share one subscription",
      async () => {
        await using first = await listen("/subscribe/news");
        await using second = await listen("/subscribe/news");
        for (const stream of [first, second]) {
          assert.equal(await stream.event(), "subscribe,news,1");
        }
        const count = hub ? 1 : 2;
        assert.equal(await caller.command("PUBLISH", "news", "hi"), count);
        for (const stream of [first, second]) {
          assert.equal(await stream.event(), "message,news,hi");
        }
      },
    );

    await t.step("a client that leaves is unsubscribed", async () => {
      await eventually(async () =>
        await caller.command("PUBLISH", "news", "hi") === 0
      );
    });

    await t.step(
      "if it is on, the console is the only asset",
      async () => {
        const page = await fetch(`${worker.url}/console`);
        const text = await page.text();
        assert.equal(page.status, hub ? 200 : 404);
        assert.match(
          text,
          hub ? /^<!DOCTYPE html>/ : /^{"error":"ERR there is/,
        );
        const shown = page.headers.get("content-security-policy") ?? "";
        assert.equal(/nonce-([^']+)/.test(shown), hub);
        for (const path of ["/", "/index.html", "/console/index.html"]) {
          assert.equal((await caller.call(path)).status, 400, path);
        }
      },
    );

    await t.step("its description, from the assets", async () => {
      const response = await fetch(`${worker.url}/openapi.json`);
      assert.deepEqual(await response.json(), description);
    });

    await t.step("a WebSocket", async () => {
      await assertServesSocket(worker.url, TOKEN, caller);
    });

    await t.step(
      hub
        ? "requests share a connection, which does not outlive its use for long"
        : "no connection outlives its request",
      async () => {
        if (hub) {
          const ids = await Promise.all(
            Array.from({ length: 20 }, () => caller.command("CLIENT", "ID")),
          );
          assert.equal(new Set(ids).size, 1);
        }
        // The connection of this check itself.
        await eventually(async () => {
          const clients = await server.ask("CLIENT", "LIST");
          return clients.match(/^id=/gm)?.length === 1;
        });
      },
    );

    // After the steps that count connections: workerd notices only at the next write that
    // clients of these streams have left.
    await t.step("many clients do not disturb each other", async () => {
      await assertUndisturbed(worker.url, "crowd", 200);
    });

    await t.step("streams end when Redis is lost", async () => {
      await using stream = await listen("/subscribe/news");
      assert.equal(await stream.event(), "subscribe,news,1");
      await server.restart();
      await stream.end();
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
}

for (const wrangler of WRANGLERS) {
  Deno.test(`${wrangler.name} serves the worker, and survives rejected bodies`, async () => {
    await using server = await TestServer.start();
    await using worker = await DevServer.start(
      { REDIS_URL: server.url, TOKEN },
      { hub: true, wrangler },
    );
    const caller = new Caller(worker.url, TOKEN);
    await assertServes(caller);
    await assertRefusesBodies(caller);
    await server.ask("FLUSHALL");
    await assertServes(caller);
  });
}

// "Size" in worker/README.md tells what takes it.
Deno.test("the worker's bundle stays small", async () => {
  const said = await runWrangler(["deploy", "--dry-run", "--outdir", "out"]);
  const [, whole, gzipped] =
    /Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(said) ?? [];
  assert.ok(Number(whole) <= 119.5, said);
  assert.ok(Number(gzipped) <= 45.5, said);
});
