/**
 * `deno task bench:overload`: clients with more load than their link can carry, and
 * with a server that freezes for a while.
 *
 * For each client: the calls that succeeded within their deadline of a second, as a
 * share of the link's capacity; the time of a PING right after the load; the peak
 * memory of its process.
 *
 * @module
 */

import { TestServer } from "../tests/support/test_server.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:overload [clients]

Measures clients with more load than their link can carry, and with a frozen
server.

  clients  of sorrel, ioredis, node-redis (default: all)`);

const RATE = 200_000;
const SIZE = 10_000;
/** The interval between two calls in milliseconds: 8 MB per second. */
const EACH = 1.25;
const SECONDS = 12;
/** How long the server of the second scenario is frozen, in ms. */
const FROZEN = 3_000;

interface Outcome {
  asked: number;
  succeeded: number[];
  failed: number;
  pinged: number | null;
  peak: number;
}

const names = Deno.args.length > 0
  ? Deno.args
  : ["sorrel", "ioredis", "node-redis"];

await using server = await TestServer.start();
say(
  `A link of ${RATE / 1000} kB/s, ${
    SIZE / EACH / 1000
  } MB/s offered for ${SECONDS} s`,
);
for (const name of names) {
  const link = start("bench/slow_link.ts", [`${server.port}`, `${RATE}`]);
  const lines = link.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await lines.read()).value);
  const outcome = await measure(name, `redis://127.0.0.1:${port}`, SIZE, EACH);
  link.kill();
  await lines.cancel();
  await link.status;
  const possible = RATE / (SIZE + 40) * SECONDS;
  report(name, outcome, possible);
}
say(`A server that is frozen for ${FROZEN} ms, 20,000 calls of 100 bytes/s`);
for (const name of names) {
  const freeze = setTimeout(() => {
    Deno.kill(server.pid, "SIGSTOP");
    setTimeout(() => Deno.kill(server.pid, "SIGCONT"), FROZEN);
  }, 3_000);
  const outcome = await measure(name, server.url, 100, 0.05);
  clearTimeout(freeze);
  report(name, outcome, outcome.asked * (1 - FROZEN / 1000 / SECONDS));
}

async function measure(
  name: string,
  url: string,
  size: number,
  each: number,
): Promise<Outcome> {
  const client = start("bench/overload_client.ts", [
    name,
    url,
    `${size}`,
    `${each}`,
    `${SECONDS}`,
  ]);
  const { stdout } = await client.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

function report(name: string, outcome: Outcome, possible: number): void {
  const { succeeded, pinged, peak } = outcome;
  const total = succeeded.reduce((sum, each) => sum + each, 0);
  say(
    `  ${name.padEnd(11)} ${total} of ${outcome.asked} calls, ${
      (total / possible).toFixed(2)
    } of what is possible; PING ${
      pinged === null ? "failed" : `${pinged} ms`
    }; ${peak} MiB`,
  );
  say(`              by second: ${succeeded.join(" ")}`);
}

function start(program: string, args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-net=127.0.0.1",
      "--allow-env",
      "--allow-read",
      "--allow-sys",
      program,
      ...args,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

function say(line: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(line);
}
