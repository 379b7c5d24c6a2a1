/**
 * What the server's error codes mean for a command and for its connection.
 *
 * Every part of the client that retries asks this table.
 *
 * @module
 */

import type { ReplyError } from "../errors.ts";

/** What an error code says. */
export interface CodeTraits {
  /**
   * Where the command, which was not executed, may succeed: `"later"` on the same
   * server, on another `"node"` (of the cluster, or the new master), or there in
   * either case (`"anywhere"`).
   */
  readonly retry: "later" | "node" | "anywhere";
  /** Whether the connection should be made anew: the server's name may lead to another by now. */
  readonly reconnect?: true;
  /** The text that the error must have besides, where its code has two meanings. */
  readonly only?: RegExp;
  /** Whether the error says where the slot of the keys is. */
  readonly redirects?: true;
}

const CODES: ReadonlyMap<string, CodeTraits> = new Map<string, CodeTraits>([
  // The server loads its data.
  ["LOADING", { retry: "anywhere" }],
  // A replica has lost its master.
  ["MASTERDOWN", { retry: "anywhere" }],
  // The cluster does not serve the slot, or none at all.
  ["CLUSTERDOWN", { retry: "anywhere" }],
  // The keys of the command are on two nodes while their slot moves.
  ["TRYAGAIN", { retry: "later" }],
  // The server is a replica now.
  ["READONLY", { retry: "node", reconnect: true }],
  // The server became a replica while the command blocked. Somebody's CLIENT
  // UNBLOCK has the same code, and only another text: that is not retried.
  ["UNBLOCKED", { retry: "node", only: /instance state changed/ }],
  // The slot is at another node, for good or for this command.
  ["MOVED", { retry: "node", redirects: true }],
  ["ASK", { retry: "node", redirects: true }],
]);

/** What an error's code says; `undefined` for an error that is the command's own. */
export function traitsOfCode(error: ReplyError): CodeTraits | undefined {
  const traits = CODES.get(error.code);
  return traits?.only?.test(error.message) === false ? undefined : traits;
}

/** Whether the server refused the command without executing it, and may execute it later. */
export function isRetryableLater(error: ReplyError): boolean {
  const retry = traitsOfCode(error)?.retry;
  return retry === "later" || retry === "anywhere";
}

/** Whether the server refused the command without executing it, and another one may execute it. */
export function isRetryableElsewhere(error: ReplyError): boolean {
  const retry = traitsOfCode(error)?.retry;
  return retry === "node" || retry === "anywhere";
}

/** Whether the connection should be made anew after this error. */
export function shouldReconnect(error: ReplyError): boolean {
  return traitsOfCode(error)?.reconnect === true;
}

const SCRIPT = /^(eval|fcall)/i;

/**
 * Whether a command may answer with an error that is not the server's own: a
 * script says what it likes, and may have written before.
 */
export function isScript(name: string): boolean {
  return SCRIPT.test(name);
}
