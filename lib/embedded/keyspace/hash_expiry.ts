/**
 * Fields of hashes that have expired: deleted when their hash is used, and by
 * the clock of the server.
 *
 * @module
 */

import type { Host } from "./host.ts";
import type { Database } from "./database.ts";
import { HashValue } from "../values/hash.ts";

/** How many hashes of a database are checked at a time. */
const LOOKS = 1000;

/** A database and its server: a session has both. */
interface Keyspace {
  readonly core: Host;
  readonly db: Database;
}

/** The hash of a key, without expired fields. */
export function findHash(
  { core, db }: Keyspace,
  key: string,
): HashValue | undefined {
  const hash = db.get(key, HashValue);
  if (hash === undefined || hash.nextExpiry > core.now) return hash;
  expireFields(core, db, key, hash);
  return hash.size === 0 ? undefined : hash;
}

/** The hash of a key as {@linkcode findHash}; added when there is none. */
export function findOrAddHash({ core, db }: Keyspace, key: string): HashValue {
  const hash = db.getOrAdd(key, HashValue, () => new HashValue());
  if (hash.nextExpiry > core.now) return hash;
  expireFields(core, db, key, hash);
  return db.getOrAdd(key, HashValue, () => new HashValue());
}

/** Deletes expired fields; called by the server's clock. */
export function expireHashes(core: Host): void {
  for (const db of core.databases) {
    let looks = Math.min(db.volatile.size, LOOKS);
    for (const key of db.volatile) {
      if (looks-- === 0) break;
      db.volatile.delete(key);
      const hash = db.peek(key);
      if (!(hash instanceof HashValue)) continue;
      if (hash.nextExpiry <= core.now) expireFields(core, db, key, hash);
      // To the end of the set: the others come first next time.
      if (hash.size > 0 && hash.nextExpiry !== Infinity) db.volatile.add(key);
    }
  }
}

function expireFields(
  core: Host,
  db: Database,
  key: string,
  hash: HashValue,
): void {
  // A replica's fields are deleted by its primary, and visible until then.
  if (core.overdue !== "deleted") return;
  db.keep(key);
  const fields = hash.expire(core.now);
  if (fields.length === 0) return;
  core.propagate(db, ["HDEL", key, ...fields]);
  const { dirty } = core;
  const deleted = db.changed(key);
  // The command that found them did not change the hash.
  core.dirty = dirty;
  if (!core.notifications.active) return;
  core.notifications.tell(db.index, "h", "hexpired", key);
  if (deleted) core.notifications.tell(db.index, "g", "del", key);
}
