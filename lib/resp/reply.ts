/**
 * The vocabulary of the wire: what is sent, what comes back, the type bytes.
 *
 * @module
 */

import type { ReplyError } from "../errors.ts";

/**
 * One argument of a command, as the user gave it.
 *
 * Strings are sent as UTF-8, numbers and bigints as decimal text, bytes as they
 * are: they must not change until the command's promise settles.
 */
export type Arg = string | number | bigint | Uint8Array;

/**
 * What the server said, before a shape turned it into a command's own type.
 *
 * Integers beyond 2^53 and big numbers are `bigint`, errors inside an aggregate
 * are values.
 */
export type Reply =
  | string
  | Uint8Array
  | number
  | bigint
  | boolean
  | null
  | ReplyError
  | Reply[]
  | Map<Reply, Reply>
  | Set<Reply>;

/** What the server said without being asked: a message, an invalidation. */
export class Push {
  /** The kind of push, such as `"message"` or `"invalidate"`. */
  readonly kind: string;
  /**
   * What follows the kind: names as text, or as bytes where they are no UTF-8; a
   * string in the last place as bytes, or as `Decoder.payloadMode` says.
   */
  readonly data: readonly Reply[];

  /** Makes a push of `kind` with what follows it. */
  constructor(kind: string, data: readonly Reply[]) {
    this.kind = kind;
    this.data = data;
  }
}

/**
 * How one reply is read: {@linkcode TEXT} or {@linkcode BYTES}, with or
 * without {@linkcode FLAT}; or {@linkcode WIRE}, {@linkcode NAME},
 * {@linkcode PAYLOAD}.
 */
export type Mode = 0 | 1 | 2 | 3 | 5 | 8 | 16;

/** Bulk strings become strings, maps a `Map`, sets a `Set`. */
export const TEXT = 0;
/** Bulk and simple strings become `Uint8Array`. */
export const BYTES = 1;
/**
 * Maps become flat arrays of keys and values, sets become arrays: what RESP2
 * sends, so that a shape needs to know one form only.
 */
export const FLAT = 2;
/**
 * Bulk strings become `Uint8Array`, simple strings become strings: for who
 * writes a reply as it came.
 */
export const WIRE = 5;
/** Bulk strings become strings where they are UTF-8, else `Uint8Array`: the names in pushes. */
export const NAME = 8;
/**
 * Bulk strings of up to 16 KiB become strings, longer ones `Uint8Array`: messages
 * for readers of text, of which a slow reader never decodes the long ones that
 * it drops.
 */
export const PAYLOAD = 16;
/** The longest bulk string that {@linkcode PAYLOAD} reads as text. */
export const LONGEST_PAYLOAD_TEXT = 16 * 1024;

/** How a reply is read and what it becomes. */
export interface Shape<T> {
  /** How the decoder reads the reply's strings and aggregates. */
  readonly mode: Mode;
  /** Makes the command's own type of what was read. */
  readonly parse: (reply: Reply) => T;
}

/** The reply as it is, its strings as text. */
export const RAW: Shape<Reply> = { mode: TEXT, parse: (reply) => reply };

// The first byte of each type, by its name in the specification.
/** `+` */
export const SIMPLE_STRING = 0x2b;
/** `-` */
export const SIMPLE_ERROR = 0x2d;
/** `:` */
export const INTEGER = 0x3a;
/** `$` */
export const BULK_STRING = 0x24;
/** `*` */
export const ARRAY = 0x2a;
/** `_` */
export const NULL = 0x5f;
/** `#` */
export const BOOLEAN = 0x23;
/** `,` */
export const DOUBLE = 0x2c;
/** `(` */
export const BIG_NUMBER = 0x28;
/** `!` */
export const BULK_ERROR = 0x21;
/** `=` */
export const VERBATIM_STRING = 0x3d;
/** `%` */
export const MAP = 0x25;
/** `~` */
export const SET = 0x7e;
/** `|` */
export const ATTRIBUTE = 0x7c;
/** `>` */
export const PUSH = 0x3e;
/** `;` */
export const PART = 0x3b;
/** `.` */
export const END = 0x2e;
