import assert from "node:assert/strict";
import type { Slot } from "../../lib/connection/command.ts";
import { SlotQueue } from "../../lib/connection/slot_queue.ts";
import { Random } from "../resp/random.ts";
import { errorOf, slotOf } from "./support.ts";

const none = { permissions: "none" } as const;

function slotWith(size: number, deadline = Infinity): Slot {
  const slot = slotOf(["GET", "k"]);
  slot.size = size;
  slot.deadline = deadline;
  // The tests themselves fail the slots.
  slot.promise.catch(() => {});
  return slot;
}

/** Asserts that the queue has these slots, in order. */
function assertHas(queue: SlotQueue, slots: readonly Slot[]): void {
  assert.equal(queue.length, slots.length);
  assert.equal(queue.peek(), slots[0]);
  assert.equal(queue.bytes, slots.reduce((sum, { size }) => sum + size, 0));
  const unsettled = queue.unsettled();
  const wanted = slots.filter(({ settled }) => !settled);
  assert.equal(unsettled.length, wanted.length);
  assert.ok(unsettled.every((slot, i) => slot === wanted[i]));
}

Deno.test("SlotQueue returns slots in order", none, () => {
  const queue = new SlotQueue();
  assertHas(queue, []);
  assert.equal(queue.shift(), undefined);
  assert.equal(queue.shiftUnsettled(), undefined);
  const slots = Array.from({ length: 64 }, (_, i) => slotWith(i));
  for (const slot of slots) queue.push(slot);
  assertHas(queue, slots);
  for (const slot of slots) assert.equal(queue.shift(), slot);
  assertHas(queue, []);
});

Deno.test("SlotQueue keeps order and size over many slots", none, () => {
  // Enough slots added and removed for every kind of compaction.
  const queue = new SlotQueue();
  let model: Slot[] = [];
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
      const slot = slotWith(i % 7);
      queue.push(slot);
      model.push(slot);
    }
    assertHas(queue, model);
    for (let i = 0; i < answered; i++) assert.equal(queue.shift(), model[i]);
    model = model.slice(answered);
    assertHas(queue, model);
  }
});

Deno.test("SlotQueue behaves like a plain list, at random", none, () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const queue = new SlotQueue();
    let model: Slot[] = [];
    const make = () => slotWith(random.below(100), random.below(1_000));
    for (let step = 0; step < 300; step++) {
      switch (random.below(10)) {
        case 0:
        case 1:
        case 2:
          for (let i = random.below(random.pick([3, 100])); i > 0; i--) {
            const slot = make();
            queue.push(slot);
            model.push(slot);
          }
          break;
        case 3: {
          const slots = Array.from({ length: random.below(4) }, make);
          queue.putBack(slots);
          model = [...slots, ...model];
          break;
        }
        case 4:
          for (let i = random.below(20); i > 0; i--) {
            assert.equal(queue.shift(), model.shift());
          }
          break;
        case 5: {
          const at = model.findIndex(({ settled }) => !settled);
          assert.equal(queue.shiftUnsettled(), model[at]);
          model = at < 0 ? [] : model.slice(at + 1);
          break;
        }
        case 6:
          for (const slot of model) {
            if (random.chance(0.3)) slot.fail(new Error("It is settled"));
          }
          break;
        case 7:
          queue.removeSettled();
          model = model.filter(({ settled }) => !settled);
          break;
        case 8: {
          const time = random.below(500);
          const left = model.filter(({ settled }) => !settled)
            .map(({ deadline }) => deadline).filter((at) => at > time);
          const next = queue.expire(time, () => new Error("It is too late"));
          assert.equal(next, Math.min(Infinity, ...left));
          for (const slot of model) {
            if (slot.deadline <= time) assert.ok(slot.settled);
          }
          break;
        }
        default:
          if (random.chance(0.8)) break;
          assert.deepEqual(queue.takeAll(), model);
          model = [];
      }
      assertHas(queue, model);
    }
  }
});

Deno.test(
  "SlotQueue.expire() fails each slot with its own error",
  none,
  async () => {
    const queue = new SlotQueue();
    const [early, settled, late] = [
      slotWith(1, 10),
      slotWith(1, 10),
      slotWith(1, 30),
    ];
    for (const slot of [late, early, settled]) queue.push(slot);
    settled.fail(new Error("first"));
    const asked: Slot[] = [];
    const error = (slot: Slot) => {
      asked.push(slot);
      return new Error(`error ${asked.length}`);
    };
    assert.equal(queue.expire(9, error), 10);
    assert.equal(queue.expire(10, error), 30);
    assert.deepEqual(asked, [early]);
    assert.equal((await errorOf(early.promise)).message, "error 1");
    assert.equal((await errorOf(settled.promise)).message, "first");
    // Failed slots stay until they are shifted, as their replies will still come.
    assertHas(queue, [late, early, settled]);
    assert.equal(queue.expire(30, error), Infinity);
  },
);
