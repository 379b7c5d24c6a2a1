/**
 * Attacks on the WebSockets of the gateway's own server, at the level of bytes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { eventually } from "./events.ts";
import { exchange, start, TOKEN } from "./own_server.ts";
import { frameOf, handshakeText, RawClient } from "./raw_client.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("a WebSocket's closing handshake has a valid code, and the client reads it", async () => {
  await using fixture = await start();
  const close = (...payload: number[]) =>
    frameOf(0x88, Uint8Array.from(payload));
  const closings: [frame: Uint8Array, code: number, why: string][] = [
    [close(), 1000, "no code"],
    [close(0x03, 0xe8), 1000, "1000"],
    [close(0x03, 0xe9, 0x68, 0x69), 1001, "1001 with a reason"],
    [close(0x0b, 0xb8), 3000, "3000"],
    [close(0x13, 0x87), 4999, "4999"],
    [close(0x03), 1002, "half a code"],
    [close(0, 0), 1002, "0"],
    [close(0x03, 0xe7), 1002, "999"],
    [close(0x03, 0xec), 1002, "1004"],
    [close(0x03, 0xed), 1002, "1005"],
    [close(0x03, 0xee), 1002, "1006"],
    [close(0x03, 0xf7), 1002, "1015"],
    [close(0x07, 0xd0), 1002, "2000"],
    [close(0x13, 0x88), 1002, "5000"],
    [close(0x03, 0xe8, 0xff), 1007, "a reason that is not UTF-8"],
    // The length 5 in the form for 65,536 and more.
    [
      Uint8Array.of(
        0x81,
        0xff,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        5,
        0,
        0,
        0,
        0,
        1,
        2,
        3,
        4,
        5,
      ),
      1002,
      "a length that is not in its shortest form",
    ],
    [
      Uint8Array.of(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0),
      1002,
      "a length with the highest bit",
    ],
  ];
  const { hostname, port } = new URL(fixture.url);
  const buffer = new Uint8Array(64 * 1024);
  for (const [frame, code, why] of closings) {
    using connection = await Deno.connect({ hostname, port: Number(port) });
    await connection.write(bytesOf(handshakeText(TOKEN)));
    await connection.read(buffer);
    await connection.write(frame);
    const count = await connection.read(buffer);
    assert.deepEqual(
      [...buffer.subarray(0, 4)],
      [0x88, count! - 2, code >> 8, code & 0xff],
      why,
    );
    // Bytes that it sends later do not reset the connection.
    await connection.write(new Uint8Array(1000));
    assert.equal(await connection.read(buffer), null, why);
  }
});

Deno.test("a handshake that a proxy may interpret differently is rejected", async () => {
  await using fixture = await start();
  const handshakes = [
    handshakeText(TOKEN).replace("HTTP/1.1", "HTTP/1.0"),
    // Ambiguous: frames, or a body?
    handshakeText(TOKEN).replace("host:", "content-length: 5\r\nhost:") +
    "hello",
  ];
  for (const handshake of handshakes) {
    using client = await RawClient.open(fixture.url);
    await client.send(handshake);
    assert.match(await client.until("}"), /^HTTP\/1\.1 400 /);
  }
});

Deno.test("a handshake of another version gets the supported version", async () => {
  await using fixture = await start();
  const answer = await exchange(
    fixture.url,
    handshakeText(TOKEN).replace("version: 13", "version: 8").replace(
      "upgrade: websocket\r\nconnection: Upgrade",
      "upgrade: websocket\r\nconnection: Upgrade, close",
    ),
  );
  assert.match(answer, /^HTTP\/1\.1 426 /);
  assert.match(answer, /\r\nsec-websocket-version: 13\r\n/);
});

Deno.test("a WebSocket whose client has left leaves no timer", async () => {
  await using fixture = await start();
  const client = await RawClient.open(fixture.url);
  await client.send(handshakeText(TOKEN));
  await client.until("\r\n\r\n");
  client[Symbol.dispose]();
  await eventually(async () => {
    const metrics = await fetch(`${fixture.url}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    return /^sorrel_grant_streams\{.*\} 0$/m.test(await metrics.text());
  });
});
