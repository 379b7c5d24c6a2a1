/**
 * From arguments to an executed command: Redis's `processCommand`.
 *
 * @module
 */

import type { Command } from "../model/command.ts";
import { CommandError, err, shown, wrongArity } from "../base/errors.ts";
import { withoutSecrets } from "../access/secrets.ts";
import type { Denial } from "../access/selector.ts";
import type { Server } from "./server.ts";
import type { Session } from "./session.ts";

/**
 * Executes a session's command, or queues it after MULTI. Returns `false` when a
 * pause holds it back: call again after the pause.
 */
export function dispatch(session: Session, args: string[]): boolean {
  const { core, reply } = session;
  session.lastUse = core.now;
  let command: Command | undefined;
  session.lastCommand = "NULL";
  try {
    command = find(session, args);
    session.lastCommand = command.name;
    check(session, command, args);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (session.transaction !== null) session.transaction.failed = true;
    if (command !== undefined) command.rejected++;
    core.statistics.countError(error.message);
    if (command?.name !== "exec") reply.error(error.message);
    else {
      session.discard();
      const reason = error.message.replace(/^ERR /, "");
      reply.error(`EXECABORT Transaction discarded because of: ${reason}`);
    }
    return true;
  }
  const held = core.pause.active && session.replica === null &&
    core.pause.holds(session, command);
  if (held) return false;
  if (session.transaction !== null && !AT_ONCE.has(command.name)) {
    session.transaction.queue.push({ command, args });
    reply.simple("QUEUED");
    return true;
  }
  call(session, command, args);
  return true;
}

/** Runs a command that passed the checks. */
export function call(session: Session, command: Command, args: string[]): void {
  const { core } = session;
  const began = core.stopwatch.begin(command, args);
  const { current, readsOnly } = core;
  // A script's commands count as those of its caller.
  core.current = session.caller ?? session;
  core.readsOnly = command.reads;
  core.statistics.calls++;
  const succeeded = session.run(args, command.spec.run!);
  core.current = current;
  core.readsOnly = readsOnly;
  if (core.scripting.busy) {
    // The script was paused: it is accounted for when it ends.
    core.scripting.whenEnded(() => account(session, command, args, began));
    return;
  }
  if (!succeeded) command.failed++;
  account(session, command, args, began);
}

/** Notes that a command was executed: for the stopwatch, MONITOR and tracking. */
function account(
  session: Session,
  command: Command,
  args: string[],
  began: number,
): void {
  const { core } = session;
  const caller = session.caller ?? session;
  const { tracked } = caller;
  core.stopwatch.end(caller, command, args, began);
  const { flags } = command;
  if (
    core.monitors.size > 0 && !flags.has("skip_monitor") && !flags.has("admin")
  ) core.monitors.tell(session, withoutSecrets(command, args));
  if (
    tracked !== null && flags.has("readonly") && command.hasKeys
  ) core.tracking.read(caller, command.keysOf(args).map((at) => args[at]!));
}

/** Throws when the session's user lacks permission for a command. */
export function authorize(
  session: Session,
  command: Command,
  args: readonly string[],
): void {
  const denial = session.user.check(command, args);
  if (denial === null) return;
  session.core.aclLog.add(session, denial, session.user.name);
  throw new CommandError(`NOPERM ${explain(session.user.name, denial)}`);
}

/** The error text for a denial. */
function explain(user: string, { reason, object }: Denial): string {
  return reason === "command"
    ? `User ${user} has no permissions to run the '${object}' command`
    : `No permissions to access a ${reason}`;
}

/** Commands that run at once inside MULTI, without being queued. */
export const AT_ONCE: ReadonlySet<string> = new Set([
  "exec",
  "discard",
  "multi",
  "watch",
  "quit",
  "reset",
]);

/** The commands that a RESP2 connection may run while subscribed. */
const WHILE_LISTENING: ReadonlySet<string> = new Set([
  "ping",
  "subscribe",
  "ssubscribe",
  "psubscribe",
  "unsubscribe",
  "sunsubscribe",
  "punsubscribe",
  "quit",
  "reset",
]);

/** Finds the command of these arguments; throws when it does not exist. */
export function find(session: Session, args: string[]): Command {
  const command = session.core.commands.find(args[0]!);
  if (command === undefined) {
    let words = args.length > 1 ? ", with args beginning with: " : "";
    const end = words.length + 128;
    for (let i = 1; i < args.length && words.length < end; i++) {
      words += `'${shown(args[i]!).slice(0, end - words.length)}' `;
    }
    throw err(`unknown command '${shown(args[0]!.slice(0, 128))}'${words}`);
  }
  if (command.subcommands === null) return command;
  const word = args[1];
  if (word === undefined) return command;
  const sub = command.subcommands.get(word.toUpperCase());
  if (sub === undefined) {
    throw err(
      `unknown subcommand '${
        shown(word.slice(0, 128))
      }'. Try ${command.spec.name} HELP.`,
    );
  }
  return sub;
}

/** Throws the error for a command that may not run or be queued now. */
function check(session: Session, command: Command, args: string[]): void {
  const { core } = session;
  if (!command.takes(args.length)) throw wrongArity(command.name);
  if (!session.authenticated && !command.flags.has("no_auth")) {
    throw new CommandError("NOAUTH Authentication required.");
  }
  if (session.transaction !== null && command.flags.has("no_multi")) {
    throw err("Command not allowed inside a transaction");
  }
  if (!session.user.unrestricted) authorize(session, command, args);
  const isFull = core.eviction.limit > 0 && !core.loading.active &&
    core.eviction.makeRoom();
  if (isFull && has(session, command, args, "denyoom")) {
    throw new CommandError(OUT_OF_MEMORY);
  }
  if (core.heap.isFull(core.lap) && has(session, command, args, "denyoom")) {
    throw new CommandError(OUT_OF_HEAP);
  }
  const unsaved = core.persistence?.refusal ?? null;
  if (unsaved !== null && command.name === "ping") {
    throw new CommandError(unsaved);
  }
  const unwritable = refusalOfWrite(core);
  if (unwritable !== null && has(session, command, args, "write")) {
    throw new CommandError(unwritable);
  }
  if (
    session.listens && session.reply.protocol === 2 &&
    !WHILE_LISTENING.has(command.name)
  ) {
    throw err(
      `Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  if (core.loading.active && !mayRunWhileLoading(session, command)) {
    throw new CommandError(LOADING);
  }
  const { refusal } = core.scripting;
  if (refusal !== null && !command.flags.has("allow_busy")) {
    throw new CommandError(refusal);
  }
}

/** Why writes are refused now; `null` when they are not. */
export function refusalOfWrite(core: Server): string | null {
  const unsaved = core.persistence?.refusal ?? null;
  if (unsaved !== null) return unsaved;
  if (core.replication.replicas.tooFew && core.role === "master") {
    return FEW_REPLICAS;
  }
  return core.replication.readOnly ? READ_ONLY : null;
}

/** What most commands are answered while data is loaded. */
export const LOADING = "LOADING Redis is loading the dataset in memory";

const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

const OUT_OF_HEAP =
  "OOM command not allowed when V8's heap is nearly full; see --max-old-space-size.";

const FEW_REPLICAS = "NOREPLICAS Not enough good replicas to write.";

const READ_ONLY = "READONLY You can't write against a read only replica.";

/** Whether a command has a flag; for EXEC, whether a queued command has it. */
function has(
  { core, transaction }: Session,
  command: Command,
  args: readonly string[],
  flag: string,
): boolean {
  if (command.name !== "exec") return command.flagsFor(core, args).has(flag);
  return transaction?.queue.some(({ command, args }) =>
    command.flagsFor(core, args).has(flag)
  ) ?? false;
}

function mayRunWhileLoading(
  { transaction }: Session,
  command: Command,
): boolean {
  const queued = command.name === "exec" ? transaction?.queue ?? [] : [];
  return [{ command }, ...queued].every(({ command }) =>
    command.flags.has("loading")
  );
}
