/**
 * Commands about the server as a whole.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { VERSION } from "../base/about.ts";
import { CommandError, err, syntaxError } from "../base/errors.ts";
import { info } from "./info.ts";

/** The commands of this family. */
export const SERVER: readonly CommandSpec[] = [
  {
    name: "INFO",
    arity: -1,
    flags: "loading stale",
    group: "server",
    since: "1.0.0",
    summary: "Get information and statistics about the server",
    run: (session, args) =>
      session.reply.verbatim("txt", info(session.core, args.slice(1))),
  },
  {
    name: "LOLWUT",
    arity: -1,
    flags: "readonly fast",
    group: "server",
    since: "5.0.0",
    summary: "Display some computer art and the Redis version",
    run: lolwut,
  },
  {
    name: "MONITOR",
    arity: 1,
    flags: "admin noscript loading stale",
    group: "server",
    since: "1.0.0",
    summary: "Listen for all requests received by the server in real time",
    run: monitor,
  },
  {
    name: "SHUTDOWN",
    arity: -1,
    flags: "admin noscript loading stale no_multi allow_busy",
    group: "server",
    since: "1.0.0",
    summary:
      "Synchronously save the dataset to disk and then shut down the server",
    run: shutdown,
  },
  {
    name: "TIME",
    arity: 1,
    flags: "loading stale fast",
    group: "server",
    since: "2.6.0",
    summary: "Return the current server time",
    run: time,
  },
];

function time({ reply }: Session): void {
  const micros = Math.floor(
    (performance.timeOrigin + performance.now()) * 1000,
  );
  reply.array(2);
  reply.bulk(String(Math.floor(micros / 1e6)));
  reply.bulk(String(micros % 1e6));
}

function lolwut({ reply }: Session): void {
  reply.verbatim("txt", `Redis ver. ${VERSION}\n`);
}

function monitor(session: Session): void {
  session.core.monitors.start(session);
  session.reply.ok();
}

function shutdown(session: Session, args: string[]): void {
  const words = args.slice(1).map((word) => word.toUpperCase());
  const known = ["SAVE", "NOSAVE", "NOW", "FORCE", "ABORT"];
  if (!words.every((word) => known.includes(word))) throw syntaxError();
  if (words.includes("ABORT")) {
    if (words.length > 1) throw syntaxError();
    throw err("No shutdown in progress.");
  }
  const { core } = session;
  const { refusal } = core.scripting;
  if (refusal !== null && !words.includes("NOSAVE")) {
    throw new CommandError(refusal);
  }
  try {
    core.persistence?.prepareEnd(
      words.includes("NOSAVE") ? false : words.includes("SAVE") ? true : null,
    );
  } catch {
    if (!words.includes("FORCE")) {
      throw err("Errors trying to SHUTDOWN. Check logs.");
    }
    core.persistence?.prepareEnd(false);
  }
  core.shutDown();
}
