/**
 * Which of the 16,384 slots a key is in.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
 * @module
 */

import { routesBy } from "../connection/key_positions.ts";
import { encodeText } from "../resp/bytes.ts";
import type { Arg } from "../resp/reply.ts";

/** How many slots there are. */
export const SLOTS = 16_384;

/** CRC16/XMODEM of each byte. */
const CRC = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0);
  }
  return crc;
});

const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * The slot of a key. Only the part between its first `{` and the `}` behind that
 * counts, unless that is empty.
 */
export function slotOf(key: Arg): number {
  if (typeof key === "string") return slotOfText(key);
  return slotOfBytes(key instanceof Uint8Array ? key : encodeText(`${key}`));
}

/** Without encoding: nearly all keys are ASCII. */
function slotOfText(key: string): number {
  let start = 0;
  let end = key.length;
  const open = key.indexOf("{");
  if (open >= 0) {
    const close = key.indexOf("}", open);
    if (close > open + 1) {
      start = open + 1;
      end = close;
    }
  }
  let crc = 0;
  for (let i = start; i < end; i++) {
    const code = key.charCodeAt(i);
    if (code > 0x7f) return slotOfBytes(encodeText(key));
    crc = (crc << 8 ^ CRC[crc >> 8 ^ code]!) & 0xffff;
  }
  return crc % SLOTS;
}

function slotOfBytes(key: Uint8Array): number {
  const open = key.indexOf(OPEN);
  const close = open < 0 ? -1 : key.indexOf(CLOSE, open);
  const tagged = close > open + 1;
  const end = tagged ? close : key.length;
  let crc = 0;
  for (let i = tagged ? open + 1 : 0; i < end; i++) {
    crc = (crc << 8 ^ CRC[crc >> 8 ^ key[i]!]!) & 0xffff;
  }
  return crc % SLOTS;
}

/**
 * The slot of a command; `undefined` when any node can execute it. Throws a
 * `TypeError` when its keys are in several.
 */
export function slotOfCommand(args: readonly Arg[]): number | undefined {
  let slot: number | undefined;
  for (const place of routesBy(args)) {
    const other = slotOf(args[place]!);
    if (slot !== undefined && slot !== other) throw crossSlot(`${args[0]}`);
    slot = other;
  }
  return slot;
}

/**
 * The slot of commands that go together; `undefined` when any node can execute
 * them. Throws a `TypeError` when their keys are in several.
 */
export function slotOfAll(
  commands: readonly { readonly args: readonly Arg[] }[],
): number | undefined {
  let slot: number | undefined;
  for (const { args } of commands) {
    const other = slotOfCommand(args) ?? slot;
    if (slot !== undefined && slot !== other) {
      throw crossSlot(
        "a transaction",
        "; or send a pipeline with { transaction: false }, which goes to all nodes",
      );
    }
    slot = other;
  }
  return slot;
}

function crossSlot(what: string, instead = ""): TypeError {
  return new TypeError(
    `Cannot send ${what} as its keys must be in one slot of the cluster: give them a part in braces that is the same, as {user:1}:name${instead}`,
  );
}
