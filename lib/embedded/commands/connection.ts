/**
 * Commands about the connection.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { VERSION } from "../base/about.ts";
import {
  CommandError,
  err,
  notAnInteger,
  syntaxError,
  wrongArity,
} from "../base/errors.ts";
import { parseInteger } from "../base/numbers.ts";
import { setName } from "./client.ts";

/** The commands of this family. */
export const CONNECTION: readonly CommandSpec[] = [
  {
    name: "PING",
    run: ping,
  },
  {
    name: "ECHO",
    run: ({ reply }, [, text]) => reply.bulk(text!),
  },
  {
    name: "SELECT",
    run: select,
  },
  {
    name: "AUTH",
    run: auth,
  },
  {
    name: "HELLO",
    run: hello,
  },
  {
    name: "QUIT",
    run: quit,
  },
  {
    name: "RESET",
    run: reset,
  },
];

function ping(session: Session, args: string[]): void {
  const { reply } = session;
  if (args.length > 2) throw wrongArity("ping");
  if (session.listens && reply.protocol === 2) {
    reply.array(2);
    reply.bulk("pong");
    reply.bulk(args[1] ?? "");
  } else if (args.length === 1) reply.simple("PONG");
  else reply.bulk(args[1]!);
}

function select(session: Session, [, number]: string[]): void {
  const index = parseInteger(number!);
  if (index === null) throw notAnInteger();
  const db = session.core.databases[Number(index)];
  if (db === undefined) throw err("DB index is out of range");
  session.db = db;
  session.reply.ok();
}

function auth(session: Session, args: string[]): void {
  if (args.length > 3) throw syntaxError();
  const { users } = session.core;
  if (args.length === 2 && users.default.anyPassword) {
    throw err(
      "AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
    );
  }
  const [name, password] = args.length === 2
    ? ["default", args[1]!]
    : [args[1]!, args[2]!];
  logIn(session, name, password, args[0]!);
  session.reply.ok();
}

/** Authenticates a session; `word` is the command, for errors. */
function logIn(
  session: Session,
  name: string,
  password: string,
  word: string,
): void {
  const user = session.core.users.authenticate(name, password);
  if (user === undefined) {
    session.core.aclLog.add(session, { reason: "auth", object: word }, name);
    throw new CommandError(
      "WRONGPASS invalid username-password pair or user is disabled.",
    );
  }
  session.admit(user);
}

function hello(session: Session, args: string[]): void {
  const { core, reply } = session;
  let protocol: 2 | 3 = reply.protocol;
  let at = 1;
  if (args.length > 1) {
    const version = parseInteger(args[at++]!);
    if (version === null) {
      throw err("Protocol version is not an integer or out of range");
    }
    if (version !== 2n && version !== 3n) {
      throw new CommandError("NOPROTO unsupported protocol version");
    }
    protocol = version === 2n ? 2 : 3;
  }
  let login: [string, string] | undefined;
  let name: string | undefined;
  while (at < args.length) {
    const option = args[at]!.toUpperCase();
    const left = args.length - at - 1;
    if (option === "AUTH" && left >= 2) {
      login = [args[at + 1]!, args[at + 2]!];
      at += 3;
    } else if (option === "SETNAME" && left >= 1) {
      name = args[at + 1]!;
      at += 2;
    } else throw err(`Syntax error in HELLO option '${args[at]}'`);
  }
  if (login !== undefined) logIn(session, ...login, args[0]!);
  if (!session.authenticated) {
    throw new CommandError(
      "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
    );
  }
  if (name !== undefined) setName(session, name);
  reply.protocol = protocol;
  reply.map(7);
  reply.bulk("server");
  reply.bulk("redis");
  reply.bulk("version");
  reply.bulk(VERSION);
  reply.bulk("proto");
  reply.integer(protocol);
  reply.bulk("id");
  reply.integer(session.id);
  reply.bulk("mode");
  reply.bulk("standalone");
  reply.bulk("role");
  reply.bulk(core.role === "slave" ? "replica" : "master");
  reply.bulk("modules");
  reply.array(0);
}

function quit(session: Session): void {
  session.closing = true;
  session.reply.ok();
}

function reset(session: Session): void {
  const { core } = session;
  session.discard();
  core.pubsub.forget(session);
  core.tracking.stop(session);
  core.monitors.stop(session);
  session.noEvict = session.noTouch = false;
  session.replies = "on";
  session.name = "";
  session.db = core.databases[0]!;
  session.reply.protocol = 2;
  session.expel();
  session.reply.simple("RESET");
}
