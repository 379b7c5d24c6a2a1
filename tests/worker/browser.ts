/**
 * Headless Chromium as a resource of a test, over its DevTools protocol.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/
 * @module
 */

import assert from "node:assert/strict";
import { onPath } from "../support/find_server.ts";
import { forget, remember } from "../support/leftovers.ts";
import { TMP } from "../support/paths.ts";
import { eventually } from "./events.ts";

const ARGS = [
  ...["--headless", "--remote-debugging-port=0", "--no-first-run"],
  // Containers seldom allow Chromium's own sandbox, and the pages are trusted.
  ...["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  // No background requests: only the gateway may be contacted.
  ...["--disable-background-networking", "--disable-component-update"],
];

/** The timeout for starting and ending, which take a second or two. */
const PATIENCE = 30_000;

/** Returns why no browser can be started here, or `null` when one can. */
export async function noBrowser(): Promise<string | null> {
  if (await onPath("chromium") === null) return "no chromium is on PATH";
  const run = { name: "run", command: "chromium" } as const;
  const { state } = await Deno.permissions.query(run);
  return state === "granted" ? null : "there is no permission to run chromium";
}

/** A browser with its own profile. */
export class Browser implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #directory: string;
  readonly #said: Promise<void>;
  readonly #port: Promise<string>;

  private constructor(child: Deno.ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#port = promise;
    this.#said = listen(child.stderr, (text) => {
      const port = /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/m.exec(
        text,
      );
      if (port) resolve(port[1]!);
    }).then((text) => reject(new Error(`chromium ended:\n${text}`)));
  }

  /** Starts the browser. */
  static async start(): Promise<Browser> {
    await Deno.mkdir(TMP, { recursive: true });
    const directory = await Deno.makeTempDir({ dir: TMP, prefix: "run-" });
    const child = new Deno.Command("chromium", {
      args: [...ARGS, `--user-data-dir=${directory}`, "about:blank"],
      env: { HOME: directory },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    remember(child, directory);
    const browser = new Browser(child, directory);
    try {
      await browser.#soon(browser.#port);
      return browser;
    } catch (error) {
      await browser[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Opens an empty page. */
  async open(): Promise<Page> {
    const url = `http://127.0.0.1:${await this.#port}/json/new`;
    const response = await fetch(url, { method: "PUT" });
    const { webSocketDebuggerUrl } = await response.json();
    return await Page.open(webSocketDebuggerUrl);
  }

  /** Ends the browser and all its processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      // On SIGTERM it also ends its child processes, which SIGKILL would leave running.
      this.#child.kill("SIGTERM");
    } catch {
      // It has already ended.
    }
    await this.#soon(Promise.all([this.#child.status, this.#said]));
    forget(this.#child);
    await Deno.remove(this.#directory, { recursive: true }).catch(() => {});
  }

  /** Kills the browser if the promise takes too long. */
  async #soon<T>(promise: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A message of DevTools: an event, or the reply to a command. */
interface Heard {
  readonly id?: number;
  readonly method?: string;
  readonly error?: { message: string };
  readonly result?: Record<string, unknown>;
  readonly params?: unknown;
}

/** A page, used as a person would. */
export class Page implements AsyncDisposable {
  /** Errors in the page: exceptions, and loads that its policy has blocked. */
  readonly problems: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (heard: Heard) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
  }

  /** Attaches to the page at a DevTools address. */
  static async open(url: string): Promise<Page> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const page = new Page(socket);
    for (const domain of ["Page", "Runtime", "Log"]) {
      await page.ask(`${domain}.enable`);
    }
    return page;
  }

  /** Navigates to an address; resolves once its document is loaded. */
  async go(url: string): Promise<void> {
    await this.ask("Page.navigate", { url });
    await this.until(
      `document.readyState === "complete" && location.href`,
      url,
    );
  }

  /** Sends a command to DevTools. */
  async ask(
    method: string,
    params: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const answer = new Promise<Heard>((resolve) =>
      this.#waiting.set(id, resolve)
    );
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { error, result } = await answer;
    if (result !== undefined) return result;
    throw new Error(`${method}: ${error?.message}`);
  }

  /** The value of an expression in the page. */
  async value(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.ask("Runtime.evaluate", {
      expression,
      returnByValue: true,
    });
    assert.equal(exceptionDetails, undefined, expression);
    return (result as { value?: unknown }).value;
  }

  /** Waits until an expression has a value. */
  async until(expression: string, expected: unknown): Promise<void> {
    let value: unknown;
    try {
      await eventually(async () =>
        (value = await this.value(expression)) === expected
      );
    } catch {
      assert.equal(value, expected, expression);
    }
  }

  /** The text of the element with this id. */
  async text(id: string): Promise<string> {
    return `${await this.value(`${id}.innerText`)}`;
  }

  /** Types into the field with this id, and presses Enter. */
  async enter(id: string, text: string): Promise<void> {
    await this.value(`${id}.focus()`);
    await this.ask("Input.insertText", { text });
    await this.press("Enter", "\r");
  }

  /** Presses a key. */
  async press(key: string, text?: string): Promise<void> {
    const down = { type: "keyDown", key, code: key, text };
    await this.ask("Input.dispatchKeyEvent", down);
    await this.ask("Input.dispatchKeyEvent", { ...down, type: "keyUp" });
  }

  #receive(heard: Heard): void {
    if (heard.id !== undefined) {
      this.#waiting.get(heard.id)?.(heard);
      this.#waiting.delete(heard.id);
    } else if (
      heard.method === "Runtime.exceptionThrown" ||
      heard.method === "Log.entryAdded"
    ) this.problems.push(JSON.stringify(heard.params));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}

/** Calls `hear` with the output so far whenever it grows; resolves to all of it. */
async function listen(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  hear: (text: string) => void,
): Promise<string> {
  let text = "";
  for await (const more of stream.pipeThrough(new TextDecoderStream())) {
    hear(text += more);
  }
  return text;
}
