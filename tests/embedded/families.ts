/**
 * All families of commands that are compared with a real server.
 *
 * @module
 */

import type { Family } from "./differential.ts";
import { GEO_FAMILY } from "./families/geo.ts";
import { HASH_FAMILY, LARGE_HASH_FAMILY } from "./families/hashes.ts";
import { BITMAP_FAMILY } from "./families/bitmaps.ts";
import { HYPERLOGLOG_FAMILY } from "./families/hyperloglog.ts";
import { KEY_FAMILY, SORT_FAMILY } from "./families/keys.ts";
import { BLOCKING_LIST_FAMILY, LIST_FAMILY } from "./families/lists.ts";
import { INTEGER_SET_FAMILY, SET_FAMILY } from "./families/sets.ts";
import { SORTED_SET_FAMILY } from "./families/sorted_sets.ts";
import {
  LONG_STREAM_FAMILY,
  PRODUCER_FAMILY,
  STREAM_FAMILY,
} from "./families/streams.ts";
import { SCRIPT_FAMILY } from "./families/scripts.ts";
import { SERVER_FAMILY, TRANSACTION_FAMILY } from "./families/server.ts";
import { STRING_FAMILY } from "./families/strings.ts";

/** The families, by their names for `deno task differential`. */
export const FAMILIES: readonly Family[] = [
  SERVER_FAMILY,
  TRANSACTION_FAMILY,
  STRING_FAMILY,
  BITMAP_FAMILY,
  HYPERLOGLOG_FAMILY,
  KEY_FAMILY,
  SORT_FAMILY,
  LIST_FAMILY,
  BLOCKING_LIST_FAMILY,
  SET_FAMILY,
  INTEGER_SET_FAMILY,
  HASH_FAMILY,
  LARGE_HASH_FAMILY,
  SORTED_SET_FAMILY,
  GEO_FAMILY,
  STREAM_FAMILY,
  LONG_STREAM_FAMILY,
  PRODUCER_FAMILY,
  SCRIPT_FAMILY,
];
