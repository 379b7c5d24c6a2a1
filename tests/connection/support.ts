/**
 * Helpers: connections and links over a scripted peer, and commands for them.
 *
 * @module
 */

import {
  type ClientOptions,
  type ResolvedOptions,
  resolveOptions,
} from "../../lib/client/options.ts";
import { CommandSlot } from "../../lib/connection/command.ts";
import { Connection } from "../../lib/connection/connection.ts";
import type { Limits } from "../../lib/connection/limits.ts";
import { Link } from "../../lib/connection/link.ts";
import { type Arg, RAW, type Reply } from "../../lib/resp/reply.ts";
import type { ScriptedPeer } from "../support/scripted_peer.ts";

/** The reply to HELLO of a server with RESP3. */
export const WELCOME = "%1\r\n$5\r\nproto\r\n:3\r\n";

/** Limits that no test reaches. */
export const PATIENT: Limits = {
  stall: Infinity,
  idle: Infinity,
  ping: Infinity,
};

/** Options to connect to `peer`, without CLIENT SETINFO, as few scripts expect it. */
export function optionsFor(
  peer: Pick<ScriptedPeer, "dial">,
  options: ClientOptions = {},
): ResolvedOptions {
  return resolveOptions({
    dial: peer.dial,
    hostname: "redis.test",
    info: false,
    ...options,
  });
}

/** An object with `execute`, and the function that destroys it. */
interface Held<T> extends AsyncDisposable {
  readonly it: T;
}

/** A connection to `peer` without a handshake. */
export async function connectionTo(
  peer: ScriptedPeer,
  limits: Partial<Limits> = {},
): Promise<Held<Connection>> {
  const { signal } = new AbortController();
  const transport = await peer.dial({ path: "/peer" }, signal);
  const it = new Connection(transport, { ...PATIENT, ...limits });
  return {
    it,
    async [Symbol.asyncDispose]() {
      it.destroy(new Error("The test is over"));
      await it.closed;
    },
  };
}

/** A link to `peer`. It uses RESP2, so that without options there is no handshake. */
export function linkTo(
  peer: Pick<ScriptedPeer, "dial">,
  options: ClientOptions = {},
): Held<Link> {
  const it = new Link(
    optionsFor(peer, { protocol: 2, backoff: () => 0, ...options }),
  );
  return {
    it,
    [Symbol.asyncDispose]: () => it.close(0),
  };
}

/** Options of a command in a test. */
export interface Manners {
  /** Milliseconds from now. */
  timeout?: number;
  retries?: number;
  retry?: boolean;
}

/** A slot for a command; resolves to the raw reply. */
export function slotOf(
  args: readonly Arg[],
  { timeout = Infinity, retries = 3, retry }: Manners = {},
): CommandSlot<Reply> {
  const slot = new CommandSlot({ args, shape: RAW }, retry);
  slot.deadline = performance.now() + timeout;
  slot.retries = retries;
  return slot;
}

/** Executes a command, given as words separated by blanks. */
export function ask(
  target: Connection | Link,
  words: string,
  manners?: Manners,
): Promise<Reply> {
  const slot = slotOf(words.split(" "), manners);
  // The test may look at the outcome only later.
  slot.promise.catch(() => {});
  target.execute(slot);
  return slot.promise;
}

/** The commands of each write, with their words separated by blanks. */
export function writesOf(peer: ScriptedPeer): string[][] {
  return peer.writes.map((bytes) => {
    const lines = new TextDecoder().decode(bytes).split("\r\n");
    const commands: string[] = [];
    for (const line of lines) {
      if (line.startsWith("*")) commands.push("");
      else if (line !== "" && !line.startsWith("$")) {
        commands.push([commands.pop(), line].filter(Boolean).join(" "));
      }
    }
    return commands;
  });
}

/** Resolves after `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves once `condition` is true; rejects if it is not within a minute. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!await condition()) {
    if (performance.now() > deadline) throw new Error(`Never held: ${what}`);
    await sleep(2);
  }
}

/** The error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`Resolved: ${Deno.inspect(value)}`);
}
