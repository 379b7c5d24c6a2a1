/**
 * Values after their count, as options of module commands have them.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import { isMany, type OneOrMany, pairsOf } from "../arguments.ts";

/** Values after their count, as one array; nothing of nothing. */
export function counted(values: OneOrMany | undefined): Arg[] | undefined {
  if (values === undefined) return undefined;
  return isMany(values) ? [values.length, ...values] : [1, values];
}

/** Parameters, their names and values behind the number of all of them. */
export function countedParams(
  command: Arg | undefined,
  params: object | undefined,
): Arg[] | undefined {
  return counted(params && pairsOf(`${command}`, params));
}

/** Adds words; `push` that returns the words. */
export function addWords(words: Arg[], ...more: Arg[]): Arg[] {
  words.push(...more);
  return words;
}
