/**
 * Every error that this library throws, one class for each way to handle it.
 *
 * A wrong call throws a `TypeError` or `RangeError`.
 *
 * @module
 */

/** The base of every error that comes from talking to a server. */
export class RedisError extends Error {
  /** The name of the error's class. */
  override readonly name: string = "RedisError";
}

/**
 * An error that the server answered with.
 *
 * Switch on {@linkcode ReplyError.code}: the text behind it varies by version.
 * The message is that text with the command's name behind it, as in
 * `WRONGTYPE Operation against a key holding the wrong kind of value (LPUSH)`.
 */
export class ReplyError extends RedisError {
  /** The name of the error's class. */
  override readonly name: string = "ReplyError";
  /** The server's error word, such as `"WRONGTYPE"`. */
  readonly code: string;
  /** The name of the command that failed, such as `"LPUSH"`, where it is known. */
  command: string | undefined;

  /** Makes the error from the server's line, such as `"ERR syntax error"`. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    const end = message.indexOf(" ");
    this.code = end < 0 ? message : message.slice(0, end);
  }

  /** What the server answered, exact: the message without the command's name. */
  get reply(): string {
    const suffix = ` (${this.command})`;
    return this.message.endsWith(suffix)
      ? this.message.slice(0, -suffix.length)
      : this.message;
  }

  /**
   * Notes the command's name, also in the message: Deno prints an uncaught error
   * from its name and message only.
   *
   * @internal
   */
  of(command: string): this {
    this.message = `${this.reply} (${command})`;
    this.command = command;
    return this;
  }
}

/** The server refused the credentials, or asks for some: trying again does not help. */
export class AuthenticationError extends ReplyError {
  /** The name of the error's class. */
  override readonly name: string = "AuthenticationError";
}

/** The bytes from the server are not the Redis protocol: the connection is closed. */
export class ProtocolError extends RedisError {
  /** The name of the error's class. */
  override readonly name: string = "ProtocolError";
  /**
   * The bytes around the place that is not a reply; empty where none were read.
   */
  readonly bytes: Uint8Array;

  /** Makes the error; `bytes` is empty when left out. */
  constructor(
    message: string,
    { bytes = new Uint8Array(), ...options }:
      & ErrorOptions
      & { bytes?: Uint8Array } = {},
  ) {
    super(message, options);
    this.bytes = bytes;
  }
}

/** A reply has another shape than the command promises, or does not fit its type. */
export class UnexpectedReplyError extends RedisError {
  /** The name of the error's class. */
  override readonly name: string = "UnexpectedReplyError";
  /** What the server answered, exact: an integer beyond 2^53 is a `bigint`. */
  readonly reply: unknown;

  /** Makes the error from what was expected and the reply that came. */
  constructor(expected: string, reply: unknown) {
    super(cannot("read reply", `it is not ${expected}`, reply));
    this.reply = reply;
  }
}

/** The options of {@linkcode ConnectionError}. */
export interface ConnectionErrorOptions extends ErrorOptions {
  /** Whether the command may have been executed by the server. */
  maybeExecuted?: boolean;
}

/** The connection could not be made, or was lost before the reply came. */
export class ConnectionError extends RedisError {
  /** The name of the error's class. */
  override readonly name: string = "ConnectionError";
  /**
   * Whether the server may have executed the command: bytes of it were written,
   * in this attempt or an earlier one, and no reply came. When `false`, a retry
   * is safe: nothing was written, or the command only reads.
   */
  readonly maybeExecuted: boolean;

  /** Makes the error; `maybeExecuted` is `false` unless told otherwise. */
  constructor(message: string, options: ConnectionErrorOptions = {}) {
    super(message, options);
    this.maybeExecuted = options.maybeExecuted ?? false;
  }
}

/** A deadline passed: of the connection attempt, of the command, or of the wait for a lease. */
export class TimeoutError extends ConnectionError {
  /** The name of the error's class. */
  override readonly name: string = "TimeoutError";
}

/** No leased connection came free within `poolTimeout`: all of `poolSize` are taken. */
export class PoolTimeoutError extends TimeoutError {
  /** The name of the error's class. */
  override readonly name: string = "PoolTimeoutError";
}

/** The client was closed: by `close()`, or by leaving its `await using` block. */
export class ClosedError extends ConnectionError {
  /** The name of the error's class. */
  override readonly name: string = "ClosedError";
}

/** The command would exceed `queueSize` or `queueBytes`; nothing was written. */
export class QueueFullError extends ConnectionError {
  /** The name of the error's class. */
  override readonly name: string = "QueueFullError";
}

/** A watched key changed, or the connection that watched it was lost: nothing was executed. */
export class WatchError extends RedisError {
  /** The name of the error's class. */
  override readonly name: string = "WatchError";
}

/** One command of a pipeline or transaction failed; `cause` is the server's error. */
export class BatchError extends RedisError {
  /** The name of the error's class. */
  override readonly name: string = "BatchError";
  /** The place of the command in its batch, from 0. */
  readonly index: number;
  /** The server's error word, such as `"WRONGTYPE"`. */
  readonly code: string;

  /** Makes the error for the command at `index`, whose name is `command`. */
  constructor(index: number, command: string, cause: Error) {
    const refused = cause instanceof ReplyError ? cause : undefined;
    const why = refused?.reply ?? cause.message;
    super(`Command # ${index + 1} (${command}) of the batch failed: ${why}`, {
      cause,
    });
    this.index = index;
    this.code = refused?.code ?? "";
  }
}

/** A subscription's queue was full and its policy is `"error"`. */
export class SlowReaderError extends RedisError {
  /** The name of the error's class. */
  override readonly name: string = "SlowReaderError";
}

/** A lock could not be acquired in time, or is no longer its holder's. */
export class LockError extends RedisError {
  /** The name of the error's class. */
  override readonly name: string = "LockError";
  /** The key of the lock. */
  readonly lock: string;

  /** Makes the error for the lock at the key `lock`. */
  constructor(message: string, lock: string) {
    super(message);
    this.lock = lock;
  }
}

/** A message that names the action, the rule and the value that breaks it. */
export function cannot(action: string, rule: string, value: unknown): string {
  return `Cannot ${action} as ${rule}: current value is ${quote(value)}`;
}

/** The error for an argument that breaks a rule. */
export function misuse(
  action: string,
  rule: string,
  value: unknown,
): TypeError {
  return new TypeError(cannot(action, rule, value));
}

/** The error for a command that is not an array of words. */
export function noWords(args: unknown): TypeError {
  return misuse(
    "send",
    'a command is an array of its words, such as ["SET", "key", "value"]',
    args,
  );
}

/** The message of an error, or the text of another thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The kind of a value whose text would not tell, such as `a Date` or `a plain
 * object`; else its text.
 */
export function kindOf(value: unknown): string {
  const type = typeof value;
  if (type === "function" || type === "symbol") return `a ${type}`;
  if (type !== "object" || value === null) return String(value);
  const { constructor } = value as { constructor?: { name: string } };
  const name = constructor?.name ?? "Object";
  if (name === "Object") return "a plain object";
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

/** Whether `value` can be options: an object that is no array, Date, Map or the like. */
export function isOptions(value: unknown): value is object {
  return Object.prototype.toString.call(value) === "[object Object]";
}

const QUOTED = 60;

/** Shows a value in an error message, short and on one line. */
export function quote(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  let text = kindOf(value);
  if (value instanceof Map || value instanceof Set) {
    text += ` of ${value.size}`;
  } else if (value instanceof Error) text = value.message;
  else if (typeof value === "bigint") text += "n";
  else if (typeof value === "string") text = JSON.stringify(value);
  else if (/^a plain object$|^an Array$/.test(text)) {
    try {
      text += ` ${
        JSON.stringify(
          value,
          (_, part) => typeof part === "bigint" ? `${part}n` : part,
        )
      }`;
    } catch {
      // A value that contains itself has no JSON.
    }
  }
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
}
