import assert from "node:assert/strict";
import { LEDGER, takePort } from "./leftovers.ts";
import { freePort, TestServer } from "./test_server.ts";
import { offers, parseVersion } from "./server_program.ts";

Deno.test("TestServer.start() resolves to a server that answers", async () => {
  await using server = await TestServer.start();

  assert.equal(await server.ask("PING"), "+PONG\r\n");
  assert.equal(server.url, `redis://127.0.0.1:${server.port}`);
  assert.notEqual(server.port, 6379);
});

Deno.test("TestServer.start() takes a port and lines of redis.conf", async () => {
  const port = freePort();
  await using server = await TestServer.start({
    port,
    config: {
      requirepass: "secret",
      user: ["ann on >one ~* +@all", "bob on >two ~* +@all"],
    },
  });

  assert.equal(server.port, port);
  assert.match(await server.ask("PING"), /^-NOAUTH/);
  assert.match(await server.ask("AUTH", "ann", "one"), /^\+OK/);
  assert.match(await server.ask("AUTH", "bob", "two"), /^\+OK/);
});

Deno.test("TestServer.start() shows the server's own error", async () => {
  await assert.rejects(
    TestServer.start({ config: { "no-such-directive": "1" } }),
    /no-such-directive/,
  );
});

Deno.test("TestServer.start() rejects when its port is taken", async () => {
  await using server = await TestServer.start();

  await assert.rejects(
    TestServer.start({ port: server.port }),
    /already in use/i,
  );
});

Deno.test(
  "freePort() gives no port twice in a run, not even that of a killed server",
  {
    ignore: !Deno.env.get(LEDGER),
  },
  () => {
    assert.equal(takePort(freePort()), false);
  },
);

Deno.test("TestServer.restart() keeps the port and loses the data", async () => {
  await using server = await TestServer.start();
  const { port } = server;
  await server.ask("SET", "k", "v");

  await server.restart();

  assert.equal(server.port, port);
  assert.equal(await server.ask("GET", "k"), "$-1\r\n");
});

Deno.test("TestServer.kill() leaves a port that refuses until startAgain()", async () => {
  await using server = await TestServer.start();

  await server.kill();
  await assert.rejects(server.ask("PING"), Deno.errors.ConnectionRefused);

  await server.startAgain();
  assert.equal(await server.ask("PING"), "+PONG\r\n");
});

Deno.test("TestServer.pause() keeps the server silent until resume()", async () => {
  await using server = await TestServer.start();

  server.pause();
  using connection = await Deno.connect(server);
  await connection.write(new TextEncoder().encode("PING\r\n"));
  const buffer = new Uint8Array(16);
  const read = connection.read(buffer);
  const silent = new Promise((resolve) => setTimeout(resolve, 50, "silent"));
  assert.equal(await Promise.race([read, silent]), "silent");

  server.resume();
  assert.equal(await read, "+PONG\r\n".length);
});

Deno.test("TestServer leaves no directory and no server behind", async () => {
  const server = await TestServer.start();
  const directory = /\r\n([^\r\n]*server-[^\r\n]*)\r\n/.exec(
    await server.ask("CONFIG", "GET", "dir"),
  )?.[1];
  assert.ok(directory);
  assert.ok((await Deno.stat(directory)).isDirectory);

  await server[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();

  await assert.rejects(Deno.stat(directory), Deno.errors.NotFound);
  await assert.rejects(server.ask("PING"), Deno.errors.ConnectionRefused);
});

Deno.test({
  name: "TestServer.start() listens on a Unix socket too",
  ignore: !await TestServer.has("unix socket"),
  async fn() {
    await using first = await TestServer.start({ unix: true });
    await using second = await TestServer.start({ unix: true });

    assert.notEqual(first.socketPath, second.socketPath);
    using connection = await Deno.connect({
      transport: "unix",
      path: first.socketPath!,
    });
    await connection.write(new TextEncoder().encode("PING\r\n"));
    assert.equal(await connection.read(new Uint8Array(16)), 7);
  },
});

Deno.test("parseVersion() knows Redis and Valkey", () => {
  assert.deepEqual(parseVersion("Redis server v=7.0.15 sha=00000000:0"), {
    kind: "redis",
    version: "7.0.15",
  });
  assert.deepEqual(parseVersion("Valkey server v=8.1.0 sha=00000000:0"), {
    kind: "valkey",
    version: "8.1.0",
  });
  assert.throws(() => parseVersion("hello"), /Cannot read a version/);
});

Deno.test("offers() goes by the version", () => {
  const program = { path: "", tls: false, unix: false } as const;
  const old = { ...program, kind: "redis", version: "6.2.14" } as const;
  const redis = { ...program, kind: "redis", version: "8.0.1" } as const;
  const valkey = { ...program, kind: "valkey", version: "8.0.1" } as const;

  assert.equal(offers(old, "functions"), false);
  assert.equal(offers(redis, "functions"), true);
  assert.equal(offers(redis, "commands of 7.4"), true);
  assert.equal(offers(valkey, "commands of 7.2"), true);
  assert.equal(offers(valkey, "commands of 7.4"), false);
});
