/**
 * One WebSocket for commands and subscriptions: `/ws`.
 *
 * Frames are JSON objects, as text. What the client sends has an `id` of its
 * choice, which the answer has too; answers come as they are ready.
 *
 * | The client sends                                | It gets                               |
 * | ----------------------------------------------- | ------------------------------------- |
 * | `{"id":1,"command":["GET","k"]}`                | `{"id":1,"result":"v"}`               |
 * | `{"id":2,"pipeline":[["INCR","n"],["NOPE"]]}`   | `{"id":2,"result":[{"result":1},{"error":"ERR …"}]}` |
 * | `{"id":3,"transaction":[["INCR","n"]]}`         | the same, of MULTI and EXEC           |
 * | `{"id":4,"subscribe":["news"]}`                 | `{"id":4,"result":1}`: subscriptions of this socket |
 * | `psubscribe`, `unsubscribe`, `punsubscribe`     | the same                              |
 * | anything that fails                             | `{"id":5,"error":"ERR …"}`            |
 * |                                                 | `{"message":{"channel":"news","message":"hi"}}`, with `pattern` where one matched |
 * |                                                 | `{"missed":{"since":"2026-11-22T…"}}`: the connection to Redis was lost meanwhile |
 * | `{"pong":1234}`                                 | `{"ping":1234}`                       |
 *
 * With `"base64":true` beside a command, its strings are base64.
 *
 * A `ping` must be answered with a `pong` of its number: it comes every 15
 * seconds and every 256 KiB, so that the gateway knows what was read, which no
 * platform tells. More than 1 MiB is not sent before; messages wait then, and a
 * socket whose messages pile up is closed.
 *
 * | Code | The gateway closed the socket since                                   |
 * | ---- | --------------------------------------------------------------------- |
 * | 1001 | it shuts down                                                         |
 * | 1003 | a frame was not text                                                  |
 * | 1008 | too much was asked before it was answered                             |
 * | 1009 | a frame was larger than the grant's `bodyBytes`                       |
 * | 1013 | the client reads too slowly or sent no `pong`, or Redis cannot be reached |
 *
 * The token comes as `Authorization`, as `_token` or, in browsers, as a
 * subprotocol: `new WebSocket(url, ["sorrel", "bearer." + token])`.
 *
 * @module
 */

import {
  type Client,
  type Item,
  SlowReaderError,
  type Subscription,
} from "../lib/client/client.ts";
import { onAbort } from "../lib/connection/alarm.ts";
import { decodeText, encodeText } from "../lib/resp/bytes.ts";
import { commandOf, commandsOf, exactNumber, isRecord } from "./body.ts";
import { relayed } from "./events.ts";
import { explain } from "./explain.ts";
import { type Grant, mayListen } from "./grants.ts";
import type { Place } from "./limits.ts";
import { perform } from "./perform.ts";
import { permit } from "./policy.ts";
import { badRequest, Refusal } from "./refusal.ts";
import { partOf } from "./response.ts";
import { type Platform, respondWhileOpen } from "./upstream.ts";

/** A ping after so long, in milliseconds; without a pong until the next, the client is gone. */
const HEARTBEAT = 15_000;
/** A ping after so many characters. */
const PING_AFTER = 256 * 1024;
/** So many characters are sent before a pong. */
const WINDOW = 1024 * 1024;
/** So much may be under way, in frames; and in characters what one may have. */
const MOST_FRAMES = 1_000;
const MOST_SUBSCRIPTIONS = 1_000;
/** How many bytes of messages may wait in each subscription. */
const QUEUED = 1024 * 1024;

/** Makes a WebSocket of a request, and serves it until it is closed. */
export async function respondWithSocket(
  request: Request,
  grant: Grant,
  platform: Platform,
): Promise<Response> {
  const { headers } = request;
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    const how = { upgrade: "websocket", connection: "upgrade" };
    throw new Refusal(426, "ERR /ws is for WebSockets", how);
  }
  // The other one that browsers offer has the token.
  const offered = headers.get("sec-websocket-protocol") ?? "";
  const protocol = /(^|[, ])sorrel(,|$)/.test(offered) ? "sorrel" : undefined;
  return await respondWhileOpen(grant, platform, async (client, stream) => {
    const { closing } = platform;
    const { socket, response } = await platform.upgrade(request, protocol);
    const session = new Session(socket, client, grant, stream);
    const shutDown = () => session.close(1001, "the gateway is shutting down");
    closing?.addEventListener("abort", shutDown);
    const ended = session.ended.then(() =>
      closing?.removeEventListener("abort", shutDown)
    );
    return { response, ended };
  });
}

type Frame = Record<string, unknown>;
type Heard = Subscription<string, Item<string>>;

const BATCHES = {
  command: "one",
  pipeline: "many",
  transaction: "atomic",
} as const;
const LISTENS = {
  subscribe: ["channel", true],
  psubscribe: ["pattern", true],
  unsubscribe: ["channel", false],
  punsubscribe: ["pattern", false],
} as const;

/** What one socket asked for. */
class Session {
  /** Resolves when the socket is closed. */
  readonly ended: Promise<void>;

  readonly #socket: WebSocket;
  readonly #client: Client;
  readonly #grant: Grant;
  readonly #stream: Place;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  /** Aborts when the socket is closed. */
  readonly #left = new AbortController();
  /** By kind and name. */
  readonly #heard = new Map<string, Promise<Heard>>();

  /** What is under way: frames, and their characters. */
  #frames = 0;
  #size = 0;

  /** Characters sent, and how many of them the client has read for sure. */
  #sent = 0;
  #read = 0;
  /** The number of the ping that is not answered; and of the one at the last heartbeat. */
  #ping: number | undefined;
  #lastPing: number | undefined;
  /** Resolves when the client has read more. */
  #room = Promise.withResolvers<void>();

  constructor(
    socket: WebSocket,
    client: Client,
    grant: Grant,
    stream: Place,
  ) {
    this.#stream = stream;
    this.#socket = socket;
    this.#client = client;
    this.#grant = grant;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    onAbort(this.#left.signal, () => resolve());
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT);
    socket.addEventListener("message", ({ data }) => this.#receive(data));
    socket.addEventListener("close", () => this.close());
    socket.addEventListener("error", () => this.close());
  }

  /** Closes the socket, and ends all that was asked for. */
  close(code?: number, reason?: string): void {
    if (!this.#open) return;
    this.#left.abort();
    this.#stream.close();
    clearInterval(this.#heartbeat);
    this.#room.resolve();
    this.#socket.close(code, reason);
  }

  get #open(): boolean {
    return !this.#left.signal.aborted;
  }

  // -- What comes --

  #receive(data: unknown): void {
    if (!this.#open) return;
    if (typeof data !== "string") return this.close(1003, "send JSON as text");
    const most = this.#grant.limits.bodyBytes;
    // In UTF-8, which is counted only where it matters.
    const size = data.length * 3 > most ? encodeText(data).length : data.length;
    if (size > most) return this.close(1009, `a frame may have ${most} bytes`);
    if (
      this.#frames === MOST_FRAMES ||
      this.#frames > 0 && this.#size + size > most
    ) return this.close(1008, "too much at a time: wait for answers");
    this.#frames++;
    this.#size += size;
    this.#answer(data).finally(() => {
      this.#frames--;
      this.#size -= size;
    });
  }

  async #answer(text: string): Promise<void> {
    let id: unknown;
    let answer: object;
    try {
      const frame = readFrame(text);
      if ("pong" in frame) return this.#pong(frame.pong);
      ({ id } = frame);
      this.#grant.usage.admit();
      answer = await this.#perform(frame, text);
    } catch (error) {
      answer = { error: explain(error).message };
    }
    await this.#send({ id, ...answer });
  }

  async #perform(frame: Frame, text: string): Promise<object> {
    for (const [field, kind] of Object.entries(BATCHES)) {
      if (!(field in frame)) continue;
      // The id is as it was, arguments keep every digit.
      const value = JSON.parse(text, exactNumber)[field];
      const commands = kind === "one"
        ? [commandOf(value, field)]
        : commandsOf(value, this.#grant.limits.commands, field);
      const format = frame.base64 === true ? "base64" : "json";
      const permitted = permit({ kind, commands, format }, this.#grant);
      const work = () => perform(permitted, this.#client, format, this.#left);
      const answers = permitted.blocks
        ? await this.#grant.usage.whileWaiting(work)
        : await work();
      const parts = answers.map((answer) => partOf(answer, format));
      return kind === "one" ? parts[0]! : { result: parts };
    }
    for (const [field, [how, joins]] of Object.entries(LISTENS)) {
      if (!(field in frame)) continue;
      const names = namesOf(frame, field);
      if (joins) {
        mayListen(this.#grant, how, names);
        const more = names.filter((name) => !this.#heard.has(`${how} ${name}`));
        if (this.#heard.size + more.length > MOST_SUBSCRIPTIONS) {
          throw new Refusal(
            429,
            `ERR too many subscriptions: a socket may have ${MOST_SUBSCRIPTIONS}`,
          );
        }
      }
      const act = (name: string) =>
        joins ? this.#listen(how, name) : this.#leave(how, name);
      await Promise.all(names.map(act));
      return { result: this.#heard.size };
    }
    const known = Object.keys({ ...BATCHES, ...LISTENS }).join(", ");
    throw malformed(`it must have one of ${known}`);
  }

  // -- What is heard --

  async #listen(how: "channel" | "pattern", name: string): Promise<void> {
    const key = `${how} ${name}`;
    const known = this.#heard.get(key);
    if (known !== undefined) return void await known;
    const subscribing = this.#client.subscribe<string, Item<string>>(
      how,
      [name],
      relayed(QUEUED, this.#left.signal),
      decodeText,
    );
    this.#heard.set(key, subscribing);
    try {
      this.#relay(await subscribing);
    } catch (error) {
      this.#heard.delete(key);
      throw error;
    }
  }

  async #leave(how: "channel" | "pattern", name: string): Promise<void> {
    const key = `${how} ${name}`;
    const heard = this.#heard.get(key);
    this.#heard.delete(key);
    await (await heard)?.close();
  }

  async #relay(heard: Heard): Promise<void> {
    try {
      for await (const item of heard) {
        if ("message" in item) {
          const { channel, message, pattern } = item;
          await this.#send({ message: { channel, message, pattern } });
        } else await this.#send({ missed: { since: item.since } });
        if (!this.#open) return;
      }
    } catch (error) {
      const slow = error instanceof SlowReaderError;
      this.close(1013, slow ? "messages pile up" : "Redis cannot be reached");
    }
  }

  // -- What goes --

  /** Sends as soon as the client has read enough of what went before. */
  async #send(value: object): Promise<void> {
    const text = JSON.stringify(value);
    while (this.#open && this.#sent - this.#read > WINDOW) {
      await this.#room.promise;
    }
    this.#write(text);
    if (this.#sent - this.#read > PING_AFTER) this.#sendPing();
  }

  #write(text: string): void {
    if (!this.#open || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(text);
    this.#sent += text.length;
  }

  #sendPing(): void {
    if (this.#ping !== undefined) return;
    this.#ping = this.#sent;
    this.#write(`{"ping":${this.#ping}}`);
  }

  #pong(number: unknown): void {
    if (this.#ping === undefined || number !== this.#ping) return;
    this.#read = this.#ping;
    this.#ping = undefined;
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }

  #beat(): void {
    this.#stream.renew();
    if (this.#ping !== undefined && this.#ping === this.#lastPing) {
      return this.close(1013, "no pong came");
    }
    this.#sendPing();
    this.#lastPing = this.#ping;
  }
}

function readFrame(text: string): Frame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    // The refusal below says what was expected.
  }
  if (isRecord(frame)) return frame;
  throw malformed("it must be a JSON object");
}

function namesOf(frame: Frame, field: string): string[] {
  const names = frame[field];
  if (
    Array.isArray(names) && names.length > 0 &&
    names.every((name) => typeof name === "string" && name.isWellFormed())
  ) return names;
  throw malformed(`${field} must be an array of names, in Unicode`);
}

function malformed(reason: string): Refusal {
  return badRequest(`malformed frame: ${reason}`);
}
