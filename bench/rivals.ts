/**
 * sorrel beside other clients: the same work in one run, by turns.
 *
 * `deno task bench:rivals`; `--rounds 5` for more rounds, `--only GET` for some
 * rows (then nothing is written). Prints commands
 * per second (medians) and microseconds of the client's CPU per command, and
 * writes them to `bench/results/rivals.json` and `rivals.svg`. The server has a
 * core of its own where there are two, and `taskset` to assign them.
 *
 * On Deno: sorrel, ioredis, node-redis, a bare socket. Beside them, where they
 * can be had: redis-benchmark (C), and Bun's own client (Zig) from npm.
 *
 * @module
 */

import { availableParallelism, cpus } from "node:os";
import { TestServer } from "../tests/support/test_server.ts";
import { chart } from "./chart.ts";
import { CONTENDERS } from "./contenders.ts";
import { KEYS, type Measured, median, type Row, ROWS, VALUES } from "./work.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:rivals [--rounds 3] [--only TEXT]

Measures sorrel beside other clients, by turns: some ten minutes.

  --rounds <n>   how often each row is measured (default: 3)
  --only <text>  only rows with this in their title; then no result is written`);

/** The duration of one measurement, in milliseconds. */
const DURATION = 1_000;
const WARM_UP = 1_000;
const BUN = "bun@1.4.5";
const RESULTS = new URL("./results/", import.meta.url);

const rounds = Number(option("--rounds") ?? 3);
/** Only rows whose title has this in it. */
const only = option("--only") ?? "";
await using server = await TestServer.start();
await fill();
const cores = await separate(server.pid);
const BUN_NAME = "Bun";
const BENCHMARK = "redis-benchmark";
const BARE = "bare socket";
const onDeno = Object.keys(CONTENDERS);

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
      } else if (name !== BARE || row.tasks === 1 && row.depth === 1) {
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

async function fill(): Promise<void> {
  await server.ask("SET", KEYS.short, VALUES.short);
  await server.ask("SET", KEYS.large, VALUES.large);
  await server.ask("RPUSH", KEYS.list, ...VALUES.list);
  await server.ask("HSET", KEYS.hash, ...Object.entries(VALUES.hash).flat());
}

/**
 * Runs a client's program for one row and notes what it prints. A process for
 * each row: what another one left on the heap, or in timers, slows it down.
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
  ]);
  if (json !== undefined) note(title, name, JSON.parse(json)[title]);
}

function denoArgs(name: string): string[] {
  return [
    ...["run", "--allow-net=127.0.0.1", "--allow-env", "--allow-sys"],
    ...["--allow-read", program("rival.ts"), name],
  ];
}

function program(file: string): string {
  return new URL(file, import.meta.url).pathname;
}

function note(title: string, name: string, measured: Measured): void {
  const row = table.get(title);
  row?.set(name, [...row.get(name) ?? [], measured]);
}

/** The same list with another start, so that no client is always first. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** Gives the server one core and this process the other, where that can be done. */
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
  const lines = [...table].map(([title, row]) => ({
    title,
    results: Object.fromEntries(names.flatMap((name) => {
      const runs = row.get(name);
      if (runs === undefined) return [];
      const rate = Math.round(median(runs.map((run) => run.rate)));
      const cpu = median(runs.map((run) => run.cpu));
      return [[name, { rate, cpu: Number(cpu.toFixed(2)) || null }]];
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
  print(`\n${Object.values(about).join(", ")}`);
  print("commands per second (client's CPU per command in µs)");
  print(line(["", ...names]));
  for (const { title, results } of lines) {
    const cells = names.map((name) => {
      const cell = results[name];
      if (cell === undefined) return "";
      const cpu = cell.cpu === null ? "" : ` (${cell.cpu})`;
      return cell.rate.toLocaleString("en") + cpu;
    });
    print(line([title, ...cells]));
  }
  if (only !== "") return;
  await Deno.mkdir(RESULTS, { recursive: true });
  const json = JSON.stringify({ about, rows: lines }, null, 2) + "\n";
  await Deno.writeTextFile(new URL("rivals.json", RESULTS), json);
  const svg = chart(lines, names.filter((name) => name !== BARE));
  await Deno.writeTextFile(new URL("rivals.svg", RESULTS), svg);
}

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => cell.padEnd(i === 0 ? 29 : 21)).join("");
}

function print(text: string): void {
  // deno-lint-ignore no-console -- what this program is for
  console.log(text);
}

function progress(text: string): void {
  // deno-lint-ignore no-console -- what this program is for
  console.error(text);
}
