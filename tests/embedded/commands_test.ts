/**
 * The list of commands, and the server's facts about them.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { VERSION } from "../../lib/embedded/base/about.ts";
import { CATALOGUE } from "../../lib/embedded/model/catalogue.ts";
import { comparison } from "../support/compared_server.ts";
import { readTable } from "../commands/table/table.ts";
import { Member } from "./replication.ts";

const README = new URL("../../lib/embedded/README.md", import.meta.url);

comparison(
  "COMMAND and COMMAND INFO describe every command as Redis does",
  async () => {
    await using real = await Member.compared();
    await using ours = await Member.ours();
    const told = commandsOf(await ours.ask("COMMAND") as Told[]);
    const wanted = commandsOf(await real.ask("COMMAND") as Told[]);
    ok(told.size > 350);
    for (const [name, facts] of told) deepEqual(facts, wanted.get(name), name);
  },
);

/** A command in COMMAND's reply: name, arity, flags, key positions, categories, tips … */
type Told = [name: string, ...facts: unknown[], subcommands: Told[]];

function commandsOf(told: readonly Told[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, arity, flags, ...more] of told) {
    const [first, last, step, categories, tips, keys, inner] = more as [
      ...unknown[],
    ];
    found.set(name, [
      arity,
      [...flags as string[]].sort(),
      [first, last, step],
      [...categories as string[]].sort(),
      tips,
      keys,
    ]);
    for (const [name, facts] of commandsOf(inner as Told[])) {
      found.set(name, facts);
    }
  }
  return found;
}

Deno.test("every command of its version exists, or README.md names it as missing", async () => {
  await using ours = await Member.ours();
  const known = new Set(await ours.ask("COMMAND", "LIST") as string[]);
  const readme = await Deno.readTextFile(README);
  const [, missing = ""] =
    /does not have the commands ([^]*?)\n\n/.exec(readme) ?? [];
  const named = new Set(
    [...missing.matchAll(/`([A-Z|]+)`/g)].map(([, name]) =>
      name!.toLowerCase()
    ),
  );
  const minor = VERSION.split(".").slice(0, 2).join(".");
  const wanted = [...(await readTable()).values()]
    .filter(({ from }) => from === `redis-${minor}`)
    .map(({ name }) => name.toLowerCase().split("|"));
  const absent = wanted.filter((words) => !known.has(words.join("|")));
  for (const [container, sub] of absent) {
    ok(
      named.has(container!) || named.has(`${container}|${sub}`),
      `${container}|${sub}`,
    );
  }
  for (const name of named) ok(!known.has(name), name);
});

Deno.test("the server declares no command that the table lacks", () => {
  // Making a command without a row throws; the rows are the table's.
  equal(CATALOGUE.get("get")?.arity, 2);
  ok(CATALOGUE.size > 350);
});
