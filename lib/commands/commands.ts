/**
 * The whole vocabulary: the end of the chain of families.
 *
 * @module
 */

import { ServerCommands } from "./server.ts";

/** Every command, over whatever sends it. */
export abstract class Commands<B extends string | Uint8Array>
  extends ServerCommands<B> {
}
