/**
 * Settings of a connection: how long it waits, and how it reads messages.
 *
 * @module
 */

import type { Decoder } from "../resp/decoder.ts";
import type { Connection } from "./connection.ts";

/** How long a connection waits. All in milliseconds, `Infinity` for ever. */
export interface Limits {
  /** Replies are pending and no byte came for this long: the server counts as dead. */
  stall: number;
  /** No reply is pending and no byte came for this long: a keepalive PING is sent. */
  idle: number;
  /** The timeout of that PING. */
  ping: number;
  /**
   * Called after `stall`, on connections whose commands may block or take long:
   * there silence does not show that the connection is lost.
   */
  isLost?: (connection: Connection, signal: AbortSignal) => Promise<boolean>;
}

/** How a connection reads messages. */
export interface MessageReading {
  /** How the payload of a push is read. */
  payloadMode: Decoder["payloadMode"];
  /**
   * Whether readers took messages since this was last asked: then they have the
   * next microtasks, too, so that one that keeps up loses nothing of a burst.
   */
  readersTake: () => boolean;
}
