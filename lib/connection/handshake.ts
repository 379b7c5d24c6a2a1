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
 * same connection; one that hangs up on it, on a new connection.
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
    const speak = async (protocol: 2 | 3) => {
      progress.step = "dial";
      const connection = new Connection(await dialUntil(options, stop), limits);
      onAbort(stop, (reason) => connection.destroy(reason));
      try {
        stop.throwIfAborted();
        const identity = { ...options, protocol };
        const shaken = shakeHands(connection, identity, credentials, progress);
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
    const connection = options.protocol === 3
      ? await speak3(options.address, speak)
      : await speak(2);
    tell(options, { kind: "connected", protocol: connection.protocol });
    connection.closed.then(({ reason }) =>
      tell(options, { kind: "disconnected", reason })
    );
    return connection;
  });
}

/** Addresses that have agreed on RESP3: there a lost connection refuses nothing. */
const speaksResp3 = new WeakSet<Address>();

/** The server closed the connection before it answered, or right after it refused HELLO. */
class HungUpError extends ConnectionError {}

/** Opens a connection in RESP3, or a second one in RESP2 where the server hangs up on HELLO. */
async function speak3(
  address: Address,
  speak: (protocol: 2 | 3) => Promise<Connection>,
): Promise<Connection> {
  try {
    const connection = await speak(3);
    if (connection.protocol === 3) speaksResp3.add(address);
    return connection;
  } catch (first) {
    if (!(first instanceof HungUpError)) throw first;
    const { message, cause } = first;
    if (speaksResp3.has(address)) {
      throw new ConnectionError(
        `${message}; if it speaks only RESP2 by now, set "protocol: 2"`,
        { cause },
      );
    }
    try {
      return await speak(2);
    } catch (second) {
      // What the server says tells more than a closed connection.
      const told = second instanceof ReplyError ||
        (second as Error).cause instanceof ReplyError;
      if (told || second instanceof ProtocolError) throw second;
      throw second instanceof HungUpError
        ? new HungUpError(
          `The server closes the connection instead of answering, to HELLO and with "protocol: 2" (${
            messageOf(second.cause)
          })`,
          { cause },
        )
        : new ConnectionError(
          `${message}, and with "protocol: 2" this failed: ${
            messageOf(second)
          }`,
          { cause },
        );
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

const IF_TLS = '; a port for TLS needs rediss:// or the option "tls"';

/** How far an attempt has come: what it waits for when its time is over. */
interface Progress {
  step: "credentials" | "dial" | "HELLO" | "RESP2";
}

/** Does `work` within the time to connect, and makes of its error one that says where, and what to do. */
async function withinLimits<T>(
  action: string,
  options: OpenOptions,
  signal: AbortSignal | undefined,
  work: (stop: AbortSignal, progress: Progress) => Promise<T>,
): Promise<T> {
  const { address } = options;
  const what = `Cannot ${action} ${showAddress(address)}`;
  const progress: Progress = { step: "credentials" };
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
    } else if (error instanceof TimeoutError) {
      const why = whyLate(progress, address);
      if (why !== "") throw new TimeoutError(`${error.message}: ${why}`);
    } else if (error instanceof HungUpError) {
      const plain = "hostname" in address && !address.tls;
      const { message, cause } = error;
      throw new ConnectionError(
        `${what}: ${message}${plain ? IF_TLS : ""}`,
        { cause },
      );
    } else if (error instanceof ProtocolError) {
      const who = whoAnswers(error);
      if (who !== "") {
        throw new ProtocolError(`${what}: ${who}`, { cause: error });
      }
    }
    if (error instanceof RedisError) throw error;
    throw new ConnectionError(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** What an attempt that ran out of time waited for, and what may help; empty where nothing is known. */
function whyLate({ step }: Progress, address: Address): string {
  switch (step) {
    case "credentials":
      return 'the function "credentials" did not come to its end';
    case "dial":
      return "tls" in address
        ? 'no TLS handshake came to its end; a port without TLS needs redis://, without the option "tls"'
        : "";
    case "HELLO":
      return speaksResp3.has(address)
        ? "it did not answer HELLO"
        : 'it did not answer HELLO; if it speaks only RESP2, set "protocol: 2"';
    case "RESP2":
      return "it did not answer";
  }
}

/** Who answers in place of Redis, by the first bytes; empty for nobody known. */
function whoAnswers({ bytes }: ProtocolError): string {
  const start = decodeText(bytes, 0, Math.min(bytes.length, 5));
  if (start === "HTTP/") {
    return "an HTTP server answers there, not Redis: check the host and the port";
  }
  // A TLS record: an alert.
  if (bytes[0] === 0x15 && bytes[1] === 0x03) {
    return 'its port is one for TLS: use rediss:// or the option "tls"';
  }
  return "";
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

/** What came of commands that left in one write. */
interface Answers {
  /** Replies, as far as they came; an error reply is a value. */
  readonly replies: readonly unknown[];
  /** Why the connection was lost before the last of them, where it was. */
  readonly lost?: unknown;
}

async function shakeHands(
  connection: Connection,
  identity: Identity,
  credentials: Credentials | undefined,
  progress: Progress,
): Promise<void> {
  const { protocol, name, db, info } = identity;
  const select: Arg[][] = db === 0 ? [] : [["SELECT", db]];
  const about = info ? SETINFO : [];
  let refused: ReplyError | undefined;
  if (protocol === 3) {
    progress.step = "HELLO";
    const hello = helloOf(identity, credentials);
    const answers = await askAll(connection, [hello, ...select, ...about]);
    const [welcome] = answers.replies;
    if (welcome === undefined) {
      const { lost } = answers;
      throw hungUp(lost)
        ? new HungUpError(
          `The server closed the connection instead of answering HELLO (${
            messageOf(lost)
          })`,
          { cause: lost },
        )
        : lost;
    }
    if (!(welcome instanceof ReplyError)) {
      connection.protocol = 3;
      return settle(answers, 1 + select.length, credentials);
    }
    // Whatever its words: in RESP2 the server says what is wrong besides.
    if (isFinal(welcome, credentials)) throw explain(welcome, credentials);
    refused = welcome;
  }
  progress.step = "RESP2";
  const steps: Arg[][] = [...select];
  if (name !== undefined) steps.unshift(["CLIENT", "SETNAME", name]);
  const asked = steps.length + (credentials === undefined ? 0 : 1);
  // One that refused HELLO must show that it serves this connection at all.
  const proof = refused && asked + about.length === 0 ? [["PING"]] : about;
  const rest = [...steps, ...proof];
  const answers =
    await (credentials === undefined
      ? askAll(connection, rest)
      : askAuth(connection, credentials, rest));
  const { replies, lost } = answers;
  if (lost !== undefined && replies.length === 0) {
    if (refused && isNoAuth(refused)) throw explain(refused, credentials);
    if (!hungUp(lost)) throw lost;
    throw refused === undefined
      ? new HungUpError(
        `The server closed the connection before it answered (${
          messageOf(lost)
        })`,
        { cause: lost },
      )
      : new HungUpError(
        `The server refused HELLO and closed the connection: ${refused.message}`,
        { cause: refused },
      );
  }
  settle(answers, asked, credentials);
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
  return /^WRONGPASS$/i.test(error.code) ||
    isNoAuth(error) && credentials === undefined;
}

function isNoAuth({ code }: ReplyError): boolean {
  return /^NOAUTH$/i.test(code);
}

/**
 * Throws where one of the first `asked` commands was refused, or the connection
 * was lost. What follows them may be refused: CLIENT SETINFO, PING.
 */
function settle(
  { replies, lost }: Answers,
  asked: number,
  credentials: Credentials | undefined,
): void {
  for (const [i, reply] of replies.entries()) {
    if (!(reply instanceof ReplyError)) continue;
    if (i < asked || isNoAuth(reply)) {
      throw explain(reply, credentials);
    }
    // Who refuses a connection says why, as the first answer, and closes it.
    if (i === 0 && lost !== undefined) throw explain(reply, credentials);
  }
  if (lost !== undefined) throw lost;
}

/** How sockets name a connection that the peer ended: in order, or not. */
const HUNG_UP =
  /^(ConnectionError|ConnectionReset|ConnectionAborted|BrokenPipe|UnexpectedEof)$/;

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
      ? 'NOAUTH The server asks for a password: pass the option "password", or put it in the URL (redis://:password@host:port)'
      : message,
    { cause: error },
  );
}
