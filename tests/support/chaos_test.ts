import assert from "node:assert/strict";
import { errorOf, sleep, until } from "../connection/support.ts";
import { Chaos } from "./chaos.ts";

/** An echo server, and a client that reaches it through a proxy. */
interface Setting extends AsyncDisposable {
  readonly chaos: Chaos;
  readonly client: Deno.TcpConn;
  /** Chunks as they arrived at the server. */
  readonly arrived: string[];
  /** How the server's last connection ended: an end, or an error. */
  ended: unknown;
}

async function setUp(): Promise<Setting> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const chaos = Chaos.before(listener.addr);
  const client = await Deno.connect(chaos);
  const setting: Setting = {
    chaos,
    client,
    arrived: [],
    ended: undefined,
    async [Symbol.asyncDispose]() {
      await chaos[Symbol.asyncDispose]();
      listener.close();
      client.close();
      await serving;
    },
  };
  const serving = (async () => {
    const conversations: Promise<void>[] = [];
    for await (const socket of listener) {
      conversations.push(sayBack(socket, setting));
    }
    await Promise.all(conversations);
  })();
  return setting;
}

async function sayBack(socket: Deno.TcpConn, setting: Setting): Promise<void> {
  using _open = socket;
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let count; (count = await socket.read(buffer)) !== null;) {
      const bytes = buffer.slice(0, count);
      setting.arrived.push(new TextDecoder("latin1").decode(bytes));
      await socket.write(bytes);
    }
    setting.ended = "an end";
  } catch (error) {
    setting.ended = error;
  }
}

async function say(socket: Deno.TcpConn, text: string): Promise<void> {
  await socket.write(new TextEncoder().encode(text));
}

/** Reads `length` characters, or fewer at the end. */
async function hear(socket: Deno.TcpConn, length: number): Promise<string> {
  const buffer = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const count = await socket.read(buffer.subarray(at));
    if (count === null) break;
    at += count;
  }
  return new TextDecoder("latin1").decode(buffer.subarray(0, at));
}

Deno.test("Chaos passes everything on, in both directions", async () => {
  await using setting = await setUp();
  const { client } = setting;
  const long = "0123456789".repeat(50_000);
  const writing = say(client, long);
  assert.equal(await hear(client, long.length), long);
  await writing;
  assert.equal(setting.chaos.open, 1);
  assert.equal(setting.chaos.accepted, 1);
});

Deno.test("Chaos passes the end of one direction on, and then of the other", async () => {
  await using setting = await setUp();
  const { client } = setting;
  await say(client, "hello");
  await client.closeWrite();
  assert.equal(await hear(client, 6), "hello");
  assert.equal(setting.ended, "an end");
  await until(() => setting.chaos.open === 0);
});

Deno.test("Chaos delays one direction, or the other", async () => {
  await using setting = await setUp();
  const { client, chaos, arrived } = setting;
  for (const late of [chaos.toServer, chaos.toClient]) {
    late.delay = 60;
    arrived.length = 0;
    const before = performance.now();
    await say(client, "a");
    if (late === chaos.toClient) await until(() => arrived.length === 1);
    assert.equal(await hear(client, 1), "a");
    assert(performance.now() - before >= 59);
    late.heal();
  }
});

Deno.test("Chaos splits written bytes into chunks", async () => {
  await using setting = await setUp();
  const { client, chaos, arrived } = setting;
  chaos.toServer.split = 3;
  await say(client, "0123456789");
  assert.equal(await hear(client, 10), "0123456789");
  assert(arrived.length > 1, `came as ${arrived}`);
});

Deno.test("Chaos joins the bytes of a time span into one chunk", async () => {
  await using setting = await setUp();
  const { client, chaos, arrived } = setting;
  chaos.toServer.coalesce = 1_000;
  for (const letter of "abc") {
    await say(client, letter);
    await sleep(5);
  }
  assert.equal(await hear(client, 3), "abc");
  assert.deepEqual(arrived, ["abc"]);
});

Deno.test("Chaos drops every connection, and takes new ones", async () => {
  await using setting = await setUp();
  const { client, chaos } = setting;
  await say(client, "a");
  await hear(client, 1);
  chaos.drop();
  assert.equal(await hear(client, 1).catch(() => "reset"), "");
  await until(() => setting.ended !== undefined && chaos.open === 0);
  using other = await Deno.connect(chaos);
  await say(other, "b");
  assert.equal(await hear(other, 1), "b");
});

Deno.test("Chaos resets a connection that is dropped while bytes are on the way", async () => {
  await using setting = await setUp();
  const { client, chaos } = setting;
  await say(client, "a");
  await hear(client, 1);
  chaos.drop();
  await say(client, "into the void");
  await sleep(20);
  const error = await errorOf(say(client, "again"));
  assert(
    error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe,
    String(error),
  );
});

Deno.test("Chaos closes one direction only", async () => {
  await using setting = await setUp();
  const { client, chaos, arrived } = setting;
  await say(client, "a");
  await hear(client, 1);
  chaos.halfClose("toClient");
  assert.equal(await hear(client, 1), "");
  await say(client, "still heard");
  await until(() => arrived.includes("still heard"));
});

Deno.test("Chaos holds bytes back in a blackhole, and delivers them afterwards", async () => {
  await using setting = await setUp();
  const { client, chaos, arrived } = setting;
  chaos.blackhole();
  await say(client, "a");
  using other = await Deno.connect(chaos);
  await say(other, "b");
  await sleep(40);
  assert.deepEqual(arrived, []);
  chaos.heal();
  assert.deepEqual(await Promise.all([hear(client, 1), hear(other, 1)]), [
    "a",
    "b",
  ]);
});

Deno.test("Chaos strands the open connections, not new ones", async () => {
  await using setting = await setUp();
  const { client, chaos, arrived } = setting;
  await say(client, "a");
  await hear(client, 1);
  chaos.strand();
  await say(client, "into the void");
  using other = await Deno.connect(chaos);
  await say(other, "b");
  assert.equal(await hear(other, 1), "b");
  chaos.heal();
  await sleep(20);
  assert.deepEqual(arrived, ["a", "b"]);
  assert.equal(chaos.open, 2);
});

Deno.test("Chaos refuses, then listens again on the same port", async () => {
  await using setting = await setUp();
  const { client, chaos } = setting;
  await chaos.refuse();
  const error = await errorOf(Deno.connect(chaos));
  assert(error instanceof Deno.errors.ConnectionRefused, String(error));
  await say(client, "a");
  assert.equal(await hear(client, 1), "a");
  chaos.heal();
  using other = await Deno.connect(chaos);
  await say(other, "b");
  assert.equal(await hear(other, 1), "b");
});

Deno.test("Chaos truncates: closes the connection after a number of bytes", async () => {
  await using setting = await setUp();
  const { client, chaos } = setting;
  chaos.toClient.truncate = 5;
  await say(client, "0123");
  assert.equal(await hear(client, 4), "0123");
  await say(client, "456789");
  assert.equal(await hear(client, 6).catch(() => "reset"), "4");
  using other = await Deno.connect(chaos);
  await say(other, "0123456789");
  assert.equal(await hear(other, 10), "0123456789");
});

Deno.test("Chaos corrupts one byte", async () => {
  await using setting = await setUp();
  const { client, chaos } = setting;
  chaos.toClient.corrupt = 3;
  await say(client, "ab");
  assert.equal(await hear(client, 2), "ab");
  await say(client, "abc");
  assert.equal(await hear(client, 3), "a\xe2c");
  await say(client, "abcdef");
  assert.equal(await hear(client, 6), "abcdef");
  assert.equal(chaos.toClient.corrupted, 1);
  assert.equal(chaos.toServer.corrupted, 0);
});

Deno.test("Chaos closes connections when it cannot reach the server", async () => {
  await using chaos = Chaos.before({ hostname: "127.0.0.1", port: 1 });
  using client = await Deno.connect(chaos);
  assert.equal(await hear(client, 1), "");
  assert.equal(chaos.open, 0);
});

Deno.test("Chaos leaves nothing open, even in the middle of transfers", async () => {
  await using setting = await setUp();
  const { client, chaos } = setting;
  chaos.toServer.delay = 60_000;
  await say(client, "late");
  chaos.toClient.blackhole = true;
  await sleep(10);
});
