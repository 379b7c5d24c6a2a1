import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { ProtocolError } from "../../lib/errors.ts";
import { binaryToBytes } from "../../lib/resp/binary.ts";
import {
  RequestDecoder,
  splitLine,
  UNAUTHENTICATED,
} from "../../lib/resp/request_decoder.ts";
import { Random, randomChunks } from "./random.ts";

/** All commands in `text`, fed at once. */
function decode(text: string, decoder = new RequestDecoder()): string[][] {
  decoder.feed(binaryToBytes(text));
  return drain(decoder);
}

function drain(decoder: RequestDecoder): string[][] {
  const commands: string[][] = [];
  for (;;) {
    const args = decoder.next();
    if (args === null) return commands;
    commands.push(args);
  }
}

function request(args: readonly string[]): string {
  return `*${args.length}\r\n` +
    args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("");
}

Deno.test("commands are read whole, however they are cut into chunks", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(seed);
    const anyText = () => String.fromCharCode(...random.bytes(2000));
    const commands = Array.from(
      { length: 1 + random.below(20) },
      () => Array.from({ length: 1 + random.below(5) }, anyText),
    );
    const bytes = binaryToBytes(commands.map(request).join(""));
    const decoder = new RequestDecoder();
    const decoded: string[][] = [];
    // The transport reuses its read buffer for each chunk.
    const into = new Uint8Array(bytes.length);
    for (const chunk of randomChunks(random, bytes)) {
      into.set(chunk);
      decoder.feed(into.subarray(0, chunk.length));
      decoded.push(...drain(decoder));
      into.fill(0);
    }
    deepEqual(decoded, commands, `seed ${seed}`);
    equal(decoder.pending, 0);
  }
});

Deno.test("large arguments are read whole from chunks that overwrite each other", () => {
  const random = new Random(7);
  const bytes = random.bytes(300_000);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  const commands = [["SET", "k", text], ["SET", text, "a".repeat(200_000)]];
  const wire = binaryToBytes(commands.map(request).join(""));
  for (const size of [1000, 16_384, 65_536, 99_999, wire.length]) {
    const decoder = new RequestDecoder();
    const decoded: string[][] = [];
    const into = new Uint8Array(size);
    for (let at = 0; at < wire.length; at += size) {
      const chunk = wire.subarray(at, at + size);
      into.set(chunk);
      decoder.feed(into.subarray(0, chunk.length));
      decoded.push(...drain(decoder));
      into.fill(0);
    }
    equal(decoder.pending, 0);
    deepEqual(decoded, commands, `chunks of ${size}`);
  }
});

Deno.test("a large argument is decoded chunk by chunk, not at its end", () => {
  const size = 64 * 1024 * 1024;
  const decoder = new RequestDecoder();
  decoder.feed(binaryToBytes(`*1\r\n$${size}\r\n`));
  equal(decoder.next(), null);
  // Non-ASCII bytes take the longest to become text.
  const chunk = new Uint8Array(64 * 1024).fill(0xe9);
  const began = performance.now();
  for (let at = 0; at < size; at += chunk.length) {
    decoder.feed(chunk);
    equal(decoder.next(), null);
  }
  const middle = performance.now();
  decoder.feed(binaryToBytes("\r\n"));
  equal(decoder.next()![0]!.length, size);
  const end = performance.now();
  const [before, last] = [middle - began, end - middle];
  ok(last < before, `${last} ms at the end, ${before} ms before`);
});

Deno.test("a line without an end is rejected beyond a limit", () => {
  const decoder = new RequestDecoder();
  deepEqual(decode("PING ", decoder), []);
  deepEqual(decode("hello\r\nPI", decoder), [["PING", "hello"]]);
  deepEqual(decode("NG\n", decoder), [["PING"]]);
  throws(() => decode("x".repeat(100_000), decoder), ProtocolError);
});

Deno.test("a decoder keeps the bytes it was fed after next() returned null", () => {
  const chunk = binaryToBytes(request(["GET", "a"]) + request(["GET", "b"]));
  const decoder = new RequestDecoder();
  decoder.feed(chunk);
  deepEqual(decoder.next(), ["GET", "a"]);
  decoder.keep();
  chunk.fill(0);
  deepEqual(decoder.next(), ["GET", "b"]);
});

Deno.test("empty arrays and lines are skipped", () => {
  deepEqual(decode("*0\r\n\r\n*-1\r\n  \r\nPING\r\n*1\r\n$4\r\nPING\r\n"), [
    ["PING"],
    ["PING"],
  ]);
});

Deno.test("a line is split as a shell splits it", () => {
  const lines: [string, string[]][] = [
    ["SET k v", ["SET", "k", "v"]],
    ["  a\t b  ", ["a", "b"]],
    ['SET k "a b"', ["SET", "k", "a b"]],
    ['"\\x41\\xff\\n\\"\\\\\\q"', ['A\xff\n"\\q']],
    ["'it\\'s \\n'", ["it's \\n"]],
    ['""', [""]],
  ];
  for (const [line, args] of lines) deepEqual(splitLine(line), args, line);
  for (const line of ['"open', "'open", '"a"b', "'a'b", '"\\']) {
    throws(() => splitLine(line), {
      message: "Protocol error: unbalanced quotes in request",
    }, line);
  }
});

// The expected errors are those of redis-server 7.0.
Deno.test("a malformed request is rejected with Redis's error", () => {
  const refused: [string, string][] = [
    ["*x\r\n", "invalid multibulk length"],
    ["*2147483648\r\n", "invalid multibulk length"],
    ["*1\r\n:1\r\n", "expected '$', got ':'"],
    ["*1\r\n$-1\r\n", "invalid bulk length"],
    ["*1\r\n$x\r\n", "invalid bulk length"],
    ["*1\r\n$536870913\r\n", "invalid bulk length"],
    ["*" + "1".repeat(70_000), "too big mbulk count string"],
    ["*1\r\n$" + "1".repeat(70_000), "too big bulk count string"],
    ["a".repeat(70_000), "too big inline request"],
    ['GET "a\r\n', "unbalanced quotes in request"],
  ];
  for (const [text, why] of refused) {
    throws(() => decode(text), (error) => {
      return error instanceof ProtocolError &&
        error.message === `Protocol error: ${why}`;
    }, text.slice(0, 20));
  }
});

Deno.test("a client that is not authenticated may not send large requests", () => {
  const refused: [string, string][] = [
    ["*11\r\n", "unauthenticated multibulk length"],
    ["*1\r\n$16385\r\n", "unauthenticated bulk length"],
  ];
  for (const [text, why] of refused) {
    throws(() => decode(text, new RequestDecoder(UNAUTHENTICATED)), {
      message: `Protocol error: ${why}`,
    });
  }
  const long = "x".repeat(16_384);
  const decoder = new RequestDecoder(UNAUTHENTICATED);
  deepEqual(decode(request(["AUTH", long]), decoder), [["AUTH", long]]);
});
