/**
 * The features that the project's tests use and the embedded server lacks. Tests
 * check them with {@linkcode testWith} or `TestServer.has`; all other tests run
 * against it.
 *
 * @module
 */

import type { Feature } from "./server_program.ts";

/** The missing features and the reasons. */
export const EXCEPTIONS: ReadonlyMap<Feature, string> = new Map([
  ["cluster", "it is one server"],
  ["sentinel", "it is a program of its own, in redis-server's file"],
  ["only its version's commands", "it has some of later versions"],
  [
    "tls",
    "lib/net listens without: Deno's TLS asks no client for a certificate",
  ],
  ["unix socket", "lib/net listens on TCP only"],
]);
