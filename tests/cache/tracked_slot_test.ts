import assert from "node:assert/strict";
import { Source, type SourceState } from "../../lib/cache/source.ts";
import { trackedSlot } from "../../lib/cache/tracked_slot.ts";
import type { Connection } from "../../lib/connection/connection.ts";
import { ReplyError } from "../../lib/errors.ts";
import { Encoder } from "../../lib/resp/encoder.ts";
import { RAW } from "../../lib/resp/reply.ts";

const connection = {} as Connection;
const decoder = new TextDecoder();

/** A slot of GET on a connection in some state, and its reports. */
function slotOn(state: SourceState, pttl = false) {
  const source = new Source(connection);
  source.state = state;
  const told: unknown[] = [];
  const slot = trackedSlot(
    { args: ["GET", "k"], shape: RAW },
    () => source,
    (_, args, reply, until) => told.push([args[1], reply, until]),
    pttl,
  );
  slot.check();
  const encoder = new Encoder();
  slot.encode(encoder, connection);
  const sent = decoder.decode(encoder.take()).replace(/[*$]\d+\r\n/g, "")
    .replaceAll("\r\n", " ").trim();
  return { source, told, slot, sent };
}

Deno.test("a tracked read is one command, and its reply is told", async () => {
  for (const kind of ["asked", "on"] as const) {
    const { told, slot, sent } = slotOn({ kind });
    assert.equal(sent, "GET k");
    assert.equal(slot.accept("v"), true);
    assert.equal(await slot.promise, "v");
    assert.deepEqual(told, [["k", "v", Infinity]]);
  }
});

Deno.test("the reply to a read that was sent before tracking began is not told, also where tracking is on when it comes", async () => {
  for (const pttl of [false, true]) {
    for (const kind of ["waiting", "lost"] as const) {
      const { source, told, slot } = slotOn({ kind }, pttl);
      source.state = { kind: "on" };
      slot.accept("v");
      if (pttl) slot.accept(1_000);
      assert.equal(await slot.promise, "v");
      assert.deepEqual(told, []);
    }
  }
});

Deno.test("an error, or a reply that nobody waits for any more, is not told", async () => {
  for (const pttl of [false, true]) {
    const failed = slotOn({ kind: "on" }, pttl);
    failed.slot.accept(new ReplyError("WRONGTYPE no"));
    if (pttl) failed.slot.accept(-2);
    await assert.rejects(failed.slot.promise, /WRONGTYPE no \(GET\)/);
    const late = slotOn({ kind: "on" }, pttl);
    late.slot.fail(new Error("too late"));
    late.slot.accept("v");
    if (pttl) late.slot.accept(1_000);
    await assert.rejects(late.slot.promise, /too late/);
    assert.deepEqual([...failed.told, ...late.told], []);
  }
});

Deno.test("with pttl a PTTL follows the read, and counts from the time of sending", () => {
  const { told, slot, sent } = slotOn({ kind: "on" }, true);
  assert.equal(sent, "GET k PTTL k");
  const before = performance.now();
  for (const reply of ["v", 1_000]) slot.accept(reply);
  const [[, , until]] = told as [[string, string, number]];
  assert(until <= before + 1_000 && until > before);
});
