/**
 * What the server says of itself.
 *
 * @module
 */

/** The version of Redis whose commands and replies it has. */
export const VERSION = "8.6.3";
