/**
 * Facts about this process. Deno, Node and Bun have Node's global `process`;
 * elsewhere they are not known.
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

/** The number of the process; 0 where it is not known. */
export function processId(): number {
  return process?.pid ?? 0;
}

/** Bytes of the machine's memory that the process has; 0 where that is not known. */
export function residentBytes(): number {
  return process?.memoryUsage?.().rss ?? 0;
}

/** Seconds that the process has run, in its own code and in the system's. */
export function cpuSeconds(): { user: number; system: number } {
  const { user, system } = process?.cpuUsage?.() ?? { user: 0, system: 0 };
  return { user: user / 1e6, system: system / 1e6 };
}

/** A module of Node; an import of it would be needed everywhere. */
export function builtinModule(name: string): unknown {
  return process?.getBuiltinModule?.(name);
}
