/**
 * Finds the Redis server for tests, benches and `deno task start`, or installs one
 * if apt-get can run without a prompt.
 *
 * As a program, `deno task server`, it prints the path.
 *
 * @module
 */

import { basename, delimiter, dirname, join, resolve } from "node:path";
import { LAUNCHER } from "./paths.ts";
import { answerHelp } from "./usage.ts";

/** The value of `REDIS_SERVER` that makes tests use the embedded server. */
export const EMBEDDED = "embedded";

const HOW_TO_INSTALL = `No Redis server found. One of these helps:
  macOS          brew install redis
  Debian/Ubuntu  apt-get install redis-server
  Docker         docker run --rm -it -v "$PWD":/sorrel -w /sorrel node:22 npx -y deno@2.9.6 task test
  any            REDIS_SERVER=/path/to/redis-server`;

// Debian's package redis-tools has the server's binary, but only under the name
// redis-check-rdb.
const NAMES = ["redis-server", "valkey-server", "redis-check-rdb"];

/**
 * Returns the command that runs the Redis server; installs one when there is none.
 *
 * Also writes {@linkcode LAUNCHER}, the path that deno.json permits to run. Only a
 * program with permission to run anything can write that file: Deno does not let
 * other programs write a file that they may run.
 */
export async function findServer(): Promise<string> {
  const path = await locate() ?? await install();
  if (path === EMBEDDED) return EMBEDDED;
  await writeLauncher(path);
  await verify(LAUNCHER, path);
  return ownName(path) ? path : LAUNCHER;
}

/** Returns the command for the server that {@linkcode findServer} found; never installs. */
export async function permittedServer(): Promise<string> {
  const path = await locate();
  if (path === null) throw new Error(HOW_TO_INSTALL);
  if (path === EMBEDDED) return EMBEDDED;
  if (ownName(path) && permitted(path)) return path;
  const script = await Deno.readTextFile(LAUNCHER).catch(() => null);
  if (script === launcherOf(path) && permitted(LAUNCHER)) return LAUNCHER;
  throw new Error(
    `Cannot run ${path} with these permissions: run "deno task server" once, then allow ${LAUNCHER}`,
  );
}

/** Finds the server's path; {@linkcode EMBEDDED} for that one, `null` for none. */
async function locate(): Promise<string | null> {
  const named = Deno.env.get("REDIS_SERVER");
  if (named === EMBEDDED || named === LAUNCHER) return named;
  if (named) return await onPath(named) ?? resolve(named);
  for (const name of NAMES) {
    const path = await onPath(name);
    if (path !== null) return path;
  }
  return null;
}

/** Returns the path of the program `name`, or `null` if it is not on PATH. */
export async function onPath(name: string): Promise<string | null> {
  if (basename(name) !== name) return null;
  for (const directory of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    const path = join(directory, name);
    if (directory !== "" && await isFile(path)) return path;
  }
  return null;
}

/** Whether the program at `path` acts as a server under its own file name. */
function ownName(path: string): boolean {
  return basename(path) !== "redis-check-rdb";
}

function permitted(command: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "run", command });
  return state === "granted";
}

/** A script instead of a link: Deno allows links only with permission to write anywhere. */
function launcherOf(path: string): string {
  const quoted = `'${path.replaceAll("'", `'\\''`)}'`;
  return `#!/usr/bin/env bash\nexec -a redis-server ${quoted} "$@"\n`;
}

async function writeLauncher(path: string): Promise<void> {
  if (path === LAUNCHER) return;
  await Deno.mkdir(dirname(LAUNCHER), { recursive: true });
  // Renamed into place, so that no other process runs a partial script.
  const draft = await Deno.makeTempFile({ dir: dirname(LAUNCHER) });
  await Deno.writeTextFile(draft, launcherOf(path));
  await Deno.chmod(draft, 0o755);
  await Deno.rename(draft, LAUNCHER);
}

async function verify(command: string, path: string): Promise<void> {
  let said: string;
  try {
    const { stdout, stderr } = await new Deno.Command(command, {
      args: ["--version"],
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    said = decoder.decode(stdout) + decoder.decode(stderr);
  } catch (cause) {
    throw new Error(`Cannot run the Redis server ${path}`, { cause });
  }
  if (!/server v=\d/i.test(said)) {
    throw new Error(
      `Cannot use ${path} as the Redis server: "--version" says ${
        JSON.stringify(said.trim())
      }`,
    );
  }
}

async function install(): Promise<string> {
  const asRoot = await aptGet();
  if (asRoot === null) throw new Error(HOW_TO_INSTALL);
  // deno-lint-ignore no-console
  console.error("Installing Debian's package redis-tools, for its server");
  // The install may work even if the update fails, say because of a broken foreign list.
  await run([...asRoot, "-q", "update"]);
  const words = ["-q", "install", "-y", "--no-install-recommends"];
  await run([...asRoot, ...words, "redis-tools"]);
  const path = await locate();
  if (path === null) throw new Error(HOW_TO_INSTALL);
  return path;
}

/** The command that runs apt-get as root without a prompt, or `null`. */
async function aptGet(): Promise<string[] | null> {
  const path = "/usr/bin/apt-get";
  const sudo = ["/usr/bin/sudo", "-n"];
  if (!await isFile(path)) return null;
  if (Deno.uid() === 0) return [path];
  const mayUse = await isFile("/usr/bin/sudo") && await run([...sudo, "true"]);
  return mayUse ? [...sudo, path] : null;
}

async function run([command, ...args]: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command!, {
    args,
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return success;
}

/** Whether there is a file at `path`. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  answerHelp(`
Usage: deno task server

Finds the Redis server for tests and benches, in REDIS_SERVER or PATH, or
installs Debian's if apt-get can run without a prompt.`);
  // deno-lint-ignore no-console
  console.log(`Redis server: ${await findServer()}`);
}
