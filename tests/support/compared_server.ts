/**
 * The real server that tests compare the embedded one with.
 *
 * @module
 */

import { VERSION } from "../../lib/embedded/base/about.ts";
import { COMPARED } from "./find_compared.ts";
import { probeAt, type ServerProgram } from "./server_program.ts";

let program: Promise<ServerProgram> | undefined;

/** Returns the server to compare with that `deno task test` found. */
export function comparedServer(): Promise<ServerProgram> {
  const path = Deno.env.get(COMPARED);
  if (!path) throw new Error(`Redis ${VERSION} was not found`);
  program ??= probeAt(path);
  return program;
}

/**
 * `Deno.test` for tests that compare with the real server. They are ignored if no
 * server of that version is available.
 */
export const comparison: Deno.DenoTest["ignore"] = Deno.env.get(COMPARED)
  ? Deno.test
  : Deno.test.ignore;
