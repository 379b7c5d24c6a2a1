/**
 * Sessions as CLIENT LIST shows them.
 *
 * @module
 */

import type { Session } from "./session.ts";

/** The line of a session. Sizes of buffers that exist only in Redis are 0. */
export function describe(session: Session): string {
  const { core, transaction } = session;
  const seconds = (since: number) => Math.floor((core.now - since) / 1000);
  const fields: Record<string, string | number> = {
    "id": session.id,
    "addr": session.address,
    "laddr": session.local,
    "fd": session.id,
    "name": session.name,
    "age": seconds(session.since),
    "idle": seconds(session.lastUse),
    "flags": flagsOf(session),
    "db": session.db.index,
    "sub": session.channels.size,
    "psub": session.patterns.size,
    "ssub": session.shards.size,
    "multi": transaction?.queue.length ?? -1,
    "qbuf": session.pendingInput,
    "qbuf-free": 0,
    "argv-mem": 0,
    "multi-mem": 0,
    "rbs": 0,
    "rbp": 0,
    "obl": session.pendingOutput,
    "oll": 0,
    "omem": session.pendingOutput,
    "tot-mem": session.pendingInput + session.pendingOutput,
    "events": session.pendingOutput > 0 ? "rw" : "r",
    "cmd": session.lastCommand,
    "user": session.user.name,
    "redir": session.tracked?.redirect || -1,
    "resp": session.reply.protocol,
    "lib-name": session.library.name,
    "lib-ver": session.library.version,
  };
  return Object.entries(fields).map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function flagsOf(session: Session): string {
  const { tracked } = session;
  let flags = "";
  if (session.monitors) flags += "O";
  if (session.replica?.online) flags += "S";
  if (session.listens) flags += "P";
  if (session.transaction !== null) flags += "x";
  if (session.waiting) flags += "b";
  if (tracked !== null) flags += "t";
  if (tracked?.broadcast) flags += "B";
  if (session.touched) flags += "d";
  if (session.closing) flags += "c";
  if (session.noEvict) flags += "e";
  if (session.noTouch) flags += "T";
  return flags === "" ? "N" : flags;
}
