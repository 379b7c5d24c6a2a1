/**
 * Commands on lists that wait for elements.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { parseTimeout } from "../session/blocking.ts";
import { numbered } from "../model/command.ts";
import { type End, ListValue } from "../values/list.ts";
import { move, parseEnd, parsePopping, popFrom, popSome } from "./lists.ts";

/** The commands of this family. */
export const BLOCKING_LISTS: readonly CommandSpec[] = [
  {
    name: "BLPOP",
    arity: -3,
    flags: "write noscript blocking",
    keys: [1, -2, 1],
    group: "list",
    since: "2.0.0",
    summary:
      "Remove and get the first element in a list, or block until one is available",
    run: (session, args) => pop(session, args, "LEFT"),
  },
  {
    name: "BRPOP",
    arity: -3,
    flags: "write noscript blocking",
    keys: [1, -2, 1],
    group: "list",
    since: "2.0.0",
    summary:
      "Remove and get the last element in a list, or block until one is available",
    run: (session, args) => pop(session, args, "RIGHT"),
  },
  {
    name: "BLMOVE",
    arity: 6,
    flags: "write denyoom noscript blocking",
    keys: [1, 2, 1],
    group: "list",
    since: "6.2.0",
    summary:
      "Pop an element from a list, push it to another list and return it; or block until one is available",
    run: blockingMove,
  },
  {
    name: "BRPOPLPUSH",
    arity: 4,
    flags: "write denyoom noscript blocking",
    keys: [1, 2, 1],
    group: "list",
    since: "2.2.0",
    summary:
      "Pop an element from a list, push it to another list and return it; or block until one is available",
    run: (session, [, from, to, timeout]) =>
      moveOrWait(session, from!, to!, "RIGHT", "LEFT", parseTimeout(timeout!)),
  },
  {
    name: "BLMPOP",
    arity: -5,
    flags: "write blocking movablekeys",
    keys: numbered(2),
    group: "list",
    since: "7.0.0",
    summary: "Pop elements from a list, or block until one is available",
    run: blockingPopMany,
  },
];

/** Tries each key in order; waits for all of them when none has an element. */
function tryOrWait(
  session: Session,
  keys: readonly string[],
  timeout: number,
  serve: (key: string) => boolean,
  nothing: () => void = () => session.reply.nullArray(),
): void {
  if (keys.some(serve)) return;
  if (session.inExec) return nothing();
  session.core.waiting.add(session, {
    keys,
    timeout,
    // Another type than a list is not what is waited for.
    serve: (key) => session.db.peek(key) instanceof ListValue && serve(key),
    timedOut: () => session.reply.nullArray(),
  });
}

function pop(session: Session, args: string[], end: End): void {
  const { db, reply } = session;
  const timeout = parseTimeout(args.at(-1)!);
  tryOrWait(session, args.slice(1, -1), timeout, (key) => {
    const list = db.get(key, ListValue);
    if (list === undefined) return false;
    reply.array(2);
    reply.bulk(key);
    reply.bulk(popFrom(session, key, list, end));
    session.rewrite([end === "LEFT" ? "LPOP" : "RPOP", key]);
    return true;
  });
}

function blockingMove(session: Session, args: string[]): void {
  const [, from, to, fromWord, toWord, timeout] = args;
  const [fromEnd, toEnd] = [parseEnd(fromWord), parseEnd(toWord)];
  moveOrWait(session, from!, to!, fromEnd, toEnd, parseTimeout(timeout!));
}

function moveOrWait(
  session: Session,
  from: string,
  to: string,
  fromEnd: End,
  toEnd: End,
  timeout: number,
): void {
  const serve = () => {
    if (!move(session, from, to, fromEnd, toEnd)) return false;
    session.rewrite(["LMOVE", from, to, fromEnd, toEnd]);
    return true;
  };
  tryOrWait(session, [from], timeout, serve, () => session.reply.null());
}

function blockingPopMany(session: Session, args: string[]): void {
  const popping = parsePopping(args, 2);
  const timeout = parseTimeout(args[1]!);
  tryOrWait(
    session,
    popping.keys,
    timeout,
    (key) => popSome(session, key, popping),
  );
}
