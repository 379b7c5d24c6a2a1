/**
 * Pipelines and transactions: commands that are sent together.
 *
 * @module
 */

import { Commands } from "../commands/commands.ts";
import { AS_BYTES, AS_TEXT, type Readings } from "../commands/shapes.ts";
import { type Command, nameOf } from "../connection/command.ts";
import { onlyReads } from "../connection/traits.ts";
import { BatchError, ConnectionError, noWords } from "../errors.ts";
import type { Arg, Reply, Shape } from "../resp/reply.ts";
import { callSite, placeAt } from "./call_site.ts";
import { explainOtherNames } from "./elsewhere.ts";
import type { CallOptions, Engine } from "./engine.ts";

/** Options of executing a batch. */
export interface ExecuteOptions {
  /**
   * Whether the first command that failed rejects the whole call with a
   * {@linkcode BatchError}; otherwise errors stand in place of results.
   *
   * @default {true}
   */
  raiseOnError?: boolean;
}

/** Options of a pipeline. */
export interface PipelineOptions extends ExecuteOptions {
  /**
   * Whether the commands are a transaction (MULTI, EXEC), with no command of
   * another client between them. Either way they are sent in one write.
   *
   * @default {true}
   */
  transaction?: boolean;
}

/** The results of a batch, in the order of the promises in its array. */
export type Results<T extends readonly Promise<unknown>[]> = {
  -readonly [K in keyof T]: Awaited<T[K]>;
};

/**
 * The results of a batch, where a failed command has its error in place of a
 * result.
 */
export type ResultsOrErrors<T extends readonly Promise<unknown>[]> = {
  -readonly [K in keyof T]: Awaited<T[K]> | Error;
};

/** The commands of a batch, until it is executed or discarded. */
interface Gathering {
  readonly commands: Command[];
  /** Where each command was called; empty where call sites are not recorded. */
  readonly sites: Error[];
  /** The results; `undefined` before the batch is executed. */
  outcome: Promise<unknown[]> | undefined;
}

/**
 * The promise of a command in a batch. It makes a real promise only when it is
 * awaited, so a thousand commands make one promise, and none is ever unhandled.
 */
class Queued<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "Queued";
  readonly gathering: Gathering;
  readonly index: number;
  readonly #word: Arg | undefined;

  constructor(gathering: Gathering, index: number, word: Arg | undefined) {
    this.gathering = gathering;
    this.index = index;
    this.#word = word;
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result().then(onFulfilled, onRejected);
  }

  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<T | B> {
    return this.#result().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#result().finally(onFinally);
  }

  async #result(): Promise<T> {
    const { outcome } = this.gathering;
    if (outcome === undefined) {
      throw new TypeError(
        `Cannot await ${this.#word} before its batch is executed: return it from the function, or call execute() first`,
      );
    }
    const result = (await outcome)[this.index];
    if (result instanceof Error) throw result;
    return result as T;
  }
}

/**
 * Collects commands instead of sending them: every command of the client, and
 * `execute`.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 *
 * await using redis = await connect("redis://localhost:6379");
 * const pipe = redis.pipeline();
 * pipe.set("visits", 1);
 * pipe.incr("visits");
 * console.assert((await pipe.execute())[1] === 2);
 * ```
 */
export class Pipeline<B extends string | Uint8Array = string>
  extends Commands<B> {
  /** How values are read here: as text, or as bytes. */
  protected override readonly as: Readings<B>;
  readonly #engine: Engine;
  readonly #options: PipelineOptions;
  readonly #call: CallOptions;
  /** Shared with `bytes`, which adds to the same batch. */
  readonly #box: { gathering: Gathering };

  /** Called by `pipeline` and `transaction`. */
  constructor(
    engine: Engine,
    as: Readings<B>,
    options: PipelineOptions,
    call: CallOptions,
    box: { gathering: Gathering } = { gathering: gather() },
  ) {
    super();
    this.as = as;
    this.#engine = engine;
    this.#options = options;
    this.#call = call;
    this.#box = box;
  }

  /** The same batch with values read as bytes, for some of its commands. */
  get bytes(): Pipeline<Uint8Array> {
    return new Pipeline(
      this.#engine,
      AS_BYTES,
      this.#options,
      this.#call,
      this.#box,
    );
  }

  /** How many commands wait to be executed. */
  get length(): number {
    return this.#box.gathering.commands.length;
  }

  /** Adds any command, given as its words. */
  override send(args: readonly Arg[]): Promise<Reply>;
  /** Gathers one command. */
  override send<T>(
    args: readonly Arg[],
    shape: Shape<T>,
  ): Promise<NoInfer<T>>;
  override send(
    args: readonly Arg[],
    shape: Shape<unknown> = this.as.raw,
  ): Promise<unknown> {
    if (!Array.isArray(args)) throw noWords(args);
    const { gathering } = this.#box;
    if (this.#call.callSites) gathering.sites.push(callSite());
    return new Queued(
      gathering,
      // A copy: the caller may reuse its array before the command is encoded.
      gathering.commands.push({
        args: shape === this.as.raw ? [...args] : args,
        shape,
      }) - 1,
      args[0],
    );
  }

  /**
   * Sends the commands in one write and resolves to their results in order;
   * afterwards the batch is empty and can be used again.
   *
   * An empty batch resolves to `[]` and sends nothing. Rejects with a
   * {@linkcode BatchError} when a command failed, unless `raiseOnError` is
   * `false`.
   */
  async execute(options: ExecuteOptions = {}): Promise<unknown[]> {
    const { raiseOnError, transaction = true } = {
      ...this.#options,
      ...options,
    };
    const { gathering } = this.#box;
    this.#box.gathering = gather();
    const { commands, sites } = gathering;
    const outcome = this.#engine.executeAll(
      commands,
      { atomic: transaction },
      this.#call,
    );
    gathering.outcome = this.#call.callSites
      ? placeAll(outcome, sites)
      : outcome;
    const results = await gathering.outcome;
    if (raiseOnError ?? true) raise(results, gathering);
    return results;
  }

  /** Drops the commands; nothing is sent. */
  discard(): void {
    this.#box.gathering = gather();
  }

  /**
   * The index of a promise's command in the batch, if it is one of them.
   *
   * @internal
   */
  placeOf(promise: unknown): number | undefined {
    return promise instanceof Queued &&
        promise.gathering === this.#box.gathering
      ? promise.index
      : undefined;
  }
}

/** Commands in a chain, `pipe.get("a").incr("b")`, as other clients have them. */
class Chained extends Commands<string> {
  protected override readonly as: Readings<string> = AS_TEXT;

  execute(): never {
    return this.send(["execute()"]);
  }

  override send([name]: readonly Arg[]): never {
    throw new TypeError(
      `Cannot call ${name} on the promise of a command: call it on the pipeline`,
    );
  }
}

explainOtherNames(Commands.prototype);
Object.setPrototypeOf(Queued.prototype, new Chained());

/**
 * Executes the commands of `build`, and returns the results in the places of the
 * promises that it returned.
 *
 * @internal
 */
export async function executeBuilt<B extends string | Uint8Array>(
  pipeline: Pipeline<B>,
  built: readonly Promise<unknown>[],
): Promise<unknown[]> {
  if (!Array.isArray(built)) {
    pipeline.discard();
    // An async function that awaited a command rejects with the same error.
    Promise.resolve(built).catch(() => {});
    throw new TypeError(
      "Cannot execute batch as its function must return an array of its commands' promises: it is not async, and awaits nothing",
    );
  }
  const places = Array.from(built, (promise, i) => {
    const place = pipeline.placeOf(promise);
    if (place !== undefined) return place;
    pipeline.discard();
    throw new TypeError(
      `Cannot execute batch as element ${i} of the returned array is not one of its commands`,
    );
  });
  const results = await pipeline.execute();
  return places.map((place) => results[place]);
}

function gather(): Gathering {
  return { commands: [], sites: [], outcome: undefined };
}

function raise(
  results: readonly unknown[],
  { commands, sites }: Gathering,
): void {
  for (let i = 0; i < results.length; i++) {
    const result = results[i];
    if (!(result instanceof Error)) continue;
    const error = new BatchError(i, nameOf(commands[i]!), result);
    if (!(result instanceof ConnectionError)) throw placeAt(error, sites[i]);
    // One of several nodes was lost: the others have executed their commands.
    const Kind = result.constructor as typeof ConnectionError;
    const lost = new Kind(error.message, {
      cause: result,
      maybeExecuted: results.some((each, k) =>
        mayHaveExecuted(each, commands[k]!)
      ),
    });
    throw placeAt(lost, sites[i]);
  }
}

/** Whether the command of an outcome may have changed something. */
function mayHaveExecuted(result: unknown, { args }: Command): boolean {
  if (result instanceof ConnectionError) return result.maybeExecuted;
  return !(result instanceof Error) && !onlyReads(args);
}

/** The results. The error of a command names the line of that command; an error of all names the line of this call. */
async function placeAll(
  outcome: Promise<unknown[]>,
  sites: readonly Error[],
): Promise<unknown[]> {
  const site = callSite();
  try {
    return (await outcome).map((result, i) => placeAt(result, sites[i]));
  } catch (error) {
    const index = error instanceof BatchError ? error.index : -1;
    throw placeAt(error, sites[index] ?? site);
  }
}
