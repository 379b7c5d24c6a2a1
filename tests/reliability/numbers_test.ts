/**
 * The sixty behaviours that a client of one server must show; each number appears in
 * the title of a test.
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

Deno.test("every behaviour from 1 to 60 has a test with its number, and no test has another number", async () => {
  const found = new Set<number>();
  const sources = await readSources(ROOMS.map((room) => `tests/${room}`));
  for (const source of sources.values()) {
    const code = codeOf(source);
    for (const { index, 0: start, 1: numbers } of source.matchAll(NAME)) {
      // A match inside a comment is not a title.
      if (code[index] !== start[0]) continue;
      for (const number of numbers!.split(", ")) found.add(Number(number));
    }
  }
  assert.deepEqual(
    [...found].toSorted((a, b) => a - b),
    Array.from({ length: BEHAVIOURS }, (_, i) => i + 1),
  );
});
