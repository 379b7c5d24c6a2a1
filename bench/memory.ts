/**
 * The memory of the client: with 100,000 commands in flight, and over ten million
 * commands.
 *
 * `deno task bench:memory`. Memory should stay flat over the ten million.
 *
 * @module
 */

import { connect } from "../mod.ts";
import { TestServer } from "../tests/support/test_server.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:memory

Measures memory with 100,000 commands in flight, and over ten million.`);

const IN_FLIGHT = 100_000;
const TOTAL = 10_000_000;
const TASKS = 1_000;

await using server = await TestServer.start();
await using redis = await connect(server.url, { commandTimeout: 60_000 });
await redis.set("key", "0123456789abcdef");

show("at rest");
const replies = Promise.all(
  Array.from({ length: IN_FLIGHT }, () => redis.get("key")),
);
show(`${IN_FLIGHT.toLocaleString("en")} in flight`);
await replies;
show("answered");

let left = TOTAL;
const tasks = Array.from({ length: TASKS }, async () => {
  while (left-- > 0) {
    if (left % (TOTAL / 10) === 0) {
      show(`${((TOTAL - left) / 1e6).toFixed(0)} million commands`);
    }
    await redis.get("key");
  }
});
await Promise.all(tasks);

function show(what: string): void {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss, external } = Deno.memoryUsage();
  const [heap, total, outside] = [heapUsed, rss, external].map((bytes) =>
    `${(bytes / 1e6).toFixed(1)} MB`.padStart(9)
  );
  // deno-lint-ignore no-console -- a program that prints
  console.log(
    `${what.padEnd(22)} heap ${heap}, external ${outside}, RSS ${total}`,
  );
}
