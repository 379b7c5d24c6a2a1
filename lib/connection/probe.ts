/**
 * Asks the server on a second connection whether it still has a silent one.
 *
 * A connection is silent while its command blocks or takes long, and as silent when
 * it was cut without a packet that says so.
 *
 * @see https://redis.io/docs/latest/commands/client-list/
 * @module
 */

import type { Dial } from "../net/transport.ts";
import { RAW } from "../resp/reply.ts";
import { CommandSlot } from "./command.ts";
import type { Connection } from "./connection.ts";
import { open, type OpenOptions, PATIENT, serverIn } from "./handshake.ts";

/** How long each step may take, in ms. */
const STEP_MS = 2_000;

/**
 * Resolves to whether the connection is lost: the server cannot be dialled, does
 * not list the connection, or has not received the PING that was just sent there.
 * A server that can be dialled and does not answer is busy: nothing is lost yet.
 */
export async function isLost(
  connection: Connection,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { heard, protocol } = connection;
  const ping = connection.ping();
  let dialling = false;
  let dialled = false;
  const dial: Dial = async (address, signal) => {
    dialling = true;
    const transport = await options.dial(address, signal);
    dialled = true;
    return transport;
  };
  const { address, credentials, connectTimeout } = options;
  try {
    const second = await open(
      {
        address,
        credentials,
        protocol,
        dial,
        connectTimeout: Math.min(connectTimeout, STEP_MS),
        name: undefined,
        db: 0,
        info: false,
      },
      PATIENT,
      signal,
    );
    try {
      const slot = new CommandSlot({ args: ["CLIENT", "LIST"], shape: RAW });
      second.execute(slot.limit(STEP_MS, 0, signal));
      const line = lineOf(connection, second, String(await slot.promise));
      if (connection.heard > heard || line === null) return false;
      // The PING waits in the buffer of a client that is blocked.
      return line === undefined || ping.written && / qbuf=0 /.test(line);
    } finally {
      second.destroy(new Error("The probe is over"));
      await second.closed;
    }
  } catch {
    return dialling && !dialled && !signal.aborted &&
      connection.heard === heard;
  }
}

/** The line of a connection in the reply of CLIENT LIST; `null` where that cannot be known. */
function lineOf(
  { id, local, server }: Connection,
  second: Connection,
  list: string,
): string | undefined | null {
  const lines = list.split("\n");
  const byId = (id: number) =>
    lines.find((line) => line.startsWith(`id=${id} `));
  if (id !== undefined && second.id !== undefined) {
    // A proxy may have led the second connection to another server, which has a
    // client of the same number.
    const reached = serverIn(byId(second.id) ?? "");
    if (server === undefined) return byId(id) ?? null;
    return reached === server ? byId(id) : null;
  }
  // Behind a proxy the server knows another address.
  return lines.find((line) => line.includes(` addr=${local} `)) ?? null;
}
