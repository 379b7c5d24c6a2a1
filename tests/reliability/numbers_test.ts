/**
 * The sixty behaviours that a client of one server must show, by the numbers in
 * the names of tests.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readSources } from "../support/imports.ts";
import { codeOf } from "../support/source_text.ts";

const BEHAVIOURS = 60;
const ROOMS = ["client", "connection", "net", "reliability", "resp"];

/** The start of a test's name, such as `"behaviour 16, 29: …"`. */
const NAME = /["'`]behaviour (\d+(?:, \d+)*): \S/g;

Deno.test("every behaviour from 1 to 60 has a test that bears its number, and none has another", async () => {
  const found = new Set<number>();
  const sources = await readSources(ROOMS.map((room) => `tests/${room}`));
  for (const source of sources.values()) {
    const code = codeOf(source);
    for (const { index, 0: start, 1: numbers } of source.matchAll(NAME)) {
      // In a comment it is no name.
      if (code[index] !== start[0]) continue;
      for (const number of numbers!.split(", ")) found.add(Number(number));
    }
  }
  assert.deepEqual(
    [...found].toSorted((a, b) => a - b),
    Array.from({ length: BEHAVIOURS }, (_, i) => i + 1),
  );
});
