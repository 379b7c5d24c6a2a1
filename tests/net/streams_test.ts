import assert from "node:assert/strict";
import { Client } from "../../lib/client/client.ts";
import { type BytePair, fromStreams } from "../../lib/net/streams.ts";
import { sleep } from "../connection/support.ts";
import { TestServer } from "../support/test_server.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Two ends of one pipe in memory. */
function pipe(): [BytePair, BytePair] {
  const there = new TransformStream<Bytes, Bytes>();
  const back = new TransformStream<Bytes, Bytes>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

const bytes = (...values: number[]) => Uint8Array.from(values);

Deno.test("fromStreams() carries bytes both ways", async () => {
  const [here, there] = pipe();
  using one = fromStreams(here);
  using other = fromStreams(there);
  const into = new Uint8Array(3);

  const writing = one.write([bytes(1, 2), bytes(), bytes(3, 4, 5)]);
  assert.equal(await other.read(into), 3);
  assert.deepEqual(into, bytes(1, 2, 3));
  assert.equal(await other.read(into), 2);
  assert.deepEqual(into.subarray(0, 2), bytes(4, 5));
  await writing;

  const answering = other.write([bytes(6)]);
  assert.equal(await one.read(into), 1);
  assert.equal(into[0], 6);
  await answering;
});

Deno.test("fromStreams() copies written bytes", async () => {
  const held: Uint8Array[] = [];
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => void held.push(chunk),
  });
  using transport = fromStreams({ readable: new ReadableStream(), writable });
  const buffer = bytes(1, 2);
  await transport.write([buffer]);
  buffer.fill(9);
  assert.deepEqual(held, [bytes(1, 2)]);
});

Deno.test("fromStreams() resolves to null at the end, and rejects with the stream's error", async () => {
  const [here, there] = pipe();
  using transport = fromStreams(here);
  await there.writable.close();
  assert.equal(await transport.read(new Uint8Array(1)), null);

  const failure = new Error("reset");
  const readable = new ReadableStream<Bytes>({
    pull: (controller) => controller.error(failure),
  });
  const writable = new WritableStream<Uint8Array>({
    write: () => Promise.reject(failure),
  });
  using failing = fromStreams({ readable, writable });
  await assert.rejects(failing.read(new Uint8Array(1)), failure);
  await assert.rejects(failing.write([bytes(1)]), failure);
});

Deno.test("fromStreams() ends a pending read and write when it is disposed of", async () => {
  let closed = 0;
  const writable = new WritableStream<Uint8Array>({
    write: () => new Promise(() => {}),
  });
  const transport = fromStreams(
    { readable: new ReadableStream(), writable },
    { close: () => closed++ },
  );
  const reading = transport.read(new Uint8Array(1));
  const writing = transport.write([bytes(1)]);
  writing.catch(() => {});
  await sleep(1);
  transport[Symbol.dispose]();
  transport[Symbol.dispose]();
  assert.equal(await reading.catch(() => null), null);
  await assert.rejects(writing);
  assert.equal(closed, 1);
});

Deno.test("a client works over fromStreams() with Deno's own streams", async () => {
  await using server = await TestServer.start();
  const dial = async () => fromStreams(await Deno.connect(server));
  for (const protocol of [2, 3] as const) {
    await using client = new Client({ dial, protocol });
    assert.equal(await client.send(["SET", "k", "é".repeat(500_000)]), "OK");
    assert.equal(await client.send(["STRLEN", "k"]), 1_000_000);
    assert.equal(await client.send(["GET", "k"]), "é".repeat(500_000));
    await server.restart();
    assert.equal(await client.send(["GET", "k"]), null);
  }
});

Deno.test("a client works over fromStreams() with a pipe to a socket", async () => {
  await using server = await TestServer.start();
  await using client = new Client({
    dial: async () => {
      const socket = await Deno.connect(server);
      const [here, there] = pipe();
      there.readable.pipeTo(socket.writable).catch(() => {});
      socket.readable.pipeTo(there.writable).catch(() => {});
      return fromStreams(here);
    },
  });
  const answers = Array.from({ length: 500 }, () => client.send(["INCR", "n"]));
  assert.deepEqual(
    await Promise.all(answers),
    Array.from({ length: 500 }, (_, i) => i + 1),
  );
});
