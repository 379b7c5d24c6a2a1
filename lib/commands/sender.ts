/**
 * The single verb that all command families are written against.
 *
 * @module
 */

import type { Arg, Reply, Shape } from "../resp/reply.ts";
import type { Readings } from "./shapes.ts";

/**
 * Something that sends commands: a client, a lease, a pipeline, a transaction.
 *
 * `B` is how values are read: `string`, or `Uint8Array` on `redis.bytes`.
 */
export abstract class Sender<B extends string | Uint8Array> {
  /** How values are read here: as text, or as bytes. */
  protected abstract readonly as: Readings<B>;

  /** Sends any command; resolves to the server's reply. */
  abstract send(args: readonly Arg[]): Promise<Reply>;
  /** Sends one command; `shape` says how its reply is read and what it becomes. */
  abstract send<T>(
    args: readonly Arg[],
    shape: Shape<T>,
  ): Promise<NoInfer<T>>;
}
