/**
 * ACL: users and their permissions.
 *
 * @module
 */

import type { CommandSpec, FullServer, Session } from "./host.ts";
import type { User } from "../access/acl.ts";
import type { AclEntry } from "../watchers/acl_log.ts";
import { err, wrongArity } from "../base/errors.ts";
import { formatDouble, toInteger } from "../base/numbers.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { CATEGORY_NAMES, type Selector } from "../access/selector.ts";
import { help } from "./help.ts";

const HELP = [
  "CAT [<category>]",
  "    List all commands that belong to <category>, or all command categories",
  "    when no category is specified.",
  "DELUSER <username> [<username> ...]",
  "    Delete a list of users.",
  "DRYRUN <username> <command> [<arg> ...]",
  "    Returns whether the user can execute the given command without executing the command.",
  "GETUSER <username>",
  "    Get the user's details.",
  "GENPASS [<bits>]",
  "    Generate a secure 256-bit user password. The optional `bits` argument can",
  "    be used to specify a different size.",
  "LIST",
  "    Show users details in config file format.",
  "LOAD",
  "    Reload users from the ACL file.",
  "LOG [<count> | RESET]",
  "    Show the ACL log entries.",
  "SAVE",
  "    Save the current config to the ACL file.",
  "SETUSER <username> <attribute> [<attribute> ...]",
  "    Create or modify a user with the specified attributes.",
  "USERS",
  "    List all the registered usernames.",
  "WHOAMI",
  "    Return the current connection username.",
];

/** The commands of this family. */
export const ACL: readonly CommandSpec[] = [
  {
    name: "ACL",
    subcommands: [
      {
        name: "CAT",
        run: cat,
      },
      {
        name: "DELUSER",
        run: deleteUsers,
      },
      {
        name: "DRYRUN",
        run: dryRun,
      },
      {
        name: "GENPASS",
        run: generatePassword,
      },
      {
        name: "GETUSER",
        run: getUser,
      },
      {
        name: "HELP",
        run: help("ACL", HELP),
      },
      {
        name: "LIST",
        run: ({ core, reply }) => reply.bulks(sortedUsers(core).map(String)),
      },
      {
        name: "LOAD",
        run: noFile,
      },
      {
        name: "LOG",
        run: log,
      },
      {
        name: "SAVE",
        run: noFile,
      },
      {
        name: "SETUSER",
        run: setUser,
      },
      {
        name: "USERS",
        run: ({ core, reply }) =>
          reply.bulks(sortedUsers(core).map(({ name }) => name)),
      },
      {
        name: "WHOAMI",
        run: ({ reply, user }) => reply.bulk(user.name),
      },
    ],
  },
];

/** The users sorted by name, as Redis keeps them. */
function sortedUsers({ users }: FullServer): User[] {
  return [...users.byName.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

function setUser(
  { core, reply }: Session,
  [, , name, ...rules]: string[],
): void {
  if (/[\s\0]/.test(name!)) {
    throw err("Usernames can't contain spaces or null characters");
  }
  const user = core.users.set(name!, rules);
  // Redis closes connections that are subscribed to channels now forbidden.
  for (const session of [...core.sessions.values()]) {
    if (session.user === user && listensUnduly(session)) session.close();
  }
  reply.ok();
}

function listensUnduly({ user, channels, patterns, shards }: Session): boolean {
  const allows = (name: string, pattern: boolean) =>
    user.selectors.some((selector) => selector.allowsChannel(name, pattern));
  return [...channels, ...shards].some((name) => !allows(name, false)) ||
    [...patterns].some((name) => !allows(name, true));
}

function deleteUsers(session: Session, args: string[]): void {
  const { core, reply } = session;
  const names = args.slice(2);
  if (names.includes("default")) {
    throw err("The 'default' user cannot be removed");
  }
  let count = 0;
  for (const name of names) {
    const user = core.users.byName.get(name);
    if (user === undefined) continue;
    core.users.byName.delete(name);
    count++;
    for (const other of [...core.sessions.values()]) {
      if (other.user !== user) continue;
      if (other === session) session.closing = true;
      else other.close();
    }
  }
  reply.integer(count);
}

function getUser({ core, reply }: Session, [, , name]: string[]): void {
  const user = core.users.byName.get(name!);
  if (user === undefined) return reply.null();
  const [own, ...others] = user.selectors as [Selector, ...Selector[]];
  reply.map(6);
  reply.bulk("flags");
  reply.set(user.flags.length);
  for (const flag of user.flags) reply.bulk(flag);
  reply.bulk("passwords");
  reply.bulks(user.passwords);
  writeSelector(reply, own);
  reply.bulk("selectors");
  reply.array(others.length);
  for (const selector of others) {
    reply.map(3);
    writeSelector(reply, selector);
  }
}

function writeSelector(reply: ReplyEncoder, selector: Selector): void {
  reply.bulk("commands");
  reply.bulk(selector.commands);
  reply.bulk("keys");
  reply.bulk(selector.keys);
  reply.bulk("channels");
  reply.bulk(selector.channels);
}

function cat({ core, reply }: Session, args: string[]): void {
  if (args.length > 3) {
    throw err(
      `unknown subcommand or wrong number of arguments for '${
        args[1]
      }'. Try ACL HELP.`,
    );
  }
  if (args.length === 2) return reply.bulks(CATEGORY_NAMES);
  const category = args[2]!.toLowerCase();
  if (!CATEGORY_NAMES.includes(category)) {
    throw err(`Unknown category '${args[2]}'`);
  }
  reply.bulks(
    [...core.commands.all()].filter((command) =>
      command.categories.has(category)
    ).map((command) => command.name),
  );
}

function generatePassword({ reply }: Session, args: string[]): void {
  if (args.length > 3) {
    throw err(
      `unknown subcommand or wrong number of arguments for '${
        args[1]
      }'. Try ACL HELP.`,
    );
  }
  const bits = args.length > 2 ? toInteger(args[2]!) : 256;
  if (bits <= 0 || bits > 4096) {
    throw err(
      "ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096",
    );
  }
  const digits = Math.ceil(bits / 4);
  const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(digits / 2)));
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  reply.bulk(text.join("").slice(0, digits));
}

function noFile(): void {
  throw err(
    "This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.",
  );
}

function log({ core, reply }: Session, args: string[]): void {
  if (args.length > 3) {
    throw err(
      `unknown subcommand or wrong number of arguments for '${
        args[1]
      }'. Try ACL HELP.`,
    );
  }
  if (args[2]?.toUpperCase() === "RESET") {
    core.aclLog.entries = [];
    return reply.ok();
  }
  const count = args.length > 2 ? Math.max(0, toInteger(args[2]!)) : 10;
  const entries = core.aclLog.entries.slice(0, count);
  reply.array(entries.length);
  for (const entry of entries) writeEntry(reply, entry, core.now);
}

function writeEntry(reply: ReplyEncoder, entry: AclEntry, now: number): void {
  reply.map(7);
  reply.bulk("count");
  reply.integer(entry.count);
  for (const field of ["reason", "context", "object"] as const) {
    reply.bulk(field);
    reply.bulk(entry[field]);
  }
  reply.bulk("username");
  reply.bulk(entry.user);
  reply.bulk("age-seconds");
  reply.double(formatDouble((now - entry.time) / 1000));
  reply.bulk("client-info");
  reply.bulk(entry.client);
}

function dryRun({ core, reply }: Session, [, , name, ...args]: string[]): void {
  const user = core.users.byName.get(name!);
  if (user === undefined) throw err(`User '${name}' not found`);
  const word = core.commands.find(args[0]!);
  const command = word?.subcommands == null
    ? word
    : word.subcommands.get(args[1]?.toUpperCase() ?? "");
  if (command === undefined) throw err(`Command '${args[0]}' not found`);
  if (!command.takes(args.length)) throw wrongArity(command.name);
  const denial = user.check(command, args);
  if (denial === null) return reply.ok();
  const { reason, object } = denial;
  reply.bulk(
    reason === "command"
      ? `User ${name} has no permissions to run the '${object}' command`
      : `User ${name} has no permissions to access the '${object}' ${reason}`,
  );
}
