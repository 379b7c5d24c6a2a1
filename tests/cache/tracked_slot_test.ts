import assert from "node:assert/strict";
import { Source, type SourceState } from "../../lib/cache/source.ts";
import { TrackedSlot } from "../../lib/cache/tracked_slot.ts";
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
  const slot = new TrackedSlot(
    { args: ["GET", "k"], shape: RAW },
    { sourceOf: () => source, optIn: true, pttl },
    (_, args, until, reply) => told.push([args[1], until, reply]),
  );
  slot.check();
  const encoder = new Encoder();
  slot.encode(encoder, connection);
  const sent = decoder.decode(encoder.take()).replace(/[*$]\d+\r\n/g, "")
    .replaceAll("\r\n", " ").trim();
  return { source, told, slot, sent };
}

Deno.test("a tracked read sends CLIENT CACHING, and reports its reply", async () => {
  for (const kind of ["asked", "on"] as const) {
    const { told, slot, sent } = slotOn({ kind });
    assert.equal(sent, "CLIENT CACHING YES GET k");
    assert.equal(slot.accept("OK"), false);
    assert.equal(slot.accept("v"), true);
    assert.equal(await slot.promise, "v");
    assert.deepEqual(told, [["k", Infinity, "v"]]);
  }
});

Deno.test("a read sent before tracking began is not reported, even if tracking is on when the reply arrives", async () => {
  for (const kind of ["waiting", "lost"] as const) {
    const { source, told, slot, sent } = slotOn({ kind });
    assert.equal(sent, "GET k");
    source.state = { kind: "on" };
    assert.equal(slot.accept("v"), true);
    assert.equal(await slot.promise, "v");
    assert.deepEqual(told, []);
  }
});

Deno.test("a read that failed, or whose CLIENT CACHING failed, is not reported", async () => {
  const refused = slotOn({ kind: "on" });
  refused.slot.accept(new ReplyError("ERR no"));
  refused.slot.accept("v");
  assert.equal(await refused.slot.promise, "v");
  const failed = slotOn({ kind: "on" });
  failed.slot.accept("OK");
  failed.slot.accept(new ReplyError("WRONGTYPE no"));
  await assert.rejects(failed.slot.promise, /WRONGTYPE no \(GET\)/);
  assert.deepEqual([...refused.told, ...failed.told], []);
});

Deno.test("with pttl a PTTL follows the read, and counts from the time of sending", () => {
  const { told, slot, sent } = slotOn({ kind: "on" }, true);
  assert.equal(sent, "CLIENT CACHING YES GET k PTTL k");
  const before = performance.now();
  for (const reply of ["OK", "v", 1_000]) slot.accept(reply);
  const [[, until]] = told as [[string, number]];
  assert(until <= before + 1_000 && until > before);
});
