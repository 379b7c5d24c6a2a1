/**
 * What the replies of commands on time series become.
 *
 * Values are text in RESP2 and doubles in RESP3; what has a key is nested in RESP2
 * and a map in RESP3.
 *
 * @module
 */

import type { Reply, Shape } from "../../resp/reply.ts";
import type { Readings } from "../shapes.ts";
import {
  exact,
  fieldsOf,
  list,
  listOf,
  number,
  orNull,
  pairOf,
  shape,
  textOf,
} from "../parsers.ts";
import { type Attributes, attributes, keyed } from "./shapes.ts";

/** A number at a time, in Unix milliseconds. */
export type Sample = [timestamp: number, value: number];

/** Numbers at a time, in Unix milliseconds. */
export type WideSample = [timestamp: number, values: number[]];

/** The last sample of a series. */
export interface LatestSample<B extends string | Uint8Array> {
  /** The key of the series. */
  key: B;
  /** The requested labels. */
  labels: Attributes<B>;
  /** The sample, or `null` when there is none. */
  sample: Sample | null;
}

/** Samples of a series, or of a group. */
export interface SeriesSamples<B extends string | Uint8Array, S = Sample> {
  /** The key of the series, or the label of the group and its value: `"kind=heat"`. */
  key: B;
  /** The requested labels. */
  labels: Attributes<B>;
  /** The samples. */
  samples: S[];
}

/** A rule by which the samples of a series become those of another. */
export interface SeriesRule<B extends string | Uint8Array> {
  /** The key of the other series. */
  key: B;
  /** How long a bucket is, in milliseconds. */
  bucket: number;
  /** What happens to the samples of a bucket, in upper case. */
  aggregator: string;
  /** A time at which a bucket begins. */
  align: number;
}

/** A chunk of samples. */
export interface SeriesChunk {
  /** The time of its first sample. */
  startTimestamp: number;
  /** The time of its last sample. */
  endTimestamp: number;
  /** How many samples it has. */
  samples: number;
  /** How many bytes it takes. */
  size: number;
  /** How many bytes a sample takes. */
  bytesPerSample: number;
}

/** What is known about a series. */
export interface SeriesInfo<B extends string | Uint8Array> {
  /** How many samples there are. */
  totalSamples: number;
  /** How many bytes it takes. */
  memoryUsage: number;
  /** The time of the first sample, 0 when there is none. */
  firstTimestamp: number;
  /** The time of the last sample, 0 when there is none. */
  lastTimestamp: number;
  /** How long samples are kept, in milliseconds; 0 for no limit. */
  retentionTime: number;
  /** How many chunks there are. */
  chunkCount: number;
  /** How many bytes a new chunk takes. */
  chunkSize: number;
  /** `"compressed"` or `"uncompressed"`. */
  chunkType: string;
  /** What to do with a sample at a time that has one; `null` for what the server does. */
  duplicatePolicy: string | null;
  /** The labels of the series. */
  labels: Attributes<B>;
  /** The key of the series that this one is a compaction of, or `null`. */
  sourceKey: B | null;
  /** The rules by which its samples become those of other series. */
  rules: SeriesRule<B>[];
  /** The chunks, with `debug`; otherwise `null`. */
  chunks: SeriesChunk[] | null;
}

const sample: (reply: Reply) => Sample = pairOf(exact, number);

function lastSample(reply: Reply): Sample | null {
  return list(reply).length === 0 ? null : sample(reply);
}

const manySamples = listOf(sample);

/** Samples. */
export const samples: Shape<Sample[]> = shape(manySamples);

/** A sample, or `null` when there is none. */
export const sampleOrNull: Shape<Sample | null> = shape(lastSample);

// The values stand behind the time, as many as there are aggregators.
const manyWideSamples = listOf((reply): WideSample => {
  const [timestamp, ...values] = list(reply) as [Reply, ...Reply[]];
  return [exact(timestamp), values.map(number)];
});

/** Times with a value for each of several aggregators. */
export const wideSamples: Shape<WideSample[]> = shape(manyWideSamples);

/** Times with a value for each series. */
export const joinedSamples: Shape<WideSample[]> = shape(
  listOf(pairOf(exact, listOf(number))),
);

/** The last samples of many series. */
export function latestSamples<B extends string | Uint8Array>(
  as: Readings<B>,
): (reply: Reply) => LatestSample<B>[] {
  return (reply) =>
    keyed(reply).map(([key, labels, last]) => ({
      key: key as B,
      labels: attributes(as, labels!),
      sample: lastSample(last!),
    }));
}

/** The samples of many series. */
export function seriesSamples<B extends string | Uint8Array>(
  as: Readings<B>,
): (reply: Reply) => SeriesSamples<B>[] {
  return seriesOf(as, manySamples);
}

/** The samples of many series, with a value for each of several aggregators. */
export function wideSeriesSamples<B extends string | Uint8Array>(
  as: Readings<B>,
): (reply: Reply) => SeriesSamples<B, WideSample>[] {
  return seriesOf(as, manyWideSamples);
}

function seriesOf<B extends string | Uint8Array, S>(
  as: Readings<B>,
  samples: (reply: Reply) => S[],
): (reply: Reply) => SeriesSamples<B, S>[] {
  return (reply) =>
    keyed(reply).map(([key, labels, ...rest]) => ({
      key: key as B,
      labels: attributes(as, withoutSources(list(labels))),
      // In RESP3 the aggregation and the grouping precede the samples.
      samples: samples(rest.at(-1)!),
    }));
}

/** RESP2 tells how a group was made among its labels, RESP3 beside them. */
function withoutSources(labels: Reply[]): Reply[] {
  return labels.filter((label) =>
    !Array.isArray(label) || !/^__(reducer|source)__$/.test(textOf(label[0]!))
  );
}

/** What is known about a series. */
export function seriesInfo<B extends string | Uint8Array>(
  as: Readings<B>,
): (reply: Reply) => SeriesInfo<B> {
  return (reply) => {
    const info = fieldsOf(reply);
    const { duplicatePolicy, sourceKey, Chunks } = info;
    return {
      ...integersOf(info, [
        "totalSamples",
        "memoryUsage",
        "firstTimestamp",
        "lastTimestamp",
        "retentionTime",
        "chunkCount",
        "chunkSize",
      ]),
      chunkType: textOf(info.chunkType!),
      duplicatePolicy: orNull(textOf)(duplicatePolicy!),
      labels: attributes(as, info.labels ?? []),
      sourceKey: sourceKey as B | null,
      rules: keyed(info.rules!).map(([key, bucket, aggregator, align]) => ({
        key: key as B,
        bucket: exact(bucket!),
        aggregator: textOf(aggregator!),
        align: exact(align!),
      })),
      chunks: Chunks === undefined ? null : list(Chunks).map(chunk),
    };
  };
}

function integersOf<K extends string>(
  fields: Record<string, Reply>,
  names: readonly K[],
): Record<K, number> {
  const integers = names.map((name) => [name, exact(fields[name]!)]);
  return Object.fromEntries(integers);
}

function chunk(reply: Reply): SeriesChunk {
  const fields = fieldsOf(reply);
  return {
    ...integersOf(fields, [
      "startTimestamp",
      "endTimestamp",
      "samples",
      "size",
    ]),
    bytesPerSample: number(fields.bytesPerSample!),
  };
}
