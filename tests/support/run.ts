/**
 * `deno task test`: finds the Redis server, then runs `deno test` with the
 * permissions that this machine's tests need, and no more.
 *
 * `--quick` leaves out the slow files; all other arguments go to `deno test`.
 *
 * @module
 */

import { join } from "node:path";
import { COMPARED, findCompared } from "./find_compared.ts";
import { EMBEDDED, findServer, onPath } from "./find_server.ts";
import { LEDGER, openLedger, settleLedger } from "./leftovers.ts";
import { ROOT, SOCKET_DIRS, SOCKET_NAME, TMP } from "./paths.ts";

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
  // Packages from npm look for these.
  "UPSTASH_DISABLE_TELEMETRY",
  "UPSTASH_CONSOLE",
  "VERCEL",
  "AWS_REGION",
  LEDGER,
  COMPARED,
];

const server = await findServer();
const deno = Deno.execPath();
const others = await Promise.all(["npx", "chromium"].map(onPath));
const quick = Deno.args.includes("--quick");
const paths = Deno.args.filter((arg) => !arg.startsWith("-"));
const compared =
  paths.length === 0 || paths.some((path) => /embedded/.test(path))
    ? await findCompared(server)
    : null;
const programs = [deno, server, compared, ...others].filter((path) =>
  path !== null && path !== EMBEDDED
);
const sockets = SOCKET_DIRS.map((dir) => `unix:${join(dir, SOCKET_NAME)}`);

const ignored = quick ? SLOW : [];

const ledger = await openLedger();
const test = new Deno.Command(deno, {
  args: [
    "test",
    "--no-prompt",
    // The packages that tests use. Not the lock of the whole: `deno task` would
    // download them before any task.
    `--lock=${join(ROOT, "tests/deno.lock")}`,
    "--frozen",
    "--parallel",
    "--trace-leaks",
    flag("allow-net", ["127.0.0.1", "localhost", "[::1]", ...sockets]),
    flag("allow-run", programs),
    "--allow-read",
    flag("allow-write", [TMP]),
    flag("allow-env", ENV),
    // Packages look for settings of their own: there are none.
    "--ignore-env",
    "--allow-sys=hostname",
    ...ignored.length > 0 ? [flag("ignore", ignored)] : [],
    ...Deno.args.filter((arg) => arg !== "--quick"),
  ],
  env: {
    REDIS_SERVER: server,
    [LEDGER]: ledger,
    [COMPARED]: compared ?? "",
    DENO_JOBS: Deno.env.get("DENO_JOBS") ?? "2",
  },
}).spawn();

// Ctrl-C reaches the tests by itself; a SIGTERM does not.
Deno.addSignalListener("SIGINT", () => {});
Deno.addSignalListener("SIGTERM", () => test.kill("SIGTERM"));
const { code } = await test.status;
settleLedger(ledger);
Deno.exit(code);

function flag(name: string, values: readonly (string | null)[]): string {
  // A comma in a path is written twice.
  const list = values.map((value) => value?.replaceAll(",", ",,"));
  return `--${name}=${list.join(",")}`;
}
