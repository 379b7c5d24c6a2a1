/**
 * Words beside the documents: dictionaries, synonyms, suggestions, corrections.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import { addMany, type OneOrMany } from "../arguments.ts";
import { addOptions, amend } from "../option_words.ts";
import { integer, ok } from "../shapes.ts";
import { LegacySearchCommands } from "./search_legacy.ts";
import {
  type Misspelling,
  misspellings,
  type Suggestion,
  suggestions,
  synonyms,
} from "./search_shapes.ts";

/** How new fields are added to an index. */
export interface AlterOptions {
  /** Whether documents that are there already are left out. */
  skipinitialscan?: boolean;
}

/** How a query is explained. */
export interface ExplainOptions {
  /** The version of the query language. */
  dialect?: number;
}

/** Where corrections of words come from. */
export interface SpellcheckOptions extends ExplainOptions {
  /** How many letters may differ, from 1 to 4. */
  distance?: number;
  /** Dictionaries with words to suggest. */
  include?: OneOrMany;
  /** Dictionaries with words that are right. */
  exclude?: OneOrMany;
}

/** How a suggestion is added. */
export interface SuggestOptions {
  /** Whether to add the score to the current one. */
  incr?: boolean;
  /** Bytes to give back with it. */
  payload?: Arg;
}

/** Which suggestions are given. */
export interface SuggestionFilter {
  /** Whether a letter may differ. */
  fuzzy?: boolean;
  /**
   * How many to give at most.
   *
   * @default {5}
   */
  max?: number;
}

/** What stands behind each word TERMS for dictionaries of one kind. */
function lists(kind: string, dictionaries: OneOrMany = []): Arg[][] {
  return [dictionaries].flat().map((dictionary) => [kind, dictionary as Arg]);
}

/** Commands on words beside the documents. */
export abstract class SearchDictionaryCommands<B extends string | Uint8Array>
  extends LegacySearchCommands<B> {
  /**
   * Adds words to a dictionary, created when it does not exist, and returns how
   * many are new.
   *
   * @see https://redis.io/docs/latest/commands/ft.dictadd/
   */
  dictadd(dictionary: Arg, ...terms: OneOrMany[]): Promise<number> {
    return this.send(
      addMany(["FT.DICTADD", dictionary], terms),
      integer,
    );
  }

  /**
   * Deletes words of a dictionary and returns how many there were, 0 when it does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.dictdel/
   */
  dictdel(dictionary: Arg, ...terms: OneOrMany[]): Promise<number> {
    return this.send(
      addMany(["FT.DICTDEL", dictionary], terms),
      integer,
    );
  }

  /**
   * Returns the words of a dictionary, empty when it does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.dictdump/
   */
  dictdump(dictionary: Arg): Promise<B[]> {
    return this.send(["FT.DICTDUMP", dictionary], this.as.values);
  }

  /**
   * Returns the words of a query that may be misspelled, with what may be meant.
   * Fails when the index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.spellcheck/
   */
  spellcheck(
    index: Arg,
    query: Arg,
    options?: SpellcheckOptions,
  ): Promise<Misspelling<B>[]> {
    const sent = amend(options, ({ include, exclude }) => ({
      terms: [...lists("INCLUDE", include), ...lists("EXCLUDE", exclude)],
      include: undefined,
      exclude: undefined,
    }));
    return this.sendAs(
      addOptions(
        ["FT.SPELLCHECK", index, query],
        sent,
        "distance terms* dialect",
        "include exclude",
      ),
      () => misspellings<B>,
    );
  }

  /**
   * Adds a suggestion, to a new dictionary when `key` does not exist, and returns
   * how many there are.
   *
   * @see https://redis.io/docs/latest/commands/ft.sugadd/
   */
  sugadd(
    key: Arg,
    suggestion: Arg,
    score: number,
    options?: SuggestOptions,
  ): Promise<number> {
    return this.send(
      addOptions(
        ["FT.SUGADD", key, suggestion, score],
        options,
        "incr! payload",
      ),
      integer,
    );
  }

  /**
   * Deletes a suggestion and returns 1; 0 when there was none, or when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.sugdel/
   */
  sugdel(key: Arg, suggestion: Arg): Promise<number> {
    return this.send(["FT.SUGDEL", key, suggestion], integer);
  }

  /**
   * Returns completions of `prefix` with the requested details, the best first,
   * empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.sugget/
   */
  sugget(
    key: Arg,
    prefix: Arg,
    options?: SuggestionFilter & {
      withscores?: boolean;
      withpayloads?: boolean;
    },
  ): Promise<Suggestion<B>[]> {
    return this.sendAs(
      addOptions(
        ["FT.SUGGET", key, prefix],
        options,
        "fuzzy! withscores! withpayloads! max",
      ),
      () => (reply): Suggestion<B>[] => suggestions(options, reply),
    );
  }

  /**
   * Returns how many suggestions there are, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.suglen/
   */
  suglen(key: Arg): Promise<number> {
    return this.send(["FT.SUGLEN", key], integer);
  }

  /**
   * Returns the words that have synonyms, with the groups that they are in. Fails
   * when the index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.syndump/
   */
  syndump(index: Arg): Promise<Record<string, string[]>> {
    return this.send(["FT.SYNDUMP", index], synonyms);
  }

  /**
   * Adds words to a group of synonyms, created when it does not exist. Fails
   * when the index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.synupdate/
   */
  synupdate(
    index: Arg,
    group: Arg,
    terms: OneOrMany,
    options?: AlterOptions,
  ): Promise<"OK"> {
    const words = ["FT.SYNUPDATE", index, group];
    addOptions(words, options, "skipinitialscan!");
    return this.send(addMany(words, [terms]), ok);
  }
}
