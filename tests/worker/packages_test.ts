/**
 * Packages of the convention under Deno, with Redis; `workerd_test.ts` has them in
 * workerd.
 *
 * @module
 */

import { serve } from "../../worker/serve.ts";
import { TestServer } from "../support/test_server.ts";
import { assertServesPackages } from "./packages.ts";

const TOKEN = "token-of-the-tests";

Deno.test("serve() serves the packages of the convention", async (t) => {
  await using server = await TestServer.start();
  const gateway = serve({ REDIS_URL: server.url, TOKEN }, {
    hostname: "127.0.0.1",
    port: 0,
  });
  try {
    await assertServesPackages(t, gateway.url, TOKEN);
  } finally {
    await gateway.shutdown(1_000);
  }
});
