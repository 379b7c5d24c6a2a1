/**
 * The permissions of a token: commands, categories, keys, channels, limits. The
 * categories are compared with those of a real server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { traitsOf } from "../../lib/connection/traits.ts";
import { CATEGORIES, inCategory } from "../../worker/categories.ts";
import { globMatches, isGlob } from "../../worker/glob.ts";
import { type GrantSpec, readGrants } from "../../worker/grant_specs.ts";
import {
  type Grant,
  type Listening,
  mayListen,
  withheld,
} from "../../worker/grants.ts";
import { LIMITS, Usage } from "../../worker/limits.ts";
import { Refusal } from "../../worker/refusal.ts";
import { TestServer } from "../support/test_server.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

function grantOf(spec: GrantSpec): Grant {
  const GRANTS = JSON.stringify({ app: { token: "t", ...spec } });
  return readGrants({ GRANTS, REDIS_URL: "redis://h" })[0]!.grant;
}

/** The commands that a grant permits. */
function has(spec: GrantSpec, lines: readonly string[]): string[] {
  const grant = grantOf(spec);
  return lines.filter((line) => withheld(grant, line.split(" ")) === undefined);
}

/** Asserts that a grant permits the commands in `yes`, and none of those in `no`. */
function assertHas(spec: GrantSpec, yes: string[], no: string[]): void {
  assert.deepEqual(has(spec, [...yes, ...no]), yes);
}

test("a grant without rules permits all commands except those that must be named", () => {
  assertHas({}, [
    ...["GET k", "set k v", "FLUSHALL", "KEYS *", "INFO", "EVAL x 0"],
    ...["CLIENT LIST", "PUBLISH c m", "NEW.COMMAND k", "SCRIPT LOAD x"],
  ], [
    ...["SHUTDOWN", "shutdown NOSAVE", "DEBUG SLEEP 10", "REPLICAOF NO ONE"],
    ...["SLAVEOF a 1", "CONFIG GET requirepass", "config set dir /", "SAVE"],
    ...["CONFIG REWRITE", "MODULE LOAD x", "ACL SETUSER x", "CLUSTER RESET"],
    ...["CLIENT KILL x", "client pause 1000", "SCRIPT DEBUG YES", "FAILOVER"],
    ...["MIGRATE h 1 k 0 1", "BGSAVE", "BGREWRITEAOF", "SWAPDB 0 1", "ACL"],
    ...["CONFIG", "RESTORE-ASKING k 0 x", "SENTINEL MASTERS"],
  ]);
});

test("commands that must be named are not permitted by a category or a container", () => {
  assertHas(
    { allow: ["@all", "config|get", "SAVE", "client"] },
    ["CONFIG GET x", "save", "CLIENT LIST", "GET k"],
    ["CONFIG SET x y", "BGSAVE", "CLIENT KILL x", "DEBUG SLEEP 1"],
  );
  assertHas({ allow: ["config"] }, ["CONFIG GET x", "CONFIG SET x y"], [
    "GET k",
  ]);
  assertHas({ allow: ["@dangerous", "@admin"] }, ["FLUSHALL"], [
    "CONFIG GET x",
  ]);
  assertHas({ allow: ["client|kill"] }, ["CLIENT KILL x"], ["CLIENT LIST"]);
});

test("allow and deny match names, sub-commands and categories; deny wins", () => {
  assertHas(
    { allow: ["@read", "set", "client|id", "xgroup create"], deny: ["keys"] },
    ["GET k", "set k v", "CLIENT ID", "XGROUP CREATE s g $", "SCAN 0"],
    [
      "DEL k",
      "CLIENT LIST",
      "XGROUP DESTROY s g",
      "KEYS *",
      "PING",
      "EVAL x 0",
    ],
  );
  assertHas(
    { deny: ["@dangerous", "@scripting", "get"] },
    ["SET k v", "SCAN 0"],
    ["GET k", "FLUSHALL", "KEYS *", "EVAL x 0", "FCALL f 0", "SORT k"],
  );
  assertHas({ allow: ["get"], deny: ["@read"] }, [], ["GET k"]);
  assertHas({ allow: [] }, [], ["GET k", "PING"]);
});

test("a read-only grant permits no command that writes", () => {
  assertHas(
    { readOnly: true },
    ["GET k", "PING", "XREAD STREAMS s 0", "KEYS *"],
    [
      "SET k v",
      "GETEX k",
      "EVAL x 0",
      "PUBLISH c m",
      "SORT k STORE d",
      "NEW k",
    ],
  );
  const readOnly = readGrants({ READ_ONLY_TOKEN: "r", REDIS_URL: "redis://h" });
  const { grant } = readOnly[0]!;
  const yes = ["GET k", "HGETALL k", "ECHO a", "MGET a b", "XRANGE s - +"];
  const no = [
    "SET k v",
    "KEYS *",
    "SCAN 0",
    "EVAL_RO x 0",
    "INFO",
    "PUBLISH a b",
  ];
  for (const line of yes) {
    assert.equal(withheld(grant, line.split(" ")), undefined, line);
  }
  for (const line of no) {
    assert.match(`${withheld(grant, line.split(" "))}`, /^NOPERM /, line);
  }
  mayListen(grant, "channel", ["c"]);
  assert.throws(() => mayListen(grant, "monitor", []), Refusal);
});

test("a grant with keys permits only these, at every key position", () => {
  assertHas({ keys: ["app:*", "one"] }, [
    ...["GET app:1", "SET one v", "MGET app:a app:b", "DEL one", "PING"],
    ...["MSET app:a 1 app:b 2", "ZUNIONSTORE app:d 2 app:a app:b", "ECHO x"],
    ...["XREAD COUNT 1 STREAMS app:a one 0 0", "RENAME app:a app:b", "TIME"],
    ...["SORT app:l BY nosort", "OBJECT ENCODING app:k", "PUBLISH c m"],
    ...["SINTERCARD 2 app:a app:b LIMIT 1", "COPY app:a app:b"],
  ], [
    ...["GET other", "MGET app:a other", "MSET app:a 1 other 2", "DEL onex"],
    ...["ZUNIONSTORE other 2 app:a app:b", "ZUNIONSTORE app:d 2 app:a other"],
    ...["XREAD COUNT 1 STREAMS app:a other 0 0", "RENAME app:a other"],
    ...["SORT app:l STORE other", "SORT app:l BY w_*", "SORT_RO app:l GET o_*"],
    ...["GEORADIUS app:g 0 0 1 m STORE other", "SINTERCARD 1x app:a other"],
    // The keys of these commands are unknown.
    ...[
      "KEYS *",
      "SCAN 0",
      "RANDOMKEY",
      "DBSIZE",
      "FLUSHALL",
      "NEW.COMMAND app:a",
    ],
    ...[
      "EVAL x 1 app:a",
      "EVAL x 0",
      "FCALL f 1 app:a",
      "GET",
      "SCRIPT LOAD x",
    ],
  ]);
  assertHas(
    { keys: ["app:*"], allow: ["@all", "@scripting", "scan"] },
    ["EVAL x 1 app:a", "EVAL x 0", "SCAN 0", "SCRIPT LOAD x"],
    ["EVAL x 1 other", "DBSIZE", "KEYS *"],
  );
  assertHas({ keys: ["app:*"], allow: ["@all"] }, [], ["EVAL x 1 app:a"]);
  assertHas({ keys: [] }, ["PING"], ["GET k"]);
  const grant = grantOf({ keys: ["app:*"] });
  const bytes = (text: string) => new TextEncoder().encode(text);
  assert.equal(withheld(grant, [bytes("get"), bytes("app:\u{e9}")]), undefined);
  assert.match(
    withheld(grant, [bytes("GET"), bytes("other")])!,
    /^NOPERM .* one of the keys/,
  );
});

test("naming a command in allow keeps the check of keys", () => {
  const allow = [
    ...["get", "mset", "sort", "migrate", "restore", "restore-asking"],
    ...["object|freq", "memory", "debug|object", "debug|sleep", "pfdebug"],
    ...["eval", "eval_ro", "evalsha", "fcall", "xread", "lmpop", "scan"],
    ...["ft.search", "dbsize", "flushall", "config|get", "cluster|info"],
  ];
  assertHas({ keys: ["app:*"], allow }, [
    ...["GET app:a", "MSET app:a 1 app:b 2", "SORT app:a STORE app:b"],
    ...["MIGRATE h 1 app:a 0 1", "RESTORE app:a 0 x", "OBJECT FREQ app:a"],
    ...["MEMORY USAGE app:a", "EVAL x 1 app:a", "XREAD STREAMS app:a 0"],
    ...["LMPOP 1 app:a LEFT", "FCALL f 2 app:a app:b"],
    // Commands that are known to have no keys.
    ...["SCAN 0", "DBSIZE", "FLUSHALL", "CONFIG GET x", "CLUSTER INFO"],
    ...["MEMORY STATS"],
  ], [
    ...["GET other", "MSET app:a 1 other 2", "SORT app:a STORE other"],
    ...["SORT app:a GET other_*", "MIGRATE h 1 other 0 1"],
    ...["MIGRATE h 1  0 1 KEYS app:a other", "RESTORE other 0 x"],
    ...["RESTORE-ASKING other 0 x", "OBJECT FREQ other", "MEMORY USAGE other"],
    ...["EVAL x 1 other", "EVAL_RO x 2 app:a other", "EVALSHA x 1 other"],
    ...["FCALL f 2 app:a other", "XREAD STREAMS app:a other 0 0"],
    ...["LMPOP 2 app:a other LEFT", "GET", "MSET"],
    // Commands whose keys are unknown.
    ...["DEBUG OBJECT app:a", "DEBUG SLEEP 1", "FT.SEARCH app:i x"],
    ...["NEW.COMMAND app:a"],
  ]);
});

test("a grant with channels permits publishing and subscribing to these", () => {
  const spec = { channels: ["news:*", "all"] };
  assertHas(
    spec,
    ["PUBLISH news:a m", "SPUBLISH all m", "GET k"],
    [
      ...["PUBLISH other m", "SPUBLISH other m", "publish alls m"],
      // These reach other channels, or may.
      ...["EVAL x 0", "FCALL f 0", "PUBSUB CHANNELS"],
      ...["PUBSUB NEWLY", "NEW.COMMAND all"],
    ],
  );
  const more = ["@all", "pubsub", "@scripting"];
  assertHas({ ...spec, allow: more }, ["EVAL x 0", "PUBSUB CHANNELS"], []);
  const grant = grantOf(spec);
  const may = (how: Listening, ...names: string[]) => {
    try {
      mayListen(grant, how, names);
      return true;
    } catch (error) {
      assert.ok(error instanceof Refusal);
      assert.equal(error.status, 400);
      assert.match(error.message, /^NOPERM /);
      return false;
    }
  };
  assert.ok(may("channel", "news:a", "all"));
  assert.ok(!may("channel", "news:a", "other"));
  assert.ok(may("pattern", "news:*"));
  assert.ok(!may("pattern", "news:a*"));
  assert.ok(!may("pattern", "*"));
  assert.ok(!may("monitor"));
});

test("mayListen() follows the permitted commands", () => {
  const may = (spec: GrantSpec, how: Listening) => {
    try {
      mayListen(grantOf(spec), how, ["a"]);
      return true;
    } catch {
      return false;
    }
  };
  assert.ok(may({}, "channel") && may({}, "pattern") && may({}, "monitor"));
  assert.ok(may({ allow: ["@pubsub"] }, "pattern"));
  assert.ok(!may({ allow: ["@pubsub"] }, "monitor"));
  assert.ok(!may({ allow: ["@all"] }, "monitor"));
  assert.ok(may({ allow: ["monitor"] }, "monitor"));
  assert.ok(!may({ allow: ["get"] }, "channel"));
  assert.ok(may({ allow: ["subscribe"] }, "channel"));
  assert.ok(!may({ deny: ["psubscribe"] }, "pattern"));
  assert.ok(!may({ keys: ["a"] }, "monitor"));
  assert.ok(!may({ readOnly: true }, "monitor"));
  assert.ok(may({ readOnly: true }, "channel"));
});

test("a denied command is named as the server names it", () => {
  const grant = grantOf({ allow: ["get"] });
  assert.equal(
    withheld(grant, ["SET", "k", "v"]),
    "NOPERM this user has no permissions to run the 'set' command or its subcommand",
  );
  assert.match(withheld(grant, ["CLIENT", "LIST"])!, /'client\|list'/);
});

test("globMatches() supports * and ?, and is fast for many of them", () => {
  const table: [pattern: string, yes: string[], no: string[]][] = [
    ["a", ["a"], ["", "aa", "b"]],
    ["", [""], ["a"]],
    ["*", ["", "a", "a\nb"], []],
    ["a*", ["a", "ab"], ["", "ba"]],
    ["*a", ["a", "ba", "aba"], ["", "ab"]],
    ["a*b*c", ["abc", "axbxc", "abcbc"], ["ac", "abcd", "acb"]],
    ["a?c", ["abc", "a*c"], ["ac", "abbc"]],
    ["?*", ["a", "ab"], [""]],
    ["*?b", ["ab", "bb", "aab"], ["b", "a"]],
    ["a\\*", ["a*"], ["ab", "a"]],
    ["a\\?\\\\", ["a?\\"], ["ab\\"]],
    ["\\[a]", ["[a]"], ["a"]],
    ["a**b", ["ab", "axb"], ["a"]],
  ];
  for (const [pattern, yes, no] of table) {
    assert.ok(isGlob(pattern), pattern);
    const matches = (text: string) => globMatches(pattern, text);
    for (const text of yes) assert.ok(matches(text), `${pattern} ${text}`);
    for (const text of no) assert.ok(!matches(text), `${pattern} ${text}`);
  }
  assert.ok(!isGlob("[ab]"));
  assert.ok(!isGlob("a\\\\[b]"));
  assert.ok(!globMatches("*a*a*a*a*a*b", "a".repeat(100_000)));
});

test("Usage counts requests per second and open streams", () => {
  const usage = new Usage({ ...LIMITS, requestsPerSecond: 2, streams: 1 });
  const refused = (work: () => void) => {
    try {
      work();
    } catch (error) {
      assert.ok(error instanceof Refusal);
      assert.equal(error.status, 429);
      return error.headers["retry-after"];
    }
  };
  const at = 1_000_000;
  usage.admit(at);
  usage.admit(at);
  assert.equal(refused(() => usage.admit(at)), "1");
  usage.admit(at + 500);
  assert.equal(refused(() => usage.admit(at + 600)), "1");
  usage.admit(at + 60_000);
  usage.admit(at + 60_000);
  assert.equal(refused(() => usage.admit(at + 60_000)), "1");
  assert.equal(usage.requests, 5);
  const stream = usage.openStream();
  assert.equal(refused(() => usage.openStream()), "1");
  stream.close();
  stream.close();
  assert.equal(usage.streams, 0);
  // A stream without heartbeat stops counting, and may count again later.
  const lost = usage.openStream();
  assert.equal(usage.streams, 1);
  lost.until = Date.now() - 1;
  assert.equal(usage.streams, 0);
  usage.openStream();
  const slow = new Usage({ ...LIMITS, requestsPerSecond: 0.1 });
  slow.admit(at);
  assert.equal(refused(() => slow.admit(at)), "10");
});

// The gateway guards whole containers, including some harmless sub-commands.
const OURS_ONLY: Record<string, RegExp> = {
  "@admin":
    /^(ACL|BACKUP|CLUSTER|CONFIG|HOTKEYS|MODULE|SENTINEL|SCRIPT\|DEBUG)/,
  "@dangerous":
    /^(ACL|BACKUP|CLUSTER|CONFIG|HOTKEYS|MODULE|SENTINEL|SCRIPT\|DEBUG)/,
  // Servers before 7.2 do not put WAIT into these categories.
  "@connection": /^WAIT/,
  "@blocking": /^WAIT/,
  // Vector sets are a module that declares no categories.
  "@read": /^V/,
  "@write": /^V/,
};

/**
 * Commands that are missing in the gateway's table, because no grant can permit them.
 */
const NEVER_SENT =
  /^(ACL|CLUSTER|CONFIG|HOTKEYS|MODULE|SENTINEL|SCRIPT\|DEBUG)(\||$)/;

Deno.test("inCategory() agrees with the server", async () => {
  await using server = await TestServer.start();
  // The reply in wire format, without the lengths.
  const words = async (...question: string[]) =>
    (await server.ask(...question)).match(/^[a-z-].*$/gmi)!
      .map((name) => name.trim().toUpperCase());
  const all = [
    ...await words("ACL", "CAT", "slow"),
    ...await words("ACL", "CAT", "fast"),
  ];
  const names = all.filter((name) =>
    !all.some((other) => other.startsWith(`${name}|`)) &&
    // HELP describes its container, and has no category here.
    !name.endsWith("|HELP") &&
    traitsOf(name.split("|")).state === undefined
  );
  assert.ok(names.length > 290);
  const wrong: string[] = [];
  for (const category of CATEGORIES.filter((each) => each !== "@all")) {
    const said = await words("ACL", "CAT", category.slice(1));
    // A category of a module, or of a newer server.
    if (said[0]?.startsWith("-ERR")) continue;
    const listed = new Set(said);
    for (const name of names) {
      const ours = inCategory(category, name, false);
      if (ours === listed.has(name)) continue;
      const known = ours
        ? OURS_ONLY[category]?.test(name)
        : NEVER_SENT.test(name);
      if (!known) wrong.push(`${category} ${name} is ${ours} here`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("inCategory() knows every command of the server, except those that no grant can permit", async () => {
  await using server = await TestServer.start();
  const names = (await server.ask("COMMAND", "LIST")).match(/^[a-z].*$/gmi)!
    .map((name) => name.trim().toUpperCase());
  const unknown = names.filter((name) => inCategory("@none", name, true));
  const containers = names.filter((name) =>
    names.some((other) => other.startsWith(`${name}|`))
  );
  assert.deepEqual(
    unknown.filter((name) =>
      !containers.includes(name) && !NEVER_SENT.test(name) &&
      traitsOf(name.split("|")).state === undefined
    ),
    [],
  );
});

test("an unknown command is in no allowed category, and in every denied one", () => {
  const unknown = ["NEW.COMMAND k", "CLIENT NEWLY", "LATENCY NEWLY", "HNEW k"];
  for (const category of CATEGORIES) {
    if (category === "@all") continue;
    assertHas({ allow: [category] }, [], unknown);
    assertHas({ deny: [category] }, [], unknown);
  }
  assertHas({}, unknown, ["CLUSTER NEWLY", "CONFIG NEWLY"]);
});

test("the commands of newer servers have their categories", () => {
  assertHas({ allow: ["@connection"] }, ["CLIENT ID", "PING"], [
    ...["COMMANDLOG GET 10 slow", "HOTKEYS GET"],
  ]);
  assertHas({ deny: ["@admin", "@dangerous"] }, ["GET k"], [
    ...["COMMANDLOG GET 10 slow", "HOTKEYS START", "TRIMSLOTS RANGES 1 0 1"],
    ...["CLUSTER FLUSHSLOT 1", "BACKUP START", "SLOWLOG GET"],
  ]);
  assertHas({ allow: ["@hash"] }, ["HGETDEL k FIELDS 1 f", "HSETEX k"], [
    ...["HOTKEYS GET", "HOTKEYS START METRICS 1 CPU"],
  ]);
  assertHas({ allow: ["@string"] }, [
    ...[
      "DELEX k IFEQ v",
      "DIGEST k",
      "DELIFEQ k v",
      "MSETEX 1 k v",
      "INCREX k",
    ],
  ], ["HGET k f"]);
  assertHas({ deny: ["@string"] }, [], ["DELEX k", "DIGEST k", "DELIFEQ k v"]);
  assertHas({ allow: ["@read"] }, ["JSON.GET k", "VSIM k ELE e", "ARGET k 1"], [
    ...["JSON.SET k $ 1", "VADD k", "ARSET k 1 a", "CF.COMPACT k"],
  ]);
  assertHas({ deny: ["@write"] }, ["JSON.GET k"], ["JSON.SET k $ 1", "VADD k"]);
  assertHas({ allow: ["@json"] }, ["JSON.SET k $ 1"], ["TS.GET k"]);
  assertHas({}, ["COMMANDLOG GET 10 slow"], [
    ...[
      "HOTKEYS START METRICS 1 CPU",
      "TRIMSLOTS RANGES 1 0 1",
      "BACKUP START",
    ],
    ...["FT.CONFIG SET a b"],
  ]);
});
