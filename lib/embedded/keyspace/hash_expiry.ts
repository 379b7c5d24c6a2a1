/**
 * Deletes expired fields of hashes: when a command uses the hash, and from the
 * server's timer.
 *
 * @module
 */

import type { Host } from "./host.ts";
import type { Database } from "./database.ts";
import { HashValue } from "../values/hash.ts";

/** How many hashes of a database are checked per run. */
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

/** As {@linkcode findHash}; adds an empty hash when there is none. */
export function findOrAddHash({ core, db }: Keyspace, key: string): HashValue {
  const hash = db.getOrAdd(key, HashValue, () => new HashValue());
  if (hash.nextExpiry > core.now) return hash;
  expireFields(core, db, key, hash);
  return db.getOrAdd(key, HashValue, () => new HashValue());
}

/** Deletes expired fields of some hashes; called by the server's timer. */
export function expireHashes(core: Host): void {
  for (const db of core.databases) {
    let looks = Math.min(db.volatile.size, LOOKS);
    for (const key of db.volatile) {
      if (looks-- === 0) break;
      db.volatile.delete(key);
      const hash = db.peek(key);
      if (!(hash instanceof HashValue)) continue;
      if (hash.nextExpiry <= core.now) expireFields(core, db, key, hash);
      // Back to the end of the set, so that the others come first next time.
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
  // A replica keeps expired fields visible until its master deletes them.
  if (core.overdue !== "deleted") return;
  db.keep(key);
  const fields = hash.expire(core.now);
  if (fields.length === 0) return;
  core.propagate(db, ["HDEL", key, ...fields]);
  const { dirty } = core;
  const deleted = db.changed(key);
  // The expiry does not count as a change of the command that noticed it.
  core.dirty = dirty;
  if (!core.notifications.active) return;
  core.notifications.tell(db.index, "h", "hexpired", key);
  if (deleted) core.notifications.tell(db.index, "g", "del", key);
}
