/**
 * Commands that save data to disk.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { reasonOf } from "../base/disk.ts";
import { type CommandError, err, syntaxError } from "../base/errors.ts";
import type { Persistence } from "../persistence/persistence.ts";

/** The commands of this family. */
export const PERSISTENCE: readonly CommandSpec[] = [
  {
    name: "BGREWRITEAOF",
    run: rewrite,
  },
  {
    name: "BGSAVE",
    run: saveLater,
  },
  {
    name: "LASTSAVE",
    run: lastSave,
  },
  {
    name: "SAVE",
    run: save,
  },
];

/** The persistence of the server; throws without a directory. */
function persistenceOf({ core }: Session): Persistence {
  if (core.persistence !== null) return core.persistence;
  throw err("This server has no directory to save to");
}

function saving(): CommandError {
  return err("Background save already in progress");
}

function save(session: Session): void {
  const persistence = persistenceOf(session);
  if (persistence.saving) throw saving();
  try {
    persistence.save();
  } catch (error) {
    throw err(`Cannot save: ${(error as Error).message}`);
  }
  session.reply.ok();
}

function saveLater(session: Session, args: string[]): void {
  const scheduled = args[1]?.toUpperCase() === "SCHEDULE";
  if (args.length > 2 || args.length === 2 && !scheduled) throw syntaxError();
  const persistence = persistenceOf(session);
  if (persistence.saving) throw saving();
  const started = persistence.saveLater();
  session.reply.simple(
    `Background saving ${started ? "started" : "scheduled"}`,
  );
}

function lastSave({ core, reply }: Session): void {
  const at = core.persistence?.lastSave ?? core.since;
  reply.integer(Math.floor(at / 1000));
}

function rewrite(session: Session): void {
  const { aof } = persistenceOf(session);
  if (aof.rewriting) {
    throw err("Background append only file rewriting already in progress");
  }
  if (aof.on && aof.error !== null) {
    throw err(
      `Cannot rewrite the append-only file, as it cannot be written: ${
        reasonOf(aof.error)
      }`,
    );
  }
  // After a possible EXEC: its first changes are not in the file yet.
  queueMicrotask(() => aof.rewrite());
  session.reply.simple("Background append only file rewriting started");
}
