/**
 * Random commands, saved by one server and loaded by the other: the propagated
 * commands must recreate the same data.
 *
 * @module
 */

import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { Random } from "../resp/random.ts";
import { comparedServer, comparison } from "../support/compared_server.ts";
import { TestServer } from "../support/test_server.ts";
import { type Answer, Asker, contents, sameContents } from "./asker.ts";
import { FAMILIES } from "./families.ts";
import type { Family } from "./differential.ts";
import { Folder } from "./folder.ts";

/** Keys with less time to live, in ms, may have expired on one server only. */
const SOON = 60_000;

/** The part of the data that must be the same: see `told` of aof_test.ts. */
function lasting(all: Map<string, unknown>): Map<string, unknown> {
  const kept = new Map<string, unknown>();
  for (const [key, content] of all) {
    const { expiry } = content as { expiry: Answer };
    if (Number(expiry) > 0 && Number(expiry) < Date.now() + SOON) continue;
    const text = JSON.stringify(content).replaceAll(
      /"(seen-time|entries-read|lag)",(\d+|null)/g,
      '"$1",0',
    );
    kept.set(key, JSON.parse(text, withoutIdle));
  }
  return kept;
}

/** Removes consumers without deliveries: Redis 7.0 does not save all of them. */
function withoutIdle(_key: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.filter((part) =>
    !(Array.isArray(part) && part[4] === "pel-count" && part[5] === 0)
  );
}

async function play(
  asker: Asker,
  family: Family,
  seed: number,
  commands: number,
): Promise<void> {
  const random = new Random(seed);
  for (let i = 0; i < commands; i++) {
    const args = family.generate(random);
    const word = args[0]!.toUpperCase();
    if (word === "SELECT" || word === "SWAPDB") continue;
    await asker.ask(...args);
  }
  // Ends a transaction that the last commands may have left open.
  await asker.ask("DISCARD");
}

/** For other random commands: `deno test -P … -- 1000 800`. */
const SEED = Number(Deno.args[0] ?? 1);
const COMMANDS = Number(Deno.args[1] ?? 300);

/** The data of the embedded server after `work`. */
async function ours(
  { path }: Folder,
  work: (asker: Asker) => Promise<void> = async () => {},
): Promise<Map<string, unknown>> {
  await using server = await EmbeddedServer.create({
    dir: path,
    appendonly: true,
    save: "",
  });
  using asker = await Asker.within(server);
  await work(asker);
  return lasting(await contents(asker));
}

/** The data of a real server, killed afterwards, after `work`. */
async function theirs(
  { path }: Folder,
  { newest }: Family,
  work: (asker: Asker) => Promise<void> = async () => {},
): Promise<Map<string, unknown>> {
  await using server = await TestServer.start({
    ...newest && { program: await comparedServer() },
    config: { dir: path, appendonly: "yes", appendfsync: "always" },
  });
  using asker = await Asker.to(server);
  await work(asker);
  return lasting(await contents(asker));
}

for (const family of FAMILIES) {
  const test = family.newest ? comparison : Deno.test;
  test(`what random ${family.name} leave behind is loaded by both`, async () => {
    await using ourFolder = await Folder.make();
    await using theirFolder = await Folder.make();
    const work = (asker: Asker) => play(asker, family, SEED, COMMANDS);
    const before = await ours(ourFolder, work);
    sameContents(await ours(ourFolder), before);
    sameContents(await theirs(ourFolder, family), before);
    await theirs(theirFolder, family, work);
    // Not as before: a real server does not save all it should, such as a key
    // made by a BITFIELD that fails.
    sameContents(await ours(theirFolder), await theirs(theirFolder, family));
  });
}
