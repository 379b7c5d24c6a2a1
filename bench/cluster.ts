/**
 * Compares GET through the cluster's client with the plain client, in one process: the
 * ratio is the price of routing, and of three connections instead of one. The CPU time
 * of this process per GET is the client's part of that, on a machine where the servers
 * and other work share the cores.
 *
 * `npx -y deno@2.9.6 task bench:cluster`
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { connectCluster } from "../lib/cluster/connect.ts";
import { connect, type Redis } from "../mod.ts";
import { TestCluster } from "../tests/cluster/test_cluster.ts";
import { TestServer } from "../tests/support/test_server.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:cluster

Compares GET through the client of a cluster with the plain client.`);

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

/** The rate of several tasks that each await their GET. */
interface Rate {
  /** GETs per second. */
  readonly perSecond: number;
  /** The CPU time of this process per GET, in microseconds. */
  readonly cpu: number;
}

async function rate(redis: Redis, tasks: number): Promise<Rate> {
  let count = 0;
  const before = cpuUsage();
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
  const { user, system } = cpuUsage(before);
  return {
    perSecond: count * 1_000 / (performance.now() - start),
    cpu: (user + system) / count,
  };
}

for (const tasks of [64, 1_000]) {
  await rate(one, tasks);
  await rate(many, tasks);
  const ratios: number[] = [];
  const cpus: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const plain = await rate(one, tasks);
    const own = await rate(many, tasks);
    const ratio = own.perSecond / plain.perSecond;
    ratios.push(ratio);
    cpus.push(plain.cpu / own.cpu);
    const [plainText, ownText] = [plain, own].map(({ perSecond, cpu }) =>
      `${Math.round(perSecond)}/s with ${cpu.toFixed(2)} us each`
    );
    show(
      `${tasks} tasks: plain ${plainText}, cluster ${ownText}, ratio ${
        ratio.toFixed(2)
      }`,
    );
  }
  const median = (list: number[]) =>
    list.sort((a, b) => a - b)[ROUNDS >> 1]!.toFixed(2);
  show(
    `${tasks} tasks: median ratio ${median(ratios)}, by processor time ${
      median(cpus)
    }`,
  );
}

function show(line: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(line);
}
