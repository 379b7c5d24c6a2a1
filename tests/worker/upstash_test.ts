/**
 * The SDK of the convention under Deno.serve; `wrangler_test.ts` has it in workerd.
 *
 * @module
 */

import { serve } from "../../worker/serve.ts";
import { TestServer } from "../support/test_server.ts";
import { assertServesUpstash } from "./upstash.ts";

const TOKEN = "token-of-the-tests";

Deno.test("serve() serves @upstash/redis and @upstash/ratelimit", async () => {
  await using server = await TestServer.start();
  const env = { REDIS_URL: server.url, TOKEN };
  const gateway = serve(env, { hostname: "127.0.0.1", port: 0 });
  try {
    await assertServesUpstash(gateway.url, TOKEN);
  } finally {
    await gateway.shutdown(1_000);
  }
});
