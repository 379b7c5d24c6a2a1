/**
 * Every method with arguments of every kind, and with too many: each call is
 * sent, or throws an error of this library. No argument is ignored.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PooledEngine } from "../../lib/client/engine.ts";
import { AS_TEXT } from "../../lib/commands/shapes.ts";
import type { Command } from "../../lib/connection/command.ts";
import { checkArgs } from "../../lib/resp/encoder.ts";
import { Redis } from "../../mod.ts";
import { INTERNAL } from "./misuse_cases.ts";

type Method = (...args: unknown[]) => unknown;

let sent = 0;
const engine: Partial<PooledEngine> = {
  execute<T>({ args }: Command<T>): Promise<T> {
    checkArgs(args);
    sent++;
    return new Promise(() => {});
  },
};
const redis = new Redis(engine as PooledEngine, AS_TEXT);

/** More than any method takes. */
const MOST = 7;
const KINDS: readonly unknown[] = [
  "a",
  5,
  7n,
  NaN,
  true,
  null,
  undefined,
  {},
  { a: {} },
  [],
  ["a"],
  [[]],
  [null],
  [{}],
  new Date(0),
  new Map(),
  Promise.resolve(1),
  () => {},
];

/** The commands of a family, by name. */
function methodsOf(family: object): Map<string, Method> {
  const methods = new Map<string, Method>();
  // The two prototypes at the end have no commands: what sends, and Object's.
  for (
    let each = Object.getPrototypeOf(family);
    Object.getPrototypeOf(Object.getPrototypeOf(each)) !== null;
    each = Object.getPrototypeOf(each)
  ) {
    if (Object.hasOwn(each, "lease") || Object.hasOwn(each, "pipeline")) {
      continue;
    }
    const members = Object.getOwnPropertyDescriptors(each);
    for (const [name, { value }] of Object.entries(members)) {
      if (typeof value !== "function" || name === "constructor") continue;
      methods.set(name, value.bind(family));
    }
  }
  return methods;
}

function* calls(): Generator<unknown[]> {
  for (const kind of KINDS) {
    for (let count = 0; count <= MOST; count++) {
      yield Array(count).fill(kind);
      for (let at = 0; at < count; at++) {
        yield Array(count).fill("a").with(at, kind);
      }
    }
  }
}

/** Does `work` with errors that have no stack, which takes most of their time. */
function withoutStacks(work: () => void): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

for (
  const [name, family] of Object.entries({
    redis,
    "redis.bf": redis.bf,
    "redis.cf": redis.cf,
    "redis.cms": redis.cms,
    "redis.json": redis.json,
    "redis.search": redis.search,
    "redis.tdigest": redis.tdigest,
    "redis.topk": redis.topk,
    "redis.ts": redis.ts,
  })
) {
  Deno.test(`each method of ${name} sends all that it is given, or throws`, () => {
    const methods = methodsOf(family);
    assert(methods.size > 4);
    withoutStacks(() => {
      for (const [method, call] of methods) {
        for (const args of calls()) {
          const shown = () =>
            `${method}(${args.map((arg) => Deno.inspect(arg))})`;
          sent = 0;
          try {
            call(...args);
            assert.equal(sent, 1, `${shown()} neither sends nor throws`);
            // No command has one: it was not looked at.
            assert(typeof args.at(-1) !== "function", `${shown()} is sent`);
          } catch (error) {
            if (error instanceof assert.AssertionError) throw error;
            assert(
              error instanceof TypeError || error instanceof RangeError,
              `${shown()} throws ${error}`,
            );
            assert.doesNotMatch(error.message, INTERNAL, shown());
          }
        }
      }
    });
  });
}

Deno.test("too many arguments are told, and what takes them", () => {
  const told = (call: () => unknown, message: RegExp) =>
    assert.throws(call, (error: Error) => {
      assert(error instanceof TypeError);
      assert.match(error.message, message);
      return true;
    });
  // deno-lint-ignore no-explicit-any -- calls that the types refuse
  const any = redis as any;
  told(() => any.bf.add("k", "a", "b"), /^add\(\) takes 2 .* 3: use madd\(\)$/);
  told(
    () => any.clientId("x"),
    /^clientId\(\) takes 0 arguments, not 1: nothing is done with "x"$/,
  );
  told(
    () => any.objectEncoding("k", () => {}),
    /^objectEncoding\(\) takes 1 argument, not 2: it returns a promise, and calls no function$/,
  );
  told(
    () => any.set("k", "v", { ex: 60 }, { nx: true }),
    /^set\(\) takes 3 arguments, not 4: nothing is done with a plain object/,
  );
  told(
    () => any.set("k", "v", "EX", 60),
    /SET takes its options as an object, such as \{ ex: value \}/,
  );
  told(
    () => any.ts.mrange("-", "+", ["a=b"], "COUNT", 5),
    /TS.MRANGE takes its options as an object, such as \{ count: value \}/,
  );
});
