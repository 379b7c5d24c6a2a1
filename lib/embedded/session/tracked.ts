/**
 * The options of CLIENT TRACKING for a session.
 *
 * @module
 */

/** The options of CLIENT TRACKING that a session has set. */
export interface Tracked {
  /** The id of the session that gets the invalidations; 0 for the session itself. */
  readonly redirect: number;
  /** Broadcast mode: invalidations of all keys with some prefix, even if never read. */
  readonly broadcast: boolean;
  /** The prefixes; empty for all keys. */
  readonly prefixes: readonly string[];
  /** OPTIN: tracks only reads after CLIENT CACHING YES; OPTOUT: unless after NO. */
  readonly opt: "in" | "out" | null;
  /** NOLOOP: no invalidations of its own changes. */
  readonly noLoop: boolean;
  /** The answer of CLIENT CACHING for the next command. */
  caching: boolean | null;
  /** Whether an invalidation was lost because the session to get it has ended. */
  broken: boolean;
}
