/**
 * From permitted plans to results, with an engine that records calls.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { BatchOptions, Command, Engine } from "../../lib/client/client.ts";
import { ConnectionError } from "../../lib/errors.ts";
import { TEXT, WIRE } from "../../lib/resp/reply.ts";
import { perform } from "../../worker/perform.ts";
import type { Permitted } from "../../worker/policy.ts";
import { Refusal } from "../../worker/refusal.ts";

const HERE = new AbortController();

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

/** Replies to each command with its own arguments, and records how it was called. */
class Echo implements Engine {
  readonly asked: { atomic: boolean | null; modes: number[] }[] = [];

  execute<T>({ args, shape }: Command<T>): Promise<T> {
    this.asked.push({ atomic: null, modes: [shape.mode] });
    return Promise.resolve(shape.parse(args.join(" ")));
  }

  executeAll(
    commands: readonly Command[],
    { atomic }: BatchOptions,
  ): Promise<unknown[]> {
    const modes = commands.map(({ shape }) => shape.mode);
    this.asked.push({ atomic, modes });
    return Promise.resolve(
      commands.map(({ args, shape }) => shape.parse(args.join(" "))),
    );
  }
}

test("perform() calls the engine once, according to the plan", async () => {
  const table: [Permitted, { atomic: boolean | null; count: number }][] = [
    [{ kind: "one", commands: [["GET", "a"]] }, { atomic: null, count: 1 }],
    [{ kind: "many", commands: [["A"], ["B"]] }, { atomic: false, count: 2 }],
    [{ kind: "atomic", commands: [["A"], ["B"]] }, { atomic: true, count: 2 }],
  ];
  for (const [plan, { atomic, count }] of table) {
    for (const format of ["json", "base64", "resp2", "raw"] as const) {
      const engine = new Echo();
      const answers = await perform(plan, engine, format, HERE);
      assert.deepEqual(
        answers,
        plan.commands.map((args) => (args as string[]).join(" ")),
      );
      // Bytes are read only if the format needs them.
      const modes = Array(count).fill(format === "json" ? TEXT : WIRE);
      assert.deepEqual(engine.asked, [{ atomic, modes }]);
    }
  }
});

test("perform() keeps the error of a refused command in place", async () => {
  const no = new Refusal(400, "ERR no");
  const engine = new Echo();
  const commands = [no, ["A"], no, ["B"], no];
  const answers = await perform(
    { kind: "many", commands },
    engine,
    "json",
    HERE,
  );
  assert.deepEqual(answers, [no, "A", no, "B", no]);
  assert.equal(engine.asked.length, 1);
});

test("perform() rejects with an error of the whole request", async () => {
  const lost = new ConnectionError("lost");
  const engine: Engine = {
    execute: () => Promise.reject(lost),
    executeAll: () => Promise.reject(lost),
  };
  for (const kind of ["one", "many", "atomic"] as const) {
    const asked = perform(
      { kind, commands: [["A"]] },
      engine,
      "json",
      HERE,
    );
    await assert.rejects(asked, lost);
  }
});
