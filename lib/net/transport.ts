/**
 * The interface to the network: a byte pipe, and the address it leads to.
 *
 * @module
 */

/**
 * A byte pipe to one peer.
 *
 * One read and one write may be under way at a time. Disposing of it ends both.
 */
export interface Transport extends Disposable {
  /**
   * Reads into the start of `into`; resolves to the number of bytes, or `null`
   * when the peer has closed.
   */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes every chunk, in order; the caller leaves them alone until it settles. */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** The address of the peer, as `127.0.0.1:6379`, where there is one. */
  readonly peer?: string;
  /** The address of this end. */
  readonly local?: string;
  /** Keeps the process alive while the pipe is open: the default. */
  ref?(): void;
  /** Lets the process exit although the pipe is open. */
  unref?(): void;
}

/** The certificates of the server and the client. */
export interface TlsOptions {
  /**
   * Certificates to trust besides the system's, as PEM: of authorities, or the
   * one of a server that signs itself (without CA:TRUE, which Deno refuses).
   */
  caCerts?: string[];
  /** The client's certificate chain, as PEM. Goes with `key`. */
  cert?: string;
  /** The client's private key, as PEM. Goes with `cert`. */
  key?: string;
  /**
   * The name that the server's certificate must bear, and that is asked for (SNI).
   *
   * Deno cannot combine it with a client certificate.
   *
   * @default {the host name that is dialled}
   */
  serverName?: string;
  /**
   * Whether the certificate must bear the server's name. The chain is verified
   * all the same.
   *
   * @default {true}
   */
  verifyHostname?: boolean;
}

/** Where a server is. */
export type Address =
  | {
    /** The name or address of the host; IPv6 without brackets. */
    hostname: string;
    /** The TCP port. */
    port: number;
    /** TLS from the first byte, when present. */
    tls?: TlsOptions;
  }
  | {
    /** The path of a Unix socket. */
    path: string;
  };

/**
 * Opens a {@linkcode Transport}. Rejects with the signal's reason when it aborts,
 * and leaves nothing open then.
 */
export type Dial = (
  address: Address,
  signal: AbortSignal,
) => Promise<Transport>;

/** An address as text, without anything secret. */
export function showAddress(address: Address): string {
  if ("path" in address) return `unix://${address.path}`;
  const host = address.hostname.includes(":")
    ? `[${address.hostname}]`
    : address.hostname;
  return `${address.tls ? "rediss" : "redis"}://${host}:${address.port}`;
}
