import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import type { ClientEvent } from "../../lib/connection/events.ts";
import type { Credentials } from "../../lib/connection/handshake.ts";
import {
  AuthenticationError,
  ConnectionError,
  TimeoutError,
} from "../../lib/errors.ts";
import { Client } from "../../lib/client/client.ts";
import { dial } from "../../lib/net/tcp.ts";
import { TestServer } from "../support/test_server.ts";
import { clientsOf, errorOf, until } from "./support.ts";

/** A vault that holds a valid password and counts its calls. */
async function vaultOf(server: TestServer): Promise<{
  asked: number;
  credentials: () => Promise<Credentials>;
  change: (password: string) => Promise<void>;
}> {
  let current = "";
  const vault = {
    asked: 0,
    credentials: async () => {
      vault.asked++;
      await null;
      return { username: "ada", password: current };
    },
    change: async (password: string) => {
      current = password;
      await server.ask(
        ...["ACL", "SETUSER", "ada", "resetpass", "on", `>${password}`],
        ...["allkeys", "allchannels", "+@all"],
      );
    },
  };
  await vault.change("first");
  return vault;
}

for (const protocol of [2, 3] as const) {
  Deno.test(`behaviour 28: each connection calls the credentials provider, RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    const vault = await vaultOf(server);
    const { credentials } = vault;
    await using redis = await connect(server.url, { protocol, credentials });
    assert.equal(await redis.aclWhoami(), "ada");
    assert.equal(vault.asked, 1);
    await redis.blpop(["none"], 0.01);
    assert.equal(vault.asked, 2);

    await vault.change("second");
    await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    assert.equal(await redis.aclWhoami(), "ada");
    assert.equal(vault.asked, 3);
  });

  Deno.test(`behaviour 28: authenticate() sends new credentials on open connections, RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    const vault = await vaultOf(server);
    const { credentials } = vault;
    await using redis = await connect(server.url, {
      protocol,
      credentials,
      connections: 2,
    });
    await using news = await redis.subscribe("news");
    await redis.blpop(["none"], 0.01);
    const ids = async () =>
      (await clientsOf(server, /user=ada/)).map((line) =>
        /id=(\d+)/.exec(line)![1]
      );
    const used = await redis.lease();
    await used.ping();
    assert.equal((await ids()).length, 4);

    await vault.change("second");
    const before = vault.asked;
    const answers = Array.from({ length: 100 }, () => redis.incr("n"));
    await redis.authenticate();
    assert.deepEqual((await Promise.all(answers)).length, 100);
    // Both shared connections and, in RESP3, that of the subscriptions.
    assert.equal(vault.asked - before, protocol === 3 ? 3 : 2);
    // The leased connection works until its end, and is not reused.
    assert.equal(await used.ping(), "PONG");
    used[Symbol.dispose]();
    await until(async () => (await ids()).length === 3);
    await redis.publish("news", "hello");
    assert.equal((await news.next()).value?.message, "hello");
  });
}

Deno.test("behaviour 28: authenticate() rejects when the server refuses the credentials, and commands continue", async () => {
  await using server = await TestServer.start();
  const vault = await vaultOf(server);
  const events: ClientEvent[] = [];
  await using redis = await connect(server.url, {
    credentials: vault.credentials,
    onEvent: (event) => events.push(event),
  });
  await vault.change("second");
  await vault.change("third");
  await server.ask("ACL", "SETUSER", "ada", "resetpass", ">s3cret");
  const error = await errorOf(redis.authenticate());
  assert(error instanceof AuthenticationError);
  assert.match(error.message, /^WRONGPASS/);
  assert.equal(await redis.ping(), "PONG");
  assert.equal(events.at(-1)?.kind, "authentication failed");
  assert.doesNotMatch(Deno.inspect([error, events, redis]), /s3cret|third/);
});

Deno.test("behaviour 28: authenticate() closes idle connections, which have the old credentials", async () => {
  await using server = await TestServer.start();
  const vault = await vaultOf(server);
  const { credentials } = vault;
  await using redis = await connect(server.url, { credentials });
  await redis.blpop(["none"], 0.01);
  assert.match(Deno.inspect(redis), /0 leased, 1 spare/);
  await redis.authenticate();
  assert.match(Deno.inspect(redis), /0 leased, 0 spare/);
  await until(async () => (await clientsOf(server, /user=ada/)).length === 1);
});

Deno.test("authenticate() works on a client of raw commands, and on an unconnected one", async () => {
  await using server = await TestServer.start();
  const vault = await vaultOf(server);
  const { hostname, port } = server;
  const { credentials } = vault;
  await using client = new Client({ hostname, port, dial, credentials });
  await client.authenticate();
  assert.equal(vault.asked, 0);
  const connecting = client.connect();
  await client.authenticate();
  await connecting;
  assert.equal(vault.asked, 2);
  assert.equal(await client.send(["ACL", "WHOAMI"]), "ada");
});

Deno.test("authenticate() without credentials sends nothing", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await redis.authenticate();
});

Deno.test("authenticate() sends a fixed password again", async () => {
  await using server = await TestServer.start({
    config: { requirepass: "s3cret" },
  });
  await using redis = await connect(server.url, { password: "s3cret" });
  await redis.authenticate();
  assert.equal(await redis.ping(), "PONG");
});

const BROKEN: [string, () => unknown, RegExp][] = [
  ["throws", () => {
    throw new Error("no token s3cret");
  }, /^ConnectionError: The function "credentials" failed/],
  [
    "rejects",
    () => Promise.reject(new Error("no token s3cret")),
    /^ConnectionError: The function "credentials" failed/,
  ],
  [
    "gives no password",
    () => ({ username: "ada", password: { value: "s3cret" } }),
    /^TypeError: Cannot send HELLO: argument 4 must be a string/,
  ],
];

for (const [how, credentials, message] of BROKEN) {
  Deno.test(`connect() rejects when the credentials provider ${how}`, async () => {
    await using server = await TestServer.start();
    const error = await errorOf(connect(server.plainUrl, {
      credentials: credentials as () => Credentials,
    }));
    assert.match(String(error), message);
    assert.doesNotMatch(error.message, /s3cret/);
  });
}

Deno.test("the credentials function must settle within connectTimeout", async () => {
  const error = await errorOf(connect({
    credentials: () => new Promise(() => {}),
    connectTimeout: 20,
  }));
  assert(error instanceof TimeoutError);
  assert.match(error.message, /within 20 ms/);
});

Deno.test("authenticate() times out, and keeps every connection", async () => {
  await using server = await TestServer.start();
  let hang = false;
  const vault = await vaultOf(server);
  await using redis = await connect(server.url, {
    connectTimeout: 300,
    credentials: () => hang ? new Promise(() => {}) : vault.credentials(),
  });
  const id = await redis.clientId();
  hang = true;
  const error = await errorOf(redis.authenticate());
  assert(error instanceof TimeoutError);
  assert.match(error.message, /^Cannot authenticate at .* within 300 ms/);
  assert.equal(await redis.clientId(), id);
});

for (const protocol of [2, 3] as const) {
  Deno.test(`behaviour 26: a subscription ends with the AuthenticationError of its reconnect, RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    const vault = await vaultOf(server);
    const events: ClientEvent[] = [];
    await using redis = await connect(server.url, {
      protocol,
      credentials: vault.credentials,
      backoff: () => 1,
      onEvent: (event) => events.push(event),
    });
    const kinds = ["subscribe", "psubscribe"] as const;
    const readers = await Promise.all(kinds.map((kind) => redis[kind]("news")));
    const errors = Promise.all(readers.map((reader) => errorOf(reader.next())));
    await server.ask("ACL", "SETUSER", "ada", "resetpass", ">other");
    await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
    for (const error of await errors) {
      assert(error instanceof AuthenticationError, String(error));
      assert(!(error instanceof ConnectionError));
    }
    for (const reader of readers) {
      assert.equal((await reader.next()).done, true);
    }
    assert(events.some(({ kind }) => kind === "authentication failed"));

    // A new subscription with the right password starts fresh, without a gap.
    await vault.change("right");
    await until(() =>
      redis.subscribe("news").then((news) => news.close()).then(
        () => true,
        () => false,
      )
    );
    await using news = await redis.subscribe("news");
    await redis.publish("news", "again");
    const { value } = await news.next();
    assert.deepEqual([value?.message, value?.missed], ["again", null]);
  });
}
