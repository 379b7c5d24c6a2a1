import assert from "node:assert/strict";
import { open } from "../../lib/connection/handshake.ts";
import {
  AuthenticationError,
  ConnectionError,
  ProtocolError,
  ReplyError,
  TimeoutError,
} from "../../lib/errors.ts";
import { connect } from "../../lib/connect.ts";
import type { ClientOptions } from "../../lib/client/options.ts";
import type { Connection } from "../../lib/connection/connection.ts";
import type { Transport } from "../../lib/net/transport.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import {
  errorOf,
  optionsFor,
  PATIENT,
  sleep,
  until,
  WELCOME,
  writesOf,
} from "./support.ts";

const SOMEBODY: ClientOptions = {
  username: "ada",
  password: "s3cret",
  name: "engine",
  db: 3,
  info: true,
};
const encoder = new TextEncoder();
const SETINFO = [
  "CLIENT SETINFO LIB-NAME sorrel",
  "CLIENT SETINFO LIB-VER 0.1.0",
];

/** Performs the handshake with `peer`; returns the outcome and closes the connection. */
async function shake(
  peer: ScriptedPeer,
  options: ClientOptions = {},
): Promise<Connection> {
  const connection = await open(optionsFor(peer, options), PATIENT);
  connection.destroy(new Error("The test is over"));
  await connection.closed;
  return connection;
}

/** A peer that accepts any `commands` in a row and replies to the last with `reply`. */
function answering(commands: number, ...replies: string[]): ScriptedPeer {
  const peer = new ScriptedPeer();
  for (let i = 0; i < commands; i++) peer.expectAny().reply(replies[i] ?? "");
  return peer;
}

Deno.test("behaviour 24: the handshake is one write with HELLO AUTH first", async () => {
  const peer = answering(4, WELCOME, "+OK\r\n", "+OK\r\n", "+OK\r\n");
  const { protocol } = await shake(peer, SOMEBODY);
  assert.equal(protocol, 3);
  assert.deepEqual(writesOf(peer), [[
    "HELLO 3 AUTH ada s3cret SETNAME engine",
    "SELECT 3",
    ...SETINFO,
  ]]);
  await peer.done();
});

Deno.test("open() sends nothing without options", async () => {
  const three = answering(1, WELCOME);
  await shake(three);
  assert.deepEqual(writesOf(three), [["HELLO 3"]]);

  const two = new ScriptedPeer();
  assert.equal((await shake(two, { protocol: 2 })).protocol, 2);
  assert.deepEqual(writesOf(two), []);
});

Deno.test("open() in RESP2 is one write with AUTH first", async () => {
  const peer = answering(5, ...Array(5).fill("+OK\r\n"));
  await shake(peer, { ...SOMEBODY, protocol: 2 });
  assert.deepEqual(writesOf(peer), [[
    "AUTH ada s3cret",
    "CLIENT SETNAME engine",
    "SELECT 3",
    ...SETINFO,
  ]]);
});

Deno.test("open() authenticates the default user with a password alone", async () => {
  const three = answering(1, WELCOME);
  await shake(three, { password: "s3cret" });
  assert.deepEqual(writesOf(three), [["HELLO 3 AUTH default s3cret"]]);

  // Servers before 6.0 know only this form.
  const two = answering(1, "+OK\r\n");
  await shake(two, { password: "s3cret", protocol: 2 });
  assert.deepEqual(writesOf(two), [["AUTH s3cret"]]);
});

for (
  const refusal of [
    "-NOPROTO unsupported protocol version",
    "-ERR unknown command `HELLO`, with args beginning with: `3`, ",
    "-ERR unknown command 'HELLO'",
    "-ERR Unknown Command hello",
    "-ERR unsupported command 'hello'",
    '-ERR "HELLO" is not supported',
    "-ERR HELLO command is not allowed",
    "-err COMMAND NOT SUPPORTED: hello",
    "-ERR syntax error",
    "-NOAUTH Authentication required.",
    "-noauth authentication required",
    "-NOPERM this user has no permissions to run the 'hello' command",
    "-NOPERM User default has no permissions to run the 'hello' command",
    "-Error",
  ]
) {
  Deno.test(`behaviour 25: RESP2 on the same connection after ${refusal}`, async () => {
    const peer = new ScriptedPeer()
      .expectAny().reply(`${refusal}\r\n`)
      .expect("SELECT", "3").reply("-NOAUTH Authentication required.\r\n")
      .expect("AUTH", "ada", "s3cret").reply("+OK\r\n")
      .expect("CLIENT", "SETNAME", "engine").reply("+OK\r\n")
      .expect("SELECT", "3").reply("+OK\r\n");
    const { protocol } = await shake(peer, { ...SOMEBODY, info: false });
    assert.equal(protocol, 2);
    assert.equal(peer.writes.length, 2);
    assert.equal(peer.dialled.length, 1);
    await peer.done();
  });
}

Deno.test("open() without options sends PING to a server that refuses HELLO", async () => {
  const refusal = "-ERR unknown command 'HELLO'\r\n";
  for (const answer of ["+PONG", "-NOPERM no permissions to run 'ping'"]) {
    const peer = new ScriptedPeer().expect("HELLO", "3").reply(refusal)
      .expect("PING").reply(`${answer}\r\n`)
      .expect("PING").reply(`${answer}\r\n`);
    assert.equal((await shake(peer)).protocol, 2);
    await peer.done();
  }
  const noAuth = "-NOAUTH Authentication required.\r\n";
  const asking = new ScriptedPeer().expect("HELLO", "3").reply(refusal)
    .expect("PING").reply(noAuth).expect("PING").reply(noAuth);
  await assert.rejects(shake(asking), AuthenticationError);
  const full = "-ERR max number of clients reached\r\n";
  const turningAway = new ScriptedPeer().expect("HELLO", "3").reply(full)
    .hangUp().redial().expect("PING").reply(full).hangUp();
  const error = await errorOf(shake(turningAway));
  assert.match(error.message, /^The server refused: .* max number of clients/);
});

Deno.test("open() uses RESP2 if the reply to HELLO is in RESP2", async () => {
  for (
    const answer of [
      "*2\r\n+proto\r\n:2\r\n",
      "%1\r\n+proto\r\n:2\r\n",
      "+OK\r\n",
    ]
  ) {
    const peer = new ScriptedPeer().expectAny().reply(answer)
      .expect("AUTH", "s3cret").reply("+OK\r\n");
    assert.equal((await shake(peer, { password: "s3cret" })).protocol, 2);
    await peer.done();
  }
});

Deno.test("open() uses RESP2 on a new connection to a server that hangs up on HELLO", async (t) => {
  const scripts = {
    "without a reply": () => new ScriptedPeer().expectAny().hangUp(),
    "after its refusal": () =>
      new ScriptedPeer().expectAny().reply("-ERR no such command\r\n")
        .hangUp(),
  };
  for (const [how, script] of Object.entries(scripts)) {
    await t.step(how, async () => {
      const peer = script().redial()
        .expect("AUTH", "ada", "s3cret").reply("+OK\r\n")
        .expect("CLIENT", "SETNAME", "engine").reply("+OK\r\n")
        .expect("SELECT", "3").reply("+OK\r\n");
      const options = { ...SOMEBODY, info: false };
      assert.equal((await shake(peer, options)).protocol, 2);
      assert.equal(peer.dialled.length, 2);
      assert.equal(peer.open, 0);
    });
  }
  await t.step("and reports the error on that connection", async () => {
    const peer = new ScriptedPeer().expectAny().hangUp().redial()
      .expect("AUTH", "s3cret").reply("-WRONGPASS no\r\n");
    const error = await errorOf(shake(peer, { password: "s3cret" }));
    assert(error instanceof AuthenticationError);
  });
  await t.step("and reports both if it hangs up again", async () => {
    const peer = new ScriptedPeer().expectAny().hangUp().redial()
      .expectAny().hangUp();
    const error = await errorOf(shake(peer, { db: 1 }));
    assert(error instanceof ConnectionError);
    assert.match(
      error.message,
      /closed the connection before it answered .*; .*rediss:\/\/, .*"protocol: 2"$/,
    );
    assert.equal(peer.open, 0);
  });
  await t.step("on CLIENT SETINFO in RESP2", async () => {
    const peer = new ScriptedPeer()
      .expect("AUTH", "s3cret").reply("+OK\r\n").expectAny().hangUp().silence()
      .redial().expect("AUTH", "s3cret").reply("+OK\r\n");
    const options = { password: "s3cret", protocol: 2, info: true } as const;
    assert.equal((await shake(peer, options)).protocol, 2);
    await peer.done();
  });
  await t.step("from a socket, for every connection", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    let dials = 0;
    const serving = (async () => {
      for (; dials < 4; dials++) {
        using socket = await listener.accept();
        const buffer = new Uint8Array(1024);
        for (let count; (count = await socket.read(buffer)) !== null;) {
          const text = new TextDecoder().decode(buffer.subarray(0, count));
          if (/HELLO|CLIENT/.test(text)) break;
          const commands = text.match(/^\*/gm)!.length;
          await socket.write(encoder.encode("+PONG\r\n".repeat(commands)));
        }
      }
    })();
    for (let i = 0; i < 2; i++) {
      await using redis = await connect({ port });
      assert.equal(await redis.ping(), "PONG");
    }
    await serving;
  });
});

Deno.test("open() treats a lost connection not as a refusal of RESP3 that worked before", async () => {
  const peer = answering(1, WELCOME).redial().expectAny().hangUp().redial()
    .expect("HELLO", "3").reply(WELCOME);
  const options = optionsFor(peer);
  const opened = async () => {
    const connection = await open(options, PATIENT);
    connection.destroy(new Error("The test is over"));
    await connection.closed;
    return connection.protocol;
  };
  assert.equal(await opened(), 3);
  const error = await errorOf(opened());
  assert(error instanceof ConnectionError);
  assert.match(error.message, /"protocol: 2"/);
  assert.equal(peer.dialled.length, 2);
  assert.equal(await opened(), 3);
});

Deno.test("open() suggests protocol: 2 when there is no reply to HELLO", async () => {
  const error = await errorOf(
    shake(new ScriptedPeer().silence(), { connectTimeout: 20 }),
  );
  assert(error instanceof TimeoutError);
  assert.match(
    error.message,
    /within 20 ms: it did not answer HELLO: .*"protocol: 2"$/,
  );
});

Deno.test("open() authenticates with the password alone on a server without users", async (t) => {
  // The error of Redis 5.
  const words = "-ERR wrong number of arguments for 'auth' command\r\n";
  const unknown = "-ERR unknown command `HELLO`, with args\r\n";
  const ada = { username: "ada", password: "s3cret" };
  await t.step("in RESP2", async () => {
    const peer = new ScriptedPeer()
      .expect("AUTH", "ada", "s3cret").reply(words)
      .expect("SELECT", "2").reply("-NOAUTH Authentication required.\r\n")
      .expect("AUTH", "s3cret").reply("+OK\r\n")
      .expect("SELECT", "2").reply("+OK\r\n");
    await shake(peer, { ...ada, db: 2, protocol: 2 });
    await peer.done();
  });
  await t.step("after HELLO", async () => {
    const peer = new ScriptedPeer().expectAny().reply(unknown)
      .expect("AUTH", "ada", "s3cret").reply(words)
      .expect("AUTH", "s3cret").reply("+OK\r\n");
    assert.equal((await shake(peer, ada)).protocol, 2);
    await peer.done();
  });
  await t.step("and reports a wrong password", async () => {
    const peer = new ScriptedPeer().expectAny().reply(unknown)
      .expect("AUTH", "ada", "s3cret").reply(words)
      .expect("AUTH", "s3cret").reply("-ERR invalid password\r\n");
    const error = await errorOf(shake(peer, ada));
    assert(error instanceof AuthenticationError);
    assert.match(error.message, /invalid password/);
    await peer.done();
  });
  await t.step("also when it is renewed", async () => {
    const peer = new ScriptedPeer()
      .expect("AUTH", "ada", "s3cret").reply(words)
      .expect("AUTH", "s3cret").reply("+OK\r\n")
      .expect("AUTH", "ada", "s3cret").reply(words)
      .expect("AUTH", "s3cret").reply("+OK\r\n")
      .expect("PING").reply("+PONG\r\n");
    await using redis = await connect({
      dial: peer.dial,
      protocol: 2,
      info: false,
      credentials: () => ada,
    });
    await redis.authenticate();
    assert.equal(await redis.ping(), "PONG");
    await peer.done();
  });
  await t.step("but not if the server has users", async () => {
    const peer = new ScriptedPeer()
      .expect("AUTH", "ada", "s3cret").reply("-WRONGPASS no\r\n");
    await assert.rejects(
      shake(peer, { ...ada, protocol: 2 }),
      AuthenticationError,
    );
    await peer.done();
  });
});

Deno.test("open() says what to do if a password is missing", async () => {
  await using server = await TestServer.start({
    config: { requirepass: "s3cret" },
  });
  for (const options of [{}, { protocol: 2, db: 1 }] as ClientOptions[]) {
    const error = await errorOf(connect(server.url, options));
    assert(error instanceof AuthenticationError);
    assert.equal(error.code, "NOAUTH");
    assert.match(error.message, /"password".*redis:\/\/:password@host/);
    assert.doesNotMatch(error.message, /\n/);
  }
});

Deno.test("open() authenticates a user without a password from a URL with a user only", async () => {
  await using server = await TestServer.start();
  if (!server.has("acl")) return;
  await server.ask("ACL", "SETUSER", "ada", "on", "nopass", "+@all", "~*");
  const url = new URL(server.url);
  url.username = "ada";
  for (const protocol of [2, 3] as const) {
    await using redis = await connect(url, { protocol });
    assert.equal(await redis.send(["ACL", "WHOAMI"]), "ada");
  }
});

Deno.test("open() reports that an HTTP server is not Redis", async () => {
  await using web = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(),
  );
  const { port } = web.addr;
  for (const options of [{}, { protocol: 2 }] as ClientOptions[]) {
    const error = await errorOf(connect({ port, ...options }));
    assert(error instanceof ProtocolError, String(error));
    assert.match(
      error.message,
      /^Cannot connect to redis:\/\/127\.0\.0\.1:\d+: an HTTP server answers/,
    );
  }
});

Deno.test("behaviour 25: the reply to CLIENT SETINFO is ignored", async () => {
  const error = "-ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.\r\n";
  const three = answering(3, WELCOME, error, error);
  assert.equal((await shake(three, { info: true })).protocol, 3);
  const two = answering(2, error, "-NOPERM no\r\n");
  assert.equal((await shake(two, { info: true, protocol: 2 })).protocol, 2);
});

for (
  const [refusal, options] of [
    ["-WRONGPASS invalid username-password pair or user is disabled.", {}],
    // Followed by a hangup.
    ["-NOAUTH HELLO must be called with the client already authenticated", {}],
    ["-WRONGPASS invalid username-password pair", { protocol: 2 }],
    ["-ERR invalid password", { protocol: 2 }],
    ["-ERR Client sent AUTH, but no password is set", { protocol: 2 }],
    [
      "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
      { protocol: 2 },
    ],
  ] as [string, ClientOptions][]
) {
  Deno.test(`behaviour 26: AuthenticationError at once for ${refusal}`, async () => {
    const peer = answering(1, `${refusal}\r\n`);
    const error = await errorOf(
      shake(peer, { password: "s3cret", ...options }),
    );
    assert(error instanceof AuthenticationError);
    assert.equal(`-${error.message}`, refusal);
    assert.equal(error.code, refusal.slice(1).split(" ")[0]);
    assert.equal(peer.dialled.length, 1);
    assert.equal(peer.open, 0);
    assert.doesNotMatch(Deno.inspect(error), /s3cret/);
  });
}

Deno.test("behaviour 26: AuthenticationError from a real server, in both protocols", async () => {
  await using server = await TestServer.start({
    config: { requirepass: "s3cret" },
  });
  for (const protocol of [2, 3] as const) {
    for (const password of ["wrong", undefined]) {
      const options = { protocol, ...password ? { password } : { db: 1 } };
      await assert.rejects(connect(server.url, options), AuthenticationError);
    }
    await using redis = await connect(server.url, {
      protocol,
      password: "s3cret",
    });
    assert.equal(await redis.ping(), "PONG");
  }
});

Deno.test("open() reports other refusals of the server than the credentials", async () => {
  const peer = answering(2, WELCOME, "-ERR DB index is out of range\r\n");
  const error = await errorOf(shake(peer, { db: 99 }));
  assert(error instanceof ConnectionError);
  assert.match(error.message, /refused: ERR DB index is out of range/);
  assert(error.cause instanceof ReplyError);
  assert.equal(peer.open, 0);
});

Deno.test("open() reports that the server has too many clients", async (t) => {
  const full = "-ERR max number of clients reached\r\n";
  const scripts = {
    "before HELLO": () => new ScriptedPeer().push(full).hangUp(),
    "as the reply to HELLO": () =>
      new ScriptedPeer().expectAny().reply(full).hangUp().silence(),
  };
  for (const [when, script] of Object.entries(scripts)) {
    await t.step(when, async () => {
      const error = await errorOf(shake(script(), SOMEBODY));
      assert(error instanceof ConnectionError);
      assert.match(error.message, /max number of clients reached/);
    });
  }
  await t.step("from a real server", async () => {
    await using server = await TestServer.start({
      config: { maxclients: "1" },
    });
    using _other = await Deno.connect(server);
    const error = await errorOf(connect(server.url));
    assert(error instanceof ConnectionError);
    assert.match(error.message, /max number of clients reached/);
  });
});

Deno.test("open() rejects when the dial fails, and names the address", async () => {
  const refused = new Deno.errors.ConnectionRefused("no one there");
  const peer = new ScriptedPeer().refuse(refused);
  const error = await errorOf(shake(peer));
  assert(error instanceof ConnectionError);
  assert.equal(
    error.message,
    "Cannot connect to redis://redis.test:6379: no one there",
  );
  assert.equal(error.cause, refused);
  assert.equal(error.maybeExecuted, false);
});

Deno.test("open() rejects when the peer hangs up or is not Redis", async () => {
  const gone = new ScriptedPeer().expectAny().hangUp();
  await assert.rejects(shake(gone), ConnectionError);
  const silent = new ScriptedPeer().hangUp();
  await assert.rejects(shake(silent), ConnectionError);
  const web = answering(1, "HTTP/1.1 400 Bad Request\r\n");
  await assert.rejects(shake(web), ProtocolError);
  for (const peer of [gone, silent, web]) assert.equal(peer.open, 0);
});

Deno.test("behaviour 23: TimeoutError when a server accepts but never replies", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  const before = performance.now();
  using clock = new AwakeClock();
  const error = await errorOf(connect({ port, connectTimeout: 150 }));
  const took = performance.now() - before;
  assert(error instanceof TimeoutError);
  assert.match(error.message, /redis:\/\/127\.0\.0\.1:\d+ within 150 ms/);
  assert(took >= 140, `${took} ms`);
  assert(clock.now < 2_000, `${clock.now} ms`);
  // The client closed its side: the peer reads the sent bytes, then the end.
  using socket = await accepting;
  const buffer = new Uint8Array(1024);
  while (await socket.read(buffer) !== null);
});

Deno.test("behaviour 23: connectTimeout covers the dial and every step", async () => {
  const options = { connectTimeout: 30, db: 1 };
  const dialling = new ScriptedPeer().stall();
  await assert.rejects(shake(dialling, options), TimeoutError);
  const half = new ScriptedPeer().expectAny().reply(WELCOME).silence();
  await assert.rejects(shake(half, options), TimeoutError);
  const fallback = new ScriptedPeer()
    .expectAny().reply("-NOPROTO no\r\n").expectAny().reply("+OK\r\n")
    .silence();
  await assert.rejects(shake(fallback, options), TimeoutError);
  for (const peer of [half, fallback]) assert.equal(peer.open, 0);
});

Deno.test("open() closes a connection that a dial without regard for its signal opens too late", async () => {
  const late = Promise.withResolvers<Transport>();
  const dial = () => late.promise;
  await assert.rejects(
    open(optionsFor({ dial }, { connectTimeout: 20 }), PATIENT),
    TimeoutError,
  );
  const peer = new ScriptedPeer();
  const { signal } = new AbortController();
  late.resolve(await peer.dial({ path: "/late" }, signal));
  await sleep(1);
  assert.equal(peer.open, 0);
});

Deno.test("open() rejects with the signal's reason, whenever it aborts", async (t) => {
  const reason = new Error("changed my mind");
  await t.step("before", async () => {
    const peer = new ScriptedPeer();
    const signal = AbortSignal.abort(reason);
    const error = await errorOf(open(optionsFor(peer), PATIENT, signal));
    assert.equal(error, reason);
    assert.equal(peer.dialled.length, 0);
  });
  const scripts = {
    "while it dials": () => new ScriptedPeer().stall(),
    "during the handshake": () => new ScriptedPeer().silence(),
  };
  for (const [when, script] of Object.entries(scripts)) {
    await t.step(when, async () => {
      const peer = script();
      const stop = new AbortController();
      const opening = open(optionsFor(peer), PATIENT, stop.signal);
      opening.catch(() => {});
      await until(() => peer.dialled.length > 0);
      await sleep(1);
      stop.abort(reason);
      assert.equal(await errorOf(opening), reason);
      assert.equal(peer.open, 0);
    });
  }
});

Deno.test("open() rejects with a dial's error about its own options", async () => {
  const misuse = new TypeError("no such option");
  const dial = () => {
    throw misuse;
  };
  assert.equal(
    await errorOf(open(optionsFor({ dial }), PATIENT)),
    misuse,
  );
});

Deno.test("behaviour 27: SELECT is sent again after a lost connection, before any command", async () => {
  const peer = new ScriptedPeer();
  for (let i = 0; i < 2; i++) {
    peer.expect("HELLO", "3", "AUTH", "default", "s3cret").reply(WELCOME)
      .expect("SELECT", "3").reply("+OK\r\n")
      .expect("GET", "k").reply(i === 0 ? "" : "$1\r\nv\r\n");
    if (i === 0) peer.hangUp().redial();
  }
  await using redis = await connect({
    dial: peer.dial,
    password: "s3cret",
    db: 3,
    info: false,
    backoff: () => 0,
  });
  assert.equal(await redis.get("k"), "v");
  await peer.done();
});
