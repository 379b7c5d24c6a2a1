/**
 * Compares sorrel with other clients: the same work in alternating runs.
 *
 * `deno task bench:rivals --help` tells the options. Prints commands per second
 * (medians), microseconds of the client's CPU per command, and for rows with tasks
 * the milliseconds that half and 99 of 100 calls took at most. Writes them, with the
 * range of the rates, to `bench/results/rivals.json`, `rivals.svg` and the table of
 * `bench/README.md`. The server has a core of its own where there are two, and
 * `taskset` to assign them.
 *
 * On Deno: sorrel, ioredis, node-redis, valkey-glide (Rust), a bare socket. If
 * available: redis-benchmark (C), and Bun's own client (Zig) from npm. A row is left out
 * for a client that cannot do its work.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { TestServer } from "../tests/support/test_server.ts";
import { chart } from "./chart.ts";
import { CHECKOUTS, CONTENDERS } from "./contenders.ts";
import {
  cell,
  clientsOf,
  type Result,
  type Results,
  together,
  withTable,
} from "./results.ts";
import { fill, type Measured, median, type Row, ROWS, VALUES } from "./work.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:rivals [--add] [--rounds 3] [--ms 1000] [--only TEXT]
                              [--deno-redis PATH] [--iuioiua PATH]
       deno task bench:rivals --merge FILE...

Measures sorrel beside other clients, by turns: some fifteen minutes.

  --add                puts the run together with the results that are there
  --merge <file...>    measures nothing: puts these files together
  --rounds <n>         how often each row is measured (default: 3)
  --ms <n>             how long each measurement lasts (default: 1000)
  --only <text>        only rows with this in their title; nothing is written
  --deno-redis <path>  measures the checkout of denodrivers/redis in this folder;
                       an import_map.json there may stand for the registry jsr
  --iuioiua <path>     and that of iuioiua/redis`);

/** The duration of one measurement, in milliseconds. */
const DURATION = Number(option("--ms") ?? 1_000);
const WARM_UP = DURATION;
/** The timeout of a client for one row, in milliseconds; a slower one is left out. */
const PATIENCE = 2 * DURATION + 30_000;
const BUN = "bun@1.4.5";
const RESULTS = new URL("./results/", import.meta.url);
const JSON_FILE = new URL("rivals.json", RESULTS);
const README = new URL("./README.md", import.meta.url);
const BUN_NAME = "Bun";
const BENCHMARK = "redis-benchmark";
const BARE = "bare socket";
const BARE_ROWS = [
  "GET, one at a time",
  "pipeline of 1,000 GET",
  "connect, PING, close",
];
/** The folders of the clients that are measured only where one is named. */
const checkouts = new Map(
  CHECKOUTS.flatMap((name) => {
    const path = option(`--${name}`);
    return path === undefined ? [] : [[name, Deno.realPathSync(path)]];
  }),
);

if (Deno.args[0] === "--merge") {
  const files = Deno.args.slice(1);
  await save(together(await Promise.all(files.map(read))));
  Deno.exit();
}

const rounds = Number(option("--rounds") ?? 3);
/** Only rows whose title contains this. */
const only = option("--only") ?? "";
await using server = await TestServer.start();
await fill(server);
const cores = await separate(server.pid);
const onDeno = Object.keys(CONTENDERS).filter((name) =>
  !CHECKOUTS.includes(name) || checkouts.has(name)
);

/** The measurements, by row and by client. */
const table = new Map<string, Map<string, Measured[]>>(
  ROWS.filter(({ title }) => title.includes(only))
    .map(({ title }) => [title, new Map()]),
);
for (let round = 1; round <= rounds; round++) {
  const turns = rotated([...onDeno, BUN_NAME, BENCHMARK], round);
  for (const row of ROWS.filter(({ title }) => table.has(title))) {
    progress(`round ${round} of ${rounds}: ${row.title}`);
    for (const name of turns) {
      if (name === BENCHMARK) await redisBenchmark(row);
      else if (name === BUN_NAME) {
        await client(name, row, "npx", ["-y", BUN, program("bun_rival.ts")]);
      } else if (name !== BARE || BARE_ROWS.includes(row.title)) {
        await client(name, row, Deno.execPath(), denoArgs(name));
      }
    }
  }
}
await report();

function option(name: string): string | undefined {
  const place = Deno.args.indexOf(name);
  return place < 0 ? undefined : Deno.args[place + 1];
}

/**
 * Runs a client's program for one row and stores its output. Each row has its own
 * process, as the heap and timers of another row would slow it down.
 */
async function client(
  name: string,
  { title }: Row,
  command: string,
  args: readonly string[],
): Promise<void> {
  const json = await outputOf(command, [
    ...args,
    ...[server.url, String(DURATION), String(WARM_UP), title],
    checkouts.get(name) ?? "",
  ]);
  const measured = json && JSON.parse(json)[title];
  if (measured) note(title, name, measured);
}

function denoArgs(name: string): string[] {
  return [
    // Permission for one host would not cover valkey-glide's own socket.
    ...["run", "--allow-net", "--allow-env", "--allow-sys"],
    // valkey-glide loads a library, and reaches it by a socket in /tmp.
    ...["--allow-read", "--allow-ffi", "--allow-write=/tmp", "--no-prompt"],
    ...name === "valkey-glide" || checkouts.has(name)
      ? ["--no-lock"]
      : ["--lock=tests/deno.lock"],
    ...importMapOf(name),
    ...[program("rival.ts"), name],
  ];
}

/** The import map in a checkout's folder: for its imports from jsr, where that cannot be reached. */
function importMapOf(name: string): string[] {
  const file = `${checkouts.get(name)}/import_map.json`;
  return checkouts.has(name) && existsSync(file) ? ["--import-map", file] : [];
}

function program(file: string): string {
  return new URL(file, import.meta.url).pathname;
}

function note(title: string, name: string, measured: Measured): void {
  const row = table.get(title);
  row?.set(name, [...row.get(name) ?? [], measured]);
}

/** The list rotated, so that no client is always first. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** Assigns one core to the server and the other to this process, if possible. */
async function separate(serverPid: number): Promise<string> {
  if (availableParallelism() < 2) return "one core for all";
  for (const [core, pid] of [["1", serverPid], ["0", Deno.pid]] as const) {
    const output = await outputOf("taskset", ["-a", "-cp", core, String(pid)]);
    if (output === undefined) return "cores not assigned";
  }
  return "server and client on a core each";
}

/** The output of a program, or `undefined` when it does not exist or fails. */
async function outputOf(
  program: string,
  args: string[],
): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args,
      stderr: "null",
      signal: AbortSignal.timeout(PATIENCE),
    }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}

async function redisBenchmark({ title, command, depth }: Row): Promise<void> {
  if (command === undefined || depth === undefined) return;
  const csv = await outputOf("redis-benchmark", [
    ...["-p", String(server.port), "-t", command, "-c", "1", "--csv"],
    ...["-P", String(depth), "-d", String(VALUES.short.length)],
    ...["-n", String(depth === 1 ? 5_000 : 500_000)],
  ]);
  const cell = csv?.split("\n")[1]?.split(",")[1];
  const rate = Number(cell?.replaceAll('"', ""));
  if (rate > 0) note(title, BENCHMARK, { rate, cpu: NaN });
}

async function report(): Promise<void> {
  const names = [...onDeno, BUN_NAME, BENCHMARK].filter((name) =>
    [...table.values()].some((row) => row.has(name))
  );
  const rows = [...table].map(([title, row]) => ({
    title,
    results: Object.fromEntries(names.flatMap((name) => {
      const runs = row.get(name);
      return runs === undefined ? [] : [[name, resultOf(runs)]];
    })),
  }));
  const about = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}`,
    deno: Deno.version.deno,
    server: `redis-server ${server.version}`,
    cores,
    rounds,
  };
  const run: Results = { about, rows };
  const results = Deno.args.includes("--add")
    ? together([await read(JSON_FILE), run])
    : run;
  show(results);
  if (only === "") await save(results);
}

async function read(file: string | URL): Promise<Results> {
  return JSON.parse(await Deno.readTextFile(file));
}

async function save(results: Results): Promise<void> {
  await Deno.mkdir(RESULTS, { recursive: true });
  await Deno.writeTextFile(
    JSON_FILE,
    JSON.stringify(results, null, 2) + "\n",
  );
  const names = clientsOf(results).filter((name) => name !== BARE);
  await Deno.writeTextFile(
    new URL("rivals.svg", RESULTS),
    chart(results.rows, names),
  );
  const page = withTable(await Deno.readTextFile(README), results);
  await Deno.writeTextFile(README, page);
  await outputOf(Deno.execPath(), ["fmt", README.pathname]);
}

function show(results: Results): void {
  const names = clientsOf(results);
  print(`\n${Object.values(results.about).join(", ")}`);
  print("commands per second (client's CPU per command in µs; p50/p99 in ms)");
  print(line(["", ...names]));
  for (const { title, results: row } of results.rows) {
    const cells = names.map((name) => row[name] ? cell(row[name]) : "");
    print(line([title, ...cells]));
  }
}

function resultOf(runs: readonly Measured[]): Result {
  const rates = runs.map((run) => Math.round(run.rate));
  const cpu = median(runs.map((run) => run.cpu));
  return {
    rate: Math.round(median(runs.map((run) => run.rate))),
    range: [Math.min(...rates), Math.max(...rates)],
    cpu: Number(cpu.toFixed(2)) || null,
    ...latency(runs),
  };
}

/** The latencies in milliseconds, for rows with tasks. */
function latency(runs: readonly Measured[]): { p50?: number; p99?: number } {
  const [first] = runs;
  if (first?.p50 === undefined) return {};
  const of = (name: "p50" | "p99") =>
    Number(median(runs.map((run) => run[name]!)).toFixed(2));
  return { p50: of("p50"), p99: of("p99") };
}

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => cell.padEnd(i === 0 ? 39 : 34)).join("");
}

function print(text: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(text);
}

function progress(text: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.error(text);
}
