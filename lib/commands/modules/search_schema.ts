/**
 * What an index of documents is made of.
 *
 * @module
 */

import { isOptions, misuse } from "../../errors.ts";
import type { Arg } from "../../resp/reply.ts";
import {
  addKeys,
  addWord,
  checkAdded,
  isIterable,
  type OneOrMany,
} from "../arguments.ts";
import { addOptions, amend } from "../option_words.ts";
import { counted } from "./counted.ts";

/** What all fields of an index have in common. */
export interface FieldOptions {
  /** The name of the field in queries, if it is not the one in the document. */
  as?: Arg;
  /** Whether documents without the field can be searched for. */
  indexmissing?: boolean;
}

/** What fields have in common that results can be sorted by. */
export interface SortableFieldOptions extends FieldOptions {
  /** Whether results can be sorted by it fast. */
  sortable?: boolean;
  /** Whether it is sorted by as it is, not in lower case; only with `sortable`. */
  unf?: boolean;
  /** Whether it can only be sorted by, not be searched; refused with `indexmissing`. */
  noindex?: boolean;
}

/** A field of text, that is searched word by word. */
export interface TextField extends SortableFieldOptions {
  /** What it is. */
  type: "text";
  /** How much it counts. */
  weight?: number;
  /** Whether words are taken as they are. */
  nostem?: boolean;
  /** Makes words match that sound alike, such as `"dm:en"`. */
  phonetic?: "dm:en" | "dm:fr" | "dm:pt" | "dm:es";
  /** Whether parts of words can be searched fast. */
  withsuffixtrie?: boolean;
  /** Whether empty text can be searched for. */
  indexempty?: boolean;
}

/** A field of tags, that match as a whole. */
export interface TagField extends SortableFieldOptions {
  /** What it is. */
  type: "tag";
  /** The character between tags. */
  separator?: string;
  /** Whether upper and lower case are different. */
  casesensitive?: boolean;
  /** Whether parts of tags can be searched fast. */
  withsuffixtrie?: boolean;
  /** Whether empty text can be searched for. */
  indexempty?: boolean;
}

/** A field of numbers, or of places as `longitude,latitude`. */
export interface PlainField extends SortableFieldOptions {
  /** What it is. */
  type: "numeric" | "geo";
}

/** A field of shapes, such as `POLYGON((1 1, 1 3, 3 3, 3 1, 1 1))`. */
export interface GeoshapeField extends FieldOptions {
  /** What it is. */
  type: "geoshape";
  /** The coordinates are longitude and latitude: the default. */
  spherical?: boolean;
  /** The coordinates are those of a plane; not with `spherical`. */
  flat?: boolean;
}

/** What all fields of vectors have in common. */
export interface VectorFieldOptions extends FieldOptions {
  /** What it is. */
  type: "vector";
  /** The type of its numbers. */
  elements: "float16" | "bfloat16" | "float32" | "float64" | "int8" | "uint8";
  /** How many numbers a vector has. */
  dim: number;
  /** What near means. */
  distanceMetric: "l2" | "ip" | "cosine";
  /** For how many vectors to make room. */
  initialCap?: number;
}

/** A field of vectors. */
export type VectorField =
  | VectorFieldOptions & {
    /** All vectors are compared. */
    algorithm: "flat";
    /** How many vectors a block holds. */
    blockSize?: number;
  }
  | VectorFieldOptions & {
    /** A graph is followed: faster, not exact. */
    algorithm: "hnsw";
    /** How many edges a node has. */
    m?: number;
    /** How many candidates there are when a node is added. */
    efConstruction?: number;
    /** How many candidates there are in a search. */
    efRuntime?: number;
    /** How much farther than the range to look. */
    epsilon?: number;
  }
  | VectorFieldOptions & {
    /** A graph of compressed vectors is followed. */
    algorithm: "svs-vamana";
    /** How vectors are compressed. */
    compression?:
      | "LVQ8"
      | "LVQ4"
      | "LVQ4x4"
      | "LVQ4x8"
      | "LeanVec4x8"
      | "LeanVec8x8";
    /** How many candidates there are when a node is added. */
    constructionWindowSize?: number;
    /** How many edges a node has at most. */
    graphMaxDegree?: number;
    /** How many candidates there are in a search. */
    searchWindowSize?: number;
    /** From how many vectors compression is learned. */
    trainingThreshold?: number;
    /** How many numbers a vector has after LeanVec. */
    reduce?: number;
    /** How much farther than the range to look. */
    epsilon?: number;
  };

/** A field of an index; a word alone is one without options. */
export type SchemaField =
  | "text"
  | "tag"
  | "numeric"
  | "geo"
  | "geoshape"
  | TextField
  | TagField
  | PlainField
  | GeoshapeField
  | VectorField;

/**
 * The fields of an index by their names in the documents, or by their paths such
 * as `$.price`: an object, or pairs, where a name may come twice.
 */
export type Schema =
  | { readonly [name: string]: SchemaField }
  | Iterable<readonly [Arg, SchemaField]>;

/** How an index is made. */
export interface IndexOptions {
  /**
   * What the documents are.
   *
   * @default {"hash"}
   */
  on?: "hash" | "json";
  /**
   * With what their keys begin.
   *
   * @default {all keys}
   */
  prefix?: OneOrMany;
  /** An expression that documents must fulfil, such as `@age>16`. */
  filter?: Arg;
  /** The language of the documents. */
  language?: Arg;
  /** The field with the language of a document. */
  languageField?: Arg;
  /** The score of the documents. */
  score?: number;
  /** The field with the score of a document. */
  scoreField?: Arg;
  /** The field that has the payload of a document. */
  payloadField?: Arg;
  /** Whether there may be more than 32 fields of text. */
  maxtextfields?: boolean;
  /** After how many seconds without use the index is deleted. */
  temporary?: number;
  /** Whether to forget where in the text words are. */
  nooffsets?: boolean;
  /** Whether to give up highlighting. */
  nohl?: boolean;
  /** Whether to forget in which fields words are. */
  nofields?: boolean;
  /** Whether to forget how often words come. */
  nofreqs?: boolean;
  /** Words that are not indexed; an empty list for none. */
  stopwords?: OneOrMany;
  /** Whether documents that are there already are left out. */
  skipinitialscan?: boolean;
  /** Whether to keep a list of all documents, for faster `*`. */
  indexall?: "enable" | "disable";
}

const INDEX = "on^ prefix filter language languageField score scoreField " +
  "payloadField maxtextfields! temporary nooffsets! nohl! nofields! nofreqs! " +
  "stopwords skipinitialscan! indexall^";

/** Adds the options of an index, and its fields. */
export function addIndex(
  words: Arg[],
  schema: Schema,
  options: IndexOptions | undefined,
): Arg[] {
  const sent = amend(options, ({ prefix, stopwords }) => ({
    prefix: counted(prefix),
    stopwords: counted(stopwords),
  }));
  addOptions(words, sent, INDEX).push("SCHEMA");
  return addSchema(words, schema);
}

/** Adds the fields of an index. */
export function addSchema(words: Arg[], schema: Schema): Arg[] {
  const form = 'a schema is as { title: "text", year: { type: "numeric" } }';
  const check = (holds: boolean, value: unknown) => {
    if (!holds) throw misuse(`send ${words[0]}`, form, value);
  };
  check(typeof schema === "object" && schema !== null, schema);
  const start = words.length;
  const fields = isIterable(schema) ? schema : Object.entries(schema);
  for (const pair of fields as Iterable<[Arg, SchemaField]>) {
    check(Array.isArray(pair) && pair.length === 2, pair);
    const [name, field] = pair;
    words.push(name);
    if (typeof field === "string") addWord(words, field);
    else {
      check(isOptions(field), field);
      addField(words, field);
    }
  }
  return checkAdded(words, start);
}

const TYPE = "type algorithm";
const FIELD =
  "spherical!|flat! weight nostem! phonetic separator casesensitive! " +
  "withsuffixtrie! indexempty! indexmissing! sortable! unf! noindex!";
const VECTOR = "elements^ dim distanceMetric^ initialCap blockSize m " +
  "efConstruction efRuntime compression constructionWindowSize " +
  "graphMaxDegree searchWindowSize trainingThreshold reduce epsilon";

function addField(
  words: Arg[],
  field: Exclude<SchemaField, string>,
): void {
  const { as, type } = field;
  addWord(addOptions(words, { as }, "as"), type);
  if (type === "vector") {
    const { as: _, indexmissing, ...vector } = field;
    const [, ...inside] = addOptions([words[0]!], vector, VECTOR, TYPE);
    // TYPE is the word of the option "elements".
    inside[0] = "TYPE";
    addKeys(addWord(words, field.algorithm), inside);
    addOptions(words, { indexmissing }, "indexmissing!");
  } else addOptions(words, field, FIELD, "as type");
}
