/**
 * `deno task commands`: prints how many commands are methods, and how each is tested.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { TestServer } from "../support/test_server.ts";
import {
  allNames,
  commandsOf,
  families,
  nameOf,
  testedOf,
} from "./inventory.ts";
import { MODULES } from "./modules/modules.ts";
import { searchLiveSteps } from "./modules/search_live_cases.ts";
import { readRecordings } from "./recordings.ts";
import { startSentinel } from "./sentinel_server.ts";
import { Recorder } from "./support.ts";
import { DOCUMENTED, readTable } from "./table/table.ts";
import { answerHelp } from "../support/usage.ts";

answerHelp(`
Usage: deno task commands

Prints how many commands are methods, and how they are tested.`);

await using server = await TestServer.start();
await using sentinel = await startSentinel();
const table = await readTable();
const names = await allNames(server.url, sentinel.url);
const here = new Set([
  ...(await commandsOf(server.url)).names,
  ...(await commandsOf(sentinel.url)).names,
]);
const recorded = new Set((await readRecordings()).map(({ name }) => name));
const core = testedOf(await families(), names);

/** The best kind of test of each command. */
const found = Map.groupBy(
  [
    ...[...core].map(([name, { live }]) => ({ name, live, module: false })),
    ...moduleCommands(),
  ],
  ({ name, live }) => {
    if (live && (here.has(name) || !table.has(name))) return "live here";
    if (live && table.get(name)!.from !== DOCUMENTED) return "live on newer";
    if (live) return "live here";
    return recorded.has(name) ? "recorded" : "documented only";
  },
);

console.log(
  `commands as methods: ${
    found.values().reduce((n, list) => n + list.length, 0)
  }`,
);
const HOW = [
  "live here",
  "live on newer",
  "recorded",
  "documented only",
] as const;
for (const how of HOW) {
  const list = found.get(how) ?? [];
  const modules = list.filter(({ module }) => module).length;
  console.log(
    `${how.padEnd(16)} ${`${list.length - modules}`.padStart(4)} of the core, ${
      `${modules}`.padStart(4)
    } of modules`,
  );
}
for (const { name } of found.get("documented only") ?? []) {
  console.log(`  ${name.replace("|", " ")}`);
}

/** The commands of modules; with Debian's module they are tested live. */
function moduleCommands(): { name: string; live: boolean; module: boolean }[] {
  const known = new Set(table.keys());
  const recorder = new Recorder();
  const live = new Set(searchLiveSteps.map(({ call }) => {
    call(recorder);
    return nameOf(recorder.words, known);
  }));
  const all = MODULES.flatMap(({ cases }) =>
    cases.map(({ words }) => nameOf(words, known))
  );
  return [...new Set(all)].map((name) => ({
    name,
    live: live.has(name),
    module: true,
  }));
}
