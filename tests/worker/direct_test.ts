/**
 * A connection for each request: which commands share a write, and that none is
 * executed after a refused handshake.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dial } from "../../lib/net/tcp.ts";
import type { Dial } from "../../lib/net/transport.ts";
import { Direct } from "../../worker/direct.ts";
import { makeGateway } from "../../worker/gateway.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import { bearer } from "./local.ts";

const TOKEN = "token-of-the-tests";

/** The response of a gateway that connects for each request. */
async function ask(
  dial: Dial,
  redisUrl: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<[status: number, body: unknown]> {
  const gateway = makeGateway({
    session: () => assert.fail("no session is needed"),
    engine: (url) => new Direct(url, dial),
    upgrade: () => Promise.reject(new Error("no WebSocket is asked for")),
  });
  const request = new Request(`https://gateway.example${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: bearer(TOKEN),
    ...signal && { signal },
  });
  const response = await gateway.fetch(request, { TOKEN, REDIS_URL: redisUrl });
  return [response.status, await response.json()];
}

/** The commands of each write, as text. */
function writesOf({ writes }: ScriptedPeer): string[] {
  const decoder = new TextDecoder();
  return writes.map((bytes) =>
    decoder.decode(bytes).replace(/[*$]\d+\r\n/g, "").trim()
      .replaceAll("\r\n", " ")
  );
}

const URL = "redis://bob:s3cret@localhost/3";

// -- Commands per write --

Deno.test("Direct sends a read in the same write as the handshake", async (t) => {
  const reads: [path: string, body: unknown, words: string, replies: string][] =
    [
      ["/", ["GET", "k"], "GET k", "$1\r\nv\r\n"],
      [
        "/pipeline",
        [["GET", "k"], ["PING"]],
        "GET k PING",
        "$1\r\nv\r\n+PONG\r\n",
      ],
      [
        "/multi-exec",
        [["GET", "k"]],
        "MULTI GET k EXEC",
        "+OK\r\n+QUEUED\r\n*1\r\n$1\r\nv\r\n",
      ],
    ];
  for (const [path, body, words, replies] of reads) {
    await t.step(path, async () => {
      const peer = new ScriptedPeer()
        .expect("AUTH", "bob", "s3cret").expect("SELECT", "3");
      for (const [,] of words.matchAll(/[A-Z]+/g)) peer.expectAny();
      peer.reply(`+OK\r\n+OK\r\n${replies}`);
      const [status] = await ask(peer.dial, URL, path, body);
      assert.equal(status, 200);
      assert.deepEqual(writesOf(peer), [`AUTH bob s3cret SELECT 3 ${words}`]);
      assert.equal(peer.open, 0);
      await peer.done();
    });
  }
});

Deno.test("Direct sends a write after the handshake was accepted", async (t) => {
  const writes: [url: string, handshake: string][] = [
    [URL, "AUTH bob s3cret SELECT 3"],
    ["redis://:s3cret@localhost", "AUTH s3cret"],
    ["redis://localhost/3", "SELECT 3"],
  ];
  for (const [url, handshake] of writes) {
    await t.step(handshake, async () => {
      const peer = new ScriptedPeer();
      for (const [,] of handshake.matchAll(/[A-Z]+/g)) {
        peer.expectAny().reply("+OK\r\n");
      }
      peer.expect("SET", "k", "v").reply("+OK\r\n");
      assert.deepEqual(await ask(peer.dial, url, "/", ["SET", "k", "v"]), [
        200,
        { result: "OK" },
      ]);
      assert.deepEqual(writesOf(peer), [handshake, "SET k v"]);
      assert.equal(peer.open, 0);
    });
  }
  await t.step("at once, if there is no handshake", async () => {
    const peer = new ScriptedPeer().expect("SET", "k", "v").reply("+OK\r\n");
    await ask(peer.dial, "redis://localhost", "/", ["SET", "k", "v"]);
    assert.deepEqual(writesOf(peer), ["SET k v"]);
  });
});

Deno.test("Direct reports a refused handshake, whatever replies follow it", async (t) => {
  const wrong = "-WRONGPASS invalid username-password pair\r\n";
  const nobody = [502, {
    error: "ERR Redis refused the gateway's own credentials",
  }];
  await t.step("for a read", async () => {
    const peer = new ScriptedPeer().expectAny().expectAny().expectAny()
      .reply(`${wrong}+OK\r\n$6\r\nsecret\r\n`);
    assert.deepEqual(await ask(peer.dial, URL, "/", ["GET", "k"]), nobody);
    assert.equal(peer.open, 0);
  });
  await t.step("for a write, which is not sent", async () => {
    for (const answers of [`${wrong}+OK\r\n`, `+OK\r\n${wrong}`]) {
      const peer = new ScriptedPeer().expectAny().expectAny().reply(answers);
      const asked = await ask(peer.dial, URL, "/pipeline", [["GET", "k"], [
        "SET",
        "k",
        "v",
      ]]);
      assert.deepEqual(asked, nobody);
      assert.deepEqual(writesOf(peer), ["AUTH bob s3cret SELECT 3"]);
      assert.equal(peer.open, 0);
    }
  });
});

Deno.test("Direct reports whether the command may have been executed", async () => {
  const lost = async (...command: string[]) => {
    const peer = new ScriptedPeer().expect(...command).hangUp();
    const asked = await ask(peer.dial, "redis://localhost", "/", command);
    assert.equal(peer.dialled.length, 1);
    return asked;
  };
  assert.deepEqual(await lost("INCR", "k"), [502, {
    error:
      "ERR the connection to Redis was lost: the command may have been executed",
  }]);
  assert.deepEqual(await lost("GET", "k"), [502, {
    error: "ERR the gateway cannot reach Redis",
  }]);
});

Deno.test("Direct obeys the timeout of the URL, and stops when its client leaves", async () => {
  const timeout = "redis://localhost?commandTimeout=50";
  const silent = new ScriptedPeer().silence();
  assert.equal((await ask(silent.dial, timeout, "/", ["GET", "k"]))[0], 504);
  assert.equal(silent.open, 0);
  const stalled = new ScriptedPeer().stall();
  assert.equal((await ask(stalled.dial, timeout, "/", ["GET", "k"]))[0], 504);

  const peer = new ScriptedPeer().silence();
  const leaving = new AbortController();
  const command = ["BLPOP", "k", "5"];
  const asked = ask(
    peer.dial,
    "redis://localhost",
    "/",
    command,
    leaving.signal,
  );
  setTimeout(() => leaving.abort(), 20);
  assert.equal((await asked)[0], 499);
  assert.equal(peer.open, 0);
});

Deno.test("Direct does not connect for a command that is rejected before it is sent", async () => {
  const peer = new ScriptedPeer();
  const [status, items] = await ask(peer.dial, URL, "/pipeline", [["QUIT"]]);
  assert.equal(status, 200);
  assert.match(JSON.stringify(items), /QUIT is not available/);
  assert.equal(peer.dialled.length, 0);
  const [wrong] = await ask(peer.dial, "http://localhost", "/", ["PING"]);
  assert.equal(wrong, 500);
});

// -- With a real server --

Deno.test("a refused handshake lets no write through", async (t) => {
  await using server = await TestServer.start();
  const at = (user: string, db = "") =>
    `redis://${user}${server.hostname}:${server.port}/${db}`;
  const set = ["SET", "k", "v"];
  const refused: [name: string, url: string][] = [
    ["no such database", at("", "99")],
    ["a wrong password beside a default user without one", at("bob:wrong@")],
    ["a password that the server does not ask for", at(":wrong@")],
  ];
  for (const [name, url] of refused) {
    await t.step(name, async () => {
      for (
        const [path, body] of [
          ["/", set],
          ["/", ["EVAL", "return redis.call('set', 'k', 'v')", "0"]],
          ["/pipeline", [["GET", "k"], set]],
          ["/multi-exec", [["GET", "k"], set]],
          ["/set/k/v", []],
        ] as const
      ) {
        const [status] = await ask(dial, url, path, body);
        assert.equal(status, 502, path);
      }
      assert.equal((await ask(dial, url, "/", ["GET", "k"]))[0], 502);
      assert.equal(await server.ask("DBSIZE"), ":0\r\n");
    });
  }
  await t.step("but a write sent together with it gets through", async () => {
    // This is the reason: if it were not so, writes would not have to wait.
    const credentials = [["bob wrong", /^-WRONGPASS/], ["wrong", /^-ERR/]];
    for (const [auth, refusal] of credentials as [string, RegExp][]) {
      using peer = await Deno.connect({
        hostname: server.hostname,
        port: server.port,
      });
      const words = `AUTH ${auth}\r\nSET ${auth.length} v\r\n`;
      await peer.write(new TextEncoder().encode(words));
      let said = "";
      for (const buffer = new Uint8Array(256); !said.includes("+OK");) {
        const count = await peer.read(buffer) ?? assert.fail(said);
        said += new TextDecoder().decode(buffer.subarray(0, count));
      }
      assert.match(said, refusal);
    }
    assert.equal(await server.ask("DBSIZE"), ":2\r\n");
  });
});

Deno.test("Direct closes connections at the end of their request", async () => {
  await using server = await TestServer.start();
  const at = (path: string, body: unknown) => ask(dial, server.url, path, body);
  assert.deepEqual(await at("/", ["RPUSH", "q", "a"]), [200, { result: 1 }]);
  assert.deepEqual(await at("/", ["BLPOP", "q", "1"]), [200, {
    result: ["q", "a"],
  }]);
  assert.deepEqual(await at("/multi-exec", [["INCR", "n"], ["LPOP", "n"]]), [
    200,
    [{ result: 1 }, {
      error:
        "WRONGTYPE Operation against a key holding the wrong kind of value",
    }],
  ]);
  const many = Array.from({ length: 50 }, (_, i) => at("/", ["ECHO", `${i}`]));
  assert.deepEqual(
    (await Promise.all(many)).map(([, body]) => body),
    many.map((_, i) => ({ result: `${i}` })),
  );
  const clients = await server.ask("CLIENT", "LIST");
  assert.equal(clients.match(/^id=/gm)?.length, 1);
});

Deno.test("Direct reports that Redis accepts no more connections", async () => {
  const full = "-ERR max number of clients reached\r\n";
  for (const url of ["redis://localhost", URL]) {
    const peer = new ScriptedPeer().push(full).hangUp();
    const [status, body] = await ask(peer.dial, url, "/", ["GET", "k"]);
    assert.ok(status === 502 || status === 503, JSON.stringify(body));
    assert.match(JSON.stringify(body), /max number of clients/);
  }
});
