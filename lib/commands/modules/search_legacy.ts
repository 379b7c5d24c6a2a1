/**
 * Commands on indexes that are old, internal, or about the cluster: kept so that
 * every command that a server lists can be sent.
 *
 * @module
 */

import type { Arg, Reply } from "../../resp/reply.ts";
import { addEntries, addNamed, type Entries } from "../arguments.ts";
import { type Fields, integer, ok } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { addWords } from "./options.ts";
import {
  addIndex,
  addSchema,
  type IndexOptions,
  type Schema,
} from "./search_schema.ts";
import { listOf, orNull } from "../turns.ts";

/** Commands on indexes that new programs have no use for. */
export abstract class LegacySearchCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Writes a hash with a score. Fails when the index does not exist, or when the
   * hash does, unless it may be replaced.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HSET`.
   */
  add(
    index: Arg,
    key: Arg,
    score: number,
    fields: Entries,
    options: { replace?: boolean } = {},
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
   * Deletes an index, and its documents unless told otherwise. Fails when it does
   * not exist.
   *
   * @deprecated Since RediSearch 2.0: use {@linkcode SearchCommands.dropindex}.
   */
  drop(index: Arg, options?: { keepdocs?: boolean }): Promise<"OK"> {
    return this.send(addNamed(["FT.DROP", index], options, "keepdocs"), ok);
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
      (as) => orNull(as.fields.turn),
    );
  }

  /**
   * Returns the fields of documents, with `null` for those that the index does not
   * have. Fails when the index does not exist.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HGETALL`.
   */
  mget(index: Arg, ...keys: Arg[]): Promise<(Fields<B> | null)[]> {
    return this.sendAs(
      ["FT.MGET", index, ...keys],
      (as) => listOf(orNull(as.fields.turn)),
    );
  }

  /**
   * The same as `add`, and returns what the server says, unshaped: no source says
   * what it is.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HSET`.
   */
  safeadd(
    index: Arg,
    key: Arg,
    score: number,
    fields: Entries,
    options: { replace?: boolean } = {},
  ): Promise<Reply> {
    return this.send(
      adding("FT.SAFEADD", index, key, score, fields, options),
    );
  }

  /**
   * Fails, always: servers know the word and refuse it.
   *
   * @deprecated Since RediSearch 2.0: use {@linkcode SearchCommands.synupdate}.
   */
  synadd(index: Arg, ...terms: Arg[]): Promise<Reply> {
    return this.send(["FT.SYNADD", index, ...terms]);
  }

  /**
   * Gives an index another name too, if there is no such name, and returns what the
   * server says, unshaped: no source says what it is.
   */
  aliasaddIfNx(alias: Arg, index: Arg): Promise<Reply> {
    return this.send(["FT._ALIASADDIFNX", alias, index]);
  }

  /**
   * Takes a name from an index, if there is such a name, and returns what the server
   * says, unshaped: no source says what it is.
   */
  aliasdelIfX(alias: Arg): Promise<Reply> {
    return this.send(["FT._ALIASDELIFX", alias]);
  }

  /**
   * Adds a field to an index, if it has none of this name, and returns what the
   * server says, unshaped: no source says what it is.
   */
  alterIfNx(index: Arg, schema: Schema): Promise<Reply> {
    return this.send(
      addSchema(["FT._ALTERIFNX", index, "SCHEMA", "ADD"], schema),
    );
  }

  /**
   * Makes an index, if there is none, and returns what the server says, unshaped:
   * no source says what it is.
   */
  createIfNx(
    index: Arg,
    schema: Schema,
    options: IndexOptions = {},
  ): Promise<Reply> {
    return this.send(addIndex(["FT._CREATEIFNX", index], schema, options));
  }

  /**
   * Deletes an index and its documents, if there is one, and returns what the server
   * says, unshaped: no source says what it is.
   */
  dropIfX(index: Arg, options?: { keepdocs?: boolean }): Promise<Reply> {
    return this.send(
      addNamed(["FT._DROPIFX", index], options, "keepdocs"),
    );
  }

  /**
   * Deletes an index, if there is one, and returns what the server says, unshaped:
   * no source says what it is.
   */
  dropindexIfX(index: Arg, options?: { dd?: boolean }): Promise<Reply> {
    return this.send(
      addNamed(["FT._DROPINDEXIFX", index], options, "dd"),
    );
  }

  /**
   * Returns what the module knows of its cluster, unshaped: protocols differ, and
   * RESP2's form has no source.
   */
  clusterinfo(): Promise<Reply> {
    return this.send(["SEARCH.CLUSTERINFO"]);
  }

  /**
   * Lets the module ask its cluster again, and returns what the server says,
   * unshaped: no source says what it is.
   */
  clusterrefresh(): Promise<Reply> {
    return this.send(["SEARCH.CLUSTERREFRESH"]);
  }

  /**
   * Tells the module what servers there are, and returns what it says, unshaped: a
   * command of Redis Enterprise, no source says what it is.
   */
  clusterset(...words: Arg[]): Promise<Reply> {
    return this.send(["SEARCH.CLUSTERSET", ...words]);
  }

  /**
   * Returns the inside of an index, unshaped: `"HELP"` tells what there is to ask,
   * and it differs between versions.
   */
  debug(subcommand: Arg, ...words: Arg[]): Promise<Reply> {
    return this.send(["_FT.DEBUG", subcommand, ...words]);
  }
}

function adding(
  word: string,
  index: Arg,
  key: Arg,
  score: number,
  fields: Entries,
  options: { replace?: boolean },
): Arg[] {
  const words = [word, index, key, score];
  addNamed(words, options, "replace");
  return addEntries(addWords(words, "FIELDS"), fields);
}
