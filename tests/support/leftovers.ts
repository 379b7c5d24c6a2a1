/**
 * Cleans up test servers that were not disposed of: their processes and
 * directories.
 *
 * A process that ends without disposing cleans up in its unload event. A killed
 * process cannot; so each server is also recorded in a file, from which `run.ts`
 * cleans up after its tests.
 *
 * @module
 */

import { join } from "node:path";
import { TMP } from "./paths.ts";

/** The variable that names the directory of these files. */
export const LEDGER = "TEST_SERVERS";

/** How the files of ports begin; the others are named by their process. */
const PORT = "port-";
const HOUR = 3_600_000;

const directories = new Map<Deno.ChildProcess, string>();

/** Remembers a server until it is {@linkcode forget | forgotten}. */
export function remember(child: Deno.ChildProcess, directory: string): void {
  directories.set(child, directory);
  const path = ledgerPath(child);
  if (path) Deno.writeTextFileSync(path, directory);
}

/** Forgets a server that has ended. */
export function forget(child: Deno.ChildProcess): void {
  directories.delete(child);
  const path = ledgerPath(child);
  if (path) Deno.removeSync(path);
}

function ledgerPath(child: Deno.ChildProcess): string | null {
  const ledger = Deno.env.get(LEDGER);
  return ledger ? join(ledger, String(child.pid)) : null;
}

globalThis.addEventListener("unload", () => {
  for (const [child, directory] of directories) {
    attempt(() => child.kill("SIGKILL"));
    attempt(() => Deno.removeSync(directory, { recursive: true }));
    attempt(() => forget(child));
  }
});

/**
 * Takes a port for the rest of the run; returns false if another test of the run has
 * taken it. Its server may be killed and started again: the port must stay free
 * meanwhile.
 */
export function takePort(port: number): boolean {
  const ledger = Deno.env.get(LEDGER);
  if (!ledger) return true;
  try {
    const options = { write: true, createNew: true };
    Deno.openSync(join(ledger, `${PORT}${port}`), options).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** Returns a new directory for {@linkcode LEDGER}. */
export async function openLedger(): Promise<string> {
  await Deno.mkdir(TMP, { recursive: true });
  await removeOld();
  return await Deno.makeTempDir({ dir: TMP, prefix: "run-" });
}

/**
 * Kills the processes, and removes the directories, that are still in the
 * ledger.
 */
export function settleLedger(ledger: string): void {
  for (const { name } of Deno.readDirSync(ledger)) {
    if (name.startsWith(PORT)) continue;
    const directory = Deno.readTextFileSync(join(ledger, name));
    attempt(() => Deno.kill(Number(name), "SIGKILL"));
    attempt(() => Deno.removeSync(directory, { recursive: true }));
  }
  Deno.removeSync(ledger, { recursive: true });
}

/** Removes directories that a killed `run.ts` has left. */
async function removeOld(): Promise<void> {
  for await (const { name } of Deno.readDir(TMP)) {
    if (!/^(server|unix|run)-/.test(name)) continue;
    const path = join(TMP, name);
    // Another run may remove its own meanwhile.
    const mtime = await Deno.stat(path).then(
      ({ mtime }) => mtime,
      () => null,
    );
    if (mtime === null || Date.now() - mtime.getTime() < HOUR) continue;
    await Deno.remove(path, { recursive: true });
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // It is already gone.
  }
}
