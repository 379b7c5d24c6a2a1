/**
 * The library `os`, of which Redis has the clock alone.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { library } from "./arguments.ts";

/** Adds `os` to the global variables. */
export function openOs(m: Machine): void {
  // Seconds of work, to be subtracted from each other.
  m.globals.set("os", library({ clock: () => performance.now() / 1000 }));
}
