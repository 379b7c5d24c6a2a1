/**
 * The commands that a policy permits, without Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Arg } from "../../lib/resp/reply.ts";
import { permit, type Permitted } from "../../worker/policy.ts";
import { Refusal } from "../../worker/refusal.ts";
import { type Credential, readGrants } from "../../worker/grant_specs.ts";
import type { CommandPlan } from "../../worker/request.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const [{ grant }] = readGrants({ TOKEN: "t", REDIS_URL: "redis://h" }) as [
  Credential,
];

function check(
  kind: CommandPlan["kind"],
  ...lines: (string | Arg[])[]
): Permitted {
  const commands = lines.map((line) =>
    typeof line === "string" ? line.split(" ") : line
  );
  return permit({ kind, commands, format: "json" }, grant);
}

function refuses(line: string | Arg[], message: RegExp): void {
  assert.throws(() => check("one", line), (error) => {
    assert.ok(error instanceof Refusal, `${error}`);
    assert.equal(error.status, 400);
    assert.match(error.message, message);
    return true;
  });
}

test("permit() permits data commands, including unknown ones", () => {
  const lines = [
    "GET key",
    "set key SHUTDOWN",
    "FLUSHALL",
    "KEYS *",
    "INFO",
    "PUBLISH channel message",
    "PUBSUB CHANNELS",
    "CLIENT ID",
    "SCRIPT LOAD x",
    "EVAL x 0",
    "NEW.COMMAND key",
  ];
  for (const line of lines) {
    assert.deepEqual(check("one", line).commands, [line.split(" ")]);
  }
});

test("permit() rejects commands that change the connection, in any case and as bytes", () => {
  const lines = [
    ...["SELECT 1", "auth secret", "Hello 3", "QUIT", "RESET", "MULTI"],
    ...["EXEC", "DISCARD", "WATCH key", "UNWATCH", "MONITOR", "SYNC"],
    ...["PSYNC a 1", "SUBSCRIBE a", "psubscribe a", "SSUBSCRIBE a"],
    ...["UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "CLIENT REPLY OFF"],
    ...["client setname x", "CLIENT TRACKING on", "CLIENT NO-EVICT on"],
    ...["READONLY", "READWRITE", "ASKING"],
  ];
  for (const line of lines) {
    const words = line.split(" ");
    const name = words[0] === "CLIENT" || words[0] === "client"
      ? words.slice(0, 2).join(" ")
      : words[0]!;
    const said = new RegExp(
      `^ERR ${name.toUpperCase()} is not available over HTTP`,
    );
    refuses(line, said);
    refuses(words.map((word) => new TextEncoder().encode(word)), said);
  }
  refuses("multi", /: use \/multi-exec$/);
});

test("permit() rejects commands without permission, with the server's error", () => {
  refuses(
    "config get requirepass",
    /^ERR CONFIG GET is not available over HTTP unless "allow" of a grant names it$/,
  );
  const env = { READ_ONLY_TOKEN: "t", REDIS_URL: "redis://h" };
  const { grant } = readGrants(env)[0]!;
  const commands = [["SET", "k", "v"], ["GET", "k"]];
  const { commands: [set, get] } = permit(
    { kind: "many", commands, format: "json" },
    grant,
  );
  assert.ok(set instanceof Refusal);
  assert.equal(
    set.message,
    "NOPERM this user has no permissions to run the 'set' command or its subcommand",
  );
  assert.deepEqual(get, ["GET", "k"]);
});

test("permit() limits how long a request blocks", () => {
  for (
    const line of ["BLPOP q 10", "XREAD BLOCK 500 STREAMS s 0"]
  ) {
    assert.equal(check("one", line).commands.length, 1);
  }
  for (
    const line of ["BLPOP q 0", "brpop q 0.0", "XREAD BLOCK 0 STREAMS s 0"]
  ) {
    refuses(line, /must not wait for ever: at most 10 seconds/);
  }
  refuses("BLPOP q 10.5", /not wait for more than 10 seconds/);
  const [first, second, third] =
    check("many", "BLPOP q 6", "BLPOP q 6", "BLPOP q 4").commands;
  assert.deepEqual(first, ["BLPOP", "q", "6"]);
  assert.ok(second instanceof Refusal);
  assert.deepEqual(third, ["BLPOP", "q", "4"]);
  // Between MULTI and EXEC no command blocks.
  assert.equal(check("atomic", "BLPOP q 0").commands.length, 1);
});

test("permit() rejects WAIT if nothing was written before", () => {
  const message =
    /\bERR WAIT is about earlier writes of its own request: .*\/pipeline/;
  refuses("WAIT 1 10", message);
  assert.throws(() => check("atomic", "SET k v", "WAIT 1 10"), message);
  const [first, set, second] =
    check("many", "WAIT 1 10", "SET k v", "WAIT 1 10").commands;
  assert.ok(first instanceof Refusal);
  assert.deepEqual([set, second], [["SET", "k", "v"], ["WAIT", "1", "10"]]);
});

test("permit() rejects a transaction as a whole, but single commands of a pipeline", () => {
  assert.throws(() => check("atomic", "GET a", "SELECT 1"), Refusal);
  const { kind, commands } = check("many", "GET a", "SELECT 1", "GET b");
  assert.equal(kind, "many");
  assert.deepEqual([commands[0], commands[2]], [["GET", "a"], ["GET", "b"]]);
  assert.ok(commands[1] instanceof Refusal);
});
