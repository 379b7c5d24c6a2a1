/**
 * COMMAND: what the server can do. DOCS tells no arguments and no complexity.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { CATALOGUE, type KeySpec } from "../model/catalogue.ts";
import type { Command, KeyUse } from "../model/command.ts";
import { err, syntaxError } from "../base/errors.ts";
import { matches } from "../base/glob.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { CATEGORY_NAMES } from "../access/selector.ts";
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
    arity: -1,
    flags: "loading stale",
    group: "server",
    since: "2.8.13",
    summary: "Get array of Redis command details",
    run: all,
    subcommands: [
      {
        name: "COUNT",
        arity: 2,
        flags: "loading stale",
        group: "server",
        since: "2.8.13",
        summary: "Get total number of Redis commands",
        run: ({ core, reply }) => reply.integer(core.commands.byName.size),
      },
      {
        name: "DOCS",
        arity: -2,
        flags: "loading stale",
        group: "server",
        since: "7.0.0",
        summary: "Get array of specific Redis command documentation",
        run: docs,
      },
      {
        name: "GETKEYS",
        arity: -4,
        flags: "loading stale",
        group: "server",
        since: "2.8.13",
        summary: "Extract keys given a full Redis command",
        run: getKeys,
      },
      {
        name: "GETKEYSANDFLAGS",
        arity: -4,
        flags: "loading stale",
        group: "server",
        since: "7.0.0",
        summary: "Extract keys and access flags given a full Redis command",
        run: getKeysAndFlags,
      },
      {
        name: "HELP",
        arity: 2,
        flags: "loading stale",
        group: "server",
        since: "5.0.0",
        summary: "Show helpful text about the different subcommands",
        run: help("COMMAND", HELP),
      },
      {
        name: "INFO",
        arity: -2,
        flags: "loading stale",
        group: "server",
        since: "2.8.13",
        summary:
          "Get array of specific Redis command details, or all when no argument is given.",
        run: infoOf,
      },
      {
        name: "LIST",
        arity: -2,
        flags: "loading stale",
        group: "server",
        since: "7.0.0",
        summary: "Get an array of Redis command names",
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
  const { spec, keySpecs, flags, categories, subcommands } = command;
  const tips = CATALOGUE.tips.get(command.name) ?? [];
  reply.array(10);
  reply.bulk(command.name);
  reply.integer(spec.arity);
  // Redis does not tell of this one.
  writeWords(reply, [...flags].filter((flag) => flag !== "may_replicate"));
  for (const place of firstLastStep(command)) reply.integer(place);
  writeWords(
    reply,
    CATEGORY_NAMES.filter((name) => categories.has(name)).map((name) =>
      `@${name}`
    ),
  );
  reply.set(tips.length);
  for (const tip of tips) reply.bulk(tip);
  reply.set(keySpecs.length);
  for (const keySpec of keySpecs) writeKeySpec(reply, keySpec);
  reply.array(subcommands?.size ?? 0);
  for (const sub of subcommands?.values() ?? []) writeInfo(reply, sub);
}

/** The old form of key specs: of the first range, as far as ranges go on. */
function firstLastStep({ spec, keySpecs }: Command): readonly number[] {
  if (Array.isArray(spec.keys)) return spec.keys;
  const [first] = keySpecs;
  if (!first?.begin.startsWith("index") || !first.find.startsWith("range")) {
    return [0, 0, 0];
  }
  const at = Number(first.begin.split(" ")[1]);
  const [, last, step] = first.find.split(" ").map(Number);
  return [at, last! < 0 ? last! : at + last!, step!];
}

function writeWords(reply: ReplyEncoder, words: readonly string[]): void {
  reply.set(words.length);
  for (const word of words) reply.simple(word);
}

function writeKeySpec(reply: ReplyEncoder, spec: KeySpec): void {
  reply.map(spec.notes === undefined ? 3 : 4);
  if (spec.notes !== undefined) {
    reply.bulk("notes");
    reply.bulk(spec.notes);
  }
  reply.bulk("flags");
  writeWords(reply, spec.flags.split(" "));
  writeSearch(reply, "begin_search", spec.begin);
  writeSearch(reply, "find_keys", spec.find);
}

const FIELDS: Record<string, readonly string[]> = {
  index: ["index"],
  keyword: ["keyword", "startfrom"],
  range: ["lastkey", "keystep", "limit"],
  keynum: ["keynumidx", "firstkey", "keystep"],
  unknown: [],
};

function writeSearch(reply: ReplyEncoder, name: string, search: string): void {
  const [type, ...values] = search.split(" ") as [string, ...string[]];
  const fields = FIELDS[type]!;
  reply.bulk(name);
  reply.map(2);
  reply.bulk("type");
  reply.bulk(type);
  reply.bulk("spec");
  reply.map(fields.length);
  for (const [at, field] of fields.entries()) {
    reply.bulk(field);
    if (field === "keyword") reply.bulk(values[at]!);
    else reply.integer(Number(values[at]));
  }
}

function docs({ core, reply }: Session, args: string[]): void {
  const { byName } = core.commands;
  const found = args.length === 2
    ? [...byName.values()]
    : args.slice(2).flatMap((name) => core.commands.named(name) ?? []);
  reply.map(found.length);
  for (const command of found) writeDocs(reply, command);
}

function writeDocs(reply: ReplyEncoder, command: Command): void {
  const { spec, subcommands } = command;
  reply.bulk(command.name);
  reply.map(subcommands === null ? 3 : 4);
  reply.bulk("summary");
  reply.bulk(spec.summary);
  reply.bulk("since");
  reply.bulk(spec.since);
  reply.bulk("group");
  reply.bulk(spec.group);
  if (subcommands === null) return;
  reply.bulk("subcommands");
  reply.map(subcommands.size);
  for (const sub of subcommands.values()) writeDocs(reply, sub);
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
  if (command.spec.keys === undefined) {
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
