/**
 * The server's error codes: whether to retry the command, and where.
 *
 * Every part of the client that retries asks this table.
 *
 * @module
 */

import type { ReplyError } from "../errors.ts";

/** The meaning of an error code. */
export interface CodeTraits {
  /**
   * Where the command, which was not executed, may succeed: `"later"` on the same
   * server, on another `"node"` (of the cluster, or the new master), or there in
   * either case (`"anywhere"`).
   */
  readonly retry: "later" | "node" | "anywhere";
  /** Whether to reconnect: the server's name may lead to another server by now. */
  readonly reconnect?: true;
  /** A text that the error must have too, where its code has two meanings. */
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

/** The meaning of an error's code; `undefined` for an error of the command itself. */
export function traitsOfCode(error: ReplyError): CodeTraits | undefined {
  const traits = CODES.get(error.code);
  return traits?.only?.test(error.message) === false ? undefined : traits;
}

/** Whether the server refused the command without executing it, and may execute it later. */
export function isRetryableLater(error: ReplyError): boolean {
  const retry = traitsOfCode(error)?.retry;
  return retry === "later" || retry === "anywhere";
}

/** Whether the server refused the command without executing it, and another server may execute it. */
export function isRetryableElsewhere(error: ReplyError): boolean {
  const retry = traitsOfCode(error)?.retry;
  return retry === "node" || retry === "anywhere";
}

/** Whether to reconnect after this error. */
export function shouldReconnect(error: ReplyError): boolean {
  return traitsOfCode(error)?.reconnect === true;
}

const SCRIPT = /^(eval|fcall)/i;

/**
 * Whether the command runs a script: then an error may be the script's own, with
 * any code, after it has written.
 */
export function isScript(name: string): boolean {
  return SCRIPT.test(name);
}
