/**
 * Keys as the server stores them: how, in how much use, and how they travel to
 * another server.
 *
 * @see https://redis.io/docs/latest/commands/?group=generic
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import { addMany, type AtMostOne, type OneOrMany } from "./arguments.ts";
import { KeyCommands } from "./keys.ts";
import { addOptions, type PointInTime, unixTime } from "./option_words.ts";
import {
  bytesOrNull,
  integerOrNull,
  migrated,
  ok,
  textOrNull,
  texts,
} from "./shapes.ts";

/** The ways to say how long ago, or how often, a restored key was used. */
export interface RestoredUse {
  /** So many seconds ago, for an LRU eviction policy. */
  idletime: number;
  /** So often, from 0 to 255, for an LFU eviction policy. */
  freq: number;
}

/** Options of RESTORE. */
export type RestoreOptions = AtMostOne<RestoredUse> & {
  /**
   * Whether to replace a key that has the same name.
   *
   * @default {false}
   */
  replace?: boolean;
  /**
   * Whether `ttl` is a point in time, in Unix milliseconds, and no duration.
   *
   * @default {false}
   */
  absttl?: boolean;
};

/** The ways to authenticate at another server. */
export interface MigrateAuth {
  /** As the default user, with this password. */
  auth: string;
  /** As this user, with this password. */
  auth2: readonly [username: string, password: string];
}

/** Options of MIGRATE. */
export type MigrateOptions = AtMostOne<MigrateAuth> & {
  /**
   * Whether the keys stay here too.
   *
   * @default {false}
   */
  copy?: boolean;
  /**
   * Whether to replace keys that have the same names there.
   *
   * @default {false}
   */
  replace?: boolean;
};

/** Commands on keys as they are stored. */
export abstract class ObjectCommands<B extends string | Uint8Array>
  extends KeyCommands<B> {
  /**
   * Returns the value of `key` serialized, for {@linkcode ObjectCommands.restore},
   * or `null` when the key does not exist. Always bytes.
   *
   * @see https://redis.io/docs/latest/commands/dump/
   */
  dump(key: Arg): Promise<Uint8Array | null> {
    return this.sendExact(["DUMP", key], bytesOrNull, arguments);
  }

  /**
   * Moves keys to the same names on another server, at most `timeout`
   * milliseconds without progress, and returns `"OK"`, or `"NOKEY"` when none of
   * them exists here.
   *
   * @see https://redis.io/docs/latest/commands/migrate/
   */
  migrate(
    host: string,
    port: number,
    keys: OneOrMany,
    db: number,
    timeout: number,
    options?: MigrateOptions,
  ): Promise<"OK" | "NOKEY"> {
    const words = ["MIGRATE", host, port, "", db, timeout];
    addOptions(words, options, "copy! replace! auth|auth2").push("KEYS");
    return this.send(addMany(words, [keys]), migrated);
  }

  /**
   * Returns how the value of `key` is stored, such as `"listpack"`, or `null`
   * when the key does not exist.
   *
   * @see https://redis.io/docs/latest/commands/object-encoding/
   */
  objectEncoding(key: Arg): Promise<string | null> {
    return this.send(["OBJECT", "ENCODING", key], textOrNull);
  }

  /**
   * Returns how often `key` is used, on a logarithmic scale, or `null` when it
   * does not exist. Redis replies with an error unless its eviction policy is
   * an LFU one.
   *
   * @see https://redis.io/docs/latest/commands/object-freq/
   */
  objectFreq(key: Arg): Promise<number | null> {
    return this.send(["OBJECT", "FREQ", key], integerOrNull);
  }

  /**
   * Returns the help text of `OBJECT`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/object-help/
   */
  objectHelp(): Promise<string[]> {
    return this.send(["OBJECT", "HELP"], texts);
  }

  /**
   * Returns for how many seconds `key` was not used, or `null` when it does not
   * exist. Redis replies with an error when its eviction policy is an LFU one.
   *
   * @see https://redis.io/docs/latest/commands/object-idletime/
   */
  objectIdletime(key: Arg): Promise<number | null> {
    return this.send(["OBJECT", "IDLETIME", key], integerOrNull);
  }

  /**
   * Returns the number of references to the value of `key`, or `null` when the
   * key does not exist.
   *
   * @see https://redis.io/docs/latest/commands/object-refcount/
   */
  objectRefcount(key: Arg): Promise<number | null> {
    return this.send(["OBJECT", "REFCOUNT", key], integerOrNull);
  }

  /**
   * Creates `key` from a value that {@linkcode ObjectCommands.dump} serialized;
   * fails when the key exists and `replace` is not set. It expires after `ttl`
   * milliseconds, with 0 never; with `absttl`, at that Unix time in
   * milliseconds or `Date`.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.set("greeting", "hello");
   * const saved = await redis.dump("greeting");
   * if (saved) await redis.restore("copy", 60_000, saved, { replace: true });
   * console.assert(await redis.get("copy") === "hello");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/restore/
   */
  restore(
    key: Arg,
    ttl: PointInTime,
    serialized: Uint8Array,
    options?: RestoreOptions,
  ): Promise<"OK"> {
    return this.send(
      addOptions(
        ["RESTORE", key, unixTime(ttl, 1), serialized],
        options,
        "replace! absttl! idletime|freq",
      ),
      ok,
    );
  }
}
