/**
 * MONITOR: every command that a server executes.
 *
 * @see https://redis.io/docs/latest/commands/monitor/
 * @module
 */

import { onAbort } from "../connection/alarm.ts";
import { CommandSlot } from "../connection/command.ts";
import { ClosedError, UnexpectedReplyError } from "../errors.ts";
import { decodeText } from "../resp/bytes.ts";
import { RAW } from "../resp/reply.ts";
import type { LeasedEngine, PooledEngine } from "./engine.ts";
import { Subscription, type SubscriptionOptions } from "./subscription.ts";

/** One command that the server executed. */
export interface MonitorEntry {
  /** When, in milliseconds since 1970, exact to the microsecond. */
  readonly time: number;
  /** In which database. */
  readonly db: number;
  /** The client that sent it: an address, `unix:` with a path, or `lua`. */
  readonly client: string;
  /** The command and its arguments; bytes that are not UTF-8 are U+FFFD. */
  readonly args: readonly string[];
}

/**
 * Every command that the server executes, on a connection of its own; resolves
 * when the server has confirmed.
 */
export async function monitor(
  engine: PooledEngine,
  options: SubscriptionOptions,
): Promise<AsyncGenerator<MonitorEntry, void>> {
  const all = entries(await monitorLines(engine, options));
  // Started here: a generator that was never started does not run its `finally`
  // and would leave the connection open.
  await all.next();
  return all;
}

/** The same as the server's lines, not parsed. */
export async function monitorLines(
  engine: PooledEngine,
  options: SubscriptionOptions,
): Promise<Subscription<string>> {
  const lease = await engine.lease(options);
  try {
    options.signal?.throwIfAborted();
    return await linesOn(lease, engine.closing, options);
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
}

async function linesOn(
  lease: LeasedEngine,
  closing: AbortSignal,
  options: SubscriptionOptions,
): Promise<Subscription<string>> {
  const { connection } = lease;
  const lines: Subscription<string> = new Subscription(options, "text", {
    leave: () => {
      release();
      // MONITOR cannot be switched off, so nothing else can use the connection
      // afterwards.
      connection.destroy(new ClosedError("The monitor was closed"));
      return Promise.resolve(lease[Symbol.dispose]());
    },
    took: () => {},
    pause: (until) => connection.pause(until),
  });
  // A shared pool would keep the connection open.
  const release = onAbort(closing, () => lines.end());
  connection.keepalive = false;
  connection.onUnasked = (line) => lines.deliver("", String(line));
  connection.closed.then(({ reason }) => lines.end(reason));
  const slot = new CommandSlot({ args: ["MONITOR"], shape: RAW });
  try {
    // The deadline of PING covers both: replies come in order.
    const pong = lease.execute({ args: ["PING"], shape: RAW }, options);
    connection.execute(slot);
    await Promise.all([pong, slot.promise]);
  } catch (error) {
    lines.end();
    throw error;
  }
  return lines;
}

const BEGUN: MonitorEntry = { time: 0, db: 0, client: "", args: [] };

async function* entries(
  lines: Subscription<string>,
): AsyncGenerator<MonitorEntry, void> {
  await using open = lines;
  yield BEGUN;
  for await (const { message } of open) yield parseMonitorLine(message);
}

const LINE = /^(\d+\.\d+) \[(\d+) (.*?)\] (".*)$/s;
const ARGUMENT = /"((?:[^"\\]|\\.)*)"/gs;
const ESCAPE = /\\(?:x([0-9a-f]{2})|(.))/gis;
const LETTERS: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
};

/** Reads a line such as `1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`. */
export function parseMonitorLine(line: string): MonitorEntry {
  const match = LINE.exec(line);
  if (match === null) throw new UnexpectedReplyError("a MONITOR line", line);
  const [, time = "", db = "", client = "", rest = ""] = match;
  const args = Array.from(rest.matchAll(ARGUMENT), ([, text = ""]) => {
    // Each \xff is a byte; together they are UTF-8.
    const latin1 = text.replace(
      ESCAPE,
      (_, hex: string | undefined, letter: string) =>
        hex === undefined
          ? LETTERS[letter] ?? letter
          : String.fromCharCode(parseInt(hex, 16)),
    );
    return decodeText(Uint8Array.from(latin1, (c) => c.charCodeAt(0)));
  });
  return { time: Number(time) * 1000, db: Number(db), client, args };
}
