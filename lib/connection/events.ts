/**
 * What a client tells besides its answers: for logs, metrics and traces.
 *
 * @module
 */

/** What happens to a client, by its `kind`: never a password, never an argument of a command. */
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
  /** Subscriptions, so many, may have missed messages since then. */
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

/** Who is told what happens. */
export interface Observed<E = ClientEvent> {
  /** Gets every event. */
  readonly onEvent?: ((event: E) => void) | undefined;
}

/** Tells in a microtask of its own: what the handler does or throws disturbs nobody. */
export async function tell<E = ClientEvent>(
  { onEvent }: Observed<E>,
  event: E,
): Promise<void> {
  if (onEvent === undefined) return;
  try {
    await null;
    await onEvent(event);
  } catch {
    // The handler's own affair.
  }
}
