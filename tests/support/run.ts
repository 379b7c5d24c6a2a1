/**
 * `deno task test`: finds the Redis server, then runs `deno test` with the
 * permissions that this machine's tests need, and no more.
 *
 * Prints a line for each file, and the failures at the end; for a single file, the
 * whole output of `deno test`.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { COMPARED, findCompared } from "./find_compared.ts";
import { EMBEDDED, findServer, onPath } from "./find_server.ts";
import { LEDGER, openLedger, settleLedger } from "./leftovers.ts";
import { ROOT, SOCKET_DIRS, SOCKET_NAME, TMP } from "./paths.ts";
import { PROTOCOL } from "./test_server.ts";
import { TestReport } from "./test_report.ts";
import { answerHelp } from "./usage.ts";

answerHelp(`
Usage: deno task test [options] [files or folders]

Runs the tests against a Redis server: that of REDIS_SERVER or PATH, or the
embedded one with REDIS_SERVER=embedded. DENO_JOBS is the number of files that
run at a time (default: 2).

  --quick          leave out the slow files
  --verbose        print the whole output of deno test, as for a single file
  --filter <text>  only tests with this in their title; /text/ for a pattern

All other options go to deno test.`);

const SLOW = [
  "tests/cluster",
  "tests/docs_test.ts",
  "tests/embedded/aof_random_test.ts",
  "tests/embedded/aof_test.ts",
  "tests/embedded/failover_test.ts",
  "tests/embedded/replication_chain_test.ts",
  "tests/embedded/replication_test.ts",
  "tests/embedded/sorted_sets_test.ts",
  "tests/reliability",
  "tests/worker/console_test.ts",
  "tests/worker/workerd_test.ts",
  "tests/worker/wrangler_test.ts",
];
const ENV = [
  "REDIS_SERVER",
  "REDIS_URL",
  "PATH",
  "PORT",
  "HOST",
  "TOKEN",
  // Some npm packages read these.
  "UPSTASH_DISABLE_TELEMETRY",
  "UPSTASH_CONSOLE",
  "VERCEL",
  "AWS_REGION",
  LEDGER,
  COMPARED,
  PROTOCOL,
];

const server = await findServer();
const deno = Deno.execPath();
const others = await Promise.all(["npx", "chromium"].map(onPath));
const paths = Deno.args.filter((arg) => !arg.startsWith("-"));
const compared =
  paths.length === 0 || paths.some((path) => /embedded/.test(path))
    ? await findCompared(server)
    : null;
const programs = [deno, server, compared, ...others].filter((path) =>
  path !== null && path !== EMBEDDED
);
const sockets = SOCKET_DIRS.map((dir) => `unix:${join(dir, SOCKET_NAME)}`);

const options = new Set(Deno.args);
const ignored = options.has("--quick") ? SLOW : [];
const args = Deno.args.filter((arg) =>
  arg !== "--quick" && arg !== "--verbose"
);
const files = await testFiles(args, ignored);
const isShort = files > 1 && !options.has("--verbose");

const ledger = await openLedger();
const test = new Deno.Command(deno, {
  args: [
    "test",
    "--no-prompt",
    // The lock file of the tests' packages. It is separate from the root's, whose
    // packages `deno task` would download before any task.
    `--lock=${join(ROOT, "tests/deno.lock")}`,
    "--frozen",
    "--parallel",
    "--trace-leaks",
    flag("allow-net", ["127.0.0.1", "localhost", "[::1]", ...sockets]),
    flag("allow-run", programs),
    "--allow-read",
    flag("allow-write", [TMP]),
    flag("allow-env", ENV),
    // Packages read variables of their own: report them as unset.
    "--ignore-env",
    "--allow-sys=hostname",
    ...ignored.length > 0 ? [flag("ignore", ignored)] : [],
    ...isShort ? ["--quiet"] : [],
    ...args,
  ],
  env: {
    REDIS_SERVER: server,
    [LEDGER]: ledger,
    [COMPARED]: compared ?? "",
    DENO_JOBS: Deno.env.get("DENO_JOBS") ?? "2",
    // A backtrace of Deno's Rust code does not help with a failed test.
    RUST_BACKTRACE: "0",
  },
  stdout: isShort ? "piped" : "inherit",
}).spawn();

// The terminal sends Ctrl-C to the tests directly, but not a SIGTERM.
Deno.addSignalListener("SIGINT", () => {});
Deno.addSignalListener("SIGTERM", () => test.kill("SIGTERM"));
if (isShort) await report(test.stdout);
const { code } = await test.status;
settleLedger(ledger);
Deno.exit(code);

async function report(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  console.log("Loading the tests and checking their types");
  const report = new TestReport(
    files,
    `npx -y deno@${Deno.version.deno} task test`,
  );
  for await (const line of linesOf(output)) {
    // FORCE_COLOR makes Deno write colours even into a pipe.
    const plain = stripVTControlCharacters(line);
    for (const shown of report.read(plain)) console.log(shown);
  }
}

async function* linesOf(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** The number of test files at the paths among `args`, or of all. */
async function testFiles(
  args: readonly string[],
  ignored: readonly string[],
): Promise<number> {
  const paths = args.filter((arg) => existsSync(arg));
  let count = 0;
  for (const path of paths.length > 0 ? paths : [join(ROOT, "tests")]) {
    count += await countFiles(path);
  }
  // Without paths, whole folders were counted: subtract the ignored paths.
  if (paths.length === 0) {
    for (const path of ignored) count -= await countFiles(join(ROOT, path));
  }
  return count;
}

async function countFiles(path: string): Promise<number> {
  if (!(await Deno.stat(path)).isDirectory) return 1;
  let count = 0;
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory && name !== ".tmp") {
      count += await countFiles(join(path, name));
    } else if (name.endsWith("_test.ts")) count++;
  }
  return count;
}

function flag(name: string, values: readonly (string | null)[]): string {
  // Deno's syntax for a comma within a path.
  const list = values.map((value) => value?.replaceAll(",", ",,"));
  return `--${name}=${list.join(",")}`;
}
