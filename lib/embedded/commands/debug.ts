/**
 * DEBUG: the sub-commands that tests of clients need.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { CommandError, err, noSuchKey } from "../base/errors.ts";
import { parseFloat64, toInteger } from "../base/numbers.ts";
import { saveRdb } from "../rdb/file.ts";
import { LOADING } from "../session/dispatch.ts";
import { joinBytes } from "../../resp/bytes.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { StringValue } from "../values/string.ts";
import { help } from "./help.ts";

/** The commands of this family. */
export const DEBUG: readonly CommandSpec[] = [
  {
    name: "DEBUG",
    run: debug,
  },
];

const HELP = help("DEBUG", [
  "ERROR <string>",
  "    Return a Redis protocol error with <string> as message. Useful for clients",
  "    unit tests to simulate Redis errors.",
  "OBJECT <key>",
  "    Show low level info about `key` and associated value.",
  "POPULATE <count> [<prefix>] [<size>]",
  "    Create <count> string keys named key:<num>. If <prefix> is specified then",
  "    it is used instead of the 'key' prefix.",
  "PROTOCOL <type>",
  "    Reply with a test value of the specified type. <type> can be: string,",
  "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
  "    true, false.",
  "RELOAD",
  "    Save the dataset as an RDB file in memory, and load it back.",
  "SET-ACTIVE-EXPIRE <0|1>",
  "    Setting it to 0 disables expiring keys in background when they are not",
  "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
  "    default.",
  "SLEEP <seconds>",
  "    Stop the server for <seconds>. Decimals allowed.",
]);

function debug(session: Session, args: string[]): void {
  const { core, db, reply } = session;
  const [, word, first] = args;
  const at = `${word!.toUpperCase()} ${args.length}`;
  switch (at) {
    case "HELP 2":
      return HELP(session, args);
    case "ERROR 3":
      throw new CommandError(first!);
    case "OBJECT 3":
      return object(session, first!);
    case "PROTOCOL 3":
      return protocol(reply, first!.toLowerCase());
    case "RELOAD 2":
      return reload(session);
    case "SET-ACTIVE-EXPIRE 3":
      core.expiry.active = first !== "0";
      return reply.ok();
    case "SLEEP 3":
      return sleep(session, parseFloat64(first!) ?? 0);
  }
  if (at.startsWith("POPULATE ") && args.length >= 3 && args.length <= 5) {
    // A file that is being loaded may have it, too.
    if (core.loading.active && core.sessions.has(session.id)) {
      throw new CommandError(LOADING);
    }
    const prefix = args[3] ?? "key";
    const size = args.length > 4 ? toInteger(args[4]!) : 0;
    for (let i = 0; i < toInteger(first!); i++) {
      const key = `${prefix}:${i}`;
      if (db.peek(key) !== undefined) continue;
      const value = `value:${i}`;
      db.set(
        key,
        new StringValue(
          size > 0 ? value.slice(0, size).padEnd(size, "\0") : value,
        ),
      );
    }
    return reply.ok();
  }
  throw err(
    `unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.`,
  );
}

/** Saves all data in memory and loads it again. */
function reload(session: Session): void {
  const { core, reply } = session;
  const { databases, now, loading } = core;
  if (loading.starting) throw new CommandError(LOADING);
  loading.finish();
  const bytes = joinBytes([...saveRdb(databases, { now, base: false })]);
  // The data is the same as before: nothing to propagate.
  session.rewrite(null);
  // Commands of a master need all data, not a part of it.
  if (session.inExec || core.replication.link !== null) {
    loading.replace(bytes);
    return reply.ok();
  }
  session.waiting = true;
  void loading.replaceSlowly(bytes).then(() => {
    session.waiting = false;
    reply.ok();
    session.resume();
  });
}

function object({ core, db, reply }: Session, key: string): void {
  const value = db.peek(key);
  if (value === undefined) throw noSuchKey();
  const idle = Math.floor((core.now - value.used) / 1000);
  reply.simple(
    `Value at:0x0 refcount:1 encoding:${value.encoding} serializedlength:0 lru:0 lru_seconds_idle:${idle}`,
  );
}

/** Serves no client for some time; the event loop keeps running. */
function sleep(session: Session, seconds: number): void {
  const { core, reply } = session;
  if (seconds <= 0 || session.inExec) return reply.ok();
  session.waiting = true;
  core.pause.sleep(seconds * 1000, () => {
    session.waiting = false;
    core.tick();
    core.latency.add("command", core.now, seconds * 1000);
    reply.ok();
  });
}

/** DEBUG PROTOCOL: an example of each reply type, as Redis has it. */
function protocol(reply: ReplyEncoder, type: string): void {
  const three = reply.protocol === 3;
  switch (type) {
    case "string":
      return reply.bulk("Hello World");
    case "integer":
      return reply.integer(12345);
    case "double":
      return reply.double("3.141");
    case "bignum":
      return three
        ? reply.raw("(1234567999999999999999999999999999999\r\n")
        : reply.bulk("1234567999999999999999999999999999999");
    case "null":
      return reply.null();
    case "array":
      reply.array(3);
      for (let i = 0; i < 3; i++) reply.integer(i);
      return;
    case "set":
      reply.set(3);
      for (let i = 0; i < 3; i++) reply.integer(i);
      return;
    case "map":
      reply.map(3);
      for (let i = 0; i < 3; i++) {
        reply.integer(i);
        reply.boolean(i === 1);
      }
      return;
    case "attrib":
      if (three) {
        reply.raw("|1\r\n");
        reply.bulk("key-popularity");
        reply.array(2);
        reply.bulk("key:123");
        reply.integer(90);
      }
      return reply.bulk("Some real reply following the attribute");
    case "push":
      if (!three) {
        throw err("RESP2 is not supported by this command");
      }
      reply.push(2);
      reply.bulk("server-cpu-usage");
      reply.integer(42);
      return;
    case "verbatim":
      return reply.verbatim("txt", "This is a verbatim\nstring");
    case "true":
    case "false":
      return reply.boolean(type === "true");
  }
  throw err(
    "Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
  );
}
