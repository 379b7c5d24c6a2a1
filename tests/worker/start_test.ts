/**
 * `deno task start` as a user runs it: in its own process.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT, TMP } from "../support/paths.ts";
import { freePort, TestServer } from "../support/test_server.ts";
import { assertIgnoresHost } from "./caller.ts";

/** A process and its output so far. */
interface Started extends AsyncDisposable {
  /** Resolves when the output matches; rejects if the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** The complete output and the exit code, once the process has ended. */
  ended(): Promise<{ code: number; output: string }>;
}

/** Runs `deno task start`, or only its program. */
function start(env: Record<string, string>, task = false): Started {
  const program = [
    "run",
    "--quiet",
    "--no-check",
    "--no-prompt",
    "--unstable-no-legacy-abort",
    "--allow-net",
    "--allow-env",
    "tests/support/start.ts",
  ];
  const child = new Deno.Command(Deno.execPath(), {
    args: task ? ["task", "start"] : program,
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", PORT: "0", ...env },
  }).spawn();
  let output = "";
  let news = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      news.resolve();
      news = Promise.withResolvers();
    }
  };
  const over = Promise.all([
    read(child.stdout),
    read(child.stderr),
    child.status,
  ]).then(([, , { code }]) => {
    news.resolve();
    return code;
  });
  return {
    async says(pattern) {
      let ended = false;
      over.then(() => ended = true);
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found;
        if (ended) throw new Error(`It never said ${pattern}:\n${output}`);
        await news.promise;
      }
    },
    async ended() {
      return { code: await over, output };
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has already ended.
      }
      await over;
    },
  };
}

Deno.test("task start needs only Deno: no cache, and no registry", async () => {
  await Deno.mkdir(TMP, { recursive: true });
  const cache = await Deno.makeTempDir({ dir: TMP, prefix: "empty-cache-" });
  // Nothing listens there, so a dial is refused.
  const nowhere = `http://127.0.0.1:${freePort()}`;
  const offline = {
    DENO_DIR: cache,
    NPM_CONFIG_REGISTRY: nowhere,
    JSR_URL: nowhere,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    NO_PROXY: "",
  };
  {
    await using started = start(
      { ...offline, TOKEN: "token", REDIS_URL: "" },
      true,
    );
    const [, url] = await started.says(/Gateway {2}(http:\S+)/);
    const answer = await fetch(`${url}/set/greeting/hello`, {
      headers: { authorization: "Bearer token" },
    });
    assert.deepEqual(await answer.json(), { result: "OK" });
  }
  await Deno.remove(cache, { recursive: true });
});

Deno.test("task start prints one line when Redis is lost, and one when it is back", async () => {
  await using server = await TestServer.start();
  await using started = start({
    REDIS_URL: server.url,
    TOKEN: "token",
  });
  await started.says(new RegExp(`Redis    ${server.url} \\(REDIS_URL\\)`));
  await started.says(/Ctrl-C stops it\.\n/);
  await server.kill();
  const [lost] = await started.says(/^Redis .* cannot be reached: .*\n/m);
  // Nothing listens there, though a server that is about to end may still accept the dial.
  assert.match(lost, new RegExp(`${server.url} cannot be reached: \\S`));
  await server.startAgain();
  await started.says(new RegExp(`^Redis    ${server.url} is back\n`, "m"));
});

Deno.test("task start prints one line when Redis cannot be reached at first, or refuses", async (t) => {
  await t.step("is not there", async () => {
    const url = `redis://127.0.0.1:${freePort()}`;
    await using started = start({ REDIS_URL: url, TOKEN: "token" });
    const [line] = await started.says(/^Redis .* cannot be reached: .*\n/m);
    assert(line.includes(url));
  });
  await t.step("refuses", async () => {
    await using server = await TestServer.start({
      config: { requirepass: "s3cret" },
    });
    await using started = start({ REDIS_URL: server.url, TOKEN: "token" });
    const [line] = await started.says(/^Redis .* refuses the gateway: .*\n/m);
    assert.match(line, new RegExp(`${server.url} .*NOAUTH`));
  });
  await t.step("shows no password", async () => {
    const port = freePort();
    const url = `redis://ada:s3cret@127.0.0.1:${port}`;
    const started = start({ REDIS_URL: url, TOKEN: "token" });
    await started.says(/cannot be reached/);
    await started[Symbol.asyncDispose]();
    assert.doesNotMatch((await started.ended()).output, /s3cret/);
  });
});

Deno.test("task start says in one line, without a stack, why it cannot start", async (t) => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const wrong: Record<string, [Record<string, string>, RegExp]> = {
    "a port in use": [
      { PORT: `${port}` },
      /127\.0\.0\.1:\d+ is in use: set PORT/,
    ],
    "no port": [{ PORT: "http" }, /PORT must be an integer .* is http$/],
    "a host that is not this one's": [{ HOST: "192.0.2.1" }, /HOST and PORT/],
    "a bad URL": [{ REDIS_URL: "http://ada:s3cret@h" }, /REDIS_URL.*scheme/],
    "a bad option": [{ REDIS_URL: "redis://h?nope=1" }, /REDIS_URL.*"nope"/],
    "bad grants": [{ GRANTS: "[" }, /GRANTS/],
    "a bad setting": [{ CONSOLE: "maybe" }, /CONSOLE/],
  };
  for (const [what, [env, message]] of Object.entries(wrong)) {
    await t.step(what, async () => {
      await using started = start({
        REDIS_URL: "redis://127.0.0.1",
        TOKEN: "token",
        ...env,
      });
      const { code, output } = await started.ended();
      assert.equal(code, 1);
      assert.match(output, /^Cannot start: [^\n]+\n$/);
      assert.match(output.trim(), message);
      assert.doesNotMatch(output, /s3cret/);
    });
  }
});

Deno.test("task start prints the address of the console if it is on", async () => {
  await using started = start({
    TOKEN: "token",
    CONSOLE: "on",
    PREFIX: "/redis",
    REDIS_URL: "",
  });
  const [, url] = await started.says(/^Console {2}(http:\S+)\n/m);
  assert.match(url!, /^http:\/\/127\.0\.0\.1:\d+\/redis\/console$/);
  const page = await fetch(url!);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<html/i);
});

Deno.test("the line for `deno serve` in the documentation serves, on this machine only", async () => {
  await using server = await TestServer.start();
  const source = await Deno.readTextFile(join(ROOT, "worker/serve.ts"));
  const [, line = ""] = /REDIS_URL=\S+ TOKEN=\S+ deno (serve [^`]+)```/
    .exec(source.replaceAll(/ \\\n \* +|\n \* ?/g, " ")) ?? [];
  const args = line.trim().split(/\s+/);
  assert.deepEqual(args.slice(args.indexOf("--host")).slice(0, 2), [
    "--host",
    "127.0.0.1",
  ]);
  const port = `${freePort()}`;
  args[args.indexOf("--port") + 1] = port;
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { REDIS_URL: server.url, TOKEN: "secret" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const ping = async (): Promise<string> => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/ping`, {
        headers: { authorization: "Bearer secret" },
      });
      return await response.text();
    } catch {
      // It does not listen yet.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return await ping();
    }
  };
  try {
    assert.equal(await ping(), '{"result":"PONG"}');
    await assertIgnoresHost(`http://127.0.0.1:${port}`, "secret");
  } finally {
    // On SIGTERM it would wait for the connection, which `fetch` keeps open.
    child.kill("SIGKILL");
    await child.status;
  }
});
