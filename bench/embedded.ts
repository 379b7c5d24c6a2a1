/**
 * Compares the embedded server with redis-server: commands per second, bytes per key
 * and per connection, and how long a snapshot blocks the server.
 *
 * ```sh
 * deno task bench:embedded              # this checkout
 * deno task bench:embedded ../before    # and another checkout, in the same table
 * ```
 *
 * Prints the table for lib/embedded/README.md, in about eight minutes. Needs
 * `redis-server`, `redis-benchmark` and a quiet machine.
 *
 * @module
 */

import { Asker } from "../tests/embedded/asker.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:embedded

Compares the embedded server with redis-server. Takes about eight minutes. Needs
redis-server and redis-benchmark.`);

const COMMANDS = ["SET", "GET", "INCR", "LPUSH", "SADD", "HSET", "ZADD"];
const REQUESTS = 300_000;
/** Measurements of each command on each server, alternating; the median counts. */
const ROUNDS = 3;
/**
 * Measurements of memory; the median counts. One in six is a quarter too high:
 * V8 has not yet collected the arrays that grew.
 */
const MEMORY_ROUNDS = 5;
const STRINGS = 1_000_000;
const COLLECTIONS = 400_000;
const CONNECTIONS = 4000;

interface Program {
  readonly name: string;
  readonly command: readonly string[];
}

interface Running extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

/** A row of the table: a value for each server. */
interface Row {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
}

const TMP = `${Deno.cwd()}/tests/.tmp`;
const before = Deno.args[0];
const programs: Program[] = [
  { name: "embedded", command: commandOf(Deno.cwd()) },
  { name: "redis-server", command: ["redis-server"] },
  ...before === undefined
    ? []
    : [{ name: "embedded before", command: commandOf(before) }],
];

printTable([...await speeds(), ...await memory(), ...await stalls()]);

/** The command of `deno task redis` in a checkout, with permissions for this bench. */
function commandOf(checkout: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${checkout}/deno.json`));
  const words: string[] = tasks.redis.command.split(" ");
  return [
    Deno.execPath(),
    ...["run", "--allow-net", "--allow-read", `--allow-write=${TMP}`],
    ...words.filter((word) => word.startsWith("--v8-flags")),
    `${checkout}/lib/embedded/main.ts`,
  ];
}

/** Prints a Markdown table; ratios are relative to redis-server. */
function printTable(rows: readonly Row[]): void {
  const titles = programs.flatMap(({ name }, i) =>
    i === 1 ? [name] : [name, "ratio"]
  );
  say(`| | ${titles.join(" | ")} |`);
  say(`| --- |${" ---: |".repeat(titles.length)}`);
  for (const { name, unit, values } of rows) {
    const cells = values.flatMap((value, i) => {
      const text = Math.round(value).toLocaleString("en");
      const ratio = (value / values[1]!).toFixed(2);
      return i === 1 ? [text] : [text, ratio];
    });
    say(`| ${name}, ${unit} | ${cells.join(" | ")} |`);
  }
}

/** Commands per second, with 16 in flight on each of 50 connections. */
async function speeds(): Promise<Row[]> {
  const servers: Running[] = [];
  for (const { command } of programs) servers.push(await start(command));
  const rows: Row[] = [];
  for (const name of COMMANDS) {
    note(`${name} …`);
    const rates: number[][] = servers.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, { port }] of servers.entries()) {
        rates[i]!.push(await rate(name, port));
      }
    }
    rows.push({ name, unit: "/s at -P 16", values: rates.map(median) });
  }
  for (const server of servers) await server[Symbol.asyncDispose]();
  return rows;
}

async function rate(name: string, port: number): Promise<number> {
  const { stdout } = await new Deno.Command("redis-benchmark", {
    args: [
      ...["-p", String(port), "-t", name.toLowerCase()],
      ...["-P", "16", "-n", String(REQUESTS), "-r", "100000", "--csv"],
    ],
  }).output();
  const text = new TextDecoder().decode(stdout);
  const found = new RegExp(`"${name}[^"]*","([\\d.]+)"`).exec(text);
  if (found === null) throw new Error(`redis-benchmark says: ${text}`);
  return Number(found[1]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** The process's bytes per key and per connection. */
async function memory(): Promise<Row[]> {
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
    "set of ten": (i) => ["SADD", `key:${i}`, ...ten.map((j) => `member:${j}`)],
    "list of ten": (i) => [
      "RPUSH",
      `key:${i}`,
      ...ten.map((j) => `element:${j}`),
    ],
  };
  const rows: Row[] = [];
  for (const [name, make] of Object.entries(kinds)) {
    note(`memory of a ${name} …`);
    const keys = name === "string" ? STRINGS : COLLECTIONS;
    const measured: number[][] = programs.map(() => []);
    for (let round = 0; round < MEMORY_ROUNDS; round++) {
      for (const [i, { command }] of programs.entries()) {
        measured[i]!.push(await bytesOfKey(command, keys, make));
      }
    }
    rows.push({ name, unit: "bytes a key", values: measured.map(median) });
  }
  note("memory of connections …");
  const values: number[] = [];
  for (const { command } of programs) {
    values.push(await bytesOfConnection(command));
  }
  return [...rows, { name: "connection", unit: "bytes", values }];
}

async function bytesOfKey(
  command: readonly string[],
  keys: number,
  make: (i: number) => (string | number)[],
): Promise<number> {
  await using server = await start(command);
  using asker = await Asker.to({ hostname: "127.0.0.1", port: server.port });
  const before = rss(server.pid);
  for (let i = 0; i < keys; i += 500) {
    await asker.all(Array.from({ length: 500 }, (_, j) => make(i + j)));
  }
  return (rss(server.pid) - before) / keys;
}

async function bytesOfConnection(command: readonly string[]): Promise<number> {
  await using server = await start(command);
  const address = { hostname: "127.0.0.1", port: server.port };
  const before = rss(server.pid);
  const askers: Asker[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const asker = await Asker.to(address);
    await asker.ask("PING");
    askers.push(asker);
  }
  const bytes = (rss(server.pid) - before) / CONNECTIONS;
  for (const asker of askers) asker[Symbol.dispose]();
  return bytes;
}

async function stalls(): Promise<Row[]> {
  note("BGSAVE …");
  const values: number[] = [];
  for (const { command } of programs) values.push(await stall(command));
  const name = "longest wait while a million keys are saved";
  return [{ name, unit: "ms", values }];
}

/** The longest latency of a PING while a million keys are saved. */
async function stall(command: readonly string[]): Promise<number> {
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
  return longest;
}

async function start(command: readonly string[]): Promise<Running> {
  const [program, ...args] = command;
  const port = freePort();
  // Empty, as a server loads the files that it finds.
  const directory = await Deno.makeTempDir({ dir: TMP });
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

/** The resident memory of a process in bytes. */
function rss(pid: number): number {
  const { stdout } = new Deno.Command("ps", {
    args: ["-o", "rss=", "-p", String(pid)],
  }).outputSync();
  return Number(new TextDecoder().decode(stdout)) * 1024;
}

/** Prints progress, outside of the table. */
function note(text: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.error(text);
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(text);
}
