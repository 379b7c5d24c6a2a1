/**
 * MEMORY: estimates of the memory in use.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { syntaxError } from "../base/errors.ts";
import {
  estimateKey,
  estimateTotal,
  KEY_OVERHEAD,
} from "../keyspace/memory.ts";
import { clientBytes } from "./info.ts";
import { formatDouble, toInteger } from "../base/numbers.ts";
import { help } from "./help.ts";

const HELP = [
  "DOCTOR",
  "    Return memory problems reports.",
  "MALLOC-STATS",
  "    Return internal statistics report from the memory allocator.",
  "PURGE",
  "    Attempt to purge dirty pages for reclamation by the allocator.",
  "STATS",
  "    Return information about the memory usage of the server.",
  "USAGE <key> [SAMPLES <count>]",
  "    Return memory in bytes used by <key> and its value. Nested values are",
  "    sampled up to <count> times (default: 5, 0 means sample all).",
];

const DOCTOR =
  "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n";

/** The commands of this family. */
export const MEMORY: readonly CommandSpec[] = [
  {
    name: "MEMORY",
    subcommands: [
      {
        name: "DOCTOR",
        run: ({ reply }) => reply.verbatim("txt", DOCTOR),
      },
      {
        name: "HELP",
        run: help("MEMORY", HELP),
      },
      {
        name: "MALLOC-STATS",
        run: ({ reply }) =>
          reply.verbatim(
            "txt",
            "Stats not supported for the current allocator",
          ),
      },
      {
        name: "PURGE",
        run: ({ reply }) => reply.ok(),
      },
      {
        name: "STATS",
        run: stats,
      },
      {
        name: "USAGE",
        run: usage,
      },
    ],
  },
];

function usage({ db, reply }: Session, args: string[]): void {
  for (let i = 3; i < args.length; i += 2) {
    if (args[i]!.toUpperCase() !== "SAMPLES" || i + 1 === args.length) {
      throw syntaxError();
    }
    if (toInteger(args[i + 1]!) < 0) throw syntaxError();
  }
  const value = db.peek(args[2]!);
  if (value === undefined) reply.null();
  else reply.integer(estimateKey(args[2]!, value));
}

function stats({ core, reply }: Session): void {
  const total = estimateTotal(core);
  const keys = core.databases.reduce((sum, db) => sum + db.keys.size, 0);
  const numbers: [string, number][] = [
    ["peak.allocated", total],
    ["total.allocated", total],
    ["startup.allocated", 0],
    ["replication.backlog", core.replication.backlog?.length ?? 0],
    ["clients.slaves", clientBytes(core, "slave")],
    ["clients.normal", clientBytes(core, "normal")],
    ["cluster.links", 0],
    ["aof.buffer", 0],
    ["lua.caches", 0],
    ["functions.caches", 0],
    ["overhead.total", 0],
    ["keys.count", keys],
    ["keys.bytes-per-key", keys === 0 ? 0 : Math.floor(total / keys)],
    ["dataset.bytes", total],
    ["allocator.allocated", core.heap.used],
    ["allocator.active", core.heap.used],
    ["allocator.resident", core.heap.used],
    ["allocator-fragmentation.bytes", 0],
    ["allocator-rss.bytes", 0],
    ["rss-overhead.bytes", 0],
    ["fragmentation.bytes", 0],
  ];
  const used = core.databases.filter(({ keys }) => keys.size > 0);
  reply.map(numbers.length + used.length + 6);
  for (const { index, keys, expires } of used) {
    reply.bulk(`db.${index}`);
    reply.map(2);
    reply.bulk("overhead.hashtable.main");
    reply.integer(keys.size * KEY_OVERHEAD);
    reply.bulk("overhead.hashtable.expires");
    reply.integer(expires.size * KEY_OVERHEAD);
  }
  for (const [name, value] of numbers) {
    reply.bulk(name);
    reply.integer(value);
  }
  const ratios: [string, number][] = [
    ["dataset.percentage", total === 0 ? 0 : 100],
    ["peak.percentage", 100],
    ["allocator-fragmentation.ratio", 1],
    ["allocator-rss.ratio", 1],
    ["rss-overhead.ratio", 1],
    ["fragmentation", 1],
  ];
  for (const [name, value] of ratios) {
    reply.bulk(name);
    reply.double(formatDouble(value));
  }
}
