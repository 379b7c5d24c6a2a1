import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import { ConnectionError, TimeoutError } from "../../lib/errors.ts";
import { dial, environment } from "../../lib/net/tcp.ts";
import { type Address, showAddress } from "../../lib/net/transport.ts";
import { runProgram } from "../client/support.ts";
import { freePort, TestServer } from "../support/test_server.ts";

const encoder = new TextEncoder();
const PING = encoder.encode("PING\r\n");
const PONG = encoder.encode("+PONG\r\n");

function never(): AbortSignal {
  return new AbortController().signal;
}

/** Sends PING over a transport, and reads the reply into a small buffer. */
async function ping(address: Address): Promise<void> {
  using transport = await dial(address, never());
  await transport.write([PING.subarray(0, 2), PING.subarray(2)]);
  const into = new Uint8Array(4);
  let said = "";
  while (said.length < PONG.length) {
    const count = await transport.read(into);
    said += new TextDecoder().decode(into.subarray(0, count!));
  }
  assert.equal(said, "+PONG\r\n");
}

Deno.test("dial() opens a TCP socket that reads and writes", async () => {
  await using server = await TestServer.start();
  await ping({ hostname: server.hostname, port: server.port });
});

Deno.test("dial() writes every byte of many chunks, in order", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  const transport = await dial({ hostname: "127.0.0.1", port }, never());
  using peer = await accepting;
  const size = 3_000_000;
  const chunks = [0, 1, 2].map((n) => new Uint8Array(size).fill(n));
  const writing = transport.write(chunks).then(() =>
    transport[Symbol.dispose]()
  );
  const buffer = new Uint8Array(100_000);
  let at = 0;
  for (let count; (count = await peer.read(buffer)) !== null;) {
    for (let i = 0; i < count; i += 997) {
      assert.equal(buffer[i], Math.floor((at + i) / size));
    }
    at += count;
  }
  assert.equal(at, 3 * size);
  await writing;
});

Deno.test("dial() resolves reads to null when the peer closes, and rejects after disposal", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  const transport = await dial({ hostname: "127.0.0.1", port }, never());
  (await accepting).close();
  assert.equal(await transport.read(new Uint8Array(8)), null);
  transport[Symbol.dispose]();
  transport[Symbol.dispose]();
  await assert.rejects(transport.read(new Uint8Array(8)));
  await assert.rejects(transport.write([PING]));
});

Deno.test("dial() ends a pending read and write when the transport is disposed of", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  const transport = await dial({ hostname: "127.0.0.1", port }, never());
  using _peer = await accepting;
  const reading = transport.read(new Uint8Array(8));
  const writing = transport.write([new Uint8Array(50_000_000)]);
  const outcomes = Promise.allSettled([reading, writing]);
  transport[Symbol.dispose]();
  for (const { status } of await outcomes) assert.equal(status, "rejected");
});

Deno.test("dial() rejects when nothing listens", async () => {
  const port = freePort();
  await assert.rejects(
    dial({ hostname: "127.0.0.1", port }, never()),
    Deno.errors.ConnectionRefused,
  );
  const error = new RegExp(`Cannot connect to redis://127.0.0.1:${port}: `);
  await assert.rejects(connect({ port }), (thrown) => {
    assert(thrown instanceof ConnectionError);
    assert.match(thrown.message, error);
    assert(thrown.cause instanceof Deno.errors.ConnectionRefused);
    return true;
  });
});

Deno.test("connect() says what to do about an unknown host, and about a port where nothing listens", async () => {
  const wrong: [string, string][] = [
    ["redis://nowhere.invalid", "no host is known by that name"],
    [`redis://127.0.0.1:${freePort()}`, "nothing listens there: start"],
  ];
  for (const [url, message] of wrong) {
    // The tests themselves have permission only for their own host names.
    const { stdout, stderr } = await runProgram(
      `import { connect } from "@sorrel/redis";
      console.log(await connect(Deno.args[0]).catch((error) => error.message));`,
      [url],
      { hosts: ["nowhere.invalid", "127.0.0.1"] },
    );
    assert.match(
      stdout,
      new RegExp(`^Cannot connect to ${url}(:6379)?: ${message}.*\n$`),
      stderr,
    );
  }
});

Deno.test("connect() requires a dial on Node and Bun, and uses it", async () => {
  await using server = await TestServer.start();
  const { stdout, stderr } = await runProgram(
    `import { connect, dial } from "@sorrel/redis";
    const { Deno } = globalThis;
    delete globalThis.Deno;
    console.log(await connect().catch((error) => error.message));
    const lender = async (...args) => {
      globalThis.Deno = Deno;
      const dialled = await dial(...args);
      delete globalThis.Deno;
      return dialled;
    };
    await using redis = await connect({ port: ${server.port}, dial: lender });
    console.log(await redis.ping());`,
    [],
    { hosts: ["127.0.0.1"] },
  );
  assert.match(
    stdout,
    /^Cannot connect to redis:\/\/127.0.0.1:6379: .* give a "dial", .*\nPONG\n$/,
    stderr,
  );
});

Deno.test("behaviour 23: connectTimeout covers a name lookup, which cannot be interrupted", async () => {
  await using server = await TestServer.start();
  const { port } = server;
  const hostname = "localhost";
  {
    await using redis = await connect({ hostname, port });
    assert.equal(await redis.ping(), "PONG");
  }
  const { connect: connectNow } = Deno;
  const found = Promise.withResolvers<void>();
  const late: Promise<Deno.TcpConn>[] = [];
  // A resolver that does not respond: like the system's, it ignores the signal.
  Deno.connect = ((options: Deno.ConnectOptions) => {
    late.push(found.promise.then(() => connectNow({ hostname, port })));
    assert.equal(options.hostname, hostname);
    return late.at(-1);
  }) as typeof Deno.connect;
  try {
    await assert.rejects(
      connect({ hostname, port, connectTimeout: 50 }),
      (error) => {
        assert(error instanceof TimeoutError);
        assert.match(error.message, /redis:\/\/localhost:\d+ within 50 ms$/);
        return true;
      },
    );
    found.resolve();
    assert.equal(late.length, 1);
    const socket = await late[0]!;
    await new Promise((resolve) => setTimeout(resolve, 1));
    // A connection that opens after the timeout is closed.
    await assert.rejects(
      socket.read(new Uint8Array(1)),
      Deno.errors.BadResource,
    );
  } finally {
    Deno.connect = connectNow;
  }
});

Deno.test("dial() rejects with the signal's reason when it is aborted", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const address = { hostname: "127.0.0.1", port };
  const reason = new Error("changed my mind");
  await assert.rejects(dial(address, AbortSignal.abort(reason)), reason);
  const stop = new AbortController();
  const dialling = dial(address, stop.signal);
  stop.abort(reason);
  await assert.rejects(dialling, reason);
  // The signal was only for the dial: aborting it later does not close the socket.
  const later = new AbortController();
  using transport = await dial(address, later.signal);
  later.abort();
  await transport.write([PING]);
});

Deno.test("dial() leaves nothing open when it is aborted at any moment", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const address = { hostname: "127.0.0.1", port };
  const reason = new Error("changed my mind");
  const accepting = (async () => {
    for await (const socket of listener) socket.close();
  })();
  for (let i = 0; i < 500; i++) {
    const stop = new AbortController();
    const dialling = dial(address, stop.signal);
    const timer = setTimeout(() => stop.abort(reason), i % 2);
    try {
      (await dialling)[Symbol.dispose]();
    } catch (error) {
      assert.equal(error, reason);
    }
    clearTimeout(timer);
  }
  listener.close();
  await accepting;
});

Deno.test("dial() reaches a Unix socket", {
  ignore: !await TestServer.has("unix socket"),
}, async () => {
  await using server = await TestServer.start({ unix: true });
  const path = server.socketPath!;
  await ping({ path });
  for (const target of [{ path }, `unix://${path}`, `unix:${path}?db=2`]) {
    await using redis = await connect(target);
    assert.equal(await redis.ping(), "PONG");
    assert.match(Deno.inspect(redis), new RegExp(`unix://${path}`));
  }
  await assert.rejects(
    dial({ path }, AbortSignal.abort(new Error("no"))),
    /no/,
  );
  const stop = new AbortController();
  const dialling = dial({ path }, stop.signal);
  stop.abort(new Error("changed my mind"));
  await assert.rejects(dialling, /changed my mind/);
  await Deno.remove(path);
  await assert.rejects(
    connect({ path }),
    /no socket is there: start the server, or check the path/,
  );
});

Deno.test("showAddress() brackets IPv6", { permissions: "none" }, () => {
  assert.equal(showAddress({ hostname: "::1", port: 1 }), "redis://[::1]:1");
  assert.equal(
    showAddress({ hostname: "a.example", port: 2, tls: { key: "s3cret" } }),
    "rediss://a.example:2",
  );
  assert.equal(showAddress({ path: "/tmp/r" }), "unix:///tmp/r");
});

Deno.test("environment() is undefined if it may not be read", {
  permissions: "none",
}, () => {
  assert.equal(environment("REDIS_URL"), undefined);
});
