/**
 * The inside of indexes, as the module's own tests look at it: the door
 * `./search_debug`, as few need it. Servers refuse these commands unless
 * `enable-debug-command` allows them, and what they reply may change with any
 * version.
 *
 * The words, and the replies that have a type here, are those of RediSearch's
 * `src/debug_commands.c` at 00473e0ca0b8cf6ed40e8f2ca6d720c0d10960e8 and of its
 * tests. Facts without a type of their own come with the server's names, and
 * numbers with a fraction in them as text in RESP2.
 *
 * @see https://github.com/RediSearch/RediSearch/blob/master/src/debug_commands.c
 * @module
 */

import { type Arg, BYTES, type Reply } from "../../resp/reply.ts";
import { addGiven } from "../arguments.ts";
import { addOptions } from "../option_words.ts";
import { asIs, integer, integers, texts } from "../shapes.ts";
import { exact, listOf, pairOf, pairsOf, shape } from "../parsers.ts";
import { details } from "./shapes.ts";
import { refuseSurplus } from "../surplus.ts";
import { ModuleCommands } from "./module.ts";
import type { SearchCommands } from "./search.ts";
import {
  counts,
  debug,
  SearchDebugControlCommands,
} from "./search_debug_control.ts";

export { SearchDebugControlCommands };
export type { ExpirationMonitor, ScanAction } from "./search_debug_control.ts";

/** Which tags of a field to report, and in what detail. */
export interface TagIndexOptions {
  /** Whether each tag comes with how many documents have it. */
  countValueEntries?: boolean;
  /** Whether each tag comes with the numbers of the documents that have it. */
  dumpIdEntries?: boolean;
  /** How many tags to skip. */
  offset?: number;
  /**
   * How many tags to tell about.
   *
   * @default {0}
   */
  limit?: number;
}

const schema = shape(pairOf<Uint8Array, number>(asIs, exact), BYTES);

const idLists = shape(listOf(integers.parse));

/**
 * The commands on the inside of indexes.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 * import { searchDebug } from "@sorrel/redis/search_debug";
 *
 * await using redis = await connect("redis://localhost:6379");
 * const debug = searchDebug(redis.search);
 * console.assert(typeof debug.dumpTerms === "function");
 * ```
 */
export function searchDebug<B extends string | Uint8Array>(
  search: SearchCommands<B>,
): SearchDebugCommands<B> {
  return search.within(SearchDebugCommands<B>);
}

/** Commands on the inside of indexes, made by {@linkcode searchDebug}. */
export class SearchDebugCommands<B extends string | Uint8Array>
  extends SearchDebugControlCommands<B> {
  /**
   * Returns the number of a document in an index, 0 when it is not there. Fails
   * when the index does not exist.
   */
  docidtoid(index: Arg, key: Arg): Promise<number> {
    return this.send(debug("DOCIDTOID", index, key), integer);
  }

  /**
   * Returns what an index keeps of a document, with the fields' names unless they
   * are to be obfuscated. Fails when the index or the document does not exist.
   */
  docinfo(
    index: Arg,
    key: Arg,
    options?: { obfuscate?: boolean },
  ): Promise<Record<string, Reply>> {
    const words = addOptions(
      debug("DOCINFO", index, key),
      options,
      "obfuscate!",
    );
    if (!options?.obfuscate) words.push("REVEAL");
    return this.send(words, details);
  }

  /**
   * Returns the tree of a field of shapes. Fails when the index or the field does
   * not exist.
   */
  dumpGeomidx(index: Arg, field: Arg): Promise<Record<string, Reply>> {
    return this.send(debug("DUMP_GEOMIDX", index, field), details);
  }

  /**
   * Returns the neighbours in a field's graph, unshaped: a list with the level of
   * each, of one document or of all. Fails when the index or the field does not
   * exist, or the field's algorithm is not HNSW.
   */
  dumpHnsw(index: Arg, field: Arg, key?: Arg): Promise<Reply> {
    return this.send(addGiven(debug("DUMP_HNSW", index, field), key));
  }

  /**
   * Returns the numbers of the documents that have a word. Fails when the index
   * does not exist, or no document has the word.
   */
  dumpInvidx(index: Arg, term: Arg): Promise<number[]> {
    return this.send(debug("DUMP_INVIDX", index, term), integers);
  }

  /**
   * Returns the numbers of the documents in each range of a numeric field,
   * empty when it has no values. Fails when the index or the field does not
   * exist.
   */
  dumpNumidx(index: Arg, field: Arg): Promise<number[][]> {
    return this.send(debug("DUMP_NUMIDX", index, field), idLists);
  }

  /**
   * Returns the tree of a numeric field, without its entries when it is to be
   * minimal. Fails when the index or the field does not exist.
   */
  dumpNumidxtree(
    index: Arg,
    field: Arg,
    options?: { minimal?: boolean },
  ): Promise<Record<string, Reply>> {
    const words = debug("DUMP_NUMIDXTREE", index, field);
    return this.send(addOptions(words, options, "minimal!"), details);
  }

  /** Returns the sounds that a word stands for: the first one and another. */
  dumpPhoneticHash(term: Arg): Promise<string[]> {
    return this.send(debug("DUMP_PHONETIC_HASH", term), texts);
  }

  /** Returns how many prefixes all indexes have, and the nodes of their tree. */
  dumpPrefixTrie(): Promise<Record<string, number>> {
    return this.send(debug("DUMP_PREFIX_TRIE"), counts);
  }

  /**
   * Returns the definition of an index as the server stores it, with the version
   * of that. Fails when the index does not exist. Since Redis 8.4.
   */
  dumpSchema(index: Arg): Promise<[schema: Uint8Array, version: number]> {
    return this.send(debug("DUMP_SCHEMA", index), schema);
  }

  /**
   * Returns the suffixes that an index keeps, those of all texts or of a field of
   * tags. Fails when the index or the field does not exist, or keeps none.
   */
  dumpSuffixTrie(index: Arg, field?: Arg): Promise<B[]> {
    const words = addGiven(debug("DUMP_SUFFIX_TRIE", index), field);
    return this.send(words, this.as.values);
  }

  /**
   * Returns the tags of a field with the numbers of the documents that have
   * them, empty when it has no values. Fails when the index or the field does
   * not exist.
   */
  dumpTagidx(index: Arg, field: Arg): Promise<[tag: B, ids: number[]][]> {
    return this.sendAs(
      debug("DUMP_TAGIDX", index, field),
      () => pairsOf<B, number[]>(asIs, integers.parse),
    );
  }

  /** Returns the words of an index. Fails when the index does not exist. */
  dumpTerms(index: Arg): Promise<B[]> {
    return this.send(debug("DUMP_TERMS", index), this.as.values);
  }

  /**
   * Returns the key of the document with this number. Fails when the index or the
   * document does not exist.
   */
  idtodocid(index: Arg, id: number): Promise<B> {
    return this.send(debug("IDTODOCID", index, id), this.as.some);
  }

  /** Returns the names of all indexes, obfuscated. */
  indexes(): Promise<string[]> {
    return this.send(debug("INDEXES"), texts);
  }

  /**
   * Returns information about the indexes of an obfuscated name, or of all with
   * `"ALL"`, unshaped: none when there is none.
   */
  info(index: Arg): Promise<Reply> {
    return this.send(debug("INFO", index));
  }

  /**
   * Returns information about a field of tags. Fails when the index or the
   * field does not exist.
   */
  infoTagidx(
    index: Arg,
    field: Arg,
    options?: TagIndexOptions,
  ): Promise<Record<string, Reply>> {
    const words = debug("INFO_TAGIDX", index, field);
    const table = "countValueEntries! dumpIdEntries! offset limit";
    return this.send(addOptions(words, options, table), details);
  }

  /**
   * Returns information about the list of a word's documents. Fails when the
   * index does not exist, or no document has the word.
   */
  invidxSummary(index: Arg, term: Arg): Promise<Record<string, Reply>> {
    return this.send(debug("INVIDX_SUMMARY", index, term), details);
  }

  /**
   * Returns the sizes of a numeric field's tree, all 0 when it has no values. Fails
   * when the index or the field does not exist.
   */
  numidxSummary(index: Arg, field: Arg): Promise<Record<string, number>> {
    return this.send(debug("NUMIDX_SUMMARY", index, field), counts);
  }

  /**
   * Returns how many lists of documents an index has, and the bytes of these. Fails
   * when the index does not exist.
   */
  specInvidxesInfo(index: Arg): Promise<Record<string, number>> {
    return this.send(debug("SPEC_INVIDXES_INFO", index), counts);
  }

  /**
   * Returns information about a field of vectors. Fails when the index or the
   * field does not exist.
   */
  vecsimInfo(index: Arg, field: Arg): Promise<Record<string, Reply>> {
    return this.send(debug("VECSIM_INFO", index, field), details);
  }
}

refuseSurplus(SearchDebugCommands.prototype, ModuleCommands.prototype);
