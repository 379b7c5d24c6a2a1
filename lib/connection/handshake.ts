/**
 * Opens connections: dials, then sends HELLO or AUTH, SELECT and CLIENT SETINFO in
 * one write.
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
import { Connection } from "./connection.ts";
import type { Limits } from "./limits.ts";
import { refusal } from "./failures.ts";
import { type Observed, tell } from "./events.ts";

/** A user and a password. */
export interface Credentials {
  /** The ACL user; the server's default user when left out. */
  readonly username?: string | undefined;
  /** The user's password, or a token that stands for it. */
  readonly password: string;
}

/** The state that a handshake gives a connection. */
export interface Identity {
  /** The protocol to ask for; 3 falls back to 2 where the server does not know it. */
  readonly protocol: 2 | 3;
  /** Called for each connection; `undefined` for no authentication. */
  readonly credentials: (() => Credentials | Promise<Credentials>) | undefined;
  /** The connection's name in CLIENT LIST. */
  readonly name: string | undefined;
  /** The number of the database. */
  readonly db: number;
  /** Whether to tell the library's name and version (CLIENT SETINFO). */
  readonly info: boolean;
}

/** How to open a connection. */
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
/** Asks which address of the server this connection has. */
const CLIENT_INFO = ["CLIENT", "INFO"];

/**
 * Opens a connection that is ready for commands.
 *
 * Falls back to RESP2 when the server refuses HELLO, in whatever words: on the
 * same connection, or on a new one when the server closes it.
 *
 * Rejects with an {@linkcode AuthenticationError} when the server refuses the
 * credentials, with a {@linkcode TimeoutError} at the deadline, with the
 * signal's reason when it aborts, else with a {@linkcode ConnectionError}.
 * Nothing stays open then.
 *
 * `behind` is written together with the handshake. Its reply must be ignored when
 * this rejects: a server that refuses the credentials or the database executes it
 * all the same, as another user or in another database. So it must only read. The
 * protocol must be 2: after a refused HELLO 3 the handshake goes on behind it.
 */
export function open(
  options: OpenOptions,
  limits: Limits,
  signal?: AbortSignal,
  behind?: Slot,
): Promise<Connection> {
  return withinLimits("connect to", options, signal, async (stop, progress) => {
    const credentials = await credentialsOf(options, stop);
    const attempt = async (identity: Identity) => {
      const { address } = options;
      progress.hint = "tls" in address
        ? "a port without TLS needs redis://"
        : "";
      const connection = new Connection(
        await dialUntil(options, stop),
        PATIENT,
      );
      onAbort(stop, (reason) => connection.destroy(reason));
      try {
        stop.throwIfAborted();
        const shaken = shakeHands(
          connection,
          identity,
          credentials,
          progress,
          identity !== options,
          limits.isLost !== undefined,
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
    const connection = await openTwice(options, attempt);
    connection.limit(limits);
    tell(options, { kind: "connected", protocol: connection.protocol });
    connection.closed.then(({ reason }) =>
      tell(options, { kind: "disconnected", reason })
    );
    return connection;
  });
}

/** The limits during a handshake, which has its own deadline. */
export const PATIENT: Limits = {
  stall: Infinity,
  idle: Infinity,
  ping: Infinity,
};

/** Addresses with a successful handshake: a connection lost there is a fault, not a refusal of HELLO. */
const handshaken = new WeakSet<Address>();

/** The server closed the connection during the handshake, and did not say why. */
class HungUpError extends ConnectionError {}

/** Opens a connection. When the server hangs up, opens another in RESP2 and without CLIENT SETINFO. */
async function openTwice(
  options: OpenOptions,
  attempt: (identity: Identity) => Promise<Connection>,
): Promise<Connection> {
  const { address, protocol, info } = options;
  try {
    const connection = await attempt(options);
    if (connection.protocol === protocol) handshaken.add(address);
    return connection;
  } catch (first) {
    const least = protocol === 2 && !info;
    if (!(first instanceof HungUpError) || handshaken.has(address) || least) {
      throw first;
    }
    try {
      return await attempt({ ...options, protocol: 2, info: false });
    } catch (second) {
      // The server's own error says more than a closed connection.
      const told = second instanceof RedisError &&
        !(second instanceof HungUpError);
      throw told ? second : first;
    }
  }
}

/**
 * Gets the credentials again and sends AUTH on a connection in use.
 *
 * Closes the connection when it does not answer within `connectTimeout`. Rejects
 * when the server refuses the credentials, not when the connection is lost: the
 * next connection gets them anyway.
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

/** The current step of an attempt. */
interface Progress {
  /** Advice for the error when this step times out; may be empty. */
  hint: string;
}

const IF_TLS = "a port for TLS needs rediss://";
const IF_RESP2 = 'a server without RESP3 needs "protocol: 2"';

/** Limits `work` to `connectTimeout`; adds the address and advice to its error. */
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
    const hint = handshaken.has(address) ? "" : progress.hint;
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

/** Recognizes another protocol by the first bytes; empty when it is none of these. */
function whoAnswers({ bytes }: ProtocolError): string {
  const start = decodeText(bytes, 0, Math.min(bytes.length, 5));
  if (start === "HTTP/") return "an HTTP server answers there, not Redis";
  // The record type and version of a TLS alert.
  return start.startsWith("\x15\x03") ? IF_TLS : "";
}

async function credentialsOf(
  { credentials }: OpenOptions,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  try {
    return credentials && await until(credentials, signal);
  } catch (cause) {
    // Its message may hold a secret.
    throw new ConnectionError('The function "credentials" failed', { cause });
  }
}

/** Dials; on abort does not wait for a dial that ignores its signal. */
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

/** A server that refuses a connection answers once and closes it: two replies, even errors, prove that it stays. */
const PINGS: Arg[][] = [["PING"], ["PING"]];

/** The outcome of commands sent in one write. */
interface Answers {
  /** The replies that came; an error reply is a value. */
  readonly replies: readonly unknown[];
  /** The reason when the connection was lost before the last reply. */
  readonly lost?: unknown;
}

/**
 * Runs the handshake. `again`: the server hung up during the first attempt.
 * `probed`: `probe.ts` may look for this connection in CLIENT LIST.
 */
async function shakeHands(
  connection: Connection,
  identity: Identity,
  credentials: Credentials | undefined,
  progress: Progress,
  again: boolean,
  probed: boolean,
): Promise<void> {
  const { protocol, name, db, info } = identity;
  const select: Arg[][] = db === 0 ? [] : [["SELECT", db]];
  const about = info ? SETINFO : [];
  let refused: ReplyError | undefined;
  if (protocol === 3) {
    progress.hint = `it did not answer HELLO: ${IF_RESP2}`;
    const hello = helloOf(identity, credentials);
    const last = probed ? [...about, CLIENT_INFO] : about;
    const answers = await askAll(connection, [hello, ...select, ...last]);
    const [welcome] = answers.replies;
    if (welcome === undefined) return settle(answers, 0, credentials);
    // Some proxies pass on the reply of a server that speaks RESP2.
    if (welcome instanceof Map && welcome.get("proto") !== 2) {
      connection.protocol = 3;
      connection.id = Number(welcome.get("id")) || undefined;
      if (probed) connection.server = serverIn(String(answers.replies.at(-1)));
      return settle(answers, 1 + select.length, credentials);
    }
    // Servers refuse HELLO in different words. If something else is wrong, RESP2 shows it.
    if (welcome instanceof ReplyError) {
      if (isFinal(welcome, credentials)) throw explain(welcome, credentials);
      refused = welcome;
    }
  }
  progress.hint = "";
  const steps: Arg[][] = [...select];
  if (name !== undefined) steps.unshift(["CLIENT", "SETNAME", name]);
  const asked = steps.length + (credentials === undefined ? 0 : 1);
  // After a refused HELLO, check that the server keeps this connection.
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

/** The server's own address in a line of CLIENT INFO or CLIENT LIST. */
export function serverIn(line: string): string | undefined {
  return / laddr=(\S+)/.exec(line)?.[1];
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

/** Whether the error is about the credentials, so that RESP2 would get it too. */
function isFinal(
  error: ReplyError,
  credentials: Credentials | undefined,
): boolean {
  // Some servers want AUTH before HELLO: with credentials, try that.
  return /^WRONGPASS\b/i.test(error.message) ||
    isNoAuth(error) && credentials === undefined;
}

function isNoAuth({ message }: ReplyError): boolean {
  return /^NOAUTH\b/i.test(message);
}

/**
 * Throws when one of the first `asked` commands was refused, or the connection was
 * lost. The commands after them (CLIENT SETINFO, PING) may be refused. `refused` is
 * the error that answered HELLO.
 */
function settle(
  { replies, lost }: Answers,
  asked: number,
  credentials: Credentials | undefined,
  refused?: ReplyError,
): void {
  for (const [i, reply] of replies.entries()) {
    if (!(reply instanceof ReplyError)) continue;
    // A server with too many clients says so in its first reply, and closes.
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

/** Names of the errors for a connection closed or reset by the peer. */
const HUNG_UP = /^(Connection|BrokenPipe|UnexpectedEof)/;

/** Whether the peer closed the connection and did not say why. */
function hungUp(lost: unknown): boolean {
  return lost instanceof Error && HUNG_UP.test(lost.name) &&
    !(lost.cause instanceof ReplyError);
}

/** Sends AUTH, with more commands in the same write. */
async function askAuth(
  connection: Connection,
  { username, password }: Credentials,
  rest: readonly Arg[][],
): Promise<Answers> {
  // AUTH goes first: some servers do not reply to a failing AUTH elsewhere.
  const alone = [["AUTH", password], ...rest];
  if (username === undefined) return await askAll(connection, alone);
  const answers = await askAll(connection, [
    ["AUTH", username, password],
    ...rest,
  ]);
  const [reply] = answers.replies;
  // Servers with ACL users answer WRONGPASS. Redis before 6.0 has no users: it
  // answers ERR to two arguments, and wants the password alone.
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
    // Only the connection's end explains why commands failed.
    if (connection.alive) throw error;
    return await lost;
  }
}

/** Errors about credentials: by code, or in the words of servers before 6.0. */
const CREDENTIALS =
  /^(WRONGPASS|NOAUTH|NOPERM)\b|invalid password|without any password|no password/i;

function explain(
  error: ReplyError,
  credentials: Credentials | undefined,
): RedisError {
  const { reply: message } = error;
  if (!CREDENTIALS.test(message)) return refusal(error);
  const missing = credentials === undefined && isNoAuth(error);
  return new AuthenticationError(
    missing
      ? 'NOAUTH The server asks for a password: pass it as "password", or in the URL (redis://:password@host)'
      : message,
    { cause: error },
  );
}
