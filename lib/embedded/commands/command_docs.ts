/**
 * COMMAND DOCS: what commands do and which arguments they take. redis-cli makes
 * its hints of that.
 *
 * @module
 */

import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import type { Command } from "../model/command.ts";
import { COMMAND_DOCUMENTS } from "../model/command_documents.ts";
import type { Session } from "./host.ts";

/** The line of each command; read when a client first needs one. */
let lines: Map<string, string> | undefined;

/** COMMAND DOCS: all commands, or those that are named. */
export function docs({ core, reply }: Session, args: string[]): void {
  const { byName } = core.commands;
  const found = args.length === 2
    ? [...byName.values()]
    : args.slice(2).flatMap((name) => core.commands.named(name) ?? []);
  reply.map(found.length);
  for (const command of found) writeDocs(reply, command);
}

/** A reply to a field of a map. */
type Field = [name: string, write: (reply: ReplyEncoder) => void];

function writeDocs(reply: ReplyEncoder, command: Command): void {
  const { name, facts, subcommands } = command;
  lines ??= new Map(
    COMMAND_DOCUMENTS.trim().split("\n").map((line) => [
      line.slice(0, line.indexOf("\t") >>> 0),
      line,
    ]),
  );
  const [, args, complexity, flags, deprecated, replacement, history] =
    (lines.get(name) ?? "").split("\t");
  reply.bulk(name);
  writeFields(reply, [
    ...textField("summary", facts.summary),
    ...textField("since", facts.since),
    ...textField("group", facts.group),
    ...textField("complexity", complexity),
    ...listField("doc_flags", flags ? [flags] : [], (reply, flag) => {
      reply.simple(flag);
    }),
    ...textField("deprecated_since", deprecated),
    ...textField("replaced_by", replacement),
    ...listField("history", history?.split(" | ") ?? [], writeHistory),
    ...listField("arguments", args ? readArguments(args) : [], writeArgument),
    ...subcommands === null ? [] : [
      [
        "subcommands",
        (reply) => {
          reply.map(subcommands.size);
          for (const sub of subcommands.values()) writeDocs(reply, sub);
        },
      ] satisfies Field,
    ],
  ]);
}

function writeFields(reply: ReplyEncoder, fields: readonly Field[]): void {
  reply.map(fields.length);
  for (const [name, write] of fields) {
    reply.bulk(name);
    write(reply);
  }
}

function textField(name: string, text: string | undefined): Field[] {
  return text === undefined || text === ""
    ? []
    : [[name, (reply) => reply.bulk(text)]];
}

function listField<T>(
  name: string,
  list: readonly T[],
  write: (reply: ReplyEncoder, one: T) => void,
): Field[] {
  if (list.length === 0) return [];
  return [[name, (reply) => {
    if (name === "arguments") reply.array(list.length);
    else reply.set(list.length);
    for (const one of list) write(reply, one);
  }]];
}

function writeHistory(reply: ReplyEncoder, entry: string): void {
  const at = entry.indexOf(" ");
  reply.bulks([entry.slice(0, at), entry.slice(at + 1)]);
}

/** An argument, or a group of them. */
interface Argument {
  readonly name: string;
  readonly type: string;
  /** The text that hints show; of a group there is none. */
  readonly display: string;
  /** The number of the key specification that finds it; `""` for none. */
  readonly keySpec: string;
  /** The word before it. */
  readonly token: string | undefined;
  readonly since: string;
  readonly deprecated: string;
  readonly flags: readonly string[];
  readonly inner: readonly Argument[];
}

function writeArgument(reply: ReplyEncoder, argument: Argument): void {
  const { token, keySpec } = argument;
  writeFields(reply, [
    ...textField("name", argument.name),
    ...textField("type", argument.type),
    ...textField("display_text", argument.display),
    ...keySpec === "" ? [] : [
      [
        "key_spec_index",
        (reply) => reply.integer(Number(keySpec)),
      ] satisfies Field,
    ],
    ...token === undefined ? [] : [
      [
        "token",
        (reply) => reply.bulk(token),
      ] satisfies Field,
    ],
    ...textField("since", argument.since),
    ...textField("deprecated_since", argument.deprecated),
    ...listField("flags", argument.flags, (reply, flag) => reply.simple(flag)),
    ...listField("arguments", argument.inner, writeArgument),
  ]);
}

/**
 * An argument up to where a group opens: `'EX'seconds:integer=text#1@2.6.12!7.0.0`
 * is its token, name, type, text to show, key specification, and the versions
 * that brought and deprecated it. All but the name, or the token, may be missing.
 */
const HEAD =
  /(?:'([^']*)')?([\w-]*)(?::([\w-]+))?(?:=([\w:-]+))?(?:#(\d+))?(?:@([\d.]+))?(?:!([\d.]+))?/y;

/** The end of an argument: optional, multiple, multiple with the token. */
const TAIL = /(\?)?(\*)?(\+)?/y;

/**
 * Reads arguments: `(a b)` behind a name is a block, `<a|b>` a choice; then come
 * `?` for an optional argument, `*` for one that repeats, and `+` for one that
 * repeats with its token.
 */
export function readArguments(text: string): Argument[] {
  let at = 0;
  const read = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)!;
    at += match[0].length;
    return match;
  };
  const group = (end: string) => {
    const found: Argument[] = [];
    do {
      found.push(argument());
    } while (at < text.length && text[at++] !== end);
    return found;
  };
  const argument = (): Argument => {
    const [, token, word, told, shown, keySpec = "", since = "", gone = ""] =
      read(HEAD);
    const opening = text[at];
    const isGroup = opening === "(" || opening === "<";
    if (isGroup) at++;
    const inner = isGroup ? group(opening === "(" ? ")" : ">") : [];
    const [, optional, multiple, withToken] = read(TAIL);
    const name = word === "" ? token!.toLowerCase() : word!;
    const type = isGroup
      ? opening === "(" ? "block" : "oneof"
      : told ?? (word === "" ? "pure-token" : keySpec ? "key" : "string");
    return {
      name,
      type,
      display: isGroup ? "" : shown ?? name,
      keySpec,
      token,
      since,
      deprecated: gone,
      flags: [
        ...optional ? ["optional"] : [],
        ...multiple ? ["multiple"] : [],
        ...withToken ? ["multiple_token"] : [],
      ],
      inner,
    };
  };
  return group("");
}
