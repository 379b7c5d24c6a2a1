/**
 * Many concurrent clients, some of which misbehave: no client sees data of another.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Caller } from "./caller.ts";
import { EventReader } from "./events.ts";

/** The task of one client, which checks its own data. */
type Deed = (
  n: number,
  caller: Caller,
  url: string,
  token: string,
) => Promise<void>;

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
    // Interleaved commands of other clients would be visible here.
    const { json } = await caller.post("/multi-exec", [
      ["SET", "shared", n],
      ["APPEND", "shared", "!"],
      ["GET", "shared"],
    ]);
    assert.deepEqual(json[2], { result: `${n}!` });
  },
  async (n, caller) => {
    const value = new Uint8Array(5_000).fill(n);
    const put = { method: "PUT", body: value };
    let stored = await caller.call(`/set/bytes-${n}`, put);
    for (let i = 0; i < 5 && stored.status === 503; i++) {
      // The gateway is full: the response says when to retry.
      await new Promise((resolve) => setTimeout(resolve, 200));
      stored = await caller.call(`/set/bytes-${n}`, put);
    }
    assert.deepEqual(stored.json, { result: "OK" });
    const headers = { "upstash-encoding": "base64" };
    const { json } = await caller.call(`/get/bytes-${n}`, { headers });
    assert.deepEqual(json, { result: value.toBase64() });
  },
  async (n, caller) => {
    // As long as a request may wait, which is too short where the next request of
    // a crowd takes longer. The element stays until it is asked for.
    const pop = () => caller.call(`/blpop/queue-${n}/10`);
    const waiting = pop();
    await caller.command("RPUSH", `queue-${n}`, `item-${n}`);
    let { json } = await waiting;
    if (json.result === null) ({ json } = await pop());
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
  // A client that leaves before the response.
  async (n, _, url, token) => {
    const asked = fetch(`${url}/blpop/left-${n}/10`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(20),
    });
    await assert.rejects(asked, { name: "TimeoutError" });
  },
  // A client that never reads a large response.
  async (_, __, url, token) => {
    const response = await fetch(`${url}/get/huge`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await response.body?.cancel();
  },
  async (n, caller, url, token) => {
    await using stream = await EventReader.open(
      `${url}/subscribe/news-${n}`,
      token,
    );
    assert.equal(await stream.event(), `subscribe,news-${n},1`);
    await caller.command("PUBLISH", `news-${n}`, `hi-${n}`);
    assert.equal(await stream.event(), `message,news-${n},hi-${n}`);
  },
];

/** Runs `count` tasks of all kinds concurrently; each must get its own data. */
export async function assertUndisturbed(
  url: string,
  token: string,
  count: number,
): Promise<void> {
  const caller = new Caller(url, token);
  await caller.command("SET", "huge", "x".repeat(4_000_000));
  const deeds = Array.from({ length: count }, (_, n) => {
    if (n % 4 > 0) return GOOD[n % GOOD.length]!(n, caller, url, token);
    // Only a few of the large ones, as all are in memory at the same time.
    const deed = BAD[n / 4 % (n < 300 ? BAD.length : 4)]!;
    return deed(n, caller, url, token);
  });
  await Promise.all(deeds);
  assert.equal(await caller.command("PING"), "PONG");
}
