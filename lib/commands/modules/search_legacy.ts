/**
 * Commands on indexes that are old, internal, or about the cluster: kept so that
 * every command that a server lists can be sent.
 *
 * @module
 */

import type { Arg, Reply } from "../../resp/reply.ts";
import {
  addEntries,
  addFlat,
  addMany,
  type Entries,
  type OneOrMany,
} from "../arguments.ts";
import { addOptions } from "../option_words.ts";
import { type Fields, integer, ok } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { addWords } from "./counted.ts";
import {
  addIndex,
  addSchema,
  type IndexOptions,
  type Schema,
} from "./search_schema.ts";
import { details } from "./shapes.ts";
import { listOf, orNull } from "../parsers.ts";

/** Commands on indexes that new programs have no use for. */
export abstract class LegacySearchCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Writes a hash with a score. Fails when the index does not exist, or when the
   * hash does, unless it may be replaced.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HSET`.
   */
  add<T extends object>(
    index: Arg,
    key: Arg,
    score: number,
    fields: Entries<T>,
    options?: { replace?: boolean },
  ): Promise<"OK"> {
    return this.send(
      adding("FT.ADD", index, key, score, fields, options),
      ok,
    );
  }

  /**
   * Deletes a document and returns 1; 0 when there was none. Fails when the index
   * does not exist.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `DEL`.
   */
  del(index: Arg, key: Arg): Promise<number> {
    return this.send(["FT.DEL", index, key], integer);
  }

  /**
   * Deletes an index, and its documents by default. Fails when it does not
   * exist.
   *
   * @deprecated Since RediSearch 2.0: use {@linkcode SearchCommands.dropindex}.
   */
  drop(index: Arg, options?: { keepdocs?: boolean }): Promise<"OK"> {
    return this.send(addOptions(["FT.DROP", index], options, "keepdocs!"), ok);
  }

  /**
   * Returns the fields of a document, or `null` when the index has no such one.
   * Fails when the index does not exist.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HGETALL`.
   */
  get(index: Arg, key: Arg): Promise<Fields<B> | null> {
    return this.sendAs(
      ["FT.GET", index, key],
      (as) => orNull(as.fields.parse),
    );
  }

  /**
   * Returns the fields of documents, with `null` for those that the index does not
   * have. Fails when the index does not exist.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HGETALL`.
   */
  mget(index: Arg, ...keys: OneOrMany[]): Promise<(Fields<B> | null)[]> {
    return this.sendAs(
      addMany(["FT.MGET", index], keys),
      (as) => listOf(orNull(as.fields.parse)),
    );
  }

  /**
   * Does the same as `add`; servers used it among each other. Fails when the
   * index does not exist, or when the hash does, unless it may be replaced.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HSET`.
   */
  safeadd<T extends object>(
    index: Arg,
    key: Arg,
    score: number,
    fields: Entries<T>,
    options?: { replace?: boolean },
  ): Promise<"OK"> {
    return this.send(
      adding("FT.SAFEADD", index, key, score, fields, options),
      ok,
    );
  }

  /**
   * Fails, always: servers know the word and refuse it.
   *
   * @deprecated Since RediSearch 2.0: use {@linkcode SearchCommands.synupdate}.
   */
  synadd(index: Arg, ...terms: OneOrMany[]): Promise<Reply> {
    return this.send(addMany(["FT.SYNADD", index], terms));
  }

  /**
   * Gives an index another name too, if it has not got it. Fails when another index
   * has it, or when the index does not exist.
   */
  aliasaddIfNx(alias: Arg, index: Arg): Promise<"OK"> {
    return this.send(["FT._ALIASADDIFNX", alias, index], ok);
  }

  /** Removes a name from an index, if there is such a name. */
  aliasdelIfX(alias: Arg): Promise<"OK"> {
    return this.send(["FT._ALIASDELIFX", alias], ok);
  }

  /**
   * Adds fields to an index, if it has none of the first one's name. Fails when the
   * index does not exist.
   */
  alterIfNx(index: Arg, schema: Schema): Promise<"OK"> {
    return this.send(
      addSchema(["FT._ALTERIFNX", index, "SCHEMA", "ADD"], schema),
      ok,
    );
  }

  /** Creates an index, if there is none. */
  createIfNx(
    index: Arg,
    schema: Schema,
    options?: IndexOptions,
  ): Promise<"OK"> {
    return this.send(addIndex(["FT._CREATEIFNX", index], schema, options), ok);
  }

  /**
   * Deletes an index, and its documents by default; does nothing when the index
   * does not exist.
   */
  dropIfX(index: Arg, options?: { keepdocs?: boolean }): Promise<"OK"> {
    return this.send(
      addOptions(["FT._DROPIFX", index], options, "keepdocs!"),
      ok,
    );
  }

  /**
   * Deletes an index, and its documents on request; does nothing when the index
   * does not exist.
   */
  dropindexIfX(index: Arg, options?: { dd?: boolean }): Promise<"OK"> {
    return this.send(
      addOptions(["FT._DROPINDEXIFX", index], options, "dd!"),
      ok,
    );
  }

  /**
   * Returns what the module knows of its cluster, under the server's own field
   * names: `shards` is `null` when there is none.
   */
  clusterinfo(): Promise<Record<string, Reply>> {
    return this.send(["SEARCH.CLUSTERINFO"], details);
  }

  /** Makes the module read its cluster's topology again. */
  clusterrefresh(): Promise<"OK"> {
    return this.send(["SEARCH.CLUSTERREFRESH"], ok);
  }

  /** Tells the module what servers there are: a command of Redis Enterprise. */
  clusterset(...words: OneOrMany[]): Promise<"OK"> {
    return this.send(addFlat(["SEARCH.CLUSTERSET"], words), ok);
  }
}

function adding(
  word: string,
  index: Arg,
  key: Arg,
  score: number,
  fields: object,
  options: { replace?: boolean } | undefined,
): Arg[] {
  const words = [word, index, key, score];
  addOptions(words, options, "replace!");
  return addEntries(addWords(words, "FIELDS"), fields);
}
