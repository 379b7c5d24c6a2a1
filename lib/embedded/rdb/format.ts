/**
 * The constants of the RDB format.
 *
 * @see https://rdb.fnordig.de/file_format.html
 * @module
 */

/** The RDB version of Redis 7.0. */
export const VERSION = 10;
/** The RDB version of Redis 7.4: needed for hashes whose fields expire. */
export const NEWEST_VERSION = 12;

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
} as const;

/** The bytes that stand in place of a value's type. */
export const OPCODE = {
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
