/**
 * A program that runs the embedded server in its own process, with a limit on open
 * files.
 *
 * `deno run limited_server.ts <files> <flags of V8> <options>…`
 *
 * @module
 */

import { join } from "node:path";
import { ROOT } from "../support/paths.ts";

const [files = "1024", flags = "", ...options] = Deno.args;
const server = new Deno.Command("sh", {
  args: [
    "-c",
    'ulimit -n "$0" && exec "$@"',
    files,
    Deno.execPath(),
    "run",
    "--no-prompt",
    ...flags === "" ? [] : [`--v8-flags=${flags}`],
    "--allow-net=127.0.0.1",
    "--allow-read",
    "--allow-write=tests/.tmp",
    join(ROOT, "lib/embedded/main.ts"),
    ...options,
  ],
  cwd: ROOT,
}).spawn();
Deno.addSignalListener("SIGTERM", () => server.kill("SIGTERM"));
const { code } = await server.status;
Deno.exit(code);
