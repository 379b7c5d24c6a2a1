/**
 * `deno task table`: updates the table of commands from the server of REDIS_SERVER or
 * the machine's own, prints the differences, and writes the modules generated from the
 * table.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { join } from "node:path";
import { ROOT } from "../../support/paths.ts";
import { probe } from "../../support/server_program.ts";
import { TestServer } from "../../support/test_server.ts";
import { startSentinel } from "../sentinel_server.ts";
import { VERSION } from "../../../lib/embedded/base/about.ts";
import { DOCUMENTS, documentsOf } from "./documents.ts";
import { modulesOf } from "./modules.ts";
import { serverRows } from "./server_rows.ts";
import {
  DOCUMENTED,
  lineOf,
  readTable,
  type Row,
  writeTable,
} from "./table.ts";
import { answerHelp } from "../../support/usage.ts";

answerHelp(`
Usage: deno task table

Updates the table of commands from the server of REDIS_SERVER or the machine's
own, prints the differences, and writes the modules generated from the table.`);

const table = await readTable();
for (const row of await rowsHere()) {
  const known = table.get(row.name);
  const merged = merge(known, row);
  table.set(row.name, merged);
  if (known && lineOf(known) === lineOf(merged)) continue;
  if (known) console.log(`- ${lineOf(known)}`);
  console.log(`+ ${lineOf(merged)}`);
}
await writeTable(table);
for (const [path, text] of modulesOf(table)) {
  await Deno.writeTextFile(join(ROOT, path), text);
}

async function rowsHere(): Promise<Row[]> {
  await using server = await TestServer.start();
  await using sentinel = await startSentinel(server);
  const { kind, version } = await probe();
  // The embedded server tells what the Redis of its version tells.
  if (`${kind} ${version}` === `redis ${VERSION}`) {
    const text = await documentsOf(server.url);
    await Deno.writeTextFile(join(ROOT, DOCUMENTS), text);
  }
  const name = `${kind}-${version.split(".").slice(0, 2).join(".")}`;
  const rows = await serverRows(server.url, name);
  const more = await serverRows(sentinel.url, name);
  return [...rows, ...more.filter((row) => row.name.startsWith("SENTINEL"))];
}

/**
 * The newest Redis describes a command; every server adds the version in which it
 * introduced the command.
 */
function merge(known: Row | undefined, row: Row): Row {
  if (known === undefined) return row;
  const better = rank(row.from) >= rank(known.from);
  const since = better
    ? { ...known.since, ...row.since }
    : { ...row.since, ...known.since };
  return { ...better ? row : known, since: sorted(since) };
}

function rank(from: string): number {
  if (from === DOCUMENTED) return 0;
  const [kind, version = ""] = from.split("-");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return (kind === "redis" ? 1e9 : 0) + major * 1e3 + minor;
}

function sorted(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort());
}
