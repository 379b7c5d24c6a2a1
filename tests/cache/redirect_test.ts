/**
 * RESP2: the subscription that is told of changes comes and goes while reads are
 * under way.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { cacheOver } from "./support.ts";

const test = await testWith("client tracking");

test("a read that was sent before tracking began is not kept, whenever its reply is read", async () => {
  await using server = await TestServer.start();
  await using other = await connect(server.url);
  await using redis = await connect(server.url, { protocol: 2 });
  const { cached, events } = await cacheOver(redis);
  for (let round = 0; round < 30; round++) {
    const keys = Array.from({ length: 20 }, (_, i) => `${round}:${i}`);
    await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
    let on = false;
    const connected = events.next("connected").then(() => on = true);
    // Reads all the time: some are sent just before tracking is asked for.
    while (!on) await Promise.all([cached.mget(keys), cached.get(keys[0]!)]);
    await connected;
    await other.mset(Object.fromEntries(keys.map((key) => [key, "new"])));
    // What the server remembers it tells before it answers anything that is asked later.
    await other.ping();
    const end = performance.now() + 5_000;
    for (const key of keys) {
      while (await cached.get(key) !== "new") {
        assert(performance.now() < end, `${key} in round ${round}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }
});
