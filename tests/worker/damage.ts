/**
 * Damaged bytes for the gateway's own HTTP server. The client then sends no more: every
 * connection must end at once, not only at a deadline.
 *
 * @module
 */

import assert from "node:assert/strict";
import { start, TOKEN } from "./own_server.ts";
import {
  frameOf,
  handshakeText,
  RawClient,
  requestText,
} from "./raw_client.ts";
import { Random } from "./random.ts";

/** The number of concurrent connections. */
const AT_A_TIME = 8;
const HOUR_MS = 3_600_000;
const ENDS_WITHIN_MS = 30_000;

const binaryOf = (text: string) =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const frame = (first: number, text: string) =>
  String.fromCharCode(...frameOf(first, binaryOf(text)));
const post = (path: string, headers: string, body: string) =>
  requestText(`POST ${path}`, { token: TOKEN, headers, body });

const PING = requestText("GET /ping", { token: TOKEN });
const WHOLE: readonly string[] = [
  requestText("GET /get/k", { token: TOKEN }) + PING,
  post("/echo", "content-length: 5\r\n", "hello") + PING,
  post(
    "/echo",
    "transfer-encoding: chunked\r\n",
    "3\r\nabc\r\n2;x=1\r\nde\r\n0\r\nt: v\r\n\r\n",
  ) + PING,
  post("/", "expect: 100-continue\r\ncontent-length: 12\r\n", '["echo","a"]'),
  post("/pipeline", "content-length: 22\r\n", '[["ping"],["get","k"]]'),
  requestText("HEAD /raw/get/k", { token: TOKEN }) + requestText("OPTIONS *"),
  handshakeText(TOKEN) + frame(0x81, '{"id":1,"command":["PING"]}') +
  frame(0x01, '{"id":2,') + frame(0x89, "x") +
  frame(0x80, '"command":["PING"]}') + frame(0x88, "\x03\xe8bye"),
];

const PIECES: readonly string[] = [
  ...["\r\n", "\r", "\n", "\0", " ", "\t", ":", ",", ";", "\xff"],
  ...["HTTP/1.0", "HTTP/1.1", "0\r\n\r\n", "ffffffff\r\n", "chunked"],
  ...["transfer-encoding: chunked\r\n", "content-length: 3\r\n"],
  ...["connection: close\r\n", "expect: 100-continue\r\n"],
];

/** Sends damaged requests; resolves to the number of each status. */
export async function damage(
  count: number,
  seed: number,
): Promise<Map<number, number>> {
  await using fixture = await start({
    headTimeout: HOUR_MS,
    bodyTimeout: HOUR_MS,
    idleTimeout: HOUR_MS,
  });
  const random = new Random(seed);
  const statuses = new Map<number, number>();
  let left = count;
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    while (left-- > 0) {
      const text = damaged(WHOLE[random.below(WHOLE.length)]!, random);
      const answer = await answerTo(text, fixture.url, random);
      for (const [, status] of answer.matchAll(/HTTP\/1\.1 (\d+) /g)) {
        statuses.set(Number(status), (statuses.get(Number(status)) ?? 0) + 1);
        assert.notEqual(status, "500", JSON.stringify(text));
      }
    }
  }));
  assert.equal(await fixture.caller.command("PING"), "PONG");
  return statuses;
}

/** The complete response to a text that is sent in two chunks. */
async function answerTo(
  text: string,
  url: string,
  random: Random,
): Promise<string> {
  using client = await RawClient.open(url);
  const bytes = binaryOf(text);
  const cut = random.below(bytes.length + 1);
  const sent = (async () => {
    await client.send(bytes.subarray(0, cut));
    await client.send(bytes.subarray(cut));
    await client.closeWrite();
  })().catch(() => {
    // The server has already closed the connection.
  });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`It stays open: ${JSON.stringify(text)}`)),
    ENDS_WITHIN_MS,
  );
  try {
    await sent;
    return await Promise.race([client.end(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function damaged(text: string, random: Random): string {
  for (let left = random.below(4); left >= 0; left--) {
    const at = random.below(text.length + 1);
    const [before, behind] = [text.slice(0, at), text.slice(at)];
    const from = random.below(text.length + 1);
    text = [
      () => before + behind.slice(1 + random.below(8)),
      () => before + PIECES[random.below(PIECES.length)]! + behind,
      () => before + String.fromCharCode(random.below(256)) + behind.slice(1),
      () => before + text.slice(from, from + random.below(60)) + behind,
      () => before,
    ][random.below(5)]!();
  }
  return text;
}
