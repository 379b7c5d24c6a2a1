/**
 * `deno task test:servers`: runs tests against newer servers, one after another,
 * and prints a table.
 *
 * The tests of commands speak both protocols; what else does not choose one runs
 * once in each. Arguments are files and folders, or the suites that talk to
 * servers; `--newest` takes the newest Redis and the
 * newest Valkey alone, `--own` the machine's own server too.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { findServer } from "./find_server.ts";
import {
  type NewerServer,
  newerServers,
  newestOfEach,
} from "./newer_servers.ts";
import { parseVersion } from "./server_program.ts";
import { summaryOf } from "./summary.ts";
import { PROTOCOL } from "./test_server.ts";
import { answerHelp } from "./usage.ts";

answerHelp(`
Usage: deno task test:servers [options] [files or folders]

Runs the tests that talk to servers on newer Redis and Valkey, one after another.

  --newest  only the newest Redis and the newest Valkey
  --own     the machine's own server too`);

const SUITES = [
  "tests/commands",
  "tests/client",
  "tests/connection",
  "tests/reliability",
  "tests/cluster",
];

/** The suites that run in RESP2 too: their clients mostly do not choose. */
const RESP2_SUITES = /^tests\/(client|connection)\b/;

const paths = Deno.args.filter((arg) => !arg.startsWith("--"));
const rows: string[][] = [[
  "server",
  "protocol",
  "passed",
  "failed",
  "ignored",
  "time",
]];
let failed = false;

for (const { name, path } of await servers()) {
  const suites = paths.length > 0 ? paths : SUITES;
  await run(name, path, "both", suites);
  const resp2 = suites.filter((suite) => RESP2_SUITES.test(suite));
  if (resp2.length > 0) await run(name, path, "RESP2", resp2);
}

for (const row of rows) {
  console.log(row.map((cell, i) => cell.padEnd(i === 0 ? 16 : 10)).join(" "));
}
Deno.exit(failed ? 1 : 0);

/** Runs suites against a server, and adds a row to the table. */
async function run(
  name: string,
  path: string,
  protocol: "both" | "RESP2",
  suites: readonly string[],
): Promise<void> {
  console.log(`--- ${name}, ${protocol}`);
  const began = Date.now();
  const text = await test(path, protocol, suites);
  const counts = summaryOf(text);
  const seconds = `${Math.round((Date.now() - began) / 1000)} s`;
  failed ||= counts === null || counts.failed > 0 || counts.passed === 0;
  rows.push([
    ...[name, protocol],
    ...counts === null
      ? ["broke off", "", ""]
      : [counts.passed, counts.failed, counts.ignored].map(String),
    seconds,
  ]);
}

async function servers(): Promise<NewerServer[]> {
  const newer = await newerServers().catch((error: Error) => {
    console.log(`No newer server is available: ${error.message}`);
    return [];
  });
  return [
    ...Deno.args.includes("--own") ? [await ownServer()] : [],
    ...Deno.args.includes("--newest") ? newestOfEach(newer) : newer,
  ];
}

async function ownServer(): Promise<NewerServer> {
  const path = await findServer();
  const { stdout } = await new Deno.Command(path, { args: ["--version"] })
    .output();
  const { kind, version } = parseVersion(new TextDecoder().decode(stdout));
  return { name: `${kind}-${version}`, path };
}

/** Runs tests against a server; prints and returns their output. */
async function test(
  server: string,
  protocol: "both" | "RESP2",
  args: readonly string[],
): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "test", ...args],
    env: {
      REDIS_SERVER: server,
      NO_COLOR: "1",
      [PROTOCOL]: protocol === "RESP2" ? "2" : "",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
  }
  await child.status;
  const begin = text.search(/^ ERRORS|^(ok|FAILED) \|/m);
  console.log(begin < 0 ? text : text.slice(begin));
  return text;
}
