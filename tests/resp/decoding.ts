/**
 * Decodes in every chunking, for the tests of the decoder.
 *
 * @module
 */

import assert from "node:assert/strict";
import { encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { Decoder, MORE } from "../../lib/resp/decoder.ts";
import {
  type Mode,
  type Push,
  type Reply,
  TEXT,
} from "../../lib/resp/reply.ts";

/** The facts about the replies that the connection passes to the decoder. */
export interface How {
  /** How each reply is read. */
  mode?: Mode;
  /** How the elements of each top-level array are read. */
  modes?: readonly Mode[];
  /** Whether top-level arrays are pushes. */
  arraysArePushes?: boolean;
  /** How the payloads of messages are read. */
  payloadMode?: Decoder["payloadMode"];
}

/** Longer inputs are cut in two at some 60 offsets, shorter ones at every offset. */
const EVERY_OFFSET = 2000;

/**
 * Feeds a chunk to a decoder as the connection does: directly into a long bulk string
 * if possible. Yields when there may be replies to read.
 */
export function* fed(decoder: Decoder, chunk: Uint8Array): Generator<void> {
  for (let at = 0; at < chunk.length;) {
    const room = decoder.room;
    const end = room ? Math.min(at + room.length, chunk.length) : undefined;
    const part = chunk.subarray(at, end);
    at += part.length;
    if (room) {
      room.set(part);
      decoder.filled(part.length);
    } else decoder.feed(part);
    yield;
  }
}

/** Feeds `chunks`, overwrites each one after MORE, and returns all decoded values. */
export function decode(
  chunks: Iterable<Uint8Array>,
  { mode = TEXT, modes, arraysArePushes = false, payloadMode }: How = {},
): (Reply | Push)[] {
  const decoder = new Decoder();
  if (payloadMode !== undefined) decoder.payloadMode = payloadMode;
  decoder.arraysArePushes = arraysArePushes;
  const values: (Reply | Push)[] = [];
  for (const chunk of chunks) {
    for (const _ of fed(decoder, chunk)) {
      if (modes === undefined) {
        // Stopped at every third value, it goes on behind it.
        while (decoder.run(mode, (value) => values.push(value) % 3 > 0));
        continue;
      }
      for (;;) {
        const value = decoder.next(mode, modes);
        if (value === MORE) break;
        values.push(value);
      }
    }
    // The connection reuses its read buffer for the next chunk.
    chunk.fill(0xff);
  }
  return values;
}

/** Copies of the parts of `bytes`, `size` long each. */
export function* chunksOf(
  bytes: Uint8Array,
  size: number,
): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.slice(at, at + size);
  }
}

/**
 * Asserts that `wire` decodes to `expected`: whole, byte by byte, cut in two at
 * every offset, and, repeated when it is short, in 1,460-byte and 64 KiB chunks.
 */
export function assertDecodes(
  wire: string | Uint8Array,
  expected: readonly (Reply | Push)[],
  how: How = {},
): void {
  const bytes = typeof wire === "string" ? encodeText(wire) : wire;
  const check = (
    chunks: Iterable<Uint8Array>,
    chunking: string,
    values: readonly (Reply | Push)[] = expected,
  ) => {
    const shown = JSON.stringify(wire.slice(0, 100));
    let actual: (Reply | Push)[];
    try {
      actual = decode(chunks, how);
      assert.deepStrictEqual(actual, values);
    } catch (cause) {
      throw new Error(`${shown} ${chunking}`, { cause });
    }
  };
  check([bytes.slice()], "whole");
  check(chunksOf(bytes, 1), "byte by byte");
  for (const at of offsets(bytes.length)) {
    check([bytes.slice(0, at), bytes.slice(at)], `cut at ${at}`);
  }
  const times = Math.ceil(3 * 1460 / bytes.length);
  const repeated = joinBytes(Array<Uint8Array>(times).fill(bytes));
  const values = Array.from({ length: times }, () => expected).flat();
  check(chunksOf(repeated, 1460), "in 1,460-byte chunks", values);
  check(chunksOf(repeated, 64 * 1024), "in 64 KiB chunks", values);
}

function* offsets(length: number): Generator<number> {
  const step = length <= EVERY_OFFSET ? 1 : Math.ceil(length / 20);
  for (let at = 0; at <= length; at++) {
    if (at % step === 0 || at < 20 || at > length - 20) yield at;
  }
}
