/**
 * A client of the gateway's WebSocket, and the checks for any gateway with one.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Caller } from "./caller.ts";

// deno-lint-ignore no-explicit-any -- each test knows its own reply
type Frame = any;

/** A WebSocket whose frames are awaited one by one. */
export class SocketClient implements AsyncDisposable {
  /** Resolves when it is closed. */
  readonly closed: Promise<CloseEvent>;
  /** The socket itself. */
  readonly socket: WebSocket;
  #held: (() => void)[] | undefined;
  readonly #frames: Frame[] = [];
  #wake = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.onclose = (event) => {
        resolve(event);
        this.#wake();
      };
    });
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (!("ping" in frame)) this.#frames.push(frame);
      else {
        const answer = () => this.send({ pong: frame.ping });
        if (this.#held === undefined) answer();
        else this.#held.push(answer);
      }
      this.#wake();
    };
  }

  /** Opens a WebSocket as browsers do. */
  static async open(url: string, token: string): Promise<SocketClient> {
    const address = `${url.replace("http", "ws")}/ws`;
    const socket = new WebSocket(address, ["sorrel", `bearer.${token}`]);
    const client = new SocketClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("The socket did not open"));
    });
    socket.onerror = null;
    assert.equal(socket.protocol, "sorrel");
    return client;
  }

  /** Sends a frame. */
  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Delays the replies to pings until released, like a slow reader. */
  holdPings(): { release(): void } {
    const held: (() => void)[] = [];
    this.#held = held;
    return {
      release: () => {
        this.#held = undefined;
        for (const answer of held) answer();
      },
    };
  }

  /** The next frame that is not a ping; rejects when the socket is closed. */
  async next(): Promise<Frame> {
    while (this.#frames.length === 0) {
      if (this.socket.readyState !== WebSocket.OPEN) {
        throw new Error("The socket is closed");
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#frames.shift();
  }

  /** Sends a frame; resolves to the next one. */
  async ask(frame: unknown): Promise<Frame> {
    this.send(frame);
    return await this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

/** Checks that a gateway's WebSocket works, on any platform. */
export async function assertServesSocket(
  url: string,
  token: string,
  caller: Caller,
): Promise<void> {
  await using socket = await SocketClient.open(url, token);
  assert.deepEqual(await socket.ask({ id: 1, command: ["SET", "ws", "é"] }), {
    id: 1,
    result: "OK",
  });
  assert.deepEqual(
    await socket.ask({ id: "x", command: ["GET", "ws"], base64: true }),
    { id: "x", result: "w6k=" },
  );
  const { id, result } = await socket.ask({
    id: [2],
    pipeline: [["GET", "ws"], ["NOPE"], ["SELECT", 1]],
  });
  assert.deepEqual([id, result[0]], [[2], { result: "é" }]);
  assert.match(result[1].error, /^ERR unknown command/);
  assert.match(result[2].error, /not available/);
  assert.deepEqual(
    await socket.ask({ id: 3, transaction: [["SET", "t", 1], ["INCR", "t"]] }),
    { id: 3, result: [{ result: "OK" }, { result: 2 }] },
  );
  assert.deepEqual(await socket.ask({ id: 4, subscribe: ["ws:a", "ws:b"] }), {
    id: 4,
    result: 2,
  });
  assert.deepEqual(await socket.ask({ id: 5, psubscribe: ["ws:c*"] }), {
    id: 5,
    result: 3,
  });
  assert.equal(await caller.command("PUBLISH", "ws:b", "hi"), 1);
  assert.deepEqual(await socket.next(), {
    message: { channel: "ws:b", message: "hi" },
  });
  assert.equal(await caller.command("PUBLISH", "ws:cc", "ho"), 1);
  assert.deepEqual(await socket.next(), {
    message: { channel: "ws:cc", message: "ho", pattern: "ws:c*" },
  });
  assert.deepEqual(await socket.ask({ id: 6, unsubscribe: ["ws:b"] }), {
    id: 6,
    result: 2,
  });
  assert.equal(await caller.command("PUBLISH", "ws:b", "hi"), 0);
}
