/**
 * How replies about the server become their own types.
 *
 * @module
 */

import { UnexpectedReplyError } from "../errors.ts";
import type { Reply, Shape } from "../resp/reply.ts";
import {
  asIs,
  exact,
  facts,
  list,
  listOf,
  named,
  number,
  orNull,
  pairsOf,
  record,
  shape,
} from "./parsers.ts";

/** A replica, as its master sees it. */
export interface ReplicaState {
  /** The name or IP address of its host. */
  host: string;
  /** The number of its port. */
  port: number;
  /** How far it has followed its master. */
  offset: number;
}

/** What a server is to others. */
export type Role =
  | {
    /** It is a master. */
    role: "master";
    /** How much it has written for its replicas. */
    offset: number;
    /** Those that follow it. */
    replicas: ReplicaState[];
  }
  | {
    /** It is a replica. */
    role: "slave";
    /** The name or IP address of its master's host. */
    host: string;
    /** The number of its master's port. */
    port: number;
    /** Such as `"connected"` or `"sync"`. */
    state: string;
    /** How far it has followed its master; -1 before it does. */
    offset: number;
  }
  | {
    /** It is a sentinel. */
    role: "sentinel";
    /** The names of the masters it watches. */
    masters: string[];
  };

/** A command that took long. */
export interface SlowlogEntry {
  /** Its number in the slow log. */
  id: number;
  /** When it ran, in Unix seconds. */
  time: number;
  /** How long it ran, in microseconds. */
  duration: number;
  /** Its words, as text; long ones are cut. */
  args: string[];
  /** The address of the client that sent it. */
  address: string;
  /** The name of the client that sent it, empty if it has none. */
  name: string;
}

/** A kind of event that took long. */
export interface LatencyEvent {
  /** Its name, such as `"command"` or `"fork"`. */
  event: string;
  /** When it was last seen, in Unix seconds. */
  time: number;
  /** How long the last one took, in milliseconds. */
  latest: number;
  /** How long the longest one took, in milliseconds. */
  highest: number;
}

/** One event that took long. */
export interface LatencySample {
  /** When it was seen, in Unix seconds. */
  time: number;
  /** How long it took, in milliseconds. */
  latency: number;
}

/** How long a command takes. */
export interface LatencyHistogram {
  /** How many times it ran. */
  calls: number;
  /** How many of them took at most this many microseconds. */
  histogram: [microseconds: number, calls: number][];
}

/** What memory is used for, by name; of a database, by name once more. */
export type MemoryStats = Record<string, number | Record<string, number>>;

/** What a server is to others. */
export const role: Shape<Role> = shape((reply): Role => {
  const [role, ...rest] = list(reply, "a role");
  switch (role) {
    case "master": {
      const [offset, replicas] = rest as [Reply, Reply];
      return {
        role,
        offset: exact(offset),
        replicas: list(replicas, "replicas").map((replica) => {
          const [host, port, offset] = replica as [string, Reply, Reply];
          return { host, port: number(port), offset: number(offset) };
        }),
      };
    }
    case "slave": {
      const [host, port, state, offset] = rest as [
        string,
        number,
        string,
        number,
      ];
      return { role, host, port, state, offset };
    }
    case "sentinel":
      return { role, masters: rest[0] as string[] };
    default:
      throw new UnexpectedReplyError("a role", reply);
  }
});

/** The entries of the slow log. */
export const slowlogEntries: Shape<SlowlogEntry[]> = shape(
  listOf(named<SlowlogEntry>("id time duration args address name")),
);

/** The kinds of events that took long. */
export const latencyEvents: Shape<LatencyEvent[]> = shape(
  listOf(named<LatencyEvent>("event time latest highest")),
);

/** Events that took long. */
export const latencySamples: Shape<LatencySample[]> = shape(
  listOf(named<LatencySample>("time latency")),
);

/** How long commands take, by name. */
export const latencyHistograms: Shape<Record<string, LatencyHistogram>> = shape(
  (reply) =>
    record(reply, (entry): LatencyHistogram => {
      const { calls, histogram_usec: histogram } = record(entry, asIs);
      return {
        calls: exact(calls),
        histogram: pairsOf(exact, exact)(histogram),
      };
    }),
);

/** What memory is used for. */
export const memoryStats: Shape<MemoryStats> = shape((reply) =>
  record(
    reply,
    (value) => Array.isArray(value) ? record(value, number) : number(value),
  )
);

/** What is known of an array, under the server's own field names. */
export interface ArrayInfo {
  /** How many values it has. */
  count: number;
  /** Its greatest index plus 1. */
  len: number;
  /** Where the next value is added. */
  "next-insert-index": number;
  /** How many slices hold it. */
  slices: number;
  /** How many values a slice can hold. */
  "slice-size": number;
  /** How many slices there is room for. */
  "directory-size": number;
  /** How many directories of slices there are, 0 when one suffices. */
  "super-dir-entries": number;
  /** How many slices are dense; only with `full`. */
  "dense-slices"?: number;
  /** How many slices are sparse; only with `full`. */
  "sparse-slices"?: number;
  /** How large dense slices are on average; only with `full`. */
  "avg-dense-size"?: number;
  /** How full dense slices are on average; only with `full`. */
  "avg-dense-fill"?: number;
  /** How large sparse slices are on average; only with `full`. */
  "avg-sparse-size"?: number;
}

/** What is known of an array. */
export const arrayInfo: Shape<ArrayInfo> = shape(facts({
  "avg-dense-size": number,
  "avg-dense-fill": number,
  "avg-sparse-size": number,
}));

/** Which keys were used much, under the server's own field names. */
export interface HotkeysReport<B extends string | Uint8Array> {
  /** 1 while the server looks, 0 when it has stopped. */
  "tracking-active": number;
  /** Of how many commands one is looked at. */
  "sample-ratio": number;
  /** The slots that are looked at: single ones, or the first and last of a range. */
  "selected-slots": number[][];
  /** The microseconds of all commands. */
  "all-commands-all-slots-us": number;
  /** The bytes of all commands. */
  "net-bytes-all-commands-all-slots": number;
  /** The microseconds of all commands on slots that are looked at, if not all are. */
  "all-commands-selected-slots-us"?: number;
  /** The microseconds of those commands among them that were looked at. */
  "sampled-commands-selected-slots-us"?: number;
  /** The bytes of all commands on slots that are looked at, if not all are. */
  "net-bytes-all-commands-selected-slots"?: number;
  /** The bytes of those commands among them that were looked at. */
  "net-bytes-sampled-commands-selected-slots"?: number;
  /** How many milliseconds the server's own code ran, if requested. */
  "total-cpu-time-user-ms"?: number;
  /** How many milliseconds the system ran for the server, if requested. */
  "total-cpu-time-sys-ms"?: number;
  /** How many bytes were received and sent, if requested. */
  "total-net-bytes"?: number;
  /** When the server began, in Unix milliseconds. */
  "collection-start-time-unix-ms": number;
  /** How many milliseconds it looked. */
  "collection-duration-ms": number;
  /** Keys with the microseconds of their commands, if requested. */
  "by-cpu-time-us"?: [key: B, microseconds: number][];
  /** Keys with the bytes received and sent, if requested. */
  "by-net-bytes"?: [key: B, bytes: number][];
  /** Whatever else the server tells. */
  [name: string]: unknown;
}

/** What is known of a vector set, under the server's own field names. */
export interface VectorSetInfo {
  /** How its numbers are stored, such as `"int8"`. */
  "quant-type": string;
  /** How many neighbours an element may have in a layer. */
  "hnsw-m"?: number;
  /** How many dimensions its vectors have. */
  "vector-dim": number;
  /** How many dimensions its vectors had before they were reduced, or 0. */
  "projection-input-dim"?: number;
  /** How many elements it has. */
  size: number;
  /** How many layers it has, from 0. */
  "max-level": number;
  /** How many of its elements have attributes. */
  "attributes-count"?: number;
  /** Its number among vector sets. */
  "vset-uid": number;
  /** The greatest number that one of its elements has. */
  "hnsw-max-node-uid": number;
}

/** What is known of a vector set, or `null`. */
export const vectorSetInfoOrNull: Shape<VectorSetInfo | null> = shape(
  orNull(facts<VectorSetInfo>()),
);

/** How keys are tracked for a connection, under the server's own field names. */
export interface TrackingInfo {
  /** What is switched on, such as `"on"`, `"bcast"` or `"noloop"`. */
  flags: string[];
  /** The connection that gets the messages; 0 for the same one, -1 for none. */
  redirect: number;
  /** The beginnings of the keys that are tracked. */
  prefixes: string[];
}

/** How keys are tracked. */
export const trackingInfo: Shape<TrackingInfo> = shape(facts<TrackingInfo>());

/** A function of a library, under the server's own field names. */
export interface FunctionInfo {
  /** Its name. */
  name: string;
  /** Its description, `null` if it has none. */
  description: string | null;
  /** What it may do, such as `"no-writes"`. */
  flags: string[];
}

/** A library of functions, under the server's own field names. */
export interface LibraryInfo {
  /** Its name. */
  "library_name": string;
  /** What runs it: `"LUA"`. */
  engine: string;
  /** Its functions. */
  functions: FunctionInfo[];
}

/** A library of functions with its source. */
export interface LibraryWithCode extends LibraryInfo {
  /** Its source. */
  "library_code": string;
}

/** What runs functions, under the server's own field names. */
export interface FunctionStats {
  /** The function that runs, `null` when none does. */
  "running_script": {
    /** Its name. */
    name: string;
    /** The words that called it. */
    command: string[];
    /** For how many milliseconds it runs. */
    "duration_ms": number;
  } | null;
  /** How many libraries and functions there are, by engine. */
  engines: Record<
    string,
    {
      /** How many libraries. */
      "libraries_count": number;
      /** How many functions. */
      "functions_count": number;
    }
  >;
}

/** Libraries of functions, with their source if requested. */
export const libraries: Shape<LibraryWithCode[]> = shape(
  listOf(facts<LibraryWithCode>({ functions: listOf(facts()) })),
);

/** What runs functions. */
export const functionStats: Shape<FunctionStats> = shape(
  facts<FunctionStats>({
    "running_script": orNull(facts()),
    engines: (reply) => record(reply, facts()),
  }),
);

/** What a module is, under the server's own field names. */
export interface ModuleInfo {
  /** Its name. */
  name: string;
  /** Its version. */
  ver: number;
  /** The file it was loaded from; since Redis 7.0. */
  path?: string;
  /** The arguments it was loaded with; since Redis 7.0. */
  args?: string[];
}

/** The modules that are loaded. */
export const modules: Shape<ModuleInfo[]> = shape(listOf(facts<ModuleInfo>()));

/** What a user may do, under the server's own field names. */
export interface AclUser {
  /** What is switched on, such as `"on"` or `"nopass"`. */
  flags: string[];
  /** The SHA-256 of each password. */
  passwords: string[];
  /** The rules for commands. */
  commands: string;
  /** The patterns of keys; a list before Redis 7.0. */
  keys: string | string[];
  /** The patterns of channels; a list before Redis 7.0. */
  channels: string | string[];
  /** The rules for databases; since Valkey 9.1. */
  databases?: string;
  /** Further sets of rules; since Redis 7.0. */
  selectors?: {
    /** The rules for commands. */
    commands: string;
    /** The patterns of keys. */
    keys: string;
    /** The patterns of channels. */
    channels: string;
    /** The rules for databases; since Valkey 9.1. */
    databases?: string;
  }[];
}

/** What a user may do, or `null`. */
export const aclUserOrNull: Shape<AclUser | null> = shape(
  orNull(facts<AclUser>({ selectors: listOf(facts()) })),
);

/** Something that a user tried and may not do, under the server's own field names. */
export interface AclLogEntry {
  /** How often, within a minute. */
  count: number;
  /** Why not: `"command"`, `"key"`, `"channel"` or `"auth"`. */
  reason: string;
  /** Where: `"toplevel"`, `"multi"`, `"lua"` or `"module"`. */
  context: string;
  /** What: the command, the key or the channel. */
  object: string;
  /** Who. */
  username: string;
  /** How many seconds ago. */
  "age-seconds": number;
  /** On which connection, as `CLIENT LIST` describes it. */
  "client-info": string;
  /** Its number; since Redis 7.0.10. */
  "entry-id"?: number;
  /** When first, in Unix milliseconds; since Redis 7.0.10. */
  "timestamp-created"?: number;
  /** When last, in Unix milliseconds; since Redis 7.0.10. */
  "timestamp-last-updated"?: number;
}

/** What users tried and may not do. */
export const aclLog: Shape<AclLogEntry[]> = shape(
  listOf(facts<AclLogEntry>({ "age-seconds": number })),
);

/** A command that took long, or was large. */
export interface CommandlogEntry extends Omit<SlowlogEntry, "duration"> {
  /** How long it ran in microseconds, or how large it was in bytes. */
  value: number;
}

/** The entries of the command log. */
export const commandlogEntries: Shape<CommandlogEntry[]> = shape(
  listOf(named<CommandlogEntry>("id time value args address name")),
);

/** What a backup does, under the server's own field names. */
export interface BackupStatus {
  /** `"idle"`, `"pending"`, `"snapshotting"`, `"incrementing"`, `"sealed"` or `"failed"`. */
  state: string;
  /** Why it failed; empty if it did not. */
  error: string;
  /** When it began, in Unix seconds; 0 if it did not. */
  "start_time": number;
  /** When it was sealed, in Unix seconds; 0 if it was not. */
  "end_time": number;
}

/** What a backup does. */
export const backupStatus: Shape<BackupStatus> = shape(
  facts<BackupStatus>({ start_time: number, end_time: number }),
);
