/**
 * Verified traffic during failovers, slot migrations, kills and pauses: every reply
 * is checked, and every counter must be within its bounds.
 *
 * `npx -y deno@2.9.6 task soak:cluster --failovers 20 --moves 200 --kills 10 --pauses 10`
 *
 * Prints the longest time without a successful command of any kind, minus the time
 * in which the servers themselves did not serve.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { connectCluster } from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { ConnectionError } from "../../mod.ts";
import { Shards } from "./shards.ts";
import { TestCluster } from "./test_cluster.ts";
import { answerHelp } from "../support/usage.ts";

answerHelp(`
Usage: deno task soak:cluster

Checks traffic during failovers, slot migrations, kills and pauses of a cluster.
Takes ten minutes.`);

const { values } = parseArgs({
  options: {
    failovers: { type: "string", default: "20" },
    moves: { type: "string", default: "200" },
    kills: { type: "string", default: "10" },
    pauses: { type: "string", default: "10" },
  },
});

await using cluster = await TestCluster.start(3, true, {
  // Under load the servers must not consider each other dead.
  "cluster-node-timeout": "2000",
});
await using redis = await connectCluster(cluster.urls, {
  connectTimeout: 1_000,
});
// -- Traffic --

/** The bounds of a counter: a failed INCR may have been executed or not. */
interface Bounds {
  least: number;
  most: number;
}

let stop = false;
let operations = 0;
let failed = 0;
/** The number of failed calls, by kind of error. */
const failures = new Map<string, number>();
const wrong: string[] = [];
/** By key: the time of the last success, and the longest time between two. */
const last = new Map<string, number>();
const gaps = new Map<string, number>();

function served(tag: string): void {
  const time = performance.now();
  const gap = time - (last.get(tag) ?? time);
  gaps.set(tag, Math.max(gaps.get(tag) ?? 0, gap));
  last.set(tag, time);
  operations++;
}

function noteFailure(error: unknown): void {
  failed++;
  const maybe = error instanceof ConnectionError && error.maybeExecuted;
  const kind = `${(error as Error).name}${maybe ? ", maybe executed" : ""}`;
  failures.set(kind, (failures.get(kind) ?? 0) + 1);
}

const TAGS = Array.from({ length: 24 }, (_, i) => `{t${i}}`);

async function count(tag: string): Promise<[string, Bounds]> {
  const key = `${tag}count`;
  const bounds = { least: 0, most: 0 };
  while (!stop) {
    bounds.most++;
    try {
      const value = await redis.incr(key);
      bounds.least++;
      served(tag);
      // A failover by the servers loses acknowledged writes that the replica did not
      // have yet. A value above the number of INCRs is always wrong.
      if (value > bounds.most) {
        wrong.push(`${key} is ${value} of ${bounds.most}`);
      }
      bounds.least = Math.min(bounds.least, value);
    } catch (error) {
      noteFailure(error);
      assert(error instanceof ConnectionError, `${error}`);
      if (!error.maybeExecuted) bounds.most--;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return [key, bounds];
}

async function echo(tag: string): Promise<void> {
  for (let i = 0; !stop; i++) {
    const key = `${tag}value:${i % 50}`;
    const value = `${key}=${i}`;
    try {
      const results = await redis.pipeline((p) => [
        p.set(key, value),
        p.get(key),
        p.mget(key, `${tag}never`),
      ], { transaction: false, raiseOnError: false });
      const [, got, both] = results;
      if (
        !(got instanceof Error) && got !== null && !got.startsWith(`${key}=`)
      ) {
        wrong.push(`${key} is ${got}`);
      }
      if (!(both instanceof Error) && both[1] !== null) wrong.push(`${both}`);
      served(tag);
    } catch (error) {
      noteFailure(error);
      assert(error instanceof ConnectionError, `${error}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const counters = TAGS.map(count);
const echoes = TAGS.map(echo);

// -- Faults --

const shards = new Shards(cluster);

const moves = Number(values.moves);
for (let i = 0; i < moves; i++) {
  await shards.move(slotOf(TAGS[i % TAGS.length]!));
}
show(`${moves} slot moves: ${operations} operations, ${failed} failed`);
for (const how of ["failover", "kill", "pause"] as const) {
  const times = Number(values[`${how}s`]);
  gaps.clear();
  shards.longestGap = 0;
  for (let i = 0; i < times; i++) await shards.failover(i, how);
  show(
    `${times} ${how}s: ${operations} operations, ${failed} failed, longest gap ${
      Math.round(Math.max(...gaps.values()))
    } ms, the servers' own ${Math.round(shards.longestGap)} ms`,
  );
}
for (const [kind, count] of failures) show(`failed: ${count} ${kind}`);
stop = true;
await Promise.all(echoes);
for (const [key, { least, most }] of await Promise.all(counters)) {
  const value = Number(await redis.get(key));
  if (value > most || value < least) {
    wrong.push(`${key} is ${value}, not within ${least} and ${most}`);
  }
}
show(wrong.length === 0 ? "nothing wrong" : wrong.join("\n"));
if (wrong.length > 0) Deno.exit(1);

function show(line: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(line);
}
