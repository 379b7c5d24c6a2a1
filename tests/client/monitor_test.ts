import assert from "node:assert/strict";
import { parseMonitorLine } from "../../lib/client/monitor.ts";
import { connect, createPool, TimeoutError } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";
import { clientsOf, errorOf, sleep, until } from "./support.ts";

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
  Deno.test(`monitor() yields the commands that the server executes, RESP${protocol}`, async () => {
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
  // Awaited from the start: the connection may be lost before the reply to KILL.
  const thrown = assert.rejects(async () => {
    for await (const _ of lost);
  });
  await redis.clientKill({ skipme: true });
  await thrown;
  const controller = new AbortController();
  const ended = await redis.monitor({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(ended.next(), /enough/);
});

Deno.test('monitor() with overflow "pause" loses no entry for a slow reader', async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const commands = await redis.monitor({
    overflow: "pause",
    highWaterMark: 1,
  });
  for (let n = 1; n <= 50; n++) await redis.set("k", n);
  const seen: number[] = [];
  for await (const { args } of commands) {
    if (args[0] === "SET" && seen.push(Number(args[2])) === 50) break;
  }
  assert.deepEqual(seen, Array.from({ length: 50 }, (_, i) => i + 1));
});

Deno.test("monitor() takes timeout and signal, also from with()", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 100 });
  const patient = redis.with({ timeout: 60_000 });
  const stop = new AbortController();
  const reason = new Error("changed my mind");
  const calls: [() => Promise<unknown>, (error: Error) => boolean][] = [
    [() => redis.monitor(), (error) => error instanceof TimeoutError],
    [
      () => patient.monitor({ timeout: 50 }),
      (error) => error instanceof TimeoutError,
    ],
    [
      () => patient.with({ timeout: 50 }).monitor(),
      (error) => error instanceof TimeoutError,
    ],
    [
      () => patient.with({ signal: stop.signal }).monitor(),
      (error) => error === reason,
    ],
  ];
  for (const [call, right] of calls) {
    // A connection exists already: only MONITOR itself waits.
    (await patient.lease())[Symbol.dispose]();
    server.pause();
    const calling = errorOf(call());
    await sleep(5);
    if (call === calls.at(-1)![0]) stop.abort(reason);
    const error = await calling;
    assert(right(error), String(error));
    server.resume();
    await until(async () =>
      (await clientsOf(server, /cmd=monitor/)).length === 0
    );
  }
});

Deno.test("monitor() returns its connection when MONITOR is refused", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { poolSize: 1 });
  const patience = redis.with({ timeout: 1_000 });
  const reason = new Error("changed my mind");
  // With an existing connection, and with one to be opened.
  for (let i = 0; i < 2; i++) {
    await assert.rejects(redis.monitor({ highWaterMark: 0 }), RangeError);
    const stop = new AbortController();
    const calling = errorOf(redis.monitor({ signal: stop.signal }));
    stop.abort(reason);
    assert.equal(await calling, reason);
    using lease = await patience.lease();
    assert.equal(await lease.ping(), "PONG");
  }
});

Deno.test("monitor() ends when its client is closed, also with a shared pool", async () => {
  await using server = await TestServer.start();
  await using pool = createPool(server.url);
  const redis = await connect({ pool });
  const next = (await redis.monitor()).next();
  await redis.close();
  assert.deepEqual(await next, { done: true, value: undefined });
  await using other = await connect({ pool });
  // The server notices the end of a connection a moment later.
  await until(async () => !/cmd=monitor/.test(await other.clientList()));
});

Deno.test("monitor() reads IPv6 addresses, and sends no commands of its own", async () => {
  assert.equal(
    parseMonitorLine('1.5 [0 [::1]:48746] "HELLO" "3"').client,
    "[::1]:48746",
  );
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { pingInterval: 30 });
  const commands = await redis.monitor();
  for (let i = 0; i < 8; i++) {
    await sleep(60);
    await redis.set("k", i);
  }
  const seen: string[] = [];
  for await (const { args } of commands) {
    if (args[0] === "SET" && seen.push(args[2]!) === 8) break;
  }
  assert.deepEqual(seen, ["0", "1", "2", "3", "4", "5", "6", "7"]);
});

Deno.test("a monitor whose loop ends before the first entry leaves nothing open", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const commands = await redis.monitor();
  await commands.return(undefined);
  await until(async () =>
    (await clientsOf(server, /cmd=monitor/)).length === 0
  );
});
