/**
 * Many at once: nobody sees what is another's, and what one does wrong is no
 * other's trouble; not when Redis dies under them either.
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
import { EventReader } from "./events.ts";

const TOKEN = "token-of-the-tests";

type Served = Pick<GatewayServer, "url" | "shutdown">;

/** How the gateway connects, by name. */
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

/** What one of the crowd does: what is its own it checks itself. */
type Deed = (n: number, caller: Caller, url: string) => Promise<void>;

const GOOD: Deed[] = [
  async (n, caller) => {
    assert.equal(await caller.command("ECHO", `one-${n}`), `one-${n}`);
  },
  async (n, caller) => {
    const { json } = await caller.call(`/echo/path-${n}`);
    assert.deepEqual(json, { result: `path-${n}` });
  },
  async (n, caller) => {
    const body = [["ECHO", `a-${n}`], ["NOPE"], ["QUIT"], ["ECHO", `b-${n}`]];
    const { json } = await caller.post("/pipeline", body);
    assert.deepEqual([json[0], json[3]], [
      { result: `a-${n}` },
      { result: `b-${n}` },
    ]);
  },
  async (n, caller) => {
    // Who came in between would be seen.
    const { json } = await caller.post("/multi-exec", [
      ["SET", "shared", n],
      ["APPEND", "shared", "!"],
      ["GET", "shared"],
    ]);
    assert.deepEqual(json[2], { result: `${n}!` });
  },
  async (n, caller) => {
    const value = new Uint8Array(5_000).fill(n);
    await caller.call(`/set/bytes-${n}`, { method: "PUT", body: value });
    const headers = { "upstash-encoding": "base64" };
    const { json } = await caller.call(`/get/bytes-${n}`, { headers });
    assert.deepEqual(Uint8Array.fromBase64(json.result), value);
  },
  async (n, caller) => {
    const waiting = caller.call(`/blpop/queue-${n}/5`);
    await caller.command("RPUSH", `queue-${n}`, `item-${n}`);
    const { json } = await waiting;
    assert.deepEqual(json, { result: [`queue-${n}`, `item-${n}`] });
  },
];

const BAD: Deed[] = [
  async (n, caller) => {
    const lines = ["select/1", "quit", "client/reply/off", "reset", "multi"];
    const { status } = await caller.call(`/${lines[n % lines.length]}`);
    assert.equal(status, 400);
  },
  async (n, caller) => {
    const { json } = await caller.call(`/blpop/empty-${n}/0.05`);
    assert.deepEqual(json, { result: null });
  },
  async (_, caller) => {
    assert.equal((await caller.post("/", '["GET')).status, 400);
  },
  async (_, caller) => {
    const { status } = await caller.post("/multi-exec", [["NOPE"], ["INCR"]]);
    assert.equal(status, 400);
  },
  async (_, caller) => {
    const body = new Uint8Array(11 * 1024 * 1024);
    const { status } = await caller.call("/set/large", { method: "PUT", body });
    assert.equal(status, 413);
  },
  // Who leaves before it is answered.
  async (n, _, url) => {
    const asked = fetch(`${url}/blpop/left-${n}/2`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: AbortSignal.timeout(20),
    });
    await assert.rejects(asked, { name: "TimeoutError" });
  },
  // Who never reads a large answer.
  async (_, __, url) => {
    const response = await fetch(`${url}/get/huge`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await response.body?.cancel();
  },
  async (n, caller, url) => {
    await using stream = await EventReader.open(
      `${url}/subscribe/news-${n}`,
      TOKEN,
    );
    assert.equal(await stream.event(), `subscribe,news-${n},1`);
    await caller.command("PUBLISH", `news-${n}`, `hi-${n}`);
    assert.equal(await stream.event(), `message,news-${n},hi-${n}`);
  },
];

for (const [how, serveFor] of Object.entries(PLATFORMS)) {
  Deno.test(`1,000 concurrent requests of every kind do not disturb each other, ${how}`, async () => {
    await using server = await TestServer.start();
    const query =
      "?poolSize=500&poolTimeout=20000&commandTimeout=20000&connectTimeout=20000";
    const gateway = serveFor(server.url + query);
    try {
      const caller = new Caller(gateway.url, TOKEN);
      await caller.command("SET", "huge", "x".repeat(4_000_000));
      const deeds = Array.from({ length: 1_000 }, (_, n) => {
        // The large ones are few: all of them are held at the same time.
        const deed = n % 4 > 0
          ? GOOD[n % GOOD.length]!
          : BAD[n / 4 % (n < 300 ? BAD.length : 4)]!;
        return deed(n, caller, gateway.url);
      });
      await Promise.all(deeds);
      assert.equal(await caller.command("PING"), "PONG");
    } finally {
      await gateway.shutdown();
    }
  });

  Deno.test(`what was asked while Redis died was executed once or not at all, ${how}`, async () => {
    // What was answered is on the disk.
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
      for (let death = 0; death < 3; death++) {
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
      assert.ok([...outcomes.values()].some((outcome) => outcome !== "yes"));
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
  const deadline = Date.now() + 10_000;
  while (!await holds()) {
    assert.ok(Date.now() < deadline, "it never held");
    await pause(20);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
