/**
 * Runs a program in a process group of its own and ends the whole group when
 * stdin ends: also when the test that holds it was killed.
 *
 * Under Node, which every `npx` brings; Deno cannot end a group of processes
 * with the permissions that tests have. Arguments: a JSON array in `PROGRAM`.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";

/** A group that does not end by itself is killed after so many milliseconds. */
const PATIENCE = 5_000;

const [command, ...args] = JSON.parse(process.env.PROGRAM);
const child = spawn(command, args, {
  detached: true,
  stdio: ["ignore", "inherit", "inherit"],
});
child.on("exit", (code) => {
  signalGroup("SIGKILL");
  process.exit(code ?? 0);
});
process.stdin.on("end", stop).resume();
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

function stop() {
  signalGroup("SIGTERM");
  setTimeout(() => signalGroup("SIGKILL"), PATIENCE);
}

function signalGroup(signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of it is left.
  }
}
