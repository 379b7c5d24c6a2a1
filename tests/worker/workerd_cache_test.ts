/**
 * The gateway with a cache in raw workerd: in its Durable Objects, and where it is
 * refused.
 *
 * @module
 */

import assert from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";
import { assertCaches, isCached, warmed } from "./cached.ts";
import { assertRefusesBodies, assertServes, Caller } from "./caller.ts";
import { eventually } from "./events.ts";
import { assertServesSocket } from "./sockets.ts";
import { assertServesUpstash } from "./upstash.ts";
import { bundleGateway, gatewayConfig, Workerd } from "./workerd.ts";

const TOKEN = "token-of-the-tests";

Deno.test("workerd serves the gateway with a cache", async (t) => {
  await using server = await TestServer.start();
  const vars = {
    REDIS_URL: `${server.url}?commandTimeout=1000`,
    TOKEN,
    CACHE: "on",
  };
  await using workerd = await Workerd.start([
    gatewayConfig("one", vars, { hub: true }),
    gatewayConfig("sharded", { ...vars, SHARDS: "3" }, { hub: true }),
    gatewayConfig("noHub", vars, { hub: false }),
    {
      ...gatewayConfig("noCache", vars, { hub: true }),
      module: "plain.js",
    },
  ], {
    "gateway.js": await bundleGateway("cached_worker.ts"),
    "plain.js": await bundleGateway(),
  });
  const callerOf = (name: string) => new Caller(workerd.urlOf(name), TOKEN);

  await t.step("reads come from memory until their keys change", async () => {
    await assertCaches(
      workerd.urlOf("one"),
      TOKEN,
      (...args) => server.ask(...args),
    );
  });

  await t.step("and everything else is as it was", async () => {
    for (const name of ["one", "sharded"]) {
      const url = workerd.urlOf(name);
      const caller = callerOf(name);
      await assertServes(caller);
      await assertServesSocket(url, TOKEN, caller);
      await assertRefusesBodies(caller);
      await server.ask("FLUSHALL");
      await assertServesUpstash(url, TOKEN);
      await server.ask("FLUSHALL");
    }
  });

  await t.step(
    "a sync token gives read-your-writes among objects",
    async () => {
      let token = "";
      const act = async (name: string, ...command: string[]) => {
        const answered = await callerOf(name).post("/", command, {
          "upstash-sync-token": token,
        });
        token = answered.headers.get("upstash-sync-token")!;
        return answered;
      };
      for (let i = 0; i < 100; i++) {
        await act("sharded", "SET", "k", `${i}`);
        for (const name of ["one", "sharded", "sharded", "sharded"]) {
          const { json } = await act(name, "GET", "k");
          assert.equal(json.result, `${i}`);
        }
      }
      let cached = 0;
      await eventually(async () => {
        if (isCached(await act("sharded", "GET", "k"))) cached++;
        return cached === 20;
      });
    },
  );

  await t.step("/metrics has the counts of all objects", async () => {
    await warmed(() => callerOf("one").call("/get/k"));
    let text = "";
    await eventually(async () => {
      await callerOf("one").call("/get/k");
      const response = await fetch(`${workerd.urlOf("one")}/metrics`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      text = await response.text();
      return /^sorrel_cache_hits_total [1-9]/m.test(text) &&
        /^sorrel_cache_bytes [1-9]/m.test(text);
    }, 30_000);
    assert.match(text, /^# HELP sorrel_cache_misses_total /m);
  });

  await t.step("it is refused where nothing would keep it", async () => {
    for (const name of ["noHub", "noCache"]) {
      const { status, json } = await callerOf(name).call("/get/k");
      assert.equal(status, 500);
      assert.match(
        json.error,
        /^ERR cannot use CACHE as .*binding HUB.*cached_worker\.ts/,
      );
    }
  });

  await t.step("without Redis nothing comes from memory", async () => {
    const caller = callerOf("one");
    await warmed(() => caller.call("/get/k"));
    await server.kill();
    await eventually(async () => (await caller.call("/get/k")).status === 502);
    await server.startAgain();
    await server.ask("SET", "k", "new");
    await eventually(async () => {
      const { status, json } = await caller.call("/get/k");
      if (status === 200) assert.equal(json.result, "new");
      return status === 200;
    });
    await warmed(() => caller.call("/get/k"));
  });
});
