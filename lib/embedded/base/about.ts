/**
 * What the server says of itself.
 *
 * @module
 */

/** The version of Redis whose commands and replies it has. */
export const VERSION = "7.0.15";
