/**
 * When values expire: options that commands on strings and on hashes share.
 *
 * @module
 */

import type { AtMostOne, Only } from "./arguments.ts";
import type { PointInTime } from "./option_words.ts";

/** The ways to set the expiry of a value that is written. */
export interface ExpiryWays {
  /** In this many seconds. */
  ex: number;
  /** In this many milliseconds. */
  px: number;
  /** At this time: Unix seconds, or a `Date`, which is cut to the second. */
  exat: PointInTime;
  /** At this time: Unix milliseconds, or a `Date`. */
  pxat: PointInTime;
  /** When the old value would have. */
  keepttl: boolean;
}

/** When a value that is set expires: at most one of the options; never without one. */
export type Expiry = AtMostOne<ExpiryWays>;

/** The ways to set the expiry of a value that is read. */
export interface NewExpiryWays extends Omit<ExpiryWays, "keepttl"> {
  /** Never: removes the expiry. */
  persist: boolean;
}

/** When a value that is read expires: at most one of the options; unchanged without one. */
export type NewExpiry = AtMostOne<NewExpiryWays>;

/** The conditions under which an expiry is set. */
export interface ExpireConditions {
  /** Only when there is no expiry. */
  nx: boolean;
  /** Only when there is an expiry. */
  xx: boolean;
  /** Only when the new expiry is later; no expiry counts as infinitely late. */
  gt: boolean;
  /** Only when the new expiry is earlier; no expiry counts as infinitely late. */
  lt: boolean;
}

/** When an expiry is set; always without an option. `nx` goes with no other, `gt` not with `lt`. */
export type ExpireOptions =
  | Only<ExpireConditions, "nx">
  | Only<ExpireConditions, "xx" | "gt">
  | Only<ExpireConditions, "xx" | "lt">;

/** The options of {@linkcode Expiry}. */
export const EXPIRY = "ex|px|exat@|pxat@|keepttl!";

/** The options of {@linkcode NewExpiry}. */
export const NEW_EXPIRY = "ex|px|exat@|pxat@|persist!";

/** The options of {@linkcode ExpireOptions}. */
export const EXPIRE = "nx!|xx! gt!|lt!";
