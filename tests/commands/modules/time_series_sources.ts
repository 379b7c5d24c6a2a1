/**
 * Where the words and replies of the cases of time series come from.
 *
 * @module
 */

/** redis-py's tests, in both protocols. */
export const TESTS =
  "redis/redis-py tests/test_timeseries.py 03392102f727421c55143bf0bf570962b7ef251b";
/** The module's own source. */
export const REPLIES =
  "RedisTimeSeries/RedisTimeSeries src/reply.c, ReplyWithMultiAggSample";
/** What node-redis reads in RESP3. */
export const GROUPS =
  "redis/node-redis packages/time-series/lib/commands/MRANGE_WITHLABELS_GROUPBY.ts 099d01b02cc9cc19eb4431324f20ffdeb64340b6";
/** The module's own test. */
export const CLUSTER =
  "RedisTimeSeries/RedisTimeSeries tests/flow/test_clusterset_noop.py 6327848088893f4160cee22abbe2f2e3ec203db6";
