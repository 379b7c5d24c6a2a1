/**
 * Short runs of the fuzzers; `fuzz.ts` is a program for long ones.
 *
 * @module
 */

import assert from "node:assert/strict";
import { damage } from "./damage.ts";
import { fuzz } from "./fuzz.ts";

Deno.test("random requests get documented statuses and bodies", async () => {
  const statuses = await fuzz(3_000, 20261122);
  // Some requests passed the token check, and some were rejected for each reason.
  for (const status of [200, 204, 400, 401, 405, 413, 426, 429]) {
    assert.ok(statuses.get(status)! > 0, `${status}`);
  }
});

Deno.test("connections with damaged bytes end, without effect on others", async () => {
  const statuses = await damage(3_000, 20261130);
  for (const status of [100, 101, 200, 204, 400, 401, 405, 426, 501]) {
    assert.ok(statuses.get(status)! > 0, `${status}`);
  }
});
