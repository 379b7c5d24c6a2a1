/**
 * GET through the cluster's client beside the plain client, in one process: the
 * ratio is the price of routing, and of three connections instead of one.
 *
 * `npx -y deno@2.9.6 task bench:cluster`
 *
 * @module
 */

import { connectCluster } from "../lib/cluster/connect.ts";
import { connect, type Redis } from "../mod.ts";
import { TestCluster } from "../tests/cluster/test_cluster.ts";
import { TestServer } from "../tests/support/test_server.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:cluster

Measures GET through the client of a cluster beside the plain client.`);

const ROUNDS = 5;
const MS = 1_500;

await using cluster = await TestCluster.start();
await using server = await TestServer.start();
await using many = await connectCluster(cluster.urls);
await using one = await connect(server.url);

const keys = Array.from({ length: 1_000 }, (_, i) => `key:${i}`);
for (const redis of [many, one]) {
  await Promise.all(keys.map((key) => redis.set(key, "value")));
}

/** GETs per second of this many tasks, each of which awaits its GET. */
async function rate(redis: Redis, tasks: number): Promise<number> {
  let count = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: tasks }, async (_, task) => {
      for (let i = task; performance.now() - start < MS; i += 7) {
        for (let k = 0; k < 10; k++) {
          await redis.get(keys[(i + k) % keys.length]!);
        }
        count += 10;
      }
    }),
  );
  return count * 1_000 / (performance.now() - start);
}

for (const tasks of [64, 1_000]) {
  await rate(one, tasks);
  await rate(many, tasks);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const plain = await rate(one, tasks);
    const own = await rate(many, tasks);
    ratios.push(own / plain);
    show(
      `${tasks} tasks: plain ${Math.round(plain)}/s, cluster ${
        Math.round(own)
      }/s, ratio ${(own / plain).toFixed(2)}`,
    );
  }
  ratios.sort((a, b) => a - b);
  show(
    `${tasks} tasks: median ratio ${ratios[ROUNDS >> 1]!.toFixed(2)}`,
  );
}

function show(line: string): void {
  // deno-lint-ignore no-console -- what this program is for
  console.log(line);
}
