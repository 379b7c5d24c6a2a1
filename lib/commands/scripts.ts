/**
 * Lua scripts: run, load, stop.
 *
 * Their replies come as the server sends them: what a script returns depends on
 * the script, and a map or a double on the protocol.
 *
 * @see https://redis.io/docs/latest/commands/?group=scripting
 * @module
 */

import { misuse } from "../errors.ts";
import type { Arg, Reply } from "../resp/reply.ts";
import {
  addAll,
  addMany,
  addWord,
  type FlushMode,
  type OneOrMany,
} from "./arguments.ts";
import { PubSubCommands } from "./pubsub.ts";
import { integers, ok, text, texts } from "./shapes.ts";

/** One key or argument of a script, or an array of them; a number alone would be a count. */
export type ScriptInput = string | Uint8Array | readonly Arg[];

/** Words that call a script or a function with keys and arguments. */
export function call(
  name: string,
  script: Arg,
  keys: ScriptInput = [],
  args: ScriptInput = [],
): Arg[] {
  const list = listed(name, keys);
  const words = [name, script, list.length];
  return addAll(addAll(words, list), listed(name, args));
}

function listed(name: string, input: ScriptInput): readonly Arg[] {
  if (Array.isArray(input)) return input;
  if (typeof input === "string" || input instanceof Uint8Array) return [input];
  throw misuse(`send ${name}`, "it takes arrays, not their number", input);
}

/** Commands on scripts. */
export abstract class ScriptCommands<B extends string | Uint8Array>
  extends PubSubCommands<B> {
  /**
   * Runs a script and returns its reply: `null` for `nil` and `false`, 1 for
   * `true`, integers for numbers.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const script = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
   * console.assert(await redis.eval(script, ["hits"], [5]) === 5);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/eval/
   */
  eval(
    script: Arg,
    keys?: ScriptInput,
    args?: ScriptInput,
  ): Promise<Reply> {
    return this.send(call("EVAL", script, keys, args), this.as.raw);
  }

  /**
   * Runs a script that only reads and returns its reply, on replicas too;
   * `null` for `nil` and `false`.
   *
   * @see https://redis.io/docs/latest/commands/eval_ro/
   */
  evalRo(
    script: Arg,
    keys?: ScriptInput,
    args?: ScriptInput,
  ): Promise<Reply> {
    return this.send(call("EVAL_RO", script, keys, args), this.as.raw);
  }

  /**
   * Runs the script that has this SHA-1 and returns its reply; an error with
   * the code `NOSCRIPT` when the server has no such script.
   *
   * @see https://redis.io/docs/latest/commands/evalsha/
   */
  evalsha(
    sha1: Arg,
    keys?: ScriptInput,
    args?: ScriptInput,
  ): Promise<Reply> {
    return this.send(call("EVALSHA", sha1, keys, args), this.as.raw);
  }

  /**
   * Runs the script that has this SHA-1 and only reads, on replicas too, and
   * returns its reply; an error with the code `NOSCRIPT` when the server has no
   * such script.
   *
   * @see https://redis.io/docs/latest/commands/evalsha_ro/
   */
  evalshaRo(
    sha1: Arg,
    keys?: ScriptInput,
    args?: ScriptInput,
  ): Promise<Reply> {
    return this.send(call("EVALSHA_RO", sha1, keys, args), this.as.raw);
  }

  /**
   * Returns for each SHA-1 whether the server has such a script: 1, or 0 when
   * not.
   *
   * @see https://redis.io/docs/latest/commands/script-exists/
   */
  scriptExists(...sha1s: OneOrMany[]): Promise<number[]> {
    return this.send(addMany(["SCRIPT", "EXISTS"], sha1s), integers);
  }

  /**
   * Removes all scripts from the server.
   *
   * @see https://redis.io/docs/latest/commands/script-flush/
   */
  scriptFlush(mode?: FlushMode): Promise<"OK"> {
    return this.send(addWord(["SCRIPT", "FLUSH"], mode), ok);
  }

  /**
   * Returns the help text of `SCRIPT`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/script-help/
   */
  scriptHelp(): Promise<string[]> {
    return this.send(["SCRIPT", "HELP"], texts);
  }

  /**
   * Stops the script that runs; an error with the code `NOTBUSY` when none does,
   * and with `UNKILLABLE` when it has written already.
   *
   * @see https://redis.io/docs/latest/commands/script-kill/
   */
  scriptKill(): Promise<"OK"> {
    return this.send(["SCRIPT", "KILL"], ok);
  }

  /**
   * Loads a script into the server and returns its SHA-1 for {@linkcode
   * ScriptCommands.evalsha}.
   *
   * @see https://redis.io/docs/latest/commands/script-load/
   */
  scriptLoad(script: Arg): Promise<string> {
    return this.send(["SCRIPT", "LOAD", script], text);
  }

  /**
   * Returns the script that has this SHA-1; an error with the code `NOSCRIPT` when
   * the server has none. Since Valkey 8.0.
   *
   * @see https://valkey.io/commands/script-show/
   */
  scriptShow(sha1: Arg): Promise<string> {
    return this.send(["SCRIPT", "SHOW", sha1], text);
  }
}
