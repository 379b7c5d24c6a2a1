/**
 * A connection that tells of changes.
 *
 * @module
 */

import type { Connection } from "../connection/connection.ts";

/** Whether the server tells the connection of changes. */
export type SourceState =
  /** Not asked yet: a RESP2 connection waits for its subscription. */
  | { readonly kind: "waiting" }
  /** CLIENT TRACKING is on its way. */
  | { readonly kind: "asked" }
  | { readonly kind: "on" }
  | { readonly kind: "refused"; readonly error: Error }
  | { readonly kind: "lost" };

/** A connection that replies are read on, and whether the server tells of their changes. */
export class Source {
  readonly connection: Connection;
  /** This one alone, as a list that many entries share. */
  readonly alone: readonly Source[] = [this];
  state: SourceState = { kind: "waiting" };

  /** Takes a connection that is open. */
  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Whether the server tells it of every change of what it reads. */
  get isOn(): boolean {
    return this.state.kind === "on";
  }
}
