/**
 * Values that are more than text: how they are written and read.
 *
 * @module
 */

import { misuse } from "../errors.ts";
import { decodeText, encodeText, joinBytes } from "../resp/bytes.ts";

/** How values are written and read. Both functions may be asynchronous. */
export interface Codec<T> {
  /** Makes text or bytes of a value. */
  encode(value: T): string | Uint8Array | Promise<string | Uint8Array>;
  /** Makes the value of the bytes again. */
  decode(bytes: Uint8Array): T | Promise<T>;
}

/**
 * Values as JSON. Throws a `TypeError` for a value that JSON does not know, such
 * as `undefined` or a function.
 *
 * ```ts
 * import { json } from "@sorrel/redis/cache";
 *
 * const codec = json<{ name: string }>();
 * console.assert(codec.encode({ name: "Ada" }) === '{"name":"Ada"}');
 * ```
 */
export function json<T = unknown>(): Codec<T> & { encode(value: T): string } {
  return {
    encode(value) {
      const text = JSON.stringify(value);
      if (text !== undefined) return text;
      throw misuse("encode value", "JSON has nothing for it", value);
    },
    decode: (bytes) => JSON.parse(decodeText(bytes)),
  };
}

/** The part of `node:v8` that is used. */
interface Serializer {
  serialize(value: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
}

/**
 * Values as the structured clone of V8: `Map`, `Set`, `Date`, `bigint`, bytes and
 * circles too. Other runtimes cannot read them.
 *
 * Throws a `TypeError` where the runtime has no serializer; Deno, Node.js and Bun do.
 *
 * ```ts
 * import { structured } from "@sorrel/redis/cache";
 *
 * const codec = structured<Map<string, Date>>();
 * const bytes = codec.encode(new Map([["now", new Date()]]));
 * console.assert(codec.decode(bytes).get("now") instanceof Date);
 * ```
 */
export function structured<T = unknown>(): {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
} {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): unknown };
  };
  const v8 = process?.getBuiltinModule?.("node:v8") as Serializer | undefined;
  if (v8 === undefined) {
    throw new TypeError(
      "Cannot use the structured clone as this runtime does not serialize it: use json()",
    );
  }
  return {
    encode: (value) => new Uint8Array(v8.serialize(value)),
    decode: (bytes) => v8.deserialize(bytes) as T,
  };
}

/** How values are compressed. */
export interface CompressionOptions {
  /**
   * The algorithm, as `CompressionStream` names it.
   *
   * @default {"deflate-raw"}
   */
  format?: "gzip" | "deflate" | "deflate-raw";
  /**
   * Values with fewer bytes stay as they are.
   *
   * @default {1024}
   */
  least?: number;
}

/** The first byte of a value says whether it is compressed. */
const PLAIN = new Uint8Array([0]);
const COMPRESSED = new Uint8Array([1]);

/**
 * Values of another codec, compressed where that makes them shorter; the first byte
 * of each says whether it is.
 *
 * ```ts
 * import { compressed, json } from "@sorrel/redis/cache";
 *
 * const codec = compressed(json<string[]>());
 * const bytes = await codec.encode(new Array(1_000).fill("again"));
 * console.assert(bytes.length < 100);
 * console.assert((await codec.decode(bytes)).length === 1_000);
 * ```
 */
export function compressed<T>(
  codec: Codec<T>,
  { format = "deflate-raw", least = 1024 }: CompressionOptions = {},
): {
  encode(value: T): Promise<Uint8Array>;
  decode(bytes: Uint8Array): Promise<T>;
} {
  return {
    async encode(value) {
      const encoded = await codec.encode(value);
      const bytes = typeof encoded === "string" ? encodeText(encoded) : encoded;
      if (bytes.length >= least) {
        const short = await through(bytes, new CompressionStream(format));
        if (short.length < bytes.length) return joinBytes([COMPRESSED, short]);
      }
      return joinBytes([PLAIN, bytes]);
    },
    async decode(bytes) {
      const rest = bytes.subarray(1);
      switch (bytes[0]) {
        case 0:
          return await codec.decode(rest);
        case 1:
          return await codec.decode(
            await through(rest, new DecompressionStream(format)),
          );
        default:
          throw misuse(
            "decode value",
            "its first byte must be 0 or 1, as compressed() writes it",
            bytes[0],
          );
      }
    },
  };
}

async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const body = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  return new Uint8Array(
    await new Response(body.pipeThrough(stream)).arrayBuffer(),
  );
}
