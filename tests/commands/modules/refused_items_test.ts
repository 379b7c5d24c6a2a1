/**
 * Lessons from real replies of modules: single items that a server refuses, and
 * options that it accepts in one place only.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ReplyError } from "../../../mod.ts";
import { Recorder } from "../support.ts";
import { parseRecorded } from "../recordings.ts";

const encoder = new TextEncoder();

/** The value that the last call of `recorder` makes of a reply. */
function valueOf(recorder: Recorder, reply: string): unknown {
  return parseRecorded(encoder.encode(reply), recorder.shape!);
}

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("cms.incrby() returns an error in place of an item whose count is too large", () => {
  const recorder = new Recorder();
  recorder.cms.incrby("m", { ok: 1, a: "9223372036854775000" });
  const value = valueOf(
    recorder,
    "*2\r\n:1\r\n-CMS: INCRBY overflow\r\n",
  ) as unknown[];
  assert.equal(value[0], 1);
  assert(value[1] instanceof ReplyError);
  assert.equal(value[1].message, "CMS: INCRBY overflow");
});

test("topk.incrby() rejects items that the module would refuse without a reply", () => {
  const recorder = new Recorder();
  for (const increment of [-1, 100_001, 1.5, "many", NaN]) {
    assert.throws(
      () => recorder.topk.incrby("t", [["a", 1], ["b", increment]]),
      /^TypeError: Cannot send TOPK.INCRBY as an increment must be an integer from 0 to 100000/,
    );
  }
  assert.deepEqual(recorder.words, []);
  recorder.topk.incrby("t", { a: 0, b: 100_000 });
  assert.deepEqual(recorder.words, ["TOPK.INCRBY", "t", "a", 0, "b", 100_000]);
});

test("cf.insert() and cf.insertnx() return -1 for a full filter in both protocols", () => {
  const recorder = new Recorder();
  recorder.cf.insert("c", ["a", "b"]);
  assert.deepEqual(valueOf(recorder, "*2\r\n:1\r\n:-1\r\n"), [1, -1]);
  assert.deepEqual(valueOf(recorder, "*2\r\n#t\r\n#f\r\n"), [1, -1]);
  recorder.cf.insertnx("c", ["a", "b", "c"]);
  assert.deepEqual(
    valueOf(recorder, "*3\r\n:0\r\n:1\r\n:-1\r\n"),
    [0, 1, -1],
  );
});
