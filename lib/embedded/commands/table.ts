/**
 * All commands of the server.
 *
 * @module
 */

import type { CommandSpec } from "./host.ts";
import { BITFIELD } from "./bitfield.ts";
import { BITMAPS } from "./bitmaps.ts";
import { HYPERLOGLOG } from "./hyperloglog.ts";
import { CONNECTION } from "./connection.ts";
import { DUMP } from "./dump.ts";
import { GEO } from "./geo.ts";
import { HASH_FIELDS } from "./hash_fields.ts";
import { HASHES } from "./hashes.ts";
import { EXPIRES } from "./expires.ts";
import { KEYS } from "./keys.ts";
import { OBJECT } from "./object.ts";
import { SORT } from "./sort.ts";
import { KEYSPACE } from "./keyspace.ts";
import { BLOCKING_LISTS } from "./list_blocking.ts";
import { LISTS } from "./lists.ts";
import { SETS } from "./sets.ts";
import { SORTED_SET_ALGEBRA } from "./sorted_set_algebra.ts";
import { SORTED_SET_POPS } from "./sorted_set_pops.ts";
import { SORTED_SET_RANGES } from "./sorted_set_ranges.ts";
import { SORTED_SETS } from "./sorted_sets.ts";
import { STREAM_CLAIMS } from "./stream_claims.ts";
import { STREAM_DELETES } from "./stream_deletes.ts";
import { STREAM_GROUPS } from "./stream_groups.ts";
import { STREAM_INFO } from "./stream_info.ts";
import { STREAM_READS } from "./stream_reads.ts";
import { STREAMS } from "./streams.ts";
import { ACL } from "./acl.ts";
import { CLIENT } from "./client.ts";
import { COMMAND } from "./command_info.ts";
import { CONFIG } from "./config.ts";
import { DEBUG } from "./debug.ts";
import { MEMORY } from "./memory.ts";
import { MIGRATE } from "./migrate.ts";
import { FUNCTIONS } from "./functions.ts";
import { MISSING } from "./missing.ts";
import { PERSISTENCE } from "./persistence.ts";
import { PUBSUB } from "./pubsub.ts";
import { REPLICATION } from "./replication.ts";
import { SCRIPTING } from "./scripting.ts";
import { SERVER } from "./server.ts";
import { SLOWLOG } from "./slow_log.ts";
import { STRINGS } from "./strings.ts";
import { TRANSACTIONS } from "./transactions.ts";

/** All families of commands. */
export const FAMILIES: readonly (readonly CommandSpec[])[] = [
  SORTED_SETS,
  SORTED_SET_RANGES,
  SORTED_SET_ALGEBRA,
  SORTED_SET_POPS,
  GEO,
  STREAMS,
  STREAM_READS,
  STREAM_GROUPS,
  STREAM_CLAIMS,
  STREAM_DELETES,
  STREAM_INFO,
  LISTS,
  BLOCKING_LISTS,
  SETS,
  HASHES,
  HASH_FIELDS,
  CONNECTION,
  DUMP,
  EXPIRES,
  KEYS,
  OBJECT,
  SORT,
  BITFIELD,
  BITMAPS,
  HYPERLOGLOG,
  KEYSPACE,
  ACL,
  CLIENT,
  COMMAND,
  CONFIG,
  DEBUG,
  MEMORY,
  MIGRATE,
  FUNCTIONS,
  MISSING,
  PERSISTENCE,
  PUBSUB,
  REPLICATION,
  SCRIPTING,
  SERVER,
  SLOWLOG,
  STRINGS,
  TRANSACTIONS,
];
