/**
 * One WebSocket for commands and subscriptions: `/ws`.
 *
 * Messages are JSON objects, as text. The client's have an `id` of its choice, which
 * the answer repeats; answers come in the order in which they are ready.
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
 * |                                                 | `{"missed":{"since":"2026-11-22T…"}}`: messages since then may be missing |
 * | `{"pong":1234}`                                 | `{"ping":1234}`                       |
 *
 * With `"base64":true` beside a command, its strings are base64.
 *
 * A `ping` must be answered with a `pong` of its number. It comes every 15 seconds
 * and every 256 KiB, as no platform tells how much the client has read. At most
 * 1 MiB is sent before the next `pong`; further messages wait, and a socket with
 * too many of them is closed.
 *
 * | Code | The gateway closed the socket because                                 |
 * | ---- | --------------------------------------------------------------------- |
 * | 1001 | it shuts down                                                         |
 * | 1003 | a frame was not text                                                  |
 * | 1008 | too many commands were sent before their answers came                 |
 * | 1009 | a frame was larger than the grant's `bodyBytes`                       |
 * | 1013 | the client reads too slowly or sent no `pong`, or Redis cannot be reached |
 *
 * The token comes as `Authorization`, as `_token` or, in browsers, as a
 * subprotocol: `new WebSocket(url, ["sorrel", "bearer." + token])`.
 *
 * @module
 */

import { type Item, SlowReaderError } from "../lib/client/client.ts";
import { onAbort } from "../lib/connection/alarm.ts";
import { encodeText } from "../lib/resp/bytes.ts";
import {
  commandOf,
  commandsOf,
  exactNumber,
  hasNumber,
  isRecord,
} from "./body.ts";
import type { Env } from "./env.ts";
import { explain } from "./explain.ts";
import { HEARTBEAT_MS } from "./feeds.ts";
import { type Grant, mayListen } from "./grants.ts";
import type { Incoming, Outgoing } from "./http.ts";
import { perform } from "./perform.ts";
import {
  type Feed,
  openStream,
  type Platform,
  type Session,
  type Socket,
} from "./platform.ts";
import { permit } from "./policy.ts";
import { badRequest, Refusal } from "./refusal.ts";
import { partOf } from "./response.ts";

/** A ping is sent after this many characters. */
const PING_AFTER = 256 * 1024;
/** At most this many characters are sent before a pong. */
const WINDOW = 1024 * 1024;
/** The messages of a client that may be in work; together they have the size of one. */
const MAX_MESSAGES = 1_000;
const MAX_SUBSCRIPTIONS = 1_000;
/** The bytes of messages that may wait in each subscription. */
const QUEUED_BYTES = 1024 * 1024;

/** Makes a WebSocket of a request, and serves it until it is closed. */
export async function respondWithSocket(
  request: Incoming,
  grant: Grant,
  platform: Platform,
  env: Env | undefined,
  onHeartbeat: () => void,
): Promise<Outgoing> {
  if (request.header("upgrade")?.toLowerCase() !== "websocket") {
    const how = { upgrade: "websocket", connection: "upgrade" };
    throw new Refusal(426, "ERR /ws is for WebSockets", how);
  }
  // Browsers offer a second one, with the token.
  const offered = request.header("sec-websocket-protocol") ?? "";
  const protocol = /(^|[, ])sorrel(,|$)/.test(offered) ? "sorrel" : undefined;
  return await openStream(grant, platform, env, async (session, place) => {
    const { bodyBytes } = grant.limits;
    const { socket, response } = await platform.upgrade(
      request,
      protocol,
      bodyBytes,
    );
    const serving = new SocketSession(socket, session, grant, () => {
      place.renew();
      onHeartbeat();
    });
    const release = onAbort(
      platform.closing,
      () => serving.close(1001, "the gateway is shutting down"),
    );
    return { response, ended: serving.ended.then(release) };
  });
}

/** A message of the client, by what it wants. */
type Message =
  | { kind: "pong"; number: unknown }
  | {
    kind: "commands";
    how: "one" | "many" | "atomic";
    commands: unknown;
    field: string;
    base64: boolean;
  }
  | {
    kind: "subscribe" | "unsubscribe";
    how: "channel" | "pattern";
    names: string[];
  };

const COMMANDS = {
  command: "one",
  pipeline: "many",
  transaction: "atomic",
} as const;
const SUBSCRIPTIONS = {
  subscribe: ["subscribe", "channel"],
  psubscribe: ["subscribe", "pattern"],
  unsubscribe: ["unsubscribe", "channel"],
  punsubscribe: ["unsubscribe", "pattern"],
} as const;

/** One socket: its commands, subscriptions and flow control. */
class SocketSession {
  /** Resolves when the socket is closed. */
  readonly ended: Promise<void>;

  readonly #socket: Socket;
  readonly #session: Session;
  readonly #grant: Grant;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  /** Aborts when the socket is closed. */
  readonly #left = new AbortController();
  /** By kind and name. */
  readonly #feeds = new Map<string, Promise<Feed>>();

  /** The messages in work, and their bytes. */
  #messages = 0;
  #bytes = 0;

  /** Characters sent, and how many of them a pong has confirmed. */
  #sent = 0;
  #confirmed = 0;
  /** The number of the ping without an answer; and of the one at the last heartbeat. */
  #ping: number | undefined;
  #lastPing: number | undefined;
  /** Resolves at the next pong. */
  #nextPong = Promise.withResolvers<void>();

  constructor(
    socket: Socket,
    session: Session,
    grant: Grant,
    onHeartbeat: () => void,
  ) {
    this.#socket = socket;
    this.#session = session;
    this.#grant = grant;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    onAbort(this.#left.signal, () => resolve());
    this.#heartbeat = setInterval(() => {
      onHeartbeat();
      this.#beat();
    }, HEARTBEAT_MS);
    socket.addEventListener(
      "message",
      (event) => this.#receive((event as MessageEvent).data),
    );
    socket.addEventListener("close", () => this.close());
    socket.addEventListener("error", () => this.close());
  }

  /** Closes the socket, and ends its commands and subscriptions. */
  close(code?: number, reason?: string): void {
    if (!this.#open) return;
    this.#left.abort();
    clearInterval(this.#heartbeat);
    this.#nextPong.resolve();
    try {
      this.#socket.close(code, reason);
    } catch {
      // The platform has closed it already.
    }
  }

  get #open(): boolean {
    return !this.#left.signal.aborted;
  }

  // -- Receiving --

  #receive(data: unknown): void {
    if (!this.#open) return;
    if (typeof data !== "string") return this.close(1003, "send JSON as text");
    const { bodyBytes } = this.#grant.limits;
    // The exact size in UTF-8 matters near the limit only.
    const size = data.length * 3 > bodyBytes
      ? encodeText(data).length
      : data.length;
    if (size > bodyBytes) {
      return this.close(1009, `a frame may have ${bodyBytes} bytes`);
    }
    if (
      this.#messages === MAX_MESSAGES ||
      this.#messages > 0 && this.#bytes + size > bodyBytes
    ) return this.close(1008, "too much at a time: wait for answers");
    this.#messages++;
    this.#bytes += size;
    this.#answer(data).finally(() => {
      this.#messages--;
      this.#bytes -= size;
    });
  }

  async #answer(text: string): Promise<void> {
    let id: unknown;
    let answer: object;
    try {
      const json = parseObject(text);
      id = json.id;
      const message = readMessage(json, text);
      if (message.kind === "pong") return this.#receivePong(message.number);
      this.#grant.usage.admit();
      answer = message.kind === "commands"
        ? await this.#perform(message)
        : await this.#changeSubscriptions(message);
    } catch (error) {
      answer = { error: explain(error).message };
    }
    await this.#send({ id, ...answer });
  }

  async #perform(
    { how, commands, field, base64 }: Message & { kind: "commands" },
  ): Promise<object> {
    const read = how === "one"
      ? [commandOf(commands, field)]
      : commandsOf(commands, this.#grant.limits.commands, field);
    const format = base64 ? "base64" : "json";
    const plan = { kind: how, commands: read, format } as const;
    const permitted = permit(plan, this.#grant);
    const work = () => perform(permitted, this.#session, format, this.#left);
    const answers = permitted.blocks
      ? await this.#grant.usage.whileBlocked(work)
      : await work();
    const parts = answers.map((answer) => partOf(answer, format));
    return how === "one" ? parts[0]! : { result: parts };
  }

  // -- Subscriptions --

  async #changeSubscriptions(
    { kind, how, names }: Message & { kind: "subscribe" | "unsubscribe" },
  ): Promise<object> {
    if (kind === "subscribe") {
      mayListen(this.#grant, how, names);
      const added = names.filter((name) => !this.#feeds.has(`${how} ${name}`));
      if (this.#feeds.size + added.length > MAX_SUBSCRIPTIONS) {
        throw new Refusal(
          429,
          `ERR too many subscriptions: a socket may have ${MAX_SUBSCRIPTIONS}`,
        );
      }
    }
    await Promise.all(
      names.map((name) =>
        kind === "subscribe"
          ? this.#subscribe(how, name)
          : this.#unsubscribe(`${how} ${name}`)
      ),
    );
    return { result: this.#feeds.size };
  }

  async #subscribe(how: "channel" | "pattern", name: string): Promise<void> {
    const key = `${how} ${name}`;
    const known = this.#feeds.get(key);
    if (known !== undefined) return void await known;
    const opening = this.#session.subscribe(how, [name], {
      highWaterBytes: QUEUED_BYTES,
      signal: this.#left.signal,
    });
    this.#feeds.set(key, opening);
    try {
      this.#relay(key, await opening);
    } catch (error) {
      this.#feeds.delete(key);
      throw error;
    }
  }

  async #unsubscribe(key: string): Promise<void> {
    const feed = this.#feeds.get(key);
    this.#feeds.delete(key);
    await (await feed)?.[Symbol.asyncDispose]();
  }

  /** Passes the messages of a subscription on, until it or the socket ends. */
  async #relay(key: string, feed: Feed): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await feed.next();
        if (done || !this.#open) break;
        await this.#send(partOfItem(value));
      }
      // It ends by itself only when the server's side of it is lost.
      if (this.#open && this.#feeds.has(key)) {
        this.close(1013, "Redis cannot be reached");
      }
    } catch (error) {
      const slow = error instanceof SlowReaderError;
      this.close(1013, slow ? "messages pile up" : "Redis cannot be reached");
    } finally {
      await feed[Symbol.asyncDispose]().catch(() => {});
    }
  }

  // -- Sending --

  /** Sends once the client has confirmed enough of what was sent before. */
  async #send(value: object): Promise<void> {
    const text = JSON.stringify(value);
    while (this.#open && this.#sent - this.#confirmed > WINDOW) {
      await this.#nextPong.promise;
    }
    this.#write(text);
    if (this.#sent - this.#confirmed > PING_AFTER) this.#sendPing();
  }

  #write(text: string): void {
    if (!this.#open) return;
    try {
      this.#socket.send(text);
      this.#sent += text.length;
    } catch {
      // The platform has closed the socket, and its event comes later.
      this.close();
    }
  }

  #sendPing(): void {
    if (this.#ping !== undefined) return;
    this.#ping = this.#sent;
    this.#write(`{"ping":${this.#ping}}`);
  }

  #receivePong(number: unknown): void {
    if (this.#ping === undefined || number !== this.#ping) return;
    this.#confirmed = this.#ping;
    this.#ping = undefined;
    this.#nextPong.resolve();
    this.#nextPong = Promise.withResolvers();
  }

  #beat(): void {
    if (this.#ping !== undefined && this.#ping === this.#lastPing) {
      return this.close(1013, "no pong came");
    }
    this.#sendPing();
    this.#lastPing = this.#ping;
  }
}

/** An item of a subscription, as the client gets it. */
function partOfItem(item: Item<string>): object {
  if (!("message" in item)) return { missed: { since: item.since } };
  const { channel, message, pattern } = item;
  return { message: { channel, message, pattern } };
}

function parseObject(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The error below tells what was expected.
  }
  if (isRecord(json)) return json;
  throw malformed("it must be a JSON object");
}

/** Reads a message; `json` is its text, parsed. */
function readMessage(json: Record<string, unknown>, text: string): Message {
  if ("pong" in json) return { kind: "pong", number: json.pong };
  for (const [field, how] of Object.entries(COMMANDS)) {
    if (!(field in json)) continue;
    // Arguments keep every digit, and `id` stays a number.
    const commands = hasNumber(json[field])
      ? JSON.parse(text, exactNumber)[field]
      : json[field];
    const base64 = json.base64 === true;
    return { kind: "commands", how, commands, field, base64 };
  }
  for (const [field, [kind, how]] of Object.entries(SUBSCRIPTIONS)) {
    if (field in json) return { kind, how, names: namesOf(json, field) };
  }
  const known = Object.keys({ ...COMMANDS, ...SUBSCRIPTIONS }).join(", ");
  throw malformed(`it must have one of ${known}`);
}

function namesOf(json: Record<string, unknown>, field: string): string[] {
  const names = json[field];
  if (
    Array.isArray(names) && names.length > 0 &&
    names.every((name) => typeof name === "string" && name.isWellFormed())
  ) return names;
  throw malformed(`${field} must be an array of names, in Unicode`);
}

function malformed(reason: string): Refusal {
  return badRequest(`malformed frame: ${reason}`);
}
