/**
 * Blocking commands on lists.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { parseTimeout } from "../session/blocking.ts";
import { type End, ListValue } from "../values/list.ts";
import { move, parseEnd, parsePopping, popFrom, popSome } from "./lists.ts";

/** The commands of this family. */
export const BLOCKING_LISTS: readonly CommandSpec[] = [
  {
    name: "BLPOP",
    run: (session, args) => pop(session, args, "LEFT"),
  },
  {
    name: "BRPOP",
    run: (session, args) => pop(session, args, "RIGHT"),
  },
  {
    name: "BLMOVE",
    run: blockingMove,
  },
  {
    name: "BRPOPLPUSH",
    run: (session, [, from, to, timeout]) =>
      moveOrWait(session, from!, to!, "RIGHT", "LEFT", parseTimeout(timeout!)),
  },
  {
    name: "BLMPOP",
    run: blockingPopMany,
  },
];

/** Tries each key in order; blocks on all of them when none has an element. */
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
    // BLPOP goes on waiting while the key holds another type.
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
