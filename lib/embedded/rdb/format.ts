/**
 * The constants of the RDB format.
 *
 * @see https://rdb.fnordig.de/file_format.html
 * @module
 */

/** The versions of the format, by what needs them. */
export const VERSION = {
  /** What Redis 7.0 writes and reads. */
  plain: 10,
  /** Hashes whose fields expire: Redis 7.4. */
  fieldExpiry: 12,
  /** Streams that remember their producers: Redis 8.6. */
  producers: 13,
} as const;

/** The newest version that is read. */
export const NEWEST_VERSION = VERSION.producers;

/** The type byte before a value. */
export const TYPE = {
  string: 0,
  list: 1,
  set: 2,
  zset: 3,
  hash: 4,
  zset2: 5,
  oldModule: 6,
  module: 7,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  zsetZiplist: 12,
  hashZiplist: 13,
  quicklist: 14,
  stream: 15,
  hashListpack: 16,
  zsetListpack: 17,
  quicklist2: 18,
  stream2: 19,
  setListpack: 20,
  stream3: 21,
  hashMetadata: 24,
  hashListpackEx: 25,
  stream4: 26,
} as const;

/** The bytes that stand in place of a value's type. */
export const OPCODE = {
  keyMetadata: 243,
  slotInfo: 244,
  function: 245,
  oldFunction: 246,
  moduleAux: 247,
  idle: 248,
  freq: 249,
  aux: 250,
  resize: 251,
  expiryMs: 252,
  expiry: 253,
  select: 254,
  end: 255,
} as const;
