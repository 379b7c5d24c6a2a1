/**
 * Deno's listener for TCP, as the server needs it.
 *
 * @module
 */

import type { Transport } from "./connection.ts";
import type { Listener } from "./server.ts";

/** Connections of a listener. */
export class TcpListener implements Listener {
  readonly #listener: Deno.TcpListener;

  /** Accepts the connections of `listener`. */
  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
  }

  /**
   * Resolves to the next connection that its client has not reset already. That
   * says nothing of the process: anybody may connect and reset as often as he likes.
   */
  async accept(): Promise<Transport> {
    for (;;) {
      let connection: Deno.TcpConn | undefined;
      try {
        connection = await this.#listener.accept();
        connection.setNoDelay();
        return connection;
      } catch (error) {
        connection?.close();
        if (connection === undefined && !isReset(error)) throw error;
      }
    }
  }

  /** Accepts no more. */
  close(): void {
    this.#listener.close();
  }
}

function isReset(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}
