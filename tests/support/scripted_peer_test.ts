import assert from "node:assert/strict";
import type { Transport } from "../../lib/net/transport.ts";
import { byteByByte, cutInTwo, inChunks } from "./chunks.ts";
import { ScriptedPeer } from "./scripted_peer.ts";

const ADDRESS = { hostname: "redis.test", port: 6379 };
const GET = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
const encoder = new TextEncoder();

function open(peer: ScriptedPeer): Promise<Transport> {
  return peer.dial(ADDRESS, new AbortController().signal);
}

async function read(transport: Transport, size = 64): Promise<string | null> {
  const into = new Uint8Array(size);
  const count = await transport.read(into);
  if (count === null) return null;
  return new TextDecoder().decode(into.subarray(0, count));
}

async function write(transport: Transport, ...texts: string[]): Promise<void> {
  await transport.write(texts.map((text) => encoder.encode(text)));
}

Deno.test("ScriptedPeer replies to an expected command", async () => {
  const peer = new ScriptedPeer()
    .expect("GET", "k").reply("$1\r\n").reply("v\r\n")
    .expectAny().reply("+OK\r\n").hangUp();
  using transport = await open(peer);

  const waiting = read(transport);
  await write(transport, GET.slice(0, 7), GET.slice(7));
  assert.equal(await waiting, "$1\r\n");
  assert.equal(await read(transport, 1), "v");
  assert.equal(await read(transport), "\r\n");
  await assert.rejects(peer.done(), /Still awaited: any command/);

  await write(transport, GET);
  assert.equal(await read(transport), "+OK\r\n");
  assert.equal(await read(transport), null);
  assert.equal(await read(transport), null);
  await assert.rejects(write(transport, GET), Deno.errors.BrokenPipe);

  await peer.done();
  assert.deepEqual(peer.received, [["GET", "k"], ["GET", "k"]]);
  assert.deepEqual(peer.writes, [encoder.encode(GET), encoder.encode(GET)]);
  assert.deepEqual(peer.dialled, [ADDRESS]);
});

Deno.test("ScriptedPeer accepts requests split anywhere", async () => {
  for (const cut of [...cutInTwo(encoder.encode(GET + GET))]) {
    const peer = new ScriptedPeer().expect("GET", "k").expect("GET", "k");
    using transport = await open(peer);
    for (const chunk of cut) await transport.write([chunk]);
    await peer.done();
  }
});

Deno.test("ScriptedPeer throws on an unexpected command", async () => {
  const peer = new ScriptedPeer().expect("GET", "other").reply("+OK\r\n");
  using transport = await open(peer);

  const waiting = read(transport);
  await write(transport, GET);

  const message = /\["GET","k"\] came for \["GET","other"\]/;
  await assert.rejects(waiting, message);
  await assert.rejects(read(transport), message);
  await assert.rejects(peer.done(), message);
});

Deno.test("ScriptedPeer throws on a command after the script's end", async () => {
  const peer = new ScriptedPeer();
  using transport = await open(peer);
  await write(transport, GET);
  await assert.rejects(read(transport), /came after the script's end/);
  await assert.rejects(open(peer), /Unexpected dial number 2/);
});

Deno.test("ScriptedPeer throws on bytes that are not a request", async () => {
  const peer = new ScriptedPeer().expectAny();
  using transport = await open(peer);
  await write(transport, "PING\r\n");
  await assert.rejects(peer.done(), /"PING\\r\\n" came where "\*" should be/);
});

Deno.test("ScriptedPeer.push() needs no command, silence() accepts all", async () => {
  const peer = new ScriptedPeer().push("+hi\r\n").silence();
  using transport = await open(peer);
  assert.equal(await read(transport), "+hi\r\n");

  const waiting = read(transport);
  await write(transport, GET);
  assert.deepEqual(peer.received, [["GET", "k"]]);
  await peer.done();

  transport[Symbol.dispose]();
  await assert.rejects(waiting, Deno.errors.BadResource);
  assert.equal(peer.open, 0);
});

Deno.test("ScriptedPeer.redial() gives each dial its own script", async () => {
  const peer = new ScriptedPeer().push("+one\r\n").hangUp()
    .redial().refuse()
    .redial().stall()
    .redial().push("+four\r\n");

  using first = await open(peer);
  assert.equal(await read(first), "+one\r\n");
  await assert.rejects(open(peer), Deno.errors.ConnectionRefused);
  await assert.rejects(peer.done(), /A dial is still awaited: stall/);

  const controller = new AbortController();
  const stalled = peer.dial(ADDRESS, controller.signal);
  controller.abort(new Error("too late"));
  await assert.rejects(stalled, /too late/);

  using fourth = await open(peer);
  assert.equal(await read(fourth), "+four\r\n");
  peer.sendNow("+now\r\n");
  assert.equal(await read(fourth), "+now\r\n");
  peer.hangUpNow();
  assert.equal(await read(fourth), null);
  await peer.done();
});

Deno.test("inChunks() and byteByByte() keep every byte", () => {
  const bytes = new Uint8Array([1, 2, 3, 4, 5]);
  assert.deepEqual(inChunks(bytes, 2).map((c) => [...c]), [[1, 2], [3, 4], [
    5,
  ]]);
  assert.deepEqual(byteByByte(bytes).map((c) => [...c]), [[1], [2], [3], [4], [
    5,
  ]]);
});
