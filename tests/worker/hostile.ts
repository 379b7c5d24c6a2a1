/**
 * Hostile traffic to the gateway, and a good client at the same time. Fails unless the
 * process survives, its memory stays flat, and the good client's p99 is at most twice
 * that at a second gateway without attacks.
 *
 * `deno task hostile:worker` runs 30 minutes, `deno task hostile:worker 3` three. The
 * gateway may open 1,024 files, which the attackers use up; they run in their own
 * process (`attackers.ts`). They also use the remaining processors: the second gateway
 * shows the cost of that alone, and of other work on the machine.
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

Sends hostile traffic to the gateway, and measures a good client meanwhile.

  minutes  the duration (default: 30)`);

const TOKEN = "token-of-the-tests";
const FILES = 1024;
const QUIET_MS = 10_000;
const SAMPLE_MS = 5_000;
/** The number of connections of the good client. */
const GOOD = 4;
/** A p99 below this, in milliseconds, is noise of the scheduler. */
const NOISE_MS = 5;
const MAX_GROWTH = 1.15;

const minutes = Number(Deno.args[0] ?? 30);
assert.ok(minutes > 0, "the argument is a number of minutes");

await using server = await TestServer.start({
  config: { "proto-max-bulk-len": "64mb", maxmemory: "512mb" },
});
await server.ask("SET", "large", "x".repeat(1_000_000));
const [gateway, neighbor] = [startGateway(), startGateway()];
let ended = false;
gateway.process.status.then(() => ended = true);
await ready(gateway.url);
await ready(neighbor.url);

await goodClient(3_000);
const quiet = await goodClient(QUIET_MS);
const attackers = spawn(
  "tests/worker/attackers.ts",
  [gateway.url, "attacker"],
  {},
  'exec nice -n 19 "$@"',
);
const memory: number[] = [];
const sampling = setInterval(() => {
  residentBytes(gateway.process.pid).then(
    (bytes) => memory.push(bytes),
    () => {},
  );
}, SAMPLE_MS);
try {
  const loud = await goodClient(minutes * 60_000);
  const quarter = Math.max(1, Math.floor(memory.length / 4));
  const before = average(memory.slice(quarter, 2 * quarter));
  const after = average(memory.slice(-quarter));
  const growth = after / before;
  console.log(
    `${loud.count} good requests; p99 ${
      loud.attacked.toFixed(2)
    } ms, at the other gateway ${loud.other.toFixed(2)} ms, before ${
      quiet.attacked.toFixed(2)
    } ms; memory ${mib(before)} then ${mib(after)} (${growth.toFixed(2)})`,
  );
  assert.ok(!ended, "the process lives");
  assert.ok(growth < MAX_GROWTH, "memory is flat");
  const most = Math.max(2 * quiet.attacked, 2 * loud.other, NOISE_MS);
  assert.ok(loud.attacked < most, "p99 within twice the quiet");
} finally {
  clearInterval(sampling);
  for (const child of [attackers, gateway.process, neighbor.process]) {
    try {
      child.kill();
    } catch {
      // It has already ended.
    }
    await child.status;
  }
}

function startGateway(): { url: string; process: Deno.ChildProcess } {
  const port = freePort();
  const process = spawn("tests/support/start.ts", [], {
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
  return { url: `http://127.0.0.1:${port}`, process };
}

/** Sends GETs to both gateways on a few connections; resolves to each p99 in ms. */
async function goodClient(
  duration: number,
): Promise<{ attacked: number; other: number; count: number }> {
  const until = performance.now() + duration;
  const request = requestText("GET /get/small", { token: TOKEN });
  const timesAt = async (url: string) => {
    const times: number[] = [];
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
  };
  const [attacked, other] = await Promise.all([
    timesAt(gateway.url),
    timesAt(neighbor.url),
  ]);
  return {
    attacked: percentile(attacked, 0.99),
    other: percentile(other, 0.99),
    count: attacked.length,
  };
}

async function ready(url: string): Promise<void> {
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

/** Uses a program, as Deno reads files in /proc only with all permissions. */
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
