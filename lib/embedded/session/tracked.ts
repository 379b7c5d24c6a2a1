/**
 * What CLIENT TRACKING turned on for a session.
 *
 * @module
 */

/** How a session is told of changes. */
export interface Tracked {
  /** The id of the session that gets the messages; 0 for the session itself. */
  readonly redirect: number;
  /** Whether it is told of all keys with some prefix, read or not. */
  readonly broadcast: boolean;
  /** The prefixes; all keys when there is none. */
  readonly prefixes: readonly string[];
  /** Whether what is read counts only behind CLIENT CACHING YES, or unless NO. */
  readonly opt: "in" | "out" | null;
  /** Whether it is not told of what it changes itself. */
  readonly noLoop: boolean;
  /** What CLIENT CACHING said of the next command. */
  caching: boolean | null;
  /** Whether a message was lost as the session to get it is gone. */
  broken: boolean;
}
