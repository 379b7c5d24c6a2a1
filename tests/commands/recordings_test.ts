import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Shape } from "../../lib/resp/reply.ts";
import { parseRecorded, readRecordings, type Recording } from "./recordings.ts";
import { shapesByCommand, shapesFor } from "./recorded_shapes.ts";

/**
 * Replies with times, addresses or random values, or of a state that changed before
 * RESP3 was recorded: only their types must be the same in both protocols.
 */
const VARYING =
  /^(H.*TTL|(COMMAND|SLOW)LOG.*|CLIENT.*|CLUSTER.*|_FT.*|INFO|MEMORY.*|LOLWUT|X.*|V(INFO|RANDMEMBER)|HOTKEYS.GET|FT\.AGGREGATE|TS\.(ADD|DECRBY|INCRBY|INFO))$/;

/** Commands whose replies are returned as the server sends them. */
const UNSHAPED = /^(COMMAND\|INFO|FT\.PROFILE|_FT\.DEBUG\|DOCINFO)$/;

Deno.test("recorded replies of newer servers and modules parse to the same in RESP2 and RESP3", async (t) => {
  const shapes = await shapesByCommand();
  const recordings = (await readRecordings()).filter((each) =>
    !UNSHAPED.test(each.name) && shapes.has(each.name) && !failed(each)
  );
  for (const recording of recordings) {
    const { server, name, args } = recording;
    await t.step(`${server}: ${args.join(" ").slice(0, 200)}`, () => {
      const form = VARYING.test(name) ? kindsOf : (value: unknown) => value;
      const [first, ...rest] = shapesFor(shapes, recording);
      // An untested combination of options may have the reply parser of another case.
      if (rest.some((shape) => isSame(recording, shape, form))) return;
      assert.deepStrictEqual(
        form(parseRecorded(recording.resp3, first!)),
        form(parseRecorded(recording.resp2, first!)),
      );
    });
  }
  assert(recordings.length > 800, `${recordings.length}`);
});

function failed({ resp2, resp3 }: Recording): boolean {
  return [resp2, resp3].some(([first]) => first === "-".charCodeAt(0));
}

function isSame(
  { resp2, resp3 }: Recording,
  shape: Shape<unknown>,
  form: (value: unknown) => unknown,
): boolean {
  try {
    return isDeepStrictEqual(
      form(parseRecorded(resp3, shape)),
      form(parseRecorded(resp2, shape)),
    );
  } catch {
    return false;
  }
}

/** The types within a value; of a list's elements each type once, of an empty list none. */
function kindsOf(value: unknown): unknown {
  if (Array.isArray(value)) return "a list";
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, kindsOf(part)]).sort(),
  );
}
