/**
 * Commands for modules and clusters, which this server does not have: known by name,
 * but each replies with an error that says so.
 *
 * @module
 */

import type { CommandSpec } from "./host.ts";
import { err } from "../base/errors.ts";
import { help } from "./help.ts";

const MODULE_HELP = [
  "LIST",
  "    Return a list of loaded modules.",
  "LOAD <path> [<arg> ...]",
  "    Load a module library from <path>, passing to it any optional arguments.",
  "LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
  "    Load a module library from <path>, while passing it module configurations and optional arguments.",
  "UNLOAD <name>",
  "    Unload a module.",
];

const CLUSTER = [
  "ADDSLOTS",
  "ADDSLOTSRANGE",
  "BUMPEPOCH",
  "COUNT-FAILURE-REPORTS",
  "COUNTKEYSINSLOT",
  "DELSLOTS",
  "DELSLOTSRANGE",
  "FAILOVER",
  "FLUSHSLOTS",
  "FORGET",
  "GETKEYSINSLOT",
  "HELP",
  "INFO",
  "KEYSLOT",
  "LINKS",
  "MEET",
  "MIGRATION",
  "MYID",
  "MYSHARDID",
  "NODES",
  "REPLICAS",
  "REPLICATE",
  "RESET",
  "SAVECONFIG",
  "SET-CONFIG-EPOCH",
  "SETSLOT",
  "SHARDS",
  "SLAVES",
  "SLOT-STATS",
  "SLOTS",
  "SYNCSLOTS",
];

/** The commands of this family. */
export const MISSING: readonly CommandSpec[] = [
  {
    name: "CLUSTER",
    subcommands: CLUSTER.map((name) => ({ name, run: noCluster })),
  },
  {
    name: "MODULE",
    subcommands: [
      { name: "HELP", run: help("MODULE", MODULE_HELP) },
      { name: "LIST", run: ({ reply }) => reply.array(0) },
      { name: "LOAD", run: noModules },
      { name: "LOADEX", run: noModules },
      { name: "UNLOAD", run: noModules },
    ],
  },
  { name: "READONLY", run: noCluster },
  { name: "READWRITE", run: noCluster },
  { name: "ASKING", run: noCluster },
];

function noCluster(): void {
  throw err("This instance has cluster support disabled");
}

function noModules(): void {
  throw err("This server has no modules");
}
