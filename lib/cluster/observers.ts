/**
 * Observers of the connections of clients that come and go.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { ConnectionObserver } from "../client/engine.ts";

/** Tells observers of the connections of every client. */
export class Observers {
  /** Ends the observation of each client. */
  readonly #observers = new Map<ConnectionObserver, Disposable[]>();

  /** Tells an observer of these clients, and of those to come, until it is disposed of. */
  add(
    observer: ConnectionObserver,
    clients: readonly { client: Client }[],
  ): Disposable {
    const ends = clients.map(({ client }) => client.observe(observer));
    this.#observers.set(observer, ends);
    return {
      [Symbol.dispose]: () => {
        this.#observers.delete(observer);
        for (const end of ends) end[Symbol.dispose]();
      },
    };
  }

  /** Tells the observers of a new client. */
  watch(client: Client): void {
    for (const [observer, ends] of this.#observers) {
      ends.push(client.observe(observer));
    }
  }

  /** Tells that keys may have moved to another server. */
  changed(): void {
    for (const observer of this.#observers.keys()) observer.changed();
  }
}
