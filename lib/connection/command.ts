/**
 * Commands, and slots: a command's promise, deadline and state.
 *
 * @module
 */

import {
  BatchError,
  cannot,
  ProtocolError,
  ReplyError,
  WatchError,
} from "../errors.ts";
import { decodeText } from "../resp/bytes.ts";
import { checkArgs, type Encoder } from "../resp/encoder.ts";
import {
  type Arg,
  type Mode,
  type Push,
  RAW,
  type Reply,
  type Shape,
  TEXT,
} from "../resp/reply.ts";
import { onAbort } from "./alarm.ts";
import { now } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { keyOf, type Name } from "./names.ts";
import { onlyReads } from "./traits.ts";

/** A command and how its reply is read. */
export interface Command<T = unknown> {
  /** The command's name and its arguments. */
  readonly args: readonly Arg[];
  /** How the reply is read and what it becomes. */
  readonly shape: Shape<T>;
  /**
   * Makes its slot, where it needs more than a {@linkcode CommandSlot}: a read for
   * a cache, which goes to the connection whose reads the server remembers.
   *
   * @internal
   */
  slot?(command: Command<T>, retry?: boolean): Slot<T>;
}

/** The slot of one command. */
export function slotFor<T>(command: Command<T>, retry?: boolean): Slot<T> {
  return command.slot === undefined
    ? new CommandSlot(command, retry)
    : command.slot(command, retry);
}

/**
 * One or more commands that go together, and the promise of their answer.
 *
 * ```text
 * waiting -> written -> settled        waiting -> settled: it is never written
 *     ^         |
 *     +---------+  its connection was lost, and it may be sent again
 * ```
 *
 * It settles once. A reply that comes later is dropped and settles no other slot.
 */
export abstract class Slot<T = unknown> {
  /** The caller's promise. */
  readonly promise: Promise<T>;
  /** It fails when it is not settled by then, on the clock of `now()`. */
  deadline = Infinity;
  /** How often it may still be sent again after it was written. */
  retries = 0;
  /** Whether its promise is settled. */
  settled = false;
  /** Whether bytes of it were written, on this connection or an earlier one. */
  written = false;
  /** Whether an earlier connection was lost after it was written there. */
  attempted = false;
  /** About how many bytes its commands have; known once they are checked. */
  size = 0;
  /** Called when it settles while half written. Shared by all slots: closures of their own would survive young-generation collections. */
  onHalfWritten: ((slot: Slot) => void) | undefined;
  /** The caller's choice whether it may be sent again. */
  readonly retry: boolean | undefined;
  /** Its commands, in order. */
  protected abstract readonly commands: readonly Command[];
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #release: (() => void) | undefined;

  /** Takes the caller's choice whether it may be sent again. */
  constructor(retry?: boolean) {
    this.retry = retry;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve as (value: unknown) => void;
      this.#reject = reject;
    });
  }

  /** Sets its timeout in milliseconds, its retries and its signal. */
  limit(timeout: number, retries: number, signal?: AbortSignal): this {
    this.deadline = now() + timeout;
    this.retries = retries;
    if (signal !== undefined) {
      this.#release = onAbort(signal, (reason) => this.fail(reason));
    }
    return this;
  }

  /** Calls `run` when it settles. */
  onEnd(run: () => void): void {
    const release = this.#release;
    this.#release = () => {
      release?.();
      run();
    };
  }

  /** Whether it only reads, so that executing it twice does no harm. */
  get readOnly(): boolean {
    return this.commands.every(({ args }) => onlyReads(args));
  }
  /** Whether it may be sent again after it was written: it only reads, or its caller chose so. */
  get resendable(): boolean {
    return this.retry ?? this.readOnly;
  }
  /** Whether the server may have executed it; `false` for a slot that only reads. */
  get maybeExecuted(): boolean {
    return (this.written || this.attempted) && !this.readOnly;
  }
  /** Names the command in messages, without its values. */
  get description(): string {
    return nameOf(this.commands[0]!);
  }
  /** How the next reply is read. */
  get mode(): Mode {
    return TEXT;
  }
  /** How the elements of the next reply are read, where they differ. */
  get modes(): readonly Mode[] | undefined {
    return undefined;
  }

  /** Computes its size; throws where an argument cannot be sent. */
  check(): void {
    let size = 0;
    for (const { args } of this.commands) size += checkArgs(args);
    this.size = size;
  }

  /** Appends its checked commands to the bytes that `connection` writes next. */
  encode(encoder: Encoder, _connection: Connection): void {
    for (const { args } of this.commands) encoder.append(args);
  }

  /**
   * Called when it settled half written: its last `forgotten` commands are never
   * written. Returns whether a reply is still owed.
   */
  abandon(forgotten: number, _encoder: Encoder): boolean {
    return forgotten === 0;
  }

  /** Takes the next reply; returns whether that was the last one. */
  abstract accept(reply: Reply): boolean;

  /** Takes a push; returns whether it was the last confirmation, or `null` when it confirms nothing here. */
  confirm(_push: Push): boolean | null {
    return null;
  }

  /** Settles it with an error. */
  fail(error: unknown): void {
    if (this.#settles()) this.#reject(error);
  }

  /** Settles it with an error, which its caller gets once the returned function is called. */
  refuse(error: unknown): () => void {
    if (!this.#settles()) return () => {};
    // Captures no slot: its arguments may take much memory.
    const reject = this.#reject;
    return () => reject(error);
  }

  /** Settles it with a value. */
  protected succeed(value: T): void {
    if (this.#settles()) this.#resolve(value);
  }

  #settles(): boolean {
    if (this.settled) return false;
    if (this.#release !== undefined) this.#release();
    if (this.onHalfWritten !== undefined) this.onHalfWritten(this);
    return this.settled = true;
  }
}

/** One command, one reply. */
export class CommandSlot<T> extends Slot<T> {
  readonly #command: Command<T>;

  /** Takes the command. */
  constructor(command: Command<T>, retry?: boolean) {
    super(retry);
    this.#command = command;
  }

  protected override get commands(): readonly Command[] {
    return [this.#command];
  }

  override get mode(): Mode {
    return this.#command.shape.mode;
  }

  override check(): void {
    this.size = checkArgs(this.#command.args);
  }

  override encode(encoder: Encoder, _connection: Connection): void {
    encoder.append(this.#command.args);
  }

  override accept(reply: Reply): boolean {
    if (this.settled) return true;
    // The cheap test first: most replies are not objects.
    const value = parsed(this.#command, reply);
    if (typeof value === "object" && value instanceof Error) this.fail(value);
    else this.succeed(value);
    return true;
  }
}

/** Several commands with a reply each. */
export class BatchSlot extends Slot<unknown[]> {
  protected readonly commands: readonly Command[];
  /** The results that came so far. */
  results: unknown[] = [];
  /** How many replies will come. */
  protected expected = 0;

  /** Takes the commands, of which there must be one at least. */
  constructor(commands: readonly Command[], retry?: boolean) {
    super(retry);
    this.commands = commands;
  }

  override get mode(): Mode {
    return this.commands[this.results.length]!.shape.mode;
  }

  override get description(): string {
    return `a pipeline of ${this.commands.length} commands (${this.results.length} replies came)`;
  }

  override encode(encoder: Encoder, connection: Connection): void {
    this.results = [];
    this.expected = this.commands.length;
    super.encode(encoder, connection);
  }

  override abandon(forgotten: number, _encoder: Encoder): boolean {
    this.expected -= forgotten;
    return this.results.length < this.expected;
  }

  override accept(reply: Reply): boolean {
    const { commands, results } = this;
    results.push(
      this.settled ? null : parsed(commands[results.length]!, reply),
    );
    if (results.length < this.expected) return false;
    this.succeed(results);
    return true;
  }
}

const MULTI: Command = { args: ["MULTI"], shape: RAW };
const EXEC: Command = { args: ["EXEC"], shape: RAW };
const DISCARD: readonly Arg[] = ["DISCARD"];

/** Several commands between MULTI and EXEC. */
export class TransactionSlot extends BatchSlot {
  readonly #queued: readonly Command[];
  readonly #modes: readonly Mode[];

  /** Takes the commands, of which there must be one at least. */
  constructor(commands: readonly Command[], retry?: boolean) {
    super([MULTI, ...commands, EXEC], retry);
    this.#queued = commands;
    this.#modes = commands.map(({ shape }) => shape.mode);
  }

  override get readOnly(): boolean {
    return this.#queued.every(({ args }) => onlyReads(args));
  }

  override get mode(): Mode {
    return TEXT;
  }

  override get modes(): readonly Mode[] | undefined {
    // Only EXEC's reply has several.
    return this.results.length > this.#queued.length ? this.#modes : undefined;
  }

  override get description(): string {
    return `a transaction of ${this.#queued.length} commands`;
  }

  override abandon(forgotten: number, encoder: Encoder): boolean {
    if (forgotten === 0) return true;
    // EXEC was not written: the server must drop the queued commands.
    encoder.append(DISCARD);
    this.expected -= forgotten - 1;
    return true;
  }

  override accept(reply: Reply): boolean {
    if (this.results.push(reply) < this.expected) return false;
    if (this.settled) return true;
    const queued = this.#queued;
    const [refused] = this.results;
    const first = this.results.findIndex((one) => one instanceof ReplyError);
    const error = this.results[first] as ReplyError;
    if (refused instanceof ReplyError) {
      // Without MULTI the server has executed the commands one by one: the caller must know.
      this.fail(
        new ReplyError(
          `${refused.message} (MULTI was refused: the commands were executed one by one)`,
          { cause: refused },
        ),
      );
    } else if (error === reply) this.fail(error.of("EXEC"));
    else if (reply instanceof ReplyError) {
      error.cause = reply;
      const name = nameOf(queued[first - 1]!);
      this.fail(new BatchError(first - 1, name, error.of(name)));
    } else if (reply === null) {
      this.fail(new WatchError("Cannot commit as a watched key changed"));
    } else if (Array.isArray(reply) && reply.length === queued.length) {
      this.succeed(reply.map((part, i) => parsed(queued[i]!, part)));
    } else {
      const error = new ProtocolError(
        cannot(
          "read EXEC's reply",
          `it must have ${queued.length} parts`,
          reply,
        ),
      );
      this.fail(error);
      throw error;
    }
    return true;
  }
}

/** A command of the SUBSCRIBE family: one confirmation for each name, no reply. */
export class SubscribeSlot extends Slot<void> {
  protected readonly commands: readonly Command[];
  readonly #kind: string;
  readonly #names: readonly Name[];
  #unconfirmed = new Set<string>();

  /** Takes the command's word and its names: one at least, none twice. */
  constructor(word: string, names: readonly Name[]) {
    super(true);
    this.commands = [{ args: [word, ...names], shape: RAW }];
    this.#kind = word.toLowerCase();
    this.#names = names;
  }

  override get readOnly(): boolean {
    return true;
  }

  override encode(encoder: Encoder, connection: Connection): void {
    this.#unconfirmed = new Set(this.#names.map(keyOf));
    super.encode(encoder, connection);
  }

  override accept(reply: Reply): boolean {
    // Success comes as pushes; only a refusal comes as a reply.
    this.fail(
      reply instanceof ReplyError
        ? reply.of(this.description)
        : new ProtocolError(
          cannot("subscribe", "a push must answer it", reply),
        ),
    );
    return true;
  }

  override confirm({ kind, data }: Push): boolean | null {
    if (kind !== this.#kind) return null;
    // By name: a server may say `sunsubscribe` of another channel unasked.
    if (!this.#unconfirmed.delete(keyOf(data[0] as Name))) return null;
    if (this.#unconfirmed.size > 0) return false;
    this.succeed();
    return true;
  }
}

/** The reply as a typed value, or as an error. */
function parsed<T>(command: Command<T>, reply: Reply): T | Error {
  if (typeof reply === "object" && reply instanceof ReplyError) {
    return reply.of(nameOf(command));
  }
  try {
    return command.shape.parse(reply);
  } catch (error) {
    return error as Error;
  }
}

/** The command's name. Only the part before the first blank: somebody may have put name and arguments, perhaps secret, into one word. */
export function nameOf({ args }: Command): string {
  const [word] = args;
  const text = word instanceof Uint8Array ? decodeText(word) : String(word);
  return /^\S*/.exec(text)![0];
}
