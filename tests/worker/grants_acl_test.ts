/**
 * Grants against the server's own ACL: whatever a grant permits, a user with the
 * same categories, keys and channels may run, as ACL DRYRUN says. The commands
 * are all of the table that the server has.
 *
 * @module
 */

import assert from "node:assert/strict";
import { traitsOf } from "../../lib/connection/traits.ts";
import { connect, type Redis } from "../../mod.ts";
import { CATEGORIES, isGuarded } from "../../worker/categories.ts";
import { type GrantSpec, readGrants } from "../../worker/grant_specs.ts";
import { withheld } from "../../worker/grants.ts";
import { serverRows } from "../commands/table/server_rows.ts";
import { readTable } from "../commands/table/table.ts";
import { TestServer } from "../support/test_server.ts";

const table = await readTable();

/** Words without which a command has no keys to find. */
const BEFORE_KEYS: Record<string, string[]> = {
  XREAD: ["XREAD", "STREAMS"],
  XREADGROUP: ["XREADGROUP", "GROUP", "g", "c", "STREAMS"],
};

/** Words behind the shortest form of a command, where it takes more. */
const MORE = 3;

/** Each command of the server, with `1` for all of its arguments. */
async function commandsOf(url: string): Promise<string[][]> {
  const rows = await serverRows(url, "server");
  return rows.filter(({ name }) =>
    !rows.some((other) => other.name.startsWith(`${name}|`)) &&
    // They describe their container, and no grant's categories have them.
    !name.endsWith("|HELP") &&
    // The gateway refuses these before it looks at the grant.
    traitsOf(name.split("|")).state === undefined
  ).map(({ name, arity }) => {
    const words = BEFORE_KEYS[name] ?? name.split("|");
    if (arity >= 0) return [...words, ...ones(arity - words.length)];
    // An even number, as XREAD has an ID for each key.
    const more = Math.max(-arity + MORE - words.length, 2);
    return [...words, ...ones(more + more % 2)];
  });
}

const ones = (count: number) => Array<string>(count).fill("1");

/** A user of the server beside a grant of the gateway. */
class Pair {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The commands that the user with these rules may run, as the server says. */
  async permitted(
    rules: readonly string[],
    commands: readonly string[][],
  ): Promise<Set<string[]>> {
    await this.#redis.send(["ACL", "SETUSER", "u", "reset", "on", ...rules]);
    const replies = await Promise.all(
      commands.map((args) =>
        this.#redis.send(["ACL", "DRYRUN", "u", ...args]).catch((error) => {
          throw new Error(`${args.join(" ")}: ${error.message}`);
        })
      ),
    );
    return new Set(commands.filter((_, i) => replies[i] === "OK"));
  }

  /** Asserts that the server permits all that the grant does; returns these. */
  async compare(
    spec: GrantSpec,
    rules: readonly string[],
    commands: readonly string[][],
  ): Promise<string[][]> {
    const ours = permitted(spec, commands);
    const theirs = await this.permitted(rules, commands);
    const wrong = ours.filter((args) => !theirs.has(args));
    assert.deepEqual(
      wrong.map((args) => args.join(" ")),
      [],
      `${JSON.stringify(spec)} permits more than ${rules.join(" ")}`,
    );
    return ours;
  }
}

function permitted(
  spec: GrantSpec,
  commands: readonly string[][],
): string[][] {
  const GRANTS = JSON.stringify({ app: { token: "t", ...spec } });
  const { grant } = readGrants({ GRANTS, REDIS_URL: "redis://h" })[0]!;
  return commands.filter((args) => withheld(grant, args) === undefined);
}

/** A server, a client, and the commands to try. */
async function testPairs(
  test: (pair: Pair, commands: string[][], redis: Redis) => Promise<void>,
): Promise<void> {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const commands = await commandsOf(server.url);
  assert(commands.length > 290);
  await test(new Pair(redis), commands, redis);
}

/** The name of a command as the table and grants have it. */
function nameIn(args: readonly string[]): string {
  const name = `${args[0]}|${args[1]}`;
  return table.has(name) ? name : args[0]!;
}

/** The categories that the server has, too. */
async function sharedCategories(redis: Redis): Promise<string[]> {
  const theirs = await redis.send(["ACL", "CAT"]) as string[];
  return CATEGORIES.filter((each) => theirs.includes(each.slice(1)));
}

/**
 * Vector sets are a module in a server, which puts them into no category; servers
 * before 7.2 do not say of WAIT that it blocks.
 */
const isSorted = (args: readonly string[]) =>
  args[0] !== "WAIT" && !table.get(nameIn(args))!.flags.includes("module");

Deno.test("a category that a grant allows lets nothing pass that the server's does not", async () => {
  await testPairs(async (pair, commands, redis) => {
    const known = commands.filter(isSorted);
    for (const category of await sharedCategories(redis)) {
      const rules = ["~*", "&*", "-@all", `+${category}`];
      const ours = await pair.compare({ allow: [category] }, rules, known);
      // The other way: what must be named is all that a grant lacks.
      const theirs = await pair.permitted(rules, known);
      const lacking = [...theirs].filter((args) => !ours.includes(args));
      assert.deepEqual(
        lacking.map(nameIn).filter((name) => !isGuarded(name)),
        [],
        category,
      );
    }
  });
});

Deno.test("a category that a grant denies withholds all that the server's does", async () => {
  await testPairs(async (pair, commands, redis) => {
    const names = commands.map((args) => nameIn(args).toLowerCase());
    for (const category of await sharedCategories(redis)) {
      const rules = ["~*", "&*", "+@all", `-${category}`];
      await pair.compare({ deny: [category] }, rules, commands);
      const named = { allow: names, deny: [category] };
      const ours = await pair.compare(named, rules, commands);
      const theirs = await pair.permitted(rules, commands);
      const lacking = [...theirs].filter((args) =>
        // Of those that the gateway guards it takes all for administrative.
        !ours.includes(args) && isSorted(args) && !isGuarded(nameIn(args))
      );
      assert.deepEqual(lacking.map(nameIn), [], category);
    }
  });
});

Deno.test("a grant with keys reaches no key that the server's pattern does not, wherever it stands", async () => {
  await testPairs(async (pair, commands) => {
    const allow = [
      "@all",
      ...commands.map((args) => nameIn(args).toLowerCase()),
    ];
    // One word in turn is another key, or another count of keys.
    const variants = commands.flatMap((
      args,
    ) => [
      args,
      ...args.flatMap((word, i) => word === "1" ? [args.with(i, "2")] : []),
    ]);
    const rules = ["~1", "&*", "+@all"];
    const ours = await pair.compare({ keys: ["1"] }, rules, variants);
    assert(ours.length > 500, `${ours.length}`);
    await pair.compare({ keys: ["1"], allow }, rules, variants);
    await pair.compare(
      { keys: ["1"], readOnly: true },
      [...rules, "-@write"],
      variants,
    );
  });
});

Deno.test("a grant with channels publishes to none that the server's pattern has not", async () => {
  await testPairs(async (pair, commands) => {
    const variants = commands.flatMap((args) =>
      args[1] === "1" ? [args, args.with(1, "2")] : [args]
    );
    const rules = ["~*", "&1", "+@all"];
    const ours = await pair.compare({ channels: ["1"] }, rules, variants);
    assert(ours.some((args) => args[0] === "PUBLISH" && args[1] === "1"));
    assert(!ours.some((args) => args[0] === "PUBLISH" && args[1] === "2"));
  });
});

Deno.test("a read-only grant has nothing that writes, as the server says", async () => {
  await testPairs(async (pair, commands) => {
    const rules = ["~*", "&*", "+@all", "-@write"];
    const ours = await pair.compare({ readOnly: true }, rules, commands);
    assert(ours.length > 90, `${ours.length}`);
  });
});
