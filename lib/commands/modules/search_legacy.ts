/**
 * Commands on indexes that are old, internal, or about the cluster: kept so that
 * every command that a server lists can be sent.
 *
 * @module
 */

import type { Arg, Reply } from "../../resp/reply.ts";
import { addEntries, type Entries } from "../arguments.ts";
import { ok } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { addNamed, addWords } from "./options.ts";
import {
  addIndex,
  addSchema,
  type IndexOptions,
  type Schema,
} from "./search_schema.ts";

/** Commands on indexes that new programs have no use for. */
export abstract class LegacySearchCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Writes a hash with a score, and returns what the server says, unshaped: no
   * source says what it is.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HSET`.
   */
  add(
    index: Arg,
    key: Arg,
    score: number,
    fields: Entries,
    options: { replace?: boolean } = {},
  ): Promise<Reply> {
    return this.#add("FT.ADD", index, key, score, fields, options);
  }

  /**
   * Deletes a document, and returns what the server says, unshaped: no source says
   * what it is.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `DEL`.
   */
  del(index: Arg, key: Arg): Promise<Reply> {
    return this.send(["FT.DEL", index, key], this.as.raw);
  }

  /**
   * Deletes an index and its documents, and returns what the server says, unshaped:
   * no source says what it is.
   *
   * @deprecated Since RediSearch 2.0: use {@linkcode SearchCommands.dropindex}.
   */
  drop(index: Arg, options: { keepdocs?: boolean } = {}): Promise<Reply> {
    return this.send(
      addNamed(["FT.DROP", index], options, ["keepdocs"]),
      this.as.raw,
    );
  }

  /**
   * Returns a document, unshaped: no source says what it is.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HGETALL`.
   */
  get(index: Arg, key: Arg): Promise<Reply> {
    return this.send(["FT.GET", index, key], this.as.raw);
  }

  /**
   * Returns documents, unshaped: no source says what they are.
   *
   * @deprecated Since RediSearch 2.0: documents are hashes, use `HGETALL`.
   */
  mget(index: Arg, ...keys: Arg[]): Promise<Reply> {
    return this.send(["FT.MGET", index, ...keys], this.as.raw);
  }

  /**
   * The same as `add`, and like it unshaped: no source says what it is.
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
    return this.#add("FT.SAFEADD", index, key, score, fields, options);
  }

  /**
   * Fails, always: servers know the word and refuse it.
   *
   * @deprecated Since RediSearch 2.0: use {@linkcode SearchCommands.synupdate}.
   */
  synadd(index: Arg, ...terms: Arg[]): Promise<Reply> {
    return this.send(["FT.SYNADD", index, ...terms], this.as.raw);
  }

  /** Gives an index another name too, if there is no such name; `"OK"` either way. */
  aliasaddIfNx(alias: Arg, index: Arg): Promise<"OK"> {
    return this.send(["FT._ALIASADDIFNX", alias, index], ok);
  }

  /** Takes a name from an index, if there is such a name; `"OK"` either way. */
  aliasdelIfX(alias: Arg): Promise<"OK"> {
    return this.send(["FT._ALIASDELIFX", alias], ok);
  }

  /** Adds fields to an index, those that it has not; `"OK"` either way. */
  alterIfNx(index: Arg, schema: Schema): Promise<"OK"> {
    const words = addWords(["FT._ALTERIFNX", index], "SCHEMA", "ADD");
    return this.send(addSchema(words, schema), ok);
  }

  /** Makes an index, if there is none; `"OK"` either way. */
  createIfNx(
    index: Arg,
    schema: Schema,
    options: IndexOptions = {},
  ): Promise<"OK"> {
    return this.send(addIndex(["FT._CREATEIFNX", index], schema, options), ok);
  }

  /** Deletes an index and its documents, if there is one; `"OK"` either way. */
  dropIfX(index: Arg, options: { keepdocs?: boolean } = {}): Promise<"OK"> {
    return this.send(
      addNamed(["FT._DROPIFX", index], options, ["keepdocs"]),
      ok,
    );
  }

  /** Deletes an index, if there is one; `"OK"` either way. */
  dropindexIfX(index: Arg, options: { dd?: boolean } = {}): Promise<"OK"> {
    return this.send(
      addNamed(["FT._DROPINDEXIFX", index], options, ["dd"]),
      ok,
    );
  }

  /** Returns what the module knows of its cluster, unshaped. */
  clusterinfo(): Promise<Reply> {
    return this.send(["SEARCH.CLUSTERINFO"], this.as.raw);
  }

  /**
   * Lets the module ask its cluster again, and returns what the server says,
   * unshaped: no source says what it is.
   */
  clusterrefresh(): Promise<Reply> {
    return this.send(["SEARCH.CLUSTERREFRESH"], this.as.raw);
  }

  /**
   * Tells the module what servers there are, and returns what it says, unshaped: a
   * command of Redis Enterprise, no source says what it is.
   */
  clusterset(...words: Arg[]): Promise<Reply> {
    return this.send(["SEARCH.CLUSTERSET", ...words], this.as.raw);
  }

  /**
   * Returns the inside of an index, unshaped: `"HELP"` tells what there is to ask,
   * and it differs between versions.
   */
  debug(subcommand: Arg, ...words: Arg[]): Promise<Reply> {
    return this.send(["_FT.DEBUG", subcommand, ...words], this.as.raw);
  }

  #add(
    word: string,
    index: Arg,
    key: Arg,
    score: number,
    fields: Entries,
    options: { replace?: boolean },
  ): Promise<Reply> {
    const words = addWords([word, index], key, score);
    addNamed(words, options, ["replace"]);
    return this.send(
      addEntries(addWords(words, "FIELDS"), fields),
      this.as.raw,
    );
  }
}
