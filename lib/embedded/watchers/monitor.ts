/**
 * MONITOR: every command, as it is executed.
 *
 * @module
 */

import { quoteBytes } from "../base/quote.ts";
import type { Session } from "../session/session.ts";

/** Who gets every command. */
export class Monitors {
  readonly #sessions = new Set<Session>();

  /** How many they are. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Lets a session get every command. */
  start(session: Session): void {
    session.monitors = true;
    this.#sessions.add(session);
  }

  /** Ends that. */
  stop(session: Session): void {
    session.monitors = false;
    this.#sessions.delete(session);
  }

  /** Tells of a command that was executed. */
  tell(session: Session, args: readonly string[]): void {
    const micros = Math.floor(
      (performance.timeOrigin + performance.now()) * 1000,
    );
    const time = `${Math.floor(micros / 1e6)}.${
      String(micros % 1e6).padStart(6, "0")
    }`;
    const words = args.map(quoteBytes).join(" ");
    const who = session.caller === null ? session.address : "lua";
    const line = `${time} [${session.db.index} ${who}] ${words}`;
    for (const monitor of this.#sessions) {
      monitor.push((reply) => reply.simple(line));
    }
  }
}
