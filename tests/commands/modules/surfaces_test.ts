/**
 * Modules on clients, leases, pipelines and bytes, and their types: `deno check` is
 * half of the test.
 *
 * @module
 */

import { searchDebug } from "../../../lib/commands/modules/search_debug.ts";
import assert from "node:assert/strict";
import type { ReplyError } from "../../../lib/errors.ts";
import { checkArgs } from "../../../lib/resp/encoder.ts";
import type { Reply } from "../../../lib/resp/reply.ts";
import {
  type AggregateResults,
  connect,
  type CursorResults,
  type JsonType,
  type JsonValue,
  type Redis,
  type Sample,
  type SearchResults,
  type SeriesSamples,
  type WideSample,
} from "../../../mod.ts";
import { TestServer } from "../../support/test_server.ts";
import { Recorder } from "../support.ts";
import { ByteRecorder } from "./support.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only when the promise's type is exactly `T`. */
function is<T>() {
  return <P>(
    _promise: Promise<P>,
    ..._proof: Same<P, T> extends true ? [] : [differs: P]
  ): void => {};
}

const c = new Recorder();
const b = new ByteRecorder();

Deno.test(
  "module commands have exact reply types",
  { permissions: "none" },
  () => {
    is<JsonValue>()(c.json.get("k"));
    is<JsonValue[] | null>()(c.json.get("k", "$.a"));
    is<Record<string, JsonValue[]> | null>()(c.json.get("k", "$.a", "$.b"));
    is<"OK" | null>()(c.json.merge("k", "$", null));
    is<JsonType[] | null>()(c.json.type("k", "$"));
    is<(Uint8Array[] | null)[] | null>()(b.json.objkeys("k", "$"));
    is<number | null>()(c.json.debugMemory("k"));
    is<number[] | null>()(c.json.debugMemory("k", "$"));
    is<SearchResults<string>>()(c.search.search("i", "*"));
    is<SearchResults<Uint8Array>>()(b.search.search("i", "*"));
    is<AggregateResults<string>>()(c.search.aggregate("i", "*"));
    is<CursorResults<string>>()(
      c.search.aggregate("i", "*", { withcursor: true }),
    );
    is<Sample | null>()(c.ts.get("k"));
    is<SeriesSamples<Uint8Array>[]>()(b.ts.mrange("-", "+", ["a=b"]));
    is<SeriesSamples<string, WideSample>[]>()(
      c.ts.mrevrange(0, 5, "a=b", { aggregation: [["min", "max"], 10] }),
    );
    is<Record<string, number | null>>()(c.bf.info("k"));
    is<number | null>()(c.bf.info("k", "size"));
    is<(number | ReplyError)[]>()(c.bf.madd("k", "a"));
    is<Reply>()(searchDebug(c.search).info("ALL"));
    is<"OK">()(searchDebug(c.search).workers("pause"));
    is<number>()(searchDebug(c.search).workers("n_threads"));
    is<Record<string, number>>()(searchDebug(c.search).workers("stats"));
    is<[tag: Uint8Array, ids: number[]][]>()(
      searchDebug(b.search).dumpTagidx("i", "t"),
    );
    is<string[]>()(c.topk.list("k"));
    is<[Uint8Array, number][]>()(b.topk.list("k", { withcount: true }));
  },
);

// Only its types are checked: most of these calls throw.
function impossibleOptions(): void {
  // @ts-expect-error -- a path begins with $
  c.json.get("k", ".a");
  // @ts-expect-error -- undefined is not JSON
  c.json.set("k", "$", undefined);
  // @ts-expect-error -- not one of the four types of FPHA
  c.json.set("k", "$", [], { fpha: "fp8" });
  // @ts-expect-error -- nonscaling excludes expansion
  c.bf.reserve("k", 0.1, 10, { nonscaling: true, expansion: 2 });
  // @ts-expect-error -- nocreate excludes capacity
  c.bf.insert("k", ["a"], { nocreate: true, capacity: 10 });
  // @ts-expect-error -- nocreate excludes capacity
  c.cf.insert("k", ["a"], { nocreate: true, capacity: 10 });
  // @ts-expect-error -- all dimensions must be given, or none
  c.topk.reserve("k", 5, { width: 5 });
  // @ts-expect-error -- a numeric field has no weight
  c.search.create("i", { a: { type: "numeric", weight: 2 } });
  const vector = {
    type: "vector",
    elements: "int8",
    dim: 2,
    distanceMetric: "l2",
  } as const;
  // @ts-expect-error -- a flat index has no option `m`
  c.search.create("i", { v: { ...vector, algorithm: "flat", m: 4 } });
  // @ts-expect-error -- a step has one operation
  c.search.aggregate("i", "*", { steps: [{ load: "*", filter: "@a" }] });
  // @ts-expect-error -- MAX belongs to SORTBY
  c.search.aggregate("i", "*", { steps: [{ load: "*", max: 5 }] });
  // @ts-expect-error -- EXPLAINSCORE needs WITHSCORES
  c.search.search("i", "*", { explainscore: true });
  const near = { field: "@v", vector: "$v", knn: { k: 1 } };
  const vsim = { ...near, range: { radius: 1 } };
  // @ts-expect-error -- KNN or RANGE
  c.search.hybrid("i", { search: { query: "*" }, vsim });
  // @ts-expect-error -- TS.ALTER cannot change the encoding
  c.ts.alter("k", { encoding: "compressed" });
  const aggregation = [["min", "max"], 10] as const;
  // @ts-expect-error -- several aggregators and no groups
  c.ts.mrange(0, 5, "a=b", { aggregation, groupby: "a", reduce: "max" });
}
void impossibleOptions;

Deno.test(
  "invalid module arguments are rejected before anything is sent",
  { permissions: "none" },
  () => {
    const refused = (call: () => unknown, message: RegExp) => {
      call();
      assert.throws(() => checkArgs(c.words), message);
    };
    refused(() => c.json.set("k", "$", NaN), /JSON\.SET/);
    refused(() => c.json.set("k", "$", () => 1), /JSON\.SET/);
    refused(() => c.ts.add("k", NaN, 1), /TS\.ADD/);
  },
);

Deno.test("the commands of modules exist on clients, leases, pipelines and redis.bytes", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  using leased = await redis.lease();
  const unknown = { name: "ReplyError", message: /unknown command/ };
  await assert.rejects(redis.json.get("k"), unknown);
  await assert.rejects(redis.bytes.search.search("i", "*"), unknown);
  await assert.rejects(leased.ts.get("k"), unknown);
  const [stored, failed] = await redis.pipeline(
    (p) => [p.set("k", "v"), p.bf.add("f", "i")],
    { transaction: false, raiseOnError: false },
  );
  assert.equal(stored, "OK");
  assert(failed instanceof Error);
});

/** Compiles only if a pipeline's results have the right types in order. */
export function tuple(redis: Redis): void {
  is<["OK" | null, Sample[], Uint8Array | null]>()(redis.pipeline((p) => [
    p.json.set("k", "$", 1),
    p.ts.range("k", "-", "+"),
    p.bytes.get("k"),
  ]));
}
