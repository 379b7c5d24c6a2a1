/**
 * Indexes of hashes and JSON documents, and queries on them.
 *
 * Queries are text in Redis's query language; nothing here builds them. Values
 * that come from elsewhere go into `params`, where no character means anything.
 *
 * @see https://redis.io/docs/latest/develop/ai/search-and-query/
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import { addOptions } from "../option_words.ts";
import { integer, ok, text, texts } from "../shapes.ts";
import {
  type AlterOptions,
  type ExplainOptions,
  SearchDictionaryCommands,
} from "./search_dictionaries.ts";
import { addWords } from "./counted.ts";
import {
  addAggregate,
  addCursor,
  addHybrid,
  addSearch,
  type AggregateOptions,
  type CursorOptions,
  type HybridOptions,
  type SearchOptions,
} from "./search_options.ts";
import {
  addIndex,
  addSchema,
  type IndexOptions,
  type Schema,
} from "./search_schema.ts";
import {
  type AggregateResults,
  aggregateResults,
  type ConfigHelp,
  configHelps,
  configValues,
  type CursorResults,
  cursorResults,
  type HybridResults,
  hybridResults,
  type IndexInfo,
  indexInfo,
  type Profile,
  profiled,
  type SearchResults,
  searchResults,
} from "./search_shapes.ts";

/** What is deleted with an index. */
export interface DropOptions {
  /**
   * Whether its documents are deleted too.
   *
   * @default {false}
   */
  dd?: boolean;
}

/** How much a profile tells. */
export interface ProfileOptions {
  /** Whether the parts of long unions are left out. */
  limited?: boolean;
}

/** Commands on indexes: `redis.search`. */
export class SearchCommands<B extends string | Uint8Array>
  extends SearchDictionaryCommands<B> {
  /**
   * Returns rows that are made of the documents that a query finds, a part of
   * them, and a cursor for the others. Fails when the index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.aggregate/
   */
  aggregate(
    index: Arg,
    query: Arg,
    options: AggregateOptions & { withcursor: true | CursorOptions },
  ): Promise<CursorResults<B>>;
  /**
   * Returns rows that are made of the documents that a query finds. Fails when the
   * index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.aggregate/
   */
  aggregate(
    index: Arg,
    query: Arg,
    options?: AggregateOptions & { withcursor?: undefined },
  ): Promise<AggregateResults<B>>;
  aggregate(
    index: Arg,
    query: Arg,
    options?: AggregateOptions & {
      withcursor?: true | CursorOptions | undefined;
    },
  ): Promise<AggregateResults<B> | CursorResults<B>> {
    const words = addAggregate(["FT.AGGREGATE", index, query], options);
    return options?.withcursor
      ? this.sendAs(
        addCursor(words, options.withcursor),
        cursorResults,
      )
      : this.sendAs(words, aggregateResults);
  }

  /**
   * Gives an index another name too. Fails when the alias exists, or the index
   * does not.
   *
   * @see https://redis.io/docs/latest/commands/ft.aliasadd/
   */
  aliasadd(alias: Arg, index: Arg): Promise<"OK"> {
    return this.send(["FT.ALIASADD", alias, index], ok);
  }

  /**
   * Removes a name from an index. Fails when there is no such alias.
   *
   * @see https://redis.io/docs/latest/commands/ft.aliasdel/
   */
  aliasdel(alias: Arg): Promise<"OK"> {
    return this.send(["FT.ALIASDEL", alias], ok);
  }

  /**
   * Returns the other names of an index, in no order. Fails when it does not
   * exist. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/ft.aliaslist/
   */
  aliaslist(index: Arg): Promise<string[]> {
    return this.send(["FT.ALIASLIST", index], texts);
  }

  /**
   * Gives an index another name too, which another may have had. Fails when the
   * index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.aliasupdate/
   */
  aliasupdate(alias: Arg, index: Arg): Promise<"OK"> {
    return this.send(["FT.ALIASUPDATE", alias, index], ok);
  }

  /**
   * Adds fields to an index. Fails when it does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.alter/
   */
  alter(
    index: Arg,
    schema: Schema,
    options?: AlterOptions,
  ): Promise<"OK"> {
    return this.send(
      addSchema(
        addWords(
          addOptions(["FT.ALTER", index], options, "skipinitialscan!"),
          "SCHEMA",
          "ADD",
        ),
        schema,
      ),
      ok,
    );
  }

  /**
   * Returns options of the module with what they are: `"*"` for all, empty when
   * there is no such option.
   *
   * @deprecated Since Redis 8: use `CONFIG GET` with `search-` names.
   * @see https://redis.io/docs/latest/commands/ft.config-get/
   */
  configGet(option: Arg): Promise<Record<string, string | null>> {
    return this.send(["FT.CONFIG", "GET", option], configValues);
  }

  /**
   * Returns what options of the module do: `"*"` for all, empty when there is
   * no such option.
   *
   * @deprecated Since Redis 8.
   * @see https://redis.io/docs/latest/commands/ft.config-help/
   */
  configHelp(option: Arg): Promise<Record<string, ConfigHelp>> {
    return this.send(["FT.CONFIG", "HELP", option], configHelps);
  }

  /**
   * Sets an option of the module. Fails when there is no such option.
   *
   * @deprecated Since Redis 8: use `CONFIG SET` with `search-` names.
   * @see https://redis.io/docs/latest/commands/ft.config-set/
   */
  configSet(option: Arg, value: Arg): Promise<"OK"> {
    return this.send(["FT.CONFIG", "SET", option, value], ok);
  }

  /**
   * Creates an index; documents that are there already are added in the
   * background. Fails when it exists.
   *
   * ```ts
   * import type { Redis } from "@sorrel/redis";
   *
   * async function cheapBooks(redis: Redis, title: string): Promise<string[]> {
   *   await redis.search.create("books", {
   *     title: { type: "text", weight: 2 },
   *     price: { type: "numeric", sortable: true },
   *   }, { prefix: ["book:"] });
   *   const { documents } = await redis.search.search(
   *     "books",
   *     "@title:$title @price:[0 10]",
   *     { params: { title }, sortby: "price", dialect: 2 },
   *   );
   *   return documents.map(({ id }) => id);
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/commands/ft.create/
   */
  create(
    index: Arg,
    schema: Schema,
    options?: IndexOptions,
  ): Promise<"OK"> {
    return this.send(addIndex(["FT.CREATE", index], schema, options), ok);
  }

  /**
   * Forgets a cursor before its end. Fails when there is no such cursor.
   *
   * @see https://redis.io/docs/latest/commands/ft.cursor-del/
   */
  cursorDel(index: Arg, cursor: number): Promise<"OK"> {
    return this.send(["FT.CURSOR", "DEL", index, cursor], ok);
  }

  /**
   * Forgets cursors that were not used for long, and returns how many, less one for
   * each of the server's two lists in which none can be. The arguments must be
   * there, and mean nothing.
   */
  cursorGc(index: Arg, cursor: number): Promise<number> {
    return this.send(["FT.CURSOR", "GC", index, cursor], integer);
  }

  /**
   * Returns the next rows of a cursor, and the cursor for those behind them: 0 at
   * the end. Fails when there is no such cursor.
   *
   * @see https://redis.io/docs/latest/commands/ft.cursor-read/
   */
  cursorRead(
    index: Arg,
    cursor: number,
    options?: { count?: number },
  ): Promise<CursorResults<B>> {
    return this.sendAs(
      addOptions(["FT.CURSOR", "READ", index, cursor], options, "count"),
      cursorResults,
    );
  }

  /**
   * Deletes an index. Fails when it does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.dropindex/
   */
  dropindex(index: Arg, options?: DropOptions): Promise<"OK"> {
    return this.send(addOptions(["FT.DROPINDEX", index], options, "dd!"), ok);
  }

  /**
   * Returns how the server understands a query, as a text of many lines. Fails when
   * the index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.explain/
   */
  explain(
    index: Arg,
    query: Arg,
    options?: ExplainOptions,
  ): Promise<string> {
    return this.send(
      addOptions(["FT.EXPLAIN", index, query], options, "dialect"),
      text,
    );
  }

  /**
   * Returns how the server understands a query, line by line. Fails when the index
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.explaincli/
   */
  explaincli(
    index: Arg,
    query: Arg,
    options?: ExplainOptions,
  ): Promise<string[]> {
    return this.send(
      addOptions(["FT.EXPLAINCLI", index, query], options, "dialect"),
      texts,
    );
  }

  /**
   * Returns rows for the documents that a text finds, and those whose vectors are
   * near. Fails when the index does not exist. Since Redis 8.4.
   *
   * @see https://redis.io/docs/latest/commands/ft.hybrid/
   */
  hybrid(index: Arg, options: HybridOptions): Promise<HybridResults<B>> {
    return this.sendAs(
      addHybrid(["FT.HYBRID", index], options),
      hybridResults,
    );
  }

  /**
   * Returns information about an index. Fails when it does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.info/
   */
  info(index: Arg): Promise<IndexInfo> {
    return this.send(["FT.INFO", index], indexInfo);
  }

  /**
   * Returns the names of all indexes, in no order.
   *
   * @see https://redis.io/docs/latest/commands/ft._list/
   */
  list(): Promise<string[]> {
    return this.send(["FT._LIST"], texts);
  }

  /**
   * Makes rows of documents and returns them with how it was done. Fails when the
   * index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.profile/
   */
  profileAggregate(
    index: Arg,
    query: Arg,
    options?: AggregateOptions & ProfileOptions,
  ): Promise<Profile<AggregateResults<B>>> {
    return this.sendAs(
      addAggregate(
        profile(index, "AGGREGATE", options, query),
        options,
        "limited",
      ),
      profiled(aggregateResults),
    );
  }

  /**
   * Searches by text and by vectors, and returns what was found with how it was
   * done. Fails when the index does not exist. Since Redis 8.4.
   *
   * @see https://redis.io/docs/latest/commands/ft.profile/
   */
  profileHybrid(
    index: Arg,
    options: HybridOptions & ProfileOptions,
  ): Promise<Profile<HybridResults<B>>> {
    return this.sendAs(
      addHybrid(profile(index, "HYBRID", options), options, "limited"),
      profiled(hybridResults),
    );
  }

  /**
   * Searches, and returns what was found with how it was done. Fails when the index
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.profile/
   */
  profileSearch(
    index: Arg,
    query: Arg,
    options?: SearchOptions & ProfileOptions,
  ): Promise<Profile<SearchResults<B>>> {
    return this.sendAs(
      addSearch(profile(index, "SEARCH", options, query), options, "limited"),
      profiled(searchResults(options)),
    );
  }

  /**
   * Returns the documents that a query finds. Fails when the index does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ft.search/
   */
  search(
    index: Arg,
    query: Arg,
    options?: SearchOptions,
  ): Promise<SearchResults<B>> {
    return this.sendAs(
      addSearch(["FT.SEARCH", index, query], options),
      searchResults(options),
    );
  }

  /**
   * Returns the tags that documents have in a field, in no order. Fails when the
   * index does not exist, or the field is none of tags.
   *
   * @see https://redis.io/docs/latest/commands/ft.tagvals/
   */
  tagvals(index: Arg, field: Arg): Promise<B[]> {
    return this.send(["FT.TAGVALS", index, field], this.as.values);
  }
}

function profile(
  index: Arg,
  kind: string,
  options: ProfileOptions | undefined,
  ...query: Arg[]
): Arg[] {
  const { limited } = options ?? {};
  const words = addOptions(
    ["FT.PROFILE", index, kind],
    { limited },
    "limited!",
  );
  return addWords(words, "QUERY", ...query);
}
