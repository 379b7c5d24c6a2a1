/**
 * One request on a connection: its body, its answer, the WebSocket that it becomes.
 *
 * @module
 */

import { EMPTY, encodeText } from "../../lib/resp/bytes.ts";
import { type Incoming, type Outgoing, tooLarge } from "../http.ts";
import { badRequest, Refusal } from "../refusal.ts";
import type { Head } from "./head.ts";
import type { Budget } from "./limits.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";
import { refusalOf } from "./response_head.ts";
import {
  acceptKey,
  type FrameTransport,
  ServerSocket,
} from "./server_socket.ts";

/** What a request needs of its connection. */
export interface ExchangeConnection extends FrameTransport {
  /** Changes the state of the connection. */
  enter(state: "body" | "skipping" | "answering"): void;
  /** Reads a line that ends with CRLF, which is not part of it. */
  readLine(limit: number): Promise<string>;
  /** Calls `left` when the client leaves during the exchange. */
  watch(exchange: Exchange, left: () => void): Promise<void>;
  /** The error for a client that is gone, or was too slow. */
  lost(): Error;
  /** The client has shown a token. */
  authorized(): void;
  /** What connections share. */
  readonly service: { readonly bodies: Budget; readonly answers: Budget };
}

// Extensions mean nothing here, and must not hold what another may take for an end.
// deno-lint-ignore no-control-regex
const CHUNK_SIZE = /^([\da-f]{1,8})[ \t]*(?:;[^\0-\x08\x0a-\x1f\x7f]*)?$/i;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f]/;

/** One request on a connection. */
export class Exchange implements Incoming {
  readonly method: string;
  readonly target: string;
  /** The WebSocket that the request became. */
  upgraded: ServerSocket | undefined;
  readonly #connection: ExchangeConnection;
  readonly #head: Head;
  #body: ReceiveBuffer | undefined;
  /** The bytes of a large answer. */
  #held = 0;
  /** The bytes of the body that are still to come, as far as known. */
  #unread: number;
  #left: AbortController | undefined;

  constructor(connection: ExchangeConnection, head: Head) {
    this.#connection = connection;
    this.#head = head;
    this.method = head.method;
    this.target = head.target;
    // After a refusal a client that was to wait for "100 Continue" may send the body
    // or its next request: nothing tells which.
    this.#unread = head.headers.length === "chunked" || this.#waits()
      ? Infinity
      : head.headers.length;
  }

  header(name: string): string | null {
    return this.#head.headers.values.get(name) ?? null;
  }

  /** Whether the client sends the body after "100 Continue" only. */
  #waits(): boolean {
    const { modern, headers } = this.#head;
    return modern && headers.length !== 0 &&
      /^100-continue$/i.test(headers.values.get("expect") ?? "");
  }

  authorized(): void {
    this.#connection.authorized();
  }

  get unread(): number {
    return this.#unread;
  }

  get signal(): AbortSignal {
    if (this.#left === undefined) {
      const left = new AbortController();
      this.#left = left;
      this.#connection.watch(this, () => left.abort());
    }
    return this.#left.signal;
  }

  leave(): void {
    this.#left?.abort();
  }

  async body(limit: number): Promise<Uint8Array> {
    const { length } = this.#head.headers;
    if (length === 0) return EMPTY;
    if (length !== "chunked" && length > limit) throw tooLarge(limit);
    const connection = this.#connection;
    connection.enter("body");
    // Were it read in part only, nobody would know where the next request begins.
    this.#unread = Infinity;
    if (this.#waits()) {
      await connection.write(encodeText("HTTP/1.1 100 Continue\r\n\r\n"));
      connection.enter("body");
    }
    const { bodies } = connection.service;
    const body = new ReceiveBuffer(bodies, limit, () => tooLarge(limit));
    this.#body = body;
    if (length === "chunked") await this.#readChunks(body);
    else await connection.readInto(body, length);
    this.#unread = 0;
    connection.enter("answering");
    return body.bytes;
  }

  async #readChunks(body: ReceiveBuffer): Promise<void> {
    const connection = this.#connection;
    for (;;) {
      const line = await connection.readLine(256);
      const [, size] = CHUNK_SIZE.exec(line) ?? [];
      if (size === undefined) throw badRequest("malformed chunk");
      const length = parseInt(size, 16);
      if (length === 0) break;
      body.check(length);
      await connection.readInto(body, length);
      if (await connection.readLine(2) !== "") {
        throw badRequest("malformed chunk");
      }
    }
    // Trailers mean nothing here.
    for (let trailers = 0;; trailers++) {
      const line = await connection.readLine(1024);
      if (line === "") return;
      if (CONTROLS.test(line)) throw badRequest("malformed trailer");
      if (trailers === 32) throw badRequest("too many trailers");
    }
  }

  /** Reads the rest of a small body and drops it. */
  async skip(): Promise<void> {
    const connection = this.#connection;
    connection.enter("skipping");
    for (let left = this.#unread; left > 0;) {
      const { length } = connection.take(left);
      left -= length;
      if (length === 0 && !await connection.fill()) throw connection.lost();
    }
  }

  /**
   * Keeps a large answer until the client has read it, as bytes alone: the text would
   * take as much again. Answers 503 when clients leave too much unread.
   */
  hold(outgoing: Outgoing): Outgoing {
    const { body } = outgoing;
    const bytes = typeof body === "string" ? encodeText(body) : body;
    if (!(bytes instanceof Uint8Array)) return outgoing;
    try {
      this.#connection.service.answers.take(bytes.length);
    } catch (error) {
      return refusalOf(error);
    }
    this.#held = bytes.length;
    return { ...outgoing, body: bytes };
  }

  release(): void {
    this.#body?.release();
    this.#connection.service.answers.give(this.#held);
  }

  /** Makes a WebSocket of the request. Throws a {@linkcode Refusal} when it is no handshake. */
  async upgrade(
    protocol: string | undefined,
    maxBytes: number,
  ): Promise<{ socket: ServerSocket; response: Outgoing }> {
    const key = this.header("sec-websocket-key") ?? "";
    const { modern, headers: { length } } = this.#head;
    if (this.header("sec-websocket-version") !== "13") {
      throw new Refusal(426, "ERR the version of WebSockets here is 13", {
        "sec-websocket-version": "13",
      });
    }
    if (
      this.method !== "GET" || !modern || length !== 0 ||
      !/(^|,)[ \t]*upgrade[ \t]*(,|$)/i.test(this.header("connection") ?? "") ||
      !/^[\w+/]{22}==$/.test(key)
    ) {
      throw badRequest("the request is no WebSocket handshake");
    }
    const headers: Record<string, string> = {
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-accept": await acceptKey(key),
    };
    if (protocol !== undefined) headers["sec-websocket-protocol"] = protocol;
    this.upgraded = new ServerSocket(this.#connection, maxBytes);
    return {
      socket: this.upgraded,
      response: { status: 101, headers, body: null },
    };
  }
}

/** Makes a WebSocket of a request of this server. */
export async function upgradeExchange(
  request: Incoming,
  protocol: string | undefined,
  maxBytes: number,
): Promise<{ socket: ServerSocket; response: Outgoing }> {
  if (request instanceof Exchange) {
    return await request.upgrade(protocol, maxBytes);
  }
  throw badRequest("the request is no WebSocket handshake");
}
