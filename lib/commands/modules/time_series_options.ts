/**
 * The options of the commands on time series.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import type { Entries } from "../arguments.ts";

/** A time in Unix milliseconds, or the first (`"-"`) or last (`"+"`) there is. */
export type Moment = number | "-" | "+";

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
   * How long samples are kept, in milliseconds; 0 for ever.
   *
   * @default {0}
   */
  retention?: number;
  /** How many bytes a chunk of samples takes. */
  chunkSize?: number;
  /** What to do with a sample at a time that has one. */
  duplicatePolicy?: DuplicatePolicy;
  /** Samples that are as close as this to the last one are not added. */
  ignore?: {
    /** In milliseconds. */
    timeDiff: number;
    /** Between the values. */
    valueDiff: number;
  };
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

/** How a sample is added, and the series made when it does not exist. */
export interface SeriesAddOptions extends SeriesOptions {
  /** What to do this time with a sample at a time that has one. */
  onDuplicate?: DuplicatePolicy;
}

/** When a value is incremented, and how the series is made when it does not exist. */
export interface SeriesIncrementOptions extends SeriesOptions {
  /**
   * The time of the new sample, not before the last one.
   *
   * @default {"*", the server's time}
   */
  timestamp?: number | "*";
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

/** Which labels are given: all (`true`), or these. */
export type LabelChoice = true | readonly Arg[];

/** How samples are gathered in buckets. */
export interface SeriesAggregation<By = Aggregator> {
  /**
   * What becomes of the samples of a bucket. With `range`, `revrange`,
   * `mrange` and `mrevrange`, several aggregators at once need `redis.send`.
   */
  by: By;
  /** How long a bucket is, in milliseconds. */
  bucket: number;
  /**
   * A time at which a bucket begins.
   *
   * @default {0}
   */
  align?: number | "start" | "end";
  /**
   * Which time a bucket has.
   *
   * @default {"start"}
   */
  timestamp?: "start" | "mid" | "end";
  /**
   * Whether buckets without samples are given too.
   *
   * @default {false}
   */
  empty?: boolean;
}

/** Which samples are given, whatever becomes of them. */
export interface SampleFilter extends LatestOptions {
  /** Only samples at these times. */
  timestamps?: readonly number[];
  /** Only samples with such values, both included. */
  values?: {
    /** The lowest value. */
    min: number;
    /** The highest value. */
    max: number;
  };
  /** How many samples to give at most. */
  count?: number;
}

/** Which samples of a series are given. */
export interface SeriesRangeOptions extends SampleFilter {
  /** How they are gathered in buckets. */
  aggregation?: SeriesAggregation;
}

/** Which samples of many series are given. */
export interface MultiRangeOptions extends SeriesRangeOptions {
  /**
   * Which labels are given.
   *
   * @default {none}
   */
  labels?: LabelChoice;
  /** Lets series with the same value of a label become one. */
  group?: {
    /** The label. */
    label: Arg;
    /** What becomes of samples at the same time. */
    reduce: SeriesReducer;
  };
  /**
   * Whether series without samples are left out.
   *
   * @default {false}
   */
  excludeempty?: boolean;
}

/** Which samples of several series are given side by side. */
export interface JoinedRangeOptions extends SampleFilter {
  /** How they are gathered in buckets: in as many ways as there are keys, or more for one. */
  aggregation?: SeriesAggregation<
    readonly (Aggregator | readonly Aggregator[])[]
  >;
}

/** How samples are read. */
export interface ReadOptions {
  /** Waits for samples. */
  block?: {
    /** At most so long; 0 for ever. */
    milliseconds: number;
    /** Until there are so many. */
    minCount: number;
  };
  /** How many samples to give at most. */
  maxCount?: number;
}
