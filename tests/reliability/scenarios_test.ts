import { TestServer } from "../support/test_server.ts";
import { surviveBlackhole, surviveKills } from "./scenarios.ts";

// `deno task soak` runs it 200 times, and for 30 seconds.

Deno.test("behaviour 41: a server killed and started again 20 times leaves nothing behind", async () => {
  await using server = await TestServer.start();
  await surviveKills(server, 20);
});

for (const protocol of [2, 3] as const) {
  Deno.test(`behaviour 29: RESP${protocol} in a blackhole every call rejects by its deadline; afterwards the first call succeeds`, async () => {
    await using server = await TestServer.start();
    await surviveBlackhole(server, {
      protocol,
      milliseconds: 7_000,
      // The first call afterwards has it to connect, on a busy machine.
      commandTimeout: 3_000,
      connectTimeout: 300,
      pingInterval: 200,
      // The default of up to 2 s is meant for the default timeouts.
      backoff: () => 20,
    });
  });
}
