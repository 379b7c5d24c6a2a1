/**
 * Errors lead to their cause: printed errors show the command's name, and with
 * `callSites` the line of the call.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import {
  callSite,
  placeAt,
  recordSite,
  rejectAt,
} from "../../lib/client/call_site.ts";
import type { ClientOptions } from "../../lib/client/options.ts";
import { withPrefix } from "../../lib/client/prefix.ts";
import type { Redis } from "../../lib/client/redis.ts";
import {
  connectCluster,
  connectReplicas,
  connectSentinel,
} from "../../lib/cluster/connect.ts";
import {
  AuthenticationError,
  ConnectionError,
  ProtocolError,
  quote,
  ReplyError,
} from "../../lib/errors.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { freePort, TestServer } from "../support/test_server.ts";
import { errorOf, runProgram, until } from "./support.ts";

const SECRET = "s3cret";
const own = import.meta.url;
const lines = (await Deno.readTextFile(new URL(own))).split("\n");

/** The source line of the first stack frame, if it is in this file. */
function lineOf(error: Error): string {
  const frame = error.stack!.split("\n").find((line) => /^ +at /.test(line))!;
  const [, file, line] = /\(?([a-z]+:\/\/[^)]*?):(\d+):\d+\)?$/.exec(frame) ??
    [];
  return file === own ? lines[Number(line) - 1]! : frame;
}

interface Setting {
  readonly server: TestServer;
  readonly redis: Redis;
  /** Another client with call sites. */
  readonly connect: (options: ClientOptions) => Promise<Redis>;
}

/** Each ends with an error of the class before the colon, whose stack begins at its line. */
const CASES: Record<string, (setting: Setting) => Promise<unknown>> = {
  "ReplyError: a command": ({ redis }) => redis.lpush("text", SECRET), // ReplyError: a command
  "ReplyError: send": ({ redis }) => redis.send(["LPUSH", "text", SECRET]), // ReplyError: send
  "ReplyError: bytes": ({ redis }) => redis.bytes.lpush("text", SECRET), // ReplyError: bytes
  "ReplyError: of a module": ({ redis }) => redis.json.get("text"), // ReplyError: of a module
  "ReplyError: a blocking command": ({ redis }) => redis.blpop("text", 1), // ReplyError: a blocking command
  "ReplyError: a script": async ({ redis }) => {
    const script = redis.script("return redis.call('lpush', KEYS[1], 1)");
    await script.run(["text"], []); // ReplyError: a script
  },
  "ReplyError: with a prefix": ({ redis }) =>
    withPrefix(redis, "te").lpush("xt", 1), // ReplyError: with a prefix
  "ReplyError: on a lease": async ({ redis }) => {
    using lease = await redis.lease();
    await lease.lpush("text", 1); // ReplyError: on a lease
  },
  "ReplyError: in place of a result": async ({ redis }) => {
    const pipe = redis.pipeline({ raiseOnError: false });
    pipe.get("text");
    pipe.lpush("text", SECRET); // ReplyError: in place of a result
    throw (await pipe.execute())[1];
  },
  "ReplyError: a promise of a batch": async ({ redis }) => {
    const pipe = redis.pipeline({ raiseOnError: false });
    const pushed = pipe.lpush("text", 1); // ReplyError: a promise of a batch
    await pipe.execute();
    await pushed;
  },
  "ReplyError: subscribe": async ({ server, connect }) => {
    await server.ask("ACL", "SETUSER", "deaf", "on", "nopass", "+@all");
    await using redis = await connect({ username: "deaf", password: "" });
    await redis.subscribe("news"); // ReplyError: subscribe
  },
  "BatchError: a pipeline": ({ redis }) =>
    redis.pipeline((p) => [
      p.get("text"),
      p.lpush("text", SECRET), // BatchError: a pipeline
    ], { transaction: false }),
  "BatchError: a transaction": ({ redis }) =>
    redis.transaction((t) => [
      t.get("text"),
      t.lpush("text", SECRET), // BatchError: a transaction
    ]),
  "BatchError: refused by MULTI": ({ redis }) =>
    redis.transaction((t) => [
      t.get("text"),
      t.send(["NOSUCH"]), // BatchError: refused by MULTI
    ]),
  "UnexpectedReplyError: a number": ({ redis }) => redis.incrby("big", 1), // UnexpectedReplyError: a number
  "TimeoutError: a command": ({ redis }) =>
    redis.with({ timeout: 20 }).blpop("none", 0), // TimeoutError: a command
  "PoolTimeoutError: a lease": async ({ connect }) => {
    await using redis = await connect({ poolSize: 1, poolTimeout: 20 });
    using _held = await redis.lease();
    await redis.lease(); // PoolTimeoutError: a lease
  },
  "PoolTimeoutError: a blocking command": async ({ connect }) => {
    await using redis = await connect({ poolSize: 1, poolTimeout: 20 });
    using _held = await redis.lease();
    await redis.blpop("none", 1); // PoolTimeoutError: a blocking command
  },
  "QueueFullError: a command": async ({ connect }) => {
    await using redis = await connect({ queueSize: 1 });
    const first = redis.get("text");
    try {
      await redis.get("text"); // QueueFullError: a command
    } finally {
      await first;
    }
  },
  "ClosedError: a command": async ({ connect }) => {
    const redis = await connect({});
    await redis.close();
    await redis.get("text"); // ClosedError: a command
  },
  "ConnectionError: a command": async ({ redis, server }) => {
    const popped = redis.blpop("none", 0); // ConnectionError: a command
    popped.catch(() => {});
    await until(async () =>
      /cmd=blpop/.test(await server.ask("CLIENT", "LIST"))
    );
    await server.ask("CLIENT", "KILL", "TYPE", "normal");
    await popped;
  },
  "ConnectionError: a pipeline": async ({ redis, server }) => {
    const pipe = redis.pipeline({ transaction: false });
    pipe.blpop("none", 0);
    const done = pipe.execute(); // ConnectionError: a pipeline
    done.catch(() => {});
    await until(async () =>
      /cmd=blpop/.test(await server.ask("CLIENT", "LIST"))
    );
    await server.ask("CLIENT", "KILL", "TYPE", "normal");
    await done;
  },
  "ProtocolError: a command": async () => {
    const peer = new ScriptedPeer().expectAny().reply("HTTP/1.1\r\n");
    const options = { dial: peer.dial, protocol: 2, info: false } as const;
    await using redis = await connect({ ...options, callSites: true });
    await redis.get("text"); // ProtocolError: a command
  },
  "WatchError: watch": ({ redis }) =>
    redis.watch("text", async (tx) => { // WatchError: watch
      await redis.set("text", "another");
      return await tx.commit((t) => [t.get("text")]);
    }, { attempts: 1 }),
  "WatchError: commit": async ({ redis }) => {
    let conflict: unknown;
    await redis.watch("text", async (tx) => {
      await redis.set("text", "another");
      try {
        await tx.commit((t) => [t.get("text")]); // WatchError: commit
      } catch (error) {
        conflict ??= error;
      }
    }, { attempts: 1 });
    throw conflict;
  },
  "LockError: lock": async ({ redis }) => {
    await using _lock = await redis.lock("lock", { ttl: 10_000 });
    await redis.lock("lock", { ttl: 10_000, wait: 0 }); // LockError: lock
  },
  "SlowReaderError: a subscription": async ({ redis, server }) => {
    const full = { overflow: "error", highWaterMark: 1 } as const;
    const news = await redis.subscribe("news", full); // SlowReaderError: a subscription
    for (let i = 0; i < 3; i++) await redis.publish("news", `${i}`);
    await until(async () =>
      /\b0\s*$/.test(await server.ask("PUBSUB", "NUMSUB", "news"))
    );
    for await (const _ of news);
  },
};

Deno.test("with callSites, the stack of every class of error begins at the line of the call", async (t) => {
  await using server = await TestServer.start();
  const open = (options: ClientOptions) =>
    connect(server.url, { callSites: true, ...options });
  await using redis = await open({});
  for (const [name, run] of Object.entries(CASES)) {
    await t.step(name, async () => {
      await server.ask("SET", "text", "text");
      await server.ask("SET", "big", "9007199254740993");
      const error = await errorOf(run({ server, redis, connect: open }));
      assert.equal(error.name, name.split(":")[0]);
      assert(lineOf(error).endsWith(`// ${name}`), error.stack);
      assert.doesNotMatch(Deno.inspect(error), /s3cret/);
    });
  }
});

Deno.test("every function that connects rejects with the caller's line in its stack", async (t) => {
  const url = `redis://127.0.0.1:${freePort()}`;
  await using server = await TestServer.start();
  const nobody = { username: "nobody", password: SECRET };
  const away: Record<string, () => Promise<unknown>> = {
    connect: () => connect(url), // connect
    connectReplicas: () => connectReplicas(url, []), // connectReplicas
    connectSentinel: () => connectSentinel(url), // connectSentinel
    connectCluster: () => connectCluster(url), // connectCluster
    credentials: () => connect(server.url, nobody), // credentials
    "no cluster": () => connectCluster(server.url), // no cluster
  };
  const tls = { cert: "without a key" };
  for (const [name, run] of Object.entries(away)) {
    await t.step(name, async () => {
      const error = await errorOf(run());
      assert(lineOf(error).endsWith(`// ${name}`), error.stack);
      assert.doesNotMatch(Deno.inspect(error), /s3cret/);
    });
  }
  // An error of the dial itself is not the library's: the caller is added after it.
  const error = await errorOf(connect(url, { tls }));
  assert(error instanceof TypeError);
  assert.match(error.stack!, /call_sites_test\.ts:\d+:\d+\)?$/m);
});

Deno.test("with several servers, errors name the line of the call too", async () => {
  await using server = await TestServer.start();
  await server.ask("SET", "text", "text");
  await using redis = await connectReplicas(server.url, [server.url], {
    callSites: true,
  });
  const written = await errorOf(redis.lpush("text", 1)); // the primary
  assert(lineOf(written).endsWith("// the primary"), written.stack);
  const read = await errorOf(redis.llen("text")); // a replica
  assert(lineOf(read).endsWith("// a replica"), read.stack);
});

Deno.test("an error that rejects several commands names the line of each, and keeps its class", async () => {
  for (
    const shared of [
      new ConnectionError("lost", { cause: "the cable", maybeExecuted: true }),
      new ProtocolError("no reply", { bytes: new Uint8Array(3) }),
      new AuthenticationError("WRONGPASS no"),
    ]
  ) {
    const before = shared.stack;
    const failed = Promise.reject(shared);
    const one = await errorOf(rejectAt(callSite(), failed)); // one
    const two = await errorOf(rejectAt(callSite(), failed)); // two
    assert(lineOf(one).endsWith("// one"), one.stack);
    assert(lineOf(two).endsWith("// two"), two.stack);
    assert.equal(shared.stack, before);
    assert.deepEqual({ ...one }, { ...shared });
    assert.equal(one.constructor, shared.constructor);
    assert.equal(one.message, shared.message);
    assert.equal(one.cause, shared.cause);
  }
});

Deno.test("errors that are not this library's keep their stack", () => {
  const mine = new Error("mine");
  const { stack } = mine;
  assert.equal(placeAt(mine, callSite()), mine);
  assert.equal(mine.stack, stack);
  assert.equal(placeAt("no error", callSite()), "no error");
});

Deno.test("without callSites nothing is captured", async () => {
  const promise = Promise.resolve();
  assert.equal(recordSite({}, promise), promise);
  assert.equal(recordSite({ callSites: false }, promise), promise);
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { callSites: true });
  await server.ask("SET", "text", "text");
  const error = await errorOf(
    redis.with({ callSites: false }).lpush("text", 1),
  );
  assert.doesNotMatch(error.stack!, /call_sites_test/);
  const pipe = redis.with({ callSites: false }).pipeline();
  pipe.lpush("text", 1);
  const { cause } = await errorOf(pipe.execute());
  assert.doesNotMatch((cause as Error).stack!, /call_sites_test/);
});

// -- Printed errors --

const PROGRAM = `import { connect } from "@sorrel/redis";
const redis = await connect(Deno.args[0]);
await redis.set("text", "text");
redis.unref();
const failing = redis.lpush("text", "s3cret");
if (Deno.args[1] === "caught") await failing.catch(console.error);
else await failing;`;

Deno.test("an uncaught error, and console.error, show the command's name and no argument", async () => {
  await using server = await TestServer.start();
  for (const how of ["uncaught", "caught"]) {
    const { stderr } = await runProgram(PROGRAM, [server.url, how]);
    assert.match(
      stderr,
      /ReplyError: WRONGTYPE Operation against a key holding the wrong kind of value \(LPUSH\)\n/,
    );
    assert.doesNotMatch(stderr, /s3cret/);
    // The program is a data: URL, whose frames must not be shown.
    assert.doesNotMatch(stderr, / at data:/);
  }
});

Deno.test("REDIS_CALL_SITES=1 records call sites, if it may be read", async () => {
  await using server = await TestServer.start();
  const run = async (value: string, may: string[]) => {
    const env = { REDIS_CALL_SITES: value };
    const { stderr } = await runProgram(PROGRAM, [server.url], { env, may });
    assert.match(stderr, /WRONGTYPE/);
    return / at data:\S+:5:23/.test(stderr);
  };
  assert.equal(await run("1", ["REDIS_CALL_SITES"]), true);
  assert.equal(await run("0", ["REDIS_CALL_SITES"]), false);
  assert.equal(await run("1", []), false);
});

Deno.test("ReplyError keeps the server's text, its code and the command", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await server.ask("SET", "text", "text");
  const error = await errorOf(redis.lpush("text", SECRET));
  assert(error instanceof ReplyError);
  assert.equal(error.message, `${error.reply} (LPUSH)`);
  assert.match(error.reply, /^WRONGTYPE .* value$/);
  assert.equal(error.code, "WRONGTYPE");
  assert.equal(error.command, "LPUSH");
  // A whole command line passed as one word.
  const misuse = await errorOf(redis.send([`LPUSH\ttext ${SECRET}`]));
  assert(misuse instanceof ReplyError);
  assert.equal(misuse.command, "LPUSH");
  assert.equal(new ReplyError("ERR no").reply, "ERR no");
});

Deno.test("BatchError shows the index and the name of the command, also of a name in bytes", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await server.ask("SET", "text", "text");
  const lpush = new TextEncoder().encode("LPUSH");
  const error = await errorOf(
    redis.pipeline((p) => [p.get("text"), p.send([lpush, "text", SECRET])]),
  );
  assert.match(
    Deno.inspect(error),
    /^BatchError: Command # 2 \(LPUSH\) of the batch failed: WRONGTYPE .* value\n/,
  );
  assert.match(Deno.inspect(error), /index: 1,/);
  assert.doesNotMatch(Deno.inspect(error), /s3cret/);
});

Deno.test("messages about misuse say which kind of value it is", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  for (
    const [value, text] of [
      [{ a: 1n }, 'a plain object {"a":"1n"}'],
      [Object.create(null), "a plain object {}"],
      [[1, "x"], 'an Array [1,"x"]'],
      [cyclic, "an Array"],
      [new Date(0), "a Date"],
      [new Map([[1, 2]]), "a Map of 1"],
      [new Set(), "a Set of 0"],
      [Promise.resolve(), "a Promise"],
      [new URL("redis://h"), "a URL"],
      [new ArrayBuffer(1), "an ArrayBuffer"],
      [new Uint8Array(2), "2 bytes"],
      [() => 1, "a function"],
      [Symbol("x"), "a symbol"],
      [null, "null"],
      [undefined, "undefined"],
      [1n, "1n"],
      ["x", '"x"'],
    ] as [unknown, string][]
  ) assert.equal(quote(value), text);
});

Deno.test("calls with a value of the wrong kind name the kind", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const wrong = new Date(0) as never;
  for (
    const call of [
      async () => await redis.lock("k", { ttl: {} as never }),
      async () => await redis.watch("k", async () => {}, { attempts: wrong }),
      async () => await redis.subscribe(wrong),
      async () => await redis.set("k", wrong),
      async () => await redis.send(wrong),
    ]
  ) {
    const { message } = await errorOf(call());
    assert.match(message, /a Date|a plain object/);
  }
});
