/**
 * The embedded server beside redis-server: commands per second, bytes a key and
 * a connection, and how long a snapshot stops the server.
 *
 * `deno task bench:embedded` prints one table, which lib/embedded/README.md has.
 * It needs `redis-server` and `redis-benchmark`, a quiet machine and a minute.
 *
 * @module
 */

import { Asker } from "../tests/embedded/asker.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:embedded

Measures the embedded server beside redis-server: a minute. Needs redis-server
and redis-benchmark.`);

const COMMANDS = ["SET", "GET", "INCR", "LPUSH", "SADD", "HSET", "ZADD"];
const REQUESTS = 400_000;
const KEYS = 400_000;
const CONNECTIONS = 4000;

interface Running extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

type Row = readonly [name: string, value: number, unit: string];

const deno = [Deno.execPath(), "run", "--allow-net", "--allow-read"];
const servers: Record<string, readonly string[]> = {
  "embedded": [
    ...deno,
    "--allow-write=tests/.tmp",
    "lib/embedded/main.ts",
  ],
  "redis-server": ["redis-server"],
};

const columns: Row[][] = [];
for (const [name, command] of Object.entries(servers)) {
  say(`Measuring ${name} …`);
  columns.push([
    ...await speeds(command),
    ...await memory(command),
    ...await stall(command),
  ]);
}

say("\n| | embedded | redis-server | ratio |\n| --- | ---: | ---: | ---: |");
for (const [i, [name, ours, unit]] of columns[0]!.entries()) {
  const theirs = columns[1]![i]![1];
  const show = (value: number) =>
    `${value.toLocaleString("en", { maximumFractionDigits: 0 })} ${unit}`;
  say(
    `| ${name} | ${show(ours)} | ${show(theirs)} | ${
      (ours / theirs).toFixed(2)
    } |`,
  );
}

/** Commands per second, 16 in flight on each of 50 connections. */
async function speeds(command: readonly string[]): Promise<Row[]> {
  await using server = await start(command);
  const rows: Row[] = [];
  for (const name of COMMANDS) {
    const { stdout } = await new Deno.Command("redis-benchmark", {
      args: [
        ...["-p", String(server.port), "-t", name.toLowerCase()],
        ...["-P", "16", "-n", String(REQUESTS), "-r", "100000", "--csv"],
      ],
    }).output();
    const text = new TextDecoder().decode(stdout);
    const found = new RegExp(`"${name}[^"]*","([\\d.]+)"`).exec(text);
    if (found === null) throw new Error(`redis-benchmark says: ${text}`);
    rows.push([`${name}, -P 16`, Number(found[1]), "/s"]);
  }
  return rows;
}

/** Bytes of the process for each key, and for each connection. */
async function memory(command: readonly string[]): Promise<Row[]> {
  const ten = Array.from({ length: 10 }, (_, i) => i);
  const kinds: Record<string, (i: number) => (string | number)[]> = {
    "string": (i) => ["SET", `key:${i}`, `value:${i}`],
    "hash of ten": (i) => [
      "HSET",
      `key:${i}`,
      ...ten.flatMap((j) => [`field:${j}`, `value:${j}`]),
    ],
    "sorted set of ten": (i) => [
      "ZADD",
      `key:${i}`,
      ...ten.flatMap((j) => [j, `member:${j}`]),
    ],
  };
  const rows: Row[] = [];
  for (const [name, make] of Object.entries(kinds)) {
    await using server = await start(command);
    using asker = await Asker.to({ hostname: "127.0.0.1", port: server.port });
    const before = rss(server.pid);
    for (let i = 0; i < KEYS; i += 500) {
      await asker.all(Array.from({ length: 500 }, (_, j) => make(i + j)));
    }
    rows.push([name, (rss(server.pid) - before) / KEYS, "B"]);
  }
  await using server = await start(command);
  const address = { hostname: "127.0.0.1", port: server.port };
  const before = rss(server.pid);
  const askers: Asker[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const asker = await Asker.to(address);
    await asker.ask("PING");
    askers.push(asker);
  }
  rows.push(["connection", (rss(server.pid) - before) / CONNECTIONS, "B"]);
  for (const asker of askers) asker[Symbol.dispose]();
  return rows;
}

/** The longest time that a PING takes while a million keys are saved. */
async function stall(command: readonly string[]): Promise<Row[]> {
  await using server = await start(command);
  using asker = await Asker.to({ hostname: "127.0.0.1", port: server.port });
  for (let i = 0; i < 1_000_000; i += 1000) {
    await asker.all(
      Array.from({ length: 1000 }, (_, j) => ["SET", `key:${i + j}`, j]),
    );
  }
  let longest = 0;
  const timed = async (...args: string[]) => {
    const began = performance.now();
    const answer = await asker.ask(...args);
    longest = Math.max(longest, performance.now() - began);
    return String(answer);
  };
  await timed("BGSAVE");
  while (
    (await timed("INFO", "persistence")).includes("bgsave_in_progress:1")
  );
  return [["longest wait during BGSAVE, a million keys", longest, "ms"]];
}

async function start(command: readonly string[]): Promise<Running> {
  const [program, ...args] = command;
  const port = freePort();
  // An empty directory: each server loads the data it finds.
  const directory = await Deno.makeTempDir({ dir: "tests/.tmp" });
  const child = new Deno.Command(program!, {
    args: [
      ...args,
      ...["--port", String(port), "--dir", directory, "--save", ""],
    ],
    stdout: "null",
  }).spawn();
  for (;;) {
    try {
      using asker = await Asker.to({ hostname: "127.0.0.1", port });
      await asker.ask("PING");
      break;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    port,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Bytes of memory that a process has. */
function rss(pid: number): number {
  const { stdout } = new Deno.Command("ps", {
    args: ["-o", "rss=", "-p", String(pid)],
  }).outputSync();
  return Number(new TextDecoder().decode(stdout)) * 1024;
}

function say(text: string): void {
  // deno-lint-ignore no-console -- what this program is for
  console.log(text);
}
