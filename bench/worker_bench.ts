/**
 * The gateway beside webdis, driven by wrk: GET over 64 connections, in one run
 * by turns.
 *
 * `deno task bench:worker`; `--rounds 5` for more rounds, `--seconds 10` for
 * longer ones. Needs wrk and webdis (`apt-get install wrk webdis`). Prints
 * medians of requests per second and of latencies, and their ratios to webdis.
 *
 * Where there are two cores, and `taskset` to assign them, all gateways are on
 * one, wrk and Redis on the other. Beside the gateway under Deno.serve stands
 * the Worker in workerd, from npm, with its Durable Object. It is alone there:
 * `wrangler dev` has a proxy in front, which answers some hundred requests a
 * second whatever is behind it.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { freePort, TestServer } from "../tests/support/test_server.ts";
import { median } from "./work.ts";

const CONNECTIONS = 64;
const TOKEN = "token-of-the-bench";
const KEY = "key";
const VALUE = "x".repeat(32);
/** V8 takes some seconds to make its best of a program, in seconds. */
const WARM_UP = 6;
/** With installing it, the first time. */
const READY_WITHIN = 120_000;
/** The version that the tests' wrangler has. */
const WORKERD = "workerd@1.20260426.1";
const ROOT = new URL("../", import.meta.url).pathname;
const SUPERVISOR = `${ROOT}tests/worker/supervise.mjs`;
const TMP = `${ROOT}tests/.tmp/`;

/** Something that answers GET over HTTP. */
interface Contender extends AsyncDisposable {
  /** Where it has the value. */
  readonly url: string;
}

/** What wrk found in one round. */
interface Round {
  readonly rate: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const CONTENDERS: Record<string, (redis: TestServer) => Promise<Contender>> = {
  "webdis": startWebdis,
  "sorrel, Deno.serve": startGateway,
  "sorrel, workerd": startWorkerd,
};

async function main(): Promise<void> {
  const rounds = Number(option("--rounds") ?? 3);
  const seconds = Number(option("--seconds") ?? 5);
  await using redis = await TestServer.start();
  await redis.ask("SET", KEY, VALUE);
  // What this process starts is where it is itself.
  const apart = availableParallelism() > 1 && await pin(Deno.pid, 0) &&
    await pin(redis.pid, 1);
  await using stack = new AsyncDisposableStack();
  const contenders = new Map<string, Contender>();
  const measured = new Map<string, Round[]>();
  for (const [name, start] of Object.entries(CONTENDERS)) {
    try {
      const contender = stack.use(await start(redis));
      await load(contender.url, WARM_UP, apart);
      contenders.set(name, contender);
      measured.set(name, []);
    } catch (error) {
      print(`without ${name}: ${error}`);
    }
  }
  for (let round = 0; round < rounds; round++) {
    const turns = [...contenders];
    // Nobody is always first.
    turns.push(...turns.splice(0, round % turns.length));
    for (const [name, { url }] of turns) {
      measured.get(name)!.push(await load(url, seconds, apart));
    }
  }
  print(
    `GET of ${VALUE.length} bytes, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s; ${
      apart ? "gateways on one core, wrk and Redis on another" : "cores shared"
    }; Deno ${Deno.version.deno}, redis-server ${redis.version}`,
  );
  report(measured);
}

function report(measured: ReadonlyMap<string, readonly Round[]>): void {
  const rows = [...measured].map(([name, rounds]) => ({
    name,
    rate: median(rounds.map(({ rate }) => rate)),
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
  }));
  const base = rows.find(({ name }) => name === "webdis");
  const ratio = (value: number, to: number | undefined) =>
    to === undefined ? "" : ` (${(value / to).toFixed(2)})`;
  line(["(to webdis)", "requests/s", "p50 ms", "p99 ms"]);
  for (const { name, rate, p50, p99 } of rows) {
    line([
      name,
      Math.round(rate).toLocaleString("en") + ratio(rate, base?.rate),
      p50.toFixed(2) + ratio(p50, base?.p50),
      p99.toFixed(2) + ratio(p99, base?.p99),
    ]);
  }
}

/** Drives one with wrk. Throws when any request failed: errors are answered fast. */
async function load(
  url: string,
  seconds: number,
  apart: boolean,
): Promise<Round> {
  const wrk = [
    ...["wrk", "-t", "1", "-c", String(CONNECTIONS), "-d", `${seconds}s`],
    ...["--latency", "-H", `Authorization: Bearer ${TOKEN}`, url],
  ];
  const said = await outputOf(apart ? ["taskset", "-c", "1", ...wrk] : wrk);
  if (/Non-2xx|Socket errors/.test(said)) throw new Error(said);
  return {
    rate: Number(/Requests\/sec: +([\d.]+)/.exec(said)![1]),
    p50: milliseconds(/50% +(\S+)/.exec(said)![1]!),
    p99: milliseconds(/99% +(\S+)/.exec(said)![1]!),
  };
}

/** A time as wrk writes it: `870.00us`, `3.21ms`, `1.02s`. */
function milliseconds(text: string): number {
  const [, digits, unit] = /^([\d.]+)(us|ms|s)$/.exec(text)!;
  return Number(digits) * { us: 0.001, ms: 1, s: 1_000 }[unit!]!;
}

// -- Contenders --

async function startWebdis(redis: TestServer): Promise<Contender> {
  const port = freePort();
  const directory = await Deno.makeTempDir({ dir: TMP, prefix: "run-" });
  const config = `${directory}/webdis.json`;
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      redis_host: redis.hostname,
      redis_port: redis.port,
      http_host: "127.0.0.1",
      http_port: port,
      // One has one core.
      threads: 1,
      daemonize: false,
      verbosity: 0,
      logfile: `${directory}/webdis.log`,
    }),
  );
  const program = new Program(["webdis", config]);
  program.stack.defer(() => Deno.remove(directory, { recursive: true }));
  return await program.ready(`http://127.0.0.1:${port}/GET/${KEY}`);
}

/** What `deno task start` runs. */
async function startGateway(redis: TestServer): Promise<Contender> {
  const port = freePort();
  const program = new Program([
    ...[Deno.execPath(), "run", "--no-prompt", "--unstable-no-legacy-abort"],
    ...["--allow-net=127.0.0.1", "--allow-env", "--allow-read"],
    `${ROOT}tests/support/start.ts`,
  ], { REDIS_URL: redis.url, PORT: String(port), TOKEN });
  return await program.ready(`http://127.0.0.1:${port}/get/${KEY}`);
}

async function startWorkerd(redis: TestServer): Promise<Contender> {
  const port = freePort();
  const directory = await Deno.makeTempDir({ dir: TMP, prefix: "run-" });
  await outputOf([
    ...[Deno.execPath(), "bundle", "--minify", "--external", "cloudflare:*"],
    ...["--output", `${directory}/worker.js`, `${ROOT}worker/worker.ts`],
  ]);
  await Deno.writeTextFile(
    `${directory}/config.capnp`,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "gateway", worker = .gateway),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:${port}", http = (), service = "gateway"),
  ],
);
const gateway :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-04-01",
  bindings = [
    (name = "REDIS_URL", text = "${redis.url}"),
    (name = "TOKEN", text = "${TOKEN}"),
    (name = "HUB", durableObjectNamespace = "Hub"),
  ],
  durableObjectNamespaces = [(className = "Hub", uniqueKey = "hub")],
  durableObjectStorage = (inMemory = void),
);
`,
  );
  const program = new Program(
    ["workerd", "serve", `${directory}/config.capnp`],
    {},
    ["npx", "-y", "-p", WORKERD, "-c"],
  );
  program.stack.defer(() => Deno.remove(directory, { recursive: true }));
  return await program.ready(`http://127.0.0.1:${port}/get/${KEY}`);
}

/** A process that serves until it is disposed of, or this one ends. */
class Program implements Contender {
  url = "";
  /** What else ends with it. */
  readonly stack = new AsyncDisposableStack();
  readonly #child: Deno.ChildProcess;

  /** Starts it, in a shell that has what a package brings where one is named. */
  constructor(
    program: readonly string[],
    env: Record<string, string> = {},
    [shell, ...args]: readonly string[] = ["sh", "-c"],
  ) {
    this.#child = new Deno.Command(shell!, {
      args: [...args, 'exec node "$SUPERVISOR"'],
      env: { ...env, SUPERVISOR, PROGRAM: JSON.stringify(program) },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Waits until it has the value at an address. */
  async ready(url: string): Promise<this> {
    this.url = url;
    const headers = { authorization: `Bearer ${TOKEN}` };
    const deadline = Date.now() + READY_WITHIN;
    let ended = false;
    this.#child.status.then(() => ended = true);
    while (!ended && Date.now() < deadline) {
      try {
        const response = await fetch(url, { headers });
        if ((await response.text()).includes(VALUE)) return this;
      } catch {
        // It does not listen yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await this[Symbol.asyncDispose]();
    throw new Error(ended ? "it ended" : `not ready in ${READY_WITHIN} ms`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
    await this.stack.disposeAsync();
  }
}

// -- Programs --

/** Moves a process to a core; whether that could be done. */
async function pin(pid: number, core: number): Promise<boolean> {
  try {
    await outputOf(["taskset", "-a", "-cp", String(core), String(pid)]);
    return true;
  } catch {
    return false;
  }
}

/** What a program prints. Throws when it is not there or fails. */
async function outputOf([program, ...args]: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program!, { args })
    .output();
  const said = new TextDecoder().decode(stdout);
  if (success) return said;
  throw new Error(`${program}: ${said}${new TextDecoder().decode(stderr)}`);
}

function option(name: string): string | undefined {
  const place = Deno.args.indexOf(name);
  return place < 0 ? undefined : Deno.args[place + 1];
}

function line(cells: readonly string[]): void {
  print(cells.map((cell, i) => cell.padEnd(i === 0 ? 24 : 18)).join(""));
}

function print(text: string): void {
  // deno-lint-ignore no-console -- what this program is for
  console.log(text);
}

// `deno bench` loads this file too.
if (import.meta.main) await main();
