/**
 * Feeds mutated replies and random bytes to the decoder.
 *
 * As a program, `deno task fuzz --inputs 1000000 --seed 1`, it runs for any number of
 * inputs. The n-th input has the seed `seed + n`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { ProtocolError } from "../../lib/errors.ts";
import { encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { Decoder } from "../../lib/resp/decoder.ts";
import { BYTES, type Mode, PAYLOAD } from "../../lib/resp/reply.ts";
import { fed } from "./decoding.ts";
import { Random, randomChunks, ReplyWriter } from "./random.ts";
import { answerHelp } from "../support/usage.ts";

/** Text and bytes, nested and flat. */
export const MODES: readonly Mode[] = [0, 1, 2, 3];

const TOKENS = [
  ..."+-:$*_#,(!=%~|>;.?0123456789\r\n",
  "\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "*?\r\n",
  "$?\r\n",
  "%?\r\n",
  ";0\r\n",
  ".\r\n",
  "|1\r\n",
  ">2\r\n",
  ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n",
  "$1\r\nm\r\n",
  "*1\r\n",
  "$0\r\n\r\n",
  "$4294967295\r\n",
  "*4294967295\r\n",
  "9223372036854775808",
  "inf",
  "nan",
].map(encodeText);

/** Replies with some bytes overwritten, removed, doubled, or with tokens inserted. */
export function mutatedReplies(random: Random): Uint8Array {
  const writer = new ReplyWriter(random, random.chance(0.01) ? 9000 : 60);
  for (let i = random.below(3); i >= 0; i--) writer.reply(0);
  let bytes = writer.take();
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(bytes.length + 1);
    const to = Math.min(bytes.length, at + random.below(10));
    const middle = random.pick([
      new Uint8Array(0),
      Uint8Array.of(random.below(256)),
      random.pick(TOKENS),
      joinBytes([bytes.subarray(at, to), bytes.subarray(at, to)]),
      joinBytes([bytes.subarray(at, to), random.pick(TOKENS)]),
    ]);
    bytes = joinBytes([bytes.subarray(0, at), middle, bytes.subarray(to)]);
  }
  return bytes;
}

/** Random bytes and tokens. */
export function noise(random: Random): Uint8Array {
  const parts = Array.from(
    { length: random.below(30) },
    () => random.chance(0.1) ? random.bytes(20) : random.pick(TOKENS),
  );
  return joinBytes(parts);
}

/** The settings with which an input is read. */
export interface Reading {
  mode: Mode;
  /** As for a RESP2 subscriber. */
  arraysArePushes: boolean;
  /** How the payloads of messages are read. */
  payloadMode: Mode;
}

/**
 * Asserts that `bytes` decode to values or a ProtocolError and nothing else, and to
 * the same in random chunks as in one.
 */
export function assertReadable(
  random: Random,
  bytes: Uint8Array,
  reading: Reading = {
    mode: random.pick(MODES),
    arraysArePushes: random.chance(0.2),
    payloadMode: random.pick([BYTES, PAYLOAD]),
  },
): void {
  const whole = outcome([bytes.slice()], reading, bytes.length);
  const cut = outcome(randomChunks(random, bytes), reading, bytes.length);
  assert.deepStrictEqual(cut, whole);
}

/** Decodes until MORE or a ProtocolError, which is the last item; other errors throw. */
function outcome(
  chunks: Iterable<Uint8Array>,
  { mode, arraysArePushes, payloadMode }: Reading,
  limit: number,
): unknown[] {
  const decoder = new Decoder();
  decoder.arraysArePushes = arraysArePushes;
  decoder.payloadMode = () => payloadMode;
  const values: unknown[] = [];
  for (const chunk of chunks) {
    try {
      for (const _ of fed(decoder, chunk)) {
        decoder.run(mode, (value) => {
          values.push(value);
          // Every value takes at least one byte.
          assert.ok(values.length <= limit);
          return true;
        });
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // Without the bytes around the error: how many are shown may vary.
      values.push(error.message.slice(0, error.message.lastIndexOf(", in ")));
      break;
    }
    chunk.fill(0xff);
  }
  return values;
}

// -- The program --

/** The time limit of an input, in milliseconds; generous, as the machine may be busy. */
const SLOWEST = 2_000;
/** The most memory that an input may leave behind, in bytes. */
const LARGEST = 256 * 1024 * 1024;
const EVERY = 50_000;

function main(inputs: number, first: number): void {
  print(`${inputs} inputs from seed ${first}`);
  let slowest = 0;
  let largest = 0;
  for (let seed = first; seed < first + inputs; seed++) {
    const before = performance.now();
    try {
      const random = new Random(seed);
      const make = seed % 3 === 0 ? noise : mutatedReplies;
      assertReadable(random, make(random));
    } catch (error) {
      print(`seed ${seed} FAILED: ${Deno.inspect(error)}`);
      Deno.exit(1);
    }
    slowest = Math.max(slowest, performance.now() - before);
    if ((seed - first + 1) % EVERY > 0) continue;
    const { heapUsed, external } = Deno.memoryUsage();
    largest = Math.max(largest, heapUsed + external);
    print(
      `${seed - first + 1}: the slowest took ${slowest.toFixed(0)} ms, memory ${
        (largest / 1e6).toFixed(0)
      } MB at most`,
    );
  }
  if (slowest > SLOWEST || largest > LARGEST) {
    print("FAILED: too slow, or too much memory");
    Deno.exit(1);
  }
}

function print(line: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(line);
}

if (import.meta.main) {
  answerHelp(`
Usage: deno task fuzz [options]

Decodes damaged inputs.

  --inputs <n>  the number of inputs (default: 1000000)
  --seed <n>    the first seed (default: 1)`);
  const { values } = parseArgs({
    args: Deno.args.filter((arg) => arg !== "--"),
    options: {
      inputs: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
    },
  });
  main(Number(values.inputs), Number(values.seed));
}
