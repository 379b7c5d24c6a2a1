/**
 * Runs each program of this folder as a user does: in its own processes, against a
 * real server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../mod.ts";
import { ROOT } from "../support/paths.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";

const testWithScripts = await testWith("scripting");

/** A running program and its output. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(server: TestServer, name: string, ...args: string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--allow-net=127.0.0.1",
        "--allow-env=REDIS_URL",
        `tests/examples/${name}.ts`,
        ...args,
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1", REDIS_URL: server.url },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout
      .pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line of its output; `null` at the end. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#output.read();
      if (done) return null;
      this.#rest += value;
    }
  }

  /** All lines of its output until it ends. */
  async lines(): Promise<string[]> {
    const lines: string[] = [];
    for (let line; (line = await this.line()) !== null;) lines.push(line);
    return lines;
  }

  /** Types a line on its terminal. */
  async type(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Closes its terminal. */
  async closeInput(): Promise<void> {
    await this.#input.close();
  }

  /** Sends it SIGTERM. */
  terminate(): void {
    this.#child.kill("SIGTERM");
  }

  /** Its exit code. */
  async code(): Promise<number> {
    return (await this.#child.status).code;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#input.abort().catch(() => {});
    await this.#output.cancel();
    await this.#child.status;
  }
}

Deno.test("queue worker: does pending jobs first, then new ones, and stops on SIGTERM", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  // An earlier run of worker-1 read a job and crashed.
  await redis.xadd("mails", "*", { to: "ada" });
  await redis.xgroupCreate("mails", "mailers", "0");
  await redis.send(
    ["XREADGROUP", "GROUP", "mailers", "worker-1", "STREAMS", "mails", ">"],
  );
  await redis.xadd("mails", "*", { to: "grace" });

  await using worker = new Program(server, "queue_worker", "worker-1");
  assert.equal(await worker.line(), "mail to ada, again");
  assert.equal(await worker.line(), "mail to grace");
  await redis.xadd("mails", "*", { to: "alan" });
  assert.equal(await worker.line(), "mail to alan");
  worker.terminate();
  assert.equal(await worker.line(), "stopped");
  assert.equal(await worker.code(), 0);
});

testWithScripts(
  "rate limiter: refuses the sixth request of a user, until the first is a minute old",
  async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url);
    await using limiter = new Program(server, "rate_limiter");
    const port = await limiter.line();
    const request = async (user: string) => {
      const url = `http://127.0.0.1:${port}`;
      const response = await fetch(url, { headers: { user } });
      await response.body?.cancel();
      return response;
    };

    for (let i = 0; i < 5; i++) {
      assert.equal((await request("ada")).status, 200);
    }
    const refused = await request("ada");
    assert.equal(refused.status, 429);
    const wait = Number(refused.headers.get("retry-after"));
    assert.ok(wait > 0 && wait <= 60, `retry-after is ${wait}`);
    assert.equal((await request("grace")).status, 200);

    const [first] = await redis.zrange("requests:ada", 0, 0);
    await redis.zincrby("requests:ada", -60_000, first!);
    assert.equal((await request("ada")).status, 200);
    assert.equal((await request("ada")).status, 429);
  },
);

Deno.test("chat: two processes see each other's messages", async () => {
  await using server = await TestServer.start();
  await using ada = new Program(server, "chat", "lobby", "ada");
  await using grace = new Program(server, "chat", "lobby", "grace");
  assert.equal(await ada.line(), "You are in lobby");
  assert.equal(await grace.line(), "You are in lobby");

  await ada.type("hello");
  assert.equal(await grace.line(), "ada: hello");
  await grace.type("good morning");
  assert.equal(await ada.line(), "ada: hello");
  assert.equal(await ada.line(), "grace: good morning");

  await ada.closeInput();
  assert.equal(await ada.code(), 0);
});

testWithScripts(
  "cache: 300 callers in three processes load a value once",
  async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url);
    await using first = new Program(server, "cache");
    await using second = new Program(server, "cache");
    await using third = new Program(server, "cache");
    for (const program of [first, second, third]) {
      assert.deepEqual(await program.lines(), ["100 callers got report 1"]);
    }
    assert.equal(await redis.get("loads"), "1");
  },
);

Deno.test("leaderboard: keeps the best scores, in order", async () => {
  await using server = await TestServer.start();
  const args = ["ada=120", "grace=150", "alan=90", "edsger=70", "ada=100"];
  await using board = new Program(server, "leaderboard", ...args);
  assert.deepEqual(await board.lines(), [
    "Top three",
    "1. grace 150",
    "2. ada 120",
    "3. alan 90",
    "ada is number 2, among grace, ada, alan",
  ]);
});
