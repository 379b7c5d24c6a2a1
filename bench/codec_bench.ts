/**
 * The codec without a socket: decoding, compared with other parsers, and encoding.
 *
 * One iteration decodes 10,000 replies (for the array: 10 replies of 1,000 elements
 * each) or encodes 10,000 commands (for the 1 MiB values: 100). So 1,000 iterations per
 * second are 10 M replies per second.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { Decoder as NodeRedisDecoder } from "npm:@redis/client@6.3.1/dist/lib/RESP/decoder.js";
import RedisParser from "npm:redis-parser@3.0.0";
import { encodeText } from "../lib/resp/bytes.ts";
import { Decoder, MORE } from "../lib/resp/decoder.ts";
import { Encoder } from "../lib/resp/encoder.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { KINDS } from "./corpus.ts";

/**
 * Decodes all chunks; the last one ends with a complete reply. Returns the number of
 * replies.
 */
type Parse = (chunks: readonly Buffer[]) => number;

// -- The parsers --

function sorrel(): Parse {
  const decoder = new Decoder();
  return (chunks) => {
    let replies = 0;
    for (const chunk of chunks) {
      decoder.feed(chunk);
      while (decoder.next() !== MORE) replies++;
    }
    return replies;
  };
}

function nodeRedis(): Parse {
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

function redisParser(): Parse {
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
    const add = (name: string, parse: Parse) => {
      Deno.bench({
        group,
        name,
        baseline: name === "sorrel",
        fn() {
          const read = parse(chunks);
          if (read !== replies) throw new Error(`${name} read ${read} replies`);
        },
      });
    };
    add("sorrel", sorrel());
    add("node-redis", nodeRedis());
    if (!resp3) add("redis-parser", redisParser());
  }
}

// -- Encoding --

/** Takes all appended bytes, as a connection does. */
function write(encoder: Encoder): void {
  while (encoder.take().length > 0) encoder.resume();
}

/** Encodes `args` `times` times, with a hundred pauses, as between ticks. */
function addEncode(
  { group, name, baseline, times, args }: {
    group: string;
    name: string;
    baseline: boolean;
    times: number;
    args: readonly Arg[];
  },
): void {
  const encoder = new Encoder();
  Deno.bench({
    group,
    name,
    baseline,
    fn() {
      for (let tick = 0; tick < 100; tick++) {
        for (let i = 0; i < times / 100; i++) {
          while (encoder.full) {
            encoder.take();
            encoder.resume();
          }
          encoder.append(args);
        }
        write(encoder);
      }
    },
  });
}

const short = "encode short commands";
addEncode({
  group: short,
  name: "GET key",
  baseline: true,
  times: 10_000,
  args: ["GET", "user:1234567"],
});
addEncode({
  group: short,
  name: "SET key number EX number",
  baseline: false,
  times: 10_000,
  args: ["SET", "user:1234567", 1234567, "EX", 60],
});

const values = [
  { size: "1 KiB", length: 1024, times: 10_000 },
  { size: "1 MiB", length: 1024 * 1024, times: 100 },
];
for (const { size, length, times } of values) {
  const group = `encode values of ${size}`;
  const text = "x".repeat(length);
  const args: Record<string, Arg> = {
    text,
    "text, not ASCII": "é".repeat(length / 2),
    bytes: encodeText(text),
  };
  for (const [name, value] of Object.entries(args)) {
    addEncode({
      group,
      name,
      baseline: name === "text",
      times,
      args: ["SET", "key", value],
    });
  }
}
