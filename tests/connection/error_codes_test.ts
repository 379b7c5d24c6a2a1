import assert from "node:assert/strict";
import {
  isRetryableElsewhere,
  isRetryableLater,
  isScript,
  shouldReconnect,
  traitsOfCode,
} from "../../lib/connection/error_codes.ts";
import { ReplyError } from "../../lib/errors.ts";

const none = { permissions: "none" } as const;

// Errors as Redis 7.0 writes them, and their meaning for the command.
const TABLE: {
  message: string;
  later?: true;
  elsewhere?: true;
  reconnect?: true;
  redirects?: true;
}[] = [
  {
    message: "LOADING Redis is loading the dataset in memory",
    later: true,
    elsewhere: true,
  },
  {
    message:
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    later: true,
    elsewhere: true,
  },
  { message: "CLUSTERDOWN The cluster is down", later: true, elsewhere: true },
  {
    message: "CLUSTERDOWN Hash slot not served",
    later: true,
    elsewhere: true,
  },
  {
    message: "TRYAGAIN Multiple keys request during rehashing of slot",
    later: true,
  },
  {
    message: "READONLY You can't write against a read only replica.",
    elsewhere: true,
    reconnect: true,
  },
  {
    message:
      "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
    elsewhere: true,
  },
  { message: "MOVED 3999 127.0.0.1:6381", elsewhere: true, redirects: true },
  { message: "ASK 3999 127.0.0.1:6381", elsewhere: true, redirects: true },
  // Errors of the command itself.
  { message: "UNBLOCKED client unblocked via CLIENT UNBLOCK" },
  { message: "ERR unknown command 'LOADING'" },
  {
    message:
      "WRONGTYPE Operation against a key holding the wrong kind of value",
  },
  { message: "BUSY Redis is busy running a script." },
  { message: "NOAUTH Authentication required." },
  { message: "NOREPLICAS Not enough good replicas to write." },
  { message: "MISCONF Redis is configured to save RDB snapshots" },
  { message: "OOM command not allowed when used memory > 'maxmemory'." },
  { message: "EXECABORT Transaction discarded because of previous errors." },
  { message: "CROSSSLOT Keys in request don't hash to the same slot" },
  { message: "NOSCRIPT No matching script. Please use EVAL." },
  // Only whole words in capitals are codes.
  { message: "LOADINGS of data" },
  { message: "loading of data" },
  { message: "" },
];

for (const { message, later, elsewhere, reconnect, redirects } of TABLE) {
  Deno.test(`behaviour 36: the traits of "${message}"`, none, () => {
    const error = new ReplyError(message);
    assert.equal(isRetryableLater(error), later ?? false);
    assert.equal(isRetryableElsewhere(error), elsewhere ?? false);
    assert.equal(shouldReconnect(error), reconnect ?? false);
    assert.equal(traitsOfCode(error)?.redirects, redirects);
    assert.equal(traitsOfCode(error) !== undefined, !!(later || elsewhere));
  });
}

Deno.test(
  "only the code counts, except for one code with two meanings",
  none,
  () => {
    for (const code of ["LOADING", "TRYAGAIN", "CLUSTERDOWN"]) {
      assert.ok(isRetryableLater(new ReplyError(code)));
    }
    assert.equal(traitsOfCode(new ReplyError("UNBLOCKED")), undefined);
  },
);

Deno.test(
  "isScript() knows the commands that may reply with any error",
  none,
  () => {
    const scripts = ["EVAL", "eval", "EvalSha", "EVAL_RO", "FCALL", "fcall_ro"];
    for (const name of scripts) assert.ok(isScript(name), name);
    const others = ["GET", "SCRIPT", "FUNCTION", "XEVAL", ""];
    for (const name of others) assert.ok(!isScript(name), name);
  },
);
