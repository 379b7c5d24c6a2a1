/**
 * How long commands take: statistics, the slow log, the latency monitor.
 *
 * @module
 */

import { withoutSecrets } from "../access/secrets.ts";
import type { Command } from "../model/command.ts";
import type { Server } from "./server.ts";
import type { Session } from "./session.ts";

/** Commands that are timed together, at most. */
const MOST_TOGETHER = 16;
/** A command with more arguments is timed alone. */
const FEW_ARGUMENTS = 8;

/**
 * Times commands. Reading the clock takes an eighth of the time that a GET takes.
 * So equal short commands that follow each other in a pipeline are timed
 * together, and each counts as taking the mean. Where the sum is slow, as the
 * process was stopped, the slow log names the last one.
 */
export class Stopwatch {
  readonly #core: Server;
  /** The command that is timed together; `null` for none. */
  #command: Command | null = null;
  #calls = 0;
  /** The last call of it. */
  #session: Session | null = null;
  #args: readonly string[] = [];

  /** Makes it for a server. */
  constructor(core: Server) {
    this.#core = core;
  }

  /** A command begins; returns when, by `performance.now()`. */
  begin(command: Command, args: readonly string[]): number {
    const joins = command === this.#command && args.length <= FEW_ARGUMENTS;
    if (!joins) this.settle();
    return this.#core.lap;
  }

  /** A command of a session has ended, which began at a time. */
  end(
    session: Session,
    command: Command,
    args: readonly string[],
    began: number,
  ): void {
    const { slowLog, latency } = this.#core;
    const isShort = command.isShort && args.length <= FEW_ARGUMENTS &&
      !slowLog.isExact && !latency.active;
    if (!isShort) {
      // Those that a script or EXEC ran.
      this.settle();
      return this.#count(session, command, args, began, 1);
    }
    this.#command = command;
    this.#session = session;
    this.#args = args;
    if (++this.#calls === MOST_TOGETHER) this.settle();
  }

  /** Reads the clock for the commands that are timed together. */
  settle(): void {
    const command = this.#command;
    if (command === null) return;
    const calls = this.#calls;
    this.#command = null;
    this.#calls = 0;
    this.#count(this.#session!, command, this.#args, this.#core.lap, calls);
    this.#session = null;
  }

  #count(
    session: Session,
    command: Command,
    args: readonly string[],
    began: number,
    calls: number,
  ): void {
    const core = this.#core;
    core.lap = performance.now();
    const usec = (core.lap - began) * 1000;
    command.count(usec, calls, core.latency.tracksCommands);
    const { flags } = command;
    if (core.slowLog.wants(usec) && !flags.has("skip_slowlog")) {
      core.slowLog.add(session, withoutSecrets(command, args), usec);
    }
    if (core.latency.active) {
      const event = flags.has("fast") ? "fast-command" : "command";
      core.latency.add(event, core.now, usec / 1000);
    }
  }
}
