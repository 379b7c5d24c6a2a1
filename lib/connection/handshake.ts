/**
 * What a new connection says first, as a list of commands that leave in one write.
 *
 * @see https://redis.io/docs/latest/commands/hello/
 * @module
 */

import {
  AuthenticationError,
  ConnectionError,
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
import { type Arg, type Reply, TEXT } from "../resp/reply.ts";
import { CommandSlot } from "./command.ts";
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
  const stop = new AbortController();
  const timer = options.connectTimeout === Infinity
    ? undefined
    : setTimeout(() =>
      stop.abort(
        new TimeoutError(
          `Cannot connect to ${where} within ${options.connectTimeout} ms`,
        ),
      ), options.connectTimeout);
  const abort = () => stop.abort(signal!.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const transport = await dialUntil(options, stop.signal);
    const connection = new Connection(transport, limits);
    const end = () => connection.destroy(stop.signal.reason);
    stop.signal.addEventListener("abort", end, { once: true });
    try {
      stop.signal.throwIfAborted();
      await shakeHands(connection, options);
      return connection;
    } catch (error) {
      connection.destroy(error);
      await connection.closed;
      throw error;
    } finally {
      stop.signal.removeEventListener("abort", end);
    }
  } catch (error) {
    stop.signal.throwIfAborted();
    if (error instanceof RedisError || error instanceof TypeError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ConnectionError(`Cannot connect to ${where}: ${why}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
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
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([dialling, aborted.promise]);
  } catch (error) {
    dialling.then((late) => late[Symbol.dispose](), () => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function shakeHands(
  connection: Connection,
  identity: Identity,
): Promise<void> {
  if (identity.protocol === 3) {
    const [hello, ...rest] = await ask(connection, [
      helloWords(identity),
      ...commonSteps(identity),
    ]);
    if (!(hello instanceof ReplyError)) {
      connection.protocol = 3;
      return check(rest, identity);
    }
    if (!speaksOnlyResp2(hello)) throw explain(hello);
  }
  // AUTH leads: on some servers a failing AUTH that does not gets no reply.
  const steps: Step[] = [];
  const { username, password, name } = identity;
  if (password !== undefined) {
    steps.push({
      args: username === undefined
        ? ["AUTH", password]
        : ["AUTH", username, password],
    });
  }
  if (name !== undefined) steps.push({ args: ["CLIENT", "SETNAME", name] });
  steps.push(...commonSteps(identity));
  check(await ask(connection, steps), identity);

  function check(replies: readonly Reply[], of: Identity): void {
    // SETINFO's answers do not matter, only what the caller asked for does.
    const asked = replies.slice(0, replies.length - (of.info ? 2 : 0));
    for (const reply of asked) {
      if (reply instanceof ReplyError) throw explain(reply);
    }
  }
}

interface Step {
  args: Arg[];
}

function helloWords({ username, password, name }: Identity): Step {
  const args = ["HELLO", "3"];
  if (password !== undefined) {
    args.push("AUTH", username ?? "default", password);
  }
  if (name !== undefined) args.push("SETNAME", name);
  return { args };
}

function commonSteps({ db, info }: Identity): Step[] {
  const steps: Step[] = [];
  if (db !== 0) steps.push({ args: ["SELECT", db] });
  if (info) {
    steps.push({ args: ["CLIENT", "SETINFO", "LIB-NAME", LIBRARY.name] });
    steps.push({ args: ["CLIENT", "SETINFO", "LIB-VER", LIBRARY.version] });
  }
  return steps;
}

/** Sends all steps in one write; an error reply is a value, a lost connection is thrown. */
async function ask(
  connection: Connection,
  steps: readonly Step[],
): Promise<Reply[]> {
  const slots = steps.map(({ args }) =>
    new CommandSlot({ args, shape: { mode: TEXT, turn: (reply) => reply } })
  );
  const answers = slots.map(({ promise }) =>
    promise.catch((error: unknown) => {
      if (error instanceof ReplyError) return error;
      throw error;
    })
  );
  for (const slot of slots) connection.execute(slot);
  const lost = connection.closed.then(async ({ reason }) => {
    // Who refuses a connection says why, as the first answer, and closes it.
    const first = slots[0]?.settled ? await answers[0] : undefined;
    throw first instanceof ReplyError ? explain(first) : reason;
  });
  return await Promise.race([Promise.all(answers), lost]);
}

/** Whether the server's answer to HELLO means: ask without it. */
function speaksOnlyResp2({ message, code }: ReplyError): boolean {
  return code === "NOPROTO" || /unknown command/i.test(message) ||
    (code === "NOPERM" && /hello/i.test(message));
}

const CREDENTIALS = /^(WRONGPASS|NOAUTH|NOPERM)$/;
/** What servers before 6.0 say of passwords. */
const OLD_CREDENTIALS = /invalid password|without any password|no password/i;

function explain(error: ReplyError): RedisError {
  if (CREDENTIALS.test(error.code) || OLD_CREDENTIALS.test(error.message)) {
    return new AuthenticationError(error.message, { cause: error });
  }
  return new ConnectionError(`The server refused: ${error.message}`, {
    cause: error,
  });
}
