import assert from "node:assert/strict";
import {
  Alarm,
  atMost,
  inTime,
  onAbort,
  until,
} from "../../lib/connection/alarm.ts";
import { PoolTimeoutError, TimeoutError } from "../../lib/errors.ts";
import { errorOf, sleep } from "./support.ts";

const none = { permissions: "none" } as const;

/** An alarm, the times at which it rang, and the promise of its first ring. */
function alarmOf(): { alarm: Alarm; rings: number[]; rang: Promise<void> } {
  const rings: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const alarm = new Alarm(() => {
    rings.push(performance.now());
    resolve();
  });
  return { alarm, rings, rang: promise };
}

/** Blocks the event loop for `ms` milliseconds. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

// -- Alarms --

Deno.test("Alarm rings once, not before its time", none, async () => {
  const { alarm, rings, rang } = alarmOf();
  assert.equal(alarm.at, Infinity);
  const at = performance.now() + 20;
  alarm.set(at);
  assert.equal(alarm.at, at);
  await rang;
  assert.equal(alarm.at, Infinity);
  // Timers have a resolution of a millisecond.
  assert.ok(rings[0]! >= at - 1);
  await sleep(30);
  assert.equal(rings.length, 1);
});

Deno.test("Alarm rings at the most recently set time", none, async () => {
  const { alarm, rings, rang } = alarmOf();
  alarm.set(performance.now() + 5);
  alarm.set(Infinity);
  await sleep(20);
  assert.equal(rings.length, 0);
  const at = performance.now() + 30;
  alarm.set(performance.now() + 5);
  alarm.set(at);
  await rang;
  assert.ok(rings[0]! >= at - 1);
  await sleep(20);
  assert.equal(rings.length, 1);
});

Deno.test("Alarm waits at least as long as set", none, async () => {
  const { alarm, rings, rang } = alarmOf();
  const start = performance.now();
  alarm.set(start - 1_000, 15);
  await rang;
  assert.ok(rings[0]! >= start + 14);
  assert.equal(rings.length, 1);
});

Deno.test("a late alarm rings only after the bytes in the socket were read", {
  permissions: { net: ["127.0.0.1"] },
}, async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const [client, server] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  using _client = client;
  using _server = server;
  const events: string[] = [];
  // Many small reads: each takes one tick of the event loop.
  const total = 32 * 1024;
  const into = new Uint8Array(1024);
  const reading = (async () => {
    for (let left = total; left > 0;) {
      left -= (await client.read(into))!;
      if (left === 0) events.push("all is read");
    }
  })();
  const rang = Promise.withResolvers<void>();
  const alarm = new Alarm(() => {
    events.push("alarm");
    rang.resolve();
  });
  alarm.set(performance.now() + 10);
  const writing = server.write(new Uint8Array(total));
  block(300);
  await Promise.all([reading, rang.promise]);
  assert.equal(await writing, total);
  assert.deepEqual(events, ["all is read", "alarm"]);
});

Deno.test(
  "a late alarm waits once more, as long as it was late",
  none,
  async () => {
    const { alarm, rings, rang } = alarmOf();
    const at = performance.now() + 5;
    alarm.set(at);
    block(105);
    const end = performance.now();
    await rang;
    assert.ok(rings[0]! >= end + 95, `${rings[0]! - end} ms`);
    // Late a second time, it does not wait again.
    const second = alarmOf();
    second.alarm.set(performance.now() + 5);
    block(400);
    await sleep(1);
    assert.equal(second.rings.length, 0);
    block(600);
    await second.rang;
    assert.equal(second.rings.length, 1);
  },
);

Deno.test(
  "an alarm that is set while it catches up rings at its new time",
  none,
  async () => {
    const { alarm, rings, rang } = alarmOf();
    alarm.set(performance.now() + 5);
    block(400);
    await sleep(1);
    const at = performance.now() + 20;
    alarm.set(at);
    await rang;
    assert.ok(rings[0]! >= at - 1);
    await sleep(500);
    assert.equal(rings.length, 1);

    alarm.set(performance.now() + 5);
    block(400);
    await sleep(1);
    alarm.set(Infinity);
    await sleep(500);
    assert.equal(rings.length, 1);
  },
);

Deno.test(
  "after a suspend of hours an alarm waits a second, not hours",
  none,
  async () => {
    const { alarm, rings, rang } = alarmOf();
    const clock = performance.now;
    alarm.set(clock.call(performance) + 20);
    const start = clock.call(performance);
    let slept = 0;
    performance.now = () => clock.call(performance) + slept;
    try {
      slept = 3 * 3_600_000;
      await rang;
    } finally {
      performance.now = clock;
    }
    const took = rings[0]! - slept - start;
    assert.ok(took >= 990, `${took} ms`);
  },
);

// -- onAbort --

Deno.test("onAbort() calls with the reason, once, in order", none, () => {
  const stop = new AbortController();
  const calls: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    onAbort(stop.signal, (reason) => calls.push([i, reason]));
  }
  const twice = (reason: unknown) => calls.push(["twice", reason]);
  const release = onAbort(stop.signal, twice);
  onAbort(stop.signal, twice);
  release();
  release();
  stop.abort("enough");
  stop.abort("again");
  assert.deepEqual(calls, [
    [0, "enough"],
    [1, "enough"],
    [2, "enough"],
    ["twice", "enough"],
  ]);
});

Deno.test("onAbort() calls at once for a signal that has aborted", none, () => {
  const calls: unknown[] = [];
  const release = onAbort(AbortSignal.abort("gone"), (why) => calls.push(why));
  assert.deepEqual(calls, ["gone"]);
  release();
  // Also while the others are being called.
  const stop = new AbortController();
  onAbort(stop.signal, () => {
    onAbort(stop.signal, (why) => calls.push(`inner ${why}`));
  });
  onAbort(stop.signal, (why) => calls.push(`outer ${why}`));
  stop.abort("now");
  assert.deepEqual(calls, ["gone", "inner now", "outer now"]);
});

Deno.test(
  "onAbort() does not call a released callback, even one released by another",
  none,
  () => {
    const stop = new AbortController();
    const calls: string[] = [];
    const released = onAbort(stop.signal, () => calls.push("released"));
    released();
    onAbort(stop.signal, () => {
      calls.push("first");
      second();
    });
    const second = onAbort(stop.signal, () => calls.push("second"));
    onAbort(stop.signal, () => calls.push("third"));
    stop.abort();
    assert.deepEqual(calls, ["first", "third"]);
    // Without a signal nothing is called.
    onAbort(undefined, () => calls.push("none"))();
    assert.equal(calls.length, 2);
  },
);

Deno.test("onAbort() calls all others when one call throws", none, () => {
  const stop = new AbortController();
  const calls: string[] = [];
  onAbort(stop.signal, () => calls.push("first"));
  onAbort(stop.signal, () => {
    throw new RangeError("Array buffer allocation failed");
  });
  onAbort(stop.signal, () => calls.push("third"));
  const seen: string[] = [];
  const listen = (event: ErrorEvent) => {
    event.preventDefault();
    seen.push(event.error.message);
  };
  globalThis.addEventListener("error", listen);
  try {
    stop.abort();
  } finally {
    globalThis.removeEventListener("error", listen);
  }
  assert.deepEqual(calls, ["first", "third"]);
  assert.deepEqual(seen, ["Array buffer allocation failed"]);
});

Deno.test("40,000 calls share one signal", none, () => {
  for (const abort of [true, false]) {
    const stop = new AbortController();
    let calls = 0;
    const releases: (() => void)[] = [];
    for (let i = 0; i < 40_000; i++) {
      releases.push(onAbort(stop.signal, () => calls++));
    }
    if (abort) stop.abort();
    for (const release of releases) release();
    if (!abort) stop.abort();
    assert.equal(calls, abort ? 40_000 : 0);
  }
});

Deno.test(
  "a signal gets one listener, however many calls share it",
  none,
  () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener;
    signal.addEventListener = (...args: unknown[]) => {
      listeners++;
      return Reflect.apply(add, signal, args);
    };
    onAbort(signal, () => {});
    for (let i = 0; i < 100; i++) {
      const release = onAbort(signal, () => {});
      if (i % 2 === 0) release();
    }
    assert.equal(listeners, 1);
  },
);

// -- Work with an end --

Deno.test("inTime() resolves to the result of the work", none, async () => {
  assert.equal(
    await inTime("x", 60_000, undefined, () => Promise.resolve(7)),
    7,
  );
  const failed = inTime("x", 60_000, undefined, () => {
    return Promise.reject(new RangeError("no"));
  });
  assert.equal((await errorOf(failed)).message, "no");
});

Deno.test(
  "inTime() ends the work after its time, with the given class of error",
  none,
  async () => {
    const work = (stop: AbortSignal) =>
      until(() => new Promise(() => {}), stop);
    const error = await errorOf(inTime("It is not done", 20, undefined, work));
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.message, "It is not done within 20 ms");
    const pool = inTime("No", 5, undefined, work, PoolTimeoutError);
    assert.ok(await errorOf(pool) instanceof PoolTimeoutError);
  },
);

Deno.test("inTime() ends the work with its caller's signal", none, async () => {
  const work = (stop: AbortSignal) => until(() => new Promise(() => {}), stop);
  const stop = new AbortController();
  const reason = new Error("enough");
  const waiting = errorOf(inTime("x", 60_000, stop.signal, work));
  stop.abort(reason);
  assert.equal(await waiting, reason);
  assert.equal(await errorOf(inTime("x", 60_000, stop.signal, work)), reason);
});

Deno.test("atMost() waits for the work, or its time", none, async () => {
  let done = false;
  await atMost(
    60_000,
    sleep(5).then(() => {
      done = true;
    }),
  );
  assert.ok(done);
  await atMost(10, new Promise(() => {}));
});
