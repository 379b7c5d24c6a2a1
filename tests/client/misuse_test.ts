/**
 * Calls that people write by habit, from the documents of other clients. Each call
 * does what is meant, or throws an error that says what to write. No argument gets
 * lost, and no error is one of JavaScript's own.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  INTERNAL,
  ioredis,
  type Misuse,
  nodeRedis,
  noOptions,
  others,
  redis,
  redisPy,
  sent,
} from "./misuse_cases.ts";
import { sleep } from "./support.ts";
import { around } from "./misuse_client_cases.ts";

const tables = {
  "redis-py": redisPy,
  ioredis,
  "node-redis": nodeRedis,
  "other clients": others,
  "all of them, about the client itself,": around,
};
for (const [name, cases] of Object.entries(tables)) {
  test(
    `calls as in the documents of ${name} work, or say what to write`,
    cases,
  );
}
test("a Date, a Map or a function never passes as empty options", noOptions);

function test(title: string, cases: readonly Misuse[]): void {
  Deno.test(title, async (t) => {
    for (const { call, words, error } of cases) {
      await t.step(String(call), async () => {
        sent.length = 0;
        let thrown: unknown;
        // What was sent is never answered.
        const late = sleep(0);
        try {
          await Promise.race([call(redis), late]);
        } catch (reason) {
          thrown = reason;
        }
        await late;
        if (words !== undefined) {
          assert.deepEqual(sent, [words]);
          assert.equal(thrown, undefined);
          return;
        }
        assert(thrown instanceof TypeError, `nothing was thrown: ${sent}`);
        assert.match(thrown.message, error!);
        assert.doesNotMatch(thrown.message, INTERNAL);
        assert.deepEqual(sent, []);
      });
    }
  });
}
