/**
 * Compares the gateway with webdis, and in workerd with bare Workers; wrk is the load.
 *
 * `deno task bench:worker`. Needs wrk and webdis (`apt-get install wrk webdis`).
 * The contenders alternate in one run. Prints medians of requests per second and of
 * latencies, and their ratios to the first of each group.
 *
 * With two cores, and `taskset` to assign them, all gateways run on one core, wrk and
 * Redis on the other. workerd runs without `wrangler dev`, whose proxy and log take ten
 * times as long as the Worker.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { freePort, TestServer } from "../tests/support/test_server.ts";
import {
  bundleGateway,
  gatewayConfig,
  type WorkerConfig,
  Workerd,
} from "../tests/worker/workerd.ts";
import { answerHelp } from "../tests/support/usage.ts";
import { median } from "./work.ts";

const TOKEN = "token-of-the-bench";
const KEY = "key";
const VALUE = "x".repeat(32);
/** The warm-up time in seconds, in which V8 optimizes a program. */
const WARM_UP = 6;
const READY_WITHIN = 120_000;
const ROOT = new URL("../", import.meta.url).pathname;
const SUPERVISOR = `${ROOT}tests/worker/supervise.mjs`;
const TMP = `${ROOT}tests/.tmp/`;

/** A server that answers GET over HTTP. */
interface Contender extends AsyncDisposable {
  /** The address of the value. */
  readonly url: string;
}

/** The result of one round of wrk. */
interface Round {
  readonly rate: number;
  /** The median latency in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Contenders that are compared with each other; the first is the baseline. */
interface Group {
  readonly title: string;
  readonly connections: number;
  readonly names: readonly string[];
  start(redis: TestServer, name: string): Promise<Contender>;
}

const BARE_WORKER = "bare Worker";
const BARE_FETCH = "bare Worker, object by fetch";
const BARE_RPC = "bare Worker, object by RPC";
const BARE_REDIS = "bare Worker, object asks Redis";
const CONSTANT = "sorrel, constant engine";
const BARE_DENO = "bare Deno, asks Redis";
const ON_DENO = "sorrel on Deno";
const ON_DENO_CACHED = "sorrel on Deno, CACHE";
const WITH_HUB = "sorrel, with HUB";
const WITH_HUB_CACHED = "sorrel, HUB and CACHE";
const WITHOUT_HUB = "sorrel, without HUB";

const GROUPS: readonly Group[] = [
  {
    title: "HTTP server",
    connections: 64,
    names: ["webdis", BARE_DENO, ON_DENO, ON_DENO_CACHED],
    start: (redis, name) =>
      name === "webdis"
        ? startWebdis(redis)
        : name === BARE_DENO
        ? startBareDeno(redis)
        : startGateway(redis, name === ON_DENO ? "off" : "on"),
  },
  {
    title: "workerd",
    connections: 32,
    names: [
      BARE_RPC,
      BARE_REDIS,
      WITH_HUB,
      WITH_HUB_CACHED,
      WITHOUT_HUB,
      BARE_FETCH,
      BARE_WORKER,
      CONSTANT,
    ],
    start: startWorkerd,
  },
];

async function main(): Promise<void> {
  const rounds = Number(option("--rounds") ?? 3);
  const seconds = Number(option("--seconds") ?? 5);
  await using redis = await TestServer.start();
  await redis.ask("SET", KEY, VALUE);
  // Programs started by this process inherit its core.
  const apart = availableParallelism() > 1 && await pin(Deno.pid, 0) &&
    await pin(redis.pid, 1);
  print(
    `GET of ${VALUE.length} bytes, ${rounds} rounds of ${seconds} s; ${
      apart ? "gateways on one core, wrk and Redis on another" : "cores shared"
    }; Deno ${Deno.version.deno}, redis-server ${redis.version}`,
  );
  for (const group of GROUPS) {
    const measured = await measure(group, redis, { rounds, seconds, apart });
    report(group, measured);
  }
}

async function measure(
  group: Group,
  redis: TestServer,
  { rounds, seconds, apart }: {
    rounds: number;
    seconds: number;
    apart: boolean;
  },
): Promise<Map<string, Round[]>> {
  await using stack = new AsyncDisposableStack();
  const contenders = new Map<string, Contender>();
  const measured = new Map<string, Round[]>();
  const run = (url: string, seconds: number) =>
    load(url, { seconds, apart, connections: group.connections });
  for (const name of group.names) {
    try {
      const contender = stack.use(await group.start(redis, name));
      await run(contender.url, WARM_UP);
      contenders.set(name, contender);
      measured.set(name, []);
    } catch (error) {
      print(`without ${name}: ${error}`);
    }
  }
  for (let round = 0; round < rounds; round++) {
    const turns = [...contenders];
    // Rotate, so that each contender is first once.
    turns.push(...turns.splice(0, round % turns.length));
    for (const [name, { url }] of turns) {
      measured.get(name)!.push(await run(url, seconds));
    }
  }
  return measured;
}

function report(
  { title, connections }: Group,
  measured: ReadonlyMap<string, readonly Round[]>,
): void {
  const rows = [...measured].map(([name, rounds]) => ({
    name,
    rate: median(rounds.map(({ rate }) => rate)),
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
  }));
  const [base] = rows;
  if (base === undefined) return;
  const ratio = (value: number, to: number) => ` (${(value / to).toFixed(2)})`;
  print(`\n${title}, ${connections} connections (ratio to ${base.name})`);
  line(["", "requests/s", "p50 ms", "p99 ms"]);
  for (const { name, rate, p50, p99 } of rows) {
    line([
      name,
      Math.round(rate).toLocaleString("en") + ratio(rate, base.rate),
      p50.toFixed(2) + ratio(p50, base.p50),
      p99.toFixed(2) + ratio(p99, base.p99),
    ]);
  }
}

/** Runs wrk. Throws if a request failed, as errors are fast. */
async function load(
  url: string,
  { seconds, apart, connections }: {
    seconds: number;
    apart: boolean;
    connections: number;
  },
): Promise<Round> {
  const wrk = [
    ...["wrk", "-t", "1", "-c", String(connections), "-d", `${seconds}s`],
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

/** Parses a time of wrk: `870.00us`, `3.21ms`, `1.02s`. */
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
      // Each contender has one core.
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

/** The least that a gateway on Deno can do. */
async function startBareDeno(redis: TestServer): Promise<Contender> {
  const port = freePort();
  const program = new Program([
    ...[Deno.execPath(), "run", "--no-prompt", "--allow-net=127.0.0.1"],
    ...[`${ROOT}bench/bare_gateway.ts`, String(port), String(redis.port)],
  ]);
  return await program.ready(`http://127.0.0.1:${port}/get/${KEY}`);
}

/** The program of `deno task start`. */
async function startGateway(
  redis: TestServer,
  CACHE: string,
): Promise<Contender> {
  const port = freePort();
  const program = new Program([
    ...[Deno.execPath(), "run", "--no-prompt"],
    ...["--allow-net=127.0.0.1", "--allow-env", "--allow-read"],
    `${ROOT}tests/support/start.ts`,
  ], { REDIS_URL: redis.url, PORT: String(port), TOKEN, CACHE });
  return await program.ready(`http://127.0.0.1:${port}/get/${KEY}`);
}

/**
 * Workers with the gateway's replies and no other code. Only with `ask` does the
 * object do what an object of the gateway must: wait for a reply of Redis.
 */
const BARE = `
import { connect } from "cloudflare:sockets";
import { DurableObject } from "cloudflare:workers";
const body = '{"result":"${VALUE}"}';
const headers = { "content-type": "application/json" };
export class Bare extends DurableObject {
  #redis;
  fetch() { return new Response(body, { headers }); }
  execute(args) { return "${VALUE}"; }
  ask([, key]) { return (this.#redis ??= openRedis(this.env.PORT))(key); }
}
function openRedis(port) {
  const socket = connect({ hostname: "127.0.0.1", port: Number(port) });
  const writer = socket.writable.getWriter();
  const encoder = new TextEncoder();
  const waiting = [];
  let commands = "";
  (async () => {
    let text = "";
    for await (const part of socket.readable.pipeThrough(new TextDecoderStream())) {
      text += part;
      for (let end; (end = text.indexOf("\\r\\n")) >= 0;) {
        const next = end + 2 + Number(text.slice(1, end)) + 2;
        if (next > text.length) break;
        waiting.shift()(text.slice(end + 2, next - 2));
        text = text.slice(next);
      }
    }
  })();
  return (key) => {
    if (commands === "") {
      queueMicrotask(() => {
        const bytes = encoder.encode(commands);
        commands = "";
        writer.write(bytes);
      });
    }
    commands += "*2\\r\\n$3\\r\\nGET\\r\\n$" + key.length + "\\r\\n" + key + "\\r\\n";
    return new Promise((resolve) => waiting.push(resolve));
  };
}
const object = ({ BARE }) => BARE.get(BARE.idFromName("a"));
const answer = (result) => new Response(JSON.stringify({ result }), { headers });
const answers = {
  worker: () => new Response(body, { headers }),
  fetch: (request, env) => object(env).fetch(request),
  rpc: async (_request, env) => answer(await object(env).execute(["GET", "key"])),
  redis: async (_request, env) => answer(await object(env).ask(["GET", "key"])),
};
export default { fetch: (request, env) => answers[env.HOW](request, env) };
`;

/** The gateway with an engine that replies at once. */
const CONSTANT_ENGINE = `
import { makeGateway } from "./gateway.js";
const engine = { execute: async () => "${VALUE}", executeAll: async () => [] };
export default makeGateway({ engine: () => engine });
`;

async function startWorkerd(
  redis: TestServer,
  name: string,
): Promise<Contender> {
  const vars = { REDIS_URL: redis.url, TOKEN };
  const bare = (how: string): WorkerConfig => ({
    name: "worker",
    module: "bare.js",
    vars: { HOW: how, PORT: String(redis.port) },
    bindings: [`(name = "BARE", durableObjectNamespace = "Bare")`],
    classes: ["Bare"],
  });
  const configs: Record<string, WorkerConfig> = {
    [BARE_WORKER]: bare("worker"),
    [BARE_FETCH]: bare("fetch"),
    [BARE_RPC]: bare("rpc"),
    [BARE_REDIS]: bare("redis"),
    [CONSTANT]: {
      name: "worker",
      module: "constant.js",
      moreModules: ["gateway.js"],
      vars,
    },
    [WITH_HUB]: gatewayConfig("worker", vars, { hub: true }),
    [WITH_HUB_CACHED]: {
      ...gatewayConfig("worker", { ...vars, CACHE: "on" }, { hub: true }),
      module: "cached.js",
    },
    [WITHOUT_HUB]: gatewayConfig("worker", vars, { hub: false }),
  };
  const workerd = await Workerd.start([configs[name]!], {
    "bare.js": BARE,
    "constant.js": CONSTANT_ENGINE,
    "gateway.js": await bundleGateway(),
    "cached.js": await bundleGateway("cached_worker.ts"),
  });
  return {
    url: `${workerd.urlOf("worker")}/get/${KEY}`,
    [Symbol.asyncDispose]: () => workerd[Symbol.asyncDispose](),
  };
}

/** A server process; ends when it is disposed of, or with this process. */
class Program implements Contender {
  url = "";
  /** Further resources to dispose of with it. */
  readonly stack = new AsyncDisposableStack();
  readonly #child: Deno.ChildProcess;

  /** Starts the program; with a package, in a shell that has the package's programs. */
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

  /** Waits until the address returns the value. */
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

/** Assigns a process to a core; returns whether that worked. */
async function pin(pid: number, core: number): Promise<boolean> {
  try {
    await outputOf(["taskset", "-a", "-cp", String(core), String(pid)]);
    return true;
  } catch {
    return false;
  }
}

/** The output of a program. Throws when it does not exist or fails. */
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
  print(cells.map((cell, i) => cell.padEnd(i === 0 ? 32 : 18)).join(""));
}

function print(text: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(text);
}

answerHelp(`
Usage: deno task bench:worker [--rounds N] [--seconds N]

Compares the gateway with webdis, under the load of wrk. Needs wrk and webdis.

  --rounds <n>   measurements of each gateway
  --seconds <n>  duration of each measurement`);
await main();
