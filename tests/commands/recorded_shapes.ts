/**
 * Finds the reply parser for a recorded call: that of the test case with the same
 * command and the same options.
 *
 * @module
 */

import type { Arg, Shape } from "../../lib/resp/reply.ts";
import { families, nameOf } from "./inventory.ts";
import { MODULES } from "./modules/modules.ts";
import type { Recording } from "./recordings.ts";
import { Recorder } from "./support.ts";
import { readTable } from "./table/table.ts";

/** A reply parser, and the keywords (in upper case) of the call it belongs to. */
interface Candidate {
  readonly shape: Shape<unknown>;
  readonly options: ReadonlySet<string>;
  readonly length: number;
}

/** Calls with reply parsers that no test case has. */
const MORE: ((c: Recorder) => Promise<unknown>)[] = [
  (c) => c.search.search("i", "q"),
  (c) => c.search.search("i", "q", { withscores: true }),
  (c) => c.search.search("i", "q", { withscores: true, explainscore: true }),
  (c) => c.search.search("i", "q", { withpayloads: true }),
  (c) => c.search.search("i", "q", { withsortkeys: true }),
  (c) =>
    c.search.search("i", "q", {
      nocontent: true,
      withscores: true,
      withpayloads: true,
      withsortkeys: true,
    }),
  (c) => c.search.aggregate("i", "q"),
  (c) => c.xautoclaim("k", "g", "c", 0, 0, { justid: true }),
];

/** The reply parsers of each command's calls in the test cases. */
export async function shapesByCommand(): Promise<Map<string, Candidate[]>> {
  const names = new Set((await readTable()).keys());
  const recorder = new Recorder();
  const found = new Map<string, Candidate[]>();
  const calls = [
    ...(await families()).flatMap(({ words, fixtures }) => [
      ...words,
      ...fixtures,
    ]),
    ...MODULES.flatMap(({ cases }) => cases),
    ...MORE.map((call) => ({ call })),
  ];
  for (const { call } of calls) {
    call(recorder);
    const { words, shape } = recorder;
    const name = nameOf(words, names);
    const candidates = found.get(name) ?? [];
    found.set(name, candidates);
    candidates.push({
      shape: shape!,
      options: optionsOf(words),
      length: words.length,
    });
  }
  return found;
}

/** The reply parsers for a recorded call, the most similar call first. */
export function shapesFor(
  shapes: ReadonlyMap<string, readonly Candidate[]>,
  { name, args }: Recording,
): Shape<unknown>[] {
  const candidates = shapes.get(name) ?? [];
  const known = new Set(candidates.flatMap(({ options }) => [...options]));
  const options = optionsOf(args).intersection(known);
  const distance = (candidate: Candidate) =>
    options.symmetricDifference(candidate.options).size +
    Math.abs(candidate.length - args.length) / 100;
  return candidates.toSorted((a, b) => distance(a) - distance(b))
    .map(({ shape }) => shape);
}

function optionsOf(words: readonly Arg[]): Set<string> {
  return new Set(
    words.filter((word) =>
      typeof word === "string" && /^[A-Z][A-Z_]+$/.test(word)
    ) as string[],
  );
}
