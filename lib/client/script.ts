/**
 * Lua scripts and function libraries: their source is sent once, then they are
 * called by digest or name.
 *
 * @see https://redis.io/docs/latest/develop/programmability/
 * @module
 */

import { ReplyError } from "../errors.ts";
import { encodeText } from "../resp/bytes.ts";
import type { Arg, Reply, Shape } from "../resp/reply.ts";
import { call, type ScriptInput } from "../commands/scripts.ts";
import type { Sender } from "../commands/sender.ts";

/** Anything that sends commands: a client, a lease, a pipeline, a transaction. */
export type ScriptSender = Pick<Sender<string>, "send">;

/** Options of a script. */
export interface ScriptOptions<T> {
  /** Turns the reply into your own type; the reply itself when left out. */
  parse?: (reply: Reply) => T;
  /**
   * Whether the script only reads (EVAL_RO, Redis 7.0): it may then run on a
   * replica, and is sent again when its connection is lost.
   *
   * @default {false}
   */
  readOnly?: boolean;
}

/**
 * A Lua script: called by its digest; its source is sent only to a server that
 * does not have it.
 *
 * `K` and `A` are the types of its keys and arguments.
 */
export class Script<
  T = Reply,
  K extends readonly Arg[] = readonly Arg[],
  A extends readonly Arg[] = readonly Arg[],
> {
  /** The script's text. */
  readonly source: string;
  readonly #sender: ScriptSender;
  readonly #shape: Shape<T>;
  readonly #suffix: "" | "_RO";
  #sha1: Promise<string> | undefined;
  /** How often the source was sent. */
  #sent = 0;

  /** Called by `script`. */
  constructor(
    sender: ScriptSender,
    source: string,
    shape: Shape<T>,
    readOnly: boolean,
  ) {
    this.#sender = sender;
    this.source = source;
    this.#shape = shape;
    this.#suffix = readOnly ? "_RO" : "";
  }

  /** The digest that the server knows the script by. */
  get sha1(): Promise<string> {
    return this.#sha1 ??= sha1(this.source);
  }

  /**
   * Runs the script.
   *
   * A server that does not have it costs one more round trip; of concurrent calls
   * only one sends the source.
   */
  async run(keys: K, args: A): Promise<T> {
    const digest = await this.sha1;
    const sent = this.#sent;
    const command = `EVALSHA${this.#suffix}`;
    try {
      return await this.#call(this.#sender, command, digest, keys, args);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if (this.#sent !== sent) {
      // Another call has sent the source meanwhile, and this one follows it on
      // the same connection. With several connections it may not.
      try {
        return await this.#call(this.#sender, command, digest, keys, args);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    this.#sent++;
    return await this.queue(this.#sender, keys, args);
  }

  /**
   * Runs the script through a batch or any other sender. The source is sent, so
   * that a transaction cannot fail because the server does not have it.
   */
  queue(sender: ScriptSender, keys: K, args: A): Promise<T> {
    return this.#call(sender, `EVAL${this.#suffix}`, this.source, keys, args);
  }

  #call(
    sender: ScriptSender,
    command: string,
    which: string,
    keys: K,
    args: A,
  ): Promise<T> {
    return sender.send(call(command, which, keys, args), this.#shape);
  }
}

/**
 * A library of functions (Redis 7.0): loaded into a server that does not have it.
 */
export class Library {
  /** The library's text, with its `#!lua name=` line. */
  readonly source: string;
  readonly #sender: ScriptSender;
  #loading: Promise<unknown> | undefined;

  /** Called by `library`. */
  constructor(sender: ScriptSender, source: string) {
    this.#sender = sender;
    this.source = source;
  }

  /**
   * Calls a function of the library.
   *
   * A server that does not have the function gets the library, in place of an
   * older one of its name; of concurrent calls only one loads it.
   */
  async call(
    name: string,
    keys?: ScriptInput,
    args?: ScriptInput,
  ): Promise<Reply> {
    try {
      return await this.queue(this.#sender, name, keys, args);
    } catch (error) {
      const missing = error instanceof ReplyError &&
        error.message.startsWith("ERR Function not found");
      if (!missing) throw error;
    }
    this.#loading ??= this.load().finally(() => this.#loading = undefined);
    await this.#loading;
    return await this.queue(this.#sender, name, keys, args);
  }

  /** Calls a function through a batch or any other sender; the library must be loaded. */
  queue(
    sender: ScriptSender,
    name: string,
    keys?: ScriptInput,
    args?: ScriptInput,
  ): Promise<Reply> {
    return sender.send(call("FCALL", name, keys, args));
  }

  /** Loads the library, in place of an older one of its name; resolves to the name. */
  load(): Promise<Reply> {
    return this.#sender.send(["FUNCTION", "LOAD", "REPLACE", this.source]);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof ReplyError && error.code === "NOSCRIPT";
}

async function sha1(source: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", encodeText(source));
  return Array.from(
    new Uint8Array(digest),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}
