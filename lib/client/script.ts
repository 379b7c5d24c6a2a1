/**
 * Lua scripts and function libraries that are sent once and called by name.
 *
 * @see https://redis.io/docs/latest/develop/programmability/
 * @module
 */

import { ReplyError } from "../errors.ts";
import { encodeText } from "../resp/bytes.ts";
import type { Arg, Reply, Shape } from "../resp/reply.ts";
import { call, type ScriptInput } from "../commands/scripts.ts";
import type { Sender } from "../commands/sender.ts";

/** What a script is called through: a client, a lease, a pipeline, a transaction. */
export type ScriptSender = Pick<Sender<string>, "send">;

/** How a script is called, and what its reply becomes. */
export interface ScriptOptions<T> {
  /** Makes a type of your own of the reply; the reply itself when left out. */
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
 * A Lua script: called by its digest, and sent whole only where the server does
 * not know it.
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
  /** Counts the times that the script was sent whole. */
  #sent = 0;

  /** Made by `script`. */
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
   * Where the server does not know it, that costs one more round trip; of calls
   * made at once only one sends it whole.
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
      // Another call has sent it meanwhile: this one stands behind it, unless
      // there are several connections.
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
   * Asks a batch, or any other sender, to run the script; it is sent whole, so
   * that a transaction cannot fail for want of it.
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
 * A library of functions (Redis 7.0): loaded where the server does not have it.
 */
export class Library {
  /** The library's text, with its `#!lua name=` line. */
  readonly source: string;
  readonly #sender: ScriptSender;
  #loading: Promise<unknown> | undefined;

  /** Made by `library`. */
  constructor(sender: ScriptSender, source: string) {
    this.#sender = sender;
    this.source = source;
  }

  /**
   * Calls a function of the library.
   *
   * Where the server does not know it, the library is loaded, in place of an
   * older one of its name: of calls made at once by one of them only.
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

  /** Asks a batch, or any other sender, for a function; the library must be loaded. */
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
