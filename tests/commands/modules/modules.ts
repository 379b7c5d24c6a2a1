/**
 * The modules and their cases, for tests and for counting.
 *
 * @module
 */

import { ModuleCommands } from "../../../lib/commands/modules/module.ts";
import { BloomCommands } from "../../../lib/commands/modules/bloom.ts";
import { CountMinCommands } from "../../../lib/commands/modules/count_min.ts";
import { CuckooCommands } from "../../../lib/commands/modules/cuckoo.ts";
import { JsonCommands } from "../../../lib/commands/modules/json.ts";
import { SearchCommands } from "../../../lib/commands/modules/search.ts";
import { SearchDebugCommands } from "../../../lib/commands/modules/search_debug.ts";
import { SearchDebugControlCommands } from "../../../lib/commands/modules/search_debug_control.ts";
import { SearchDictionaryCommands } from "../../../lib/commands/modules/search_dictionaries.ts";
import { LegacySearchCommands } from "../../../lib/commands/modules/search_legacy.ts";
import { TDigestCommands } from "../../../lib/commands/modules/tdigest.ts";
import { TimeSeriesCommands } from "../../../lib/commands/modules/time_series.ts";
import { TopKCommands } from "../../../lib/commands/modules/topk.ts";
import { jsonCases } from "./json_cases.ts";
import {
  bloomCases,
  countMinCases,
  cuckooCases,
  tDigestCases,
  topKCases,
} from "./probabilistic_cases.ts";
import { hybridCases } from "./hybrid_cases.ts";
import { queryCases } from "./query_cases.ts";
import { searchDebugCases } from "./search_debug_cases.ts";
import { searchCases } from "./search_cases.ts";
import { searchLegacyCases } from "./search_legacy_cases.ts";
import type { Module } from "./support.ts";
import { timeSeriesCases } from "./time_series_cases.ts";

/** Every module that ships with Redis 8; `countOf` counts the commands of one. */
export const MODULES: readonly Module[] = [
  { name: "json", families: [JsonCommands], cases: jsonCases },
  {
    name: "search",
    families: [SearchCommands, SearchDictionaryCommands, LegacySearchCommands],
    cases: [
      ...searchCases,
      ...queryCases,
      ...hybridCases,
      ...searchLegacyCases,
    ],
  },
  {
    name: "search.debug",
    families: [SearchDebugCommands, SearchDebugControlCommands],
    cases: searchDebugCases,
  },
  { name: "ts", families: [TimeSeriesCommands], cases: timeSeriesCases },
  { name: "bf", families: [BloomCommands], cases: bloomCases },
  { name: "cf", families: [CuckooCommands], cases: cuckooCases },
  { name: "cms", families: [CountMinCommands], cases: countMinCases },
  { name: "topk", families: [TopKCommands], cases: topKCases },
  { name: "tdigest", families: [TDigestCommands], cases: tDigestCases },
];

/** The members of every family that are not commands. */
export const COMMON: ReadonlySet<string> = new Set(
  Object.getOwnPropertyNames(ModuleCommands.prototype),
);
