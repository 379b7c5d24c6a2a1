/**
 * Messages to iterators: the rate, to one and to a hundred of them, and the latency
 * under load.
 *
 * `deno task bench`. One iteration of a throughput bench is 10,000 messages to
 * each iterator; the latency run prints its own percentiles.
 *
 * @module
 */

import { connect, type Redis, type Subscription } from "../mod.ts";
import { serverUrl } from "./server.ts";

const MESSAGES = 10_000;
const url = await serverUrl("bench/pubsub_bench.ts");
if (url !== null) await measure(url);

async function publish(
  publisher: Redis,
  channel: string,
  count: number,
): Promise<void> {
  const batch = 1_000;
  for (let sent = 0; sent < count; sent += batch) {
    const pipe = publisher.pipeline({ transaction: false });
    for (let i = 0; i < batch; i++) pipe.publish(channel, "0123456789abcdef");
    await pipe.execute();
  }
}

async function read(from: Subscription, count: number): Promise<void> {
  let left = count;
  while (left-- > 0) await from.next();
}

async function readers(
  redis: Redis,
  channel: string,
  count: number,
): Promise<Subscription[]> {
  return await Promise.all(
    Array.from(
      { length: count },
      () => redis.subscribe(channel, { highWaterMark: MESSAGES }),
    ),
  );
}

async function measure(url: string): Promise<void> {
  const publisher = await connect(url);
  const subscriber = await connect(url);
  // The clients must not keep the process alive; the server ends with it.
  publisher.unref();
  subscriber.unref();

  for (const count of [1, 100]) {
    Deno.bench({
      group: "10,000 messages",
      name: `to ${count} iterator${count === 1 ? "" : "s"}`,
      baseline: count === 1,
      async fn(b) {
        const subscriptions = await readers(subscriber, `to:${count}`, count);
        b.start();
        await Promise.all([
          publish(publisher, `to:${count}`, MESSAGES),
          ...subscriptions.map((from) => read(from, MESSAGES)),
        ]);
        b.end();
        await Promise.all(subscriptions.map((from) => from.close()));
      },
    });
  }

  Deno.bench({
    group: "latency",
    name: "one message among 1,000 others",
    async fn(b) {
      const [probe] = await readers(subscriber, "probe", 1);
      const [other] = await readers(subscriber, "load", 1);
      const load = Promise.all([
        publish(publisher, "load", 1_000),
        read(other!, 1_000),
      ]);
      b.start();
      await publisher.publish("probe", "now");
      await probe!.next();
      b.end();
      await load;
      await Promise.all([probe!.close(), other!.close()]);
    },
  });
}
