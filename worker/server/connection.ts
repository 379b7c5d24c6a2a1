/**
 * One connection of a client: requests are read, handed to the gateway, and
 * answered one after another.
 *
 * @module
 */

import { joinBytes } from "../../lib/resp/bytes.ts";
import type { Incoming, Outgoing } from "../http.ts";
import { badRequest, Refusal } from "../refusal.ts";
import { Exchange, type ExchangeConnection } from "./exchange.ts";
import { type Head, type Headers, parseHead } from "./head.ts";
import { type Budget, MAX_HEAD_BYTES, type ServerLimits } from "./limits.ts";
import type { ReceiveBuffer } from "./receive_buffer.ts";
import {
  chunkOf,
  endsResponse,
  headOf,
  isLarge,
  refusalOf,
} from "./response_head.ts";

/** What the server needs of a TCP connection. */
export interface Transport {
  /** Reads into `into`; resolves to how many bytes, or `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Sends no more, and still reads. */
  closeWrite(): Promise<void>;
  /** Closes the connection; reads and writes that wait fail. */
  close(): void;
}

/** What connections share: the handler, the limits and what is used of them. */
export interface Service {
  /** The time in milliseconds at the server's last tick. Reading a clock costs 200 ns. */
  readonly now: number;
  readonly handle: (request: Incoming) => Promise<Outgoing>;
  readonly limits: ServerLimits;
  readonly requests: Budget;
  readonly bodies: Budget;
  readonly answers: Budget;
  /** Aborts when no more requests are taken. */
  readonly closing: AbortSignal;
  /** Called when the client has shown a token. */
  authorized(connection: Connection): void;
}

/**
 * What the connection does. Each state but `answering` and `socket` has a
 * deadline: the connection is closed when it passes.
 */
type State =
  | "new"
  | "idle"
  | "head"
  | "body"
  | "skipping"
  | "answering"
  | "writing"
  | "draining"
  | "socket"
  | "closed";

const HEAD_END = [0x0d, 0x0a, 0x0d, 0x0a] as const;
const FIRST_BUFFER_BYTES = 2 * 1024;
/** The headers of a longer head are not kept for the next request. */
const MAX_KEPT_HEAD_BYTES = 4 * 1024;
/** Anybody may send a long head: it takes no more than that. */
const MAX_BUFFER_BYTES = MAX_HEAD_BYTES + HEAD_END.length;
const SCRATCH_BYTES = 1024;
/** A client must take this much of an answer within the write timeout. */
const PIECE_BYTES = 256 * 1024;
/** At most this much is written at once: others wait while the system copies it. */
const WRITE_BYTES = 128 * 1024;
/** A body up to this size leaves in one write with its head. */
const MAX_JOINED_BYTES = 16 * 1024;
/** The time to read what a refused client still sends, in milliseconds. */
const DRAIN_MS = 2_000;
/** A client that sends more than this after a refusal may miss the answer. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;
/** An unread body up to this size is read and dropped, so that the connection can go on. */
const MAX_SKIPPED_BYTES = 64 * 1024;

/** One connection. */
export class Connection implements ExchangeConnection {
  /** When it is closed, on the clock of its service. */
  deadline = Infinity;
  readonly #transport: Transport;
  readonly #service: Service;
  #state: State = "new";
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  /** Holds a small response while it is written. */
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  #start = 0;
  #end = 0;
  /** The read that is under way: only one may be. */
  #filling: Promise<boolean> | undefined;
  /** The headers of the last request, which the next one may repeat. */
  #headers: Headers | undefined;
  #expired = false;
  #exchange: Exchange | undefined;

  /** Takes the connection; {@linkcode serve} begins. */
  constructor(transport: Transport, service: Service) {
    this.#transport = transport;
    this.#service = service;
    this.enter("new");
  }

  /** Whether no request is in flight. */
  get idle(): boolean {
    return this.#state === "new" || this.#state === "idle";
  }

  /** Changes the state: the one place that does. */
  enter(state: State): void {
    if (this.#state === "closed") return;
    this.#state = state;
    const time = this.#timeOf(state);
    this.deadline = this.#service.now + time;
  }

  #timeOf(state: State): number {
    const { limits } = this.#service;
    switch (state) {
      case "new":
      case "head":
        return limits.headTimeout;
      case "body":
      case "skipping":
        return limits.bodyTimeout;
      case "idle":
        return limits.idleTimeout;
      case "writing":
        return limits.writeTimeout;
      case "draining":
        return DRAIN_MS;
      case "answering":
      case "socket":
      case "closed":
        return Infinity;
    }
  }

  /** The deadline has passed. A client that waits for an answer is told. */
  expire(): void {
    this.#expired = true;
    if (this.#state !== "head" && this.#state !== "body") return this.close();
    const { status, message } = lateRequest();
    const response = refusalOf(new Refusal(status, message));
    const bytes = headOf(response, { modern: true, close: true, head: false });
    this.enter("draining");
    this.#transport.write(bytes).catch(() => {}).finally(() => this.close());
  }

  /** Closes the connection, whatever it does. */
  close(): void {
    if (this.#state === "closed") return;
    this.enter("closed");
    this.#exchange?.leave();
    this.#transport.close();
  }

  /** Serves requests until the connection ends; never rejects. */
  async serve(): Promise<void> {
    try {
      while (await this.#serveOne());
    } catch {
      // The client is gone, or too slow.
    } finally {
      this.close();
    }
  }

  /** Serves one request; resolves to whether another may follow. */
  async #serveOne(): Promise<boolean> {
    let head: Head | null;
    try {
      head = await this.#readHead();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.#respond(refusalOf(error), { close: true });
      await this.#drain();
      return false;
    }
    if (head === null) return false;
    const exchange = new Exchange(this, head);
    this.#exchange = exchange;
    try {
      return await this.#answer(exchange, head);
    } finally {
      exchange.release();
      this.#exchange = undefined;
    }
  }

  async #answer(exchange: Exchange, head: Head): Promise<boolean> {
    const outgoing = await this.#handle(exchange);
    if (exchange.upgraded !== undefined) {
      await this.#respond(outgoing, { close: false });
      this.enter("socket");
      await exchange.upgraded.serve();
      await this.#drain();
      return false;
    }
    const close = !head.keepAlive || exchange.unread > MAX_SKIPPED_BYTES ||
      this.#service.closing.aborted ||
      // Only the end of the connection ends such a body.
      !head.modern && outgoing.body instanceof ReadableStream;
    await this.#respond(outgoing, {
      close,
      modern: head.modern,
      head: head.method === "HEAD",
    });
    if (close) {
      const sending = exchange.unread > 0 || this.#end > this.#start;
      if (sending) await this.#drain();
      return false;
    }
    if (exchange.unread > 0) await exchange.skip();
    this.enter("idle");
    return true;
  }

  async #handle(exchange: Exchange): Promise<Outgoing> {
    const { requests, handle } = this.#service;
    try {
      requests.take(1);
    } catch (error) {
      return refusalOf(error);
    }
    this.enter("answering");
    try {
      const outgoing = await handle(exchange);
      return isLarge(outgoing) ? exchange.hold(outgoing) : outgoing;
    } finally {
      requests.give(1);
    }
  }

  // -- Reading --

  async #readHead(): Promise<Head | null> {
    // Only what is new is searched for the end of the head.
    for (let searched = 0;;) {
      // An empty line before a request is allowed.
      while (this.#end - this.#start >= 2 && this.#buffer[this.#start] === 13) {
        if (this.#buffer[this.#start + 1] !== 10) break;
        this.#start += 2;
      }
      const from = Math.max(this.#start, this.#start + searched - 3);
      const end = indexOfHeadEnd(this.#buffer, from, this.#end);
      if (end >= 0 && end - this.#start <= MAX_HEAD_BYTES) {
        const head = parseHead(
          this.#buffer,
          this.#start,
          end,
          this.#headers,
        );
        // Its text is part of that of the whole head, which it would keep.
        const keeps = end - this.#start <= MAX_KEPT_HEAD_BYTES;
        this.#headers = keeps ? head.headers : undefined;
        this.#start = end + HEAD_END.length;
        return head;
      }
      searched = this.#end - this.#start;
      if (searched > MAX_HEAD_BYTES) {
        throw new Refusal(
          431,
          `ERR the head of a request may have ${MAX_HEAD_BYTES} bytes`,
        );
      }
      if (searched > 0 && this.idle) this.enter("head");
      if (this.idle && this.#service.closing.aborted) return null;
      if (!await this.fill()) return null;
    }
  }

  /** Reads more bytes into the buffer; resolves to `false` at the end. */
  fill(): Promise<boolean> {
    if (this.#filling !== undefined) return this.#filling;
    this.#makeRoom();
    const read = this.#transport.read(this.#buffer.subarray(this.#end));
    return this.#filling = read.then((count) => {
      this.#filling = undefined;
      if (count === null) return false;
      this.#end += count;
      return true;
    }, () => {
      this.#filling = undefined;
      return false;
    });
  }

  #makeRoom(): void {
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
      // Most heads are short: a long one does not keep its room.
      if (this.#buffer.length > FIRST_BUFFER_BYTES) {
        this.#buffer = new Uint8Array(FIRST_BUFFER_BYTES);
      }
    }
    if (this.#end < this.#buffer.length) return;
    const kept = this.#buffer.subarray(this.#start, this.#end);
    const size = kept.length > this.#buffer.length / 2
      ? Math.min(this.#buffer.length * 2, MAX_BUFFER_BYTES)
      : this.#buffer.length;
    const buffer = new Uint8Array(size);
    buffer.set(kept);
    this.#buffer = buffer;
    this.#end = kept.length;
    this.#start = 0;
  }

  /** Takes at most `count` bytes from the buffer: a view until the next read. */
  take(count: number): Uint8Array {
    const taken = this.#buffer.subarray(
      this.#start,
      Math.min(this.#start + count, this.#end),
    );
    this.#start += taken.length;
    return taken;
  }

  /** Reads `count` bytes into `into`. */
  async readInto(into: ReceiveBuffer, count: number): Promise<void> {
    const buffered = this.take(count);
    into.append(buffered);
    let left = count - buffered.length;
    while (left > 0) {
      if (this.#filling !== undefined) {
        if (!await this.#filling) throw this.lost();
        const more = this.take(left);
        into.append(more);
        left -= more.length;
        continue;
      }
      const read = await this.#transport.read(into.room(left))
        .catch(() => null);
      if (read === null) throw this.lost();
      into.filled(read);
      left -= read;
    }
  }

  /** Reads a line that ends with CRLF, which is not part of it. */
  async readLine(limit: number): Promise<string> {
    let line = "";
    for (;;) {
      for (const byte of this.take(1)) line += String.fromCharCode(byte);
      if (line.endsWith("\r\n")) return line.slice(0, -2);
      if (line.length > limit) throw badRequest("malformed chunk");
      if (this.#start === this.#end && !await this.fill()) throw this.lost();
    }
  }

  /**
   * Calls `left` when the client closes the connection during an exchange. Its
   * next request may come before; it stays in the buffer.
   */
  async watch(exchange: Exchange, left: () => void): Promise<void> {
    while (
      this.#exchange === exchange && this.#end - this.#start < MAX_HEAD_BYTES
    ) {
      if (!await this.fill()) return left();
    }
  }

  /** The error for a client that is gone, or was too slow. */
  lost(): Error {
    return this.#expired
      ? lateRequest()
      : new DOMException("The client has left", "AbortError");
  }

  // -- Writing --

  async #respond(
    outgoing: Outgoing,
    { close, modern = true, head = false }: {
      close: boolean;
      modern?: boolean;
      head?: boolean;
    },
  ): Promise<void> {
    const { body } = outgoing;
    const bytes = headOf(outgoing, { modern, close, head }, this.#scratch);
    if (
      body instanceof Uint8Array && !head && body.length <= MAX_JOINED_BYTES
    ) {
      return await this.write(joinBytes([bytes, body]));
    }
    await this.write(bytes);
    if (body instanceof Uint8Array && !head) await this.write(body);
    if (!(body instanceof ReadableStream)) return;
    if (head) return await body.cancel();
    const reader = body.getReader();
    this.#exchange?.signal.addEventListener(
      "abort",
      () => reader.cancel().catch(() => {}),
    );
    for (;;) {
      this.enter("answering");
      const { done, value } = await reader.read();
      if (done) break;
      await this.write(modern ? chunkOf(value) : value).catch(async (error) => {
        await reader.cancel().catch(() => {});
        throw error;
      });
    }
    if (modern) await this.write(endsResponse);
  }

  /** Writes all of the bytes. Rejects when the client does not read them in time. */
  async write(bytes: Uint8Array): Promise<void> {
    let piece = 0;
    for (let at = 0; at < bytes.length;) {
      if (this.#state !== "socket" && at >= piece) {
        this.enter("writing");
        piece = at + PIECE_BYTES;
      }
      at += await this.#transport.write(bytes.subarray(at, at + WRITE_BYTES));
    }
  }

  /**
   * Reads and drops what a refused client still sends: were the connection closed
   * before, the client's system would drop the answer.
   */
  async #drain(): Promise<void> {
    this.enter("draining");
    await this.#transport.closeWrite();
    this.#start = this.#end;
    for (let drained = 0; drained < MAX_DRAINED_BYTES;) {
      if (!await this.fill()) return;
      drained += this.#end - this.#start;
      this.#start = this.#end;
    }
  }

  /** What connections share. */
  get service(): Service {
    return this.#service;
  }

  /** The client has shown a token. */
  authorized(): void {
    this.#service.authorized(this);
  }
}

function indexOfHeadEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = bytes.indexOf(HEAD_END[0], from); at >= 0 && at + 3 < end;) {
    if (
      bytes[at + 1] === HEAD_END[1] && bytes[at + 2] === HEAD_END[2] &&
      bytes[at + 3] === HEAD_END[3]
    ) return at;
    at = bytes.indexOf(HEAD_END[0], at + 1);
  }
  return -1;
}

function lateRequest(): Refusal {
  return new Refusal(408, "ERR the request did not come in time");
}
