/**
 * Up to which sizes Redis holds a value in its compact encoding, and what new
 * streams remember of their producers. OBJECT ENCODING follows the sizes, and so
 * does the order in which small collections are told.
 *
 * The limits are global to the process, as a value does not know its server. With
 * several servers in one process, the last one to be configured sets them.
 *
 * @module
 */

import type { Config } from "../base/config.ts";

/** The settings of redis.conf, each with Redis's default. */
export const LIMITS = {
  "hash-max-listpack-entries": 512,
  "hash-max-listpack-value": 64,
  "set-max-intset-entries": 512,
  "set-max-listpack-entries": 128,
  "set-max-listpack-value": 64,
  "stream-idmp-duration": 100,
  "stream-idmp-maxsize": 100,
  "stream-node-max-bytes": 4096,
  "stream-node-max-entries": 100,
  "zset-max-listpack-entries": 128,
  "zset-max-listpack-value": 64,
};

/** Sets the limits from a configuration, now and on each change. */
export function followLimits(config: Config): void {
  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    LIMITS[name] = config.number(name);
    config.onSet(name, (value) => LIMITS[name] = Number(value));
  }
}
