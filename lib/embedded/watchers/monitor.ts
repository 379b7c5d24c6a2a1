/**
 * MONITOR: streams every executed command.
 *
 * @module
 */

import { quoteBytes } from "../base/quote.ts";
import type { Session } from "../session/session.ts";

/** The sessions in MONITOR mode. */
export class Monitors {
  readonly #sessions = new Set<Session>();

  /** How many sessions monitor. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Starts to send every command to a session. */
  start(session: Session): void {
    session.monitors = true;
    this.#sessions.add(session);
  }

  /** Stops sending commands to a session. */
  stop(session: Session): void {
    session.monitors = false;
    this.#sessions.delete(session);
  }

  /** Sends an executed command to all monitors. */
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
