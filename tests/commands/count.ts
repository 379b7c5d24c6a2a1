/**
 * `deno task commands`: how many commands are methods, and how they are tested.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { TestServer } from "../support/test_server.ts";
import { allNames, families, testedOf } from "./inventory.ts";
import { MODULES } from "./modules/modules.ts";
import { searchLiveSteps } from "./modules/search_live_cases.ts";
import { commandOf, countOf } from "./modules/support.ts";
import { startSentinel } from "./sentinel_server.ts";
import { Recorder } from "./support.ts";

await using server = await TestServer.start();
await using sentinel = await startSentinel();
const names = await allNames(server.url, sentinel.url);
const tested = [...testedOf(await families(), names)];
const live = tested.filter(([, { live }]) => live);
const fixtures = tested.filter(([, { live, fixture }]) => !live && fixture);
const words = tested.filter(([, { live, fixture }]) => !live && !fixture);
const modules = MODULES.map(countOf);
const sum = (of: (module: (typeof modules)[number]) => number) =>
  modules.reduce((total, module) => total + of(module), 0);

print("core commands as methods", tested.length);
print("  tested on the server here", live.length);
print("  tested with replies from a source", fixtures.length);
print("  only their words tested", words.length, words.map(([name]) => name));
print("module commands as methods", sum(({ typed }) => typed));
print("  tested with replies from a source", sum((m) => m.fixtureTested));
print("  of these on a module of Debian's too", liveOf().size);
print("  only their words tested", sum(({ wordsOnly }) => wordsOnly));
print("together", tested.length + sum(({ typed }) => typed));

function liveOf(): Set<string> {
  const recorder = new Recorder();
  return new Set(searchLiveSteps.map(({ call }) => {
    call(recorder);
    return commandOf(recorder.words);
  }));
}

function print(what: string, count: number, list: string[] = []): void {
  const names = list.map((name) => name.replace("|", " ")).join(", ");
  console.log(`${what.padEnd(38)} ${String(count).padStart(4)}  ${names}`);
}
