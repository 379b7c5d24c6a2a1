/**
 * Facts about this process. Deno, Node and Bun have Node's global `process`;
 * elsewhere these facts are unknown.
 *
 * @module
 */

/** The part of Node's `process` that is used here. */
interface NodeProcess {
  readonly pid?: number;
  memoryUsage?(): { readonly rss: number };
  cpuUsage?(): { readonly user: number; readonly system: number };
  getBuiltinModule?(name: string): unknown;
}

const { process } = globalThis as { process?: NodeProcess };

/** The process id; 0 where it is unknown. */
export function processId(): number {
  return process?.pid ?? 0;
}

/** Resident memory of the process in bytes (RSS); 0 where it is unknown. */
export function residentBytes(): number {
  return process?.memoryUsage?.().rss ?? 0;
}

/** CPU time of the process in seconds, user and system. */
export function cpuSeconds(): { user: number; system: number } {
  const { user, system } = process?.cpuUsage?.() ?? { user: 0, system: 0 };
  return { user: user / 1e6, system: system / 1e6 };
}

/** Loads a built-in Node module; platforms without Node's modules cannot import one. */
export function builtinModule(name: string): unknown {
  return process?.getBuiltinModule?.(name);
}
