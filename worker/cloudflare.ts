/**
 * Cloudflare's sockets: TCP as a dial, and WebSockets.
 *
 * @see https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
 * @module
 */

import { until } from "../lib/connection/alarm.ts";
import { fromStreams } from "../lib/net/streams.ts";
import type { Address, Transport } from "../lib/net/transport.ts";
import type { Incoming } from "./http.ts";
import type { Upgraded } from "./platform.ts";
import { Refusal } from "./refusal.ts";

/** The part of Cloudflare's socket that is used. */
interface Socket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when it is connected, TLS included. */
  readonly opened: Promise<unknown>;
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

interface Sockets {
  connect(
    address: { hostname: string; port: number },
    options: { secureTransport: "on" | "off"; allowHalfOpen: boolean },
  ): Socket;
}

/** Dials with Cloudflare's sockets. They have no options for TLS. */
export async function dial(
  address: Address,
  signal: AbortSignal,
): Promise<Transport> {
  if ("path" in address) {
    throw new Refusal(500, "ERR Cloudflare has no Unix sockets: use TCP");
  }
  const { hostname, port, tls } = address;
  // Cloudflare wants an IPv6 address as a URL has it.
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  // A static import would keep Deno from loading this file.
  // @ts-ignore -- it has no types outside of Cloudflare's own packages
  const sockets: Sockets = await import("cloudflare:sockets");
  signal.throwIfAborted();
  const socket = sockets.connect({ hostname: host, port }, {
    secureTransport: tls === undefined ? "off" : "on",
    // When Redis closes its end, this end is closed too.
    allowHalfOpen: false,
  });
  const close = () => {
    socket.close().catch(() => {});
  };
  // Both reject when connecting fails; one without a handler ends the request.
  socket.closed.catch(() => {});
  socket.opened.catch(() => {});
  try {
    // A refused connection rejects here only: reading would just end. TLS to a
    // server without it stays pending for ever (seen).
    await until(() => socket.opened, signal);
  } catch (error) {
    close();
    throw error;
  }
  return fromStreams(socket, { close });
}

interface CloudflareSocket extends WebSocket {
  /** Takes the socket: this script handles it. */
  accept(): void;
}

declare const WebSocketPair: new () => {
  0: WebSocket;
  1: CloudflareSocket;
};

/** Makes a WebSocket of a request. workerd bounds its messages. */
export function upgrade(
  _request: Incoming,
  protocol: string | undefined,
): Upgraded {
  const { 0: theirs, 1: socket } = new WebSocketPair();
  socket.accept();
  const headers: Record<string, string> = protocol === undefined
    ? {}
    : { "sec-websocket-protocol": protocol };
  const init = { status: 101, webSocket: theirs, headers };
  const response = new Response(null, init);
  return { socket, response: { status: 101, headers, body: null, response } };
}
