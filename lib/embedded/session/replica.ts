/**
 * The replica state of a session.
 *
 * @module
 */

/** The state of a session that is a replica, or announced itself as one by REPLCONF. */
export class Replica {
  /** Whether it receives the replication stream. */
  online = false;
  /** The address that it announced; empty to use that of its connection. */
  address = "";
  /** The port that it listens on. */
  port = 0;
  /** Whether it supports a change of the replication id (`psync2`). */
  renames = false;
  /** Whether it acknowledges its offset. Clients that only dump data do not. */
  acknowledges = true;
  /** The last offset that it acknowledged. */
  offset = 0;
  /** How much of it is in the replica's append-only file, on its disk. */
  syncedOffset = 0;
  /** When it said so, in ms since 1970. */
  acknowledgedAt = 0;
  /** Bytes of the full sync that it has not acknowledged. */
  unread = 0;
}
