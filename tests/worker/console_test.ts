/**
 * The console, in headless Chromium if it is available.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readSettings } from "../../worker/env.ts";
import { type GatewayServer, serve } from "../../worker/serve.ts";
import { TestServer } from "../support/test_server.ts";
import { Browser, noBrowser, type Page } from "./browser.ts";
import { Caller } from "./caller.ts";

const TOKEN = "token-of-the-tests";

interface Fixture extends AsyncDisposable {
  gateway: GatewayServer;
  caller: Caller;
}

async function start(
  CONSOLE: string,
  PREFIX = "",
): Promise<Fixture> {
  const server = await TestServer.start();
  const gateway = serve({ REDIS_URL: server.url, TOKEN, CONSOLE, PREFIX }, {
    hostname: "127.0.0.1",
    port: 0,
  });
  return {
    gateway,
    caller: new Caller(gateway.url + PREFIX, TOKEN),
    async [Symbol.asyncDispose]() {
      await gateway.shutdown(1_000);
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("/console is off by default", async () => {
  await using off = await start("off");
  const { status, json } = await off.caller.call("/console");
  assert.equal(status, 404);
  assert.match(json.error, /CONSOLE is off/);
  assert.throws(
    () => readSettings({ REDIS_URL: "redis://localhost", TOKEN, CONSOLE: "1" }),
    /CONSOLE.*on or off/,
  );
});

Deno.test("/console runs only the page's own scripts", async () => {
  await using on = await start("on");
  const url = `${on.gateway.url}/console`;
  const nonces = new Set<string>();
  for (const method of ["GET", "GET", "HEAD"]) {
    const response = await fetch(url, { method });
    assert.equal(response.status, 200);
    const { headers } = response;
    assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(headers.get("cache-control"), "no-store");
    const policy = headers.get("content-security-policy")!;
    assert.match(policy, /^default-src 'none'; .*frame-ancestors 'none'$/);
    const nonce = /script-src 'nonce-([^']+)';/.exec(policy)![1]!;
    nonces.add(nonce);
    const page = await response.text();
    if (method === "HEAD") assert.equal(page, "");
    else {
      const marked = page.match(/<(script|style)[^>]*>/g)!;
      assert.equal(marked.length, 2);
      for (const tag of marked) assert.ok(tag.includes(`nonce="${nonce}"`));
    }
  }
  assert.equal(nonces.size, 3);
  // A request with a body is a command.
  const { status } = await on.caller.call("/console", { method: "POST" });
  assert.equal(status, 400);
});

const missing = await noBrowser();

Deno.test({
  name: missing === null
    ? "/console in a browser"
    : `/console in a browser: ignored as ${missing}`,
  ignore: missing !== null,
  async fn(t) {
    await using fixture = await start("on", "/redis");
    const { caller, gateway } = fixture;
    await using browser = await Browser.start();
    await using page = await browser.open();
    await page.go(`${gateway.url}/redis/console`);
    const said = new Answers(page);

    await t.step("a wrong token is refused", async () => {
      await page.enter("token", "wrong");
      await page.until("state.value.split(':')[0]", "refused");
      await page.value("token.value = ''");
    });

    await t.step("the token opens the console", async () => {
      page.problems.length = 0;
      await page.enter("token", TOKEN);
      await page.until("document.activeElement.id", "line");
      assert.equal(await page.value("document.cookie"), "");
      assert.equal(await page.value("localStorage.length"), 0);
    });

    await t.step("a command shows its reply", async () => {
      await said.expect(`SET greeting "hello \\"world\\"" EX '100'`, `"OK"`);
      await said.expect("GET greeting", String.raw`"hello \"world\""`);
      await said.expect("GET missing", "(nil)");
      await said.expect(`SET big 9007199254740993`, `"OK"`);
      await said.expect("INCR big", "(integer) 9007199254740994");
      await said.expect(`RPUSH list a "" c\\ d`, "(integer) 3");
      await said.expect(
        "LRANGE list 0 -1",
        ['1) "a"', '2) ""', '3) "c d"'].join("\n"),
      );
      await said.expect(
        "EVAL 'return {1,{2,3}}' 0",
        [
          "1) (integer) 1",
          "2) 1) (integer) 2",
          "   2) (integer) 3",
        ].join("\n"),
      );
      await said.expect("INCR greeting", /^\(error\) ERR value is not an int/);
      await said.expect('GET "greeting', '" is not closed');
      assert.match(
        await page.text("latency"),
        /^round trip [\d.]+ ms, median [\d.]+ ms of the last 9$/,
      );
    });

    await t.step("the arrow keys recall earlier lines", async () => {
      await said.expect("ECHO one", '"one"');
      await said.expect("ECHO two", '"two"');
      for (const key of ["ArrowUp", "ArrowUp"]) await page.press(key);
      assert.equal(await page.value("line.value"), "ECHO one");
      for (const key of ["ArrowDown", "ArrowDown"]) await page.press(key);
      assert.equal(await page.value("line.value"), "");
    });

    await t.step("a published message appears, as text", async () => {
      await page.enter("channel", "news");
      await page.until("names.innerText", "news ✕");
      assert.equal(await caller.command("PUBLISH", "news", "<b>hi</b>"), 1);
      await page.until("messages.innerText", "news: <b>hi</b>");
      await said.expect("PSUBSCRIBE n*", "(integer) 2");
      await caller.command("PUBLISH", "next", "x");
      await page.until("messages.lastChild.innerText", "next (n*): x");
      await page.value("names.querySelector('button').click()");
      await page.until("names.innerText", "n* ✕");
      assert.equal(await caller.command("PUBLISH", "news", "again"), 1);
    });

    await t.step("it follows light and dark", async () => {
      const colors: unknown[] = [];
      for (const value of ["light", "dark"]) {
        const features = [{ name: "prefers-color-scheme", value }];
        await page.ask("Emulation.setEmulatedMedia", { features });
        const style = "getComputedStyle(document.documentElement)";
        colors.push(await page.value(`${style}.backgroundColor`));
      }
      assert.deepEqual(colors, ["rgb(255, 255, 255)", "rgb(20, 24, 29)"]);
    });

    await t.step("its fields have names", async () => {
      const unnamed = await page.value(
        `[...document.querySelectorAll("input, select, button")]
          .filter((field) => !(field.labels?.[0] ?? field).innerText && !field.ariaLabel)
          .length`,
      );
      assert.equal(unnamed, 0);
    });

    await t.step("the page shows that the gateway has stopped", async () => {
      await gateway.shutdown(1_000);
      await page.until("state.value.split(':')[0]", "closed");
      assert.equal(await page.value("line.disabled"), true);
      assert.deepEqual(page.problems, []);
    });
  },
});

/** Types lines and checks the output, one by one. */
class Answers {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Types a line and checks its output. */
  async expect(line: string, answer: string | RegExp): Promise<void> {
    const count = await this.#page.value("answers.childElementCount");
    await this.#page.enter("line", line);
    await this.#page.until("answers.childElementCount", Number(count) + 2);
    const last = await this.#page.value("answers.lastChild.innerText");
    if (typeof answer === "string") assert.equal(last, answer);
    else assert.match(`${last}`, answer);
  }
}
