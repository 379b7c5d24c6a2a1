import assert from "node:assert/strict";
import * as library from "../../mod.ts";
import { Sender } from "../../lib/commands/sender.ts";
import { ModuleCommands } from "../../lib/commands/modules/module.ts";
import { Recorder } from "./support.ts";

Deno.test("the documentation of Redis links to the family of every command", {
  permissions: { read: true },
}, async () => {
  const source = await Deno.readTextFile(
    new URL("../../lib/client/redis.ts", import.meta.url),
  );
  const end = source.indexOf("export class Redis<");
  const doc = source.slice(source.lastIndexOf("/**", end), end);
  const families = [
    ...classesOf(library.Redis.prototype, Sender.prototype),
    ...modules().flatMap((module) =>
      classesOf(module, ModuleCommands.prototype)
    ),
  ].filter((name) => !["Redis", "Commands"].includes(name));
  assert(families.length > 30);
  for (const name of families) {
    assert(doc.includes(`{@linkcode ${name}}`), name);
    assert(name in library, `mod.ts does not export ${name}`);
  }
});

/** The names of the classes from one prototype up to another. */
function classesOf(from: object, to: object): string[] {
  const names: string[] = [];
  for (
    let prototype = from;
    prototype !== to;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    names.push(prototype.constructor.name);
  }
  return names.filter((name) => name !== "Recorder");
}

/** The module families, as the client's getters return them. */
function modules(): object[] {
  const recorder = new Recorder();
  const { prototype } = library.Commands;
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([, { get }]) => get !== undefined)
    .map(([name]) => Object.getPrototypeOf(Reflect.get(recorder, name)));
}
