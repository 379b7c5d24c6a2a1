/**
 * Commands about the connection.
 *
 * @module
 */

import type { CommandSpec } from "../command.ts";
import { err, wrongArity } from "../errors.ts";
import type { Session } from "../session.ts";

/** The commands of this family. */
export const CONNECTION: readonly CommandSpec[] = [
  {
    name: "PING",
    arity: -1,
    flags: "fast",
    group: "connection",
    since: "1.0.0",
    summary: "Ping the server",
    run: ping,
  },
  {
    name: "ECHO",
    arity: 2,
    flags: "fast",
    group: "connection",
    since: "1.0.0",
    summary: "Echo the given string",
    run: ({ reply }, [, text]) => reply.bulk(text!),
  },
  {
    name: "SELECT",
    arity: 2,
    flags: "loading stale fast",
    group: "connection",
    since: "1.0.0",
    summary: "Change the selected database for the current connection",
    run: select,
  },
];

function ping({ reply }: Session, args: string[]): void {
  if (args.length > 2) throw wrongArity("ping");
  if (args.length === 1) reply.simple("PONG");
  else reply.bulk(args[1]!);
}

function select(session: Session, [, number]: string[]): void {
  if (!/^-?[0-9]+$/.test(number!)) {
    throw err("value is not an integer or out of range");
  }
  const db = session.core.databases[Number(number)];
  if (db === undefined) throw err("DB index is out of range");
  session.db = db;
  session.reply.ok();
}
