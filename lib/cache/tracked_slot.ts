/**
 * A read that the server is told to remember: CLIENT CACHING YES goes in front of
 * it, on the same connection.
 *
 * @see https://redis.io/docs/latest/commands/client-caching/
 * @module
 */

import { type Command, nameOf, Slot } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { keysOf } from "../connection/key_positions.ts";
import { ReplyError } from "../errors.ts";
import type { Encoder } from "../resp/encoder.ts";
import { type Mode, RAW, type Reply, TEXT } from "../resp/reply.ts";
import type { Source } from "./source.ts";

/** Asks the server to remember the keys of the next command. */
const CACHING: Command = { args: ["CLIENT", "CACHING", "YES"], shape: RAW };

/** What a tracked read needs. */
export interface Tracked {
  /** What is known of a connection; `undefined` for one that is not shared. */
  sourceOf(connection: Connection): Source | undefined;
  /** Whether the server must be told of each read. */
  readonly optIn: boolean;
  /** Whether to ask how long the keys live. */
  readonly pttl: boolean;
}

/** Who is told when the server has answered, and remembers the keys of the request: `until` is when the first of them expires. */
export type Answered = (
  source: Source,
  args: Command["args"],
  until: number,
  reply: Reply,
) => void;

/** One command, and what surrounds it. */
export class TrackedSlot<T> extends Slot<T> {
  readonly #command: Command<T>;
  readonly #tracked: Tracked;
  readonly #answered: Answered;
  /** The connection's, where the server was asked to remember the keys. */
  #source: Source | undefined;
  #sentAt = 0;
  /** The commands of this attempt, the command itself at `#at`. */
  protected commands: readonly Command[];
  #at = 0;
  #expected = 0;
  #replies: Reply[] = [];

  /** Takes the command, and who is told of its reply. */
  constructor(
    command: Command<T>,
    tracked: Tracked,
    answered: Answered,
    retry?: boolean,
  ) {
    super(retry);
    this.#command = command;
    this.#tracked = tracked;
    this.#answered = answered;
    this.commands = [command];
  }

  override get readOnly(): boolean {
    return true;
  }

  override get description(): string {
    return nameOf(this.#command);
  }

  override get mode(): Mode {
    return this.#replies.length === this.#at ? this.#command.shape.mode : TEXT;
  }

  override encode(encoder: Encoder, connection: Connection): void {
    const { optIn, pttl } = this.#tracked;
    const source = this.#tracked.sourceOf(connection);
    const state = source?.state.kind ?? "lost";
    const asked = state === "asked" || state === "on";
    // Tracking that begins before the reply comes would not be about this read.
    this.#source = asked || state === "refused" ? source : undefined;
    const { args } = this.#command;
    const before = optIn && asked ? [CACHING] : [];
    // Behind the command: a change of the time to live is then told as one of the key.
    const behind = pttl && asked
      ? keysOf(args).map((i) => ({ args: ["PTTL", args[i]!], shape: RAW }))
      : [];
    this.#at = before.length;
    this.commands = [...before, this.#command, ...behind];
    this.#expected = this.commands.length;
    this.#replies = [];
    if (pttl) this.#sentAt = performance.now();
    super.encode(encoder, connection);
  }

  override abandon(forgotten: number, _encoder: Encoder): boolean {
    this.#expected -= forgotten;
    return this.#replies.length < this.#expected;
  }

  override accept(reply: Reply): boolean {
    const replies = this.#replies;
    if (replies.push(reply) < this.#expected) return false;
    if (this.settled) return true;
    const answer = replies[this.#at]!;
    if (answer instanceof ReplyError) this.fail(answer.of(this.description));
    else {
      const refused = this.#at > 0 && replies[0] instanceof ReplyError;
      if (this.#source && !refused) {
        const until = this.#tracked.pttl
          ? this.#sentAt + leastOf(replies.slice(this.#at + 1))
          : Infinity;
        this.#answered(this.#source, this.#command.args, until, answer);
      }
      this.succeed(this.#command.shape.parse(answer));
    }
    return true;
  }
}

/** The least time to live in milliseconds: negative ones stand for a key that does not expire, or is not there. */
function leastOf(times: readonly Reply[]): number {
  return Math.min(
    ...times.map((time) =>
      typeof time === "number" && time >= 0 ? time : Infinity
    ),
  );
}
