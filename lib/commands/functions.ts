/**
 * Functions: libraries of scripts that the server keeps with its data.
 *
 * Their replies come as the server sends them, as those of scripts do.
 *
 * @see https://redis.io/docs/latest/commands/?group=scripting
 * @module
 */

import type { Arg, Reply } from "../resp/reply.ts";
import { addWord, type FlushMode } from "./arguments.ts";
import { addOptions } from "./option_words.ts";
import { call, ScriptCommands, type ScriptInput } from "./scripts.ts";
import {
  type FunctionStats,
  functionStats,
  libraries,
  type LibraryInfo,
  type LibraryWithCode,
} from "./server_shapes.ts";
import { bytes, ok, text, texts } from "./shapes.ts";

/** Options of FUNCTION LIST. */
export interface FunctionListOptions {
  /** Those whose name matches this glob-style pattern. */
  libraryname?: string;
}

/** Commands on functions. */
export abstract class FunctionCommands<B extends string | Uint8Array>
  extends ScriptCommands<B> {
  /**
   * Calls a function and returns its reply: `null` for `nil` and `false`; fails
   * when there is no such function.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.functionLoad(`#!lua name=greetings
   *   redis.register_function("greet", function(keys, args)
   *     return "hello " .. args[1]
   *   end)`);
   * console.assert(await redis.fcall("greet", [], ["ann"]) === "hello ann");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/fcall/
   */
  fcall(
    name: Arg,
    keys?: ScriptInput,
    args?: ScriptInput,
  ): Promise<Reply> {
    return this.send(call("FCALL", name, keys, args), this.as.raw);
  }

  /**
   * Calls a function that only reads and returns its reply, on replicas too:
   * `null` for `nil` and `false`; fails when there is no such function.
   *
   * @see https://redis.io/docs/latest/commands/fcall_ro/
   */
  fcallRo(
    name: Arg,
    keys?: ScriptInput,
    args?: ScriptInput,
  ): Promise<Reply> {
    return this.send(call("FCALL_RO", name, keys, args), this.as.raw);
  }

  /**
   * Deletes a library with its functions; fails when there is no such library.
   *
   * @see https://redis.io/docs/latest/commands/function-delete/
   */
  functionDelete(library: string): Promise<"OK"> {
    return this.send(["FUNCTION", "DELETE", library], ok);
  }

  /**
   * Returns all libraries serialized, for {@linkcode
   * FunctionCommands.functionRestore}, also when there are none. Always bytes.
   *
   * @see https://redis.io/docs/latest/commands/function-dump/
   */
  functionDump(): Promise<Uint8Array> {
    return this.send(["FUNCTION", "DUMP"], bytes);
  }

  /**
   * Deletes all libraries, if there are any.
   *
   * @see https://redis.io/docs/latest/commands/function-flush/
   */
  functionFlush(mode?: FlushMode): Promise<"OK"> {
    return this.send(addWord(["FUNCTION", "FLUSH"], mode), ok);
  }

  /**
   * Returns the help text of `FUNCTION`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/function-help/
   */
  functionHelp(): Promise<string[]> {
    return this.send(["FUNCTION", "HELP"], texts);
  }

  /**
   * Stops the function that runs; an error with the code `NOTBUSY` when none does,
   * and with `UNKILLABLE` when it has written already.
   *
   * @see https://redis.io/docs/latest/commands/function-kill/
   */
  functionKill(): Promise<"OK"> {
    return this.send(["FUNCTION", "KILL"], ok);
  }

  /**
   * Returns the libraries with their functions and their source, under the
   * server's own field names; empty when no name matches.
   *
   * @see https://redis.io/docs/latest/commands/function-list/
   */
  functionList(
    options: FunctionListOptions & { withcode: true },
  ): Promise<LibraryWithCode[]>;
  /**
   * Returns the libraries with their functions, under the server's own field
   * names; empty when no name matches.
   *
   * @see https://redis.io/docs/latest/commands/function-list/
   */
  functionList(
    options?: FunctionListOptions & { withcode?: false },
  ): Promise<LibraryInfo[]>;
  functionList(
    options?: FunctionListOptions & { withcode?: boolean },
  ): Promise<LibraryWithCode[] | LibraryInfo[]> {
    return this.send(
      addOptions(["FUNCTION", "LIST"], options, "libraryname withcode!"),
      libraries,
    );
  }

  /**
   * Creates a library from its source and returns its name; fails when there is
   * one of this name and `replace` is not set.
   *
   * @see https://redis.io/docs/latest/commands/function-load/
   */
  functionLoad(
    source: Arg,
    options?: { replace?: boolean },
  ): Promise<string> {
    const words = addOptions(["FUNCTION", "LOAD"], options, "replace!");
    words.push(source);
    return this.send(words, text);
  }

  /**
   * Creates libraries from what {@linkcode FunctionCommands.functionDump}
   * serialized, in place of all others (`"flush"`), besides them (`"append"`),
   * or besides them but for those of the same names (`"replace"`). Fails when
   * one of a name exists, without a policy and with `"append"`.
   *
   * @see https://redis.io/docs/latest/commands/function-restore/
   */
  functionRestore(
    serialized: Uint8Array,
    policy?: "flush" | "append" | "replace",
  ): Promise<"OK"> {
    return this.send(addWord(["FUNCTION", "RESTORE", serialized], policy), ok);
  }

  /**
   * Returns the function that runs, `null` when none does, and how many there
   * are, under the server's own field names.
   *
   * @see https://redis.io/docs/latest/commands/function-stats/
   */
  functionStats(): Promise<FunctionStats> {
    return this.send(["FUNCTION", "STATS"], functionStats);
  }
}
