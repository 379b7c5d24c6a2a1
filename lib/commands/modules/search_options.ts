/**
 * What a query asks for, and what becomes of its results.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import {
  addKeys,
  addLimit,
  addNamed,
  addOption,
  addWord,
  type AtMostOne,
  type Entries,
  type ExactlyOne,
  isArg,
  type Limit,
} from "../arguments.ts";
import { addCounted, addParams, addWords } from "./options.ts";

/** A direction to sort in. */
export type SortOrder = "asc" | "desc";

/** What queries of every kind have in common. */
export interface QueryOptions {
  /** How long the query may take, in milliseconds. */
  timeout?: number;
  /** Values of the names behind `$` in the query; vectors are bytes. */
  params?: Entries;
  /** The version of the query language. */
  dialect?: number;
}

/** Parts of a text that are given instead of all of it. */
export interface Summary {
  /** Of which fields; all unless told otherwise. */
  fields?: readonly Arg[];
  /** How many parts. */
  frags?: number;
  /** How many words a part has. */
  len?: number;
  /** What stands between parts. */
  separator?: Arg;
}

/** Marks around the words that were found. */
export interface Highlighting {
  /** In which fields; all unless told otherwise. */
  fields?: readonly Arg[];
  /**
   * What stands before and behind them.
   *
   * @default {["<b>", "</b>"]}
   */
  tags?: readonly [open: Arg, close: Arg];
}

/** Whether documents come with their scores, and these with an explanation. */
export type ScoreOptions = {
  /** Whether scores are given. */
  withscores: true;
  /** Whether scores are explained. */
  explainscore?: boolean;
} | {
  /** Whether scores are given. */
  withscores?: boolean;
  /** Only with `withscores`. */
  explainscore?: never;
};

/** What documents are looked for, and what is given of them. */
export type SearchOptions = QueryOptions & ScoreOptions & {
  /** Whether only the keys of documents are given. */
  nocontent?: boolean;
  /** Whether words are taken as they are. */
  verbatim?: boolean;
  /** Whether stopwords count. */
  nostopwords?: boolean;
  /** Whether payloads are given. */
  withpayloads?: boolean;
  /** Whether what documents are sorted by is given. */
  withsortkeys?: boolean;
  /** Numbers that must be between two others: `(5` is without 5, and `inf` is all. */
  filter?: readonly { field: Arg; min: Arg; max: Arg }[];
  /** Places that must be near another. */
  geofilter?: readonly {
    field: Arg;
    longitude: number;
    latitude: number;
    radius: number;
    unit: "m" | "km" | "mi" | "ft";
  }[];
  /** Only documents with these keys. */
  inkeys?: readonly Arg[];
  /** Only words in these fields. */
  infields?: readonly Arg[];
  /** The fields that are given; none of them is `nocontent`. */
  return?: readonly (Arg | { field: Arg; as: Arg })[];
  /** Gives parts of texts instead of all of it. */
  summarize?: true | Summary;
  /** Marks the words that were found. */
  highlight?: true | Highlighting;
  /** How many other words may stand between those of a phrase. */
  slop?: number;
  /** Whether words must come in the order of the query. */
  inorder?: boolean;
  /** The language of the query. */
  language?: Arg;
  /** The extension that adds words to the query. */
  expander?: Arg;
  /** How documents are scored. */
  scorer?: Arg;
  /** Bytes for scorers of one's own. */
  payload?: Arg;
  /** The field that documents are sorted by, instead of their scores. */
  sortby?: {
    field: Arg;
    order?: SortOrder;
    /** Whether the total must be exact. */
    withcount?: boolean;
  };
  /**
   * Which of the documents are given.
   *
   * @default {the first 10}
   */
  limit?: Limit;
};

/** Makes one value of those of a group. */
export interface Reducer {
  /** What is made: `"count"`, `"sum"`, `"tolist"`, ... */
  reduce: Arg;
  /** What it takes, such as `"@price"`. */
  args?: readonly Arg[];
  /** The name of the value. */
  as?: Arg;
}

/** Loads fields of the documents. */
export interface LoadStep {
  /** Their names; `"*"` for all. */
  load: "*" | readonly (Arg | { field: Arg; as: Arg })[];
}

/** Makes one row of those that are alike. */
export interface GroupStep {
  /** The fields in which they are alike; none for all rows. */
  groupby: readonly Arg[];
  /** What is made of a group. */
  reducers?: readonly Reducer[];
}

/** Sorts the rows. */
export interface SortStep {
  /** The fields that they are sorted by. */
  sortby: readonly (Arg | { field: Arg; order: SortOrder })[];
  /** How many rows are needed. */
  max?: number;
}

/** Adds a value to each row. */
export interface ApplyStep {
  /** The expression that gives the value. */
  apply: Arg;
  /** The name of the value. */
  as: Arg;
}

/** Keeps some of the rows. */
export interface FilterStep {
  /** The expression that they fulfil. */
  filter: Arg;
}

/** Keeps a part of the rows. */
export interface LimitStep {
  /** Which ones. */
  limit: Limit;
}

/** A step of one kind, with nothing of the others. */
export type StepOf<T> =
  & T
  & {
    [
      K in Exclude<
        | keyof LoadStep
        | keyof GroupStep
        | keyof SortStep
        | keyof ApplyStep
        | keyof FilterStep
        | keyof LimitStep,
        keyof T
      >
    ]?: never;
  };

/** A step on the way from documents to rows. */
export type AggregateStep =
  | StepOf<LoadStep>
  | StepOf<GroupStep>
  | StepOf<SortStep>
  | StepOf<ApplyStep>
  | StepOf<FilterStep>
  | StepOf<LimitStep>;

/** What rows are made. */
export interface AggregateOptions extends QueryOptions {
  /** Whether words are taken as they are. */
  verbatim?: boolean;
  /** What is done, in this order. */
  steps?: readonly AggregateStep[];
  /** How documents are scored. */
  scorer?: Arg;
  /** Whether rows have a `__score`. */
  addscores?: boolean;
}

/** How a cursor gives its rows. */
export interface CursorOptions {
  /** How many rows at a time. */
  count?: number;
  /** After how many milliseconds without use it is deleted. */
  maxidle?: number;
}

/** Near what vectors are looked for. */
export type HybridVectors =
  & AtMostOne<{
    /** Gives the nearest ones: `shardKRatio` of them from each shard, since 8.8. */
    knn: { k: number; efRuntime?: number; shardKRatio?: number };
    /** Gives those within a distance. */
    range: { radius: number; epsilon?: number };
  }>
  & {
    /** The field, such as `"@embedding"`. */
    field: Arg;
    /** The name of the vector among the `params`, behind `$`. */
    vector: Arg;
    /**
     * Only documents that this query finds; or its words behind their number, such as
     * `[3, "@a:{b}", "POLICY", "ADHOC"]`.
     */
    filter?: Arg | readonly Arg[];
    /** The name of the score in the rows. */
    yieldScoreAs?: Arg;
  };

/** How the scores of the text and of the vectors become one. */
export type HybridCombination = ExactlyOne<{
  /** By the ranks. */
  rrf: { constant?: number; window?: number; yieldScoreAs?: Arg };
  /** By the scores. */
  linear: {
    alpha?: number;
    beta?: number;
    window?: number;
    yieldScoreAs?: Arg;
  };
}>;

/** What is looked for by text and by vectors at once. */
export interface HybridOptions extends Omit<QueryOptions, "dialect"> {
  /** The text. */
  search: {
    query: Arg;
    scorer?: Arg;
    /** The name of the score in the rows. */
    yieldScoreAs?: Arg;
  };
  /** The vectors. */
  vsim: HybridVectors;
  /** How both become one. */
  combine?: HybridCombination;
  /** What is done with the rows, in this order. */
  steps?: readonly AggregateStep[];
}

function addQuery(words: Arg[], options: QueryOptions): Arg[] {
  addParams(words, options.params);
  return addNamed(words, options, "dialect");
}

/** The words of fields, some under another name. */
function renamed(
  fields: readonly (Arg | { field: Arg; as: Arg })[],
): Arg[] {
  return fields.flatMap((field) =>
    isArg(field) ? [field] : [field.field, "AS", field.as]
  );
}

/** Adds what a search asks for. */
export function addSearch(words: Arg[], options: SearchOptions): Arg[] {
  const { summarize, highlight, sortby } = options;
  addNamed(
    words,
    options,
    "nocontent verbatim nostopwords withscores withpayloads withsortkeys",
  );
  for (const { field, min, max } of options.filter ?? []) {
    words.push("FILTER", field, min, max);
  }
  for (const near of options.geofilter ?? []) {
    const { field, longitude, latitude, radius, unit } = near;
    words.push("GEOFILTER", field, longitude, latitude, radius, unit);
  }
  addCounted(words, "INKEYS", options.inkeys);
  addCounted(words, "INFIELDS", options.infields);
  addCounted(words, "RETURN", options.return && renamed(options.return));
  if (summarize) {
    words.push("SUMMARIZE");
    if (summarize !== true) {
      addCounted(words, "FIELDS", summarize.fields);
      addNamed(words, summarize, "frags len separator");
    }
  }
  if (highlight) {
    words.push("HIGHLIGHT");
    if (highlight !== true) {
      addCounted(words, "FIELDS", highlight.fields);
      addNamed(words, highlight, "tags");
    }
  }
  addNamed(
    words,
    options,
    "slop timeout inorder language expander scorer explainscore payload",
  );
  if (sortby) {
    words.push("SORTBY", sortby.field);
    addNamed(addWord(words, sortby.order), sortby, "withcount");
  }
  return addQuery(addLimit(words, options.limit), options);
}

function addSteps(words: Arg[], steps: readonly AggregateStep[] = []): Arg[] {
  for (const step of steps) {
    if (step.load === "*") words.push("LOAD", "*");
    else if (step.load) addCounted(words, "LOAD", renamed(step.load));
    addCounted(words, "GROUPBY", step.groupby);
    for (const { reduce, args = [], as } of step.reducers ?? []) {
      addOption(addKeys(addWords(words, "REDUCE", reduce), args), "AS", as);
    }
    addCounted(
      words,
      "SORTBY",
      step.sortby?.flatMap((by) =>
        isArg(by) ? [by] : addWord([by.field], by.order)
      ),
    );
    addNamed(words, step, "max apply as filter");
    addLimit(words, step.limit);
  }
  return words;
}

/** Adds what rows are made. */
export function addAggregate(words: Arg[], options: AggregateOptions): Arg[] {
  addNamed(words, options, "verbatim timeout");
  addSteps(words, options.steps);
  addNamed(words, options, "scorer addscores");
  return addQuery(words, options);
}

/** Adds how a cursor gives its rows. */
export function addCursor(words: Arg[], cursor: CursorOptions): Arg[] {
  return addNamed(addWords(words, "WITHCURSOR"), cursor, "count maxidle");
}

/** Adds what is looked for by text and by vectors. */
export function addHybrid(words: Arg[], options: HybridOptions): Arg[] {
  const { search, vsim, combine } = options;
  addNamed(
    addWords(words, "SEARCH", search.query),
    search,
    "scorer yieldScoreAs",
  );
  words.push("VSIM", vsim.field, vsim.vector);
  const { knn, range } = vsim;
  addCounted(words, "KNN", knn && addNamed([], knn, "k efRuntime shardKRatio"));
  addCounted(
    words,
    "RANGE",
    range && addNamed([], range, "radius epsilon"),
  );
  addNamed(words, vsim, "filter yieldScoreAs");
  const way = combine?.rrf ?? combine?.linear;
  if (way) {
    addCounted(
      addWords(words, "COMBINE"),
      combine?.rrf ? "RRF" : "LINEAR",
      addNamed([], way, "alpha beta window constant yieldScoreAs"),
    );
  }
  // Between them, so that a first step `filter` is not taken for that of the vectors.
  addParams(words, options.params);
  addSteps(words, options.steps);
  return addNamed(words, options, "timeout");
}
