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
  TimeoutError,
} from "../errors.ts";
import {
  type Address,
  type Dial,
  showAddress,
  type Transport,
} from "../net/transport.ts";
import { type Arg, RAW } from "../resp/reply.ts";
import { Alarm, onAbort } from "./alarm.ts";
import { now } from "./clock.ts";
import { BatchSlot } from "./command.ts";
import { Connection, type Limits } from "./connection.ts";

/** Who a connection is, and what it speaks. */
export interface Identity {
  /** The protocol to ask for; 3 falls back to 2 where the server does not know it. */
  readonly protocol: 2 | 3;
  /** The ACL user; `undefined` is the server's default user. */
  readonly username: string | undefined;
  /** The password; `undefined` when none is asked for. */
  readonly password: string | undefined;
  /** The connection's name in CLIENT LIST. */
  readonly name: string | undefined;
  /** The number of the database. */
  readonly db: number;
  /** Whether to tell the library's name and version (CLIENT SETINFO). */
  readonly info: boolean;
}

/** All that is needed to open a connection. */
export interface OpenOptions extends Identity {
  /** Where the server is. */
  readonly address: Address;
  /** How it is reached. */
  readonly dial: Dial;
  /** For dialling, TLS and the handshake together, in milliseconds. */
  readonly connectTimeout: number;
}

/** The name and version that servers are told. */
const LIBRARY = { name: "respite", version: "0.1.0" };

/**
 * Opens a connection that is ready for commands.
 *
 * Rejects with an {@linkcode AuthenticationError} when the server refuses the
 * credentials, with a {@linkcode TimeoutError} at the deadline, with the
 * signal's reason when it aborts, else with a {@linkcode ConnectionError}.
 * Nothing stays open then.
 */
export async function open(
  options: OpenOptions,
  limits: Limits,
  signal?: AbortSignal,
): Promise<Connection> {
  const where = showAddress(options.address);
  const patience = options.connectTimeout;
  const stop = new AbortController();
  const alarm = new Alarm(() =>
    stop.abort(
      new TimeoutError(`Cannot connect to ${where} within ${patience} ms`),
    )
  );
  alarm.set(now() + patience);
  const release = onAbort(signal, (reason) => stop.abort(reason));
  let connection: Connection | undefined;
  try {
    const opened = connection = new Connection(
      await dialUntil(options, stop.signal),
      limits,
    );
    onAbort(stop.signal, (reason) => opened.destroy(reason));
    stop.signal.throwIfAborted();
    await shakeHands(opened, options);
    return opened;
  } catch (error) {
    connection?.destroy(error);
    await connection?.closed;
    stop.signal.throwIfAborted();
    if (error instanceof RedisError || error instanceof TypeError) throw error;
    throw new ConnectionError(
      `Cannot connect to ${where}: ${messageOf(error)}`,
      { cause: error },
    );
  } finally {
    alarm.set(Infinity);
    release();
  }
}

/** Dials, and does not wait for a dial that ignores its signal. */
async function dialUntil(
  { dial, address }: OpenOptions,
  signal: AbortSignal,
): Promise<Transport> {
  signal.throwIfAborted();
  const dialling = dial(address, signal);
  const aborted = Promise.withResolvers<never>();
  onAbort(signal, aborted.reject);
  try {
    return await Promise.race([dialling, aborted.promise]);
  } catch (error) {
    dialling.then((late) => late[Symbol.dispose](), () => {});
    throw error;
  }
}

async function shakeHands(
  connection: Connection,
  { protocol, username, password, name, db, info }: Identity,
): Promise<void> {
  const own: Arg[][] = [];
  if (db !== 0) own.push(["SELECT", db]);
  const about: Arg[][] = info
    ? [
      ["CLIENT", "SETINFO", "LIB-NAME", LIBRARY.name],
      ["CLIENT", "SETINFO", "LIB-VER", LIBRARY.version],
    ]
    : [];
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
    if (password !== undefined) {
      hello.push("AUTH", username ?? "default", password);
    }
    if (name !== undefined) hello.push("SETNAME", name);
    if (await ask([hello], true) === undefined) {
      connection.protocol = 3;
      return;
    }
  }
  // AUTH leads: on some servers a failing AUTH that does not gets no reply.
  const steps: Arg[][] = [];
  if (password !== undefined) {
    steps.push(["AUTH", ...username === undefined ? [] : [username], password]);
  }
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
    : new ConnectionError(`The server refused: ${message}`, { cause: error });
}
