/**
 * DUMP and RESTORE: values as bytes that a Redis of the same version can read.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { CommandError, err, syntaxError } from "../base/errors.ts";
import { toBigInt, toTime } from "../base/numbers.ts";
import { dump, restore, verify } from "../rdb/payload.ts";
import type { Value } from "../values/value.ts";

/** The commands of this family. */
export const DUMP: readonly CommandSpec[] = [
  {
    name: "DUMP",
    run: dumpKey,
  },
  {
    name: "RESTORE",
    run: restoreKey,
  },
  {
    name: "RESTORE-ASKING",
    run: restoreKey,
  },
];

function dumpKey({ db, reply }: Session, [, key]: string[]): void {
  const value = db.use(key!);
  reply.bulkOrNull(value && dump(value));
}

function restoreKey(session: Session, args: string[]): void {
  const { core, db, reply } = session;
  const [, key, time, payload] = args as [string, string, string, string];
  const { replace, absolute, idle, uses } = readOptions(args);
  if (!replace && db.peek(key) !== undefined) {
    throw new CommandError("BUSYKEY Target key name already exists.");
  }
  const ttl = toBigInt(time);
  if (ttl < 0n) throw err("Invalid TTL value, must be >= 0");
  const bytes = verify(payload);
  if (bytes === null) throw err("DUMP payload version or checksum are wrong");
  const value = restoreValue(bytes);
  const expiry = ttl === 0n
    ? undefined
    : absolute
    ? toTime(ttl)
    : toTime(ttl + BigInt(core.now));
  if (expiry !== undefined && expiry <= core.past) {
    if (db.delete(key)) {
      session.rewrite(["DEL", key]);
      session.notify("g", "del", key);
    }
    return reply.ok();
  }
  db.set(key, value, expiry);
  if (idle !== undefined) value.used = core.now - idle * 1000;
  if (uses !== undefined) value.uses = uses;
  if (expiry !== undefined && !absolute) {
    const rewritten = [...args, "ABSTTL"];
    rewritten[2] = String(expiry);
    session.rewrite(rewritten);
  }
  session.notify("g", "restore", key);
  reply.ok();
}

interface Options {
  replace: boolean;
  absolute: boolean;
  /** The seconds since its last use. */
  idle?: number;
  /** Its LFU counter. */
  uses?: number;
}

function readOptions(args: readonly string[]): Options {
  const options: Options = { replace: false, absolute: false };
  for (let i = 4; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    const next = args[i + 1];
    if (word === "REPLACE") options.replace = true;
    else if (word === "ABSTTL") options.absolute = true;
    else if (
      word === "IDLETIME" && next !== undefined && options.uses === undefined
    ) {
      const idle = toBigInt(next);
      if (idle < 0n) throw err("Invalid IDLETIME value, must be >= 0");
      options.idle = Number(idle);
      i++;
    } else if (
      word === "FREQ" && next !== undefined && options.idle === undefined
    ) {
      const uses = toBigInt(next);
      if (uses < 0n || uses > 255n) {
        throw err("Invalid FREQ value, must be >= 0 and <= 255");
      }
      options.uses = Number(uses);
      i++;
    } else throw syntaxError();
  }
  return options;
}

function restoreValue(bytes: Uint8Array): Value {
  try {
    return restore(bytes);
  } catch {
    throw err("Bad data format");
  }
}
