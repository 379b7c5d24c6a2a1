/**
 * The counts of a cache.
 *
 * @module
 */

/** What a cache has done so far, and what it holds. */
export interface CacheStats {
  /** Reads that were answered from memory. */
  hits: number;
  /** Reads that were sent to the server. */
  misses: number;
  /** Reads that got the reply of a request that was under way. */
  joined: number;
  /** Keys that the server said have changed; each time all have counts as one. */
  invalidations: number;
  /** Replies that had to go, to stay within the limits. */
  evictions: number;
  /** How many replies are kept. */
  entries: number;
  /** About how many bytes of memory they take. */
  bytes: number;
}
