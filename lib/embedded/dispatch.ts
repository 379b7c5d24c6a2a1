/**
 * Arguments -> a command, checked and run: Redis's `processCommand`.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { CommandError, err, wrongArity } from "./errors.ts";
import type { Session } from "./session.ts";

/** Executes one command of a session, or queues it behind MULTI. */
export function dispatch(session: Session, args: string[]): void {
  const { core, reply } = session;
  session.lastUse = core.now;
  let command: Command;
  try {
    command = find(session, args);
    check(session, command, args);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (session.transaction !== null) session.transaction.failed = true;
    reply.error(error.message);
    return;
  }
  session.lastCommand = command.name;
  if (session.transaction !== null && !ENDS_MULTI.has(command.name)) {
    session.transaction.queue.push({ command, args });
    reply.simple("QUEUED");
    return;
  }
  call(session, command, args);
}

/** Runs one command that was checked. */
export function call(session: Session, command: Command, args: string[]): void {
  session.core.calls++;
  session.run(args, () => command.spec.run!(session, args));
}

const ENDS_MULTI = new Set([
  "exec",
  "discard",
  "multi",
  "watch",
  "quit",
  "reset",
]);

function find(session: Session, args: string[]): Command {
  const command = session.core.commands.find(args[0]!);
  if (command === undefined) {
    const shown = args.slice(1).map((arg) => `'${arg.slice(0, 128)}' `);
    throw err(
      `unknown command '${args[0]!.slice(0, 128)}', with args beginning with: ${
        shown.join("").slice(0, 128)
      }`,
    );
  }
  if (command.subcommands === null) return command;
  const word = args[1];
  if (word === undefined) {
    if (command.spec.run !== undefined) return command;
    throw wrongArity(command.name);
  }
  const sub = command.subcommands.get(word.toUpperCase());
  if (sub === undefined) {
    throw err(
      `unknown subcommand '${
        word.slice(0, 128)
      }'. Try ${command.spec.name} HELP.`,
    );
  }
  return sub;
}

/** Throws what Redis answers instead of running or queueing a command. */
function check(session: Session, command: Command, args: string[]): void {
  if (!command.takes(args.length)) throw wrongArity(command.name);
  if (!session.authenticated && !command.flags.has("no-auth")) {
    throw new CommandError("NOAUTH Authentication required.");
  }
}
