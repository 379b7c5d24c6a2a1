/**
 * HyperLogLogs: how many different elements there were, in 12 KB at most and
 * with an error of about 0.8 %.
 *
 * @see https://redis.io/docs/latest/commands/?group=hyperloglog
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import { addFlat, addMany, type OneOrMany } from "./arguments.ts";
import { BitmapCommands } from "./bitmaps.ts";
import { integer, ok } from "./shapes.ts";

/** Commands on HyperLogLogs. */
export abstract class HyperLogLogCommands<B extends string | Uint8Array>
  extends BitmapCommands<B> {
  /**
   * Adds elements, creating the HyperLogLog when `key` does not exist, and
   * returns 1 when the estimate may have changed, or 0.
   *
   * @see https://redis.io/docs/latest/commands/pfadd/
   */
  pfadd(key: Arg, ...elements: OneOrMany[]): Promise<number> {
    return this.send(addFlat(["PFADD", key], elements), integer);
  }

  /**
   * Returns about how many different elements were added to any of the keys, 0
   * when none exists.
   *
   * @see https://redis.io/docs/latest/commands/pfcount/
   */
  pfcount(...keys: OneOrMany[]): Promise<number> {
    return this.send(addMany(["PFCOUNT"], keys), integer);
  }

  /**
   * Adds to `destination` what was added to the others, creating it when it
   * does not exist; keys that do not exist are empty.
   *
   * @see https://redis.io/docs/latest/commands/pfmerge/
   */
  pfmerge(destination: Arg, ...sources: OneOrMany[]): Promise<"OK"> {
    return this.send(addFlat(["PFMERGE", destination], sources), ok);
  }
}
