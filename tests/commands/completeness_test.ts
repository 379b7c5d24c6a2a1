import assert from "node:assert/strict";
import { Commands } from "../../lib/commands/commands.ts";
import { Sender } from "../../lib/commands/sender.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { NEWER, NOT_METHODS } from "./catalogue.ts";
import { allNames, commandsOf, families, testedOf } from "./inventory.ts";
import { startSentinel } from "./sentinel_server.ts";

const test = await testWith("sentinel");

const MANY = 420;

const newer = Object.values(NEWER).flat();
const excused = NOT_METHODS;

test("Commands have a method for every command of the tests' servers, except a short list", async () => {
  await using server = await TestServer.start();
  await using sentinel = await startSentinel();
  const typed = testedOf(
    await families(),
    await allNames(server.url, sentinel.url),
  );
  const unexplained: string[] = [];
  for (const { url } of [server, sentinel]) {
    const { names, containers } = await commandsOf(url);
    assert(names.size > 50);
    for (const name of names) {
      const known = typed.has(name) || excused.includes(name);
      // Valkey's Sentinel has its commands about masters under another name, too.
      const alias = /^SENTINEL\|.*PRIMAR/.test(name);
      if (!known && !alias && !containers.has(name)) unexplained.push(name);
    }
  }
  assert.deepEqual(unexplained, []);
});

const testVersion = await testWith("only its version's commands");

testVersion(
  "Commands have a method for every command of newer servers, except the same list",
  async () => {
    await using server = await TestServer.start();
    const names = await allNames(server.url);
    const typed = testedOf(await families(), names);
    assert.deepEqual(
      newer.filter((name) => !typed.has(name) && !excused.includes(name)),
      [],
    );
    if (server.version.startsWith("7.0.")) {
      const { names } = await commandsOf(server.url);
      assert.deepEqual(
        newer.filter((name) => names.has(name)),
        [],
        "not newer",
      );
    }
  },
);

test("Commands are counted once, under their names on servers", async () => {
  await using server = await TestServer.start();
  await using sentinel = await startSentinel();
  const names = await allNames(server.url, sentinel.url);
  const typed = testedOf(await families(), names);
  const unknown = (list: Iterable<string>) =>
    [...list].filter((name) => !names.has(name));
  assert.deepEqual(unknown(typed.keys()), [], "no such command");
  assert.deepEqual(unknown(excused), [], "no such command");
  assert.deepEqual(excused.filter((name) => typed.has(name)), [], "a method");
  assert.equal(new Set(newer).size, newer.length);
  assert.equal(new Set(excused).size, excused.length);
  assert(typed.size >= MANY, `${typed.size} commands`);
});

Deno.test("Commands of every family have cases", async () => {
  const tested = new Set((await families()).map(({ family }) => family.name));
  const missing: string[] = [];
  let prototype = Object.getPrototypeOf(Commands.prototype);
  while (prototype !== Sender.prototype) {
    const { name } = prototype.constructor;
    if (!tested.has(name)) missing.push(name);
    prototype = Object.getPrototypeOf(prototype);
  }
  assert.deepEqual(missing, []);
  assert(tested.size > 20);
});
