import assert from "node:assert/strict";
import { encodeText } from "../../lib/resp/bytes.ts";
import { Decoder, MORE } from "../../lib/resp/decoder.ts";
import { Encoder } from "../../lib/resp/encoder.ts";
import {
  type Arg,
  BYTES,
  type Mode,
  Push,
  type Reply,
} from "../../lib/resp/reply.ts";
import { decode, fed } from "./decoding.ts";
import { encodeAll } from "./encoding.ts";
import { MODES } from "./fuzz.ts";
import { Random, randomChunks, ReplyWriter } from "./random.ts";

const none = { permissions: "none" } as const;

// The n-th input of a test has the seed SEED + n, which its failure shows.
const SEED = 20_260_801;

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

/** An expected reply, and its modes. */
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
  "behaviour 1: random replies, cut at random, decode to the written values",
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
        for (const _ of fed(decoder, chunk)) {
          for (;;) {
            const awaited = replies[reply];
            const value = decoder.next(awaited?.mode, awaited?.modes);
            if (value === MORE) break;
            read.push(value);
            if (value instanceof Push) continue;
            all.push(read);
            [reply, read] = [reply + 1, []];
          }
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
        const bytes = encodeAll(commands, encoder);
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
    const bytes = random.bytes(random.chance(0.1) ? 200_000 : 500);
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
