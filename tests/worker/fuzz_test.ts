/**
 * A short run of the fuzz; `fuzz.ts` is a program for long ones.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fuzz } from "./fuzz.ts";

Deno.test("random requests get documented statuses and bodies", async () => {
  const statuses = await fuzz(3_000, 20261122);
  // Some requests passed the token check, and some were refused for each
  // reason.
  for (const status of [200, 204, 400, 401, 405, 413, 426, 429]) {
    assert.ok(statuses.get(status)! > 0, `${status}`);
  }
});
