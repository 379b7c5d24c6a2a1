/**
 * Changes of a consumer group as commands, for files and replicas.
 *
 * @module
 */

import type { Group, Pending } from "../values/stream_group.ts";
import { formatId } from "../values/stream_id.ts";

/** Makes an entry pending as it is now. */
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

/** Makes a consumer. */
export function createArguments(
  key: string,
  group: Group,
  name: string,
): string[] {
  return ["XGROUP", "CREATECONSUMER", key, group.name, name];
}

/** Sets how far a group has read. */
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
