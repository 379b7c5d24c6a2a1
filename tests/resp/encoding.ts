/**
 * Encodes commands with the encoder, and independently of it.
 *
 * @module
 */

import { encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { Encoder } from "../../lib/resp/encoder.ts";
import type { Arg } from "../../lib/resp/reply.ts";

/** The chunks that a connection would write for `commands`, as copies. */
export function chunksOf(
  commands: readonly (readonly Arg[])[],
  encoder: Encoder = new Encoder(),
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let next = 0;
  for (;;) {
    while (next < commands.length && !encoder.full) {
      encoder.append(commands[next++]!);
    }
    const bytes = encoder.take();
    if (bytes.length === 0) return chunks;
    chunks.push(bytes.slice());
    encoder.resume();
  }
}

/** The bytes of `commands` from the encoder. */
export function encodeAll(
  commands: readonly (readonly Arg[])[],
  encoder?: Encoder,
): Uint8Array {
  return joinBytes(chunksOf(commands, encoder));
}

/** The bytes of `commands` according to the protocol, without the encoder. */
export function byTheBook(
  commands: readonly (readonly Arg[])[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const args of commands) {
    parts.push(encodeText(`*${args.length}\r\n`));
    for (const arg of args) {
      const bytes = arg instanceof Uint8Array ? arg : encodeText(String(arg));
      parts.push(encodeText(`$${bytes.length}\r\n`), bytes, encodeText("\r\n"));
    }
  }
  return joinBytes(parts);
}
