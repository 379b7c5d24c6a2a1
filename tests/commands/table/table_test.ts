/**
 * Compares the table of commands with the modules generated from it, and with the
 * tests' server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { changesOf } from "../../../lib/cache/cacheable.ts";
import { keysOf } from "../../../lib/connection/key_positions.ts";
import { onlyReads, traitsOf } from "../../../lib/connection/traits.ts";
import { groupsIn, namesIn } from "../../../lib/connection/words.ts";
import { ROOT } from "../../support/paths.ts";
import { probe } from "../../support/server_program.ts";
import { TestServer } from "../../support/test_server.ts";
import {
  hasKeys,
  modulesOf,
  onlyReads as flagged,
  ruleOf,
  shorten,
} from "./modules.ts";
import { serverRows } from "./server_rows.ts";
import { DOCUMENTED, lineOf, readTable, type Row } from "./table.ts";

const table = await readTable();

Deno.test("the modules generated from the table are up to date: deno task table", async () => {
  for (const [path, text] of modulesOf(table)) {
    assert.equal(await Deno.readTextFile(join(ROOT, path)), text, path);
  }
});

Deno.test("the table agrees with this server on every command", async () => {
  const { kind, version, embedded } = await probe();
  await using server = await TestServer.start();
  const rows = await serverRows(server.url, `${kind}-${version}`);
  assert(rows.length > (embedded ? 200 : 350));
  const wrong: string[] = [];
  for (const row of rows) {
    const known = table.get(row.name);
    const same = known !== undefined &&
      factsOf(known) === factsOf(row) &&
      // Newer versions may add flags and categories to a command.
      (!row.from.startsWith(known.from) || known.arity === row.arity);
    if (!same) wrong.push(`${lineOf(row)}, not ${known && lineOf(known)}`);
  }
  assert.deepEqual(wrong, []);
});

function factsOf({ name, flags, categories, keys }: Row): string {
  // Servers before 7.2 do not flag WAIT as blocking.
  const told = (word: string) => name !== "WAIT" || word !== "blocking";
  return JSON.stringify([
    flags.filter((flag) => /^(readonly|write|blocking)$/.test(flag))
      .filter(told).sort(),
    categories.filter(told).sort(),
    keys.map(({ begin, find }) => `${begin}:${find}`),
  ]);
}

Deno.test(
  "the table has the version that introduced each command, or that it is only documented",
  {
    permissions: { read: true },
  },
  () => {
    for (const row of table.values()) {
      assert(Object.keys(row.since).length > 0, row.name);
      for (const version of Object.values(row.since)) {
        assert.match(version, /^\d+\.\d+(\.\d+)?$/, row.name);
      }
      assert.match(
        row.from,
        /^(documented|(redis|valkey)-\d+\.\d+)$/,
        row.name,
      );
      if (row.from !== DOCUMENTED) assert.notEqual(row.arity, 0, row.name);
    }
  },
);

Deno.test("traitsOf() and keysOf() agree with the table on every command", {
  permissions: { read: true },
}, () => {
  let keyed = 0;
  for (const row of table.values()) {
    const words = row.name.split("|");
    // The flags of a container have no meaning.
    if (table.has(`${row.name}|HELP`) && row.name !== "COMMAND") continue;
    if (flagged(row)) assert(onlyReads(words), row.name);
    if (row.flags.includes("write")) assert(!onlyReads(words), row.name);
    if (row.flags.includes("blocking")) {
      assert(traitsOf(words).blocks, row.name);
    }
    // Enough arguments for any rule, with a valid count of keys among them.
    const args = [...words, ...Array(8).fill("1")];
    const found = keysOf(args).length > 0;
    const special = ["KEYS", "STREAMS"].includes(ruleOf(row));
    if (!special) assert.equal(found, hasKeys(row), row.name);
    if (found) keyed++;
  }
  assert(keyed > 250);
});

Deno.test(
  "what is known of commands besides their keys agrees with the table",
  {
    permissions: { read: true },
  },
  () => {
    const states = new Map<string, string[]>();
    for (const { name, flags, categories } of table.values()) {
      const { blocks, state } = traitsOf(name.split("|"));
      // The table has TS.READ from a page, which tells no flags.
      if (blocks && name !== "TS.READ") {
        assert(flags.includes("blocking"), name);
      }
      const isListening = flags.includes("pubsub") &&
        flags.includes("noscript");
      if (isListening || categories.includes("transaction")) {
        states.set(state ?? name, [...states.get(state ?? name) ?? [], name]);
      }
    }
    assert.deepEqual(Object.fromEntries(states), {
      "transaction() or watch()": [
        "DISCARD",
        "EXEC",
        "MULTI",
        "UNWATCH",
        "WATCH",
      ],
      "subscribe(), psubscribe() or ssubscribe()": [
        "PSUBSCRIBE",
        "PUNSUBSCRIBE",
        "SSUBSCRIBE",
        "SUBSCRIBE",
        "SUNSUBSCRIBE",
        "UNSUBSCRIBE",
      ],
    });
  },
);

Deno.test(
  "the cache takes no command for harmless that the table says writes",
  {
    permissions: { read: true },
  },
  () => {
    for (const { name, flags, categories } of table.values()) {
      // Functions are no data.
      if (!flags.includes("write") || categories.includes("scripting")) {
        continue;
      }
      // The flags of a container mean nothing.
      if (table.has(`${name}|HELP`)) continue;
      const args = [...name.split("|"), ...Array(8).fill("1")];
      assert.notEqual(changesOf(args).kind, "nothing", name);
    }
  },
);

Deno.test(
  "namesIn() reads what shorten() writes",
  { permissions: "none" },
  () => {
    const names = [
      "ACL|CAT",
      "GET",
      "GETBIT",
      "GETDEL",
      "HGET",
      "HGETALL",
      "X",
    ];
    assert.deepEqual(namesIn(shorten(names).join("\n")).sort(), names);
    assert.deepEqual(groupsIn("\n@string\nGET: DEL EX\n1 -1;MGET\n=\n-;TIME"), [
      { categories: "@string", keys: "1", names: ["GETDEL", "GETEX"] },
      { categories: "@string", keys: "1 -1", names: ["MGET"] },
      { categories: "=", keys: "-", names: ["TIME"] },
    ]);
  },
);
