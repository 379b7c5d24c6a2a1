/**
 * A minute's look at the speed, for every commit: each row beside a bare socket,
 * compared with the last results.
 *
 * `deno task bench:quick`. A row and the bare socket take turns in one process, and
 * only their ratio counts: a slow hour of the machine hits both. The ratios stand in
 * `bench/results/quick.json`.
 *
 * @module
 */

import { TestServer } from "../tests/support/test_server.ts";
import { answerHelp } from "../tests/support/usage.ts";
import { CONTENDERS } from "./contenders.ts";
import { can, fill, median, type Row, ROWS, run } from "./work.ts";

answerHelp(`
Usage: deno task bench:quick [--accept]

Measures each row as a ratio to a bare socket, in a minute, and compares it with
the last results. A loss beyond the noise is printed and ends with the exit code 1;
then the results are not written.

  --accept  write the results all the same: the next run compares with these`);

const RESULTS = new URL("./results/quick.json", import.meta.url);
const ROUNDS = 7;
/** How long each measurement lasts, in ms. */
const DURATION = 130;
/** A row whose ratio fell below this part of the last one has lost. */
const LOSS = 0.9;
/** The rows with a bare socket of their own kind; the others are beside a pipeline. */
const ALONE = ["GET, one at a time", "connect, PING, close"];
const PIPELINE = "pipeline of 1,000 GET";

/** A row's rate by that of a bare socket. */
interface Ratio {
  readonly median: number;
  /** The least and the greatest of a run. */
  readonly range: readonly [number, number];
}

type Ratios = Record<string, Ratio>;

await using server = await TestServer.start();
await fill(server);
const sorrel = await CONTENDERS["sorrel"]!(server.url, "");
const bare = await CONTENDERS["bare socket"]!(server.url, "");
const rows = ROWS.filter((row) => can(sorrel, row));
const before = await last();
const now = await measure();
const losers = Object.keys(now).filter((title) => lost(title));
report();
if (losers.length === 0 || Deno.args.includes("--accept")) {
  await Deno.writeTextFile(RESULTS, JSON.stringify(now, null, 2) + "\n");
}
// The client's connections would keep the process alive.
await server[Symbol.asyncDispose]();
Deno.exit(losers.length === 0 ? 0 : 1);

async function measure(): Promise<Ratios> {
  const ratios = new Map<string, number[]>();
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const row of rows) {
      const bound = boundOf(row);
      const first = round % 2 === 0 ? sorrel : bare;
      const one = await run(first === bare ? bound : row, first, DURATION);
      const second = first === bare ? sorrel : bare;
      const two = await run(second === bare ? bound : row, second, DURATION);
      if (round === 0) continue;
      const ratio = first === bare ? two.rate / one.rate : one.rate / two.rate;
      ratios.set(row.title, [...ratios.get(row.title) ?? [], ratio]);
    }
  }
  return Object.fromEntries(
    [...ratios].map(([title, all]) => [title, {
      median: rounded(median(all)),
      range: [rounded(Math.min(...all)), rounded(Math.max(...all))],
    }]),
  );
}

/** What the bare socket does beside a row. */
function boundOf({ title }: Row): Row {
  const own = ALONE.includes(title) ? title : PIPELINE;
  return ROWS.find(({ title }) => title === own)!;
}

async function last(): Promise<Ratios> {
  try {
    return JSON.parse(await Deno.readTextFile(RESULTS));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** Whether a row is slower by more than the noise: the ranges do not meet. */
function lost(title: string): boolean {
  const [old, own] = [before[title], now[title]!];
  return old !== undefined && own.range[1] < old.range[0] &&
    own.median < old.median * LOSS;
}

function report(): void {
  print("the rate by that of a bare socket: median (range), last median");
  for (const [title, { median, range }] of Object.entries(now)) {
    const old = before[title]?.median;
    const change = old === undefined
      ? "new"
      : `${old}  ${(median / old * 100 - 100).toFixed(0)} %`;
    const cell = `${median} (${range.join(" to ")})`;
    const mark = losers.includes(title) ? "  <== LOST" : "";
    print(title.padEnd(40) + cell.padEnd(34) + change + mark);
  }
  if (losers.length > 0) {
    print(`\n${losers.length} rows LOST speed: ${losers.join("; ")}`);
    print("Run it again on a quiet machine; --accept takes it as it is.");
  }
}

/** Three digits tell enough. */
function rounded(ratio: number): number {
  return Number(ratio.toPrecision(3));
}

function print(text: string): void {
  // deno-lint-ignore no-console -- what this program is for
  console.log(text);
}
