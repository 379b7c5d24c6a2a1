import assert from "node:assert/strict";
import type { Commands } from "../../../lib/commands/commands.ts";
import type { Shape } from "../../../lib/resp/reply.ts";
import { Recorder } from "../support.ts";
import { COMMON, MODULES } from "./modules.ts";
import {
  ByteRecorder,
  countOf,
  levelled,
  type Module,
  type ModuleCase,
  read,
} from "./support.ts";

for (const module of MODULES) {
  Deno.test(
    `${module.name} commands send their arguments`,
    { permissions: "none" },
    () => {
      const recorder = new Recorder();
      for (const { call, words } of module.cases) {
        recorder.words = [];
        call(recorder);
        assert.deepEqual(recorder.words, words, String(call));
        assert(recorder.shape, String(call));
      }
      assert.deepEqual(untested(module), [], "methods without a case");
    },
  );

  Deno.test(`${module.name} replies resolve to the same in RESP2 and RESP3`, {
    permissions: "none",
  }, async (t) => {
    const recorder = new Recorder();
    const bytes = new ByteRecorder();
    for (const fixture of module.cases) {
      if (fixture.source === undefined) continue;
      await t.step(`${fixture.words.join(" ")}: ${fixture.source}`, () => {
        fixture.call(recorder);
        compare(fixture, recorder.shape!, (value) => value);
        fixture.call(bytes as unknown as Commands<string>);
        compare(fixture, bytes.shape!, levelled);
      });
    }
  });
}

Deno.test("countOf() counts commands, not calls", () => {
  const call = () => Promise.resolve();
  const cases: ModuleCase[] = [
    { call, words: ["X.A", "k"] },
    { call, words: ["X.A", "k", "O"], source: "somewhere", reply: 1 },
    { call, words: ["X.B", "k"] },
    { call, words: ["FT.CONFIG", "GET", "o"] },
    { call, words: ["FT.CONFIG", "SET", "o", 1] },
  ];
  assert.deepEqual(countOf({ name: "x", families: [], cases }), {
    name: "x",
    typed: 4,
    fixtureTested: 1,
    wordsOnly: 3,
  });
});

function compare(
  fixture: ModuleCase,
  shape: Shape<unknown>,
  form: (value: unknown) => unknown,
): void {
  const { resp2 = fixture.reply, resp3 = fixture.reply } = fixture;
  assert(resp2 !== undefined || resp3 !== undefined, "a source and no reply");
  for (const [protocol, reply] of [[2, resp2], [3, resp3]] as const) {
    if (reply === undefined) continue;
    const value = shape.parse(read(reply, protocol, shape.mode));
    if (typeof fixture.value === "function") fixture.value(value);
    else assert.deepStrictEqual(form(value), form(fixture.value));
  }
}

/** The methods of a module that no case calls. */
function untested({ families, name, cases }: Module): string[] {
  const called = new Set(
    cases.map(({ call }) => String(call).match(/\.(\w+)\(/)?.[1]),
  );
  const start = name === "search.debug" ? "searchDebug(c.search)" : `c.${name}`;
  assert(cases.every(({ call }) => String(call).includes(`${start}.`)));
  return families
    .flatMap(({ prototype }) =>
      Object.entries(Object.getOwnPropertyDescriptors(prototype))
    )
    // A getter returns a family of its own.
    .filter(([, { get }]) => get === undefined)
    .map(([method]) => method)
    .filter((method) => !COMMON.has(method) && !called.has(method));
}
