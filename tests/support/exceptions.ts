/**
 * All that the project's own tests need and the embedded server has not: tests
 * ask {@linkcode testWith} or `TestServer.has`, and nothing else is left out.
 *
 * @module
 */

import type { Feature } from "./server_program.ts";

/** What the embedded server does not offer of its version, and why. */
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
