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
