/**
 * The results of `bench:rivals`: runs at different hours put together, and shown as
 * Markdown.
 *
 * @module
 */

import { median } from "./work.ts";

/** What one client did at one row. */
export interface Result {
  /** Commands per second: the median. */
  readonly rate: number;
  /** The least and the greatest rate. */
  readonly range: readonly [number, number];
  /** Microseconds of the client's CPU per command. */
  readonly cpu: number | null;
  /** Milliseconds that half of the calls took at most; of rows with tasks. */
  readonly p50?: number;
  /** Milliseconds that 99 of 100 calls took at most. */
  readonly p99?: number;
}

/** One line of the table. */
export interface ResultRow {
  /** What was done. */
  readonly title: string;
  /** The clients that did it, in the order of the table. */
  readonly results: Readonly<Record<string, Result>>;
}

/** One run, or what several are together. */
export interface Results {
  /** When and where. */
  readonly about: Readonly<Record<string, string | number>>;
  /** The table. */
  readonly rows: readonly ResultRow[];
  /** The runs that these are put together from. */
  readonly runs?: readonly Results[];
}

const OWN = "sorrel";
/** No clients of their own: what bounds them all. */
const BOUNDS = ["bare socket", "redis-benchmark"];

/**
 * Puts runs together: medians of the medians, and the range of all. What was put
 * together before counts as its runs.
 */
export function together(given: readonly Results[]): Results {
  const runs = given.flatMap((one) => one.runs ?? [one]);
  const last = runs.at(-1)!;
  if (runs.length === 1) return last;
  const titles = new Set(runs.flatMap(({ rows }) => rows.map(titleOf)));
  const rows = [...titles].map((title) => {
    const of = runs.flatMap((run) => rowOf(run, title));
    const names = new Set(of.flatMap(({ results }) => Object.keys(results)));
    return {
      title,
      results: Object.fromEntries([...names].map((name) => [
        name,
        summary(of.flatMap(({ results }) => results[name] ?? [])),
      ])),
    };
  });
  const dates = [...new Set(runs.map(({ about }) => about.date))].join(", ");
  return {
    about: { ...last.about, date: dates, runs: runs.length },
    rows,
    runs,
  };
}

function summary(results: readonly Result[]): Result {
  const middle = (name: "rate" | "cpu" | "p50" | "p99") => {
    const values = results.map((result) => result[name]);
    const known = values.filter((value) => typeof value === "number");
    return known.length === 0 ? undefined : median(known);
  };
  const [p50, p99] = [middle("p50"), middle("p99")];
  return {
    rate: middle("rate")!,
    range: [
      Math.min(...results.map(({ rate, range }) => range?.[0] ?? rate)),
      Math.max(...results.map(({ rate, range }) => range?.[1] ?? rate)),
    ],
    cpu: middle("cpu") ?? null,
    ...(p50 !== undefined && p99 !== undefined && { p50, p99 }),
  };
}

function titleOf({ title }: ResultRow): string {
  return title;
}

function rowOf({ rows }: Results, title: string): ResultRow[] {
  return rows.filter((row) => row.title === title);
}

/** The clients of a table, in its order. */
export function clientsOf({ rows }: Results): string[] {
  return [...new Set(rows.flatMap(({ results }) => Object.keys(results)))];
}

/**
 * The table as Markdown: commands per second with microseconds of CPU, milliseconds
 * that half and 99 of 100 calls took, and sorrel's rate by that of the best other
 * client, with its range over the runs.
 */
export function markdown(results: Results): string {
  const names = clientsOf(results);
  const lines = [
    ["work", ...names, "to the best"],
    ["---", ...names.map(() => "---"), "---"],
  ];
  for (const { title, results: row } of results.rows) {
    const cells = names.map((name) => row[name] ? cell(row[name]) : "");
    lines.push([title, ...cells, ratios(results, title)]);
  }
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** `1,685,510 (0.56; 0.55/1.45)`: the rate, µs of CPU, p50 and p99 in ms. */
export function cell({ rate, cpu, p50, p99 }: Result): string {
  const more = [cpu, p50 && `${p50}/${p99}`].filter(Boolean).join("; ");
  return rate.toLocaleString("en") + (more && ` (${more})`);
}

/** `2.4 (2.1 to 2.6)`: of all runs together, and of each alone. */
function ratios(results: Results, title: string): string {
  const all = ratioOf(results, title);
  const each = (results.runs ?? []).map((run) => ratioOf(run, title))
    .filter((ratio) => !Number.isNaN(ratio));
  if (Number.isNaN(all)) return "";
  const range = each.length > 1
    ? ` (${shown(Math.min(...each))} to ${shown(Math.max(...each))})`
    : "";
  return shown(all) + range;
}

function ratioOf(results: Results, title: string): number {
  const [row] = rowOf(results, title);
  return row === undefined ? NaN : toTheBest(row);
}

/** sorrel's rate by that of the best other client; `NaN` where there is none. */
export function toTheBest({ results }: ResultRow): number {
  const rivals = Object.entries(results)
    .filter(([name]) => name !== OWN && !BOUNDS.includes(name))
    .map(([, { rate }]) => rate);
  const own = results[OWN]?.rate ?? NaN;
  return rivals.length === 0 ? NaN : own / Math.max(...rivals);
}

function shown(ratio: number): string {
  return ratio.toPrecision(2);
}

const START = "<!-- bench:rivals writes from here -->";
const END = "<!-- to here -->";

/** A page with the table of `results` between its two marks. */
export function withTable(page: string, results: Results): string {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`The page lacks "${START}"`);
  const about = Object.entries(results.about)
    .map(([name, value]) => `${name} ${value}`).join("; ");
  return `${page.slice(0, start)}${START}\n\n${about}\n\n${
    markdown(results)
  }\n${page.slice(end)}`;
}
