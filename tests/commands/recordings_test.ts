import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Shape } from "../../lib/resp/reply.ts";
import { parseRecorded, readRecordings, type Recording } from "./recordings.ts";
import { shapesByCommand, shapesFor } from "./recorded_shapes.ts";

/**
 * Replies with times, addresses or random values, or of a state that changed
 * before RESP3 was recorded: here both protocols must have the same types.
 */
const VARYING =
  /^(H.*TTL|(COMMAND|SLOW)LOG.*|CLIENT.*|CLUSTER.*|_FT.*|INFO|MEMORY.*|LOLWUT|X.*|V(INFO|RANDMEMBER)|HOTKEYS.GET|FT\.AGGREGATE|TS\.(ADD|DECRBY|INCRBY|INFO))$/;

/** What is passed on as the server tells it, without a shape of its own. */
const UNSHAPED = /^(COMMAND\|INFO|FT\.PROFILE|_FT\.DEBUG\|DOCINFO)$/;

Deno.test("what newer servers and modules answered becomes the same in RESP2 and RESP3", async (t) => {
  const shapes = await shapesByCommand();
  const recordings = (await readRecordings()).filter((each) =>
    !UNSHAPED.test(each.name) && shapes.has(each.name) && !failed(each)
  );
  for (const recording of recordings) {
    const { server, name, args } = recording;
    await t.step(`${server}: ${args.join(" ").slice(0, 200)}`, () => {
      const form = VARYING.test(name) ? kindsOf : (value: unknown) => value;
      const [first, ...rest] = shapesFor(shapes, recording);
      // A combination of options that no test case has may have another's shape.
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

/** The kinds of the values in a value; of a list, each once, and none of an empty one. */
function kindsOf(value: unknown): unknown {
  if (Array.isArray(value)) return "a list";
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, kindsOf(part)]).sort(),
  );
}
