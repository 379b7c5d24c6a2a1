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
  addChoices,
  addEntries,
  addGiven,
  addKeys,
  addNamed,
  addOption,
} from "../arguments.ts";
import { integer, ok } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { addWords } from "./options.ts";
import { integersOrErrors } from "./shapes.ts";
import type {
  Aggregator,
  JoinedRangeOptions,
  LabelChoice,
  LatestOptions,
  Moment,
  MultiRangeOptions,
  ReadOptions,
  SampleFilter,
  SeriesAddOptions,
  SeriesAggregation,
  SeriesChangeOptions,
  SeriesIncrementOptions,
  SeriesOptions,
  SeriesRangeOptions,
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
} from "./time_series_shapes.ts";

function addSeries(
  words: Arg[],
  options: SeriesAddOptions & SeriesIncrementOptions,
): Arg[] {
  addNamed(words, options, "timestamp retention");
  addChoices(words, options, "encoding");
  addNamed(words, options, "chunkSize");
  addChoices(words, options, "duplicatePolicy onDuplicate");
  if (options.ignore) {
    words.push("IGNORE", options.ignore.timeDiff, options.ignore.valueDiff);
  }
  if (options.labels) addEntries(addWords(words, "LABELS"), options.labels);
  return words;
}

function addLabelChoice(
  words: Arg[],
  labels: LabelChoice | undefined,
): Arg[] {
  return labels === true
    ? addWords(words, "WITHLABELS")
    : addNamed(words, { selectedLabels: labels }, "selectedLabels");
}

function addRange(
  words: Arg[],
  options: SampleFilter & {
    aggregation?: SeriesAggregation<
      Aggregator | readonly (Aggregator | readonly Aggregator[])[]
    >;
    labels?: LabelChoice;
  },
): Arg[] {
  const { timestamps, values, aggregation } = options;
  addNamed(words, options, "latest");
  if (timestamps) words.push("FILTER_BY_TS", ...timestamps);
  if (values) words.push("FILTER_BY_VALUE", values.min, values.max);
  addLabelChoice(words, options.labels);
  addNamed(words, options, "count");
  if (aggregation) {
    const { by, bucket } = aggregation;
    addOption(words, "ALIGN", aggregation.align);
    words.push("AGGREGATION");
    // Ways for the same key are one word: `avg,max`.
    if (typeof by === "string") words.push(by);
    else words.push(...by.map(String));
    words.push(bucket);
    addOption(words, "BUCKETTIMESTAMP", aggregation.timestamp);
    addNamed(words, aggregation, "empty");
  }
  return words;
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
   *     aggregation: { by: "avg", bucket: 3_600_000 },
   *   });
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/commands/ts.add/
   */
  add(
    key: Arg,
    timestamp: number | "*",
    value: number,
    options: SeriesAddOptions = {},
  ): Promise<number> {
    return this.send(
      addSeries(["TS.ADD", key, timestamp, value], options),
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
   * Makes an empty series. Fails when `key` exists.
   *
   * @see https://redis.io/docs/latest/commands/ts.create/
   */
  create(key: Arg, options: SeriesOptions = {}): Promise<"OK"> {
    return this.send(addSeries(["TS.CREATE", key], options), ok);
  }

  /**
   * Lets every closed bucket of a series become a sample of another. Fails when
   * one of them does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.createrule/
   */
  createrule(
    source: Arg,
    destination: Arg,
    aggregator: Aggregator,
    bucket: number,
    options: { align?: number } = {},
  ): Promise<"OK"> {
    const rule = ["AGGREGATION", aggregator, bucket];
    return this.send(
      addGiven(["TS.CREATERULE", source, destination, ...rule], options.align),
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
    options: SeriesIncrementOptions = {},
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
    return this.send(["TS.DEL", key, from, to], integer);
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
      addNamed(["TS.GET", key], options, "latest"),
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
    options: SeriesIncrementOptions = {},
  ): Promise<number> {
    return this.send(
      addSeries(["TS.INCRBY", key, increment], options),
      integer,
    );
  }

  /**
   * Returns what is known about a series; with `debug` its chunks too. Fails when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ts.info/
   */
  info(key: Arg, options?: { debug?: boolean }): Promise<SeriesInfo<B>> {
    return this.sendAs(
      addNamed(["TS.INFO", key], options, "debug"),
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
      readonly [key: Arg, timestamp: number | "*", value: number]
    >,
  ): Promise<(number | ReplyError)[]> {
    const words: Arg[] = ["TS.MADD"];
    for (const sample of samples) words.push(...sample);
    return this.send(words, integersOrErrors);
  }

  /**
   * Returns the last sample of each series that matches all filters, such as
   * `"kind=heat"`: none when no series does.
   *
   * @see https://redis.io/docs/latest/commands/ts.mget/
   */
  mget(
    filters: readonly Arg[],
    options: LatestOptions & { labels?: LabelChoice } = {},
  ): Promise<LatestSample<B>[]> {
    const words = addNamed(["TS.MGET"], options, "latest");
    addLabelChoice(words, options.labels).push("FILTER", ...filters);
    return this.sendAs(words, latestSamples);
  }

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
    filters: readonly Arg[],
    options?: MultiRangeOptions,
  ): Promise<SeriesSamples<B>[]> {
    return this.#many("TS.MRANGE", from, to, filters, options);
  }

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
    filters: readonly Arg[],
    options?: MultiRangeOptions,
  ): Promise<SeriesSamples<B>[]> {
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
    keys: readonly Arg[],
    from: Moment,
    to: Moment,
    options?: JoinedRangeOptions,
  ): Promise<[timestamp: number, values: number[]][]> {
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
    keys: readonly Arg[],
    from: Moment,
    to: Moment,
    options?: JoinedRangeOptions,
  ): Promise<[timestamp: number, values: number[]][]> {
    return this.#joined("TS.NREVRANGE", keys, from, to, options);
  }

  /**
   * Returns the keys of the series that match all filters: none when no series
   * does.
   *
   * @see https://redis.io/docs/latest/commands/ts.queryindex/
   */
  queryindex(...filters: Arg[]): Promise<B[]> {
    return this.send(["TS.QUERYINDEX", ...filters], this.as.values);
  }

  /**
   * Returns the names of the labels of all series, or of those that match all
   * filters; with `values`, the values that this label has. In no order, each
   * once; none when no series matches. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/ts.querylabels/
   */
  querylabels(
    options: { values?: Arg; filters?: readonly Arg[] } = {},
  ): Promise<B[]> {
    const { values, filters } = options;
    const named = { labels: values === undefined, values, filter: filters };
    return this.send(
      addNamed(["TS.QUERYLABELS"], named, "labels values filter"),
      this.as.values,
    );
  }

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
    options: SeriesRangeOptions = {},
  ): Promise<Sample[]> {
    return this.send(addRange(["TS.RANGE", key, from, to], options), samples);
  }

  /**
   * Returns the samples from a time on, the oldest first, none when `key` does not
   * exist; with `"$"` only those that are yet to come. With `block` it waits for
   * them on a connection of its own: other commands do not wait behind it. Since
   * Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/ts.read/
   */
  read(
    key: Arg,
    from: Moment | "$",
    options: ReadOptions = {},
  ): Promise<Sample[]> {
    const words: Arg[] = ["TS.READ", key, from];
    const { block } = options;
    if (block) words.push("BLOCK", block.milliseconds, block.minCount);
    return this.send(addNamed(words, options, "maxCount"), samples);
  }

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
    options: SeriesRangeOptions = {},
  ): Promise<Sample[]> {
    return this.send(
      addRange(["TS.REVRANGE", key, from, to], options),
      samples,
    );
  }

  /**
   * Tells the module what servers there are: a command of Redis Enterprise.
   */
  clusterset(...words: Arg[]): Promise<"OK"> {
    return this.send(["TIMESERIES.CLUSTERSET", ...words], ok);
  }

  /**
   * Returns what the module knows of its cluster, unshaped: `"no cluster mode"`
   * where there is none. Since Redis 8 servers know the word from each other only.
   */
  infocluster(): Promise<Reply> {
    return this.send(["TIMESERIES.INFOCLUSTER"]);
  }

  /** Lets the module ask its cluster again. */
  refreshcluster(): Promise<"OK"> {
    return this.send(["TIMESERIES.REFRESHCLUSTER"], ok);
  }

  #joined(
    word: string,
    keys: readonly Arg[],
    from: Moment,
    to: Moment,
    options: JoinedRangeOptions = {},
  ): Promise<[timestamp: number, values: number[]][]> {
    return this.send(
      addRange(addWords(addKeys([word], keys), from, to), options),
      joinedSamples,
    );
  }

  #many(
    word: string,
    from: Moment,
    to: Moment,
    filters: readonly Arg[],
    options: MultiRangeOptions = {},
  ): Promise<SeriesSamples<B>[]> {
    const words = addRange([word, from, to], options);
    const { group } = options;
    if (group && options.excludeempty) {
      throw misuse(
        `send ${word}`,
        "the module takes EXCLUDEEMPTY only without GROUPBY",
        group.label,
      );
    }
    // Behind FILTER everything is a filter.
    addNamed(words, options, "excludeempty");
    words.push("FILTER", ...filters);
    if (group) words.push("GROUPBY", group.label, "REDUCE", group.reduce);
    return this.sendAs(words, seriesSamples);
  }
}
