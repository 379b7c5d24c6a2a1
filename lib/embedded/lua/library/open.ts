/**
 * The standard library without the parts that reach outside of the virtual
 * machine: no files, no programs, no debugger.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { openBase } from "./base.ts";
import { openCoroutine } from "./coroutine.ts";
import { openMath } from "./math.ts";
import { openOs } from "./os.ts";
import type { Random } from "./random.ts";
import { openString } from "./string.ts";
import { openTable } from "./table.ts";

/** Opens the libraries. */
export function openLibraries(m: Machine, random: Random): void {
  openBase(m);
  openString(m);
  openTable(m);
  openMath(m, random);
  openOs(m);
  openCoroutine(m);
}
