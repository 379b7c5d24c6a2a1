/**
 * Cloudflare's sockets: TCP as a dial, and WebSockets.
 *
 * @see https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
 * @module
 */

import { fromStreams } from "../lib/net/streams.ts";
import type { Address, TlsOptions, Transport } from "../lib/net/transport.ts";
import { Refusal } from "./refusal.ts";
import type { Upgraded } from "./upstream.ts";

/** What is used of Cloudflare's socket. */
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

/** Dials with Cloudflare's sockets. */
export async function dial(
  address: Address,
  signal: AbortSignal,
): Promise<Transport> {
  if ("path" in address) {
    throw new Refusal(500, "ERR Cloudflare has no Unix sockets: use TCP");
  }
  const { hostname, port, tls } = address;
  if (tls !== undefined) checkTls(tls);
  // Cloudflare wants an IPv6 address as a URL has it.
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  // Only Cloudflare has this module: Deno could not load what imports it at once.
  // @ts-ignore -- it has no types outside of Cloudflare's own packages
  const sockets: Sockets = await import("cloudflare:sockets");
  signal.throwIfAborted();
  const socket = sockets.connect({ hostname: host, port }, {
    secureTransport: tls === undefined ? "off" : "on",
    // When Redis closes, so do we.
    allowHalfOpen: false,
  });
  const close = () => {
    socket.close().catch(() => {});
  };
  // Both reject when connecting fails; one without a handler ends the request.
  socket.closed.catch(() => {});
  socket.opened.catch(() => {});
  // TLS to a server without it stays pending for ever (seen): the client's
  // deadline aborts the signal.
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    // A refused connection shows here only: reading would just end.
    await Promise.race([socket.opened, aborted.promise]);
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
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

/** Makes a WebSocket of a request. */
export function upgrade(
  _request: Request,
  protocol: string | undefined,
): Upgraded {
  const { 0: theirs, 1: socket } = new WebSocketPair();
  socket.accept();
  const init = {
    status: 101,
    webSocket: theirs,
    headers: protocol === undefined
      ? {}
      : { "sec-websocket-protocol": protocol },
  };
  return { socket, response: new Response(null, init) };
}

/** Cloudflare verifies against public authorities and the dialled name, no more. */
function checkTls(tls: TlsOptions): void {
  const { verifyHostname, ...others } = tls;
  const given = Object.entries(others)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (verifyHostname === false) given.push("verifyHostname");
  if (given.length === 0) return;
  throw new Refusal(
    500,
    `ERR Cloudflare's sockets cannot honour these TLS options: ${
      given.join(", ")
    }`,
  );
}
