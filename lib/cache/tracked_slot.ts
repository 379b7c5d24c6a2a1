/**
 * Reads that the server remembers: they go to a connection with tracking on.
 *
 * @see https://redis.io/docs/latest/commands/client-tracking/
 * @module
 */

import {
  type Command,
  CommandSlot,
  nameOf,
  Slot,
} from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { keysOf } from "../connection/key_positions.ts";
import { ReplyError } from "../errors.ts";
import type { Encoder } from "../resp/encoder.ts";
import { type Mode, RAW, type Reply, TEXT } from "../resp/reply.ts";
import type { Source } from "./source.ts";

/** What is known of a connection; `undefined` for one without tracked reads. */
export type SourceOf = (connection: Connection) => Source | undefined;

/**
 * Gets each reply of a server that remembers the keys of the read: `until` is when
 * the first of them expires, where that was asked for.
 */
export type Answered = (
  source: Source,
  args: Command["args"],
  reply: Reply,
  until: number,
) => void;

/** The slot of a tracked read; with `pttl` it also asks when the keys expire. */
export function trackedSlot<T>(
  command: Command<T>,
  sourceOf: SourceOf,
  answered: Answered,
  pttl: boolean,
  retry?: boolean,
): Slot<T> {
  return new (pttl ? TimedSlot : TrackedSlot)(
    command,
    sourceOf,
    answered,
    retry,
  );
}

/** One read, one reply. */
class TrackedSlot<T> extends CommandSlot<T> {
  readonly #args: Command["args"];
  readonly #sourceOf: SourceOf;
  readonly #answered: Answered;
  #source: Source | undefined;

  constructor(
    command: Command<T>,
    sourceOf: SourceOf,
    answered: Answered,
    retry?: boolean,
  ) {
    super(command, retry);
    this.#args = command.args;
    this.#sourceOf = sourceOf;
    this.#answered = answered;
  }

  override encode(encoder: Encoder, connection: Connection): void {
    this.#source = sourceFor(this.#sourceOf, connection);
    super.encode(encoder, connection);
  }

  override accept(reply: Reply): boolean {
    if (
      this.#source !== undefined && !this.settled &&
      !(reply instanceof ReplyError)
    ) this.#answered(this.#source, this.#args, reply, Infinity);
    return super.accept(reply);
  }
}

/** One read, and PTTL for each of its keys. */
class TimedSlot<T> extends Slot<T> {
  readonly #command: Command<T>;
  readonly #sourceOf: SourceOf;
  readonly #answered: Answered;
  #source: Source | undefined;
  #sentAt = 0;
  protected readonly commands: readonly Command[];
  #expected = 0;
  #replies: Reply[] = [];

  constructor(
    command: Command<T>,
    sourceOf: SourceOf,
    answered: Answered,
    retry?: boolean,
  ) {
    super(retry);
    const { args } = command;
    this.#command = command;
    this.#sourceOf = sourceOf;
    this.#answered = answered;
    // Behind the read: a change of the time to live is then told as one of the key.
    const times = keysOf(args).map((i) => ({
      args: ["PTTL", args[i]!],
      shape: RAW,
    }));
    this.commands = [command, ...times];
  }

  override get mode(): Mode {
    return this.#replies.length === 0 ? this.#command.shape.mode : TEXT;
  }

  override encode(encoder: Encoder, connection: Connection): void {
    this.#source = sourceFor(this.#sourceOf, connection);
    this.#sentAt = performance.now();
    this.#expected = this.commands.length;
    this.#replies = [];
    super.encode(encoder, connection);
  }

  override abandon(forgotten: number, _encoder: Encoder): boolean {
    this.#expected -= forgotten;
    return this.#replies.length < this.#expected;
  }

  override accept(reply: Reply): boolean {
    if (this.#replies.push(reply) < this.#expected) return false;
    if (this.settled) return true;
    const [answer, ...times] = this.#replies as [Reply, ...Reply[]];
    if (answer instanceof ReplyError) {
      this.fail(answer.of(nameOf(this.#command)));
    } else {
      if (this.#source !== undefined) {
        const until = this.#sentAt + leastOf(times);
        this.#answered(this.#source, this.#command.args, answer, until);
      }
      this.succeed(this.#command.shape.parse(answer));
    }
    return true;
  }
}

/** The source of a read that is sent now; tracking that begins later is not about it. */
function sourceFor(
  sourceOf: SourceOf,
  connection: Connection,
): Source | undefined {
  const source = sourceOf(connection);
  switch (source?.state.kind) {
    case "asked":
    case "on":
    case "refused":
      return source;
    default:
      return undefined;
  }
}

/** The least time to live in milliseconds: negative ones stand for a key that does not expire, or is not there. */
function leastOf(times: readonly Reply[]): number {
  let least = Infinity;
  for (const time of times) {
    if (typeof time === "number" && time >= 0 && time < least) least = time;
  }
  return least;
}
