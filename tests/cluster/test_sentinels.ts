/**
 * A master, its replica and three sentinels as a resource of a test.
 *
 * @module
 */

import { connect, type Redis } from "../../mod.ts";
import {
  type SentinelServer,
  startSentinel,
} from "../commands/sentinel_server.ts";
import { TestServer } from "../support/test_server.ts";
import { becomes } from "./test_cluster.ts";

const FAST = { "repl-diskless-sync-delay": "0" };

/** A master with a replica, and three sentinels that know each other. */
export class Deployment implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly servers: TestServer[] = [];
  readonly sentinels: SentinelServer[] = [];
  /** Clients for the sentinels. */
  readonly clients: Redis[] = [];

  static async start(): Promise<Deployment> {
    const self = new Deployment();
    const master = await TestServer.start({ config: FAST });
    self.servers.push(self.#stack.use(master));
    const config = { ...FAST, replicaof: `127.0.0.1 ${master.port}` };
    self.servers.push(self.#stack.use(await TestServer.start({ config })));
    for (let i = 0; i < 3; i++) {
      const sentinel = self.#stack.use(await startSentinel(master, 2));
      self.sentinels.push(sentinel);
      const client = self.#stack.use(await connect(sentinel.url));
      self.clients.push(client);
      await client.sentinelDebug({ "info-period": 300 });
    }
    for (const client of self.clients) {
      await becomes(async () =>
        (await client.sentinelSentinels("m")).length === 2
      );
    }
    await self.ready(self.clients);
    return self;
  }

  /** Waits until these sentinels know a replica that can be promoted. */
  async ready(clients: readonly Redis[]): Promise<void> {
    for (const client of clients) {
      await becomes(async () => {
        const replicas = await client.sentinelReplicas("m");
        return replicas.some((replica) =>
          replica.flags === "slave" && replica["master-link-status"] === "ok"
        );
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.sentinels) {
      try {
        child.kill("SIGCONT");
      } catch {
        // The test has killed it.
      }
    }
    await this.#stack.disposeAsync();
  }
}

/** An acknowledged write: its time, and the port of the server. */
export interface Write {
  readonly at: number;
  readonly port: number;
}

/** Writes repeatedly until `end`; resolves to the writes, and adds each to `done`. */
export async function writes(
  redis: Redis,
  end: Promise<unknown>,
  done: Write[] = [],
): Promise<Write[]> {
  let over = false;
  end.then(() => over = true);
  while (!over) {
    try {
      const [, config] = await redis.transaction((t) => [
        t.incr("n"),
        t.configGet("port"),
      ]);
      done.push({ at: performance.now(), port: Number(config.port) });
    } catch {
      // The write was lost with its connection.
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return done;
}
