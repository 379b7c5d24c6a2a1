/**
 * ACL LOG: denied commands and failed logins.
 *
 * @module
 */

import { describe } from "../session/client_list.ts";
import type { Config } from "../base/config.ts";
import type { Denial } from "../access/selector.ts";
import type { Session } from "../session/session.ts";

/** An entry of ACL LOG. */
export interface AclEntry extends Denial {
  /** How often it occurred within a minute of the last. */
  count: number;
  /** Where the denied command came from: a client, MULTI or a script. */
  readonly context: "toplevel" | "multi" | "lua";
  /** The user. */
  readonly user: string;
  /** When it occurred last, in ms since 1970. */
  time: number;
  /** The client, as CLIENT INFO shows it. */
  client: string;
}

const MINUTE = 60_000;

/** The log, newest entry first. */
export class AclLog {
  /** The entries. */
  entries: AclEntry[] = [];
  readonly #config: Config;

  /** Makes an empty log; `acllog-max-len` of `config` limits it. */
  constructor(config: Config) {
    this.#config = config;
  }

  /** Adds a denial; one like it within the last minute is only counted again. */
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
