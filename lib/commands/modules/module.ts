/**
 * What the families of the modules have in common.
 *
 * @module
 */

import type { Arg, Reply, Shape } from "../../resp/reply.ts";
import type { Sender } from "../sender.ts";
import type { Readings } from "../shapes.ts";

/** A family of commands in a namespace of its own, over whatever sends them. */
export abstract class ModuleCommands<B extends string | Uint8Array> {
  readonly #sender: Sender<B>;
  /** How values are read here: as text, or as bytes. */
  protected readonly as: Readings<B>;

  /** Made by the accessors of `Commands`, such as `redis.json`. */
  constructor(sender: Sender<B>, as: Readings<B>) {
    this.#sender = sender;
    this.as = as;
  }

  /**
   * Sends one command; `shape` says how its reply is read and what it becomes,
   * without one it is the server's reply.
   */
  protected send<T = Reply>(
    args: readonly Arg[],
    shape: Shape<T> = this.as.raw as Shape<T>,
  ): Promise<NoInfer<T>> {
    return this.#sender.send(args, shape);
  }

  /**
   * A family in another namespace, over the same sender.
   *
   * @internal
   */
  within<F>(
    family: new (sender: Sender<B>, as: Readings<B>) => F,
  ): F {
    return new family(this.#sender, this.as);
  }

  /** Sends one command whose reply has values, which `parse` converts. */
  protected sendAs<T>(
    args: readonly Arg[],
    parse: (as: Readings<B>) => (reply: Reply) => T,
  ): Promise<NoInfer<T>> {
    const { as } = this;
    return this.send(args, { mode: as.values.mode, parse: parse(as) });
  }
}
