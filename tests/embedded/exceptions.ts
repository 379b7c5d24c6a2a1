/**
 * What of the client suite does not hold of the embedded server, and why: all
 * else passes with `REDIS_SERVER=embedded deno task test`.
 *
 * Single tests and cases ask `TestServer.has` instead: those of scripts in
 * batches and under a prefix, CONFIG REWRITE, MIGRATE, BGREWRITEAOF without an
 * append-only file, TLS, Unix sockets.
 *
 * Deno 2.9 ignores files below the first of several paths only: name none, or
 * one.
 *
 * @module
 */

/** Files of tests, and what they need that the embedded server has not. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  "tests/client/lock_test.ts": "scripts",
  "tests/client/script_test.ts": "scripts",
  "tests/commands/scripts_test.ts": "scripts",
  "tests/commands/functions_test.ts": "scripts",
  "tests/commands/cluster_test.ts": "a cluster",
  "tests/commands/sentinel_test.ts": "a sentinel",
  "tests/commands/completeness_test.ts": "every command of redis-server",
  "tests/client/loading_test.ts": "DEBUG RELOAD",
  "tests/support/test_server_test.ts": "a redis.conf",
};
