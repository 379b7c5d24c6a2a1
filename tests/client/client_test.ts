import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Client } from "../../lib/client/client.ts";
import { connect, createPool } from "../../lib/connect.ts";
import {
  AuthenticationError,
  ConnectionError,
  ReplyError,
} from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { WELCOME, writesOf } from "../connection/support.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import { clientsOf, errorOf, runProgram, testBoth } from "./support.ts";

// -- Opening --

Deno.test("connect() takes a URL, options or both; options override the URL", async () => {
  await using server = await TestServer.start();
  const { hostname, port } = server;
  const targets = [
    [`${server.plainUrl}/1`],
    [new URL(`${server.plainUrl}/1`)],
    [{ hostname, port, db: 1 }],
    [`${server.plainUrl}/2`, { db: 1 }],
    [`redis://localhost:1/1`, { hostname, port }],
    [undefined, { hostname, port, db: 1 }],
  ] as Parameters<typeof connect>[];
  for (const target of targets) {
    await using redis = await connect(...target);
    assert.match(await redis.clientInfo(), / db=1 /);
  }
});

Deno.test("connect() without arguments uses REDIS_URL, if it may be read", async () => {
  await using server = await TestServer.start();
  const program = `
    import { connect } from "@sorrel/redis";
    await using redis = await connect();
    console.log(await redis.clientInfo());
  `;
  const env = { REDIS_URL: `${server.plainUrl}/5` };
  const granted = await runProgram(program, [], { env, may: ["REDIS_URL"] });
  assert.match(granted.stdout, / db=5 /, granted.stderr);
  // Without permission it uses the default address; a test's dial shows that.
  const denied = await runProgram(
    `
    import { connect } from "@sorrel/redis";
    const dial = (address) => Promise.reject(new Error(address.port));
    await connect(undefined, { dial }).catch((e) => console.log(e.message));
  `,
    [],
    { env },
  );
  assert.match(
    denied.stdout,
    /^Cannot connect to redis:\/\/127\.0\.0\.1:6379: 6379$/m,
    denied.stderr,
  );
});

testBoth(
  "connect() sets the given protocol, name, database and library",
  async ({ server, protocol }) => {
    await using redis = await connect(server.url, {
      protocol,
      db: 2,
      name: "worker-7",
    });
    const info = await redis.clientInfo();
    assert.match(info, / name=worker-7 /);
    assert.match(info, / db=2 /);
    // Servers before 7.0 do not report the protocol, those before 7.2 not the library.
    if (server.has("commands of 7.0")) {
      assert.match(info, new RegExp(` resp=${protocol}`));
    }
    if (server.has("commands of 7.2")) assert.match(info, / lib-name=sorrel /);
  },
);

Deno.test("connect() rejects when the first attempt fails, and leaves nothing open", async () => {
  const peer = new ScriptedPeer().refuse();
  const error = await errorOf(connect({ dial: peer.dial }));
  assert(error instanceof ConnectionError);
  assert.equal(peer.dialled.length, 1);
});

Deno.test("Client connects when first used, and reconnects automatically", async () => {
  await using server = await TestServer.start();
  const { hostname, port } = server;
  await using client = new Client({ hostname, port, dial });
  assert.match(client.summary, /\(idle; /);
  assert.equal(await client.send(["PING"]), "PONG");
  assert.match(client.summary, /\(ready; /);
  await server.restart();
  assert.equal(await client.send(["GET", "k"]), null);
});

// -- Inspection --

Deno.test("behaviour 22: a printed client shows its address and state, and no secret", async () => {
  await using server = await TestServer.start({
    config: { requirepass: "s3cret" },
  });
  const url = server.plainUrl.replace("//", "//default:s3cret@");
  await using pool = createPool(url);
  await using redis = await connect(url);
  await using client = new Client({
    hostname: server.hostname,
    port: server.port,
    password: "s3cret",
    dial,
  });
  await client.connect();
  await using subscription = await redis.subscribe("c");
  using lease = await redis.lease();
  const pipe = redis.pipeline();
  pipe.get("k");
  const things = {
    redis,
    bytes: redis.bytes,
    client,
    pool,
    subscription,
    lease,
    pipe,
  };
  for (const [name, thing] of Object.entries(things)) {
    const shown = [
      Deno.inspect(thing),
      Deno.inspect({ nested: { thing } }, { depth: 10 }),
      Deno.inspect(thing, { showHidden: true, depth: 10 }),
      inspect(thing, { depth: 10 }),
      JSON.stringify(thing) ?? "",
      String(thing),
    ];
    for (const text of shown) assert.doesNotMatch(text, /s3cret/, name);
  }
  const address = server.plainUrl.replaceAll(".", "\\.");
  assert.match(
    Deno.inspect(redis),
    new RegExp(`^Redis { ${address} \\(ready; 1 leased, 0 spare\\) }$`),
  );
  assert.match(Deno.inspect(client), new RegExp(`^Client { ${address} `));
  assert.match(Deno.inspect(pool), new RegExp(`^Pool { ${address} \\(idle; `));
  await redis.close();
  assert.equal(Deno.inspect(redis), "Redis { closed }");

  const wrong = server.plainUrl.replace("//", "//default:s3cret2@");
  const error = await errorOf(connect(wrong));
  assert(error instanceof AuthenticationError);
  assert.doesNotMatch(Deno.inspect(error), /s3cret/);
});

// -- Many commands --

testBoth(
  "behaviour 14: 10,000 concurrent gets on one connection are matched by order",
  async ({ server, redis }) => {
    const count = 10_000;
    const entries = Array.from({ length: count }, (_, i) => [`k${i}`, i]);
    await redis.mset(entries as [string, number][]);
    const values = await Promise.all(entries.map(([key]) => redis.get(key!)));
    assert.deepEqual(values, entries.map(([, value]) => String(value)));
    assert.equal((await clientsOf(server)).length, 1);
  },
);

testBoth(
  "behaviour 14: wire order is call order, for all kinds of calls",
  async ({ redis }) => {
    const answers = [
      redis.set("n", 0),
      redis.incr("n"),
      redis.pipeline((p) => [p.incr("n"), p.get("n")]),
      redis.incr("n"),
      redis.pipeline((p) => [p.incr("n")], { transaction: false }),
      redis.send(["INCR", "n"]),
    ];
    assert.deepEqual(await Promise.all(answers), [
      "OK",
      1,
      [2, "2"],
      3,
      [4],
      5,
    ]);
  },
);

Deno.test("behaviour 14: commands of one tick are sent in one write", async () => {
  const peer = new ScriptedPeer()
    .expect("HELLO", "3").reply(WELCOME);
  for (let i = 0; i < 6; i++) peer.expectAny().reply("+OK\r\n");
  await using redis = await connect({ dial: peer.dial, info: false });
  await Promise.all([
    redis.set("a", 1),
    redis.pipeline((p) => [p.set("b", 2), p.set("c", 3)], {
      transaction: false,
    }),
    redis.send(["SET", "d", "4"]),
  ]);
  assert.deepEqual(writesOf(peer).slice(1), [
    ["SET a 1", "SET b 2", "SET c 3", "SET d 4"],
  ]);
});

testBoth(
  "Client spreads commands over several connections",
  async ({ server, protocol }) => {
    await using redis = await connect(server.url, {
      protocol,
      connections: 3,
      name: "spread",
    });
    assert.match(Deno.inspect(redis), /\(ready, ready, ready; /);
    assert.equal((await clientsOf(server, / name=spread /)).length, 3);
    const ids = await Promise.all(
      Array.from({ length: 30 }, () => redis.clientId()),
    );
    assert.equal(new Set(ids).size, 3);
  },
);

testBoth(
  "Client carries large values and exact bytes both ways",
  async ({ redis }) => {
    const bytes = new Uint8Array(5_000_000);
    for (let i = 0; i < bytes.length; i++) bytes[i] = i * 7;
    await redis.set("b", bytes);
    assert.deepEqual(await redis.bytes.get("b"), bytes);
    const text = "é\r\n$-1\r\n".repeat(100_000);
    const [, back] = await Promise.all([
      redis.set("t", text),
      redis.get("t"),
      redis.set("t2", text),
    ]);
    assert.equal(back, text);
  },
);

testBoth(
  "behaviour 15: a command that cannot be sent rejects, without effect on others",
  async ({ redis }) => {
    for (const bad of [undefined, null, true, NaN, {}, ["x"], Symbol("s")]) {
      const before = redis.incr("n");
      // deno-lint-ignore no-explicit-any -- values that the types reject
      const error = await errorOf(redis.set("k", bad as any));
      assert(error instanceof TypeError);
      assert.match(error.message, /^Cannot send SET: argument 2 must be/);
      await before;
    }
    await assert.rejects(redis.send([]), TypeError);
    assert.equal(await redis.get("n"), "7");
  },
);

testBoth(
  "an error reply rejects its own command with a ReplyError that names it",
  async ({ redis }) => {
    await redis.set("k", "v");
    const [first, error, last] = await Promise.allSettled([
      redis.get("k"),
      redis.lpush("k", "secret element"),
      redis.get("k"),
    ]);
    assert.equal(first.status, "fulfilled");
    assert.equal(last.status, "fulfilled");
    assert(error.status === "rejected" && error.reason instanceof ReplyError);
    assert.equal(error.reason.code, "WRONGTYPE");
    assert.equal(error.reason.command, "LPUSH");
    assert.doesNotMatch(Deno.inspect(error.reason), /secret/);
  },
);

// -- Commands that change their connection --

Deno.test("commands that change their connection are rejected on a shared one before anything is written", async () => {
  const peer = new ScriptedPeer().expect("HELLO", "3").reply(WELCOME);
  await using redis = await connect({ dial: peer.dial, info: false });
  const encoder = new TextEncoder();
  const words = [
    "SELECT 1",
    "Auth s3cret",
    "hello 3",
    "MULTI",
    "exec",
    "WATCH k",
    "SUBSCRIBE c",
    "monitor",
    "QUIT",
    "reset",
    "CLIENT REPLY OFF",
    "client setname x",
    "Client Tracking ON",
    "READONLY",
    "PSYNC ? -1",
  ];
  for (const line of words) {
    const args = line.split(" ");
    const sends = [
      () => redis.send(args),
      () => redis.send(args.map((word) => encoder.encode(word))),
      () => redis.bytes.send(args),
      () => redis.pipeline((p) => [p.get("k"), p.send(args)]),
      () => redis.pipeline((p) => [p.send(args)], { transaction: false }),
      () => redis.transaction((p) => [p.send(args)]),
    ];
    for (const send of sends) {
      const error = await errorOf(send());
      assert(error instanceof TypeError, line);
      assert.match(error.message, /^Cannot send [A-Z -]+ as it changes/);
      assert.doesNotMatch(error.message, /s3cret/);
    }
  }
  assert.deepEqual(writesOf(peer), [["HELLO 3"]]);
});
