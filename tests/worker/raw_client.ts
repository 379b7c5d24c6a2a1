/**
 * A client that sends raw bytes to a gateway: partial requests, frames.
 *
 * @module
 */

/** One connection. */
export class RawClient implements Disposable {
  /** The received bytes as binary text. */
  received = "";
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(64 * 1024);

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects to the gateway at `url`. */
  static async open(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    return new RawClient(await Deno.connect({ hostname, port: Number(port) }));
  }

  /** Sends text as UTF-8, or bytes. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data;
    for (let at = 0; at < bytes.length;) {
      at += await this.#connection.write(bytes.subarray(at));
    }
  }

  /** Reads once; resolves to `false` when the peer has closed. */
  async read(): Promise<boolean> {
    const count = await this.#connection.read(this.#buffer).catch(() => null);
    if (count === null) return false;
    let text = "";
    for (const byte of this.#buffer.subarray(0, count)) {
      text += String.fromCharCode(byte);
    }
    this.received += text;
    return true;
  }

  /** Reads until `mark` arrives; resolves to the text up to and including it. */
  async until(mark: string): Promise<string> {
    let at: number;
    while ((at = this.received.indexOf(mark)) < 0) {
      if (!await this.read()) {
        throw new Error(`The connection has ended: ${this.received}`);
      }
    }
    const taken = this.received.slice(0, at + mark.length);
    this.received = this.received.slice(at + mark.length);
    return taken;
  }

  /** Reads until the peer closes; resolves to the received text. */
  async end(): Promise<string> {
    while (await this.read());
    return this.received;
  }

  /** Ends the sending direction. */
  async closeWrite(): Promise<void> {
    await this.#connection.closeWrite();
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** A request as text; each line of `headers` ends with CRLF. */
export function requestText(
  line: string,
  { token, headers = "", body = "" }: {
    token?: string;
    headers?: string;
    body?: string;
  } = {},
): string {
  const authorization = token === undefined
    ? ""
    : `authorization: Bearer ${token}\r\n`;
  return `${line} HTTP/1.1\r\nhost: h\r\n${authorization}${headers}\r\n${body}`;
}

/** A WebSocket frame, masked as a client's must be. */
export function frameOf(
  first: number,
  payload: Uint8Array,
  { announced = payload.length, masked = true } = {},
): Uint8Array {
  const header = [first];
  const bit = masked ? 0x80 : 0;
  if (announced < 126) header.push(bit | announced);
  else {
    const size = announced < 0x1_0000 ? 2 : 8;
    header.push(bit | (size === 2 ? 126 : 127));
    for (let shift = size - 1; shift >= 0; shift--) {
      header.push(Math.floor(announced / 256 ** shift) & 0xff);
    }
  }
  const mask = masked ? [1, 2, 3, 4] : [];
  const bytes = new Uint8Array(header.length + mask.length + payload.length);
  bytes.set(header);
  bytes.set(mask, header.length);
  payload.forEach((byte, i) =>
    bytes[header.length + mask.length + i] = byte ^ (mask[i % 4] ?? 0)
  );
  return bytes;
}

/** A WebSocket handshake. */
export function handshakeText(token: string): string {
  return requestText("GET /ws", {
    token,
    headers:
      "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
  });
}
