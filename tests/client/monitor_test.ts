import assert from "node:assert/strict";
import { parseMonitorLine } from "../../lib/client/monitor.ts";
import { connect } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";

Deno.test("parseMonitorLine() reads addresses, scripts and escapes", {
  permissions: "none",
}, () => {
  assert.deepEqual(
    parseMonitorLine('1339518083.107412 [0 127.0.0.1:60866] "keys" "*"'),
    {
      time: 1339518083107.412,
      db: 0,
      client: "127.0.0.1:60866",
      args: ["keys", "*"],
    },
  );
  assert.deepEqual(
    parseMonitorLine(
      String.raw`1.5 [3 lua] "set" "a\"b\\c\n\t" "\xc3\xa9\x00" ""`,
    ).args,
    ["set", 'a"b\\c\n\t', "é\0", ""],
  );
  assert.throws(() => parseMonitorLine("OK"), /MONITOR line/);
});

for (const protocol of [2, 3] as const) {
  Deno.test(`monitor() gives what the server executes in RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url, { protocol, db: 2 });
    const commands = await redis.monitor();
    await redis.set("k", "värde");
    await redis.get("k");
    const seen: string[][] = [];
    for await (const { args, db } of commands) {
      assert.equal(db, 2);
      seen.push([...args]);
      if (args[0] === "GET") break;
    }
    assert.deepEqual(seen, [["SET", "k", "värde"], ["GET", "k"]]);
    assert.equal(await redis.get("k"), "värde");
  });
}

Deno.test("monitor() throws when its connection is lost, and ends with its signal", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const lost = await redis.monitor();
  const next = lost.next();
  await redis.clientKill({ skipme: true });
  await assert.rejects(async () => {
    await next;
    for await (const _ of lost);
  });
  const controller = new AbortController();
  const ended = await redis.monitor({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(ended.next(), /enough/);
});
