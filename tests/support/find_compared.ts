/**
 * Finds the real server that the embedded one is compared with: it must have exactly
 * the version whose commands the embedded one has.
 *
 * @module
 */

import { VERSION } from "../../lib/embedded/base/about.ts";
import { EMBEDDED } from "./find_server.ts";
import { newerServers, unpackedServers } from "./newer_servers.ts";
import { parseVersion } from "./server_program.ts";

/** The variable with its path for the tests; empty if there is none. */
export const COMPARED = "COMPARED_SERVER";

const minor = (version: string) => version.split(".").slice(0, 2).join(".");

/**
 * Returns the path of the server to compare with: `own` if it has the version, else
 * one of Debian's newer suites; `null` if none is available.
 */
export async function findCompared(own: string): Promise<string | null> {
  if (own !== EMBEDDED && await isCompared(own)) return own;
  const wanted = `redis-${minor(VERSION)}.`;
  const of = (servers: Awaited<ReturnType<typeof newerServers>>) =>
    servers.find(({ name }) => name.startsWith(wanted))?.path;
  return of(await unpackedServers()) ??
    of(await newerServers().catch(() => [])) ?? null;
}

async function isCompared(path: string): Promise<boolean> {
  const { stdout } = await new Deno.Command(path, { args: ["--version"] })
    .output();
  const { kind, version } = parseVersion(new TextDecoder().decode(stdout));
  return kind === "redis" && minor(version) === minor(VERSION);
}
