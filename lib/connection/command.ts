/**
 * What travels down, and where its answer goes.
 *
 * @module
 */

import {
  BatchError,
  ProtocolError,
  quote,
  ReplyError,
  WatchError,
} from "../errors.ts";
import { decodeText } from "../resp/bytes.ts";
import { checkArgs, type Encoder } from "../resp/encoder.ts";
import {
  type Arg,
  type Mode,
  type Push,
  type Reply,
  type Shape,
  TEXT,
} from "../resp/reply.ts";
import { onlyReads } from "./traits.ts";

/** A thing to ask: the words, and what the answer becomes. */
export interface Command<T = unknown> {
  /** The command's name and its arguments. */
  readonly args: readonly Arg[];
  /** How the reply is read and what it becomes. */
  readonly shape: Shape<T>;
}

/**
 * The place of one answer in the order of answers.
 *
 * It settles once; what comes for it afterwards is dropped, so that a late
 * reply reaches nobody else.
 */
export abstract class Slot<T = unknown> {
  /** What the caller holds. */
  readonly promise: Promise<T>;
  /** Fails when it is not settled by then, on the clock of `now()`. */
  deadline = Infinity;
  /** How often it may still be sent again after it was written. */
  retries = 0;
  /** Whether it may be sent again at all: it only reads, or its caller opted in. */
  get repeatable(): boolean {
    return this.#retry ?? this.harmless;
  }
  /** Whether it only reads, so that executing it twice does no harm. */
  abstract readonly harmless: boolean;
  /** Whether its promise is settled. */
  settled = false;
  /** Called once, when it settles. */
  onSettled: (() => void) | undefined = undefined;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  readonly #retry: boolean | undefined;

  /** `retry` says whether it may be sent again, where its caller does. */
  constructor(retry?: boolean) {
    this.#retry = retry;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve as (value: unknown) => void;
      this.#reject = reject;
    });
  }

  /** How the next reply is read. */
  abstract readonly mode: Mode;
  /** How the elements of the next reply are read, where they differ. */
  get modes(): readonly Mode[] | undefined {
    return undefined;
  }

  /** Throws what {@linkcode Slot.encode} would, without a connection. */
  abstract check(): void;
  /** Appends its commands; appends nothing when it throws. */
  abstract encode(encoder: Encoder): void;
  /** Takes the next reply; returns whether that was the last one. */
  abstract accept(reply: Reply): boolean;
  /** What it asks, in a few words without any value, for messages. */
  abstract get title(): string;

  /** Takes a push that may be its answer; returns whether it was the last one, or `null` when it is not its. */
  confirm(_push: Push): boolean | null {
    return null;
  }

  /** Settles it with an error. */
  fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    if (this.onSettled !== undefined) this.onSettled();
    this.#reject(error);
  }

  /** Settles it with a value. */
  protected succeed(value: T): void {
    if (this.settled) return;
    this.settled = true;
    if (this.onSettled !== undefined) this.onSettled();
    this.#resolve(value);
  }
}

/** One command, one reply. */
export class CommandSlot<T> extends Slot<T> {
  override readonly mode: Mode;
  readonly #command: Command<T>;

  /** Takes the command. */
  constructor(command: Command<T>, retry?: boolean) {
    super(retry);
    this.#command = command;
    this.mode = command.shape.mode;
  }

  override get harmless(): boolean {
    return onlyReads(this.#command.args);
  }

  override get title(): string {
    return title(this.#command);
  }

  override check(): void {
    checkArgs(this.#command.args);
  }

  override encode(encoder: Encoder): void {
    encoder.encode(this.#command.args);
  }

  override accept(reply: Reply): boolean {
    if (this.settled) return true;
    // Most replies are no objects, and no errors.
    const value = turned(this.#command, reply);
    if (typeof value === "object" && value instanceof Error) this.fail(value);
    else this.succeed(value);
    return true;
  }
}

/** Several commands with a reply each. */
export class BatchSlot extends Slot<unknown[]> {
  protected readonly commands: readonly Command[];
  #results: unknown[] = [];

  /** Takes the commands, of which there must be one at least. */
  constructor(commands: readonly Command[], retry?: boolean) {
    super(retry);
    this.commands = commands;
  }

  override get mode(): Mode {
    return this.commands[this.#results.length]!.shape.mode;
  }

  override get harmless(): boolean {
    return this.commands.every((command) => onlyReads(command.args));
  }

  override get title(): string {
    return `a pipeline of ${this.commands.length} commands (${this.#results.length} replies came)`;
  }

  override check(): void {
    for (const command of this.commands) checkArgs(command.args);
  }

  override encode(encoder: Encoder): void {
    this.check();
    this.#results = [];
    for (const command of this.commands) encoder.encode(command.args);
  }

  override accept(reply: Reply): boolean {
    const results = this.#results;
    results.push(turned(this.commands[results.length]!, reply));
    if (results.length < this.commands.length) return false;
    this.succeed(results);
    return true;
  }
}

/** Several commands between MULTI and EXEC. */
export class TransactionSlot extends Slot<unknown[]> {
  readonly #commands: readonly Command[];
  readonly #modes: readonly Mode[];
  /** How many replies came: MULTI's, one for each command, EXEC's. */
  #replies = 0;
  /** MULTI itself was refused. */
  #refused: ReplyError | undefined;
  /** The first command that was refused when it was queued. */
  #unqueued: { index: number; error: ReplyError } | undefined;

  /** Takes the commands, of which there must be one at least. */
  constructor(commands: readonly Command[], retry?: boolean) {
    super(retry);
    this.#commands = commands;
    this.#modes = commands.map((command) => command.shape.mode);
  }

  override get mode(): Mode {
    return TEXT;
  }

  override get modes(): readonly Mode[] | undefined {
    return this.#replies > this.#commands.length ? this.#modes : undefined;
  }

  override get harmless(): boolean {
    return this.#commands.every((command) => onlyReads(command.args));
  }

  override get title(): string {
    return `a transaction of ${this.#commands.length} commands`;
  }

  override check(): void {
    for (const command of this.#commands) checkArgs(command.args);
  }

  override encode(encoder: Encoder): void {
    this.check();
    this.#replies = 0;
    this.#refused = this.#unqueued = undefined;
    encoder.encode(["MULTI"]);
    for (const command of this.#commands) encoder.encode(command.args);
    encoder.encode(["EXEC"]);
  }

  override accept(reply: Reply): boolean {
    const index = this.#replies++ - 1;
    if (index < 0) {
      if (reply instanceof ReplyError) this.#refused = reply;
      return false;
    }
    if (index < this.#commands.length) {
      if (reply instanceof ReplyError) {
        this.#unqueued ??= { index, error: reply };
      }
      return false;
    }
    this.#finish(reply);
    return true;
  }

  #finish(reply: Reply): void {
    if (this.#refused !== undefined) {
      // The server then took the commands one by one: the caller must know.
      return this.fail(
        new ReplyError(
          `${this.#refused.message} (MULTI was refused: the commands were executed one by one)`,
          { cause: this.#refused },
        ),
      );
    }
    if (reply instanceof ReplyError) {
      if (this.#unqueued === undefined) return this.fail(reply);
      const { index, error } = this.#unqueued;
      error.cause = reply;
      return this.fail(
        new BatchError(index, title(this.#commands[index]!), error),
      );
    }
    if (reply === null) {
      return this.fail(
        new WatchError("Cannot commit as a watched key changed"),
      );
    }
    if (!Array.isArray(reply) || reply.length !== this.#commands.length) {
      const error = new ProtocolError(
        `Cannot match EXEC's reply to ${this.#commands.length} commands: current value is ${
          quote(reply)
        }`,
      );
      this.fail(error);
      throw error;
    }
    this.succeed(reply.map((part, i) => turned(this.#commands[i]!, part)));
  }
}

/** A command of the SUBSCRIBE family: one confirmation for each name, no reply. */
export class SubscribeSlot extends Slot<void> {
  readonly #word: string;
  readonly #names: readonly string[];
  #unconfirmed = new Set<string>();

  /** Takes the command's word and its names: one at least, none twice. */
  constructor(word: string, names: readonly string[]) {
    super();
    this.#word = word;
    this.#names = names;
  }

  override get harmless(): boolean {
    return true;
  }

  override get mode(): Mode {
    return TEXT;
  }

  override get title(): string {
    return this.#word;
  }

  override check(): void {
    checkArgs(this.#names);
  }

  override encode(encoder: Encoder): void {
    encoder.encode([this.#word, ...this.#names]);
    this.#unconfirmed = new Set(this.#names);
  }

  override accept(reply: Reply): boolean {
    // Accepted, it answers with pushes only; refused, in band.
    this.fail(
      reply instanceof ReplyError ? reply : new ProtocolError(
        `Cannot match a reply to ${this.#word}: current value is ${
          quote(reply)
        }`,
      ),
    );
    return true;
  }

  override confirm(push: Push): boolean | null {
    if (push.kind !== this.#word.toLowerCase()) return null;
    // By name: a server may say `sunsubscribe` of another channel unasked.
    const [name] = push.data;
    const text = name instanceof Uint8Array ? decodeText(name) : "";
    if (!this.#unconfirmed.delete(text)) return null;
    if (this.#unconfirmed.size > 0) return false;
    this.succeed();
    return true;
  }
}

/** The value that a reply becomes, or the error that it is. */
function turned<T>(command: Command<T>, reply: Reply): T | Error {
  if (typeof reply === "object" && reply instanceof ReplyError) {
    reply.command = title(command);
    return reply;
  }
  try {
    return command.shape.turn(reply);
  } catch (error) {
    return error as Error;
  }
}

/** The command's word. Not its arguments: they may be secret. */
function title({ args }: Command): string {
  return typeof args[0] === "string" ? args[0] : "a command";
}
