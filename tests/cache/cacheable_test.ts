import assert from "node:assert/strict";
import { join } from "node:path";
import {
  allChangesOf,
  cacheableNames,
  cacheableOf,
  changesOf,
  placeOf,
  textOf,
} from "../../lib/cache/cacheable.ts";

import { TEXT } from "../../lib/resp/reply.ts";
import { readTable } from "../commands/table/table.ts";
import { ROOT } from "../support/paths.ts";

Deno.test("the cached commands are those of lib/cache/README.md, and all of them only read", async () => {
  const readme = await Deno.readTextFile(join(ROOT, "lib/cache/README.md"));
  const [, listed = ""] = /<!-- commands -->([^]*)<!-- end -->/.exec(readme) ??
    [];
  assert.deepEqual(listed.trim().split(/\s+/), cacheableNames());
  const table = await readTable();
  for (const name of cacheableNames()) {
    const row = table.get(name);
    assert(row, name);
    assert(!/write|blocking/.test(JSON.stringify(row)), name);
  }
});

/** Repeatable reads of keys, for servers, that are not cached, and why. */
const NOT_CACHED = {
  "ARSCAN": "a cursor",
  "BF.DEBUG": "for debugging",
  "BF.SCANDUMP": "a cursor",
  "CF.COMPACT": "a write that the module calls a read",
  "CF.DEBUG": "for debugging",
  "CF.SCANDUMP": "a cursor",
  "JSON.DEBUG|MEMORY": "what a value takes changes without a write",
  "MEMORY|USAGE": "what a value takes changes without a write",
  "SORT_RO": "reads keys that it does not name",
  "TOUCH": "sent for its effect",
  "VRANDMEMBER": "random",
  "XINFO|GROUPS": "changed by what consumers read",
  "XINFO|STREAM": "changed by what consumers read",
};

Deno.test("what servers call nondeterministic is not cached; other reads of keys are, but for a few", async () => {
  const cached = new Set(cacheableNames());
  const groups = /^(scripting|search|timeseries)$/;
  const others = [];
  for (
    const { name, keys, flags, categories, tips } of (await readTable())
      .values()
  ) {
    const isRepeatable = !tips.includes("nondeterministic_output");
    // Payloads of one value differ by server, and each restores it.
    if (cached.has(name)) assert(isRepeatable || name === "DUMP", name);
    else if (
      isRepeatable && keys.length > 0 && flags.includes("readonly") &&
      !flags.includes("blocking") && !categories.some((one) => groups.test(one))
    ) others.push(name);
  }
  assert.deepEqual(others, Object.keys(NOT_CACHED));
});

Deno.test("commands that change no data are no writes for servers, and none of those that change all data", async () => {
  for (const { name, keys, flags } of (await readTable()).values()) {
    const { kind } = changesOf(name.split("|"));
    if (keys.length > 0 || kind !== "nothing") continue;
    // They change code, of which no cached reply is made.
    assert(!flags.includes("write") || name.startsWith("FUNCTION|"), name);
  }
  for (
    const words of [
      "CLUSTER|SETSLOT",
      "DEBUG",
      "EXEC",
      "FAILOVER",
      "FLUSHALL",
      "FLUSHDB",
      "REPLICAOF",
      "SHUTDOWN",
      "SLAVEOF",
      "SWAPDB",
    ]
  ) assert.equal(changesOf(words.split("|")).kind, "anything", words);
});

Deno.test("a reply is stored under its keys and the rest of its command", () => {
  const place = (...args: (string | number | Uint8Array)[]) =>
    placeOf(cacheableOf(args)!, args, TEXT);
  assert.deepEqual(place("GET", "k"), { keys: ["k"], signature: "GET/0" });
  assert.deepEqual(place("get", "k"), place("GET", new Uint8Array([107])));
  assert.deepEqual(place("HGET", "h", 1), place("HGET", "h", "1"));
  assert.notDeepEqual(
    place("HMGET", "h", "a b"),
    place("HMGET", "h", "a", "b"),
  );
  assert.deepEqual(place("SINTER", "a", "b", "a")?.keys, ["a", "b"]);
  assert.notDeepEqual(place("SDIFF", "a", "b"), place("SDIFF", "b", "a"));
  assert.equal(place("GET"), undefined);
  assert.equal(place("GET", NaN), undefined);
  const keys = Array.from({ length: 129 }, (_, i) => `k${i}`);
  assert.equal(place("EXISTS", ...keys.slice(1))?.keys.length, 128);
  assert.equal(place("EXISTS", ...keys), undefined, "too many keys");
});

Deno.test("textOf() distinguishes bytes that are not text from text that looks like them", () => {
  assert.notEqual(textOf(new Uint8Array([0xff])), textOf("\ufffd"));
  assert.equal(textOf("\ud800"), textOf("\ufffd"));
  assert.equal(textOf(12n), "12");
  assert.equal(textOf(null), undefined);
});

Deno.test("changesOf() knows the keys of writes, and the commands that may change any key", () => {
  const kinds = (...commands: string[]) =>
    commands.map((words) => changesOf(words.split(" ")).kind);
  assert.deepEqual(changesOf(["COPY", "a", "b"]), {
    kind: "keys",
    keys: ["a", "b"],
  });
  const many = { args: ["DEL", ...Array.from({ length: 200_000 }, String)] };
  assert.equal(
    allChangesOf([many]).kind,
    "keys",
    "more than arguments of a call",
  );
  assert.deepEqual(
    kinds("GET k", "PUBLISH c m", "CLIENT ID", "EVAL_RO x 0", "SCRIPT LOAD x"),
    Array(5).fill("nothing"),
  );
  assert.deepEqual(
    kinds(
      "FLUSHALL",
      "SWAPDB 0 1",
      "EVAL x 0",
      "EXEC",
      "NEW.ONE k",
      "FCALL f 0",
    ),
    Array(6).fill("anything"),
  );
});
