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
  RedisError,
  ReplyError,
} from "../errors.ts";
import {
  type Address,
  type Dial,
  showAddress,
  type Transport,
} from "../net/transport.ts";
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
  return withinLimits("connect to", options, signal, async (stop) => {
    const credentials = await credentialsOf(options, stop);
    const connection = new Connection(await dialUntil(options, stop), limits);
    onAbort(stop, (reason) => connection.destroy(reason));
    try {
      stop.throwIfAborted();
      const shaken = shakeHands(connection, options, credentials);
      // Still in the same tick, and so in the same write.
      if (behind !== undefined) connection.execute(behind);
      await shaken;
    } catch (error) {
      connection.destroy(error);
      await connection.closed;
      throw error;
    }
    tell(options, { kind: "connected", protocol: connection.protocol });
    connection.closed.then(({ reason }) =>
      tell(options, { kind: "disconnected", reason })
    );
    return connection;
  });
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
    try {
      const [reply] = await askAll(connection, [authOf(credentials)]);
      if (reply instanceof ReplyError) throw explain(reply);
    } catch (error) {
      if (connection.alive) throw error;
    }
  });
}

/** Does `work` within the time to connect, and makes of its error one that says where. */
async function withinLimits<T>(
  action: string,
  options: OpenOptions,
  signal: AbortSignal | undefined,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const what = `Cannot ${action} ${showAddress(options.address)}`;
  try {
    return await inTime(what, options.connectTimeout, signal, work);
  } catch (error) {
    if (error instanceof AuthenticationError) {
      tell(options, { kind: "authentication failed", error });
    }
    const ours = error instanceof RedisError || error instanceof TypeError;
    if (ours || signal?.aborted) throw error;
    throw new ConnectionError(`${what}: ${messageOf(error)}`, { cause: error });
  }
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

function authOf({ username, password }: Credentials): string[] {
  return ["AUTH", ...username === undefined ? [] : [username], password];
}

async function shakeHands(
  connection: Connection,
  { protocol, name, db, info }: Identity,
  credentials: Credentials | undefined,
): Promise<void> {
  const own: Arg[][] = [];
  if (db !== 0) own.push(["SELECT", db]);
  const about = info ? SETINFO : [];
  /** Returns the first reply; of SETINFO's the answers do not matter. */
  const ask = async (steps: Arg[][], tolerant: boolean) => {
    const asked = [...steps, ...own];
    if (asked.length + about.length === 0) return;
    const replies = await askAll(connection, [...asked, ...about]);
    const [hello] = replies;
    if (tolerant && hello instanceof ReplyError && speaksOnlyResp2(hello)) {
      return hello;
    }
    for (const reply of replies.slice(0, asked.length)) {
      if (reply instanceof ReplyError) throw explain(reply);
    }
  };
  if (protocol === 3) {
    const hello = ["HELLO", "3"];
    if (credentials !== undefined) {
      const { username = "default", password } = credentials;
      hello.push("AUTH", username, password);
    }
    if (name !== undefined) hello.push("SETNAME", name);
    if (await ask([hello], true) === undefined) {
      connection.protocol = 3;
      return;
    }
  }
  // AUTH leads: on some servers a failing AUTH that does not gets no reply.
  const steps: Arg[][] = [];
  if (credentials !== undefined) steps.push(authOf(credentials));
  if (name !== undefined) steps.push(["CLIENT", "SETNAME", name]);
  await ask(steps, false);
}

/** Sends all in one write; an error reply is a value, a lost connection is thrown. */
async function askAll(
  connection: Connection,
  steps: readonly Arg[][],
): Promise<unknown[]> {
  const slot = new BatchSlot(steps.map((args) => ({ args, shape: RAW })));
  connection.execute(slot);
  const lost = connection.closed.then(({ reason }) => {
    // Who refuses a connection says why, as the first answer, and closes it.
    const [first] = slot.results;
    throw first instanceof ReplyError ? explain(first) : reason;
  });
  return await Promise.race([slot.promise, lost]);
}

/** Whether the server's answer to HELLO means: ask without it. */
function speaksOnlyResp2({ message, code }: ReplyError): boolean {
  return code === "NOPROTO" || /unknown command/i.test(message) ||
    (code === "NOPERM" && /hello/i.test(message));
}

/** Refused credentials: by their code, or as servers before 6.0 say it. */
const CREDENTIALS =
  /^(WRONGPASS|NOAUTH|NOPERM)\b|invalid password|without any password|no password/i;

function explain(error: ReplyError): RedisError {
  const { message } = error;
  return CREDENTIALS.test(message)
    ? new AuthenticationError(message, { cause: error })
    : refusal(error);
}
