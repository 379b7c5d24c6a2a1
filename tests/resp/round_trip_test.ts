import assert from "node:assert/strict";
import { ProtocolError } from "../../lib/errors.ts";
import { encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { Decoder, MORE } from "../../lib/resp/decoder.ts";
import { Encoder } from "../../lib/resp/encoder.ts";
import {
  type Arg,
  BYTES,
  type Mode,
  Push,
  type Reply,
} from "../../lib/resp/reply.ts";
import { decode } from "./decoding.ts";
import { Random, randomChunks, ReplyWriter } from "./random.ts";

const none = { permissions: "none" } as const;

// The n-th input of a test has the seed SEED + n, which its failure shows.
const SEED = 20_260_801;
const MODES: readonly Mode[] = [0, 1, 2, 3];

/** Runs `body` with `count` seeds. */
function withSeeds(count: number, body: (random: Random) => void): void {
  for (let seed = SEED; seed < SEED + count; seed++) {
    try {
      body(new Random(seed));
    } catch (cause) {
      throw new Error(`seed ${seed}`, { cause });
    }
  }
}

/** A reply that is to come, and how it is to be read. */
interface Awaited {
  mode: Mode;
  modes: readonly Mode[] | undefined;
  values: (Reply | Push)[];
}

function randomReplies(random: Random, writer: ReplyWriter): Awaited[] {
  return Array.from({ length: 1 + random.below(8) }, () => {
    const mode = random.pick(MODES);
    const modes = random.chance(0.3)
      ? Array.from({ length: 3 }, () => random.pick(MODES))
      : undefined;
    return { mode, modes, values: writer.reply(mode, modes) };
  });
}

Deno.test(
  "behaviour 1: random replies, cut at random, are what was written",
  none,
  () => {
    withSeeds(1000, (random) => {
      const writer = new ReplyWriter(
        random,
        random.chance(0.05) ? 100_000 : 6000,
      );
      const replies = randomReplies(random, writer);
      const bytes = writer.take();

      const decoder = new Decoder();
      let [reply, read]: [number, (Reply | Push)[]] = [0, []];
      const all: (Reply | Push)[][] = [];
      for (const chunk of randomChunks(random, bytes)) {
        decoder.feed(chunk);
        for (;;) {
          const awaited = replies[reply];
          const value = decoder.next(awaited?.mode, awaited?.modes);
          if (value === MORE) break;
          read.push(value);
          if (value instanceof Push) continue;
          all.push(read);
          [reply, read] = [reply + 1, []];
        }
        chunk.fill(0xff);
      }
      assert.deepStrictEqual(read, []);
      assert.deepStrictEqual(all, replies.map(({ values }) => values));
    });
  },
);

Deno.test(
  "behaviour 12: random commands decode to their arguments",
  none,
  () => {
    withSeeds(150, (random) => {
      const encoder = new Encoder();
      for (let round = 0; round < 3; round++) {
        const commands = Array.from(
          { length: 1 + random.below(20) },
          () => randomCommand(random),
        );
        for (const args of commands) encoder.encode(args);
        const bytes = joinBytes(encoder.take());
        const wanted = commands.map((args) =>
          args.map((arg) =>
            arg instanceof Uint8Array ? arg : encodeText(String(arg))
          )
        );
        const read = decode(randomChunks(random, bytes), { mode: BYTES });
        assert.deepStrictEqual(read, wanted);
      }
    });
  },
);

function randomCommand(random: Random): Arg[] {
  return Array.from({ length: 1 + random.below(6) }, () => {
    const bytes = random.bytes(random.chance(0.1) ? 40_000 : 500);
    const number = random.next() * 10 ** random.below(30);
    switch (random.below(4)) {
      case 0:
        return bytes;
      case 1:
        return number;
      case 2:
        return BigInt(Math.floor(number));
      default:
        return String.fromCharCode(...bytes.subarray(0, 10_000));
    }
  });
}

// -- Fuzzing --

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
  "*1\r\n",
  "$0\r\n\r\n",
  "$4294967295\r\n",
  "*4294967295\r\n",
  "9223372036854775808",
  "inf",
  "nan",
].map(encodeText);

/** Some bytes of `bytes` overwritten, left out, doubled, or tokens put between them. */
function mutate(random: Random, bytes: Uint8Array): Uint8Array {
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

/** Decodes until MORE or a ProtocolError, which comes last; anything else throws. */
function outcome(chunks: Iterable<Uint8Array>, mode: Mode, limit: number) {
  const decoder = new Decoder();
  const values: unknown[] = [];
  for (const chunk of chunks) {
    decoder.feed(chunk);
    try {
      for (;;) {
        const value = decoder.next(mode);
        if (value === MORE) break;
        values.push(value);
        // Every value takes some bytes.
        assert.ok(values.length <= limit);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // Without the bytes around the place: how many there are may vary.
      values.push(error.message.slice(0, error.message.lastIndexOf(", in ")));
      break;
    }
    chunk.fill(0xff);
  }
  return values;
}

function fuzz(random: Random, bytes: Uint8Array): void {
  const mode = random.pick(MODES);
  const whole = outcome([bytes.slice()], mode, bytes.length);
  const cut = outcome(randomChunks(random, bytes), mode, bytes.length);
  assert.deepStrictEqual(cut, whole);
}

Deno.test(
  "Decoder reads mutated replies as values or a ProtocolError, however they are cut",
  none,
  () => {
    withSeeds(20_000, (random) => {
      const writer = new ReplyWriter(random, random.chance(0.01) ? 9000 : 60);
      for (let i = random.below(3); i >= 0; i--) writer.reply(0);
      fuzz(random, mutate(random, writer.take()));
    });
  },
);

Deno.test(
  "Decoder reads random bytes and tokens as values or a ProtocolError",
  none,
  () => {
    withSeeds(10_000, (random) => {
      const parts = Array.from(
        { length: random.below(30) },
        () => random.chance(0.1) ? random.bytes(20) : random.pick(TOKENS),
      );
      fuzz(random, joinBytes(parts));
    });
  },
);
