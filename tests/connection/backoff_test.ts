import assert from "node:assert/strict";
import { jittered } from "../../lib/connection/backoff.ts";

Deno.test(
  "behaviour 34: jittered() grows from 50 ms to 2 s, with full jitter",
  { permissions: "none" },
  () => {
    for (const attempt of [1, 2, 3, 5, 6, 10, 100, 1e9]) {
      const most = Math.min(2_000, 50 * 2 ** attempt);
      const waits = Array.from({ length: 500 }, () => jittered(attempt));
      assert(waits.every((wait) => wait >= 0 && wait <= most));
      assert(Math.max(...waits) > most * 0.8, `attempt ${attempt}`);
      assert(Math.min(...waits) < most * 0.2, `attempt ${attempt}`);
    }
  },
);
