/**
 * Short runs of the checker; `deno task soak:cache` runs it for long. The checker
 * itself is tested with faults that are planted into the cache.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Store } from "../../lib/cache/store.ts";
import { testWith } from "../support/server_program.ts";
import { check } from "./checker.ts";
import { WAYS } from "./worlds.ts";

const test = await testWith("client tracking");

for (const [name, way] of Object.entries(WAYS)) {
  test(`no read is wrong while connections are late, silent and lost: ${name}`, async () => {
    const seconds = way.isSlow ? 20 : 5;
    const checked = await check({ way, seconds, seed: 1 });
    assert.deepEqual(checked.wrong, []);
    assert(checked.hits > 100 && checked.writes > 50 && checked.harms > 0);
  });
}

/** Plants a fault into the store of every cache, until disposed of. */
function plant(fault: Partial<Store>): Disposable {
  const { drop, keep, dropSource, clear } = Store.prototype;
  Object.assign(Store.prototype, fault);
  return {
    [Symbol.dispose]: () =>
      void Object.assign(Store.prototype, { drop, keep, dropSource, clear }),
  };
}

const { drop, keep } = Store.prototype;
let invalidations = 0;

const FAULTS: Record<
  string,
  { way: string; fault: Partial<Store> }
> = {
  "one invalidation of ten is ignored": {
    way: "one RESP3 connection",
    fault: {
      drop(key: string): boolean {
        return ++invalidations % 10 > 0 && drop.call(this as Store, key);
      },
    },
  },
  "a reply is kept although an invalidation came before it": {
    way: "RESP2",
    fault: {
      keep(flight, reply, signature): void {
        (this as Store).begin(flight, undefined);
        keep.call(this as Store, flight, reply, signature);
      },
    },
  },
  "the cache is kept over a reconnect": {
    way: "one RESP3 connection",
    fault: { dropSource(): void {} },
  },
  "the cache is kept over a failover": {
    way: "Sentinel with failovers",
    fault: { dropSource(): void {}, clear(): void {} },
  },
};

for (const [name, { way, fault }] of Object.entries(FAULTS)) {
  test(`the checker finds a planted fault: ${name}`, async () => {
    using _ = plant(fault);
    const checked = await check({
      way: WAYS[way]!,
      seconds: 60,
      seed: 1,
      untilWrong: true,
    });
    assert.notDeepEqual(checked.wrong, []);
  });
}
