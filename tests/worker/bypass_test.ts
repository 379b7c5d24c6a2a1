/**
 * Ways to write a forbidden command: the server compares names up to a NUL, and may read
 * names as options depending on their position.
 *
 * @module
 */

import assert from "node:assert/strict";
import { bearer, LocalGateway, TOKEN } from "./local.ts";

const GRANTS = JSON.stringify({
  app: { token: "app", keys: ["app:*"], channels: ["app:*"] },
  reader: {
    token: "reader",
    keys: ["app:*"],
    allow: ["@read", "xread", "object"],
  },
  patient: { token: "patient", limits: { waiting: 4 } },
  denied: {
    token: "denied",
    allow: ["client|kill", "client|id", "debug"],
    deny: ["client", "debug|sleep", "flushall"],
  },
});

async function secret(gateway: LocalGateway): Promise<void> {
  await gateway.post("/pipeline", [
    ["SET", "secret:1", "hidden"],
    ["RPUSH", "app:l", "1"],
    ["GEOADD", "app:g", "1", "1", "m"],
    ["XADD", "secret:s", "*", "f", "hidden"],
    ["XADD", "app:s", "*", "f", "v"],
  ]);
}

Deno.test("a command name with a NUL cannot bypass a grant", async () => {
  await using gateway = await LocalGateway.start({ GRANTS });
  await secret(gateway);
  const refused: [token: string, command: string[]][] = [
    ["app", ["SORT", "app:l", "BY", "x", "GET\0", "secret:*"]],
    ["app", ["SORT", "app:l", "STORE\0", "secret:1"]],
    ["app", ["SORT\0", "app:l", "STORE", "secret:1"]],
    [
      "app",
      ["GEORADIUS", "app:g", "1", "1", "9", "km", "STORE\0", "secret:g"],
    ],
    ["reader", ["XREAD", "STREAMS\0", "secret:s", "0"]],
    ["reader", ["OBJECT", "ENCODING\0x", "secret:1"]],
    ["reader", ["OBJECT", "NOPE", "secret:1"]],
    [TOKEN, ["CONFIG\0x", "GET", "requirepass"]],
    [TOKEN, ["CONFIG", "GET\0x", "requirepass"]],
    ["denied", ["FLUSHALL\0x"]],
    ["denied", ["CLIENT", "KILL", "ID", "99999"]],
    ["denied", ["DEBUG", "SLEEP", "0"]],
  ];
  for (const [token, command] of refused) {
    const [status, body] = await gateway.post("/", command, bearer(token));
    assert.equal(status, 400, JSON.stringify([command, body]));
    assert.doesNotMatch(JSON.stringify(body), /hidden/);
  }
  assert.deepEqual(await gateway.post("/", ["GET", "secret:1"]), [
    200,
    { result: "hidden" },
  ]);
});

Deno.test("a command name with a NUL cannot change a shared connection", async () => {
  await using gateway = await LocalGateway.start({ GRANTS });
  await gateway.post("/", ["SET", "app:who", "me"]);
  for (const words of [["CLIENT", "REPLY"], ["SELECT"], ["MULTI"]]) {
    const many = Array.from({ length: 600 }, (_, i) => {
      const last = `${words.at(-1)}\0${i}`;
      return [
        ...words.slice(0, -1),
        last,
        words[0] === "SELECT" ? "9" : "SKIP",
      ];
    });
    const [status, answers] = await gateway.post(
      "/pipeline",
      many,
      bearer("app"),
    );
    assert.equal(status, 200);
    for (const { error } of answers as { error: string }[]) {
      assert.match(error, /is not available over HTTP/);
    }
    const get = await gateway.post("/", ["GET", "app:who"], bearer("app"));
    assert.deepEqual(get, [200, { result: "me" }]);
  }
});

Deno.test("blocking commands are recognised in every spelling", async () => {
  await using gateway = await LocalGateway.start({ GRANTS });
  await secret(gateway);
  await gateway.post("/", ["XGROUP", "CREATE", "app:s", "STREAMS", "$"]);
  const waits = [
    ["XREAD", "BLOCK\0", "0", "STREAMS", "app:s", "$"],
    ["XREAD", "BLOCK", "1", "BLOCK", "0", "STREAMS", "app:s", "$"],
    "XREADGROUP GROUP STREAMS c BLOCK 0 STREAMS app:s >".split(" "),
    ["BLPOP", "app:none", "0x0p0"],
  ];
  for (const command of waits) {
    const [status, body] = await gateway.post("/", command, bearer("app"));
    assert.equal(status, 400, command.join(" "));
    assert.match((body as { error: string }).error, /must not wait for ever/);
  }
});

Deno.test("half of a surrogate pair is rejected, as it would be stored as another character", async () => {
  await using gateway = await LocalGateway.start({ GRANTS });
  const [status, body] = await gateway.post("/", ["SET", "app:k", "\ud800"]);
  assert.equal(status, 400);
  assert.match((body as { error: string }).error, /surrogate/);
});

Deno.test("blocking commands take no more connections than the grant allows", async () => {
  await using gateway = await LocalGateway.start({ GRANTS });
  const wait = () =>
    gateway.post("/", ["BLPOP", "app:none", "0.3"], bearer("patient"));
  const answers = await Promise.all(Array.from({ length: 6 }, wait));
  const statuses = answers.map(([status]) => status).sort();
  assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
  assert.equal((await wait())[0], 200);
});
