/**
 * The commands that are methods, and how each is tested: derived from the test cases,
 * so that no list of commands is kept twice.
 *
 * @module
 */

import type { Reply } from "../../lib/resp/reply.ts";
import { connect } from "../../mod.ts";
import { NEWER } from "./catalogue.ts";
import { collect, type FamilyCases, Recorder } from "./support.ts";

/** The tests of a command, besides that of its arguments. */
export interface Tested {
  /** Against a real server. */
  live: boolean;
  /** Against replies from a source. */
  fixture: boolean;
}

/** The cases of all core families, from their test files. */
export async function families(): Promise<FamilyCases[]> {
  const cases = collect();
  const here = new URL(".", import.meta.url);
  for await (const { name } of Deno.readDir(here)) {
    if (!name.endsWith("_test.ts")) continue;
    const url = new URL(name, here);
    const text = await Deno.readTextFile(url);
    if (/^test(Words|Live|Newer|Fixtures)\(/m.test(text)) {
      await import(url.href);
    }
  }
  return [...cases.values()];
}

/**
 * The names of a server's commands and sub-commands, and which of them are containers.
 */
export async function commandsOf(
  url: string,
): Promise<{ names: Set<string>; containers: Set<string> }> {
  await using redis = await connect(url, { protocol: 2 });
  const listed = (await redis.commandList()).map((name) => name.toUpperCase());
  const names = new Set(listed);
  const docs = await redis.commandDocs() as Reply[];
  for (let i = 0; i < docs.length; i += 2) {
    names.add(String(docs[i]).toUpperCase());
    const facts = docs[i + 1] as Reply[];
    const inner = facts[facts.indexOf("subcommands") + 1];
    if (!facts.includes("subcommands")) continue;
    for (const [n, name] of (inner as Reply[]).entries()) {
      if (n % 2 === 0) names.add(String(name).toUpperCase());
    }
  }
  const containers = new Set(
    [...names].filter((name) => name.includes("|"))
      .map((name) => name.split("|")[0]!),
  );
  return { names, containers };
}

/** The names of all commands: of the given servers and of newer ones. */
export async function allNames(...urls: string[]): Promise<Set<string>> {
  const all = new Set(Object.values(NEWER).flat());
  for (const url of urls) {
    for (const name of (await commandsOf(url)).names) all.add(name);
  }
  return all;
}

/** The name of the command in `words`; the first word if it is not in `names`. */
export function nameOf(
  words: readonly unknown[],
  names: ReadonlySet<string>,
): string {
  const [word, subcommand] = words;
  const inner = `${word}|${subcommand}`.toUpperCase();
  // The table does not have sub-commands that the module uses only for its own tests.
  const container = word === "_FT.DEBUG" || names.has(inner);
  return container ? inner : String(word).toUpperCase();
}

/** The tests of each command in `cases`, by name. */
export function testedOf(
  cases: readonly FamilyCases[],
  names: ReadonlySet<string>,
): Map<string, Tested> {
  const commands = new Map<string, Tested>();
  const recorder = new Recorder();
  const note = (name: string, { live, fixture }: Partial<Tested>) => {
    const tested = commands.get(name) ?? { live: false, fixture: false };
    commands.set(name, {
      live: tested.live || live === true,
      fixture: tested.fixture || fixture === true,
    });
  };
  for (const { words: wordsCases, fixtures, live } of cases) {
    for (const { call, words } of wordsCases) {
      const [, method = ""] = /\.(\w+)\(/.exec(String(call)) ?? [];
      note(nameOf(words, names), { live: live.has(method) });
    }
    for (const { call } of fixtures) {
      call(recorder);
      note(nameOf(recorder.words, names), { fixture: true });
    }
  }
  return commands;
}
