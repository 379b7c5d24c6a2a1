/**
 * The packages of the convention under Deno, with Redis and with the embedded server of
 * `deno task start`; `workerd_test.ts` runs them in workerd.
 *
 * @module
 */

import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { serve } from "../../worker/serve.ts";
import { TestServer } from "../support/test_server.ts";
import { assertServesPackages } from "./packages.ts";
import { assertServesUpstash } from "./upstash.ts";

const TOKEN = "token-of-the-tests";

const SERVERS = {
  "Redis": () => TestServer.start(),
  "the embedded server": () => EmbeddedServer.listen({ port: 0 }),
};

for (const [name, start] of Object.entries(SERVERS)) {
  Deno.test(`serve() serves the packages of the convention, with ${name}`, async (t) => {
    await using server = await start();
    const gateway = serve({ REDIS_URL: server.url, TOKEN }, {
      hostname: "127.0.0.1",
      port: 0,
    });
    try {
      await assertServesPackages(t, gateway.url, TOKEN);
      await t.step("@upstash/redis and @upstash/ratelimit", async () => {
        await assertServesUpstash(gateway.url, TOKEN);
      });
    } finally {
      await gateway.shutdown(1_000);
    }
  });
}
