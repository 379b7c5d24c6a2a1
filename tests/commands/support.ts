/**
 * Test cases of commands as data: the words that a call sends, and what a real
 * server's answer becomes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Commands } from "../../lib/commands/commands.ts";
import { AS_TEXT, type Readings } from "../../lib/commands/shapes.ts";
import type { Arg, Reply, Shape } from "../../lib/resp/reply.ts";
import { connect, type Redis } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";

/** Keeps what it is asked to send; nothing is ever answered. */
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
  /** Commands to run before, their words separated by one space. */
  setup?: string[];
  call: (redis: Redis) => Promise<unknown>;
  /** The value; a function when it is not always the same. */
  // deno-lint-ignore no-explicit-any
  expect: unknown | ((value: any) => void);
}

/** A family of commands: the methods that its class adds. */
interface Family {
  readonly name: string;
  readonly prototype: object;
}

/** Tests the words of every method of a family. */
export function testWords(family: Family, cases: readonly WordsCase[]): void {
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

/** Tests what every method of a family resolves to, but for those in `except`. */
export function testLive(
  family: Family,
  cases: readonly LiveCase[],
  except: readonly string[] = [],
): void {
  Deno.test(`${family.name} resolve to the same over RESP2 and RESP3`, async (t) => {
    await using server = await TestServer.start();
    const called = new Set<string>(except);
    for (const protocol of [2, 3] as const) {
      await using redis = await connect(server.url, { protocol });
      for (const { setup = [], call, expect } of cases) {
        await t.step(`RESP${protocol}: ${String(call)}`, async () => {
          await redis.flushall();
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

/** A record without prototype, as commands make them. */
export function bare<T>(fields: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), fields);
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
