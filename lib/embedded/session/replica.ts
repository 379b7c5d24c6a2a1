/**
 * The replica state of a session.
 *
 * @module
 */

/** The state of a session that is a replica, or announced itself as one by REPLCONF. */
export class Replica {
  /** Whether it asked for the data: its first sync may be under way. */
  joined = false;
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
  /** The offset up to which its append-only file is on its disk. */
  syncedOffset = 0;
  /** When it acknowledged last, in ms since 1970. */
  acknowledgedAt = 0;
  /** Bytes of the full sync that it has not acknowledged. */
  unread = 0;
}
