/**
 * What CLIENT TRACKING turned on for a session.
 *
 * @module
 */

/** The options of CLIENT TRACKING that a session has set. */
export interface Tracked {
  /** The id of the session that gets the messages; 0 for the session itself. */
  readonly redirect: number;
  /** Broadcast mode: invalidations of all keys with some prefix, read or not. */
  readonly broadcast: boolean;
  /** The prefixes; all keys when there is none. */
  readonly prefixes: readonly string[];
  /** OPTIN: tracks only reads after CLIENT CACHING YES; OPTOUT: unless after NO. */
  readonly opt: "in" | "out" | null;
  /** NOLOOP: no invalidations of its own changes. */
  readonly noLoop: boolean;
  /** What CLIENT CACHING said of the next command. */
  caching: boolean | null;
  /** Whether a message was lost as the session to get it is gone. */
  broken: boolean;
}
