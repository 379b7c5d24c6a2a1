/**
 * Random faults, one after another.
 *
 * @module
 */

import type { Random } from "../resp/random.ts";
import type { Chaos } from "../support/chaos.ts";
import type { TestServer } from "../support/test_server.ts";
import { sleep } from "../client/support.ts";

/** The kinds of faults, and how each is injected. */
const FAULTS: Record<
  string,
  (chaos: Chaos, random: Random, server: TestServer) => unknown
> = {
  delay: (chaos, random) => {
    way(chaos, random).delay = random.below(60);
  },
  "slow link": (chaos, random) => {
    way(chaos, random).rate = 20 + random.below(200);
  },
  strand: (chaos) => chaos.strand(),
  "frozen peer": async (_, random, server) => {
    server.pause();
    await sleep(random.below(150));
    server.resume();
  },
  "frozen program": (_, random) => {
    const end = performance.now() + random.below(400);
    while (performance.now() < end);
  },
  split: (chaos, random) => {
    way(chaos, random).split = 1 + random.below(20);
  },
  coalesce: (chaos, random) => {
    way(chaos, random).coalesce = random.below(20);
  },
  drop: (chaos) => chaos.drop(),
  "half-close": (chaos, random) =>
    chaos.halfClose(random.pick(["toServer", "toClient"])),
  blackhole: (chaos) => chaos.blackhole(),
  "one-way blackhole": (chaos, random) => {
    way(chaos, random).blackhole = true;
  },
  refuse: (chaos) => {
    chaos.drop();
    return chaos.refuse();
  },
  truncate: (chaos, random) => {
    way(chaos, random).truncate = random.below(2_000);
  },
  // Only replies: a corrupted command is a different command, which no client can
  // repair. (TCP's checksums let either through very rarely.)
  corrupt: (chaos, random) => {
    chaos.toClient.corrupt = random.below(2_000);
  },
};

const NAMES = Object.keys(FAULTS);
/** The longest duration of a fault in ms: longer than the client's timeouts. */
const LONGEST = 700;

function way(chaos: Chaos, random: Random) {
  return random.chance(0.5) ? chaos.toServer : chaos.toClient;
}

/** Injects faults until told to stop, then heals; resolves to the number of each. */
export async function injectFaults(
  chaos: Chaos,
  random: Random,
  server: TestServer,
  goesOn: () => boolean,
): Promise<Map<string, number>> {
  const count = new Map<string, number>();
  while (goesOn()) {
    await sleep(random.below(100));
    // Some faults overlap.
    while (random.chance(0.7)) {
      const name = random.pick(NAMES);
      await FAULTS[name]!(chaos, random, server);
      count.set(name, (count.get(name) ?? 0) + 1);
      await sleep(random.below(20));
    }
    await sleep(random.below(random.chance(0.2) ? LONGEST : 100));
    chaos.heal();
  }
  chaos.heal();
  return count;
}
