/**
 * The real Search module, if Debian's package of it is installed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../../mod.ts";
import { EMBEDDED, isFile } from "../../support/find_server.ts";
import { offers, probe } from "../../support/server_program.ts";
import { TestServer } from "../../support/test_server.ts";
import { REDISEARCH, searchLiveSteps } from "./search_live_cases.ts";

// Debian's module is built for its Redis 7.0: on Valkey 9.1 FT.CREATE hung.
const there = Deno.env.get("REDIS_SERVER") !== EMBEDDED &&
  await isFile(REDISEARCH) && !offers(await probe(), "commands of 7.2");

for (const protocol of [2, 3] as const) {
  Deno.test({
    name: `search commands are understood by the module in RESP${protocol}`,
    ignore: !there,
    async fn(t) {
      await using server = await TestServer.start({
        config: { loadmodule: REDISEARCH },
      });
      await using redis = await connect(server.url, { protocol });
      for (const { call, expect } of searchLiveSteps) {
        await t.step(String(call), async () => {
          const value = await call(redis);
          if (typeof expect === "function") expect(value);
          else assert.deepStrictEqual(value, expect);
        });
      }
    },
  });
}
