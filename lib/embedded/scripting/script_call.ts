/**
 * `redis.call`: executes a command for a script.
 *
 * @module
 */

import type { Transport } from "../../net/transport.ts";
import type { ScriptingServer } from "./host.ts";
import type { Command } from "../model/command.ts";
import { call, refusalOfWrite } from "../session/dispatch.ts";
import { Session } from "../session/session.ts";
import type { Value } from "../lua/value.ts";
import { REPLICATE } from "../model/effect.ts";
import type { ScriptRun } from "./run.ts";
import { ReplyReader, tableOf } from "./replies.ts";
import type { LuaTable } from "../lua/table.ts";

/** The transport of a session without a client. */
const NOWHERE: Transport = {
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(),
  [Symbol.dispose]() {},
};

/** The first byte of an error reply: `-`. */
const MINUS = 0x2d;

/** The reply of a command to a script. */
export interface CallResult {
  /** The reply; for an error, a table with the field `err`. */
  readonly value: Value;
  /** Whether it is an error. */
  readonly failed: boolean;
}

/** Executes commands for scripts. */
export class ScriptCall {
  readonly #core: ScriptingServer;
  #session: Session | null = null;

  /** Prepares to run commands of a server. */
  constructor(core: ScriptingServer) {
    this.#core = core;
  }

  /** Begins a script: its commands run as those of its caller. */
  begin(caller: Session): void {
    const session = this.#session ??= this.#create();
    session.caller = caller;
    session.db = caller.db;
    session.user = caller.user;
    session.reply.protocol = 2;
  }

  /** The protocol of the replies to the script's commands. */
  get protocol(): 2 | 3 {
    return this.#session?.reply.protocol ?? 2;
  }

  /** Sets the protocol of these replies: `redis.setresp`. */
  set protocol(protocol: 2 | 3) {
    if (this.#session !== null) this.#session.reply.protocol = protocol;
  }

  /** Executes a command. */
  run(run: ScriptRun, args: string[]): CallResult {
    const core = this.#core;
    const command = this.find(args);
    const refusal = command === undefined
      ? "ERR Unknown Redis command called from script"
      : this.#refusal(run, command, args);
    if (refusal !== null) {
      if (command !== undefined) command.rejected++;
      core.statistics.countError(refusal);
      const value = tableOf("err", refusal);
      value.set("ignore_error_stats_update", true);
      return { value, failed: true };
    }
    const session = this.#session!;
    if (command!.writes) run.wrote = true;
    core.replicate = run.replicate;
    try {
      call(session, command!, args);
    } finally {
      core.replicate = REPLICATE.all;
    }
    const bytes = session.reply.take();
    const value = new ReplyReader(bytes).value();
    const failed = bytes[0] === MINUS;
    // The error was counted when the command failed: do not count it again.
    if (failed) (value as LuaTable).set("ignore_error_stats_update", true);
    return { value, failed };
  }

  /** Finds the command of these arguments. */
  find(args: readonly string[]): Command | undefined {
    const command = this.#core.commands.find(args[0]!);
    if (command?.subcommands == null) return command;
    const sub = args[1]?.toUpperCase();
    return sub === undefined ? command : command.subcommands.get(sub);
  }

  /** Why a command is refused in this script; `null` when it is not. */
  #refusal(
    run: ScriptRun,
    command: Command,
    args: readonly string[],
  ): string | null {
    const core = this.#core;
    if (!command.takes(args.length)) {
      return "ERR Wrong number of args calling Redis command from script";
    }
    if (command.flags.has("noscript") || command.spec.run === undefined) {
      return "ERR This Redis command is not allowed from script";
    }
    const { caller } = run;
    if (!caller.user.unrestricted) {
      const denial = caller.user.check(command, args);
      if (denial !== null) {
        core.aclLog.add(caller, denial, caller.user.name, "script");
        return `ERR The user executing the script can't ${
          DENIALS[denial.reason]
        }`;
      }
    }
    if (command.writes) {
      if (run.readOnly) {
        return "ERR Write commands are not allowed from read-only scripts.";
      }
      const refusal = core.obeys ? null : refusalOfWrite(core);
      if (refusal !== null) return refusal;
    }
    if (command.mayReplicate && core.pause.active) {
      return "ERR May-replicate commands are not allowed when client pause write.";
    }
    const isTooMuch = run.outOfMemory && !run.allowOutOfMemory && !run.wrote &&
      command.flags.has("denyoom") && !core.obeys;
    return isTooMuch
      ? "OOM command not allowed when used memory > 'maxmemory'."
      : null;
  }

  #create(): Session {
    const session = new Session(this.#core, NOWHERE);
    // As in EXEC: no command may block.
    session.inExec = true;
    session.authenticated = true;
    return session;
  }
}

const DENIALS = {
  command: "run this command or subcommand",
  key: "access at least one of the keys mentioned in the command arguments",
  channel: "publish to the channel mentioned in the command",
  auth: "run this command or subcommand",
};
