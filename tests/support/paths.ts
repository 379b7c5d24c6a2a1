/**
 * Paths that the tests use.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** The directory for all output of the tests; it may be deleted. */
export const TMP: string = join(ROOT, "tests", ".tmp");

/** The program that deno.json's named permissions allow to run. */
export const LAUNCHER: string = join(TMP, "bin", "redis-server");

/**
 * The directories of servers that listen on a Unix socket.
 *
 * They are fixed because Deno permits a Unix socket only by its exact path:
 * `--allow-net=unix:/whole/path`.
 */
export const SOCKET_DIRS: readonly string[] = Array.from(
  { length: 16 },
  (_, n) => join(TMP, `unix-${n}`),
);

/** The socket's name in each of {@linkcode SOCKET_DIRS}. */
export const SOCKET_NAME = "redis.sock";
