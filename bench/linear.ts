/**
 * Shows that no path is quadratic: time and memory of large inputs, at three sizes.
 *
 * `deno task bench:linear`. Twice the size should take about twice the time and bytes,
 * so the last column, time per unit, should stay the same.
 *
 * @module
 */

import { connect } from "../mod.ts";
import { Decoder, MORE } from "../lib/resp/decoder.ts";
import { encodeText, joinBytes } from "../lib/resp/bytes.ts";
import { TestServer } from "../tests/support/test_server.ts";
import { median } from "./work.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:linear

Measures time and memory of large inputs, at three sizes each.`);

const CHUNK = 64 * 1024;
const ROUNDS = 3;

await using server = await TestServer.start();
await using redis = await connect(server.url, {
  commandTimeout: 60_000,
  queueSize: 1_000_000,
});
await redis.set("key", "0123456789abcdef");

print(["", "size", "time", "heap and buffers", "per unit"]);
for (const megabytes of [16, 32, 64]) {
  const bulk = joinBytes([
    encodeText(`$${megabytes * 2 ** 20}\r\n`),
    new Uint8Array(megabytes * 2 ** 20),
    encodeText("\r\n"),
  ]);
  await row("bulk in 64 KiB chunks", "MiB", megabytes, () => decode(bulk));
}
for (const elements of [250_000, 500_000, 1_000_000]) {
  const array = encodeText(
    `*${elements}\r\n${"$16\r\n0123456789abcdef\r\n".repeat(elements)}`,
  );
  await row(
    "array in 64 KiB chunks",
    "elements",
    elements,
    () => decode(array),
  );
}
for (const commands of [25_000, 50_000, 100_000]) {
  await row(
    "GET in flight at once",
    "commands",
    commands,
    () => Promise.all(Array.from({ length: commands }, () => redis.get("key"))),
  );
}

function decode(wire: Uint8Array): unknown {
  const decoder = new Decoder();
  let reply: unknown = MORE;
  for (let at = 0; at < wire.length; at += CHUNK) {
    decoder.feed(wire.subarray(at, at + CHUNK));
    reply = decoder.next();
  }
  if (reply === MORE) throw new Error("The reply is not whole");
  return reply;
}

async function row(
  what: string,
  unit: string,
  size: number,
  work: () => unknown,
): Promise<void> {
  const times: number[] = [];
  const bytes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = used();
    const start = performance.now();
    // Kept alive until its memory is measured.
    const result = await work();
    times.push(performance.now() - start);
    bytes.push(used() - before);
    if (result === undefined) throw new Error("There is no result");
  }
  const time = median(times);
  print([
    what,
    `${size.toLocaleString("en")} ${unit}`,
    `${time.toFixed(0)} ms`,
    `${(median(bytes) / 1e6).toFixed(1)} MB`,
    `${(time / size * 1_000).toFixed(2)} µs`,
  ]);
}

function used(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

function print(cells: readonly string[]): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(
    cells.map((cell, i) => i === 0 ? cell.padEnd(24) : cell.padStart(20))
      .join(""),
  );
}
