/**
 * Test cases of commands as data: the arguments that a call sends, and its result
 * from a real server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Commands } from "../../lib/commands/commands.ts";
import { AS_TEXT, type Readings } from "../../lib/commands/shapes.ts";
import type { Arg, Reply, Shape } from "../../lib/resp/reply.ts";
import { connect, type Redis } from "../../mod.ts";
import {
  type Feature,
  TestServer,
  type TestServerOptions,
} from "../support/test_server.ts";
import { read, type Wire } from "./modules/support.ts";

/** Records commands without executing them. */
export class Recorder extends Commands<string> {
  protected override readonly as: Readings<string> = AS_TEXT;
  /** The arguments of the last command. */
  words: readonly Arg[] = [];
  /** The reply parser of the last command. */
  shape: Shape<unknown> | undefined;

  override send(args: readonly Arg[]): Promise<Reply>;
  override send<T>(
    args: readonly Arg[],
    shape: Shape<T>,
  ): Promise<NoInfer<T>>;
  override send(
    args: readonly Arg[],
    shape?: Shape<unknown>,
  ): Promise<never> {
    this.words = args;
    this.shape = shape;
    return new Promise(() => {});
  }
}

/** A call, and the arguments that it sends. */
export interface WordsCase {
  call: (c: Recorder) => Promise<unknown>;
  words: Arg[];
}

/** A call, and its result in each protocol, on an empty database. */
export interface LiveCase {
  /** The feature that the server needs for this case. */
  needs?: Feature;
  /** Commands to run before, with their words separated by one space. */
  setup?: string[];
  call: (redis: Redis) => Promise<unknown>;
  /** The result; a function if it varies. */
  // deno-lint-ignore no-explicit-any
  expect: unknown | ((value: any) => void);
}

/** A server for live cases. */
export interface LiveServer extends AsyncDisposable {
  readonly url: string;
  /** Whether it has no keys, and so nothing to flush: a sentinel. */
  readonly keyless?: boolean;
  /** Whether it has a feature; it has all if this is left out. */
  has?(feature: Feature): boolean;
}

/** A call of a command that the tests' server does not have, and its result. */
export interface FixtureCase {
  call: (c: Recorder) => Promise<unknown>;
  /**
   * The source of the replies: a page, with its example or a reply that matches its
   * return information; a schema or a test, with repository and file.
   */
  source: string;
  /** The reply in RESP2, and in RESP3 if `resp3` is absent. */
  resp2: Wire;
  /** The reply in RESP3, if it differs. */
  resp3?: Wire;
  /** The value that both resolve to. */
  value: unknown;
}

/** A family of commands: the methods of its class. */
export interface Family {
  readonly name: string;
  readonly prototype: object;
}

/** The cases of a family, from the test files. */
export interface FamilyCases {
  family: Family;
  words: WordsCase[];
  fixtures: FixtureCase[];
  /** The methods called by live cases. */
  live: Set<string>;
}

const inventory = new Map<string, FamilyCases>();
let collecting = false;

/**
 * Makes the functions below collect cases instead of running them; returns the cases.
 */
export function collect(): ReadonlyMap<string, FamilyCases> {
  collecting = true;
  return inventory;
}

function casesOf(family: Family): FamilyCases {
  let cases = inventory.get(family.name);
  if (cases === undefined) {
    cases = { family, words: [], fixtures: [], live: new Set() };
    inventory.set(family.name, cases);
  }
  return cases;
}

/** Tests the arguments that every method of a family sends. */
export function testWords(family: Family, cases: readonly WordsCase[]): void {
  casesOf(family).words.push(...cases);
  if (collecting) return;
  Deno.test(`${family.name}: sent arguments`, { permissions: "none" }, () => {
    const recorder = new Recorder();
    const { spy, called } = spyOn(recorder);
    for (const { call, words } of cases) {
      recorder.words = [];
      call(spy);
      assert.deepEqual(recorder.words, words, String(call));
      assert(recorder.shape, String(call));
    }
    assert.deepEqual(missing(family, called), [], "methods without a case");
  });
}

/** Tests the result of every method of a family, except those in `except`. */
export function testLive(
  family: Family,
  cases: readonly LiveCase[],
  except: readonly string[] = [],
  start: () => Promise<LiveServer> = () => TestServer.start(),
  test: (name: string, fn: Deno.TestDefinition["fn"]) => void = Deno.test,
): void {
  for (const { call } of cases) noteCall(family, call, casesOf(family).live);
  if (collecting) return;
  test(`${family.name} resolve to the same over RESP2 and RESP3`, async (t) => {
    await using server = await start();
    const called = new Set<string>(except);
    for (const protocol of [2, 3] as const) {
      await using redis = await connect(server.url, { protocol });
      for (const { needs, setup = [], call, expect } of cases) {
        if (needs !== undefined && server.has?.(needs) === false) {
          noteCall(family, call, called);
          continue;
        }
        await t.step(`RESP${protocol}: ${String(call)}`, async () => {
          if (!server.keyless) await redis.flushall();
          for (const line of setup) await redis.send(line.split(" "));
          noteCall(family, call, called);
          const value = await call(redis);
          if (typeof expect === "function") expect(value);
          else assert.deepStrictEqual(value, expect);
        });
      }
    }
    assert.deepEqual(missing(family, called), [], "methods without a case");
  });
}

/** A live case of a command that only some servers have. */
export interface NewerCase extends LiveCase {
  /** The command, such as `"SCRIPT SHOW"`; without it the case is skipped. */
  command: string;
}

/**
 * Tests the results of methods of a family on a server that has their commands;
 * `test` skips them if the server cannot have the `options`.
 */
export function testNewer(
  family: Family,
  cases: readonly NewerCase[],
  options: TestServerOptions = {},
  test: Deno.DenoTest["ignore"] = Deno.test,
): void {
  for (const { call } of cases) noteCall(family, call, casesOf(family).live);
  if (collecting) return;
  test(`${family.name} of newer servers resolve to the same over RESP2 and RESP3`, async (t) => {
    const inCluster = options.config?.["cluster-enabled"] === "yes";
    if (inCluster && !await TestServer.has("cluster")) return;
    await using server = await TestServer.start(options);
    for (const protocol of [2, 3] as const) {
      await using redis = await connect(server.url, { protocol });
      for (const { command, setup = [], call, expect } of cases) {
        const name = command.replace(" ", "|");
        const [facts] = await redis.send(["COMMAND", "INFO", name]) as Reply[];
        if (facts === null) continue;
        await t.step(`RESP${protocol}: ${String(call)}`, async () => {
          await redis.flushall();
          for (const line of setup) await redis.send(line.split(" "));
          const value = await call(redis);
          if (typeof expect === "function") expect(value);
          else assert.deepStrictEqual(value, expect);
        });
      }
    }
  });
}

/** Tests the results of replies of newer servers, which are fixtures. */
export function testFixtures(
  family: Family,
  cases: readonly FixtureCase[],
): void {
  casesOf(family).fixtures.push(...cases);
  if (collecting) return;
  Deno.test(`${family.name} parse the replies of newer servers`, {
    permissions: "none",
  }, () => {
    const recorder = new Recorder();
    for (const { call, source, resp2, resp3 = resp2, value } of cases) {
      assert(source);
      call(recorder);
      const { mode, parse } = recorder.shape!;
      for (const [protocol, reply] of [[2, resp2], [3, resp3]] as const) {
        assert.deepStrictEqual(
          parse(read(reply, protocol, mode)),
          value,
          `RESP${protocol}: ${String(call)}`,
        );
      }
    }
  });
}

/** An object without prototype, as commands return it. */
export function bare<T>(fields: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), fields);
}

/** An object without the fields that only some servers have. */
export function without(
  record: object,
  fields: RegExp,
): Record<string, unknown> {
  return bare(
    Object.fromEntries(
      Object.entries(record).filter(([name]) => !fields.test(name)),
    ),
  );
}

/** Text as bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function spyOn(recorder: Recorder): { spy: Recorder; called: Set<string> } {
  const called = new Set<string>();
  const spy = new Proxy(recorder, {
    get(target, name) {
      called.add(String(name));
      return Reflect.get(target, name);
    },
  });
  return { spy, called };
}

/** Collects the family's methods from the source of `call`: a client cannot be a proxy. */
function noteCall(
  family: Family,
  call: LiveCase["call"],
  called: Set<string>,
): void {
  for (const [, name = ""] of String(call).matchAll(/\.(\w+)\(/g)) {
    if (name in family.prototype) called.add(name);
  }
}

function missing(family: Family, called: ReadonlySet<string>): string[] {
  return Object.getOwnPropertyNames(family.prototype)
    .filter((name) => name !== "constructor" && !called.has(name));
}
