/**
 * The codec without a socket: bytes -> replies, and commands -> bytes, both beside
 * other clients' parsers and encoders.
 *
 * One iteration decodes 10,000 replies (of the array: 10 replies of 1,000
 * elements each; of errors: 1,000) or encodes 10,000 commands (of the 1 MiB
 * values: 100). So 1,000 iterations a second are 10 M replies a second.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { Decoder as NodeRedisDecoder } from "npm:@redis/client@6.3.1/dist/lib/RESP/decoder.js";
import nodeRedisEncoder from "npm:@redis/client@6.3.1/dist/lib/RESP/encoder.js";
import RedisParser from "npm:redis-parser@3.0.0";
import { Decoder } from "../lib/resp/decoder.ts";
import { Encoder } from "../lib/resp/encoder.ts";
import { type Arg, FLAT, PAYLOAD } from "../lib/resp/reply.ts";
import { KINDS } from "./corpus.ts";

/**
 * Decodes all chunks; the last one ends with a complete reply. Returns the number of
 * replies.
 */
type Parse<Chunk> = (chunks: readonly Chunk[]) => number;

// -- The parsers --

/** As typed commands and subscriptions read: sets and maps flat, messages as text. */
function sorrel(): Parse<Uint8Array> {
  const decoder = new Decoder();
  decoder.payloadMode = () => PAYLOAD;
  let replies = 0;
  const count = () => {
    replies++;
    return true;
  };
  return (chunks) => {
    replies = 0;
    for (const chunk of chunks) {
      decoder.feed(chunk);
      decoder.run(FLAT, count);
    }
    return replies;
  };
}

function nodeRedis(): Parse<Buffer> {
  let replies = 0;
  const count = () => replies++;
  const decoder = new NodeRedisDecoder({
    onReply: count,
    onErrorReply: count,
    onPush: count,
    getTypeMapping: () => ({}),
  });
  return (chunks) => {
    replies = 0;
    for (const chunk of chunks) decoder.write(chunk);
    return replies;
  };
}

function redisParser(): Parse<Buffer> {
  let replies = 0;
  const count = () => replies++;
  const parser = new RedisParser({ returnReply: count, returnError: count });
  return (chunks) => {
    replies = 0;
    for (const chunk of chunks) parser.execute(chunk);
    return replies;
  };
}

// -- Decoding --

const chunkings = [
  { chunking: "whole", size: Infinity },
  { chunking: "in 1,460 B chunks", size: 1460 },
  { chunking: "in 64 KiB chunks", size: 64 * 1024 },
];

for (const { type, reply, replies, resp3 } of KINDS) {
  const wire = Buffer.from(reply.repeat(replies));
  for (const { chunking, size } of chunkings) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < wire.length; at += size) {
      // Each chunk has its own allocation, as from a socket.
      chunks.push(Buffer.from(wire.subarray(at, at + size)));
    }
    const group = `decode ${type}, ${chunking}`;
    const add = <Chunk>(
      name: string,
      parse: Parse<Chunk>,
      given: readonly Chunk[],
    ) => {
      Deno.bench({
        group,
        name,
        baseline: name === "sorrel",
        fn() {
          const read = parse(given);
          if (read !== replies) throw new Error(`${name} read ${read} replies`);
        },
      });
    };
    // sorrel reads into arrays of bytes of its own, the others get Node's buffers.
    add("sorrel", sorrel(), chunks.map((chunk) => new Uint8Array(chunk)));
    add("node-redis", nodeRedis(), chunks);
    if (!resp3) add("redis-parser", redisParser(), chunks);
  }
}

// -- Encoding --

/** Takes all appended bytes, as a connection does. */
function write(encoder: Encoder): void {
  while (encoder.take().length > 0) encoder.resume();
}

/** Encodes commands as a connection does, and writes them at the end of a tick. */
function sorrelEncoding(): Encode {
  const encoder = new Encoder();
  return (args, times) => {
    for (let i = 0; i < times; i++) {
      while (encoder.full) {
        encoder.take();
        encoder.resume();
      }
      encoder.append(args);
    }
    write(encoder);
  };
}

/** node-redis makes strings, which its socket encodes at the end of a tick. ioredis does the same. */
function nodeRedisEncoding(): Encode {
  return (args, times) => {
    const parts: unknown[] = [];
    for (let i = 0; i < times; i++) {
      parts.push(...nodeRedisEncoder.default(args as string[]));
    }
    Buffer.from(parts.join(""));
  };
}

/** Encodes the same command so many times within one tick. */
type Encode = (args: readonly Arg[], times: number) => void;

const TICKS = 100;
const commands: readonly { title: string; args: Arg[]; times?: number }[] = [
  { title: "GET key", args: ["GET", "user:1234567"] },
  {
    title: "SET key text EX text",
    args: ["SET", "user:1234567", "1234567", "EX", "60"],
  },
  ...[
    { size: "1 KiB", length: 1024, times: 10_000 },
    { size: "1 MiB", length: 1024 * 1024, times: 100 },
  ].flatMap(({ size, length, times }) =>
    Object.entries({
      "text": "x".repeat(length),
      "text, not ASCII": "é".repeat(length / 2),
      "bytes": Buffer.alloc(length, "x"),
    }).map(([kind, value]) => ({
      title: `SET of ${size} of ${kind}`,
      args: ["SET", "key", value],
      times,
    }))
  ),
];
for (const { title, args, times = 10_000 } of commands) {
  const add = (name: string, encode: Encode) => {
    Deno.bench({
      group: `encode ${title}`,
      name,
      baseline: name === "sorrel",
      fn() {
        for (let tick = 0; tick < TICKS; tick++) encode(args, times / TICKS);
      },
    });
  };
  add("sorrel", sorrelEncoding());
  // Bytes it does not copy: it hands the caller's memory to the socket.
  if (!args.some((arg) => arg instanceof Uint8Array)) {
    add("node-redis", nodeRedisEncoding());
  }
}
