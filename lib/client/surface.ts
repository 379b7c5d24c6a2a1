/**
 * Commands, pipelines and transactions over any engine.
 *
 * @module
 */

import { Commands } from "../commands/commands.ts";
import { checkOptions } from "../commands/option_words.ts";
import type { Readings } from "../commands/shapes.ts";
import { misuse, noWords } from "../errors.ts";
import type { Arg, Reply, Shape } from "../resp/reply.ts";
import {
  executeBuilt,
  type ExecuteOptions,
  Pipeline,
  type PipelineOptions,
  type Results,
  type ResultsOrErrors,
} from "./batch.ts";
import { recordSite } from "./call_site.ts";
import type { CallOptions, Engine } from "./engine.ts";

/** A function that adds commands to a batch and returns their promises. */
export type Build<
  B extends string | Uint8Array,
  T extends readonly Promise<unknown>[],
> = (batch: Pipeline<B>) => T;

/** All commands over an engine, one at a time or together. */
export abstract class Surface<B extends string | Uint8Array>
  extends Commands<B> {
  /** How values are read here: as text, or as bytes. */
  protected override readonly as: Readings<B>;
  /** The engine that executes the commands. */
  protected abstract readonly engine: Engine;
  /** The options of each call. */
  protected readonly callOptions: CallOptions;

  /** Takes how values are read, and the options of each call. */
  constructor(as: Readings<B>, call: CallOptions) {
    super();
    this.as = as;
    this.callOptions = call;
  }

  /**
   * Sends any command, given as its words; resolves to the server's reply.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * console.assert(await redis.send(["ECHO", "hello"]) === "hello");
   * ```
   */
  override send(args: readonly Arg[]): Promise<Reply>;
  /** Sends one command; `shape` says how its reply is decoded and parsed. */
  override send<T>(
    args: readonly Arg[],
    shape: Shape<T>,
  ): Promise<NoInfer<T>>;
  override send(
    args: readonly Arg[],
    shape?: Shape<unknown>,
  ): Promise<unknown> {
    if (!Array.isArray(args)) throw noWords(args);
    const { callOptions: call } = this;
    // A copy: the caller may reuse its array before the command is encoded.
    const command = shape === undefined
      ? { args: [...args], shape: this.as.raw }
      : { args, shape };
    return recordSite(call, this.engine.execute<unknown>(command, call));
  }

  /**
   * Collects commands and sends them in one write.
   *
   * They are a transaction (MULTI, EXEC) unless `transaction` is `false`. With a
   * function that returns its commands' promises, resolves to their results;
   * without one, returns a batch to add commands to and execute.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const [stored, visits] = await redis.pipeline((p) => [
   *   p.set("name", "sorrel"),
   *   p.incr("visits"),
   * ]);
   * console.assert(stored === "OK" && visits === 1);
   * ```
   */
  pipeline(options?: PipelineOptions): Pipeline<B>;
  /** Sends the commands of `build`; errors stand in place of results. */
  pipeline<const T extends readonly Promise<unknown>[]>(
    build: Build<B, T>,
    options: PipelineOptions & { raiseOnError: false },
  ): Promise<ResultsOrErrors<T>>;
  /** Sends the commands of `build`. */
  pipeline<const T extends readonly Promise<unknown>[]>(
    build: Build<B, T>,
    options?: PipelineOptions,
  ): Promise<Results<T>>;
  pipeline(
    first: PipelineOptions | Build<B, readonly Promise<unknown>[]> = {},
    options: PipelineOptions = {},
  ): Pipeline<B> | Promise<unknown> {
    checkBuild(first);
    if (typeof first !== "function") options = first;
    checkOptions("pipeline", options, "transaction! raiseOnError!");
    return typeof first === "function"
      ? this.#build(first, options)
      : new Pipeline(this.engine, this.as, first, this.callOptions);
  }

  /**
   * Executes commands as a transaction (MULTI, EXEC): all of them, with no command
   * of another client between them, or none.
   *
   * A command that fails while EXEC runs does not undo the others.
   */
  transaction(options?: ExecuteOptions): Pipeline<B>;
  /** Executes the commands of `build`; errors stand in place of results. */
  transaction<const T extends readonly Promise<unknown>[]>(
    build: Build<B, T>,
    options: ExecuteOptions & { raiseOnError: false },
  ): Promise<ResultsOrErrors<T>>;
  /** Executes the commands of `build`. */
  transaction<const T extends readonly Promise<unknown>[]>(
    build: Build<B, T>,
    options?: ExecuteOptions,
  ): Promise<Results<T>>;
  transaction(
    first: ExecuteOptions | Build<B, readonly Promise<unknown>[]> = {},
    options: ExecuteOptions = {},
  ): Pipeline<B> | Promise<unknown> {
    checkBuild(first);
    if (typeof first !== "function") options = first;
    checkOptions("transaction", options, "raiseOnError!");
    const atomic = { transaction: true };
    return typeof first === "function"
      ? this.#build(first, { ...options, ...atomic })
      : new Pipeline(
        this.engine,
        this.as,
        { ...first, ...atomic },
        this.callOptions,
      );
  }

  async #build(
    build: Build<B, readonly Promise<unknown>[]>,
    options: PipelineOptions,
  ): Promise<unknown[]> {
    const pipeline = new Pipeline(
      this.engine,
      this.as,
      options,
      this.callOptions,
    );
    return await executeBuilt(pipeline, build(pipeline));
  }
}

/** Throws for commands as arrays, as other clients take them. */
function checkBuild(first: unknown): void {
  if (!Array.isArray(first)) return;
  const rule = 'a function returns the commands, such as (p) => [p.get("key")]';
  throw misuse("execute batch", rule, first);
}
