/**
 * Sync tokens, where Redis' news of changes is held back: nothing here depends on
 * which of two connections is read first.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type Arg, Client, type Dial } from "../../lib/client/client.ts";
import { dial } from "../../lib/net/tcp.ts";
import { TEXT } from "../../lib/resp/reply.ts";
import { ClientCache } from "../../worker/cache.ts";
import type { CacheTold } from "../../worker/platform.ts";
import { TestServer } from "../support/test_server.ts";
import { eventually } from "./events.ts";

/** Dials, and holds back what comes on the connections that are subscribed. */
class Gate {
  #open: PromiseWithResolvers<void> | undefined;

  close(): void {
    this.#open = Promise.withResolvers();
  }

  open(): void {
    this.#open?.resolve();
    this.#open = undefined;
  }

  readonly dial: Dial = async (address, signal) => {
    const transport = await dial(address, signal);
    const [read, write] = [
      transport.read.bind(transport),
      transport.write.bind(transport),
    ];
    let isSubscribed = false;
    transport.write = (chunks) => {
      const text = chunks.map((chunk) => new TextDecoder().decode(chunk));
      isSubscribed ||= text.join("").includes("SUBSCRIBE");
      return write(chunks);
    };
    transport.read = async (into) => {
      const count = await read(into);
      if (isSubscribed) await this.#open?.promise;
      return count;
    };
    return transport;
  };
}

interface Fixture extends AsyncDisposable {
  server: TestServer;
  gate: Gate;
  cache: ClientCache;
  /** Executes a command for a client with a token; a read, unless it is one. */
  act(
    syncToken: string,
    ...args: Arg[]
  ): Promise<{ reply: unknown } & CacheTold>;
}

/** A cache that has read `k`, which is "1". */
async function start(): Promise<Fixture> {
  const server = await TestServer.start();
  const gate = new Gate();
  const client = new Client({
    ...{ hostname: server.hostname, port: server.port },
    dial: gate.dial,
    protocol: 2,
    commandTimeout: 2_000,
  });
  const cache = new ClientCache(client, 1_000_000);
  const act: Fixture["act"] = async (syncToken, ...args) => {
    let told: CacheTold | undefined;
    const reply = await cache.execute(
      { args, shape: { mode: TEXT, parse: (reply) => reply } },
      {
        cache: { syncToken, maxAge: Infinity, tell: (it) => void (told = it) },
      },
    );
    return { reply, ...told! };
  };
  await server.ask("SET", "k", "1");
  await eventually(async () => (await act("", "GET", "k")).age !== undefined);
  return {
    ...{ server, gate, cache, act },
    async [Symbol.asyncDispose]() {
      gate.open();
      await client.close({ timeout: 0 });
      await cache.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a read with a token that is unknown asks Redis, until all changes before were heard of", async () => {
  await using fixture = await start();
  const { server, gate, act } = fixture;
  gate.close();
  await server.ask("SET", "k", "2");
  for (let i = 0; i < 10; i++) {
    assert.equal((await act("", "GET", "k")).reply, "1");
    const { reply, syncToken, age } = await act("token", "GET", "k");
    assert.deepEqual([reply, syncToken, age], ["2", "token", undefined]);
  }
  gate.open();
  await eventually(async () => {
    const { reply, age } = await act("token", "GET", "k");
    assert.equal(reply, "2");
    return age !== undefined;
  });
});

Deno.test("the token of a write stands for all that the client has written", async () => {
  await using fixture = await start();
  const { server, gate, act } = fixture;
  gate.close();
  await server.ask("SET", "k", "2");
  const { syncToken } = await act("token", "SET", "other", "1");
  assert.equal((await act("", "GET", "k")).reply, "1");
  assert.equal((await act(syncToken, "GET", "k")).reply, "2");
  gate.open();
  await eventually(async () => {
    const { reply, age } = await act(syncToken, "GET", "k");
    assert.equal(reply, "2");
    return age !== undefined;
  });
});

Deno.test("behind an own write reads come from memory, but not behind a script or an unknown command", async () => {
  await using fixture = await start();
  const { gate, act } = fixture;
  const { syncToken } = await act("", "SET", "other", "1");
  assert.notEqual((await act(syncToken, "GET", "k")).age, undefined);
  const script = "return redis.call('set', 'k', '2')";
  gate.close();
  // It names another key.
  const ran = await act("", "EVAL", script, 1, "another");
  assert.equal((await act("", "GET", "k")).reply, "1");
  assert.equal((await act(ran.syncToken, "GET", "k")).reply, "2");
});

Deno.test("where the server does not tell, the token stays unknown", async () => {
  await using fixture = await start();
  const { gate, act } = fixture;
  gate.close();
  const deadline = performance.now() + 2_500;
  // The PING on the silent connection has ended then, and with it the connection.
  while (performance.now() < deadline) {
    const { reply, syncToken, age } = await act("token", "GET", "k");
    assert.deepEqual([reply, syncToken, age], ["1", "token", undefined]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

Deno.test("tokens are remembered within a bound, and given back in one form", async () => {
  await using fixture = await start();
  const { act } = fixture;
  const first = (await act("", "GET", "k")).syncToken;
  assert.equal((await act("", "GET", "k")).syncToken, first);
  for (const token of ["x".repeat(65), "a b", "ü", "a,b"]) {
    const { syncToken } = await act(token, "GET", "k");
    assert.match(syncToken, /^[\w.-]{1,64}$/);
    await eventually(async () =>
      (await act(syncToken, "GET", "k")).age !== undefined
    );
  }
  await act("oldest", "GET", "k");
  for (let i = 0; i < 102; i++) {
    await Promise.all(
      Array.from({ length: 100 }, (_, j) => act(`${i}-${j}`, "GET", "k")),
    );
  }
  assert.equal((await act("oldest", "GET", "k")).age, undefined);
  await eventually(async () =>
    (await act("oldest", "GET", "k")).age !== undefined
  );
});
