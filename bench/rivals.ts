/**
 * respite beside ioredis and node-redis: the same work in one run, by turns.
 *
 * `deno task bench:rivals`; with `--rounds 5` for more rounds. Prints operations
 * per second (medians), the ratio of respite to the best of the others, and
 * microseconds of the client's CPU per command. The server has a core of its
 * own where `taskset` is there to give it one.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { cpuUsage } from "node:process";
import { TestServer } from "../tests/support/test_server.ts";
import { type Contender, contenders } from "./contenders.ts";

interface Row {
  readonly title: string;
  /** Commands that one call of `work` makes. */
  readonly commands: number;
  /** Calls under way at a time. */
  readonly tasks: number;
  readonly work: (contender: Contender) => Promise<unknown>;
}

const KEY = "bench:key";
const PIPELINE = 1_000;

const ROWS: readonly Row[] = [
  ...[1, 64, 1_000].map((tasks): Row => ({
    title: tasks === 1 ? "GET, one at a time" : `GET, ${tasks} tasks`,
    commands: 1,
    tasks,
    work: (contender) => contender.get(KEY),
  })),
  {
    title: `pipeline of ${PIPELINE} GET`,
    commands: PIPELINE,
    tasks: 1,
    work: (contender) => contender.pipeline(KEY, PIPELINE),
  },
];

/** One measurement lasts so long, in milliseconds. */
const DURATION = 700;
const WARM_UP = 300;

interface Measured {
  /** Commands per second. */
  rate: number;
  /** Microseconds of this process per command. */
  cpu: number;
}

async function run(
  row: Row,
  contender: Contender,
  duration: number,
): Promise<Measured> {
  const cpuBefore = cpuUsage();
  const start = performance.now();
  const end = start + duration;
  let calls = 0;
  const task = async () => {
    // The clock costs as much as a command: it is looked at now and then.
    for (let i = 0; i % 16 !== 0 || performance.now() < end; i++) {
      await row.work(contender);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: row.tasks }, task));
  const elapsed = performance.now() - start;
  const { user, system } = cpuUsage(cpuBefore);
  const commands = calls * row.commands;
  return {
    rate: commands / elapsed * 1_000,
    cpu: (user + system) / commands,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Gives the server one core and this process the other, where that can be done. */
async function separate(serverPid: number): Promise<string> {
  if (availableParallelism() < 2) return "one core for both";
  try {
    for (const [core, pid] of [["1", serverPid], ["0", Deno.pid]] as const) {
      const { success } = await new Deno.Command("taskset", {
        args: ["-a", "-cp", core, String(pid)],
        stdout: "null",
        stderr: "null",
      }).output();
      if (!success) return "cores not assigned";
    }
    return "server and client on a core each";
  } catch {
    return "cores not assigned: no taskset";
  }
}

function print(line: string): void {
  // deno-lint-ignore no-console -- what this program is for
  console.log(line);
}

const rounds = Number(
  Deno.args[Deno.args.indexOf("--rounds") + 1 || Infinity] ?? 3,
);
await using server = await TestServer.start();
const all = await contenders(server.url);
await all[0]!.set(KEY, "0123456789abcdef");

const cores = await separate(server.pid);
print(
  `Deno ${Deno.version.deno}, redis-server ${server.version}, ${cores}, medians of ${rounds}`,
);
print("operations per second (client CPU per command in µs)");
const width = 22;
print(
  ["", ...all.map(({ name }) => name), "ratio to best other"]
    .map((cell) => cell.padEnd(width)).join(""),
);
for (const row of ROWS) {
  const measured = all.map((): Measured[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, contender] of all.entries()) {
      const result = await run(row, contender, round < 0 ? WARM_UP : DURATION);
      if (round >= 0) measured[i]!.push(result);
    }
  }
  const rates = measured.map((runs) => median(runs.map(({ rate }) => rate)));
  const cpus = measured.map((runs) => median(runs.map(({ cpu }) => cpu)));
  const ratio = rates[0]! / Math.max(...rates.slice(1));
  print(
    [
      row.title,
      ...rates.map((rate, i) =>
        `${Math.round(rate).toLocaleString("en")} (${cpus[i]!.toFixed(2)})`
      ),
      ratio.toFixed(2),
    ].map((cell) => cell.padEnd(width)).join(""),
  );
}
await Promise.all(all.map((contender) => contender.close()));
