/**
 * Commands on strings.
 *
 * @module
 */

import type { CommandSpec } from "../command.ts";
import type { Session } from "../session.ts";
import { StringValue } from "../types/string.ts";

/** The commands of this family. */
export const STRINGS: readonly CommandSpec[] = [
  {
    name: "GET",
    arity: 2,
    flags: "readonly fast",
    keys: [1, 1, 1],
    group: "string",
    since: "1.0.0",
    summary: "Get the value of a key",
    run: get,
  },
  {
    name: "SET",
    arity: -3,
    flags: "write denyoom",
    keys: [1, 1, 1],
    group: "string",
    since: "1.0.0",
    summary: "Set the string value of a key",
    run: set,
  },
];

function get({ db, reply }: Session, [, key]: string[]): void {
  const value = db.get(key!, StringValue);
  if (value === undefined) reply.null();
  else reply.bulk(value.text);
}

function set({ db, reply }: Session, [, key, text]: string[]): void {
  db.set(key!, new StringValue(text!));
  reply.ok();
}
