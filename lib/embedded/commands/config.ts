/**
 * CONFIG: the configuration of the server.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { matches } from "../base/glob.ts";
import { help } from "./help.ts";

const HELP = [
  "GET <pattern>",
  "    Return parameters matching the glob-like <pattern> and their values.",
  "SET <directive> <value>",
  "    Set the configuration <directive> to <value>.",
  "RESETSTAT",
  "    Reset statistics reported by the INFO command.",
  "REWRITE",
  "    Rewrite the configuration file.",
];

/** The commands of this family. */
export const CONFIG: readonly CommandSpec[] = [
  {
    name: "CONFIG",
    subcommands: [
      {
        name: "GET",
        run: get,
      },
      {
        name: "HELP",
        run: help("CONFIG", HELP),
      },
      {
        name: "RESETSTAT",
        run: resetStat,
      },
      {
        name: "REWRITE",
        run: rewrite,
      },
      {
        name: "SET",
        run: set,
      },
    ],
  },
];

function get({ core, reply }: Session, args: string[]): void {
  const patterns = args.slice(2).map((pattern) => pattern.toLowerCase());
  const names = [...core.config.names()].filter((name) =>
    core.config.hidden(name)
      ? patterns.includes(name)
      : patterns.some((pattern) => matches(pattern, name))
  );
  reply.map(names.length);
  for (const name of names) {
    reply.bulk(name);
    reply.bulk(
      name === "notify-keyspace-events"
        ? core.notifications.letters
        : core.config.get(name),
    );
  }
}

function set({ core, reply }: Session, args: string[]): void {
  if (args.length % 2 !== 0) throw syntaxError();
  const pairs: [string, string][] = [];
  for (let i = 2; i < args.length; i += 2) pairs.push([args[i]!, args[i + 1]!]);
  core.config.set(pairs);
  reply.ok();
}

function resetStat({ core, reply }: Session): void {
  core.statistics.reset();
  core.commands.forgetCalls();
  reply.ok();
}

function rewrite({ core, reply }: Session): void {
  if (core.configFile === null) {
    throw err("The server is running without a config file");
  }
  try {
    core.configFile.rewrite(core);
  } catch (error) {
    throw err(`Rewriting config file: ${(error as Error).message}`);
  }
  reply.ok();
}
