/**
 * The single verb that all command families are written against.
 *
 * @module
 */

import type { Arg, Reply, Shape } from "../resp/reply.ts";
import type { Readings } from "./shapes.ts";
import { surplus } from "./surplus.ts";

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

  /**
   * Sends a command of a fixed number of arguments. Throws a `TypeError` when the
   * call, of which `given` are the arguments, has more: they would be lost.
   * `many` is the command that takes them.
   */
  protected sendExact<T>(
    args: readonly Arg[],
    shape: Shape<T>,
    given: ArrayLike<unknown>,
    many?: string,
  ): Promise<NoInfer<T>> {
    if (given.length >= args.length) {
      throw surplus(String(args[0]), args.length - 1, given, many);
    }
    return this.send(args, shape);
  }
}
