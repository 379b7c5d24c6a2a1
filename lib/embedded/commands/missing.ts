/**
 * Commands that a server without scripts, modules and a cluster knows by name:
 * each answers with an error that says so.
 *
 * @module
 */

import {
  type CommandSpec,
  type Group,
  numbered,
  type Run,
} from "../model/command.ts";
import { CommandError, err } from "../base/errors.ts";
import type { Session } from "../session/session.ts";
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
    name: "EVAL",
    arity: -3,
    flags: "noscript stale skip_monitor no_mandatory_keys movablekeys",
    keys: numbered(2),
    group: "scripting",
    since: "2.6.0",
    summary: "Execute a Lua script server side",
    run: noScripts,
  },
  {
    name: "EVAL_RO",
    arity: -3,
    flags: "readonly noscript stale skip_monitor no_mandatory_keys movablekeys",
    keys: numbered(2),
    group: "scripting",
    since: "7.0.0",
    summary: "Execute a read-only Lua script server side",
    run: noScripts,
  },
  {
    name: "EVALSHA",
    arity: -3,
    flags: "noscript stale skip_monitor no_mandatory_keys movablekeys",
    keys: numbered(2),
    group: "scripting",
    since: "2.6.0",
    summary: "Execute a Lua script server side",
    run: noScript,
  },
  {
    name: "EVALSHA_RO",
    arity: -3,
    flags: "readonly noscript stale skip_monitor no_mandatory_keys movablekeys",
    keys: numbered(2),
    group: "scripting",
    since: "7.0.0",
    summary: "Execute a read-only Lua script server side",
    run: noScript,
  },
  {
    name: "FCALL",
    arity: -3,
    flags: "noscript stale skip_monitor no_mandatory_keys movablekeys",
    keys: numbered(2),
    group: "scripting",
    since: "7.0.0",
    summary: "Invoke a function",
    run: noScripts,
  },
  {
    name: "FCALL_RO",
    arity: -3,
    flags: "readonly noscript stale skip_monitor no_mandatory_keys movablekeys",
    keys: numbered(2),
    group: "scripting",
    since: "7.0.0",
    summary: "Invoke a read-only function",
    run: noScripts,
  },
  {
    name: "SCRIPT",
    arity: -2,
    flags: "",
    group: "scripting",
    since: "2.6.0",
    summary: "A container for Lua scripts management commands",
    subcommands: subcommands("scripting", noScripts, [
      [
        "DEBUG",
        3,
        "noscript",
        "3.2.0",
        "Set the debug mode for executed scripts.",
      ],
      [
        "EXISTS",
        -3,
        "noscript",
        "2.6.0",
        "Check existence of scripts in the script cache.",
      ],
      [
        "FLUSH",
        -2,
        "noscript",
        "2.6.0",
        "Remove all the scripts from the script cache.",
      ],
      [
        "HELP",
        2,
        "loading stale",
        "5.0.0",
        "Show helpful text about the different subcommands",
      ],
      [
        "KILL",
        2,
        "noscript allow_busy",
        "2.6.0",
        "Kill the script currently in execution.",
      ],
      [
        "LOAD",
        3,
        "noscript stale",
        "2.6.0",
        "Load the specified Lua script into the script cache.",
      ],
    ]),
  },
  {
    name: "FUNCTION",
    arity: -2,
    flags: "",
    group: "scripting",
    since: "7.0.0",
    summary: "A container for function commands",
    subcommands: subcommands("scripting", noScripts, [
      ["DELETE", 3, "write noscript", "7.0.0", "Delete a function by name"],
      [
        "DUMP",
        2,
        "noscript",
        "7.0.0",
        "Dump all functions into a serialized binary payload",
      ],
      ["FLUSH", -2, "write noscript", "7.0.0", "Deleting all functions"],
      [
        "HELP",
        2,
        "loading stale",
        "7.0.0",
        "Show helpful text about the different subcommands",
      ],
      [
        "KILL",
        2,
        "noscript allow_busy",
        "7.0.0",
        "Kill the function currently in execution.",
      ],
      [
        "LIST",
        -2,
        "noscript",
        "7.0.0",
        "List information about all the functions",
      ],
      [
        "LOAD",
        -3,
        "write denyoom noscript",
        "7.0.0",
        "Create a function with the given arguments (name, code, description)",
      ],
      [
        "RESTORE",
        -3,
        "write denyoom noscript",
        "7.0.0",
        "Restore all the functions on the given payload",
      ],
      [
        "STATS",
        2,
        "noscript allow_busy",
        "7.0.0",
        "Return information about the function currently running (name, description, duration)",
      ],
    ]),
  },
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

/** Clients know the code, and try EVAL. */
function noScript(): void {
  throw new CommandError(
    "NOSCRIPT No matching script: this server has no scripting engine",
  );
}

function noScripts(_session: Session, [word]: string[]): void {
  throw err(
    `This server has no scripting engine: ${
      word!.toUpperCase()
    } is not supported`,
  );
}

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
