import assert from "node:assert/strict";
import type { Slot } from "../../lib/connection/command.ts";
import { Inflight } from "../../lib/connection/inflight.ts";
import { slotOf } from "./support.ts";

const slots: Slot[] = Array.from({ length: 64 }, () => slotOf(["GET", "k"]));
for (const [i, slot] of slots.entries()) slot.deadline = i;

/** What an Inflight must do, as plainly as it can be said. */
class Model {
  slots: Slot[] = [];
  written = 0;

  shift(): void {
    this.slots.shift();
    this.written = Math.max(0, this.written - 1);
  }
}

Deno.test("Inflight gives slots back in the order they came", {
  permissions: "none",
}, () => {
  const inflight = new Inflight();
  assert.equal(inflight.peek(), undefined);
  for (const slot of slots) inflight.push(slot);
  assert.equal(inflight.length, slots.length);
  for (const slot of slots) {
    assert.equal(inflight.peek(), slot);
    inflight.shift();
  }
  assert.equal(inflight.length, 0);
  assert.equal(inflight.peek(), undefined);
});

Deno.test("Inflight keeps order and its mark over many slots", {
  permissions: "none",
}, () => {
  // Runs far enough ahead and behind for every kind of compaction.
  const inflight = new Inflight();
  const model = new Model();
  let at = 0;
  const push = () => {
    const slot = slots[at++ % slots.length]!;
    inflight.push(slot);
    model.slots.push(slot);
  };
  const same = () => {
    const seen: Slot[] = [];
    inflight.forEach((slot, written) => {
      assert.equal(written, seen.length < model.written);
      seen.push(slot);
    });
    assert.deepEqual(seen, model.slots);
    assert.equal(inflight.length, model.slots.length);
  };
  for (
    const [ahead, answered] of [
      [10_000, 4_095],
      [1, 5_000],
      [9_000, 3],
      [5, 9_908],
      [3, 3],
      [20_000, 20_000],
    ] as const
  ) {
    for (let i = 0; i < ahead; i++) {
      push();
      if (i === ahead >> 1) {
        inflight.markWritten();
        model.written = model.slots.length;
      }
    }
    same();
    for (let i = 0; i < answered; i++) {
      assert.equal(inflight.peek(), model.slots[0]);
      // Only what was written is answered.
      if (model.written === 0) {
        inflight.markWritten();
        model.written = model.slots.length;
      }
      inflight.shift();
      model.shift();
    }
    same();
  }
});

Deno.test("Inflight.takeAll() parts what was written from what was not", {
  permissions: "none",
}, () => {
  const inflight = new Inflight();
  assert.deepEqual(inflight.takeAll(), { written: [], unwritten: [] });
  const [a, b, c, d] = slots as [Slot, Slot, Slot, Slot];
  inflight.push(a);
  inflight.push(b);
  inflight.push(c);
  inflight.markWritten();
  inflight.shift();
  inflight.push(d);
  assert.deepEqual(inflight.takeAll(), { written: [b, c], unwritten: [d] });
  assert.equal(inflight.length, 0);
  inflight.push(a);
  assert.deepEqual(inflight.takeAll(), { written: [], unwritten: [a] });
});
