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
    run: (session, args) =>
      session.reply.verbatim("txt", info(session.core, args.slice(1))),
  },
  {
    name: "LOLWUT",
    run: lolwut,
  },
  {
    name: "MONITOR",
    run: monitor,
  },
  {
    name: "SHUTDOWN",
    run: shutdown,
  },
  {
    name: "TIME",
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
  // A load that it ends changes data: that is not saved as SHUTDOWN.
  session.rewrite(null);
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
