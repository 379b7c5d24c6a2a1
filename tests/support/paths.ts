/**
 * Where the tests keep things.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** What tests write goes here, and is safe to delete. */
export const TMP: string = join(ROOT, "tests", ".tmp");

/** The program that the named permissions of deno.json allow to run. */
export const LAUNCHER: string = join(TMP, "bin", "redis-server");

/**
 * The directories of servers that listen on a Unix socket.
 *
 * They are fixed because Deno permits a Unix socket by its exact path only:
 * `--allow-net=unix:/whole/path`.
 */
export const SOCKET_DIRS: readonly string[] = Array.from(
  { length: 16 },
  (_, n) => join(TMP, `unix-${n}`),
);

/** The socket's name in each of {@linkcode SOCKET_DIRS}. */
export const SOCKET_NAME = "redis.sock";
