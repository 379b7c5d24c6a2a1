/**
 * Which commands are sent, without Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Arg } from "../../lib/resp/reply.ts";
import { permit, type Permitted } from "../../worker/policy.ts";
import { Refusal } from "../../worker/refusal.ts";
import type { Plan } from "../../worker/request.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

function check(kind: Plan["kind"], ...lines: (string | Arg[])[]): Permitted {
  const commands = lines.map((line) =>
    typeof line === "string" ? line.split(" ") : line
  );
  return permit({ kind, commands, base64: false });
}

function refuses(line: string | Arg[], message: RegExp): void {
  assert.throws(() => check("one", line), (error) => {
    assert.ok(error instanceof Refusal, `${error}`);
    assert.equal(error.status, 400);
    assert.match(error.message, message);
    return true;
  });
}

test("permit() lets data commands through, unknown ones too", () => {
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

test("permit() refuses what changes the connection, in any case and as bytes", () => {
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

test("permit() refuses what endangers the server", () => {
  const lines = [
    ...["SHUTDOWN", "shutdown NOSAVE", "DEBUG SLEEP 10", "REPLICAOF NO ONE"],
    ...["SLAVEOF a 1", "CONFIG GET requirepass", "config set dir /", "SAVE"],
    ...["CONFIG REWRITE", "MODULE LOAD x", "ACL SETUSER x", "CLUSTER RESET"],
    ...["CLIENT KILL x", "client pause 1000", "SCRIPT DEBUG YES", "FAILOVER"],
    ...["MIGRATE h 1 k 0 1", "BGSAVE", "BGREWRITEAOF", "SWAPDB 0 1"],
  ];
  for (const line of lines) {
    refuses(line, /^ERR .* is not available over HTTP$/);
  }
});

test("permit() bounds how long a request blocks", () => {
  for (
    const line of ["BLPOP q 10", "XREAD BLOCK 500 STREAMS s 0", "WAIT 1 10"]
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
  // Between MULTI and EXEC nothing blocks.
  assert.equal(check("atomic", "BLPOP q 0").commands.length, 1);
});

test("permit() refuses a transaction as a whole, of a pipeline one command", () => {
  assert.throws(() => check("atomic", "GET a", "SELECT 1"), Refusal);
  const { kind, commands } = check("many", "GET a", "SELECT 1", "GET b");
  assert.equal(kind, "many");
  assert.deepEqual([commands[0], commands[2]], [["GET", "a"], ["GET", "b"]]);
  assert.ok(commands[1] instanceof Refusal);
});
