/**
 * The events of a client, for logs, metrics and traces.
 *
 * @module
 */

/** An event of a client. Holds no password and no argument of a command. */
export type ClientEvent =
  /** A connection is ready: one that all share, a leased one, or the subscriptions'. */
  | { readonly kind: "connected"; readonly protocol: 2 | 3 }
  /** A connection that was ready has ended; a `ClosedError` where the client ended it. */
  | { readonly kind: "disconnected"; readonly reason: unknown }
  /** The attempt number `attempt` to connect again comes in `delay` milliseconds. */
  | {
    readonly kind: "reconnecting";
    readonly attempt: number;
    readonly delay: number;
    readonly reason: unknown;
  }
  /** The server refuses the credentials. */
  | { readonly kind: "authentication failed"; readonly error: Error }
  /** A command is sent again: its connection was lost, or the server has not executed it yet. */
  | {
    readonly kind: "retried";
    readonly command: string;
    readonly reason: unknown;
  }
  /** This many subscriptions may have missed messages since a point in time. */
  | {
    readonly kind: "gap";
    readonly subscriptions: number;
    readonly since: Date;
  }
  /** A command took `slowTime` milliseconds or more, from the call to the answer. */
  | {
    readonly kind: "slow";
    readonly command: string;
    readonly time: number;
  };

/** The option that takes a handler for events. */
export interface Observed<E = ClientEvent> {
  /** Gets every event. */
  readonly onEvent?: ((event: E) => void) | undefined;
}

/** Calls the handler in a microtask of its own, so that its errors stay there. */
export async function tell<E = ClientEvent>(
  { onEvent }: Observed<E>,
  event: E,
): Promise<void> {
  if (onEvent === undefined) return;
  try {
    await null;
    await onEvent(event);
  } catch {
    // An error of the handler must not disturb the client.
  }
}
