/**
 * A master that freezes instead of dying, and a real sentinel that notices it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectSentinel } from "../../lib/cluster/connect.ts";
import { connect } from "../../mod.ts";
import { becomes } from "../cluster/test_cluster.ts";
import { clientsOf, errorOf, until } from "../client/support.ts";
import { startSentinel } from "../commands/sentinel_server.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";

const testSentinel = await testWith("sentinel");
/** Longer than the test: no call here ends by this timeout. */
const PATIENT = 30_000;

testSentinel(
  "when a master freezes and another takes over, calls succeed there within a second",
  async () => {
    await using one = await TestServer.start({
      config: { "repl-diskless-sync-delay": "0" },
    });
    await using two = await TestServer.start({
      config: { replicaof: `127.0.0.1 ${one.port}` },
    });
    await using sentinel = await startSentinel(one);
    await using ask = await connect(sentinel.url);
    await ask.sentinelDebug({ "info-period": 200 });
    await becomes(async () =>
      (await ask.sentinelReplicas("m")).some((replica) =>
        replica["master-link-status"] === "ok" && replica.flags === "slave"
      )
    );
    await using redis = await connectSentinel(sentinel.url, {
      master: "m",
      commandTimeout: PATIENT,
      pingInterval: PATIENT,
    });
    await redis.set("k", "v");
    const popped = errorOf(redis.blpop(["none"], 0));
    await until(async () => (await clientsOf(one, / flags=b /)).length === 1);
    await using news = await ask.subscribe("+switch-master");
    one.pause();
    // It never gets a reply, and must not keep other calls from the new master.
    let isOwed = true;
    const owed = errorOf(redis.with({ timeout: 10_000 }).incr("n"))
      .finally(() => isOwed = false);
    await news.next();
    using clock = new AwakeClock();
    // A call before the client knows of the failover is lost with its connection.
    let port: string | undefined;
    do {
      const limit = { timeout: 200 };
      const config = await redis.with(limit).configGet("port").catch(() => {});
      port = config?.port;
    } while (port !== `${two.port}` && isOwed);
    const took = clock.now;
    assert.equal(port, `${two.port}`);
    assert(took < 1_000, `${Math.round(took)} ms`);
    assert.match((await popped).message, /BLPOP|blpop|connection/);
    const lost = await owed;
    assert.match(lost.message, /INCR/);
    one.resume();
  },
);
