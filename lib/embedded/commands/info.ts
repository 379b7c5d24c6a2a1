/**
 * INFO: the server's state in numbers.
 *
 * @module
 */

import type { FullServer } from "./host.ts";
import { VERSION } from "../base/about.ts";
import type { BufferClass } from "../base/config.ts";
import { cpuSeconds, processId, residentBytes } from "../base/process.ts";
import { estimateTotal } from "../keyspace/memory.ts";
import { replicationInfo } from "./replication_info.ts";

type Fields = Record<string, string | number>;

const SECTIONS: Record<string, (core: FullServer) => Fields> = {
  server,
  clients,
  memory,
  persistence,
  stats,
  replication: replicationInfo,
  cpu,
  modules: () => ({}),
  commandstats,
  errorstats,
  latencystats,
  cluster: () => ({ cluster_enabled: 0 }),
  keyspace,
};

/** Sections that INFO without arguments leaves out. */
const ON_DEMAND: ReadonlySet<string> = new Set([
  "commandstats",
  "latencystats",
]);

/** The sections with these names, as text. */
export function info(core: FullServer, names: readonly string[]): string {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const all = wanted.has("all") || wanted.has("everything");
  const usual = wanted.size === 0 || wanted.has("default");
  const parts: string[] = [];
  for (const [name, fields] of Object.entries(SECTIONS)) {
    if (!all && !wanted.has(name) && !(usual && !ON_DEMAND.has(name))) continue;
    const title = name === "cpu"
      ? "CPU"
      : name[0]!.toUpperCase() + name.slice(1);
    const lines = Object.entries(fields(core)).map(([field, value]) =>
      `${field}:${value}\r\n`
    );
    parts.push(`# ${title}\r\n${lines.join("")}`);
  }
  return parts.join("\r\n");
}

function server(core: FullServer): Fields {
  const uptime = Math.floor((core.now - core.since) / 1000);
  return {
    redis_version: VERSION,
    redis_git_sha1: "00000000",
    redis_git_dirty: 0,
    redis_build_id: "0",
    redis_mode: "standalone",
    os: "sorrel",
    arch_bits: 64,
    monotonic_clock: "performance.now",
    multiplexing_api: "event loop",
    process_id: processId(),
    process_supervised: "no",
    run_id: core.runId,
    tcp_port: core.config.get("port"),
    server_time_usec: core.now * 1000,
    uptime_in_seconds: uptime,
    uptime_in_days: Math.floor(uptime / 86_400),
    hz: core.config.get("hz"),
    configured_hz: core.config.get("hz"),
    lru_clock: Math.floor(core.now / 1000) & 0xffffff,
    executable: "",
    config_file: "",
    io_threads_active: 0,
  };
}

function clients(core: FullServer): Fields {
  return {
    connected_clients: core.sessions.size,
    cluster_connections: 0,
    maxclients: core.config.get("maxclients"),
    client_recent_max_input_buffer: 0,
    client_recent_max_output_buffer: 0,
    blocked_clients: core.waiting.size,
    tracking_clients: core.tracking.size,
    clients_in_timeout_table: 0,
  };
}

function memory(core: FullServer): Fields {
  const most = core.eviction.limit;
  const used = most > 0 ? core.eviction.used : estimateTotal(core);
  const resident = residentBytes() || core.heap.used;
  return {
    used_memory: used,
    used_memory_human: human(used),
    used_memory_rss: resident,
    used_memory_rss_human: human(resident),
    used_memory_peak: used,
    used_memory_peak_human: human(used),
    used_memory_peak_perc: "100.00%",
    used_memory_overhead: 0,
    used_memory_startup: 0,
    used_memory_dataset: used,
    used_memory_dataset_perc: "100.00%",
    // The limit of this process: the machine's memory needs a permission to read.
    total_system_memory: core.heap.limit,
    total_system_memory_human: human(core.heap.limit),
    maxmemory: most,
    maxmemory_human: human(most),
    maxmemory_policy: core.config.get("maxmemory-policy"),
    number_of_cached_scripts: core.scripting.count,
    number_of_functions: core.scripting.libraries.functionCount,
    number_of_libraries: core.scripting.libraries.count,
    mem_fragmentation_ratio: (used === 0 ? 0 : resident / used).toFixed(2),
    mem_fragmentation_bytes: resident - used,
    mem_not_counted_for_evict: 0,
    mem_replication_backlog: core.replication.backlog?.length ?? 0,
    mem_clients_normal: clientBytes(core, "normal"),
    mem_clients_slaves: clientBytes(core, "slave"),
    mem_cluster_links: 0,
    mem_allocator: "v8",
    active_defrag_running: 0,
    lazyfree_pending_objects: 0,
    lazyfreed_objects: 0,
  };
}

/** Bytes in the input and output buffers of all clients of a class. */
export function clientBytes(core: FullServer, type: BufferClass): number {
  let bytes = 0;
  for (const session of core.sessions.values()) {
    if (session.type !== type) continue;
    bytes += session.pendingInput + session.pendingOutput;
  }
  return bytes;
}

function human(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  const units = ["K", "M", "G", "T"];
  let size = bytes / 1024;
  let unit = 0;
  for (; size >= 1024 && unit < 3; unit++) size /= 1024;
  return `${size.toFixed(2)}${units[unit]}`;
}

function status(error: unknown): "ok" | "err" {
  return error == null ? "ok" : "err";
}

function persistence(core: FullServer): Fields {
  const kept = core.persistence;
  const aof = kept?.aof;
  return {
    loading: core.loading.active ? 1 : 0,
    async_loading: 0,
    // Snapshots fork no process and copy no pages.
    current_cow_size: 0,
    current_fork_perc: "0.00",
    rdb_changes_since_last_save: kept?.changes ?? core.dirty,
    rdb_bgsave_in_progress: Number(kept?.saving ?? false),
    rdb_last_save_time: Math.floor((kept?.lastSave ?? core.since) / 1000),
    rdb_last_bgsave_status: status(kept?.saveError),
    rdb_last_bgsave_time_sec: kept?.lastSaveSeconds ?? -1,
    rdb_current_bgsave_time_sec: kept?.savingSeconds ?? -1,
    rdb_saves: kept?.saves ?? 0,
    rdb_last_cow_size: 0,
    aof_enabled: Number(aof?.on ?? false),
    aof_rewrite_in_progress: Number(aof?.rewriting ?? false),
    aof_rewrite_scheduled: Number(aof?.scheduled ?? false),
    aof_rewrites: aof?.rewrites ?? 0,
    aof_last_bgrewrite_status: status(aof?.rewriteError),
    aof_last_write_status: status(aof?.error),
    aof_last_cow_size: 0,
    module_fork_in_progress: 0,
    ...aof?.on && {
      aof_current_size: aof.size,
      aof_base_size: aof.baseSize,
    },
  };
}

function stats(core: FullServer): Fields {
  let errors = 0;
  for (const count of core.statistics.errors.values()) errors += count;
  return {
    total_connections_received: core.statistics.connections,
    total_commands_processed: core.statistics.calls,
    instantaneous_ops_per_sec: core.statistics.callsPerSecond,
    total_net_input_bytes: core.statistics.bytesRead,
    total_net_output_bytes: core.statistics.bytesWritten,
    instantaneous_input_kbps: core.statistics.kilobytesReadPerSecond.toFixed(2),
    instantaneous_output_kbps: core.statistics.kilobytesWrittenPerSecond
      .toFixed(2),
    rejected_connections: core.statistics.refused,
    total_reads_processed: core.statistics.reads,
    total_writes_processed: core.statistics.writes,
    sync_full: core.replication.replicas.full,
    sync_partial_ok: core.replication.replicas.partial,
    sync_partial_err: core.replication.replicas.partialFailed,
    expired_keys: core.statistics.expirations,
    expired_stale_perc: "0.00",
    expired_time_cap_reached_count: 0,
    evicted_keys: core.statistics.evictions,
    evicted_clients: 0,
    keyspace_hits: core.statistics.hits,
    keyspace_misses: core.statistics.misses,
    pubsub_channels: core.pubsub.channels.size,
    pubsub_patterns: core.pubsub.patterns.size,
    pubsubshard_channels: core.pubsub.shards.size,
    tracking_total_keys: core.tracking.keys,
    tracking_total_items: core.tracking.items,
    tracking_total_prefixes: core.tracking.prefixes,
    total_forks: 0,
    latest_fork_usec: 0,
    migrate_cached_sockets: 0,
    unexpected_error_replies: 0,
    total_error_replies: errors,
  };
}

/** The CPU time of the process, which may do other work, too. */
function cpu(): Fields {
  const { user, system } = cpuSeconds();
  return {
    used_cpu_sys: system.toFixed(6),
    used_cpu_user: user.toFixed(6),
    used_cpu_sys_children: "0.000000",
    used_cpu_user_children: "0.000000",
    used_cpu_sys_main_thread: system.toFixed(6),
    used_cpu_user_main_thread: user.toFixed(6),
  };
}

/** Latency percentiles of each command, rounded up to powers of two. */
function latencystats(core: FullServer): Fields {
  const fields: Fields = {};
  if (!core.latency.tracksCommands) return fields;
  const percents = core.config.get("latency-tracking-info-percentiles")
    .split(" ").filter((percent) => percent !== "");
  for (const { name, calls, durations } of core.commands.all()) {
    if (calls === 0) continue;
    const shown = percents.map((percent) =>
      `p${percent}=${percentile(durations, Number(percent)).toFixed(3)}`
    );
    fields[`latency_percentiles_usec_${name}`] = shown.join(",");
  }
  return fields;
}

function percentile(durations: Uint32Array, percent: number): number {
  const total = durations.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  const power = durations.findIndex((count) =>
    (sum += count) >= total * percent / 100
  );
  return 2 ** power;
}

function commandstats(core: FullServer): Fields {
  const fields: Fields = {};
  for (const { name, calls, usec, rejected, failed } of core.commands.all()) {
    if (calls + rejected === 0) continue;
    const each = calls === 0 ? 0 : usec / calls;
    fields[`cmdstat_${name}`] = `calls=${calls},usec=${
      Math.floor(usec)
    },usec_per_call=${
      each.toFixed(2)
    },rejected_calls=${rejected},failed_calls=${failed}`;
  }
  return fields;
}

function errorstats(core: FullServer): Fields {
  return Object.fromEntries(
    [...core.statistics.errors].map(([code, count]) => [
      `errorstat_${code}`,
      `count=${count}`,
    ]),
  );
}

function keyspace(core: FullServer): Fields {
  const fields: Fields = {};
  for (const { index, keys, expires } of core.databases) {
    if (keys.size === 0) continue;
    fields[`db${index}`] =
      `keys=${keys.size},expires=${expires.size},avg_ttl=0`;
  }
  return fields;
}
