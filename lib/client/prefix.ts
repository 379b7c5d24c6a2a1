/**
 * A client that puts a prefix in front of all keys.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 * import { withPrefix } from "@sorrel/redis/prefix";
 *
 * await using redis = await connect("redis://localhost:6379");
 * const app = withPrefix(redis, "app:");
 * await app.set("name", "sorrel");
 * console.assert(await redis.get("app:name") === "sorrel");
 * ```
 *
 * @module
 */

import { EngineWrapper } from "./engine_wrapper.ts";
import { LeaseWrapper } from "./lease_wrapper.ts";
import type { Command } from "../connection/command.ts";
import { keysOf } from "../connection/key_positions.ts";
import { upper } from "../connection/words.ts";
import { misuse } from "../errors.ts";
import { encodeText, joinBytes } from "../resp/bytes.ts";
import { checkArgs } from "../resp/encoder.ts";
import type { Arg } from "../resp/reply.ts";
import type {
  BatchOptions,
  CallOptions,
  LeasedEngine,
  PooledEngine,
} from "./engine.ts";
import type { Redis } from "./redis.ts";

/**
 * The same client with `prefix` in front of every key of a command, in pipelines,
 * transactions, leases and scripts too.
 *
 * Keys only: not channels, not the patterns of KEYS and SCAN, and not the keys
 * in replies. A command with unknown key positions is sent unchanged. Closing
 * either client closes both.
 */
export function withPrefix<B extends string | Uint8Array>(
  redis: Redis<B>,
  prefix: string,
): Redis<B> {
  if (typeof prefix !== "string") {
    throw misuse("make client", "its prefix must be a string", prefix);
  }
  return redis.over((engine) => new PrefixedEngine(engine, prefix));
}

/** Puts the prefix before the keys of a command. */
class Prefix {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  key(key: Arg): Arg {
    return key instanceof Uint8Array
      ? joinBytes([encodeText(this.#text), key])
      : `${this.#text}${key}`;
  }

  get text(): string {
    return this.#text;
  }

  command<T>(command: Command<T>): Command<T> {
    const { args } = command;
    const places = [...keysOf(args), ...patternsOf(args)];
    if (places.length === 0) return command;
    // Checked here, because the prefix would turn a wrong argument into a
    // string.
    checkArgs(args);
    const words = args.slice();
    for (const place of places) words[place] = this.key(args[place]!);
    return { ...command, args: words };
  }
}

/** The positions of SORT's patterns, which make keys of elements. */
function patternsOf(args: readonly Arg[]): number[] {
  if (!/^SORT(_RO)?$/.test(upper(args[0]))) return [];
  return [...args.keys()].filter((i) =>
    i > 1 && /^(BY|GET)$/.test(upper(args[i - 1])) &&
    upper(args[i]).includes("*")
  );
}

class PrefixedEngine extends EngineWrapper {
  readonly #prefix: Prefix;

  constructor(engine: PooledEngine, prefix: string) {
    super(engine);
    this.#prefix = new Prefix(prefix);
  }

  override get keyPrefix(): string {
    return super.keyPrefix + this.#prefix.text;
  }

  override async execute<T>(
    command: Command<T>,
    call: CallOptions,
  ): Promise<T> {
    return await this.engine.execute(this.#prefix.command(command), call);
  }

  override async executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    const prefixed = commands.map((command) => this.#prefix.command(command));
    return await this.engine.executeAll(prefixed, batch, call);
  }

  override async lease(call: CallOptions, key?: Arg): Promise<LeasedEngine> {
    const own = key === undefined ? undefined : this.#prefix.key(key);
    return new PrefixedLease(await this.engine.lease(call, own), this.#prefix);
  }
}

class PrefixedLease extends LeaseWrapper {
  readonly #prefix: Prefix;

  constructor(lease: LeasedEngine, prefix: Prefix) {
    super(lease);
    this.#prefix = prefix;
  }

  override async execute<T>(
    command: Command<T>,
    call: CallOptions,
  ): Promise<T> {
    return await this.lease.execute(this.#prefix.command(command), call);
  }

  override async executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    const prefixed = commands.map((command) => this.#prefix.command(command));
    return await this.lease.executeAll(prefixed, batch, call);
  }
}
