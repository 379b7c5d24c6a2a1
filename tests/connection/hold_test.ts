import assert from "node:assert/strict";
import type { CommandSlot } from "../../lib/connection/command.ts";
import { Hold } from "../../lib/connection/hold.ts";
import { ReplyError } from "../../lib/errors.ts";
import type { Reply } from "../../lib/resp/reply.ts";
import { errorOf, slotOf } from "./support.ts";

const none = { permissions: "none" } as const;

function slots(count: number): CommandSlot<Reply>[] {
  return Array.from({ length: count }, (_, i) => {
    const slot = slotOf(["SET", "k", `${i}`]);
    // The tests themselves fail the slots.
    slot.promise.catch(() => {});
    return slot;
  });
}

const refusal = (i: number) => new ReplyError(`LOADING ${i}`);

/** A hold of the slots at these indexes of `order`, as refused commands. */
function holdOf(
  order: readonly CommandSlot<Reply>[],
  refused: readonly number[],
): Hold {
  const hold = new Hold(order, 100);
  for (const i of refused) hold.add(order[i]!, refusal(i));
  return hold;
}

Deno.test(
  "Hold releases refused commands in the order of their calls",
  none,
  () => {
    const order = slots(5);
    const hold = holdOf(order, [0, 1, 2, 3, 4]);
    assert.equal(hold.until, 100);
    assert.deepEqual(hold.release(), order);
    assert.ok(order.every(({ settled }) => !settled));
  },
);

Deno.test(
  "Hold releases refused commands that come after executed ones",
  none,
  () => {
    const order = slots(4);
    order[0]!.accept("OK");
    order[1]!.accept("OK");
    assert.deepEqual(holdOf(order, [2, 3]).release(), order.slice(2));
  },
);

Deno.test(
  "a refused command fails when a later one was executed: it never overtakes",
  none,
  async () => {
    const order = slots(6);
    order[3]!.accept("OK");
    const released = holdOf(order, [0, 1, 2, 4, 5]).release();
    assert.deepEqual(released, order.slice(4));
    for (const i of [0, 1, 2]) {
      assert.equal((await errorOf(order[i]!.promise)).message, `LOADING ${i}`);
    }
    assert.equal(await order[3]!.promise, "OK");
  },
);

Deno.test(
  "a command aborted in flight counts as executed",
  none,
  async () => {
    const order = slots(3);
    // It was aborted in flight: the server may have executed it.
    order[1]!.fail(new Error("It was aborted"));
    assert.deepEqual(holdOf(order, [0, 2]).release(), [order[2]]);
    assert.equal((await errorOf(order[0]!.promise)).message, "LOADING 0");
  },
);

Deno.test(
  "a refused command that was aborted while it waits is not retried",
  none,
  async () => {
    const order = slots(3);
    const hold = holdOf(order, [0, 1, 2]);
    order[1]!.fail(new Error("It was aborted"));
    assert.deepEqual(hold.release(), [order[0], order[2]]);
    assert.equal((await errorOf(order[1]!.promise)).message, "It was aborted");
  },
);

Deno.test("Hold without any refused command releases none", none, () => {
  assert.deepEqual(new Hold(slots(3), 1).release(), []);
  assert.deepEqual(new Hold([], 1).release(), []);
  assert.equal(new Hold(slots(3), 1).expire(1e9), Infinity);
});

Deno.test(
  "Hold.expire() fails late commands with their refusal, and returns the next deadline",
  none,
  async () => {
    const order = slots(4);
    for (const [i, slot] of order.entries()) slot.deadline = 10 * (i + 1);
    const hold = holdOf(order, [0, 1, 3]);
    assert.equal(hold.expire(9), 10);
    assert.ok(!order[0]!.settled);
    assert.equal(hold.expire(10), 20);
    assert.equal((await errorOf(order[0]!.promise)).message, "LOADING 0");
    order[1]!.fail(new Error("It was aborted"));
    assert.equal(hold.expire(10), 40);
    // Not refused but in flight, so not part of the hold.
    assert.equal(hold.expire(35), 40);
    assert.ok(!order[2]!.settled);
    assert.equal(hold.expire(40), Infinity);
    assert.equal((await errorOf(order[3]!.promise)).message, "LOADING 3");
    assert.deepEqual(hold.release(), []);
  },
);
