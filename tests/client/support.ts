/**
 * Clients of a real server, in both protocols.
 *
 * @module
 */

import { connect } from "../../lib/connect.ts";
import type { ClientOptions } from "../../lib/client/options.ts";
import type { Redis } from "../../lib/client/redis.ts";
import { TestServer } from "../support/test_server.ts";

export { errorOf, sleep, until } from "../connection/support.ts";

/** The resources of a test with a real server. */
export interface Setting {
  readonly server: TestServer;
  readonly redis: Redis;
  readonly protocol: 2 | 3;
}

/** Declares a test with a new server and a client, once for each protocol. */
export function testBoth(
  name: string,
  run: (setting: Setting) => Promise<void>,
  options: ClientOptions = {},
): void {
  Deno.test(name, async (t) => {
    await using server = await TestServer.start();
    for (const protocol of [2, 3] as const) {
      await t.step(`RESP${protocol}`, async () => {
        await server.ask("FLUSHALL");
        await using redis = await connect(server.url, { protocol, ...options });
        await run({ server, redis, protocol });
      });
    }
  });
}

/** The lines of CLIENT LIST, except that of the asking connection. */
export async function clientsOf(
  server: TestServer,
  pattern = /./,
): Promise<string[]> {
  const list = await server.ask("CLIENT", "LIST");
  return list.split("\n").filter((line) =>
    /^id=|\nid=/.test(line) && !line.includes("cmd=client|list") &&
    pattern.test(line)
  );
}

/** The commands that the server received while `act` ran, from MONITOR. */
export async function monitored(
  server: TestServer,
  act: () => Promise<unknown>,
): Promise<string[]> {
  using socket = await Deno.connect(server);
  await socket.write(new TextEncoder().encode("MONITOR\r\n"));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  const readOn = async (until: string) => {
    while (!text.includes(until)) {
      const count = await socket.read(buffer);
      text += decoder.decode(buffer.subarray(0, count!), { stream: true });
    }
  };
  await readOn("+OK\r\n");
  await act();
  await server.ask("ECHO", "the end of monitored");
  await readOn("the end of monitored");
  // +1700000000.123456 [0 127.0.0.1:5000] "SET" "k" "v"
  return text.split("\r\n").flatMap((line) => {
    const words = /\] (.*)$/.exec(line)?.[1];
    if (words === undefined || words.includes("the end of")) return [];
    return [words.replace(/"([^"]*)"/g, "$1")];
  });
}

/** Options of a test program, besides its arguments. */
interface ProgramOptions {
  /** Environment variables. */
  env?: Record<string, string>;
  /** The environment variables that it may read. */
  may?: readonly string[];
  /** The hosts that it may reach. */
  hosts?: readonly string[];
  /** Its standard input; empty when left out. */
  stdin?: "piped" | "null";
}

/** Runs a program in its own process with `deno run`; resolves to its output. */
export async function runProgram(
  source: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = startProgram(source, args, options);
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Starts a program that imports `"@sorrel/redis"` in its own process. */
export function startProgram(
  source: string,
  args: readonly string[],
  { env = {}, may = [], hosts = ["127.0.0.1"], stdin = "null" }:
    ProgramOptions = {},
): Deno.ChildProcess {
  const entry = new URL("../../mod.ts", import.meta.url).href;
  const code = source.replaceAll('"@sorrel/redis"', JSON.stringify(entry));
  const url = `data:application/typescript,${encodeURIComponent(code)}`;
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--no-prompt",
      `--allow-net=${hosts.join(",")}`,
      ...may.length > 0 ? [`--allow-env=${may.join(",")}`] : [],
      url,
      ...args,
    ],
    stdin,
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
}

/** Reads the next messages of a subscription. */
export async function take<T>(
  subscription: AsyncIterator<T, void>,
  count: number,
): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) {
    const { done, value } = await subscription.next();
    if (done) throw new Error(`Ended after ${items.length} items`);
    items.push(value);
  }
  return items;
}
