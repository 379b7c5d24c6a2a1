/**
 * A session with the real Search module: the results of its commands in each protocol.
 * Debian has the module in its first version, 1.2, whose FT.INFO lacks half of the
 * fields; fixtures cover later features, such as hashes as documents.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Commands } from "../../../lib/commands/commands.ts";
import { bare } from "../support.ts";

/** The module's path in Debian's package redis-redisearch. */
export const REDISEARCH = "/usr/lib/redis/modules/redisearch.so";

/** A call, and its result in both protocols, after the calls before it. */
export interface LiveStep {
  call: (c: Commands<string>) => Promise<unknown>;
  /** The result; a function if it varies. */
  // deno-lint-ignore no-explicit-any
  expect: unknown | ((value: any) => void);
}

const D1 = { title: "hello world", price: "10", tags: "red,green" };
const D2 = { title: "hello redis", price: "20", tags: "green" };
const none = { score: null, explanation: null, payload: null, sortkey: null };

let cursor = 0;

/** The calls in order, on a server without an index. */
export const searchLiveSteps: LiveStep[] = [
  {
    call: (c) =>
      c.search.create("idx", {
        title: { type: "text", weight: 2 },
        price: { type: "numeric", sortable: true },
        tags: { type: "tag", separator: "," },
      }),
    expect: "OK",
  },
  { call: (c) => c.search.add("idx", "d1", 1, D1), expect: "OK" },
  {
    call: (c) => c.search.add("idx", "d2", 0.5, { title: "not yet" }),
    expect: "OK",
  },
  {
    call: (c) => c.search.add("idx", "d2", 0.5, D2, { replace: true }),
    expect: "OK",
  },
  {
    call: (c) => c.search.safeadd("idx", "d3", 1, { title: "good bye" }),
    expect: "OK",
  },
  {
    call: (c) => c.search.search("idx", "hello"),
    expect: {
      total: 2,
      documents: [
        { id: "d1", ...none, attributes: bare(D1) },
        { id: "d2", ...none, attributes: bare(D2) },
      ],
      warnings: [],
    },
  },
  {
    call: (c) =>
      c.search.search("idx", "hello", {
        sortby: ["price", "desc"],
        withsortkeys: true,
        return: ["title"],
        limit: { offset: 0, count: 1 },
      }),
    expect: {
      total: 2,
      documents: [{
        id: "d2",
        ...none,
        sortkey: "#20",
        attributes: bare({ title: "hello redis" }),
      }],
      warnings: [],
    },
  },
  {
    call: (c) =>
      c.search.search("idx", "bye", { nocontent: true, withscores: true }),
    expect: ({ total, documents: [found] }: {
      total: number;
      documents: [{ id: string; score: number }];
    }) => {
      assert.equal(total, 1);
      assert.equal(found.id, "d3");
      assert(found.score > 0);
    },
  },
  {
    call: (c) => c.search.search("idx", "nowhere"),
    expect: { total: 0, documents: [], warnings: [] },
  },
  {
    call: (c) =>
      c.search.aggregate("idx", "hello", {
        steps: [
          {
            groupby: ["@price"],
            reduce: [{ function: "COUNT", as: "many" }],
          },
          { sortby: [["@price", "desc"]] },
        ],
      }),
    expect: ({ rows }: { rows: unknown }) =>
      assert.deepEqual(rows, [
        bare({ price: "20", many: "1" }),
        bare({ price: "10", many: "1" }),
      ]),
  },
  {
    call: async (c) => {
      const results = await c.search.aggregate("idx", "hello", {
        steps: [{ load: ["@title"] }],
        withcursor: { count: 1 },
      });
      ({ cursor } = results);
      return results;
    },
    expect: ({ rows, cursor }: { rows: unknown; cursor: number }) => {
      assert.deepEqual(rows, [bare({ title: "hello world" })]);
      assert(cursor > 0);
    },
  },
  {
    call: (c) => c.search.cursorRead("idx", cursor),
    expect: ({ rows }: { rows: unknown }) =>
      assert.deepEqual(rows, [bare({ title: "hello redis" })]),
  },
  { call: (c) => c.search.cursorDel("idx", cursor), expect: "OK" },
  {
    call: (c) => c.search.explain("idx", "red blue"),
    expect: (text: string) => assert.match(text, /^INTERSECT \{/),
  },
  {
    call: (c) => c.search.tagvals("idx", "tags"),
    expect: (tags: string[]) => assert.deepEqual(tags.sort(), ["green", "red"]),
  },
  { call: (c) => c.search.get("idx", "d1"), expect: bare(D1) },
  { call: (c) => c.search.get("idx", "nowhere"), expect: null },
  {
    call: (c) => c.search.mget("idx", "d1", "nowhere"),
    expect: [bare(D1), null],
  },
  { call: (c) => c.search.alter("idx", { more: "text" }), expect: "OK" },
  { call: (c) => c.search.synadd("idx", "boy", "child"), expect: 0 },
  { call: (c) => c.search.synupdate("idx", 0, ["kid"]), expect: "OK" },
  {
    call: (c) => c.search.syndump("idx"),
    expect: bare({ boy: ["0"], child: ["0"], kid: ["0"] }),
  },
  {
    call: (c) => c.search.sugadd("words", "hello", 1, { payload: "p" }),
    expect: 1,
  },
  {
    call: (c) => c.search.sugadd("words", "help", 2, { incr: true }),
    expect: 2,
  },
  {
    call: (c) => c.search.sugget("words", "he"),
    expect: [
      { suggestion: "help", score: null, payload: null },
      { suggestion: "hello", score: null, payload: null },
    ],
  },
  {
    call: (c) =>
      c.search.sugget("words", "hel", {
        fuzzy: true,
        withscores: true,
        withpayloads: true,
        max: 5,
      }),
    expect: (found: { score: number; payload: string | null }[]) => {
      assert.deepEqual(found.map(({ payload }) => payload), [null, "p"]);
      assert(found.every(({ score }) => score > 0));
    },
  },
  { call: (c) => c.search.sugget("nowhere", "he"), expect: [] },
  { call: (c) => c.search.suglen("words"), expect: 2 },
  { call: (c) => c.search.suglen("nowhere"), expect: 0 },
  { call: (c) => c.search.sugdel("words", "hello"), expect: 1 },
  { call: (c) => c.search.sugdel("words", "hello"), expect: 0 },
  { call: (c) => c.search.del("idx", "d1"), expect: 1 },
  { call: (c) => c.search.del("idx", "d1"), expect: 0 },
  { call: (c) => c.search.drop("idx", { keepdocs: true }), expect: "OK" },
  {
    call: (c) =>
      c.search.search("idx", "hello").catch(({ message }) => message),
    expect: (message: string) => assert.match(message, /unknown index/i),
  },
];
