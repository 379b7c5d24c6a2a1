/**
 * The options of a cache.
 *
 * @module
 */

import type { CallOptions } from "../client/engine.ts";
import { cannot, misuse } from "../errors.ts";

/** What happens to a cache, by its `kind`. */
export type CacheEvent =
  /** A connection tells of changes from now on: what it reads is kept. */
  | { readonly kind: "connected" }
  /** The server told that these keys have changed; `null` for all that a connection has read. */
  | { readonly kind: "invalidated"; readonly keys: readonly string[] | null }
  /** The reply to a command about these keys had to go, to stay within the limits. */
  | { readonly kind: "evicted"; readonly keys: readonly string[] }
  /** A connection tells of no more changes: what it had read was dropped, unless `staleOnDisconnect` keeps it. */
  | { readonly kind: "disconnected"; readonly reason: unknown };

/** How a cache works. */
export interface CacheOptions {
  /**
   * About how many bytes of memory the replies may take.
   *
   * @default {67108864}
   */
  maxBytes?: number;
  /**
   * How many replies are kept.
   *
   * @default {Infinity}
   */
  maxEntries?: number;
  /**
   * How long a reply is answered from memory, in milliseconds, also where the
   * server tells of no change.
   *
   * @default {Infinity}
   */
  ttl?: number;
  /**
   * Asks for the time to live with each reply (PTTL), so that no reply is answered
   * after its key has expired, whenever the server finds that out.
   *
   * @default {false}
   */
  pttl?: boolean;
  /**
   * Only keys that begin with one of these are cached, and the server tells of
   * every change of such a key (BCAST): it remembers nothing, and tells more.
   * Without it the server remembers what was read, and tells of that alone.
   */
  prefixes?: readonly string[];
  /**
   * Whether the server tells of changes (CLIENT TRACKING). `false` is for servers
   * that cannot: then a reply is as old as `ttl` at most, which must be given.
   *
   * @default {true}
   */
  tracking?: boolean;
  /**
   * Whether replies are answered from memory while the connection that tells of
   * their changes is lost; they are dropped once it is there again.
   *
   * @default {false}
   */
  staleOnDisconnect?: boolean;
  /** Gets what happens, for logs and metrics; what the function throws is ignored. */
  onEvent?: (event: CacheEvent) => void;
}

/** What a caller allows, and wants to know: for who uses the engine itself. */
export interface CachedCallOptions extends CallOptions {
  /** A reply in memory must have been asked for at most so many milliseconds ago; 0 asks the server. */
  readonly maxAge?: number;
  /** Called with the age of each reply that comes from memory, in milliseconds. */
  readonly onHit?: (age: number) => void;
}

/** Options with every value present and checked. */
export type ResolvedCacheOptions =
  & Required<Omit<CacheOptions, "prefixes" | "onEvent">>
  & {
    readonly prefixes: readonly string[] | undefined;
    readonly onEvent: ((event: CacheEvent) => void) | undefined;
  };

const NAMES = new Set(
  "maxBytes maxEntries ttl pttl prefixes tracking staleOnDisconnect onEvent"
    .split(" "),
);
const ACTION = "make cache";

/** Fills in what was left out and checks what was not. */
export function resolveCacheOptions(
  options: CacheOptions,
): ResolvedCacheOptions {
  for (const name in options) {
    if (!NAMES.has(name)) throw misuse(ACTION, "its option is unknown", name);
  }
  const resolved = {
    maxBytes: options.maxBytes ?? 64 * 1024 * 1024,
    maxEntries: options.maxEntries ?? Infinity,
    ttl: options.ttl ?? Infinity,
    pttl: options.pttl ?? false,
    prefixes: options.prefixes,
    tracking: options.tracking ?? true,
    staleOnDisconnect: options.staleOnDisconnect ?? false,
    onEvent: options.onEvent,
  };
  for (const name of ["maxBytes", "maxEntries", "ttl"] as const) {
    const value: unknown = resolved[name];
    if (typeof value === "number" && value > 0) continue;
    throw new RangeError(cannot(ACTION, `"${name}" must be above 0`, value));
  }
  for (const name of ["pttl", "tracking", "staleOnDisconnect"] as const) {
    const value: unknown = resolved[name];
    if (typeof value === "boolean") continue;
    throw misuse(ACTION, `"${name}" must be true or false`, value);
  }
  const { prefixes, tracking, ttl, onEvent } = resolved;
  const wrong = prefixes?.find?.((prefix) => typeof prefix !== "string");
  if (
    prefixes !== undefined &&
    (!Array.isArray(prefixes) || prefixes.length === 0 || wrong !== undefined)
  ) {
    throw misuse(ACTION, '"prefixes" must be a list of strings', prefixes);
  }
  if (prefixes?.some((prefix) => !prefix.isWellFormed())) {
    const rule = '"prefixes" must be whole characters: one has half a pair';
    throw misuse(ACTION, rule, prefixes);
  }
  if (!tracking && ttl === Infinity) {
    throw misuse(ACTION, '"tracking: false" needs a "ttl"', options.ttl);
  }
  if (onEvent !== undefined && typeof onEvent !== "function") {
    throw misuse(ACTION, '"onEvent" must be a function', onEvent);
  }
  return { ...resolved, prefixes: prefixes && widest(prefixes) };
}

/** The prefixes that no other one covers: the server refuses those that overlap. */
function widest(prefixes: readonly string[]): string[] {
  const all = [...new Set(prefixes)];
  return all.filter((prefix) =>
    !all.some((other) => other !== prefix && prefix.startsWith(other))
  );
}
