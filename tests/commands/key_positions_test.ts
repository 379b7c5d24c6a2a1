import assert from "node:assert/strict";
import { keysOf, routesBy } from "../../lib/connection/key_positions.ts";
import type { Arg, Reply } from "../../lib/resp/reply.ts";
import { connect, ReplyError } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";
import { allNames, families, nameOf } from "./inventory.ts";
import { bytes } from "./support.ts";

/** Commands that no test case has: other cases, orders, and edges. */
const MORE: Arg[][] = [
  ["get", "k"],
  ["mSet", "a", 1, "b", 2],
  ["sort", "k", "by", "store", "get", "store", "store", "d"],
  ["SORT", "k", "STORE", "d", "LIMIT", 0, 1, "STORE", "e"],
  ["GEORADIUS", "k", 1, 2, 3, "m", "COUNT", 5, "STORE", "d"],
  ["GEORADIUSBYMEMBER", "k", "m", 3, "m", "STOREDIST", "e"],
  ["XREAD", "COUNT", "5", "STREAMS", "STREAMS", "b", "0", "1"],
  ["XREADGROUP", "GROUP", "STREAMS", "c", "STREAMS", "a", ">"],
  ["MIGRATE", "h", 1, "k", 0, 5],
  ["MIGRATE", "h", 1, "", 0, 5, "AUTH", "KEYS", "KEYS", "a", "b"],
  ["EVAL", "s", 2, "a", "b", "c"],
  ["ZUNIONSTORE", "d", 2, "a", "b", "WEIGHTS", 1, 2],
  ["BLMPOP", 1, 2, "a", "b", "LEFT"],
  ["OBJECT", "encoding", "k"],
];

/**
 * The keys that the server finds; `null` if it finds none or reports an error.
 */
async function asked(
  send: (words: Arg[]) => Promise<Reply>,
  words: readonly Arg[],
): Promise<Reply> {
  try {
    return await send(["COMMAND", "GETKEYS", ...words]);
  } catch (error) {
    if (error instanceof ReplyError) return null;
    throw error;
  }
}

Deno.test("keysOf() finds the same keys as the server, in every test case", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const cases = (await families()).flatMap(({ words }) => words)
    .map(({ words }) => words);
  let checked = 0;
  for (const words of [...cases, ...MORE]) {
    const keys = await asked((args) => redis.send(args), words);
    if (keys === null) continue;
    const found = keysOf(words).map((i) => words[i]);
    const text = (key: Arg | undefined) =>
      key instanceof Uint8Array ? new TextDecoder().decode(key) : String(key);
    // The server reports the channel of SPUBLISH as a key.
    const mine = words[0] === "SPUBLISH"
      ? routesBy(words).map((i) => words[i])
      : found;
    assert.deepEqual(
      mine.map(text).sort(),
      (keys as string[]).sort(),
      words.join(" "),
    );
    checked++;
  }
  assert(checked > 250, `${checked} cases`);
});

Deno.test("keysOf() knows every command that has keys", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { protocol: 2 });
  const wrong: string[] = [];
  const visit = (
    [name, , flags, first, last, step, , , specs, inner]: Reply[],
  ) => {
    for (const command of inner as Reply[][]) visit(command);
    if ((inner as Reply[]).length) return;
    const words: Arg[] = String(name).toUpperCase().split("|");
    if ((flags as Reply[]).includes("movablekeys")) return;
    const args = [...words, ...Array.from({ length: 8 }, (_, i) => `w${i}`)];
    const expected: number[] = [];
    const end = Number(last) < 0 ? args.length + Number(last) : Number(last);
    if (Number(first) > 0) {
      for (let i = Number(first); i <= end; i += Number(step)) expected.push(i);
    }
    const found = routesBy(args);
    if (`${found}` !== `${expected}`) wrong.push(`${name}: ${found}`);
    if ((specs as Reply[]).length && !found.length) wrong.push(`${name}: none`);
  };
  for (const command of await redis.send(["COMMAND"]) as Reply[][]) {
    visit(command);
  }
  assert.deepEqual(wrong, []);
});

Deno.test(
  "keysOf() finds the keys of commands that the tests' server does not have",
  {
    permissions: "none",
  },
  () => {
    const cases: [Arg[], number[]][] = [
      [["MSETEX", 2, "a", 1, "b", 2, "EX", 5], [2, 4]],
      [["SUNIONCARD", 2, "a", "b", "LIMIT", 1], [2, 3]],
      [["BLMOVEM", "a", "b", "LEFT", "LEFT", 1], [1, 2]],
      [["XREADGROUP", "GROUP", "g", "c", "CLAIM", 5, "STREAMS", "a", ">"], [7]],
      [["HIMPORT", "SET", "k", "f", "v"], [2]],
      [["HIMPORT", "PREPARE", "f", "a"], []],
      [["VSIM", "k", "ELE", "e"], [1]],
      [["JSON.GET", "k", "$"], [1]],
      [["JSON.MGET", "a", "b", "$"], [1, 2]],
      [["JSON.MSET", "a", "$", 1, "b", "$", 2], [1, 4]],
      [["JSON.DEBUG", "MEMORY", "k"], [2]],
      [["JSON.DEBUG", "HELP"], []],
      [["TS.MADD", "a", 1, 2, "b", 1, 2], [1, 4]],
      [["TS.MRANGE", "-", "+", "FILTER", "a=b"], []],
      [["CMS.MERGE", "d", 2, "a", "b", "WEIGHTS", 1, 2], [1, 3, 4]],
      [["FT.SEARCH", "index", "query"], []],
      [["FT.SUGADD", "k", "s", 1], [1]],
      [[bytes("get"), "k"], [1]],
      [["EVAL", "s", bytes("1"), "k", "a"], [3]],
      [["EVAL", "s", "many", "k"], []],
      [["EVAL", "s", 9, "k"], [3]],
      [["XREAD", "STREAMS"], []],
      // Valkey 9.1 reports only the last key.
      [
        ["GEORADIUSBYMEMBER", "k", "m", 3, "m", "STORE", "d", "STOREDIST", "e"],
        [1, 6, 8],
      ],
      [["GET"], []],
      [[], []],
      [["constructor", "k"], []],
      [["NEW.COMMAND", "k"], []],
      [["PING"], []],
      [["SSUBSCRIBE", "a", "b"], []],
    ];
    for (const [words, indices] of cases) {
      assert.deepEqual(keysOf(words), indices, words.join(" "));
    }
    assert.deepEqual(routesBy(["SSUBSCRIBE", "a", "b"]), [1, 2]);
    assert.deepEqual(routesBy(["spublish", "c", "m"]), [1]);
    assert.deepEqual(routesBy(["GET", "k"]), [1]);
  },
);

Deno.test("keysOf() knows the keys of every method that takes one", async () => {
  await using server = await TestServer.start();
  const names = await allNames(server.url);
  const keyless = new Set<string>();
  for (const { words: cases } of await families()) {
    for (const { call, words } of cases) {
      // Cases name their keys k, or by the first letters of the alphabet.
      const named = words.includes("k") && /"k"/.test(String(call));
      if (named && keysOf(words).length === 0) {
        keyless.add(nameOf(words, names));
      }
    }
  }
  // One command asks about a key, the other about another command.
  assert.deepEqual([...keyless].sort(), ["ACL|DRYRUN", "CLUSTER|KEYSLOT"]);
});
