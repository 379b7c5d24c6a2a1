/**
 * COMMAND: the commands of this server, their flags and keys.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import type { Begin, Find, KeySpec } from "../model/catalogue.ts";
import type { Command, KeyUse } from "../model/command.ts";
import { err, syntaxError } from "../base/errors.ts";
import { matches } from "../base/glob.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { docs } from "./command_docs.ts";
import { help } from "./help.ts";

const HELP = [
  "(no subcommand)",
  "    Return details about all Redis commands.",
  "COUNT",
  "    Return the total number of commands in this Redis server.",
  "LIST",
  "    Return a list of all commands in this Redis server.",
  "INFO [<command-name> ...]",
  "    Return details about multiple Redis commands.",
  "    If no command names are given, documentation details for all",
  "    commands are returned.",
  "DOCS [<command-name> ...]",
  "    Return documentation details about multiple Redis commands.",
  "    If no command names are given, documentation details for all",
  "    commands are returned.",
  "GETKEYS <full-command>",
  "    Return the keys from a full Redis command.",
  "GETKEYSANDFLAGS <full-command>",
  "    Return the keys and the access flags from a full Redis command.",
];

/** The commands of this family. */
export const COMMAND: readonly CommandSpec[] = [
  {
    name: "COMMAND",
    run: all,
    subcommands: [
      {
        name: "COUNT",
        run: ({ core, reply }) => reply.integer(core.commands.byName.size),
      },
      {
        name: "DOCS",
        run: docs,
      },
      {
        name: "GETKEYS",
        run: getKeys,
      },
      {
        name: "GETKEYSANDFLAGS",
        run: getKeysAndFlags,
      },
      {
        name: "HELP",
        run: help("COMMAND", HELP),
      },
      {
        name: "INFO",
        run: infoOf,
      },
      {
        name: "LIST",
        run: list,
      },
    ],
  },
];

function all({ core, reply }: Session): void {
  const { byName } = core.commands;
  reply.array(byName.size);
  for (const command of byName.values()) writeInfo(reply, command);
}

function infoOf(session: Session, args: string[]): void {
  if (args.length === 2) return all(session);
  const { core, reply } = session;
  reply.array(args.length - 2);
  for (const name of args.slice(2)) {
    const command = core.commands.named(name);
    if (command === undefined) reply.nullArray();
    else writeInfo(reply, command);
  }
}

function writeInfo(reply: ReplyEncoder, command: Command): void {
  const { facts, subcommands } = command;
  reply.array(10);
  reply.bulk(command.name);
  reply.integer(facts.arity);
  writeWords(reply, facts.flags);
  for (const place of firstLastStep(facts.keySpecs)) reply.integer(place);
  writeWords(reply, facts.categories.map((name) => `@${name}`));
  reply.set(facts.tips.length);
  for (const tip of facts.tips) reply.bulk(tip);
  reply.set(facts.keySpecs.length);
  for (const keySpec of facts.keySpecs) writeKeySpec(reply, keySpec);
  reply.array(subcommands?.size ?? 0);
  for (const sub of subcommands?.values() ?? []) writeInfo(reply, sub);
}

/** The legacy form of key specifications: merges adjacent ranges into one. */
function firstLastStep(specs: readonly KeySpec[]): readonly number[] {
  let found: [first: number, last: number, step: number] | undefined;
  for (const { begin, find } of specs) {
    if (begin.type !== "index" || find.type !== "range") continue;
    const { index } = begin;
    const last = find.lastkey < 0 ? find.lastkey : index + find.lastkey;
    if (specs.length === 1) return [index, last, find.keystep];
    if (find.keystep !== 1) continue;
    if (found === undefined) found = [index, last, 1];
    else if (found[1] === index - 1) found[1] = last;
  }
  return found ?? [0, 0, 0];
}

function writeWords(reply: ReplyEncoder, words: readonly string[]): void {
  reply.set(words.length);
  for (const word of words) reply.simple(word);
}

function writeKeySpec(reply: ReplyEncoder, spec: KeySpec): void {
  reply.map(spec.notes === "" ? 3 : 4);
  if (spec.notes !== "") {
    reply.bulk("notes");
    reply.bulk(spec.notes);
  }
  reply.bulk("flags");
  writeWords(reply, spec.flags);
  writeSearch(reply, "begin_search", spec.begin);
  writeSearch(reply, "find_keys", spec.find);
}

function writeSearch(
  reply: ReplyEncoder,
  name: string,
  { type, ...fields }: Begin | Find,
): void {
  const entries = Object.entries(fields) as [string, string | number][];
  reply.bulk(name);
  reply.map(2);
  reply.bulk("type");
  reply.bulk(type);
  reply.bulk("spec");
  reply.map(entries.length);
  for (const [field, value] of entries) {
    reply.bulk(field);
    if (typeof value === "string") reply.bulk(value);
    else reply.integer(value);
  }
}

function list({ core, reply }: Session, args: string[]): void {
  const names = [...core.commands.names()];
  if (args.length === 2) return reply.bulks(names);
  const [, , by, kind, value] = args;
  if (args.length !== 5 || by!.toUpperCase() !== "FILTERBY") {
    throw syntaxError();
  }
  switch (kind!.toUpperCase()) {
    case "MODULE":
      return reply.array(0);
    case "ACLCAT":
      return reply.bulks(
        [...core.commands.all()].filter(({ categories }) =>
          categories.has(value!.toLowerCase())
        ).map(({ name }) => name),
      );
    case "PATTERN":
      return reply.bulks(
        names.filter((name) => matches(value!.toLowerCase(), name)),
      );
  }
  throw syntaxError();
}

function keysOf({ core }: Session, args: readonly string[]): KeyUse[] {
  const command = commandOf(core.commands.find(args[0]!), args);
  if (command === undefined) throw err("Invalid command specified");
  if (!command.hasKeys) {
    throw err("The command has no key arguments");
  }
  if (!command.takes(args.length)) {
    throw err("Invalid number of arguments specified for command");
  }
  const keys = command.keysWithFlags(args);
  if (keys.length === 0 && !command.flags.has("no_mandatory_keys")) {
    throw err("Invalid arguments specified for command");
  }
  return keys;
}

function commandOf(
  command: Command | undefined,
  args: readonly string[],
): Command | undefined {
  if (command?.subcommands == null) return command;
  return command.subcommands.get(args[1]?.toUpperCase() ?? "");
}

function getKeys(session: Session, args: string[]): void {
  const words = args.slice(2);
  session.reply.bulks(keysOf(session, words).map(({ at }) => words[at]!));
}

function getKeysAndFlags(session: Session, args: string[]): void {
  const { reply } = session;
  const words = args.slice(2);
  const keys = keysOf(session, words);
  reply.array(keys.length);
  for (const { at, flags } of keys) {
    reply.array(2);
    reply.bulk(words[at]!);
    writeWords(
      reply,
      flags.split(" ").filter((flag) => flag !== "variable_flags"),
    );
  }
}
