/**
 * A session that is a replica.
 *
 * @module
 */

/** What a session said of itself that copies this server, or is about to. */
export class Replica {
  /** Whether it gets the stream. */
  online = false;
  /** The address that it announced; empty for that of its connection. */
  address = "";
  /** The port it listens on. */
  port = 0;
  /** Whether it knows that a stream may get a new name. */
  renames = false;
  /** Whether it acknowledges its offset; a client that only dumps data does not. */
  acknowledges = true;
  /** How much of the stream it has. */
  offset = 0;
  /** How much of it is in the replica's append-only file, on its disk. */
  syncedOffset = 0;
  /** When it said so, in ms since 1970. */
  acknowledgedAt = 0;
  /** Bytes of data that it was sent and has not acknowledged. */
  unread = 0;
}
