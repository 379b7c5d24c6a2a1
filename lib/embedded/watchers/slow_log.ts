/**
 * SLOWLOG: commands that took long.
 *
 * @module
 */

import type { Config } from "../base/config.ts";
import type { Session } from "../session/session.ts";

/** An entry of SLOWLOG. */
export interface SlowEntry {
  /** Its number. */
  readonly id: number;
  /** When it ran, in s since 1970. */
  readonly time: number;
  /** How long it took, in microseconds. */
  readonly usec: number;
  /** The command, shortened. */
  readonly args: readonly string[];
  /** The address of its client. */
  readonly address: string;
  /** The name of its client. */
  readonly name: string;
}

const MOST_ARGUMENTS = 32;
const LONGEST = 128;

/** The log, newest entry first. */
export class SlowLog {
  /** The entries. */
  entries: SlowEntry[] = [];
  #slowest: number;
  #length: number;
  #lastId = 0;

  /** Makes an empty log that follows `config`. */
  constructor(config: Config) {
    this.#slowest = config.number("slowlog-log-slower-than");
    this.#length = config.number("slowlog-max-len");
    config.onSet("slowlog-log-slower-than", (value) => {
      this.#slowest = Number(value);
    });
    config.onSet("slowlog-max-len", (value) => {
      this.#length = Number(value);
    });
  }

  /** Whether it keeps commands that take less than a millisecond. */
  get isExact(): boolean {
    return this.#slowest >= 0 && this.#slowest < 1000;
  }

  /** Whether a command that took so long is kept. */
  wants(usec: number): boolean {
    return this.#slowest >= 0 && usec >= this.#slowest;
  }

  /** Logs a command. */
  add(session: Session, args: readonly string[], usec: number): void {
    this.entries.unshift({
      id: this.#lastId++,
      time: Math.floor(session.core.now / 1000),
      usec: Math.floor(usec),
      args: shorten(args),
      address: session.address,
      name: session.name,
    });
    this.entries.length = Math.min(this.entries.length, this.#length);
  }
}

function shorten(args: readonly string[]): string[] {
  const short = args.slice(0, MOST_ARGUMENTS).map((arg) =>
    arg.length > LONGEST
      ? `${arg.slice(0, LONGEST)}... (${arg.length - LONGEST} more bytes)`
      : arg
  );
  if (args.length > MOST_ARGUMENTS) {
    const more = args.length - MOST_ARGUMENTS + 1;
    short[MOST_ARGUMENTS - 1] = `... (${more} more arguments)`;
  }
  return short;
}
