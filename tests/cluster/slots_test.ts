import assert from "node:assert/strict";
import { slotOf, slotOfAll, slotOfCommand } from "../../lib/cluster/slots.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("slotOf() hashes the key, or the content of its first braces", () => {
  const slots: [key: string, slot: number][] = [
    ["123456789", 12739],
    ["foo", 12182],
    ["bar", 5061],
    ["", 0],
    ["foo{bar}{zap}", 5061],
    ["foo{{bar}}zap", 4015],
    ["foo{}{bar}", 8363],
    ["{}", 15257],
    ["{}a", 10875],
    ["a{b", 13340],
    ["a}b{c}", 7365],
    ["{user1000}.following", 3443],
    ["{é}x", 10180],
  ];
  for (const [key, slot] of slots) {
    assert.equal(slotOf(key), slot, key);
    assert.equal(slotOf(new TextEncoder().encode(key)), slot, key);
  }
});

test("slotOfCommand() requires all keys in one slot", () => {
  assert.equal(slotOfCommand(["GET", "foo"]), 12182);
  assert.equal(slotOfCommand(["PING"]), undefined);
  assert.equal(slotOfCommand(["SINTER", "{foo}a", "{foo}b"]), 12182);
  assert.equal(slotOfCommand(["SPUBLISH", "foo", "x"]), 12182);
  assert.throws(
    () => slotOfCommand(["SINTER", "foo", "bar"]),
    /^TypeError: Cannot send SINTER as its keys must be in one slot of the cluster: .*\{user:1\}:name$/,
  );
});

test("slotOfAll() suggests a solution for a transaction", () => {
  const of = (...commands: string[][]) =>
    slotOfAll(commands.map((args) => ({ args })));
  assert.equal(of(["PING"]), undefined);
  assert.equal(of(["PING"], ["GET", "foo"], ["ECHO", "x"]), 12182);
  assert.throws(
    () => of(["GET", "foo"], ["GET", "bar"]),
    /a transaction .*\{ transaction: false \}/,
  );
});
