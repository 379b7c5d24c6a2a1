/**
 * Rare refusals and wrong replies of servers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { BatchError, connect, ProtocolError, ReplyError } from "../../mod.ts";
import { clientsOf, errorOf, until } from "../client/support.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";

/**
 * A server with a user that has every permission except those that `rules` remove.
 */
async function refusing(...rules: string[]): Promise<TestServer> {
  const server = await TestServer.start();
  const words = ["ACL", "SETUSER", "ann", "on", ">pw", "~*", "&*", "+@all"];
  await server.ask(...words, ...rules);
  return server;
}

function urlOf(server: TestServer): string {
  return server.url.replace("//", "//ann:pw@");
}

function isRefused(error: Error): boolean {
  return error instanceof ReplyError && error.code === "NOPERM";
}

Deno.test("behaviour 50: a transaction whose MULTI is refused reports that its commands were executed", async () => {
  await using server = await refusing("-multi");
  await using redis = await connect(urlOf(server));
  const error = await errorOf(redis.transaction((p) => [p.incr("n")]));
  assert(isRefused(error), String(error));
  assert.match(error.message, /executed one by one/);
  assert.equal(await redis.get("n"), "1");
});

Deno.test("behaviour 50: a transaction with a refused command is not executed", async () => {
  await using server = await refusing("-incr");
  await using redis = await connect(urlOf(server));
  const error = await errorOf(
    redis.transaction((p) => [p.set("k", "v"), p.incr("n")]),
  );
  assert(error instanceof BatchError, String(error));
  assert.deepEqual([error.index, error.code], [1, "NOPERM"]);
  assert.equal(await redis.get("k"), null);
});

for (
  const [reply, ErrorClass] of [
    ["*2\r\n+OK\r\n+OK\r\n", ProtocolError],
    ["+OK\r\n", ProtocolError],
    ["-OOM command not allowed\r\n", ReplyError],
  ] as const
) {
  Deno.test(`behaviour 10: a reply ${JSON.stringify(reply)} to an EXEC of one command rejects it with a ${ErrorClass.name}`, async () => {
    const peer = new ScriptedPeer()
      .expect("MULTI").reply("+OK\r\n")
      .expect("GET", "k").reply("+QUEUED\r\n")
      .expect("EXEC").reply(reply).silence();
    const { dial } = peer;
    await using redis = await connect({ dial, protocol: 2, info: false });
    const error = await errorOf(redis.transaction((p) => [p.get("k")]));
    assert(error instanceof ErrorClass, String(error));
    // Such a server is out of step: the connection is closed.
    const open = ErrorClass === ProtocolError ? 0 : 1;
    await until(() => peer.open === open);
  });
}

Deno.test("a refused subscription with its own connection, and a refused monitor, leave nothing open", async () => {
  await using server = await refusing("-subscribe", "-monitor");
  await using redis = await connect(urlOf(server));
  const paused = redis.subscribe("news", { overflow: "pause" });
  assert(isRefused(await errorOf(paused)));
  assert(isRefused(await errorOf(redis.monitor())));
  // The shared connection stays.
  await until(async () => (await clientsOf(server, / user=ann /)).length === 1);
});

Deno.test("closing a subscription rejects when the server refuses UNSUBSCRIBE", async () => {
  await using server = await refusing("-unsubscribe");
  await using redis = await connect(urlOf(server));
  const news = await redis.subscribe("news");
  assert(isRefused(await errorOf(news.close())));
  assert.equal((await news.next()).done, true);
});
