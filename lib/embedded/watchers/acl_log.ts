/**
 * What users tried and may not: ACL LOG.
 *
 * @module
 */

import { describe } from "../session/client_list.ts";
import type { Config } from "../base/config.ts";
import type { Denial } from "../access/selector.ts";
import type { Session } from "../session/session.ts";

/** Something that was refused. */
export interface AclEntry extends Denial {
  /** How often within a minute. */
  count: number;
  /** Whether EXEC tried it, or a script. */
  readonly context: "toplevel" | "multi" | "lua";
  /** Who tried it. */
  readonly user: string;
  /** When it was tried last, in ms since 1970. */
  time: number;
  /** The client, as CLIENT INFO shows it. */
  client: string;
}

const MINUTE = 60_000;

/** What was refused, the last one first. */
export class AclLog {
  /** The entries. */
  entries: AclEntry[] = [];
  readonly #config: Config;

  /** Makes it, as long as `config` says. */
  constructor(config: Config) {
    this.#config = config;
  }

  /** Notes that something was refused. */
  add(
    session: Session,
    denial: Denial,
    user: string,
    by: "client" | "script" = "client",
  ): void {
    const time = session.core.now;
    const client = describe(session);
    const context = by === "script"
      ? "lua"
      : session.inExec || session.transaction !== null
      ? "multi"
      : "toplevel";
    const known = this.entries.findIndex((entry) =>
      entry.reason === denial.reason && entry.object === denial.object &&
      entry.context === context && entry.user === user &&
      time - entry.time <= MINUTE
    );
    let entry: AclEntry = { ...denial, count: 1, context, user, time, client };
    if (known >= 0) {
      const [again] = this.entries.splice(known, 1);
      entry = { ...entry, count: again!.count + 1 };
    }
    this.entries.unshift(entry);
    this.entries.length = Math.min(
      this.entries.length,
      this.#config.number("acllog-max-len"),
    );
  }
}
