/**
 * The first sync of a replica that has to wait: for another snapshot, or for a
 * script.
 */

import { equal, match, ok } from "node:assert/strict";
import { makePipe } from "../../lib/embedded/base/pipe.ts";
import { Core } from "../../lib/embedded/core.ts";
import type { Slices } from "../../lib/embedded/persistence/snapshots.ts";
import { toBinary } from "../../lib/resp/binary.ts";
import { Asker } from "./asker.ts";
import { until } from "./replication.ts";

/** A server in the middle of a snapshot, and a replica that waits for its end. */
class Waiting implements AsyncDisposable {
  readonly core: Core;
  readonly log: string[] = [];
  /** A client. */
  readonly asker: Asker;
  /** What the replica got. */
  got = "";
  /** The snapshot; disposing of it lets the first sync begin. */
  readonly snapshot: Slices;
  /** Resolves when the replica's connection ends. */
  readonly ended: Promise<void>;
  readonly send: (text: string) => Promise<void>;
  readonly #served: Promise<void>[] = [];

  constructor(config: Record<string, string> = {}) {
    this.core = new Core({ config, log: (line) => this.log.push(line) });
    this.asker = new Asker(this.#connect());
    this.snapshot = this.core.snapshots.begin({
      now: this.core.now,
      base: false,
    });
    const replica = this.#connect();
    this.send = (text) => replica.write([new TextEncoder().encode(text)]);
    this.ended = (async () => {
      const into = new Uint8Array(64 * 1024);
      for (;;) {
        const size = await replica.read(into);
        if (size === null) return;
        this.got += toBinary(into, 0, size);
      }
    })();
  }

  /** Sends PSYNC. */
  async begin(): Promise<void> {
    await this.send("PSYNC ? -1\r\n");
    await this.has(() => this.core.replication.replicas.full === 1);
  }

  /** Waits until a condition is true. */
  async has(what: () => boolean): Promise<void> {
    await until(() => Promise.resolve(what()), String(what));
  }

  #connect() {
    const [ours, theirs] = makePipe();
    this.#served.push(this.core.sessions.serve(ours));
    return theirs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.core.close();
    await Promise.all(this.#served);
    await this.ended;
  }
}

Deno.test("a first sync that waits is no idle session, and is asked for once", async () => {
  await using waiting = new Waiting({ timeout: "100" });
  const { core, send, snapshot } = waiting;
  await waiting.begin();
  await send("PSYNC ? -1\r\nSYNC\r\n");
  await waiting.asker.ask("PING");
  for (const session of core.sessions.values()) session.lastUse = 0;
  core.sessions.sweep();
  equal(core.sessions.size, 1, "the client is idle, the replica is not");
  snapshot[Symbol.dispose]();
  await waiting.has(() => core.replication.replicas.size === 1);
  equal(core.replication.replicas.full, 1);
});

Deno.test("what is written while a first sync waits does not count for its limit", async () => {
  await using waiting = new Waiting({
    "client-output-buffer-limit": "replica 100kb 0 0",
  });
  const { core, asker, snapshot } = waiting;
  await waiting.begin();
  for (let i = 0; i < 20; i++) await asker.ask("SET", "k", "x".repeat(10_000));
  snapshot[Symbol.dispose]();
  await waiting.has(() => core.replication.replicas.size === 1);
  await waiting.has(() => waiting.got.includes("x".repeat(10_000)));
  ok(waiting.got.length < 20_000);
});

Deno.test("a first sync that waits does not begin in the middle of a script", async () => {
  await using waiting = new Waiting({ "busy-reply-threshold": "1" });
  const { core, asker, snapshot } = waiting;
  await waiting.begin();
  const script =
    "redis.call('incr', 'n') for i = 1, 1e7 do end redis.call('incr', 'n')";
  const ran = asker.ask("EVAL", script, 0);
  await waiting.has(() => core.scripting.busy);
  snapshot[Symbol.dispose]();
  equal(core.snapshots.busy, false);
  await ran;
  await waiting.has(() => core.replication.replicas.size === 1);
  await asker.ask("SET", "last", 1);
  await waiting.has(() => waiting.got.includes("last"));
  // The snapshot has what the script did.
  ok(!waiting.got.includes("incr"), waiting.got);
});

Deno.test("an exception while a first sync is prepared ends its connection only", async () => {
  await using waiting = new Waiting();
  const { core, asker, snapshot, log } = waiting;
  await waiting.begin();
  Object.defineProperty(core.replication, "aux", {
    get: () => {
      throw new Error("no snapshot");
    },
  });
  snapshot[Symbol.dispose]();
  await waiting.ended;
  match(log.join("\n"), /Unexpected error: Error: no snapshot/);
  equal(await asker.ask("PING"), "PONG");
});
