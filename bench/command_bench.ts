/**
 * The client alone: single commands, concurrent commands, a pipeline.
 *
 * `deno task bench`. To compare with other clients: `deno task bench:rivals`.
 *
 * @module
 */

import { connect } from "../mod.ts";
import { serverUrl } from "./server.ts";

const url = await serverUrl("bench/command_bench.ts");
if (url !== null) await measure(url);

async function measure(url: string): Promise<void> {
  const redis = await connect(url);
  await redis.set("key", "0123456789abcdef");
  // The client must not keep the process alive; the server ends with it.
  redis.unref();

  Deno.bench({
    group: "1,000 GET",
    name: "at once",
    baseline: true,
    async fn() {
      await Promise.all(Array.from({ length: 1_000 }, () => redis.get("key")));
    },
  });

  Deno.bench({
    group: "1,000 GET",
    name: "as a pipeline",
    async fn() {
      const pipe = redis.pipeline({ transaction: false });
      for (let i = 0; i < 1_000; i++) pipe.get("key");
      await pipe.execute();
    },
  });

  Deno.bench({
    group: "1,000 GET",
    name: "as a transaction",
    async fn() {
      const pipe = redis.pipeline();
      for (let i = 0; i < 1_000; i++) pipe.get("key");
      await pipe.execute();
    },
  });

  Deno.bench({
    group: "one GET",
    name: "default",
    baseline: true,
    async fn() {
      await redis.get("key");
    },
  });

  const signal = new AbortController().signal;

  Deno.bench({
    group: "one GET",
    name: "with a signal and a timeout",
    async fn() {
      await redis.with({ signal, timeout: 1_000 }).get("key");
    },
  });

  Deno.bench({
    group: "one GET",
    name: "as bytes",
    async fn() {
      await redis.bytes.get("key");
    },
  });
}
