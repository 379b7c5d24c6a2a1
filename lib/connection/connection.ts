/**
 * One socket's life: write, read, settle, die once.
 *
 * @module
 */

import {
  ConnectionError,
  ProtocolError,
  ReplyError,
  TimeoutError,
} from "../errors.ts";
import type { Transport } from "../net/transport.ts";
import { Decoder, MORE } from "../resp/decoder.ts";
import { Encoder } from "../resp/encoder.ts";
import { Push, RAW, type Reply, TEXT } from "../resp/reply.ts";
import { Alarm } from "./alarm.ts";
import { now } from "./clock.ts";
import { CommandSlot, type Slot } from "./command.ts";
import { Inflight } from "./inflight.ts";

const READ_BUFFER = 128 * 1024;
/**
 * After so many bytes of replies the callers have a turn: what they ask next is
 * written while the rest is decoded, so that the server need not wait. So it is
 * before the next read, too, which would only find that nothing is there yet.
 */
const TURN = 8 * 1024;
/**
 * And so it is when half of what waits is answered, of so many at least: while
 * one half is decoded and asked anew, the server works at the other.
 */
const SHARE = 16;
/** How many microtasks that turn is: from a reply, through a caller, to the write. */
const HOPS = 4;
/**
 * So many bytes of commands are written without waiting for the end of the tick:
 * the server works at them while the rest is encoded.
 */
const EAGER = 8 * 1024;
/** After a failed write the peer's last words are waited for so long, in milliseconds. */
const LAST_WORDS = 100;
/** Deadlines are noticed this late at most, in milliseconds: one scan serves many. */
const TICK = 5;

/** How long a connection is patient. All in milliseconds, `Infinity` for ever. */
export interface Limits {
  /**
   * Replies are owed, and not one byte comes: the peer is taken for dead, unless
   * the command that is answered next may take longer.
   */
  stall: number;
  /** Nothing was asked for so long: a PING shows whether the peer lives. */
  idle: number;
  /** How long the reply to that PING may take. */
  ping: number;
}

/** What is left of a connection that died. */
export interface Death {
  /** Why it died. */
  readonly reason: unknown;
  /** Slots that may have been executed, in order. Some may be settled. */
  readonly written: readonly Slot[];
  /** Slots that were not executed, in order. */
  readonly unwritten: readonly Slot[];
}

/**
 * A transport that speaks Redis, until it dies. It does not come back: who wants
 * to stay connected makes a new one.
 *
 * ```text
 * execute -> encoder -> flush at the end of the tick -> transport.write
 *    slot -> inflight ------------------------------------> settled, in order
 * transport.read -> decoder -> reply -> inflight's first slot
 *                           -> push  -> onPush
 * ```
 */
export class Connection {
  /** Resolves once, when the connection is dead and nothing of it is under way. */
  readonly closed: Promise<Death>;
  /** Gets every push that is not the answer to a command. */
  onPush: (push: Push) => void = () => {};
  /** Gets every reply that no command waits for; without it, one is an error. */
  onUnasked: ((reply: Reply) => void) | undefined;
  /** Told of an error that answers a slot, before it settles it; returns whether it took the slot. */
  onRefused: ((slot: Slot, error: ReplyError) => boolean) | undefined;
  /** What the handshake agreed on. */
  protocol: 2 | 3 = 2;
  /** Whether it asks by itself, when nothing is heard for long: not where its PING would be part of something. */
  pings = true;

  readonly #transport: Transport;
  readonly #limits: Limits;
  readonly #encoder = new Encoder(EAGER, () => this.#flush());
  readonly #decoder = new Decoder();
  readonly #inflight = new Inflight();
  #writing = false;
  #draining: PromiseWithResolvers<void> | undefined;

  /** What is left of it, once it is dead. */
  #death: Death | undefined;
  /** Ends the pause: a dead connection has nothing to wait for. */
  #resume: (() => void) | undefined;
  /** Why it takes nothing new. */
  #retired: Error | undefined;

  /** One timer for everything. */
  readonly #alarm = new Alarm(() => this.#wake());
  /** When the peer was last heard, or first owed something. */
  #heard = now();

  /** Takes the transport: nobody else may use it from now on. */
  constructor(transport: Transport, limits: Limits) {
    this.#transport = transport;
    this.#limits = limits;
    this.closed = this.#live();
    this.#wake();
  }

  /** Whether commands can be executed. */
  get alive(): boolean {
    return !(this.#death ?? this.#retired);
  }

  /** How many slots wait for a reply. */
  get pending(): number {
    return this.#inflight.length;
  }

  /** Reads what comes as a RESP2 subscriber does: arrays are pushes. */
  subscribeOnly(): void {
    this.#decoder.arraysArePushes = true;
  }

  /** Asks: what is asked in one tick leaves in one write. A dead connection refuses. */
  execute(slot: Slot): void {
    if (!this.alive) {
      return slot.fail(
        new ConnectionError(
          `Cannot send ${slot.title}: the connection is lost`,
          { cause: this.#death?.reason ?? this.#retired },
        ),
      );
    }
    try {
      slot.check();
    } catch (error) {
      return slot.fail(error);
    }
    if (this.#inflight.length === 0) this.#heard = now();
    this.#inflight.push(slot);
    // What was asked before in this tick, or a write under way, takes it along.
    if (this.#encoder.empty && !this.#writing) queueMicrotask(this.#flush);
    slot.encode(this.#encoder);
    const due = Math.min(slot.deadline, this.#heard + this.#limits.stall);
    if (due < this.#alarm.at) this.#alarm.set(due, TICK);
  }

  /** Stops reading until the promise settles: for a reader that is too slow. */
  pause(until: Promise<void>): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    until.then(resolve);
    this.#pause = promise;
    this.#resume = resolve;
  }

  /** Whether it does not read. */
  get paused(): boolean {
    return this.#pause !== undefined;
  }

  /** Resolves when no reply is owed any more, or the connection is dead. */
  async drain(): Promise<void> {
    if (this.#death || this.#inflight.length === 0) return;
    this.#draining ??= Promise.withResolvers();
    await this.#draining.promise;
  }

  /** Takes nothing new, and ends when no reply is owed any more. */
  async retire(reason: Error): Promise<void> {
    this.#retired = reason;
    await this.drain();
    this.destroy(reason);
  }

  /** Ends the connection at once. */
  destroy(reason: unknown): void {
    if (this.#death) return;
    this.#alarm.set(Infinity);
    this.#death = { reason, ...this.#inflight.takeAll() };
    this.#draining?.resolve();
    this.#resume?.();
    this.#transport[Symbol.dispose]();
  }

  /** Says whether the process lives while the connection is open: the default. */
  ref(live: boolean): void {
    if (live) this.#transport.ref?.();
    else this.#transport.unref?.();
    this.#alarm.ref(live);
  }

  // -- Writing --

  #written: Promise<void> = Promise.resolve();

  readonly #flush = (): void => {
    if (this.#death || this.#writing) return;
    this.#written = this.#write();
  };

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      // What is asked while a write is under way leaves in the next.
      while (!this.#encoder.empty && !this.#death) {
        const chunks = this.#encoder.take();
        this.#inflight.markWritten();
        await this.#transport.write(chunks);
      }
      this.#writing = false;
    } catch (error) {
      // #writing stays: nothing more is written. The peer may have said why it
      // left, so reading goes on for a moment.
      if (this.#death) return;
      const timer = setTimeout(() => this.destroy(error), LAST_WORDS);
      await this.#read;
      clearTimeout(timer);
      this.destroy(error);
    }
  }

  // -- Reading --

  #read: Promise<void> = Promise.resolve();
  #pause: Promise<void> | undefined;

  async #live(): Promise<Death> {
    this.#read = this.#readAll();
    await this.#read;
    await this.#written;
    return this.#death!;
  }

  async #readAll(): Promise<void> {
    const buffer = new Uint8Array(READ_BUFFER);
    try {
      while (!this.#death) {
        const into = this.#decoder.room ?? buffer;
        const count = await this.#transport.read(into);
        if (this.#death) return;
        if (count === null) {
          throw new ConnectionError("The server closed the connection");
        }
        this.#heard = now();
        if (into === buffer) this.#decoder.feed(buffer.subarray(0, count));
        else this.#decoder.filled(count);
        for (let all = false; !all;) {
          all = this.#deliver();
          for (let i = 0; i < HOPS; i++) await null;
          if (this.#death) return;
        }
        if (this.#pause !== undefined) {
          await this.#pause;
          this.#pause = undefined;
          this.#heard = now();
        }
      }
    } catch (error) {
      this.destroy(error);
    }
  }

  /** Delivers what was read; returns `false` when it stopped for a turn. */
  #deliver(): boolean {
    const inflight = this.#inflight;
    const decoder = this.#decoder;
    const until = decoder.position + TURN;
    const { length } = inflight;
    const rest = length > SHARE ? Math.min(length - SHARE, length >> 1) : -1;
    while (decoder.position < until && inflight.length > rest) {
      const slot = inflight.peek();
      const reply = slot === undefined
        ? decoder.next(TEXT)
        : decoder.next(slot.mode, slot.modes);
      if (reply === MORE) {
        if (inflight.length === 0) this.#draining?.resolve();
        return true;
      }
      if (reply instanceof Push) {
        // A RESP2 subscriber's PING is answered with an array.
        const last = reply.kind === "pong"
          ? slot?.accept("PONG")
          : slot?.confirm(reply);
        if (last) inflight.shift();
        else if (last !== false) this.onPush(reply);
      } else if (slot === undefined) {
        if (this.onUnasked === undefined) throw unasked(reply);
        this.onUnasked(reply);
      } else if (
        reply instanceof ReplyError && this.onRefused?.(slot, reply) ||
        slot.accept(reply)
      ) inflight.shift();
    }
    return false;
  }

  // -- Time --

  #wake(): void {
    if (this.#death) return;
    const time = performance.now();
    const { stall, idle, ping } = this.#limits;
    let next = Infinity;
    this.#inflight.forEach((slot, written) => {
      if (slot.settled) return;
      if (slot.deadline > time) next = Math.min(next, slot.deadline);
      else slot.fail(timedOut(slot, written));
    });
    if (this.#pause !== undefined) {
      // Nothing is heard as nothing is read.
      next = Math.min(next, time + idle);
    } else if (this.#inflight.length > 0) {
      const head = this.#inflight.peek()!;
      // Whoever gave the command that is answered next more time meant it.
      const stalled = Math.max(
        this.#heard + stall,
        head.settled ? 0 : head.deadline,
      );
      if (time >= stalled) {
        const silent = Math.round(time - this.#heard);
        return this.destroy(
          new TimeoutError(`The server has not answered for ${silent} ms`),
        );
      }
      next = Math.min(next, stalled);
    } else if (this.pings && time - this.#heard >= idle) {
      // Shows whether the peer lives: TCP alone would not say for hours.
      const slot = new CommandSlot(PING).limit(ping, 0);
      slot.promise.catch((error) => {
        if (error instanceof TimeoutError) this.destroy(error);
      });
      this.execute(slot);
      next = slot.deadline;
    } else if (this.pings) next = this.#heard + idle;
    this.#alarm.set(next, TICK);
  }
}

const PING = { args: ["PING"], shape: RAW };

function timedOut(slot: Slot, written: boolean): TimeoutError {
  return new TimeoutError(
    `${slot.title} got no reply by its deadline`,
    { maybeExecuted: written && !slot.harmless },
  );
}

/** The error for a connection that the server does not serve. */
export function refusal(cause: ReplyError): ConnectionError {
  return new ConnectionError(`The server refused: ${cause.message}`, { cause });
}

function unasked(reply: Reply): Error {
  // Servers refuse a connection so: `-ERR max number of clients reached`.
  if (reply instanceof ReplyError) return refusal(reply);
  return new ProtocolError("Cannot match a reply: no command waits for one");
}
