/**
 * The features that the project's tests need and the embedded server lacks.
 * Tests check them with {@linkcode testWith} or `TestServer.has`; no other test
 * is left out.
 *
 * @module
 */

import type { Feature } from "./server_program.ts";

/** The missing features of its version, and the reasons. */
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
