/**
 * Clients that try to stop a gateway, until this program is killed; `hostile.ts` runs it.
 * Arguments: the address of the gateway, and a token with few permissions.
 *
 * @module
 */

import { connect } from "node:net";
import { makeRequest } from "./fuzz.ts";
import { Random } from "./random.ts";
import {
  frameOf,
  handshakeText,
  RawClient,
  requestText,
} from "./raw_client.ts";

const [url = "", token = ""] = Deno.args;
const random = new Random(20261130);

/** The kinds of attack, and the concurrent connections of each. */
const ATTACKS: readonly [connections: number, attack: () => Promise<void>][] = [
  [900, idleConnection],
  [200, slowHead],
  [60, slowBody],
  [20, greedyAnswer],
  [20, frames],
  [10, streams],
  [10, wrongToken],
  [10, damagedRequest],
  [10, reset],
  [5, blanks],
];

await Promise.all(
  ATTACKS.flatMap(([connections, attack]) =>
    Array.from({ length: connections }, () => repeat(attack))
  ),
);

async function repeat(attack: () => Promise<void>): Promise<never> {
  for (;;) {
    await attack().catch(() => {});
    await pause(20 + random.below(200));
  }
}

/** Connects and sends nothing. */
async function idleConnection(): Promise<void> {
  using client = await RawClient.open(url);
  await client.end();
}

/** Sends a head byte by byte. */
async function slowHead(): Promise<void> {
  using client = await RawClient.open(url);
  const text = requestText("GET /ping", { token });
  for (const byte of text.slice(0, -1)) {
    await client.send(byte);
    await pause(1_000);
  }
}

/** Announces a body and sends half of it, or sends chunks forever. */
async function slowBody(): Promise<void> {
  using client = await RawClient.open(url);
  const shown = random.chance(0.5) ? token : "wrong";
  const chunked = random.chance(0.5);
  const headers = chunked
    ? "transfer-encoding: chunked\r\n"
    : "content-length: 1000000\r\n";
  await client.send(requestText("PUT /set/k", { token: shown, headers }));
  for (let i = 0; i < 10; i++) {
    const piece = "x".repeat(random.below(50_000) + 1);
    const size = piece.length.toString(16);
    await client.send(chunked ? `${size}\r\n${piece}\r\n` : piece);
    await pause(500);
  }
  await client.end();
}

/** Requests a lot of data and does not read it. */
async function greedyAnswer(): Promise<void> {
  using client = await RawClient.open(url);
  await client.send(requestText("GET /get/large", { token }));
  await client.read();
  await pause(random.below(40_000));
}

/** Sends damaged, huge and fragmented frames on a WebSocket. */
async function frames(): Promise<void> {
  using client = await RawClient.open(url);
  await client.send(handshakeText(token));
  await client.until("\r\n\r\n");
  const bytes = (length: number) =>
    Uint8Array.from({ length }, () => random.below(256));
  for (let i = random.below(20); i >= 0; i--) {
    await client.send(
      [
        () => frameOf(0x81, bytes(100), { announced: 60_000_000 }),
        () => frameOf(0x01, new Uint8Array(100_000)),
        () => frameOf(0x00, new Uint8Array(100_000)),
        () => frameOf(0x89, bytes(100)),
        () => frameOf(0x81, new TextEncoder().encode('{"command":["PING"]}')),
        () => frameOf(0x81, bytes(50), { masked: false }),
        () => bytes(200),
      ][random.below(7)]!(),
    );
    await pause(random.below(100));
  }
  await client.end();
}

/** Subscribes and does not read. */
async function streams(): Promise<void> {
  using client = await RawClient.open(url);
  await client.send(requestText("GET /subscribe/news", { token }));
  await client.read();
  await pause(random.below(60_000));
}

/** Guesses tokens. */
async function wrongToken(): Promise<void> {
  const response = await fetch(`${url}/get/a`, {
    headers: { authorization: `Bearer guess-${random.below(1e9)}` },
  });
  await response.body?.cancel();
}

/** One random request of the fuzz. */
async function damagedRequest(): Promise<void> {
  const { path, init } = makeRequest(random, ["GET", "SET", "EVAL"]);
  const headers = new Headers(init.headers);
  if (random.chance(0.5)) headers.set("authorization", `Bearer ${token}`);
  const response = await fetch(url + path, {
    ...init,
    headers,
    signal: AbortSignal.timeout(5_000),
  });
  await response.body?.cancel();
}

/** Connects and resets the connection at once. */
async function reset(): Promise<void> {
  const { hostname, port } = new URL(url);
  const closed = Promise.withResolvers<void>();
  const socket = connect(
    Number(port),
    hostname,
    () => socket.resetAndDestroy(),
  );
  socket.on("error", () => {});
  socket.on("close", () => closed.resolve());
  await closed.promise;
}

/** Sends heads that would take long to read without protection. */
async function blanks(): Promise<void> {
  using client = await RawClient.open(url);
  const headers = `x:${" ".repeat(random.below(32_000))}\0\r\n`;
  await client.send(requestText("GET /ping", { headers }));
  await client.end();
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
