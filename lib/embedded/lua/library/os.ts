/**
 * The library `os`: as in Redis, only `clock`.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { library } from "./arguments.ts";

/** Adds `os` to the global variables. */
export function openOs(m: Machine): void {
  // Only differences of these seconds have a meaning.
  m.globals.set("os", library({ clock: () => performance.now() / 1000 }));
}
