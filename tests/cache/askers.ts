/**
 * Processes that ask for the same value at once.
 *
 * @module
 */

import { connect, type Redis } from "../../mod.ts";
import { becomes } from "../cluster/test_cluster.ts";
import { ROOT } from "../support/paths.ts";
import type { TestServer } from "../support/test_server.ts";

/** What the processes do. */
export interface AskersOptions {
  readonly processes: number;
  /** How often each asks. */
  readonly calls: number;
  /** How long a load takes, in ms, or until it is told to end. */
  readonly loadTime: number | "told";
  /** In ms. */
  readonly lockTime?: number;
}

/** What a process got. */
export interface Result {
  /** From its first call to the last value, in ms. */
  readonly time: number;
  /** The different values, as JSON. */
  readonly values: string[];
}

/** Processes that have connected and wait to begin. */
export class Askers implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #children: readonly Deno.ChildProcess[];

  private constructor(redis: Redis, children: readonly Deno.ChildProcess[]) {
    this.#redis = redis;
    this.#children = children;
  }

  /** Starts the processes; resolves when all have connected. */
  static async start(
    server: TestServer,
    { processes, calls, loadTime, lockTime = 2_000 }: AskersOptions,
  ): Promise<Askers> {
    const redis = await connect(server.url);
    await redis.flushall();
    const args = [server.url, calls, loadTime, lockTime].map(String);
    const children = Array.from(
      { length: processes },
      () =>
        new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "--quiet",
            "--no-prompt",
            "--no-check",
            "--allow-net=127.0.0.1",
            "tests/cache/asker.ts",
            ...args,
          ],
          cwd: ROOT,
          env: { NO_COLOR: "1" },
          stdout: "inherit",
          stderr: "inherit",
        }).spawn(),
    );
    const askers = new Askers(redis, children);
    await becomes(async () => await redis.llen("ready") === processes, 60_000);
    return askers;
  }

  /** Lets all of them ask. */
  async begin(): Promise<void> {
    await this.#redis.rpush("start", ...this.#children.map(() => "now"));
  }

  /** Resolves to the numbers of the processes that have begun to load, once there are so many. */
  async loaders(count: number): Promise<number[]> {
    await becomes(
      async () => await this.#redis.llen("loads") >= count,
      60_000,
    );
    return (await this.#redis.lrange("loads", 0, -1)).map(Number);
  }

  /** Resolves when so many wait for the value that another loads. */
  async waiting(count: number): Promise<void> {
    await becomes(async () => {
      const channel = "sorrel:loaded:k";
      const counts = await this.#redis.send(["PUBSUB", "NUMSUB", channel]);
      const flat = counts instanceof Map ? [...counts].flat() : counts;
      return (flat as unknown[])[1] === count;
    }, 60_000);
  }

  /** Ends the load that waits to be told. */
  async go(): Promise<void> {
    await this.#redis.rpush("go", "on");
  }

  /** Kills a process, and waits until it is gone. */
  async kill(pid: number): Promise<void> {
    const child = this.#children.find((child) => child.pid === pid)!;
    child.kill("SIGKILL");
    await child.status;
  }

  /** How many commands of these names the server has executed without an error. */
  async executed(...names: string[]): Promise<number> {
    const info = await this.#redis.info("commandstats");
    return names.reduce((sum, name) => {
      const [, calls = 0, failed = 0] =
        new RegExp(`cmdstat_${name}:calls=(\\d+).*failed_calls=(\\d+)`)
          .exec(info) ?? [];
      return sum + Number(calls) - Number(failed);
    }, 0);
  }

  /** What each got that was not killed, once all have ended. */
  async results(): Promise<Result[]> {
    await Promise.all(this.#children.map(({ status }) => status));
    const results = await this.#redis.lrange("results", 0, -1);
    return results.map((result) => JSON.parse(result));
  }

  /** Kills those that have not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
    }
    await this.#redis.close();
  }
}
