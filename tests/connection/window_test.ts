import assert from "node:assert/strict";
import { Window } from "../../lib/connection/window.ts";

const none = { permissions: "none" } as const;

const KB = 1_000;
/** The delay in network buffers that a window may cause, in ms. */
const QUEUE_MS = 100;

interface LinkOptions {
  /** The capacity in bytes per ms; may change over time. */
  rate: (time: number) => number;
  /** The round trip time of the idle link, in ms. */
  latency: number | ((time: number) => number);
  /** The bytes of new commands per ms. */
  offered: (time: number) => number;
  /** The bytes of a command. */
  command?: number;
}

/** The state of a simulated link at one moment. */
interface Moment {
  time: number;
  /** The window's size. */
  size: number;
  /** The bytes of replied commands so far. */
  answered: number;
  /** How long the last replied command took, in ms. */
  took: number;
}

/** Simulates a connection over a link, in steps of one ms. */
function simulate(
  { rate, latency, offered, command = 1 * KB }: LinkOptions,
  duration: number,
  window = new Window(),
): Moment[] {
  const moments: Moment[] = [];
  const trips = typeof latency === "number" ? () => latency : latency;
  const inLink: number[] = [];
  const answers: { at: number; sent: number }[] = [];
  let [waiting, inFlight, answered, carried, took] = [0, 0, 0, 0, 0];
  for (let time = 0; time < duration; time++) {
    waiting += offered(time);
    for (carried += rate(time); carried >= command && inLink.length > 0;) {
      carried -= command;
      answers.push({ at: time + trips(time), sent: inLink.shift()! });
    }
    // An idle link does not save capacity for later.
    carried = Math.min(carried, command);
    while (answers.length > 0 && answers[0]!.at <= time) {
      took = time - answers.shift()!.sent;
      answered += command;
      inFlight -= command;
      window.measure(inFlight, time);
    }
    // As a connection fills its buffer: the first chunk is sent early.
    for (let chunk = 8 * KB; waiting >= command; chunk = 64 * KB) {
      const before = inFlight;
      while (
        waiting >= command && inFlight - before < chunk &&
        !window.isFull(inFlight)
      ) {
        waiting -= command;
        inFlight += command;
        inLink.push(time);
      }
      if (inFlight === before) break;
      window.wrote(inFlight - before, before, time);
    }
    moments.push({ time, size: window.size, answered, took });
  }
  return moments;
}

/** The share of the link's capacity that was used between two times. */
function share(
  moments: Moment[],
  from: number,
  to: number,
  rate: number,
): number {
  return (moments[to]!.answered - moments[from]!.answered) /
    (rate * (to - from));
}

function mostOf(moments: Moment[], from: number, key: "took" | "size"): number {
  return Math.max(...moments.slice(from).map((moment) => moment[key]));
}

// -- With a given clock --

/** Fills the window at `time`, and replies to all of it at `time + took`. */
function trip(window: Window, time: number, took: number): void {
  window.wrote(window.size, 0, time);
  assert.ok(window.isFull(window.size));
  window.measure(0, time + took);
}

Deno.test(
  "Window doubles with each round trip while nothing queues",
  none,
  () => {
    const window = new Window();
    const first = window.size;
    for (let i = 1; i <= 6; i++) {
      trip(window, i * 10, 1);
      assert.equal(window.size, first * 2 ** i);
    }
    for (let i = 10; i < 40; i++) trip(window, i * 10, 1);
    assert.equal(window.size, 4 * 1024 * 1024);
  },
);

Deno.test("Window keeps its size while it is not full", none, () => {
  const window = new Window();
  const first = window.size;
  for (let i = 0; i < 100; i++) {
    window.wrote(1_000, 0, i * 10);
    assert.ok(!window.isFull(1_000));
    window.measure(0, i * 10 + 5);
  }
  assert.equal(window.size, first);
  assert.equal(window.delay(10_000, 0, 1_000), 0);
});

Deno.test(
  "Window settles near the capacity of the idle round trip plus 100 ms",
  none,
  () => {
    for (
      const [rate, base] of [[200, 1], [200, 5], [2_000, 1], [1_000, 5]]
    ) {
      const window = new Window();
      // A small command measures the round trip of the idle link.
      window.wrote(100, 0, 0);
      window.measure(0, base!);
      let time = 1_000;
      for (let i = 0; i < 40; i++) {
        const took = base! + window.size / rate!;
        trip(window, time, took);
        time += took;
      }
      const wanted = rate! * (base! + QUEUE_MS);
      assert.ok(window.size > wanted * 0.5, `${window.size} of ${wanted}`);
      assert.ok(window.size < wanted * 1.5, `${window.size} of ${wanted}`);
      const delay = window.delay(window.size, 0, time);
      assert.ok(delay > QUEUE_MS / 2 && delay < 3 * (base! + QUEUE_MS));
    }
  },
);

Deno.test(
  "Window is never smaller than some hundred small commands",
  none,
  () => {
    const window = new Window();
    window.wrote(100, 0, 0);
    window.measure(0, 1);
    let least = Infinity;
    let time = 0;
    for (let i = 1; i < 50; i++) {
      time += window.size;
      // A link with a capacity of one byte per ms.
      trip(window, time, window.size);
      least = Math.min(least, window.size);
      assert.ok(i < 20 || window.size <= 3 * 4 * 1024, `${window.size}`);
    }
    assert.equal(least, 4 * 1024);
  },
);

Deno.test("Window.delay() grows with the bytes in flight", none, () => {
  const window = new Window();
  window.wrote(100, 0, 0);
  window.measure(0, 10);
  trip(window, 1_000, 10 + window.size / 200);
  for (const inFlight of [0, 10 * KB, 100 * KB]) {
    const wanted = 10 + inFlight / 200;
    const delay = window.delay(inFlight, 0, 1_000);
    assert.ok(Math.abs(delay - wanted) < wanted / 10 + 1, `${delay} ms`);
  }
  // Once the window is not full, nothing is known to queue.
  window.wrote(100, 0, 5_000);
  window.measure(0, 5_010);
  assert.equal(window.delay(1 * KB, 0, 5_010), 0);
});

Deno.test(
  "Window.delay() assumes no delay that no round trip has shown",
  none,
  () => {
    const window = new Window();
    window.wrote(100, 0, 0);
    window.measure(0, 1);
    // Small commands with huge replies: few bytes were acknowledged in that time.
    window.wrote(400, 0, 100);
    assert.ok(window.isFull(window.size));
    window.measure(0, 300);
    assert.ok(window.delay(0, 64 * KB, 300) <= 1 + 200);
    assert.ok(window.delay(8 * KB, 64 * KB, 300) <= 1 + 3 * 200);
  },
);

Deno.test("Window.delay() is 0 on an idle link", none, () => {
  const window = new Window();
  window.wrote(100, 0, 0);
  window.measure(0, 1);
  trip(window, 1_000, 6_000);
  assert.ok(window.delay(0, 10 * KB, 7_000) > 500);
  assert.equal(window.delay(0, 10 * KB, 13_001), 0);
});

Deno.test(
  "Window.delay() is known while a single small command is in flight",
  none,
  () => {
    const window = new Window();
    trip(window, 0, 1_000);
    trip(window, 1_000, 1_500);
    window.wrote(100, 0, 2_500);
    assert.ok(window.delay(100, 0, 2_500) < 4_000);
  },
);

Deno.test("Window grows again on a link that has become longer", none, () => {
  const window = new Window();
  const moments = simulate(
    {
      rate: (time) => time < 1_000 ? 10 : 200,
      latency: (time) => time < 1_000 ? 1 : 300,
      offered: () => 8 * KB,
    },
    20_000,
    window,
  );
  assert.ok(share(moments, 15_000, 19_999, 200) > 0.8);
});

// -- A simulated link --

for (const latency of [1, 50, 200]) {
  Deno.test(
    `a link of 200 kB/s and ${latency} ms with 8 MB/s offered stays busy, and its delay bounded`,
    none,
    () => {
      const moments = simulate(
        { rate: () => 200, latency, offered: () => 8 * KB },
        12_000,
      );
      assert.ok(share(moments, 1_000, 11_999, 200) > 0.9);
      for (let from = 1_000; from < 11_000; from += 1_000) {
        const part = share(moments, from, from + 1_000, 200);
        assert.ok(part > 0.8, `${part} from ${from} ms on`);
      }
      // At first the window fills before its delay is known: it doubles once.
      const most = mostOf(moments, 0, "took");
      assert.ok(most < latency + 128 * 1024 / 200 + 50, `${most} ms`);
      const late = mostOf(moments, 3_000, "took");
      assert.ok(late < latency + 3 * QUEUE_MS, `${late} ms`);
    },
  );

  Deno.test(
    `a link of 100 MB/s and ${latency} ms carries the whole load`,
    none,
    () => {
      const moments = simulate({
        rate: () => 100 * KB,
        latency,
        offered: () => 20 * KB,
      }, 6_000);
      assert.ok(share(moments, 3_000, 5_999, 20 * KB) > 0.95);
      assert.ok(moments.at(-1)!.took < latency + 20);
    },
  );

  Deno.test(
    `a link of ${latency} ms that becomes slow, then fast again, is used to its capacity`,
    none,
    () => {
      const slow = (time: number) => time >= 2_000 && time < 12_000;
      const moments = simulate({
        rate: (time) => slow(time) ? 200 : 2 * KB,
        latency,
        offered: () => 8 * KB,
      }, 20_000);
      assert.ok(share(moments, 1_000, 2_000, 2 * KB) > 0.8, "fast");
      assert.ok(share(moments, 6_000, 12_000, 200) > 0.9, "slow");
      const delay = Math.max(
        ...moments.slice(9_000, 12_000).map(({ took }) => took),
      );
      assert.ok(delay < latency + 4 * QUEUE_MS, `${delay} ms`);
      assert.ok(share(moments, 16_000, 19_999, 2 * KB) > 0.8, "fast again");
    },
  );
}
