/**
 * Libraries that people use with Redis, each on the embedded server. All of them run
 * scripts.
 */

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import beeQueue from "npm:bee-queue@2.0.0";
import Bottleneck from "npm:bottleneck@2.19.5";
import Bull from "npm:bull@4.16.5";
import { Queue, QueueEvents, Worker } from "npm:bullmq@6.7.0";
import { Redis } from "npm:ioredis@5.11.1";
import {
  Queue as ResqueQueue,
  Worker as ResqueWorker,
} from "npm:node-resque@9.7.1";
import { RedisStore } from "npm:rate-limit-redis@4.2.0";
import { RateLimiterRedis } from "npm:rate-limiter-flexible@11.4.0";
import Redlock from "npm:redlock@4.2.0";
import { MultiSemaphore, Mutex, Semaphore } from "npm:redis-semaphore@5.8.0";
import RSMQ from "npm:rsmq@0.12.4";
import { EmbeddedServer } from "../../lib/embedded/server.ts";

const HOST = "127.0.0.1";

/** Tests a package on a server of its own, listening on TCP. */
function testPackage(
  name: string,
  use: (port: number, redis: Redis) => Promise<void>,
): void {
  Deno.test({
    name: `the package ${name} works on the embedded server`,
    async fn() {
      await using server = await EmbeddedServer.listen({ port: 0 });
      const redis = new Redis(server.port, HOST, {
        maxRetriesPerRequest: null,
      });
      try {
        await use(server.port, redis);
      } finally {
        redis.disconnect();
      }
    },
  });
}

testPackage("bullmq", async (port) => {
  const connection = { host: HOST, port, maxRetriesPerRequest: null };
  const queue = new Queue("q", { connection });
  const events = new QueueEvents("q", { connection });
  await events.waitUntilReady();
  const worker = new Worker(
    "q",
    ({ data, attemptsMade }) => {
      if (data.fails && attemptsMade < 1) throw new Error("again");
      return Promise.resolve(data.n * 2);
    },
    { connection, concurrency: 3 },
  );
  const jobs = await queue.addBulk(
    [1, 2, 3].map((n) => ({ name: "plain", data: { n } })),
  );
  jobs.push(
    await queue.add("failing", { n: 5, fails: true }, {
      attempts: 2,
      backoff: 10,
    }),
    await queue.add("delayed", { n: 7 }, { delay: 20 }),
    await queue.add("urgent", { n: 9 }, { priority: 3 }),
  );
  deepEqual(
    await Promise.all(jobs.map((job) => job.waitUntilFinished(events))),
    [2, 4, 6, 10, 14, 18],
  );
  const counts = await queue.getJobCounts();
  equal(counts.completed, 6);
  equal(counts.failed, 0);
  await worker.close();
  await events.close();
  await queue.obliterate({ force: true });
  await queue.close();
});

testPackage("bull", async (port) => {
  const queue = new Bull("b", { redis: { host: HOST, port } });
  queue.process((job: { data: { n: number } }) =>
    Promise.resolve(job.data.n + 1)
  );
  equal(await (await queue.add({ n: 1 })).finished(), 2);
  const later = await queue.add({ n: 2 }, { delay: 20, priority: 2 });
  equal(await later.finished(), 3);
  await queue.close();
});

testPackage("bee-queue", async (port) => {
  const queue = new beeQueue("bee", { redis: { host: HOST, port } });
  queue.process((job: { data: { n: number } }) =>
    Promise.resolve(job.data.n + 1)
  );
  const job = queue.createJob({ n: 2 });
  const done = new Promise((resolve) => job.on("succeeded", resolve));
  await job.save();
  equal(await done, 3);
  await queue.close();
});

testPackage("redlock", async (_port, redis) => {
  // deno-lint-ignore no-explicit-any -- its types are for ioredis 3
  const locks = new Redlock([redis as any], { retryCount: 0 });
  const lock = await locks.lock("resource", 1000);
  await rejects(async () => await locks.lock("resource", 1000));
  await lock.extend(2000);
  await lock.unlock();
  await (await locks.lock("resource", 100)).unlock();
});

testPackage("rate-limiter-flexible", async (_port, redis) => {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    points: 2,
    duration: 60,
  });
  equal((await limiter.consume("user")).remainingPoints, 1);
  equal((await limiter.consume("user")).remainingPoints, 0);
  const refused = await limiter.consume("user").catch((error) => error);
  equal(refused.remainingPoints, 0);
  ok(refused.msBeforeNext > 0);
});

testPackage("redis-semaphore", async (_port, redis) => {
  const options = { acquireTimeout: 30, retryInterval: 10 };
  // deno-lint-ignore no-explicit-any -- its types are for another ioredis
  const client = redis as any;
  const mutexes = [1, 2].map(() => new Mutex(client, "mutex", options));
  equal(await mutexes[0]!.tryAcquire(), true);
  equal(await mutexes[1]!.tryAcquire(), false);
  await mutexes[0]!.release();
  equal(await mutexes[1]!.tryAcquire(), true);
  await mutexes[1]!.release();
  const seats = [1, 2, 3].map(() => new Semaphore(client, "seats", 2, options));
  const taken = [];
  for (const seat of seats) taken.push(await seat.tryAcquire());
  deepEqual(taken, [true, true, false]);
  await seats[0]!.release();
  await seats[1]!.release();
  const many = new MultiSemaphore(client, "many", 3, 2, options);
  await many.acquire();
  await many.release();
});

testPackage("rate-limit-redis", async (_port, redis) => {
  const store = new RedisStore({
    // deno-lint-ignore no-explicit-any -- any reply
    sendCommand: (word, ...args) => redis.call(word!, ...args) as Promise<any>,
  });
  // deno-lint-ignore no-explicit-any -- it uses no more of the options
  store.init({ windowMs: 60_000 } as any);
  equal((await store.increment("k")).totalHits, 1);
  equal((await store.increment("k")).totalHits, 2);
  await store.decrement("k");
  equal((await store.get("k"))?.totalHits, 1);
  await store.resetKey("k");
});

testPackage("rsmq", async (port) => {
  const queue = new RSMQ({ host: HOST, port });
  await queue.createQueueAsync({ qname: "q" });
  const id = await queue.sendMessageAsync({ qname: "q", message: "hello" });
  const message = await queue.receiveMessageAsync({ qname: "q" });
  ok("message" in message);
  equal(message.message, "hello");
  equal(message.id, id);
  equal(await queue.deleteMessageAsync({ qname: "q", id }), 1);
  equal((await queue.getQueueAttributesAsync({ qname: "q" })).totalrecv, 1);
  queue.quit(() => {});
});

testPackage("node-resque", async (port) => {
  const connection = {
    pkg: "ioredis",
    host: HOST,
    port,
    database: 0,
    namespace: "resque",
    options: {},
  };
  const jobs = {
    add: { perform: (a: number, b: number) => Promise.resolve(a + b) },
  };
  const queue = new ResqueQueue({ connection }, jobs);
  await queue.connect();
  await queue.enqueue("maths", "add", [1, 2]);
  const worker = new ResqueWorker(
    { connection, queues: ["maths"], timeout: 10 },
    jobs,
  );
  await worker.connect();
  const result = new Promise((resolve) =>
    worker.on("success", (_queue, _job, result) => resolve(result))
  );
  worker.start();
  equal(await result, 3);
  await worker.end();
  await queue.end();
});

testPackage("bottleneck", async (port) => {
  // deno-lint-ignore no-explicit-any -- its types do not know Redis of an import
  const options: any = {
    id: "limiter",
    datastore: "ioredis",
    clearDatastore: true,
    Redis,
    clientOptions: { host: HOST, port },
    maxConcurrent: 2,
    minTime: 1,
  };
  const limiter = new Bottleneck(options);
  await limiter.ready();
  const work = [1, 2, 3].map((n) =>
    limiter.schedule(() => Promise.resolve(n * 2))
  );
  deepEqual(await Promise.all(work), [2, 4, 6]);
  await limiter.disconnect();
});
