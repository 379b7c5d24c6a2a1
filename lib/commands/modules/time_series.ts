/**
 * Time series: samples of numbers, with labels to find the series by.
 *
 * Times are Unix milliseconds. A sample is `[timestamp, value]`.
 *
 * @see https://redis.io/docs/latest/develop/data-types/timeseries/
 * @module
 */

import { misuse, type ReplyError } from "../../errors.ts";
import type { Arg, Reply } from "../../resp/reply.ts";
import {
  addFlat,
  addGiven,
  addKeys,
  addMany,
  checkIterable,
  checkTuple,
  type OneOrMany,
  pairsOf,
} from "../arguments.ts";
import {
  addOptions,
  amend,
  type PointInTime,
  unixTime,
} from "../option_words.ts";
import { integer, ok } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { addWords } from "./counted.ts";
import { integersOrErrors } from "./shapes.ts";
import type {
  Aggregator,
  JoinedRangeOptions,
  LabelChoice,
  LatestOptions,
  Moment,
  MultiRangeOptions,
  ReadOptions,
  SeriesAddOptions,
  SeriesChangeOptions,
  SeriesIncrementOptions,
  SeriesOptions,
  SeriesRangeOptions,
  WideMultiRangeOptions,
  WideRangeOptions,
} from "./time_series_options.ts";
import {
  joinedSamples,
  type LatestSample,
  latestSamples,
  type Sample,
  sampleOrNull,
  samples,
  type SeriesInfo,
  seriesInfo,
  type SeriesSamples,
  seriesSamples,
  type WideSample,
  wideSamples,
  wideSeriesSamples,
} from "./time_series_shapes.ts";

const SERIES = "timestamp retention encoding^ chunkSize duplicatePolicy^ " +
  "onDuplicate^ ignore labels";

function addSeries(
  words: Arg[],
  options: (SeriesAddOptions & SeriesIncrementOptions) | undefined,
): Arg[] {
  const sent = amend(options, ({ timestamp, labels }) => ({
    timestamp: timestamp && at(timestamp),
    labels: labels && pairsOf(`${words[0]}`, labels),
  }));
  return addOptions(words, sent, SERIES);
}

/** A time as it is sent. */
function at(time: Moment | "*" | "$" | "start" | "end"): number | string {
  return typeof time === "string" ? time : unixTime(time, 1);
}

const LABELS = "withlabels!|selectedLabels";
const RANGE =
  `latest! filterByTs filterByValue ${LABELS} count align aggregation ` +
  "buckettimestamp empty!";
const GROUP = "groupby reduce excludeempty!";

function addRange(
  words: Arg[],
  options: (MultiRangeOptions | JoinedRangeOptions) | undefined,
  elsewhere = "",
): Arg[] {
  const sent = amend(options, ({ aggregation, align, filterByTs }) => ({
    filterByTs: filterByTs?.map(at),
    align: align && at(align),
    // Several ways for the same key are one word: `avg,max`.
    aggregation: aggregation &&
      [...[aggregation[0]].flat().map(String), aggregation[1]],
  }));
  return addOptions(words, sent, RANGE, elsewhere);
}

function isWide<Wide extends WideRangeOptions>(
  options: SeriesRangeOptions | Wide | undefined,
): options is Wide {
  return Array.isArray(options?.aggregation?.[0]);
}

/** Several aggregators as for one key: `avg,max`. */
function oneWord<Wide extends WideRangeOptions>(options: Wide) {
  const [by, bucketDuration] = options.aggregation;
  return { ...options, aggregation: [[by], bucketDuration] as const };
}

/** Commands on time series: `redis.ts`. */
export class TimeSeriesCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Adds a sample, to a new series when `key` does not exist, and returns its
   * timestamp; with `"*"` it is the server's time.
   *
   * ```ts
   * import type { Redis } from "@sorrel/redis";
   *
   * async function hourlyMeans(redis: Redis, sensor: string, value: number) {
   *   await redis.ts.add(sensor, "*", value, { labels: { kind: "heat" } });
   *   return await redis.ts.range(sensor, "-", "+", {
   *     aggregation: ["avg", 3_600_000],
   *   });
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/commands/ts.add/
   */
  add(
    key: Arg,
    timestamp: PointInTime | "*",
    value: number,
    options?: SeriesAddOptions,
  ): Promise<number> {
    return this.send(
      addSeries(["TS.ADD", key, at(timestamp), value], options),
      integer,
    );
  }

  /**
   * Changes the options of a series. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.alter/
   */
  alter(key: Arg, options: SeriesChangeOptions): Promise<"OK"> {
    return this.send(addSeries(["TS.ALTER", key], options), ok);
  }

  /**
   * Creates an empty series. Fails when `key` exists.
   *
   * @see https://redis.io/docs/latest/commands/ts.create/
   */
  create(key: Arg, options?: SeriesOptions): Promise<"OK"> {
    return this.send(addSeries(["TS.CREATE", key], options), ok);
  }

  /**
   * Adds every closed bucket of a series as a sample to another. Fails when one
   * of them does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.createrule/
   */
  createrule(
    source: Arg,
    destination: Arg,
    aggregator: Aggregator,
    bucket: number,
    align?: PointInTime,
  ): Promise<"OK"> {
    const rule = ["AGGREGATION", aggregator, bucket];
    return this.send(
      addGiven(
        ["TS.CREATERULE", source, destination, ...rule],
        align && at(align),
      ),
      ok,
    );
  }

  /**
   * Subtracts from the last value, 0 when `key` does not exist and is made, as a
   * new sample, and returns its timestamp.
   *
   * @see https://redis.io/docs/latest/commands/ts.decrby/
   */
  decrby(
    key: Arg,
    decrement: number,
    options?: SeriesIncrementOptions,
  ): Promise<number> {
    return this.send(
      addSeries(["TS.DECRBY", key, decrement], options),
      integer,
    );
  }

  /**
   * Deletes the samples between two times, both included, and returns how many
   * there were. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.del/
   */
  del(key: Arg, from: Moment, to: Moment): Promise<number> {
    return this.send(["TS.DEL", key, at(from), at(to)], integer);
  }

  /**
   * Deletes a rule that `createrule` made. Fails when there is none, as when a series
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.deleterule/
   */
  deleterule(source: Arg, destination: Arg): Promise<"OK"> {
    return this.send(["TS.DELETERULE", source, destination], ok);
  }

  /**
   * Returns the last sample, or `null` when there is none. Fails when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.get/
   */
  get(key: Arg, options?: LatestOptions): Promise<Sample | null> {
    return this.send(
      addOptions(["TS.GET", key], options, "latest!"),
      sampleOrNull,
    );
  }

  /**
   * Adds to the last value, 0 when `key` does not exist and is made, as a new
   * sample, and returns its timestamp.
   *
   * @see https://redis.io/docs/latest/commands/ts.incrby/
   */
  incrby(
    key: Arg,
    increment: number,
    options?: SeriesIncrementOptions,
  ): Promise<number> {
    return this.send(
      addSeries(["TS.INCRBY", key, increment], options),
      integer,
    );
  }

  /**
   * Returns information about a series; with `debug` its chunks too. Fails when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.info/
   */
  info(key: Arg, options?: { debug?: boolean }): Promise<SeriesInfo<B>> {
    return this.sendAs(
      addOptions(["TS.INFO", key], options, "debug!"),
      seriesInfo,
    );
  }

  /**
   * Adds samples to series and returns their timestamps, with errors for those
   * that were refused, as for a series that does not exist: none is made.
   *
   * @see https://redis.io/docs/latest/commands/ts.madd/
   */
  madd(
    samples: Iterable<
      readonly [key: Arg, timestamp: PointInTime | "*", value: number]
    >,
  ): Promise<(number | ReplyError)[]> {
    const words: Arg[] = ["TS.MADD"];
    const form = "[key, timestamp, value]";
    checkIterable(words[0], samples, form);
    for (const sample of samples) {
      checkTuple(words[0], sample, 3, form);
      words.push(sample[0], at(sample[1]), sample[2]);
    }
    return this.send(words, integersOrErrors);
  }

  /**
   * Returns the last sample of each series that matches all filters, such as
   * `"kind=heat"`: none when no series does.
   *
   * @see https://redis.io/docs/latest/commands/ts.mget/
   */
  mget(
    filters: OneOrMany,
    options?: LatestOptions & LabelChoice,
  ): Promise<LatestSample<B>[]> {
    const words = addOptions(["TS.MGET"], options, `latest! ${LABELS}`);
    addMany(addWords(words, "FILTER"), [filters]);
    return this.sendAs(words, latestSamples);
  }

  /**
   * Returns the samples between two times, both included, of each series that
   * matches all filters, the oldest first: none when no series does.
   *
   * With a list of aggregators, which needs Redis 8.8, each time comes with a list
   * of values in their order.
   *
   * @see https://redis.io/docs/latest/commands/ts.mrange/
   */
  mrange(
    from: Moment,
    to: Moment,
    filters: OneOrMany,
    options: WideMultiRangeOptions,
  ): Promise<SeriesSamples<B, WideSample>[]>;
  /**
   * Returns the samples between two times, both included, of each series that
   * matches all filters, the oldest first: none when no series does. Groups stand
   * as series, with their label and its value as the key.
   *
   * @see https://redis.io/docs/latest/commands/ts.mrange/
   */
  mrange(
    from: Moment,
    to: Moment,
    filters: OneOrMany,
    options?: MultiRangeOptions,
  ): Promise<SeriesSamples<B>[]>;
  mrange(
    from: Moment,
    to: Moment,
    filters: OneOrMany,
    options?: MultiRangeOptions | WideMultiRangeOptions,
  ): Promise<SeriesSamples<B>[] | SeriesSamples<B, WideSample>[]> {
    return this.#many("TS.MRANGE", from, to, filters, options);
  }

  /**
   * Returns the samples between two times, both included, of each series that
   * matches all filters, the newest first: none when no series does.
   *
   * With a list of aggregators, which needs Redis 8.8, each time comes with a list
   * of values in their order.
   *
   * @see https://redis.io/docs/latest/commands/ts.mrevrange/
   */
  mrevrange(
    from: Moment,
    to: Moment,
    filters: OneOrMany,
    options: WideMultiRangeOptions,
  ): Promise<SeriesSamples<B, WideSample>[]>;
  /**
   * Returns the samples between two times, both included, of each series that
   * matches all filters, the newest first: none when no series does. Groups stand
   * as series, with their label and its value as the key.
   *
   * @see https://redis.io/docs/latest/commands/ts.mrevrange/
   */
  mrevrange(
    from: Moment,
    to: Moment,
    filters: OneOrMany,
    options?: MultiRangeOptions,
  ): Promise<SeriesSamples<B>[]>;
  mrevrange(
    from: Moment,
    to: Moment,
    filters: OneOrMany,
    options?: MultiRangeOptions | WideMultiRangeOptions,
  ): Promise<SeriesSamples<B>[] | SeriesSamples<B, WideSample>[]> {
    return this.#many("TS.MREVRANGE", from, to, filters, options);
  }

  /**
   * Returns the values of series at each time between two, both included, the
   * oldest first: one for each series, `NaN` where it has none. Fails when one of
   * the series does not exist. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/ts.nrange/
   */
  nrange(
    keys: OneOrMany,
    from: Moment,
    to: Moment,
    options?: JoinedRangeOptions,
  ): Promise<WideSample[]> {
    return this.#joined("TS.NRANGE", keys, from, to, options);
  }

  /**
   * Returns the values of series at each time between two, both included, the
   * newest first: one for each series, `NaN` where it has none. Fails when one of
   * the series does not exist. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/ts.nrevrange/
   */
  nrevrange(
    keys: OneOrMany,
    from: Moment,
    to: Moment,
    options?: JoinedRangeOptions,
  ): Promise<WideSample[]> {
    return this.#joined("TS.NREVRANGE", keys, from, to, options);
  }

  /**
   * Returns the keys of the series that match all filters: none when no series
   * does.
   *
   * @see https://redis.io/docs/latest/commands/ts.queryindex/
   */
  queryindex(...filters: OneOrMany[]): Promise<B[]> {
    return this.send(
      addMany(["TS.QUERYINDEX"], filters),
      this.as.values,
    );
  }

  /**
   * Returns the names of the labels of all series, or of those that match all
   * filters; with `values`, the values that this label has. In no order, each
   * once; empty when no series matches. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/ts.querylabels/
   */
  querylabels(
    options?: { values?: Arg; filter?: OneOrMany },
  ): Promise<B[]> {
    const words = ["TS.QUERYLABELS"];
    if (options?.values === undefined) words.push("LABELS");
    return this.send(
      addOptions(words, options, "values filter"),
      this.as.values,
    );
  }

  /**
   * Returns the samples between two times, both included, the oldest first. Fails
   * when `key` does not exist.
   *
   * With a list of aggregators, which needs Redis 8.8, each time comes with a list
   * of values in their order.
   *
   * @see https://redis.io/docs/latest/commands/ts.range/
   */
  range(
    key: Arg,
    from: Moment,
    to: Moment,
    options: WideRangeOptions,
  ): Promise<WideSample[]>;
  /**
   * Returns the samples between two times, both included, the oldest first. Fails
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.range/
   */
  range(
    key: Arg,
    from: Moment,
    to: Moment,
    options?: SeriesRangeOptions,
  ): Promise<Sample[]>;
  range(
    key: Arg,
    from: Moment,
    to: Moment,
    options?: SeriesRangeOptions | WideRangeOptions,
  ): Promise<Sample[] | WideSample[]> {
    return this.#one(["TS.RANGE", key, at(from), at(to)], options);
  }

  /**
   * Returns the samples from a time on, the oldest first, empty when `key` does
   * not exist; with `"$"` only those that are yet to come. With `block` it
   * waits for them on its own connection: other commands do not wait behind it.
   * Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/ts.read/
   */
  read(
    key: Arg,
    from: Moment | "$",
    options?: ReadOptions,
  ): Promise<Sample[]> {
    return this.send(
      addOptions(["TS.READ", key, at(from)], options, "block maxCount"),
      samples,
    );
  }

  /**
   * Returns the samples between two times, both included, the newest first. Fails
   * when `key` does not exist.
   *
   * With a list of aggregators, which needs Redis 8.8, each time comes with a list
   * of values in their order.
   *
   * @see https://redis.io/docs/latest/commands/ts.revrange/
   */
  revrange(
    key: Arg,
    from: Moment,
    to: Moment,
    options: WideRangeOptions,
  ): Promise<WideSample[]>;
  /**
   * Returns the samples between two times, both included, the newest first. Fails
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.revrange/
   */
  revrange(
    key: Arg,
    from: Moment,
    to: Moment,
    options?: SeriesRangeOptions,
  ): Promise<Sample[]>;
  revrange(
    key: Arg,
    from: Moment,
    to: Moment,
    options?: SeriesRangeOptions | WideRangeOptions,
  ): Promise<Sample[] | WideSample[]> {
    return this.#one(["TS.REVRANGE", key, at(from), at(to)], options);
  }

  /**
   * Tells the module what servers there are: a command of Redis Enterprise.
   */
  clusterset(...words: Arg[]): Promise<"OK"> {
    return this.send(addFlat(["TIMESERIES.CLUSTERSET"], words), ok);
  }

  /**
   * Returns what the module knows of its cluster, unshaped: `"no cluster mode"`
   * where there is none. Since Redis 8 servers know the word from each other only.
   */
  infocluster(): Promise<Reply> {
    return this.send(["TIMESERIES.INFOCLUSTER"]);
  }

  /** Makes the module read its cluster's topology again. */
  refreshcluster(): Promise<"OK"> {
    return this.send(["TIMESERIES.REFRESHCLUSTER"], ok);
  }

  #one(
    words: Arg[],
    options?: SeriesRangeOptions | WideRangeOptions,
  ): Promise<Sample[] | WideSample[]> {
    return isWide(options)
      ? this.send(addRange(words, oneWord(options)), wideSamples)
      : this.send(addRange(words, options), samples);
  }

  #joined(
    word: string,
    keys: OneOrMany,
    from: Moment,
    to: Moment,
    options?: JoinedRangeOptions,
  ): Promise<WideSample[]> {
    const words = addWords(addKeys([word], keys), at(from), at(to));
    return this.send(addRange(words, options), joinedSamples);
  }

  #many(
    word: string,
    from: Moment,
    to: Moment,
    filters: OneOrMany,
    options?: MultiRangeOptions | WideMultiRangeOptions,
  ): Promise<SeriesSamples<B>[] | SeriesSamples<B, WideSample>[]> {
    const { groupby, reduce, excludeempty } = options ?? {};
    if (groupby !== undefined && excludeempty) {
      throw misuse(
        `send ${word}`,
        "the module takes EXCLUDEEMPTY only without GROUPBY",
        groupby,
      );
    }
    const given = isWide(options) ? oneWord(options) : options;
    const words = addRange([word, at(from), at(to)], given, GROUP);
    // Behind FILTER everything is a filter.
    addOptions(words, { excludeempty }, GROUP);
    addMany(addWords(words, "FILTER"), [filters]);
    addOptions(words, { groupby, reduce }, GROUP);
    return isWide(options)
      ? this.sendAs(words, wideSeriesSamples)
      : this.sendAs(words, seriesSamples);
  }
}
