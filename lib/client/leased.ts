/**
 * Every command on a leased connection.
 *
 * @module
 */

import { AS_BYTES, type Readings } from "../commands/shapes.ts";
import type { CallOptions, LeasedEngine } from "./engine.ts";
import { Surface } from "./surface.ts";

/** Every command, on one connection that is the caller's alone. */
export class Leased<B extends string | Uint8Array = string> extends Surface<B>
  implements Disposable {
  /** The engine that executes the commands, on one connection. */
  protected override readonly engine: LeasedEngine;

  /** Made by `lease`. */
  constructor(engine: LeasedEngine, as: Readings<B>, call: CallOptions) {
    super(as, call);
    this.engine = engine;
  }

  /** The same connection with values read as bytes. */
  get bytes(): Leased<Uint8Array> {
    return new Leased(this.engine, AS_BYTES, this.callOptions);
  }

  /** Gives the connection back: called by `using`. */
  [Symbol.dispose](): void {
    this.engine[Symbol.dispose]();
  }
}
