/**
 * CLIENT: the connections, and settings of one's own.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { describe } from "../session/client_list.ts";
import { err, syntaxError } from "../base/errors.ts";
import { parseInteger, toInteger } from "../base/numbers.ts";
import { caching, startOrStop, trackingInfo } from "./client_tracking.ts";
import { help } from "./help.ts";

const HELP = [
  "CACHING (YES|NO)",
  "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
  "GETREDIR",
  "    Return the client ID we are redirecting to when tracking is enabled.",
  "GETNAME",
  "    Return the name of the current connection.",
  "ID",
  "    Return the ID of the current connection.",
  "INFO",
  "    Return information about the current client connection.",
  "KILL <ip:port>",
  "    Kill connection made from <ip:port>.",
  "KILL <option> <value> [<option> <value> [...]]",
  "    Kill connections. Options are:",
  "    * ADDR (<ip:port>|<unixsocket>:0)",
  "      Kill connections made from the specified address",
  "    * LADDR (<ip:port>|<unixsocket>:0)",
  "      Kill connections made to specified local address",
  "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
  "      Kill connections by type.",
  "    * USER <username>",
  "      Kill connections authenticated by <username>.",
  "    * SKIPME (YES|NO)",
  "      Skip killing current connection (default: yes).",
  "    * ID <client-id>",
  "      Kill connections by client id.",
  "    * MAXAGE <maxage>",
  "      Kill connections older than the specified age.",
  "LIST [options ...]",
  "    Return information about client connections. Options:",
  "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
  "      Return clients of specified type.",
  "UNPAUSE",
  "    Stop the current client pause, resuming traffic.",
  "PAUSE <timeout> [WRITE|ALL]",
  "    Suspend all, or just write, clients for <timeout> milliseconds.",
  "REPLY (ON|OFF|SKIP)",
  "    Control the replies sent to the current connection.",
  "SETNAME <name>",
  "    Assign the name <name> to the current connection.",
  "SETINFO <option> <value>",
  "    Set client meta attr. Options are:",
  "    * LIB-NAME: the client lib name.",
  "    * LIB-VER: the client lib version.",
  "UNBLOCK <clientid> [TIMEOUT|ERROR]",
  "    Unblock the specified blocked client.",
  "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
  "         [OPTIN] [OPTOUT] [NOLOOP]",
  "    Control server assisted client side caching.",
  "TRACKINGINFO",
  "    Report tracking status for the current connection.",
  "NO-EVICT (ON|OFF)",
  "    Protect current client connection from eviction.",
  "NO-TOUCH (ON|OFF)",
  "    Will not touch LRU/LFU stats when this mode is on.",
];

/** The commands of this family. */
export const CLIENT: readonly CommandSpec[] = [
  {
    name: "CLIENT",
    subcommands: [
      {
        name: "CACHING",
        run: caching,
      },
      {
        name: "GETNAME",
        run: ({ name, reply }) => reply.bulkOrNull(name === "" ? null : name),
      },
      {
        name: "GETREDIR",
        run: ({ tracked, reply }) => reply.integer(tracked?.redirect ?? -1),
      },
      {
        name: "HELP",
        run: help("CLIENT", HELP),
      },
      {
        name: "ID",
        run: ({ id, reply }) => reply.integer(id),
      },
      {
        name: "INFO",
        run: (session) =>
          session.reply.verbatim("txt", `${describe(session)}\n`),
      },
      {
        name: "KILL",
        run: kill,
      },
      {
        name: "LIST",
        run: list,
      },
      {
        name: "NO-EVICT",
        run: noEvict,
      },
      {
        name: "PAUSE",
        run: pause,
      },
      {
        name: "REPLY",
        run: replies,
      },
      {
        name: "SETNAME",
        run: setNameTo,
      },
      {
        name: "TRACKING",
        run: startOrStop,
      },
      {
        name: "TRACKINGINFO",
        run: trackingInfo,
      },
      {
        name: "UNBLOCK",
        run: unblock,
      },
      {
        name: "UNPAUSE",
        run: unpause,
      },
      {
        name: "NO-TOUCH",
        run: noTouch,
      },
      {
        name: "SETINFO",
        run: setInfo,
      },
    ],
  },
];

const TYPES = ["normal", "master", "replica", "slave", "pubsub"];

function checkType(type: string): string {
  const known = type.toLowerCase();
  if (!TYPES.includes(known)) throw err(`Unknown client type '${type}'`);
  return known === "replica" ? "slave" : known;
}

/** Sets the name of a session; throws when it is invalid. */
export function setName(session: Session, name: string): void {
  if (!/^[!-~]*$/.test(name)) {
    throw err(
      "Client names cannot contain spaces, newlines or special characters.",
    );
  }
  session.name = name;
}

function setNameTo(session: Session, [, , name]: string[]): void {
  setName(session, name!);
  session.reply.ok();
}

/** CLIENT SETINFO, as of Redis 7.2. */
function setInfo(session: Session, [, , attribute, value]: string[]): void {
  const name = attribute!.toLowerCase();
  const at = ({ "lib-name": "name", "lib-ver": "version" } as const)[name];
  if (at === undefined) throw err(`Unrecognized option '${attribute}'`);
  if (!/^[!-~]*$/.test(value!)) {
    throw err(
      `${name} cannot contain spaces, newlines or special characters.`,
    );
  }
  session.library[at] = value!;
  session.reply.ok();
}

function list({ core, reply }: Session, args: string[]): void {
  let sessions = [...core.sessions.values()];
  const option = args[2]?.toUpperCase();
  if (option === "TYPE" && args.length === 4) {
    const type = checkType(args[3]!);
    sessions = sessions.filter((session) => session.type === type);
  } else if (option === "ID" && args.length > 3) {
    sessions = args.slice(3).flatMap((id) => {
      const number = parseInteger(id);
      if (number === null) throw err("Invalid client ID");
      return core.sessions.get(Number(number)) ?? [];
    });
  } else if (option !== undefined) throw syntaxError();
  reply.verbatim(
    "txt",
    sessions.map((session) => `${describe(session)}\n`).join(""),
  );
}

function kill(session: Session, args: string[]): void {
  const { core, reply } = session;
  if (args.length === 3) {
    const found = [...core.sessions.values()].find(({ address }) =>
      address === args[2]
    );
    if (found === undefined) throw err("No such client");
    end(found, session);
    return answer(session, () => reply.ok());
  }
  let skipMe = true;
  const filters: ((session: Session) => boolean)[] = [];
  for (let i = 2; i < args.length; i += 2) {
    const value = args[i + 1];
    if (value === undefined) throw syntaxError();
    switch (args[i]!.toUpperCase()) {
      case "ID": {
        const id = parseInteger(value);
        if (id === null || id <= 0) {
          throw err("client-id should be greater than 0");
        }
        filters.push((other) => other.id === Number(id));
        break;
      }
      case "TYPE": {
        const type = checkType(value);
        filters.push((other) => other.type === type);
        break;
      }
      case "ADDR":
        filters.push(({ address }) => address === value);
        break;
      case "LADDR":
        filters.push(({ local }) => local === value);
        break;
      case "USER": {
        const user = core.users.byName.get(value);
        if (user === undefined) throw err(`No such user '${value}'`);
        filters.push((other) => other.user === user);
        break;
      }
      case "MAXAGE": {
        const age = parseInteger(value);
        if (age === null) throw err("maxage is not an integer or out of range");
        if (age <= 0) throw err("maxage should be greater than 0");
        filters.push(({ since }) => core.now - since >= Number(age) * 1000);
        break;
      }
      case "SKIPME":
        if (!/^(yes|no)$/i.test(value)) throw syntaxError();
        skipMe = /yes/i.test(value);
        break;
      default:
        throw syntaxError();
    }
  }
  let count = 0;
  for (const other of [...core.sessions.values()]) {
    if (skipMe && other === session) continue;
    if (!filters.every((filter) => filter(other))) continue;
    end(other, session);
    count++;
  }
  if (count === 0) reply.integer(0);
  else answer(session, () => reply.integer(count));
}

/** Replies once the killed connections are gone: the next CLIENT LIST has them no more. */
function answer(session: Session, write: () => void): void {
  if (session.inExec || session.closing) write();
  else session.resumeLater(write);
}

/** Closes a session; the calling session gets its reply before that. */
function end(session: Session, by: Session): void {
  if (session === by) session.closing = true;
  else session.close();
}

function isOn(word: string): boolean {
  if (!/^(on|off)$/i.test(word)) throw syntaxError();
  return /^on$/i.test(word);
}

function noEvict(session: Session, [, , word]: string[]): void {
  session.noEvict = isOn(word!);
  session.reply.ok();
}

/** CLIENT NO-TOUCH, as of Redis 7.2. */
function noTouch(session: Session, [, , word]: string[]): void {
  session.noTouch = isOn(word!);
  session.reply.ok();
}

function replies(session: Session, [, , word]: string[]): void {
  switch (word!.toUpperCase()) {
    case "ON":
      session.replies = "on";
      return session.reply.ok();
    case "OFF":
      session.replies = "off";
      return;
    case "SKIP":
      if (session.replies === "on") session.replies = "next";
      return;
  }
  throw syntaxError();
}

function pause({ core, reply }: Session, args: string[]): void {
  if (args.length > 4) throw syntaxError();
  const mode = args[3]?.toUpperCase() ?? "ALL";
  if (mode !== "WRITE" && mode !== "ALL") {
    throw err("CLIENT PAUSE mode must be WRITE or ALL");
  }
  const ms = parseInteger(args[2]!);
  if (ms === null) throw err("timeout is not an integer or out of range");
  if (ms < 0) throw err("timeout is negative");
  core.pause.begin(Number(ms), mode === "WRITE");
  reply.ok();
}

function unpause({ core, reply }: Session): void {
  core.pause.end();
  reply.ok();
}

function unblock({ core, reply }: Session, args: string[]): void {
  if (args.length > 4) throw syntaxError();
  const reason = args[3]?.toUpperCase() ?? "TIMEOUT";
  if (reason !== "TIMEOUT" && reason !== "ERROR") {
    throw err("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  const session = core.sessions.get(toInteger(args[2]!));
  const ended = session !== undefined &&
    (reason === "TIMEOUT"
      ? core.waiting.timeOut(session)
      : core.waiting.end(session, () => {
        session.reply.error(
          "UNBLOCKED client unblocked via CLIENT UNBLOCK",
        );
      }));
  reply.integer(ended ? 1 : 0);
}
