/**
 * What a query asks for, and what happens to its results.
 *
 * @module
 */

import { isOptions, misuse } from "../../errors.ts";
import type { Arg } from "../../resp/reply.ts";
import {
  type AtMostOne,
  type Entries,
  type ExactlyOne,
  isArg,
  type Limit,
  type OneOrMany,
  upper,
} from "../arguments.ts";
import { addOptions, amend, checkOptions } from "../option_words.ts";
import { addWords, counted, countedParams } from "./counted.ts";

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
  /** The fields; all by default. */
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
  /** The fields; all by default. */
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
  explainscore?: undefined;
};

/** Which documents to find, and which parts of them to return. */
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
  filter?: readonly (readonly [field: Arg, min: Arg, max: Arg])[];
  /** Places that must be near another. */
  geofilter?: readonly (readonly [
    field: Arg,
    longitude: number,
    latitude: number,
    radius: number,
    unit: "m" | "km" | "mi" | "ft",
  ])[];
  /** Only documents with these keys. */
  inkeys?: OneOrMany;
  /** Only words in these fields. */
  infields?: OneOrMany;
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
  sortby?: Arg | readonly [field: Arg, order: SortOrder];
  /** Whether the total must be exact; only with `sortby`. */
  withcount?: boolean;
  /**
   * Which of the documents are given.
   *
   * @default {the first 10}
   */
  limit?: Limit;
};

/** Makes one value of those of a group. */
export interface Reducer {
  /** The function: `"count"`, `"sum"`, `"tolist"`, ... */
  function: Arg;
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
  groupby: OneOrMany;
  /** What is made of a group. */
  reduce?: readonly Reducer[];
}

/** Sorts the rows. */
export interface SortStep {
  /** The fields that they are sorted by. */
  sortby: readonly (Arg | readonly [field: Arg, order: SortOrder])[];
  /** How many rows are needed. */
  max?: number;
}

/** Adds a value to each row. */
export interface ApplyStep {
  /** The expression of the value. */
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
    ]?: undefined;
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
     * Only documents that this query finds; or its words after their count,
     * such as `[3, "@a:{b}", "POLICY", "ADHOC"]`.
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

/** The words of fields, some under another name. */
function renamed(
  fields: readonly (Arg | { field: Arg; as: Arg })[] | undefined,
): Arg[] | undefined {
  return fields?.flatMap((field) =>
    isArg(field) ? [field] : [field.field, "AS", field.as]
  );
}

/** The words of fields to sort by, some with a direction. */
function sorted(
  fields: readonly (Arg | readonly [field: Arg, order: SortOrder])[],
): Arg[] {
  return fields.flatMap((by) =>
    isArg(by) ? [by] : [by[0], upper("SORTBY", by[1])]
  );
}

/** The words of options that are inside of another option, which may be `true`. */
function inside(
  command: Arg | undefined,
  options: true | { readonly fields?: readonly Arg[] } | undefined,
  table: string,
): Arg[] | true | undefined {
  if (options === undefined || options === true) return options;
  const { fields, ...others } = options;
  return addOptions(
    [command!],
    { fields: counted(fields), ...others },
    `fields ${table}`,
  ).slice(1);
}

const SEARCH = "nocontent! verbatim! nostopwords! withscores! withpayloads! " +
  "withsortkeys! filter* geofilter* inkeys infields return summarize? " +
  "highlight? slop timeout inorder! language expander scorer explainscore! " +
  "payload sortby withcount! limit params dialect";

/** Adds the options of a search. */
export function addSearch(
  words: Arg[],
  options: SearchOptions | undefined,
  elsewhere = "",
): Arg[] {
  const sent = amend(options, (o) => ({
    inkeys: counted(o.inkeys),
    infields: counted(o.infields),
    return: counted(renamed(o.return)),
    summarize: inside(words[0], o.summarize, "frags len separator"),
    highlight: inside(words[0], o.highlight, "tags"),
    sortby: o.sortby && sorted([o.sortby]),
    params: countedParams(words[0], o.params),
  }));
  return addOptions(words, sent, SEARCH, elsewhere);
}

const STEP = "load groupby sortby max apply as filter limit";

function addSteps(words: Arg[], steps: readonly AggregateStep[] = []): Arg[] {
  for (const step of steps) {
    const { load, groupby, sortby, reduce, ...others } = step;
    const sent = {
      ...others,
      load: load === "*" ? load : counted(renamed(load)),
      groupby: counted(groupby),
      sortby: counted(sortby && sorted(sortby)),
    };
    addOptions(words, sent, STEP);
    for (const { function: name, args = [], as } of reduce ?? []) {
      addWords(words, "REDUCE", name, args.length, ...args);
      if (as !== undefined) words.push("AS", as);
    }
  }
  return words;
}

const AGGREGATE = "verbatim! timeout";
const QUERY = "scorer addscores! params dialect";

/** Adds the options of an aggregation. */
export function addAggregate(
  words: Arg[],
  options: AggregateOptions | undefined,
  elsewhere = "",
): Arg[] {
  const others = `steps withcursor ${elsewhere}`.trim();
  const sent = amend(options, ({ params }) => ({
    params: countedParams(words[0], params),
  }));
  addOptions(words, sent, AGGREGATE, `${QUERY} ${others}`);
  addSteps(words, options?.steps);
  return addOptions(words, sent, QUERY, `${AGGREGATE} ${others}`);
}

/** Adds the options of a cursor. */
export function addCursor(words: Arg[], cursor: true | CursorOptions): Arg[] {
  words.push("WITHCURSOR");
  return cursor === true ? words : addOptions(words, cursor, "count maxidle");
}

const YIELD = "yieldScoreAs";
const COMBINE = `alpha beta window constant ${YIELD}`;

/** The words of options that are inside of another option, after their count. */
function countedOptions(
  command: Arg | undefined,
  options: object | undefined,
  table: string,
): Arg[] | undefined {
  return options && counted(addOptions([command!], options, table).slice(1));
}

/** Adds the options of a search by text and by vectors. */
export function addHybrid(
  words: Arg[],
  options: HybridOptions,
  elsewhere = "",
): Arg[] {
  const [name] = words;
  // An error for a misspelled option comes before one for a missing option.
  checkOptions(
    `${name}`,
    options,
    `search vsim combine params steps timeout ${elsewhere}`.trim(),
  );
  const { search, vsim, combine, params, steps, timeout } = options ?? {};
  if (!isOptions(search) || !isOptions(vsim)) {
    const form = "it needs { search: { query }, vsim: { field, vector } }";
    throw misuse(`send ${name}`, form, options);
  }
  addWords(words, "SEARCH", search.query);
  addOptions(words, search, `scorer ${YIELD}`, "query");
  addWords(words, "VSIM", vsim.field, vsim.vector);
  const vectors = amend(vsim, ({ knn, range }) => ({
    knn: countedOptions(name, knn, "k efRuntime shardKRatio"),
    range: countedOptions(name, range, "radius epsilon"),
  }));
  addOptions(words, vectors, `knn|range filter ${YIELD}`, "field vector");
  const way = amend(combine, ({ rrf, linear }) => ({
    rrf: countedOptions(name, rrf, COMBINE),
    linear: countedOptions(name, linear, COMBINE),
  }));
  if (way) addOptions(addWords(words, "COMBINE"), way, "rrf|linear");
  // Between them, so that a first step `filter` is not taken for that of the vectors.
  addOptions(words, { params: countedParams(name, params) }, "params");
  return addOptions(addSteps(words, steps), { timeout }, "timeout");
}
