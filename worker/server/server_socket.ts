/**
 * The server's end of a WebSocket, whose messages are bounded: the platform's own
 * takes messages of 64 MB.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455
 * @module
 */

import { encodeText } from "../../lib/resp/bytes.ts";
import type { Budget } from "./limits.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";

/** What a socket needs of its connection. */
export interface FrameTransport {
  take(count: number): Uint8Array;
  fill(): Promise<boolean>;
  readInto(into: ReceiveBuffer, count: number): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
  readonly service: { readonly bodies: Budget };
}

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** A client that does not answer the close frame is dropped after this long, in milliseconds. */
const CLOSE_MS = 2_000;

/** Why the socket is closed, with the code of the protocol. */
class SocketFailure extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The header of a frame. */
interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  readonly length: number;
  readonly mask: Uint8Array;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A WebSocket: dispatches `message` and `close` as the standard one does. */
export class ServerSocket extends EventTarget {
  readonly #transport: FrameTransport;
  readonly #maxBytes: number;
  readonly #message: ReceiveBuffer;
  /** Frames are written one after another. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Whether the close frame was sent, or nobody is there to get it. */
  #closing = false;

  /** Messages have at most `maxBytes`. */
  constructor(transport: FrameTransport, maxBytes: number) {
    super();
    this.#transport = transport;
    this.#maxBytes = maxBytes;
    this.#message = this.#newBuffer(maxBytes);
  }

  /** Sends a message. */
  send(text: string): void {
    if (!this.#closing) this.#write(TEXT, encodeText(text));
  }

  /** Sends the close frame; the connection is closed when the client answers. */
  close(code = 1000, reason = ""): void {
    if (this.#closing) return;
    const text = encodeText(reason).subarray(0, 123);
    const payload = new Uint8Array(2 + text.length);
    payload[0] = code >> 8;
    payload[1] = code & 0xff;
    payload.set(text, 2);
    this.#write(CLOSE, payload);
    this.#closing = true;
    const timer = setTimeout(() => this.#transport.close(), CLOSE_MS);
    this.addEventListener("close", () => clearTimeout(timer));
  }

  /** Reads frames until the socket ends; never rejects. */
  async serve(): Promise<void> {
    let code = 1006;
    try {
      code = await this.#readFrames();
      this.close(code === 1005 ? 1000 : code);
    } catch (error) {
      if (error instanceof SocketFailure) {
        code = error.code;
        this.close(code, error.message);
      }
    }
    this.#message.release();
    await this.#writing;
    // Who hears of it may close the socket, which must not begin again.
    this.#closing = true;
    this.dispatchEvent(new CloseEvent("close", { code }));
  }

  /** Dispatches messages; resolves to the code of the client's close frame. */
  async #readFrames(): Promise<number> {
    let kind = 0;
    for (;;) {
      const frame = await this.#readHeader();
      if (frame.opcode >= CLOSE) {
        const payload = await this.#readControl(frame);
        if (frame.opcode === CLOSE) return closeCodeIn(payload);
        // Awaited: a client cannot make answers pile up.
        if (frame.opcode === PING) await this.#write(PONG, payload);
        continue;
      }
      if ((frame.opcode === CONTINUATION) !== (kind !== 0)) {
        throw new SocketFailure(1002, "a fragment is out of order");
      }
      if (frame.opcode !== CONTINUATION) kind = frame.opcode;
      await this.#readPayload(frame, this.#message);
      if (!frame.final) continue;
      this.#dispatch(kind);
      kind = 0;
    }
  }

  #dispatch(kind: number): void {
    const { bytes } = this.#message;
    const data = kind === TEXT ? decodeUtf8(bytes) : bytes.slice().buffer;
    this.#message.release();
    if (!this.#closing) {
      this.dispatchEvent(new MessageEvent("message", { data }));
    }
  }

  async #readHeader(): Promise<Frame> {
    const [first = 0, second = 0] = await this.#read(2);
    const opcode = first & 0xf;
    const final = (first & 0x80) !== 0;
    let length = second & 0x7f;
    const control = opcode >= CLOSE;
    if ((first & 0x70) !== 0 || (second & 0x80) === 0) {
      throw new SocketFailure(1002, "a frame has unknown bits or no mask");
    }
    if (opcode > PONG || opcode > BINARY && opcode < CLOSE) {
      throw new SocketFailure(1002, "a frame has an unknown kind");
    }
    if (control && (!final || length > 125)) {
      throw new SocketFailure(1002, "a control frame is too long");
    }
    if (length > 125) {
      const extended = await this.#read(length === 126 ? 2 : 8);
      const shortest = length === 126 ? 126 : 0x1_0000;
      length = extended.reduce((sum, byte) => sum * 256 + byte, 0);
      if (length < shortest || length >= 2 ** 63) {
        throw new SocketFailure(1002, "a frame's length is malformed");
      }
    }
    return { final, opcode, length, mask: await this.#read(4) };
  }

  async #readControl(frame: Frame): Promise<Uint8Array> {
    const buffer = this.#newBuffer(125);
    await this.#readPayload(frame, buffer);
    const payload = buffer.bytes.slice();
    buffer.release();
    return payload;
  }

  /** Refuses by the announced length, before any of the payload is read. */
  async #readPayload(
    { length, mask }: Frame,
    into: ReceiveBuffer,
  ): Promise<void> {
    into.check(length);
    const from = into.length;
    await this.#transport.readInto(into, length);
    const { bytes } = into;
    for (let i = from; i < bytes.length; i++) {
      bytes[i]! ^= mask[(i - from) & 3]!;
    }
  }

  /** Reads so many bytes of a frame's header. */
  async #read(count: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(count);
    for (let have = 0; have < count;) {
      const some = this.#transport.take(count - have);
      buffer.set(some, have);
      have += some.length;
      if (some.length === 0 && !await this.#transport.fill()) {
        throw new Error("The client has left");
      }
    }
    return buffer;
  }

  #newBuffer(limit: number): ReceiveBuffer {
    const { bodies } = this.#transport.service;
    const tooLong = () =>
      new SocketFailure(1009, `a frame may have ${this.#maxBytes} bytes`);
    return new ReceiveBuffer(bodies, limit, tooLong);
  }

  #write(opcode: number, payload: Uint8Array): Promise<void> {
    const { length } = payload;
    const extra = length > 0xffff ? 8 : length > 125 ? 2 : 0;
    const frame = new Uint8Array(2 + extra + length);
    frame[0] = 0x80 | opcode;
    frame[1] = extra === 0 ? length : extra === 2 ? 126 : 127;
    for (let i = 0; i < extra; i++) {
      frame[1 + extra - i] = Math.floor(length / 256 ** i) & 0xff;
    }
    frame.set(payload, 2 + extra);
    const written = this.#writing.then(() => this.#transport.write(frame));
    this.#writing = written.catch(() => this.#transport.close());
    return written;
  }
}

/** The code of a client's close frame: 1005 for none. */
function closeCodeIn(payload: Uint8Array): number {
  if (payload.length === 0) return 1005;
  const code = payload.length < 2 ? 0 : payload[0]! << 8 | payload[1]!;
  // Those that are registered, and may be sent; from 3000 on they are anybody's.
  if (!/^1(00[0-37-9]|01[0-4])$|^[34]\d{3}$/.test(`${code}`)) {
    throw new SocketFailure(1002, "a close frame has an unknown code");
  }
  decodeUtf8(payload.subarray(2));
  return code;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new SocketFailure(1007, "a message was not UTF-8");
  }
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What answers a client's `Sec-WebSocket-Key`. */
export async function acceptKey(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", encodeText(key + GUID));
  return new Uint8Array(digest).toBase64();
}
