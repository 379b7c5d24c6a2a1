/**
 * Hostile traffic at the gateway, beside a good client. Fails unless the process
 * lives, its memory stays flat, and the good client's p99 stays within twice its
 * quiet one.
 *
 * `deno task hostile:worker` runs 30 minutes, `deno task hostile:worker 3` three.
 * The gateway may open 1,024 files, which the attackers use up; they are a process
 * of their own (`attackers.ts`). On a machine with other work, latencies tell little.
 *
 * @module
 */

// deno-lint-ignore-file no-console

import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../support/paths.ts";
import { freePort, TestServer } from "../support/test_server.ts";
import { RawClient, requestText } from "./raw_client.ts";
import { answerHelp } from "../support/usage.ts";

answerHelp(`
Usage: deno task hostile:worker [minutes]

Sends hostile traffic to the gateway, beside a good client.

  minutes  how long (default: 30)`);

const TOKEN = "token-of-the-tests";
const FILES = 1024;
const QUIET_MS = 10_000;
const SAMPLE_MS = 5_000;
/** The connections of the good client. */
const GOOD = 4;
/** Below this, in milliseconds, a p99 is noise of the scheduler. */
const NOISE_MS = 5;
const MAX_GROWTH = 1.15;

const minutes = Number(Deno.args[0] ?? 30);
assert.ok(minutes > 0, "the argument is a number of minutes");

await using server = await TestServer.start({
  config: { "proto-max-bulk-len": "64mb", maxmemory: "512mb" },
});
await server.ask("SET", "large", "x".repeat(1_000_000));
const port = freePort();
const url = `http://127.0.0.1:${port}`;
const gateway = spawn("tests/support/start.ts", [], {
  REDIS_URL: server.url,
  PORT: String(port),
  TOKEN,
  GRANTS: JSON.stringify({
    attacker: {
      token: "attacker",
      allow: ["@read", "set", "subscribe", "psubscribe"],
      limits: { bodyBytes: 1_000_000, streams: 50 },
    },
  }),
}, `ulimit -n ${FILES}; exec "$@"`);
let ended = false;
gateway.status.then(() => ended = true);
await ready();

await goodClient(3_000);
const quiet = percentile(await goodClient(QUIET_MS), 0.99);
const attackers = spawn("tests/worker/attackers.ts", [url, "attacker"], {});
const memory: number[] = [];
const sampling = setInterval(() => {
  residentBytes(gateway.pid).then((bytes) => memory.push(bytes), () => {});
}, SAMPLE_MS);
try {
  const times = await goodClient(minutes * 60_000);
  const loud = percentile(times, 0.99);
  const quarter = Math.max(1, Math.floor(memory.length / 4));
  const before = average(memory.slice(quarter, 2 * quarter));
  const after = average(memory.slice(-quarter));
  const growth = after / before;
  console.log(
    `${times.length} good requests; p99 ${loud.toFixed(2)} ms, quiet ${
      quiet.toFixed(2)
    } ms; memory ${mib(before)} then ${mib(after)} (${growth.toFixed(2)})`,
  );
  assert.ok(!ended, "the process lives");
  assert.ok(growth < MAX_GROWTH, "memory is flat");
  assert.ok(loud < Math.max(2 * quiet, NOISE_MS), "p99 within twice the quiet");
} finally {
  clearInterval(sampling);
  for (const child of [attackers, gateway]) {
    try {
      child.kill();
    } catch {
      // It has ended already.
    }
    await child.status;
  }
}

/** Sends GETs on a few connections; resolves to their times in milliseconds. */
async function goodClient(duration: number): Promise<number[]> {
  const until = performance.now() + duration;
  const times: number[] = [];
  const request = requestText("GET /get/small", { token: TOKEN });
  await Promise.all(Array.from({ length: GOOD }, async () => {
    using client = await RawClient.open(url);
    while (performance.now() < until) {
      const start = performance.now();
      await client.send(request);
      await client.until('{"result":null}');
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }));
  return times;
}

async function ready(): Promise<void> {
  while (!ended) {
    try {
      await (await fetch(`${url}/ready`)).body?.cancel();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("The gateway did not start");
}

function spawn(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  shell = 'exec "$@"',
): Deno.ChildProcess {
  return new Deno.Command("sh", {
    args: [
      ...["-c", shell, "sh", Deno.execPath(), "run", "--no-prompt"],
      ...["--allow-net=127.0.0.1", "--allow-env", "--allow-read"],
      ...[join(ROOT, file), ...args],
    ],
    env,
    stdout: "null",
  }).spawn();
}

/** Deno itself reads nothing below /proc without all permissions. */
async function residentBytes(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/status`],
  }).output();
  const status = new TextDecoder().decode(stdout);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

function percentile(times: number[], part: number): number {
  return times.sort((a, b) => a - b)[Math.floor(times.length * part)]!;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
