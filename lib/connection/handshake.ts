/**
 * What a new connection says first, as a list of commands that leave in one write.
 *
 * @see https://redis.io/docs/latest/commands/hello/
 * @module
 */

import {
  AuthenticationError,
  ConnectionError,
  messageOf,
  ProtocolError,
  RedisError,
  ReplyError,
  TimeoutError,
} from "../errors.ts";
import {
  type Address,
  type Dial,
  showAddress,
  type Transport,
} from "../net/transport.ts";
import { decodeText } from "../resp/bytes.ts";
import { type Arg, RAW } from "../resp/reply.ts";
import { inTime, onAbort, until } from "./alarm.ts";
import { BatchSlot, type Slot } from "./command.ts";
import { Connection, type Limits, refusal } from "./connection.ts";
import { type Observed, tell } from "./events.ts";

/** Who authenticates, and by what. */
export interface Credentials {
  /** The ACL user; the server's default user when left out. */
  readonly username?: string | undefined;
  /** The user's password, or a token that stands for it. */
  readonly password: string;
}

/** Who a connection is, and what it speaks. */
export interface Identity {
  /** The protocol to ask for; 3 falls back to 2 where the server does not know it. */
  readonly protocol: 2 | 3;
  /** Asked by each connection; `undefined` when the server asks for none. */
  readonly credentials: (() => Credentials | Promise<Credentials>) | undefined;
  /** The connection's name in CLIENT LIST. */
  readonly name: string | undefined;
  /** The number of the database. */
  readonly db: number;
  /** Whether to tell the library's name and version (CLIENT SETINFO). */
  readonly info: boolean;
}

/** All that is needed to open a connection. */
export interface OpenOptions extends Identity, Observed {
  /** Where the server is. */
  readonly address: Address;
  /** How it is reached. */
  readonly dial: Dial;
  /** For dialling, TLS and the handshake together, in milliseconds. */
  readonly connectTimeout: number;
}

/** The name and version that servers are told. */
const SETINFO: Arg[][] = [
  ["CLIENT", "SETINFO", "LIB-NAME", "sorrel"],
  ["CLIENT", "SETINFO", "LIB-VER", "0.1.0"],
];

/**
 * Opens a connection that is ready for commands.
 *
 * A server that refuses HELLO, in whatever words, is spoken to in RESP2 on the
 * same connection; one that hangs up, on a new connection.
 *
 * Rejects with an {@linkcode AuthenticationError} when the server refuses the
 * credentials, with a {@linkcode TimeoutError} at the deadline, with the
 * signal's reason when it aborts, else with a {@linkcode ConnectionError}.
 * Nothing stays open then.
 *
 * `behind` leaves in the handshake's write, and its answer must be ignored when
 * this rejects: a server that refuses the credentials or the database executes
 * what follows all the same, as another user or elsewhere. So it must only read,
 * and the protocol must be 2: with 3, what is refused may be asked again.
 */
export function open(
  options: OpenOptions,
  limits: Limits,
  signal?: AbortSignal,
  behind?: Slot,
): Promise<Connection> {
  return withinLimits("connect to", options, signal, async (stop, progress) => {
    const credentials = await credentialsOf(options, stop);
    const speak = async (identity: Identity) => {
      const { address } = options;
      progress.hint = "tls" in address
        ? "a port without TLS needs redis://"
        : "";
      const connection = new Connection(await dialUntil(options, stop), limits);
      onAbort(stop, (reason) => connection.destroy(reason));
      try {
        stop.throwIfAborted();
        const shaken = shakeHands(
          connection,
          identity,
          credentials,
          progress,
          identity !== options,
        );
        // Still in the same tick, and so in the same write.
        if (behind !== undefined) connection.execute(behind);
        await shaken;
        return connection;
      } catch (error) {
        connection.destroy(error);
        await connection.closed;
        throw error;
      }
    };
    const connection = await speakTwice(options, speak);
    tell(options, { kind: "connected", protocol: connection.protocol });
    connection.closed.then(({ reason }) =>
      tell(options, { kind: "disconnected", reason })
    );
    return connection;
  });
}

/** Where a whole handshake has succeeded: there, a lost connection refuses nothing. */
const welcoming = new WeakSet<Address>();

/** The server closed the connection before it had answered. */
class HungUpError extends ConnectionError {}

/** Opens a connection; where the server hangs up on it, another one with nothing but what old servers know. */
async function speakTwice(
  options: OpenOptions,
  speak: (identity: Identity) => Promise<Connection>,
): Promise<Connection> {
  const { address, protocol, info } = options;
  try {
    const connection = await speak(options);
    if (connection.protocol === protocol) welcoming.add(address);
    return connection;
  } catch (first) {
    const least = protocol === 2 && !info;
    if (!(first instanceof HungUpError) || welcoming.has(address) || least) {
      throw first;
    }
    try {
      return await speak({ ...options, protocol: 2, info: false });
    } catch (second) {
      // What the server says tells more than a closed connection.
      const told = second instanceof RedisError &&
        !(second instanceof HungUpError);
      throw told ? second : first;
    }
  }
}

/**
 * Asks for the credentials again and says them on a connection that is in use.
 *
 * One that does not answer in the time to connect is closed; rejects when the
 * server refuses them, not when the connection is lost: the next one asks anew.
 */
export function authenticate(
  connection: Connection,
  options: OpenOptions,
): Promise<void> {
  return withinLimits("authenticate at", options, undefined, async (stop) => {
    const credentials = await credentialsOf(options, stop);
    if (credentials === undefined) return;
    onAbort(stop, (reason) => connection.destroy(reason));
    const { replies: [reply] } = await askAuth(connection, credentials, []);
    if (reply instanceof ReplyError) throw explain(reply, credentials);
  });
}

/** How far an attempt has come. */
interface Progress {
  /** What may help where its time is over by now; empty where nothing is known. */
  hint: string;
}

const IF_TLS = "a port for TLS needs rediss://";
const IF_RESP2 = 'a server without RESP3 needs "protocol: 2"';

/** Does `work` within the time to connect, and makes of its error one that says where, and what to do. */
async function withinLimits<T>(
  action: string,
  options: OpenOptions,
  signal: AbortSignal | undefined,
  work: (stop: AbortSignal, progress: Progress) => Promise<T>,
): Promise<T> {
  const { address } = options;
  const what = `Cannot ${action} ${showAddress(address)}`;
  const progress: Progress = { hint: "" };
  try {
    return await inTime(
      what,
      options.connectTimeout,
      signal,
      (stop) => work(stop, progress),
    );
  } catch (error) {
    if (signal?.aborted || error instanceof TypeError) throw error;
    if (error instanceof AuthenticationError) {
      tell(options, { kind: "authentication failed", error });
    }
    const hint = welcoming.has(address) ? "" : progress.hint;
    if (error instanceof TimeoutError && hint !== "") {
      throw new TimeoutError(`${error.message}: ${hint}`);
    }
    const who = error instanceof ProtocolError ? whoAnswers(error) : "";
    if (who !== "") {
      throw new ProtocolError(`${what}: ${who}`, { cause: error });
    }
    const hungUp = error instanceof HungUpError;
    if (error instanceof RedisError && !hungUp) throw error;
    const hints = hungUp ? `; ${IF_TLS}, ${IF_RESP2}` : "";
    throw new ConnectionError(`${what}: ${messageOf(error)}${hints}`, {
      cause: hungUp ? error.cause : error,
    });
  }
}

/** Who answers in place of Redis, by the first bytes; empty for nobody known. */
function whoAnswers({ bytes }: ProtocolError): string {
  const start = decodeText(bytes, 0, Math.min(bytes.length, 5));
  if (start === "HTTP/") return "an HTTP server answers there, not Redis";
  // A TLS record: an alert.
  return start.startsWith("\x15\x03") ? IF_TLS : "";
}

async function credentialsOf(
  { credentials }: OpenOptions,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  try {
    return credentials && await until(credentials, signal);
  } catch (cause) {
    // What it says may be secret.
    throw new ConnectionError('The function "credentials" failed', { cause });
  }
}

/** Dials, and does not wait for a dial that ignores its signal. */
async function dialUntil(
  { dial, address }: OpenOptions,
  signal: AbortSignal,
): Promise<Transport> {
  signal.throwIfAborted();
  const dialling = dial(address, signal);
  try {
    return await until(() => dialling, signal);
  } catch (error) {
    dialling.then((late) => late[Symbol.dispose](), () => {});
    throw error;
  }
}

/** Two, whose answers do not matter: a server that refuses a connection answers once, and closes it. */
const PINGS: Arg[][] = [["PING"], ["PING"]];

/** What came of commands that left in one write. */
interface Answers {
  /** Replies, as far as they came; an error reply is a value. */
  readonly replies: readonly unknown[];
  /** Why the connection was lost before the last of them, where it was. */
  readonly lost?: unknown;
}

/** With `again`, the server has hung up on another connection before. */
async function shakeHands(
  connection: Connection,
  identity: Identity,
  credentials: Credentials | undefined,
  progress: Progress,
  again: boolean,
): Promise<void> {
  const { protocol, name, db, info } = identity;
  const select: Arg[][] = db === 0 ? [] : [["SELECT", db]];
  const about = info ? SETINFO : [];
  let refused: ReplyError | undefined;
  if (protocol === 3) {
    progress.hint = `it did not answer HELLO: ${IF_RESP2}`;
    const hello = helloOf(identity, credentials);
    const answers = await askAll(connection, [hello, ...select, ...about]);
    const [welcome] = answers.replies;
    if (welcome === undefined) return settle(answers, 0, credentials);
    // A proxy may answer with what a RESP2 server told it.
    if (welcome instanceof Map && welcome.get("proto") !== 2) {
      connection.protocol = 3;
      return settle(answers, 1 + select.length, credentials);
    }
    // Whatever its words: in RESP2 the server says what is wrong besides.
    if (welcome instanceof ReplyError) {
      if (isFinal(welcome, credentials)) throw explain(welcome, credentials);
      refused = welcome;
    }
  }
  progress.hint = "";
  const steps: Arg[][] = [...select];
  if (name !== undefined) steps.unshift(["CLIENT", "SETNAME", name]);
  const asked = steps.length + (credentials === undefined ? 0 : 1);
  // A server that refused HELLO must show that it serves this connection at all.
  const proof = asked + about.length === 0 && (refused || again)
    ? PINGS
    : about;
  const rest = [...steps, ...proof];
  const answers =
    await (credentials === undefined
      ? askAll(connection, rest)
      : askAuth(connection, credentials, rest));
  settle(answers, asked, credentials, refused);
}

function helloOf(
  { name }: Identity,
  credentials: Credentials | undefined,
): Arg[] {
  const hello = ["HELLO", "3"];
  if (credentials !== undefined) {
    const { username = "default", password } = credentials;
    hello.push("AUTH", username, password);
  }
  if (name !== undefined) hello.push("SETNAME", name);
  return hello;
}

/** Whether RESP2 cannot change the answer to HELLO: it is about the credentials. */
function isFinal(
  error: ReplyError,
  credentials: Credentials | undefined,
): boolean {
  // With credentials, some ask for AUTH before HELLO.
  return /^WRONGPASS\b/i.test(error.message) ||
    isNoAuth(error) && credentials === undefined;
}

function isNoAuth({ message }: ReplyError): boolean {
  return /^NOAUTH\b/i.test(message);
}

/**
 * Throws where one of the first `asked` commands was refused, or the connection
 * was lost. What follows them may be refused: CLIENT SETINFO, PING. `refused` is
 * what HELLO was answered with before.
 */
function settle(
  { replies, lost }: Answers,
  asked: number,
  credentials: Credentials | undefined,
  refused?: ReplyError,
): void {
  for (const [i, reply] of replies.entries()) {
    if (!(reply instanceof ReplyError)) continue;
    // Who refuses a connection says why, as the first answer, and closes it.
    const turnedAway = i === 0 && lost !== undefined;
    if (i < asked || turnedAway || isNoAuth(reply)) {
      throw explain(reply, credentials);
    }
  }
  if (lost === undefined) return;
  if (refused && isNoAuth(refused)) throw explain(refused, credentials);
  if (!hungUp(lost)) throw lost;
  throw new HungUpError(
    refused === undefined
      ? `The server closed the connection before it answered (${
        messageOf(lost)
      })`
      : `The server refused HELLO and closed the connection: ${refused.message}`,
    { cause: refused ?? lost },
  );
}

/** How sockets name a connection that the peer ended: in order, or not. */
const HUNG_UP = /^(Connection|BrokenPipe|UnexpectedEof)/;

/** Whether the peer ended the connection, without saying why. */
function hungUp(lost: unknown): boolean {
  return lost instanceof Error && HUNG_UP.test(lost.name) &&
    !(lost.cause instanceof ReplyError);
}

/** Authenticates, with more commands in the same write. */
async function askAuth(
  connection: Connection,
  { username, password }: Credentials,
  rest: readonly Arg[][],
): Promise<Answers> {
  // AUTH leads: on some servers a failing AUTH that does not gets no reply.
  const alone = [["AUTH", password], ...rest];
  if (username === undefined) return await askAll(connection, alone);
  const answers = await askAll(connection, [
    ["AUTH", username, password],
    ...rest,
  ]);
  const [reply] = answers.replies;
  // Servers with users say WRONGPASS. Those before 6.0 have none: they know the
  // password alone, and refuse two arguments as an ERR.
  const old = reply instanceof ReplyError && /^ERR$/i.test(reply.code);
  return old && connection.alive ? await askAll(connection, alone) : answers;
}

/** Sends all in one write. */
async function askAll(
  connection: Connection,
  steps: readonly Arg[][],
): Promise<Answers> {
  if (steps.length === 0) return { replies: [] };
  const slot = new BatchSlot(steps.map((args) => ({ args, shape: RAW })));
  connection.execute(slot);
  const lost = connection.closed.then(({ reason }) => ({
    replies: slot.results,
    lost: reason,
  }));
  try {
    return await Promise.race([
      slot.promise.then((replies) => ({ replies })),
      lost,
    ]);
  } catch (error) {
    // A dead connection refuses at once.
    if (connection.alive) throw error;
    return await lost;
  }
}

/** Refused credentials: by their code, or as servers before 6.0 say it. */
const CREDENTIALS =
  /^(WRONGPASS|NOAUTH|NOPERM)\b|invalid password|without any password|no password/i;

function explain(
  error: ReplyError,
  credentials: Credentials | undefined,
): RedisError {
  const { message } = error;
  if (!CREDENTIALS.test(message)) return refusal(error);
  const missing = credentials === undefined && isNoAuth(error);
  return new AuthenticationError(
    missing
      ? 'NOAUTH The server asks for a password: pass it as "password", or in the URL (redis://:password@host)'
      : message,
    { cause: error },
  );
}
