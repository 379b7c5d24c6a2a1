/**
 * Many concurrent clients: no client sees data of another or is affected by its errors,
 * even if Redis dies meanwhile.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dial } from "../../lib/net/tcp.ts";
import { perRequest } from "../../worker/direct.ts";
import { makeGateway } from "../../worker/gateway.ts";
import { type GatewayServer, serve } from "../../worker/serve.ts";
import { TestServer } from "../support/test_server.ts";
import { Caller } from "./caller.ts";
import { assertUndisturbed } from "./crowd.ts";

const TOKEN = "token-of-the-tests";

type Served = Pick<GatewayServer, "url" | "shutdown">;

/** The platforms, by how the gateway connects. */
const PLATFORMS: Record<string, (REDIS_URL: string) => Served> = {
  "on connections that all share": (REDIS_URL) =>
    serve({ REDIS_URL, TOKEN }, { hostname: "127.0.0.1", port: 0 }),

  "on a connection for each request": (REDIS_URL) => {
    const gateway = makeGateway({
      ...perRequest(dial),
      upgrade: () => Promise.reject(new Error("no WebSocket is asked for")),
    });
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => gateway.fetch(request, { REDIS_URL, TOKEN }),
    );
    return {
      url: `http://127.0.0.1:${server.addr.port}`,
      shutdown: () => server.shutdown(),
    };
  },
};

for (const [how, serveFor] of Object.entries(PLATFORMS)) {
  Deno.test(`1,000 concurrent requests of every kind do not disturb each other, ${how}`, async () => {
    await using server = await TestServer.start();
    const query =
      "?poolSize=500&poolTimeout=60000&commandTimeout=60000&connectTimeout=60000";
    const gateway = serveFor(server.url + query);
    try {
      await assertUndisturbed(gateway.url, TOKEN, 1_000);
    } finally {
      await gateway.shutdown();
    }
  });

  Deno.test(`commands sent while Redis died were executed once or not at all, ${how}`, async () => {
    // An acknowledged write is on the disk.
    const config = { appendonly: "yes", appendfsync: "always" };
    await using server = await TestServer.start({ config });
    const gateway = serveFor(`${server.url}?commandTimeout=1000`);
    try {
      const caller = new Caller(gateway.url, TOKEN);
      await caller.command("PING");
      const outcomes = new Map<string, "yes" | "no" | "maybe">();
      let running = true;
      const load = async (worker: number) => {
        for (let n = 0; running; n++) {
          const key = `n:${worker}:${n}`;
          const { status, json } = n % 2 === 0
            ? await caller.post("/", ["INCR", key])
            : await caller.post("/multi-exec", [["INCR", key]]);
          if (status === 200) {
            outcomes.set(key, "yes");
            continue;
          }
          assert.ok([502, 503, 504].includes(status), `${status}`);
          assert.equal(typeof json.error, "string");
          const maybe = json.error.includes("may have been executed");
          outcomes.set(key, maybe ? "maybe" : "no");
          await pause(10);
        }
      };
      const loads = Array.from({ length: 20 }, (_, worker) => load(worker));
      const allExecuted = () =>
        [...outcomes.values()].every((outcome) => outcome === "yes");
      // Until one death has hit a command in flight.
      for (let death = 0; death < 3 || death < 30 && allExecuted(); death++) {
        await pause(150);
        await server.kill();
        await pause(100);
        await server.startAgain();
        await eventually(async () =>
          (await caller.call("/ping")).status === 200
        );
      }
      await pause(100);
      running = false;
      await Promise.all(loads);

      const keys = [...outcomes.keys()];
      assert.ok(keys.length > 100);
      assert.ok(!allExecuted());
      const values = await caller.post("/", ["MGET", ...keys]);
      keys.forEach((key, i) => {
        const value = values.json.result[i];
        switch (outcomes.get(key)) {
          case "yes":
            return assert.equal(value, "1", key);
          case "no":
            return assert.equal(value, null, key);
          default:
            assert.ok(value === null || value === "1", `${key} is ${value}`);
        }
      });
    } finally {
      await gateway.shutdown();
    }
  });
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await holds()) {
    assert.ok(Date.now() < deadline, "it never held");
    await pause(20);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
