/**
 * Connections that are refused as soon as they are accepted.
 *
 * @module
 */

import type { Transport } from "../../net/transport.ts";
import { binaryToBytes } from "../../resp/binary.ts";
import type { Server } from "./server.ts";

const PROTECTED =
  "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. 2) Set an authentication password for the default user.\r\n";

/** The error for a connection that is refused; `null` when it is accepted. */
export function refusal(core: Server, transport: Transport): Uint8Array | null {
  const { config, sessions, users } = core;
  const open = !users.required && config.get("protected-mode") === "yes";
  if (open && !isLocal(transport.peer)) return binaryToBytes(PROTECTED);
  if (sessions.size >= config.number("maxclients")) {
    return binaryToBytes("-ERR max number of clients reached\r\n");
  }
  return null;
}

function isLocal(peer: string | undefined): boolean {
  return peer === undefined || peer === "" || peer.startsWith("127.") ||
    peer.startsWith("[::1]") || peer.startsWith("[::ffff:127.");
}
