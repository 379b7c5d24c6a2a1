/**
 * Deno's TCP, TLS and Unix sockets as transports.
 *
 * @module
 */

import { ConnectionError, isOptions, messageOf, misuse } from "../errors.ts";
import {
  type Address,
  showAddress,
  type TlsOptions,
  type Transport,
} from "./transport.ts";

type Socket = Deno.TcpConn | Deno.TlsConn | Deno.UnixConn;

class SocketTransport implements Transport {
  readonly #socket: Socket;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#socket.read(into);
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      let written = await this.#socket.write(chunk);
      while (written < chunk.length) {
        written += await this.#socket.write(chunk.subarray(written));
      }
    }
  }

  get peer(): string {
    return showEnd(this.#socket.remoteAddr);
  }

  get local(): string {
    return showEnd(this.#socket.localAddr);
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

function showEnd(end: Deno.Addr): string {
  if (!("hostname" in end)) return "";
  const { hostname, port } = end;
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

/**
 * Dials with Deno's own sockets.
 *
 * TCP sockets get `TCP_NODELAY` and keepalive. Where a client certificate is
 * used, an abort while the TCP connection is being made takes effect only when
 * it is made or refused: Deno has no signal there.
 */
export async function dial(
  address: Address,
  signal: AbortSignal,
): Promise<Transport> {
  signal.throwIfAborted();
  if (!isDeno()) {
    throw new Error(
      'this runtime has no sockets of Deno: give a "dial", such as fromStreams() over a socket of node:net',
    );
  }
  if ("path" in address) {
    const socket = await dialUnix(address.path);
    if (signal.aborted) socket.close();
    signal.throwIfAborted();
    return new SocketTransport(socket);
  }
  const { hostname, port, tls } = address;
  if (tls !== undefined) {
    return new SocketTransport(
      await dialTls(hostname, port, tls, signal),
    );
  }
  return new SocketTransport(await dialTcp(hostname, port, signal));
}

/** A socket that others can dial. Disposing of it stops that. */
export interface Listener extends Disposable {
  /** The port it listens on. */
  readonly port: number;
  /** Resolves to the next connection, `null` when it was disposed of. */
  accept(): Promise<Transport | null>;
}

/** How long to wait before accepting again after the system refused to, in ms. */
const ACCEPT_RETRY_MS = 20;

/** Listens on a TCP port; 0 for a free one. */
export function listen(
  { hostname, port }: { hostname: string; port: number },
): Listener {
  const listener = Deno.listen({ hostname, port });
  let open = true;
  let endPause = () => {};
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ACCEPT_RETRY_MS);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    port: listener.addr.port,
    async accept() {
      while (open) {
        try {
          return acceptedTransport(await listener.accept());
        } catch (error) {
          // An error of one connection must not end the loop. A reset concerns
          // one client only. Without free file descriptors, clients wait in the
          // system's queue.
          if (open && !isPeerGone(error)) await pause();
        }
      }
      return null;
    },
    [Symbol.dispose]() {
      if (open) listener.close();
      open = false;
      endPause();
    },
  };
}

function acceptedTransport(socket: Deno.TcpConn): Transport {
  try {
    socket.setNoDelay(true);
    return new SocketTransport(socket);
  } catch (error) {
    socket.close();
    throw error;
  }
}

function isPeerGone(error: unknown): boolean {
  const { ConnectionAborted, ConnectionReset, NotConnected } = Deno.errors;
  return [ConnectionAborted, ConnectionReset, NotConnected]
    .some((type) => error instanceof type);
}

/** Node and Bun have none. */
function isDeno(): boolean {
  return "Deno" in globalThis;
}

/** An environment variable, or `undefined` when it is not set or may not be read. */
export function environment(name: string): string | undefined {
  if (!isDeno()) return undefined;
  // Checked first: reading without the permission would prompt or throw.
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/**
 * The options of each call. `REDIS_CALL_SITES` is the default of `callSites`.
 */
export function callOptions(
  { callSites = environment("REDIS_CALL_SITES") === "1" }: {
    readonly callSites?: boolean;
  },
): { callSites?: boolean } {
  return callSites ? { callSites } : {};
}

async function dialUnix(path: string): Promise<Deno.UnixConn> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (error) {
    const { NotFound } = Deno.errors;
    if (!(error instanceof NotFound)) throw explainDial(error);
    throw new NotFound(
      "no socket is there: start the server, or check the path",
      { cause: error },
    );
  }
}

async function dialTcp(
  hostname: string,
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  // When the signal aborts just as the socket is connected, Deno 2.9 throws the
  // reason and leaks the socket. Here the socket is closed before the reason is
  // thrown.
  const stop = new AbortController();
  stop.signal.throwIfAborted = () => {};
  const abort = () => stop.abort();
  signal.addEventListener("abort", abort, { once: true });
  let socket: Deno.TcpConn;
  try {
    socket = await Deno.connect({ hostname, port, signal: stop.signal });
  } catch (error) {
    signal.throwIfAborted();
    throw explainDial(error);
  } finally {
    signal.removeEventListener("abort", abort);
  }
  if (signal.aborted) socket.close();
  signal.throwIfAborted();
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  return socket;
}

async function dialTls(
  hostname: string,
  port: number,
  tls: TlsOptions,
  signal: AbortSignal,
): Promise<Deno.TlsConn> {
  const {
    caCerts = [],
    cert,
    key,
    serverName,
    verifyHostname = true,
    ...rest
  } = tls;
  if (!isOptions(tls)) {
    throw misuse("connect", '"tls" must be true or its options', tls);
  }
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    const names = "caCerts, cert, key, serverName and verifyHostname";
    throw misuse("connect", `"tls" has ${names}`, unknown);
  }
  const common = {
    caCerts,
    unsafelyDisableHostnameVerification: !verifyHostname,
  };
  let socket: Deno.TlsConn;
  if (cert !== undefined || key !== undefined) {
    if (cert === undefined || key === undefined) {
      throw new TypeError(
        `Cannot connect as "tls.cert" and "tls.key" go together: current value has only one`,
      );
    }
    if (serverName !== undefined) {
      throw misuse(
        "connect",
        '"tls.serverName" cannot be combined with a client certificate on Deno',
        serverName,
      );
    }
    try {
      socket = await Deno.connectTls({ hostname, port, ...common, cert, key });
    } catch (error) {
      throw explainDial(error);
    }
  } else {
    const tcp = await dialTcp(hostname, port, signal);
    socket = await Deno.startTls(tcp, {
      hostname: serverName ?? hostname,
      ...common,
    });
  }
  // Otherwise the handshake would wait for the first read, outside of any
  // deadline.
  let open = true;
  const close = () => {
    if (open) socket.close();
    open = false;
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    signal.throwIfAborted();
    await socket.handshake();
    signal.throwIfAborted();
    return socket;
  } catch (error) {
    close();
    signal.throwIfAborted();
    throw explainTls(error, { hostname, port, tls });
  } finally {
    signal.removeEventListener("abort", close);
  }
}

/** Adds advice to the error for an unknown host, and for a port where nothing listens. */
function explainDial(error: unknown): unknown {
  const { ConnectionRefused } = Deno.errors;
  if (error instanceof ConnectionRefused) {
    return new ConnectionRefused(
      "nothing listens there: start the server, or check the address",
      { cause: error },
    );
  }
  // Deno has no class for this one.
  return /failed to lookup address/i.test(messageOf(error))
    ? new Error("no host is known by that name: check it", { cause: error })
    : error;
}

/**
 * Adds advice to the error of a TLS handshake. Deno has no classes for these: the
 * words are those of rustls.
 */
function explainTls(error: unknown, address: Address): unknown {
  const message = messageOf(error);
  const why = /CaUsedAsEndEntity/i.test(message)
    ? 'its certificate is an authority\'s (CA:TRUE, as `openssl req -x509` makes it), which Deno takes from no server: add `-addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:name-of-the-host` and pass the new one in "tls.caCerts", or sign one with it'
    : /UnknownIssuer|self.?signed/i.test(message)
    ? 'no known authority signed its certificate: pass the one that did in "tls.caCerts"'
    : /NotValidForName|not valid for name/i.test(message)
    ? 'its certificate bears another name: pass that in "tls.serverName"'
    : error instanceof Deno.errors.UnexpectedEof ||
        error instanceof Deno.errors.ConnectionReset ||
        /InvalidContentType|InvalidMessage/i.test(message)
    ? "its port does not answer in TLS: one without TLS needs redis://"
    : "";
  if (why === "") return error;
  return new ConnectionError(
    `Cannot connect to ${showAddress(address)} as ${why}`,
    { cause: error },
  );
}
