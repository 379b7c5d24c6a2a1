/**
 * The options of the commands on time series.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import type { AtMostOne, Entries } from "../arguments.ts";
import type { PointInTime } from "../option_words.ts";

/** A time: Unix milliseconds, a `Date`, or the first (`"-"`) or last (`"+"`) there is. */
export type Moment = PointInTime | "-" | "+";

/** What to do with a sample at a time that has one. */
export type DuplicatePolicy =
  | "block"
  | "first"
  | "last"
  | "min"
  | "max"
  | "sum";

/** How the samples of a bucket become one. */
export type Aggregator =
  | "avg"
  | "sum"
  | "min"
  | "max"
  | "range"
  | "count"
  | "countNaN"
  | "countAll"
  | "first"
  | "last"
  | "std.p"
  | "std.s"
  | "var.p"
  | "var.s"
  | "twa";

/** How the samples of several series at the same time become one. */
export type SeriesReducer = Exclude<Aggregator, "first" | "last" | "twa">;

/** What of a series can be changed. */
export interface SeriesChangeOptions {
  /**
   * How long samples are kept, in milliseconds; 0 for no limit.
   *
   * @default {0}
   */
  retention?: number;
  /** How many bytes a chunk of samples takes. */
  chunkSize?: number;
  /** What to do with a sample at a time that has one. */
  duplicatePolicy?: DuplicatePolicy;
  /** Samples that are as close as this to the last one are not added: milliseconds, and the difference of the values. */
  ignore?: readonly [maxTimeDiff: number, maxValueDiff: number];
  /** The labels of the series: all of them, those it had are gone. */
  labels?: Entries;
}

/** How a series is made. */
export interface SeriesOptions extends SeriesChangeOptions {
  /**
   * How its samples are kept.
   *
   * @default {"compressed"}
   */
  encoding?: "compressed" | "uncompressed";
}

/** How a sample is added, and the series created when it does not exist. */
export interface SeriesAddOptions extends SeriesOptions {
  /** What to do this time with a sample at a time that has one. */
  onDuplicate?: DuplicatePolicy;
}

/** When a value is incremented, and how the series is created when it does not exist. */
export interface SeriesIncrementOptions extends SeriesOptions {
  /**
   * The time of the new sample, not before the last one.
   *
   * @default {"*", the server's time}
   */
  timestamp?: PointInTime | "*";
}

/** Which samples of a compaction are given. */
export interface LatestOptions {
  /**
   * Whether the bucket that is still open is given too.
   *
   * @default {false}
   */
  latest?: boolean;
}

/** Which labels are returned: none without an option. */
export type LabelChoice = AtMostOne<{
  /** All labels. */
  withlabels: boolean;
  /** These labels. */
  selectedLabels: readonly Arg[];
}>;

/** How samples are gathered in buckets. */
export interface SeriesAggregation<By = Aggregator> {
  /**
   * What happens to the samples of a bucket, and how long a bucket is, in
   * milliseconds.
   */
  aggregation?: readonly [by: By, bucketDuration: number];
  /**
   * A time at which a bucket begins.
   *
   * @default {0}
   */
  align?: PointInTime | "start" | "end";
  /**
   * Which time a bucket has.
   *
   * @default {"start"}
   */
  buckettimestamp?: "start" | "mid" | "end";
  /**
   * Whether buckets without samples are returned too.
   *
   * @default {false}
   */
  empty?: boolean;
}

/** Which samples are returned, whatever becomes of them. */
export interface SampleFilter extends LatestOptions {
  /** Only samples at these times. */
  filterByTs?: readonly PointInTime[];
  /** Only samples with such values, both included. */
  filterByValue?: readonly [min: number, max: number];
  /** The maximum number of samples to return. */
  count?: number;
}

/** Which samples of a series are returned. */
export interface SeriesRangeOptions extends SampleFilter, SeriesAggregation {}

/** Which samples of a series are returned, gathered in several ways at once. */
export interface WideRangeOptions
  extends SampleFilter, SeriesAggregation<readonly Aggregator[]> {
  /**
   * What happens to the samples of a bucket, a value for each way, and how long a
   * bucket is, in milliseconds.
   */
  aggregation: readonly [by: readonly Aggregator[], bucketDuration: number];
}

/** Makes one series of those that have the same value of a label. */
export interface SeriesGroup {
  /** The label. */
  groupby: Arg;
  /** What happens to samples at the same time. */
  reduce: SeriesReducer;
}

/** Which of many series are returned, and their labels. */
export type SeriesChoice = LabelChoice & {
  /**
   * Whether series without samples are left out.
   *
   * @default {false}
   */
  excludeempty?: boolean;
};

/** Which samples of many series are returned. */
export type MultiRangeOptions =
  & SeriesRangeOptions
  & SeriesChoice
  & (SeriesGroup | { [K in keyof SeriesGroup]?: undefined });

/**
 * Which samples of many series are returned, gathered in several ways at once:
 * the module does not group these.
 */
export type WideMultiRangeOptions =
  & WideRangeOptions
  & SeriesChoice
  & { [K in keyof SeriesGroup]?: undefined };

/**
 * Which samples of several series are returned side by side: gathered in buckets
 * in as many ways as there are keys, or more for one.
 */
export interface JoinedRangeOptions
  extends
    SampleFilter,
    SeriesAggregation<readonly (Aggregator | readonly Aggregator[])[]> {}

/** How samples are read. */
export interface ReadOptions {
  /** Waits at most this many milliseconds, 0 for ever, until there are `minCount` samples. */
  block?: readonly [milliseconds: number, minCount: number];
  /** The maximum number of samples to return. */
  maxCount?: number;
}
