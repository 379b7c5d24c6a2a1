/**
 * Finds the imports of a source file, and the files that an entry point reaches.
 *
 * @module
 */

import { join, posix, relative, sep } from "node:path";
import { ROOT } from "./paths.ts";
import { codeOf } from "./source_text.ts";

/** Source files by their path from the repository's root, such as `"lib/errors.ts"`. */
export type Sources = ReadonlyMap<string, string>;

/** One import, or `export … from`. */
export interface Import {
  /** The specifier as written. */
  specifier: string;
  /** The file from the repository's root, when the specifier is relative. */
  target: string | null;
  /** Whether it is an `import type`, which does not exist at run time. */
  typeOnly: boolean;
  /** The line in the source, from 1. */
  line: number;
}

const NAMES = String.raw`\*(?:\s*as\s+[\w$]+)?|\{[^}]*\}`;
const CLAUSE = String.raw`(?:${NAMES}|[\w$]+(?:\s*,\s*(?:${NAMES}))?)`;
const FROM = String.raw`\b(?:import|export)\b(\s+type\b)?\s*${CLAUSE}\s*from`;
const IMPORT = new RegExp(
  String.raw`(?:${FROM}|\bimport\b|\bimport\s*\()\s*(?=["'` + "`])(.)",
  "g",
);

/** Returns every static import, re-export and literal dynamic import of a file. */
export function importsOf(path: string, source: string): Import[] {
  const code = codeOf(source);
  return Array.from(code.matchAll(IMPORT), (match) => {
    const [text, type, quote] = match;
    // Positions are found in the code with blanked strings; the text is in the source.
    const start = match.index + text.length;
    const specifier = source.slice(start, code.indexOf(quote!, start));
    return {
      specifier,
      target: /^\.\.?\//.test(specifier)
        ? posix.join(posix.dirname(path), specifier)
        : null,
      typeOnly: type !== undefined,
      line: source.slice(0, match.index).split("\n").length,
    };
  });
}

/** Whether a file uses `word` in its code, not only in comments and strings. */
export function says(word: string, source: string): boolean {
  return new RegExp(String.raw`\b${word}\b`).test(codeOf(source));
}

/**
 * Returns the files that `entry` imports, directly or not, each with a shortest path.
 * Without `types`, only by imports that exist at run time.
 */
export function reach(
  sources: Sources,
  entry: string,
  options: { types: boolean },
): Map<string, string[]> {
  const ways = new Map<string, string[]>([[entry, [entry]]]);
  for (const [path, way] of ways) {
    for (
      const { target, typeOnly } of importsOf(path, sources.get(path) ?? "")
    ) {
      if (target === null || ways.has(target)) continue;
      if (typeOnly && !options.types) continue;
      ways.set(target, [...way, target]);
    }
  }
  return ways;
}

/** Reads the TypeScript files at and below the given paths from the root. */
export async function readSources(paths: readonly string[]): Promise<Sources> {
  const sources = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    const { isDirectory } = await Deno.stat(path);
    if (isDirectory) {
      for await (const { name } of Deno.readDir(path)) {
        await visit(join(path, name));
      }
    } else if (path.endsWith(".ts")) {
      const name = relative(ROOT, path).split(sep).join("/");
      sources.set(name, await Deno.readTextFile(path));
    }
  };
  for (const path of paths) await visit(join(ROOT, path));
  return new Map([...sources].sort(([a], [b]) => a < b ? -1 : 1));
}
