/**
 * Commands that propagate the changes of a consumer group to files and replicas.
 *
 * @module
 */

import type { Group, Pending } from "../values/stream_group.ts";
import { formatId } from "../values/stream_id.ts";

/** The XCLAIM that recreates a pending entry in its current state. */
export function claimArguments(
  key: string,
  group: Group,
  { id, consumer, deliveredAt, deliveries }: Pending,
): string[] {
  return [
    "XCLAIM",
    key,
    group.name,
    consumer.name,
    "0",
    formatId(id),
    "TIME",
    String(deliveredAt),
    "RETRYCOUNT",
    String(deliveries),
    "FORCE",
    "JUSTID",
    "LASTID",
    formatId(group.lastId),
  ];
}

/** The command that creates a consumer. */
export function createArguments(
  key: string,
  group: Group,
  name: string,
): string[] {
  return ["XGROUP", "CREATECONSUMER", key, group.name, name];
}

/** The command that sets a group's last id and its count of read entries. */
export function setIdArguments(key: string, group: Group): string[] {
  return [
    "XGROUP",
    "SETID",
    key,
    group.name,
    formatId(group.lastId),
    "ENTRIESREAD",
    String(group.entriesRead),
  ];
}
