/**
 * INFO replication.
 *
 * @module
 */

import type { FullServer } from "./host.ts";
import { hostOf } from "../replication/replicas.ts";

/** The section `replication` of INFO. */
export function replicationInfo(
  { config, now, replication, role }: FullServer,
): Record<string, string | number> {
  const { backlog, link, replicas } = replication;
  const fields: Record<string, string | number> = { role };
  if (link !== null) {
    const up = link.state === "connected";
    const seconds = (at: number) =>
      at === 0 ? -1 : Math.max(0, Math.floor((now - at) / 1000));
    fields.master_host = link.host;
    fields.master_port = link.port;
    fields.master_link_status = up ? "up" : "down";
    fields.master_last_io_seconds_ago = up ? seconds(link.heardAt) : -1;
    fields.master_sync_in_progress = link.state === "sync" ? 1 : 0;
    fields.slave_read_repl_offset = replication.offset;
    fields.slave_repl_offset = replication.offset;
    if (!up) fields.master_link_down_since_seconds = seconds(link.downSince);
    // An extra field: in Redis the error is only in its log.
    if (!up && link.error !== "") {
      fields.master_link_error = link.error.replace(/[\r\n]+/g, " ");
    }
    fields.slave_priority = config.get("replica-priority");
    fields.slave_read_only = config.get("replica-read-only") === "yes" ? 1 : 0;
    fields.replica_announced = 1;
  }
  fields.connected_slaves = replicas.size;
  const { good } = replicas;
  if (good !== null) fields.min_slaves_good_slaves = good;
  let i = 0;
  for (const [session, replica] of replicas.all()) {
    const lag = Math.floor((now - replica.acknowledgedAt) / 1000);
    const state = replica.unread > 0 ? "send_bulk" : "online";
    fields[`slave${i++}`] =
      `ip=${hostOf(session, replica)},port=${replica.port},state=${state},` +
      `offset=${replica.offset},lag=${lag}`;
  }
  return {
    ...fields,
    master_failover_state: replication.failover.state,
    master_replid: replication.id,
    master_replid2: replication.oldId,
    master_repl_offset: replication.offset,
    second_repl_offset: replication.oldIdEnd,
    repl_backlog_active: backlog === null ? 0 : 1,
    repl_backlog_size: config.get("repl-backlog-size"),
    repl_backlog_first_byte_offset: backlog === null ? 0 : replication.first,
    repl_backlog_histlen: backlog?.length ?? 0,
  };
}
