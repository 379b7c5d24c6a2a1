/**
 * A queue worker: takes jobs from a stream, one after another, and loses none.
 *
 * ```sh
 * deno run --allow-net --allow-env=REDIS_URL queue_worker.ts worker-1
 * redis-cli XADD mails '*' to ada@example.com
 * ```
 *
 * A job is acknowledged when its work is done. A worker that crashes before that
 * gets the job again when it restarts under the same name; another worker takes
 * it over after a minute. So a job may run twice: make the work repeatable.
 *
 * @module
 */

// deno-lint-ignore-file no-console

import { connect } from "../../mod.ts";

const [consumer = "worker-1"] = Deno.args;

const stop = new AbortController();
Deno.addSignalListener("SIGTERM", () => stop.abort());

await using redis = await connect();
const jobs = redis.readGroup("mails", "mailers", consumer, {
  create: "0",
  count: 1,
  claimIdle: 60_000,
  signal: stop.signal,
});
try {
  for await (const { fields, again, ack } of jobs) {
    await sendMail(fields.to ?? "nobody", again);
    await ack();
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.log("stopped");
}

/** A stand-in for the real work. */
function sendMail(to: string, again: boolean): Promise<void> {
  console.log(`mail to ${to}${again ? ", again" : ""}`);
  return Promise.resolve();
}
