/**
 * Facts that the server states about itself.
 *
 * @module
 */

/** The Redis version whose commands and replies this server has. */
export const VERSION = "8.6.3";
