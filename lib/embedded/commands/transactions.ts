/**
 * Commands for transactions.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { call } from "../session/dispatch.ts";
import { CommandError, err } from "../base/errors.ts";
import type { Denial } from "../access/selector.ts";
import type { Transaction } from "../session/transaction.ts";

/** The commands of this family. */
export const TRANSACTIONS: readonly CommandSpec[] = [
  {
    name: "MULTI",
    run: multi,
  },
  {
    name: "EXEC",
    run: exec,
  },
  {
    name: "DISCARD",
    run: discard,
  },
  {
    name: "WATCH",
    run: watch,
  },
  {
    name: "UNWATCH",
    run: unwatch,
  },
];

function multi(session: Session): void {
  if (session.transaction !== null) {
    throw err("MULTI calls can not be nested");
  }
  session.transaction = { queue: [], failed: false };
  session.reply.ok();
}

function exec(session: Session): void {
  const { core, transaction, reply } = session;
  if (transaction === null) throw err("EXEC without MULTI");
  core.watches.expire(session);
  const { touched } = session;
  session.transaction = null;
  core.watches.forget(session);
  if (transaction.failed) {
    throw new CommandError(
      "EXECABORT Transaction discarded because of previous errors.",
    );
  }
  if (touched) return reply.nullArray();
  reply.array(transaction.queue.length);
  session.inExec = true;
  runQueue(session, transaction, 0);
  // The queued commands were propagated one by one.
  session.rewrite(null);
}

/** Runs the queued commands from index `from` on. */
function runQueue(
  session: Session,
  transaction: Transaction,
  from: number,
): void {
  const { scripting } = session.core;
  const { queue } = transaction;
  let done = from;
  try {
    while (done < queue.length && !scripting.busy) {
      const { command, args } = queue[done++]!;
      const denial = session.user.check(command, args);
      if (denial === null) call(session, command, args);
      else refuse(session, denial);
    }
  } finally {
    session.inExec = scripting.busy;
  }
  // A script was paused: the other commands run when it ends.
  if (scripting.busy) {
    scripting.whenEnded(() => runQueue(session, transaction, done));
  } else if (from > 0) session.flushLater();
}

const REASONS = {
  command: "no permission to execute the command or subcommand",
  key: "no permission to touch the specified keys",
  channel:
    "no permission to access one of the channels used as arguments to the command",
  auth: "no permission",
};

/** The user's rules changed after the command was queued. */
function refuse(session: Session, denial: Denial): void {
  session.core.aclLog.add(session, denial, session.user.name);
  session.core.statistics.countError("NOPERM");
  session.reply.error(
    `NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ${
      REASONS[denial.reason]
    }`,
  );
}

function discard(session: Session): void {
  if (session.transaction === null) throw err("DISCARD without MULTI");
  session.discard();
  session.reply.ok();
}

function watch(session: Session, args: string[]): void {
  if (session.transaction !== null) {
    throw err("WATCH inside MULTI is not allowed");
  }
  // A watched key has changed already, so EXEC will abort in any case.
  if (!session.touched) {
    for (let i = 1; i < args.length; i++) {
      session.core.watches.add(session, args[i]!);
    }
  }
  session.reply.ok();
}

function unwatch(session: Session): void {
  session.core.watches.forget(session);
  session.reply.ok();
}
