/**
 * Any pair of web streams as a transport: edge sockets, tunnels, tests.
 *
 * @module
 */

import { ConnectionError } from "../errors.ts";
import { joinBytes } from "../resp/bytes.ts";
import type { Transport } from "./transport.ts";

/** A readable and a writable stream of bytes, such as a Cloudflare socket. */
export interface BytePair {
  /** The bytes from the peer. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The bytes to the peer. */
  readonly writable: WritableStream<Uint8Array>;
}

/** The options of {@linkcode fromStreams}. */
export interface FromStreamsOptions {
  /** Called once when the transport is disposed of, instead of aborting the writable stream. */
  close?: () => void;
}

/**
 * Makes a {@linkcode Transport} of two streams.
 *
 * Each write is one chunk, copied: the streams may hold on to it.
 */
export function fromStreams(
  pair: BytePair,
  options: FromStreamsOptions = {},
): Transport {
  const reader = pair.readable.getReader();
  const writer = pair.writable.getWriter();
  // Failures show in read and write. Without a handler these promises would be
  // unhandled rejections.
  reader.closed.catch(() => {});
  writer.closed.catch(() => {});
  let interruptWrite = (_: Error): void => {};
  let rest: Uint8Array | undefined;
  let disposed = false;
  return {
    async read(into) {
      while (rest === undefined || rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        rest = value;
      }
      const count = Math.min(rest.length, into.length);
      into.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    write(chunks) {
      return new Promise((resolve, reject) => {
        // abort() does not end a write that the sink has begun.
        interruptWrite = reject;
        writer.write(joinBytes(chunks)).then(resolve, reject);
      });
    },
    [Symbol.dispose]() {
      if (disposed) return;
      disposed = true;
      interruptWrite(new ConnectionError("The connection was closed"));
      reader.cancel().catch(() => {});
      // One of the two: aborting leaves a socket of Cloudflare open for good, even
      // with close() beside it (seen on workerd).
      if (options.close === undefined) writer.abort().catch(() => {});
      else options.close();
    },
  };
}
