/**
 * What the replies of searches become: one form for the lists of RESP2 and the
 * maps of RESP3.
 *
 * @module
 */

import type { Reply, Shape } from "../../resp/reply.ts";
import type { Readings } from "../shapes.ts";
import type { SearchOptions } from "./search_options.ts";
import {
  exact,
  fieldsOf,
  list,
  listOf,
  number,
  orNull,
  shape,
  textOf,
} from "../parsers.ts";
import { type Attributes, attributes, byName, flat, keyed } from "./shapes.ts";

/** A document that was found. */
export interface SearchDocument<B extends string | Uint8Array> {
  /** Its key. */
  id: B;
  /** Its score, or `null` when it was not requested. */
  score: number | null;
  /** The explanation of the score, or `null` when it was not requested. */
  explanation: Reply;
  /** Its payload, or `null` when it has none or it was not requested. */
  payload: B | null;
  /** Its sort key, or `null` when it was not requested. */
  sortkey: B | null;
  /**
   * Its fields, or `null` when they were not requested, or the document was
   * deleted meanwhile.
   */
  attributes: Attributes<B> | null;
}

/** What a search found. */
export interface SearchResults<B extends string | Uint8Array> {
  /** How many documents there are in all. */
  total: number;
  /** Those that were asked for. */
  documents: SearchDocument<B>[];
  /** What went wrong: RESP2 does not tell. */
  warnings: string[];
}

/** Rows that were made of documents. */
export interface AggregateResults<B extends string | Uint8Array> {
  /** A number that means nothing in RESP2, and little in RESP3. */
  total: number;
  /** The rows. */
  rows: Attributes<B>[];
  /** What went wrong: RESP2 does not tell. */
  warnings: string[];
}

/** A part of the rows, and where the others are. */
export interface CursorResults<B extends string | Uint8Array>
  extends AggregateResults<B> {
  /** What to pass to `cursorRead`; 0 when there are no more. */
  cursor: number;
}

/** Rows that were found by text and by vectors. */
export interface HybridResults<B extends string | Uint8Array>
  extends AggregateResults<B> {
  /** How long it took, in milliseconds. */
  executionTime: number;
}

/** Results, and how they came about. */
export interface Profile<T> {
  /** What the query found. */
  results: T;
  /** What the server did, unshaped: versions and protocols differ. */
  profile: Reply;
}

/** What is known about an index. */
export interface IndexInfo {
  /** Its name. */
  name: string;
  /** The options it was made with. */
  options: string[];
  /** What the documents are, such as `"HASH"`. */
  keyType: string;
  /** With what their keys begin. */
  prefixes: string[];
  /** Its fields. */
  fields: IndexField[];
  /** How many documents it has. */
  documents: number;
  /** The highest number that a document had. */
  maxDocumentId: number;
  /** How many words it has. */
  terms: number;
  /** How many words and places of them it has. */
  records: number;
  /** 1 while documents that were there already are being added. */
  indexing: number;
  /** Which part of them has been added. */
  percentIndexed: number;
  /** How many documents could not be added. */
  failures: number;
}

/** A field of an index. */
export interface IndexField {
  /** Its name or path in the documents. */
  identifier: string;
  /** Its name in queries. */
  attribute: string;
  /** What it is, such as `"TEXT"`. */
  type: string;
}

/** A word that may be misspelled. */
export interface Misspelling<B extends string | Uint8Array> {
  /** The word. */
  term: B;
  /** What may be meant, with the part of the documents that have it. */
  suggestions: [suggestion: B, score: number][];
}

/** A completion of what was typed. */
export interface Suggestion<B extends string | Uint8Array> {
  /** The whole text. */
  suggestion: B;
  /** Its score, or `null` when it was not requested. */
  score: number | null;
  /** Its payload, or `null` when it has none or it was not requested. */
  payload: B | null;
}

/** What an option of the module is. */
export interface ConfigHelp {
  /** What it does. */
  description: string;
  /** What it is now, or `null`. */
  value: string | null;
}

function score(reply: Reply | undefined): [number | null, Reply] {
  if (reply === undefined || reply === null) return [null, null];
  if (!Array.isArray(reply)) return [number(reply), null];
  return [number(reply[0]!), reply[1]!];
}

function warningsOf(reply: Reply | undefined): string[] {
  return reply === undefined ? [] : list(reply).map(textOf);
}

/** What a search found. */
export function searchResults(
  options: SearchOptions = {},
): <B extends string | Uint8Array>(
  as: Readings<B>,
) => (reply: Reply) => SearchResults<B> {
  return (as) => (reply) => searched(as, options, reply);
}

function searched<B extends string | Uint8Array>(
  as: Readings<B>,
  options: SearchOptions,
  reply: Reply,
): SearchResults<B> {
  const bare = options.nocontent || options.return?.length === 0;
  const document = (
    id: Reply | undefined,
    points: Reply | undefined,
    payload: Reply | undefined,
    sortkey: Reply | undefined,
    fields: Reply | undefined,
  ): SearchDocument<B> => {
    const [number, explanation] = score(points);
    return {
      id: id as B,
      score: number,
      explanation,
      payload: (payload ?? null) as B | null,
      sortkey: (sortkey ?? null) as B | null,
      attributes: bare
        ? null
        : orNull((reply) => attributes(as, reply))(fields ?? null),
    };
  };

  const from = list(reply);
  if (typeof from[0] !== "number") {
    const { total_results, results, warning } = fieldsOf(reply);
    return {
      total: exact(total_results!),
      documents: list(results).map((result) => {
        const { id, score, payload, sortkey, extra_attributes } = fieldsOf(
          result,
        );
        return document(id, score, payload, sortkey, extra_attributes);
      }),
      warnings: warningsOf(warning),
    };
  }
  const documents: SearchDocument<B>[] = [];
  let i = 1;
  const next = (given: boolean | undefined) => given ? from[i++] : undefined;
  while (i < from.length) {
    documents.push(document(
      next(true),
      next(options.withscores),
      next(options.withpayloads),
      next(options.withsortkeys),
      next(!bare),
    ));
  }
  return { total: from[0], documents, warnings: [] };
}

/** Rows. */
export function aggregateResults<B extends string | Uint8Array>(
  as: Readings<B>,
): (reply: Reply) => AggregateResults<B> {
  return (reply) => {
    const from = list(reply);
    if (typeof from[0] === "number") {
      const [total, ...rows] = from;
      return {
        total,
        rows: rows.map((row) => attributes(as, row)),
        warnings: [],
      };
    }
    const { total_results, results, warning } = fieldsOf(reply);
    return {
      total: exact(total_results!),
      rows: list(results).map((row) =>
        attributes(as, fieldsOf(row).extra_attributes!)
      ),
      warnings: warningsOf(warning),
    };
  };
}

/** A part of the rows. */
export function cursorResults<B extends string | Uint8Array>(
  as: Readings<B>,
): (reply: Reply) => CursorResults<B> {
  const parse = aggregateResults(as);
  return (reply) => {
    const [results, cursor] = list(reply);
    return { ...parse(results!), cursor: exact(cursor!) };
  };
}

/** Rows that were found by text and by vectors: the same names in both protocols. */
export function hybridResults<B extends string | Uint8Array>(
  as: Readings<B>,
): (reply: Reply) => HybridResults<B> {
  return (reply) => {
    const { total_results, results, warnings, execution_time } = fieldsOf(
      reply,
    );
    return {
      total: exact(total_results!),
      rows: list(results).map((row) => attributes(as, row)),
      warnings: warningsOf(warnings),
      executionTime: number(execution_time!),
    };
  };
}

/** Results of any kind, and how they came about. */
export function profiled<B extends string | Uint8Array, T>(
  parse: (as: Readings<B>) => (reply: Reply) => T,
): (as: Readings<B>) => (reply: Reply) => Profile<T> {
  return (as) => (reply) => {
    const from = list(reply);
    if (Array.isArray(from[0])) {
      return { results: parse(as)(from[0]), profile: from[1]! };
    }
    // A hybrid search has it among its own fields: last, in RESP2 without a name.
    const { Results = reply, Profile = from.at(-1) } = fieldsOf(reply);
    return { results: parse(as)(Results), profile: Profile! };
  };
}

/** What is known about an index. */
export const indexInfo: Shape<IndexInfo> = shape((reply) => {
  const info = fieldsOf(reply);
  const definition = fieldsOf(info.index_definition!);
  const count = (name: string) => number(info[name]!);
  return {
    name: textOf(info.index_name!),
    options: list(info.index_options).map(textOf),
    keyType: textOf(definition.key_type!),
    prefixes: list(definition.prefixes).map(textOf),
    fields: list(info.attributes).map((field) => {
      // Only the first words are in pairs. Words without a value may follow.
      const { identifier, attribute, type } = fieldsOf(list(field).slice(0, 6));
      return {
        identifier: textOf(identifier!),
        attribute: textOf(attribute!),
        type: textOf(type!),
      };
    }),
    documents: count("num_docs"),
    maxDocumentId: count("max_doc_id"),
    terms: count("num_terms"),
    records: count("num_records"),
    indexing: count("indexing"),
    percentIndexed: count("percent_indexed"),
    failures: count("hash_indexing_failures"),
  };
});

/** Words that may be misspelled. */
export function misspellings<B extends string | Uint8Array>(
  reply: Reply,
): Misspelling<B>[] {
  const from = list(reply);
  const suggestion = (text: Reply, score: Reply): [B, number] => [
    text as B,
    number(score),
  ];
  // RESP3: a map with one name, `results`, whose map has lists of small maps.
  if (from.length > 0 && !Array.isArray(from[0])) {
    return keyed(from[1]!).map(([term, ...suggestions]) => ({
      term: term as B,
      suggestions: suggestions.map((pair) => {
        const [text, score] = list(pair);
        return suggestion(text!, score!);
      }),
    }));
  }
  return from.map((word) => {
    const [, term, suggestions] = list(word);
    return {
      term: term as B,
      suggestions: list(suggestions).map((pair) => {
        const [score, text] = list(pair);
        return suggestion(text!, score!);
      }),
    };
  });
}

/** Completions, with the requested details behind each. */
export function suggestions<B extends string | Uint8Array>(
  options: { withscores?: boolean; withpayloads?: boolean } | undefined,
  reply: Reply,
): Suggestion<B>[] {
  if (reply === null) return [];
  const from = list(reply);
  const found: Suggestion<B>[] = [];
  for (let i = 0; i < from.length;) {
    const suggestion = from[i++] as B;
    const score = options?.withscores ? number(from[i++]!) : null;
    const payload = options?.withpayloads ? from[i++]! : null;
    found.push({
      suggestion,
      score,
      payload: payload as B | null,
    });
  }
  return found;
}

const textsByName = byName(orNull(textOf));

/** Options of the module: in pairs (RESP2), or a map (RESP3). */
export const configValues: Shape<Record<string, string | null>> = shape(
  (reply) => textsByName(flat(reply)),
);

/** What options of the module are. */
export const configHelps: Shape<Record<string, ConfigHelp>> = shape((reply) => {
  const helps: Record<string, ConfigHelp> = Object.create(null);
  for (const [name, ...about] of keyed(reply)) {
    const { Description, Value } = fieldsOf(about);
    helps[textOf(name)] = {
      description: textOf(Description!),
      value: orNull(textOf)(Value!),
    };
  }
  return helps;
});

/** Words with the groups of synonyms that they are in. */
export const synonyms: Shape<Record<string, string[]>> = shape(
  byName(listOf(textOf)),
);
