/**
 * Commands that a server without modules and a cluster knows by name:
 * each answers with an error that says so.
 *
 * @module
 */

import type { CommandSpec, Run, Session } from "./host.ts";
import type { Group } from "../model/command.ts";
import { err } from "../base/errors.ts";
import { help } from "./help.ts";

/** A sub-command: name, arity, flags, since, summary. */
type Row = readonly [string, number, string, string, string];

function subcommands(
  group: Group,
  run: Run,
  rows: readonly Row[],
): CommandSpec[] {
  return rows.map(([name, arity, flags, since, summary]) => ({
    name,
    arity,
    flags,
    group,
    since,
    summary,
    run,
  }));
}

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

/** The commands of this family. */
export const MISSING: readonly CommandSpec[] = [
  {
    name: "CLUSTER",
    arity: -2,
    flags: "",
    group: "cluster",
    since: "3.0.0",
    summary: "A container for cluster commands",
    subcommands: subcommands("cluster", noCluster, [
      [
        "ADDSLOTS",
        -3,
        "admin stale no_async_loading",
        "3.0.0",
        "Assign new hash slots to receiving node",
      ],
      [
        "ADDSLOTSRANGE",
        -4,
        "admin stale no_async_loading",
        "7.0.0",
        "Assign new hash slots to receiving node",
      ],
      [
        "BUMPEPOCH",
        2,
        "admin stale no_async_loading",
        "3.0.0",
        "Advance the cluster config epoch",
      ],
      [
        "COUNT-FAILURE-REPORTS",
        3,
        "admin stale",
        "3.0.0",
        "Return the number of failure reports active for a given node",
      ],
      [
        "COUNTKEYSINSLOT",
        3,
        "stale",
        "3.0.0",
        "Return the number of local keys in the specified hash slot",
      ],
      [
        "DELSLOTS",
        -3,
        "admin stale no_async_loading",
        "3.0.0",
        "Set hash slots as unbound in receiving node",
      ],
      [
        "DELSLOTSRANGE",
        -4,
        "admin stale no_async_loading",
        "7.0.0",
        "Set hash slots as unbound in receiving node",
      ],
      [
        "FAILOVER",
        -2,
        "admin stale no_async_loading",
        "3.0.0",
        "Forces a replica to perform a manual failover of its master.",
      ],
      [
        "FLUSHSLOTS",
        2,
        "admin stale no_async_loading",
        "3.0.0",
        "Delete a node's own slots information",
      ],
      [
        "FORGET",
        3,
        "admin stale no_async_loading",
        "3.0.0",
        "Remove a node from the nodes table",
      ],
      [
        "GETKEYSINSLOT",
        4,
        "stale",
        "3.0.0",
        "Return local key names in the specified hash slot",
      ],
      [
        "HELP",
        2,
        "loading stale",
        "5.0.0",
        "Show helpful text about the different subcommands",
      ],
      [
        "INFO",
        2,
        "stale",
        "3.0.0",
        "Provides info about Redis Cluster node state",
      ],
      [
        "KEYSLOT",
        3,
        "stale",
        "3.0.0",
        "Returns the hash slot of the specified key",
      ],
      [
        "LINKS",
        2,
        "stale",
        "7.0.0",
        "Returns a list of all TCP links to and from peer nodes in cluster",
      ],
      [
        "MEET",
        -4,
        "admin stale no_async_loading",
        "3.0.0",
        "Force a node cluster to handshake with another node",
      ],
      ["MYID", 2, "stale", "3.0.0", "Return the node id"],
      ["NODES", 2, "stale", "3.0.0", "Get Cluster config for the node"],
      [
        "REPLICAS",
        3,
        "admin stale",
        "5.0.0",
        "List replica nodes of the specified master node",
      ],
      [
        "REPLICATE",
        3,
        "admin stale no_async_loading",
        "3.0.0",
        "Reconfigure a node as a replica of the specified master node",
      ],
      [
        "RESET",
        -2,
        "admin noscript stale",
        "3.0.0",
        "Reset a Redis Cluster node",
      ],
      [
        "SAVECONFIG",
        2,
        "admin stale no_async_loading",
        "3.0.0",
        "Forces the node to save cluster state on disk",
      ],
      [
        "SET-CONFIG-EPOCH",
        3,
        "admin stale no_async_loading",
        "3.0.0",
        "Set the configuration epoch in a new node",
      ],
      [
        "SETSLOT",
        -4,
        "admin stale no_async_loading",
        "3.0.0",
        "Bind a hash slot to a specific node",
      ],
      [
        "SHARDS",
        2,
        "stale",
        "7.0.0",
        "Get array of cluster slots to node mappings",
      ],
      [
        "SLAVES",
        3,
        "admin stale",
        "3.0.0",
        "List replica nodes of the specified master node",
      ],
      [
        "SLOTS",
        2,
        "stale",
        "3.0.0",
        "Get array of Cluster slot to node mappings",
      ],
    ]),
  },
  {
    name: "MODULE",
    arity: -2,
    flags: "",
    group: "server",
    since: "4.0.0",
    summary: "A container for module commands",
    subcommands: subcommands("server", module, [
      [
        "HELP",
        2,
        "loading stale",
        "5.0.0",
        "Show helpful text about the different subcommands",
      ],
      [
        "LIST",
        2,
        "admin noscript",
        "4.0.0",
        "List all modules loaded by the server",
      ],
      ["LOAD", -3, "admin noscript no_async_loading", "4.0.0", "Load a module"],
      [
        "LOADEX",
        -3,
        "admin noscript no_async_loading",
        "7.0.0",
        "Load a module with extended parameters",
      ],
      [
        "UNLOAD",
        3,
        "admin noscript no_async_loading",
        "4.0.0",
        "Unload a module",
      ],
    ]),
  },
  {
    name: "READONLY",
    arity: 1,
    flags: "loading stale fast",
    group: "cluster",
    since: "3.0.0",
    summary: "Enables read queries for a connection to a cluster replica node",
    run: noCluster,
  },
  {
    name: "READWRITE",
    arity: 1,
    flags: "loading stale fast",
    group: "cluster",
    since: "3.0.0",
    summary: "Disables read queries for a connection to a cluster replica node",
    run: noCluster,
  },
  {
    name: "ASKING",
    arity: 1,
    flags: "fast",
    group: "cluster",
    since: "3.0.0",
    summary: "Sent by cluster clients after an -ASK redirect",
    run: noCluster,
  },
];

function noCluster(): void {
  throw err("This instance has cluster support disabled");
}

const moduleHelp = help("MODULE", MODULE_HELP);

function module(session: Session, args: string[]): void {
  switch (args[1]!.toUpperCase()) {
    case "LIST":
      return session.reply.array(0);
    case "HELP":
      return moduleHelp(session, args);
  }
  throw err("This server has no modules");
}
