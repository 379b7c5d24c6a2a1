/**
 * The gateway in raw workerd, with and without its Durable Objects: the contract, the
 * packages of the convention, and the state that instances share.
 *
 * @module
 */

import assert from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";
import {
  assertIgnoresHost,
  assertRefusesBodies,
  assertServes,
  Caller,
} from "./caller.ts";
import { EventReader, eventually } from "./events.ts";
import { assertServesPackages } from "./packages.ts";
import { assertServesSocket } from "./sockets.ts";
import { assertServesUpstash } from "./upstash.ts";
import { bundleGateway, gatewayConfig, Workerd } from "./workerd.ts";

const TOKEN = "token-of-the-tests";
const HEADERS = { authorization: `Bearer ${TOKEN}` };

for (const hub of [true, false]) {
  Deno.test(`workerd serves the gateway, ${hub ? "with" : "without"} HUB`, async (t) => {
    await using server = await TestServer.start();
    const SHARDS = "3";
    const vars = {
      REDIS_URL: `${server.url}?commandTimeout=1000`,
      TOKEN,
      SHARDS,
      GRANTS: JSON.stringify({
        reader: { token: "reader", readOnly: true },
      }),
    };
    await using workerd = await Workerd.start(
      [gatewayConfig("gateway", vars, { hub })],
      { "gateway.js": await bundleGateway() },
    );
    const url = workerd.urlOf("gateway");
    const caller = new Caller(url, TOKEN);

    await t.step("the contract", async () => {
      await assertServes(caller);
      await assertServesSocket(url, TOKEN, caller);
      await assertRefusesBodies(caller);
      await assertIgnoresHost(url, TOKEN);
      const reader = await new Caller(url, "reader").call("/set/a/1");
      assert.match(reader.json.error, /^NOPERM /);
      await server.ask("FLUSHALL");
    });

    await t.step("@upstash/redis and @upstash/ratelimit", async () => {
      await assertServesUpstash(url, TOKEN);
      await server.ask("FLUSHALL");
    });

    await t.step("packages", async (t) => {
      await assertServesPackages(t, url, TOKEN);
    });

    await t.step("errors keep their status and text", async () => {
      await server.ask("LPUSH", "list", "a");
      const table: [body: unknown[], status: number, error: RegExp][] = [
        [["GET", "list"], 400, /^WRONGTYPE /],
        [["NOPE"], 400, /^ERR unknown command/],
        [["EVALSHA", "0", "0"], 400, /^NOSCRIPT /],
      ];
      for (const [body, status, error] of table) {
        const answered = await caller.post("/", body);
        assert.equal(answered.status, status);
        assert.match(answered.json.error, error);
      }
      const { json } = await caller.post("/multi-exec", [["NOPE"]]);
      assert.match(json.error, /^ERR unknown.*EXECABORT/);
      const script = "return {1, redis.error_reply('MINE x')}";
      assert.deepEqual(await caller.command("EVAL", script, 0), [1, "MINE x"]);
    });

    await t.step("a client that leaves pops nothing", async () => {
      const blocked = async () =>
        /blocked_clients:(\d+)/.exec(await server.ask("INFO", "clients"))![1];
      const leaving = new AbortController();
      const call = caller.call("/blpop/queue/5", { signal: leaving.signal });
      await eventually(async () => await blocked() === "1");
      leaving.abort();
      await assert.rejects(call, { name: "AbortError" });
      await eventually(async () => await blocked() === "0");
    });

    await t.step("metrics cover all instances", async () => {
      const read = async () => {
        const response = await fetch(`${url}/metrics`, { headers: HEADERS });
        const text = await response.text();
        assert.match(text, /# HELP sorrel_commands_total /);
        const count = (name: string) =>
          Number(new RegExp(`^sorrel_${name} (\\d+)$`, "m").exec(text)?.[1]);
        return {
          commands: count("commands_total"),
          requests: count('grant_requests_total\\{grant="TOKEN"\\}'),
          streams: count('grant_streams\\{grant="TOKEN"\\}'),
        };
      };
      const before = await read();
      for (let i = 0; i < 10; i++) await caller.command("PING");
      await using _stream = await EventReader.open(
        `${url}/subscribe/news`,
        TOKEN,
      );
      const after = await read();
      assert.equal(after.commands - before.commands, 10);
      assert.ok(after.requests - before.requests >= 11);
      assert.equal(after.streams, before.streams + 1);
    });

    await t.step(
      "streams end when Redis is lost, and the gateway reconnects",
      async () => {
        await using stream = await EventReader.open(
          `${url}/subscribe/news`,
          TOKEN,
        );
        assert.equal(await stream.event(), "subscribe,news,1");
        await server.kill();
        await stream.end();
        const { status, json } = await caller.call("/get/a");
        assert.equal(status, 502, JSON.stringify(json));
        assert.match(json.error, /cannot reach Redis/);
        await server.startAgain();
        assert.equal(await caller.command("PING"), "PONG");
        server.pause();
        try {
          assert.equal((await caller.call("/get/a")).status, 504);
        } finally {
          server.resume();
        }
      },
    );
  });
}
