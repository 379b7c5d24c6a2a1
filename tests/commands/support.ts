/**
 * Test cases of commands as data: the words that a call sends, and its result
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

/** Keeps the commands it is given; never answers. */
export class Recorder extends Commands<string> {
  protected override readonly as: Readings<string> = AS_TEXT;
  /** The words of the last command. */
  words: readonly Arg[] = [];
  /** The shape of the last command. */
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

/** A call, and the words that it sends. */
export interface WordsCase {
  call: (c: Recorder) => Promise<unknown>;
  words: Arg[];
}

/** A call, and what it resolves to over each protocol, on an empty database. */
export interface LiveCase {
  /** What the server must offer for it to be tried. */
  needs?: Feature;
  /** Commands to run before, their words separated by one space. */
  setup?: string[];
  call: (redis: Redis) => Promise<unknown>;
  /** The value; a function when it is not always the same. */
  // deno-lint-ignore no-explicit-any
  expect: unknown | ((value: any) => void);
}

/** A server that live cases run on. */
export interface LiveServer extends AsyncDisposable {
  readonly url: string;
  /** Whether it has no keys, so that there is nothing to flush: a sentinel. */
  readonly keyless?: boolean;
  /** Whether it offers something; all when left out. */
  has?(feature: Feature): boolean;
}

/** A call of a command that the server here does not have, and what it resolves to. */
export interface FixtureCase {
  call: (c: Recorder) => Promise<unknown>;
  /**
   * Where the replies are from: a page, with its example or an answer of the kind
   * that its return information names; a schema or a test, with repository and file.
   */
  source: string;
  /** The reply in RESP2, and in RESP3 if `resp3` is absent. */
  resp2: Wire;
  /** The reply in RESP3, where it differs. */
  resp3?: Wire;
  /** What both become. */
  value: unknown;
}

/** A family of commands: the methods that its class adds. */
export interface Family {
  readonly name: string;
  readonly prototype: object;
}

/** The cases of a family, from the test files. */
export interface FamilyCases {
  family: Family;
  words: WordsCase[];
  fixtures: FixtureCase[];
  /** The methods that the live cases call. */
  live: Set<string>;
}

const inventory = new Map<string, FamilyCases>();
let collecting = false;

/**
 * Makes the functions below collect cases instead of testing them, and returns
 * the cases.
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

/** Tests the words of every method of a family. */
export function testWords(family: Family, cases: readonly WordsCase[]): void {
  casesOf(family).words.push(...cases);
  if (collecting) return;
  Deno.test(`${family.name} send their words`, { permissions: "none" }, () => {
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

/** A live case of a command that not every server has. */
export interface NewerCase extends LiveCase {
  /** The command, such as `"SCRIPT SHOW"`: the case is left out where it is missing. */
  command: string;
}

/**
 * Tests what methods of a family resolve to on a server that has their commands;
 * `test` leaves them out where the server cannot have the `options`.
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

/** Tests what replies of newer servers become, each as its source has it. */
export function testFixtures(
  family: Family,
  cases: readonly FixtureCase[],
): void {
  casesOf(family).fixtures.push(...cases);
  if (collecting) return;
  Deno.test(`${family.name} resolve to what newer servers answer`, {
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

/** A record without prototype, as commands make them. */
export function bare<T>(fields: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), fields);
}

/** A record without the fields that not every server has. */
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

/** Notes the family's methods in the text of `call`: a client may not be a proxy. */
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
