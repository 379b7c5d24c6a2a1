/**
 * One socket's life: write, read, settle, die once.
 *
 * @module
 */

import {
  ConnectionError,
  messageOf,
  ReplyError,
  TimeoutError,
} from "../errors.ts";
import type { Transport } from "../net/transport.ts";
import { Decoder, MORE } from "../resp/decoder.ts";
import { Encoder } from "../resp/encoder.ts";
import { type Mode, Push, RAW, type Reply, TEXT } from "../resp/reply.ts";
import { Alarm } from "./alarm.ts";
import { now } from "./clock.ts";
import { CommandSlot, type Slot } from "./command.ts";
import type { Limits, MessageReading } from "./limits.ts";
import { noReply, notSent, silence, tooSlow, unasked } from "./failures.ts";
import { Refusals } from "./refusals.ts";
import { SlotQueue } from "./slot_queue.ts";
import { Window } from "./window.ts";

/**
 * The read buffer at first and at most, in bytes, and how many times larger it
 * becomes when it was full: many connections are short, and large memory costs
 * zeroes and collections of garbage.
 */
const FIRST_READ = 2 * 1024;
const READ_BUFFER = 256 * 1024;
const GROWTH = 8;
/**
 * After this many bytes of replies the callers run, so that their next commands
 * are written while the rest is decoded. So they do before the next read, too,
 * which would only find that nothing has come yet.
 */
const YIELD_BYTES = 8 * 1024;
/**
 * But not before this many replies, or half of the commands in flight, for as long
 * as these have fewer bytes than this: a write takes as long as decoding 64 KiB.
 */
const YIELD_REPLIES = 4;
const FEW_BYTES = 64 * 1024;
/**
 * The callers also run when half of the commands in flight are answered, where
 * there are at least this many: the server works at the new half while the other
 * is decoded.
 */
const YIELD_SLOTS = 16;
/** How many microtasks it takes from a reply, through a caller, to the next write. */
const YIELD_MICROTASKS = 4;
/** This many waiting bytes are written at once, not at the end of the tick. */
const EAGER_BYTES = 8 * 1024;
/** After a failed write the server's last words are read for this long, in ms. */
const LAST_WORDS = 100;
/** Deadlines are noticed this late at most, in ms: one scan serves many. */
const TICK = 5;

/** The remains of a dead connection: its slots, settled or not, in order. */
export interface Death {
  /** Why it died. */
  readonly reason: unknown;
  /** Slots that were written and not answered to the end. */
  readonly written: readonly Slot[];
  /** Slots of this connection alone that were not written. */
  readonly unwritten: readonly Slot[];
}

type State =
  /** Takes commands. */
  | { readonly kind: "open" }
  /** Takes no new commands and waits for the replies that are owed. */
  | { readonly kind: "retiring"; readonly reason: Error }
  | { readonly kind: "dead"; readonly death: Death };

/** Whether it writes: `"failed"` once the transport took no more. */
type Writer = "idle" | "scheduled" | "writing" | "failed";

/**
 * A transport that speaks Redis, until it dies. It never reconnects: a link makes a
 * new one.
 *
 * ```text
 * execute ---> own queue --+
 * Link ------> outbox -----+--> encoder --> transport.write
 *                          |  (at the end of the tick, and after each write)
 *                          +--> in flight, in the order of the replies
 *                                   |
 * transport.read -> decoder -> reply +-> settles the first slot in flight
 *                           -> push  --> onPush
 * ```
 *
 * Commands wait as slots, not as bytes. A slot that settles while it waits, by
 * its deadline or its signal, is never written.
 */
export class Connection {
  /** Resolves when the connection is dead and its reads, writes and probes have ended. */
  readonly closed: Promise<Death>;
  /** Resolves to the reason when it stops taking commands: it is retiring or dead. */
  readonly left: Promise<unknown>;
  /** Gets every push that does not answer a command. */
  onPush: (push: Push) => void = () => {};
  /** Gets every reply that no command waits for; without it, that is an error. */
  onUnasked: ((reply: Reply) => void) | undefined;
  /** Gets each error that answers a slot; returns `true` to keep the slot unsettled. */
  onRefused: ((slot: Slot, error: ReplyError) => boolean) | undefined;
  /** The protocol that the handshake agreed on. */
  protocol: 2 | 3 = 2;
  /** Its number in CLIENT LIST, where the handshake told it. */
  id: number | undefined;
  /** The address of the server's end, as the server sees it, where the handshake asked for it. */
  server: string | undefined;
  /** Sends keepalive PINGs when idle. Off where a PING would disturb the order of replies. */
  keepalive = true;

  readonly #transport: Transport;
  #limits: Limits;
  readonly #decoder = new Decoder();
  readonly #encoder = new Encoder();
  readonly #window = new Window();
  /** Commands of this connection alone: they go first. */
  readonly #own = new SlotQueue();
  /** The link's commands; `undefined` while it takes none of them. */
  #outbox: SlotQueue | undefined;
  readonly #inflight = new SlotQueue();
  /** Rejects commands that would miss their deadline. */
  readonly #refusals = new Refusals();
  /** The slot whose last bytes do not fit the encoder's buffer yet. */
  #unfinished: Slot | undefined;

  #state: State = { kind: "open" };
  #writer: Writer = "idle";
  #writing: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();
  readonly #leaving = Promise.withResolvers<unknown>();
  /** Set while it does not read, for a reader that is too slow. */
  #pause: PromiseWithResolvers<void> | undefined;

  /** One timer for all deadlines. */
  readonly #alarm = new Alarm(() => this.#expire());
  /** When a byte came last, or a command was written while none was in flight. */
  #heard = now();
  /** The keepalive PING that was sent last. */
  #keepalivePing: Slot | undefined;
  #readersTake: () => boolean = () => false;
  /** The probe that asks whether it is lost. */
  #probing: { stop: AbortController; done: Promise<void> } | undefined;

  /** Takes the transport: nobody else may use it from now on. */
  constructor(transport: Transport, limits: Limits) {
    this.#transport = transport;
    this.#limits = limits;
    this.left = this.#leaving.promise;
    this.closed = this.#live();
    this.#expire();
  }

  /** Whether it takes commands. */
  get alive(): boolean {
    return this.#state.kind === "open";
  }

  /** Whether it has ended. */
  get dead(): boolean {
    return this.#state.kind === "dead";
  }

  /** How many slots are in flight, or are commands of this connection alone. */
  get pending(): number {
    return this.#inflight.length + this.#own.length;
  }

  /** About how many bytes these have. */
  get pendingBytes(): number {
    return this.#inflight.bytes + this.#own.bytes;
  }

  /** The slots that were written and are not answered, settled or not, in order. */
  get inFlight(): Slot[] {
    return this.#inflight.all();
  }

  /** When a byte came last, on the clock of `now()`. */
  get heard(): number {
    return this.#heard;
  }

  /** The address of this end, as the server sees it where no proxy is between. */
  get local(): string {
    return this.#transport.local ?? "";
  }

  /** Whether reading is paused. */
  get paused(): boolean {
    return this.#pause !== undefined;
  }

  /** Changes the limits. */
  limit(limits: Limits): void {
    this.#limits = limits;
    this.#heard = now();
    this.#expire();
  }

  /** Reads as a RESP2 subscriber does: arrays are pushes. */
  subscribeOnly(): void {
    this.#decoder.arraysArePushes = true;
  }

  /** How a subscriber's messages are read. */
  set messages(reading: MessageReading) {
    this.#decoder.payloadMode = reading.payloadMode;
    this.#readersTake = reading.readersTake;
  }

  /** Executes a command on this connection only, ahead of the link's commands. */
  execute(slot: Slot): void {
    if (this.#state.kind !== "open") {
      const cause = this.#state.kind === "dead"
        ? this.#state.death.reason
        : this.#state.reason;
      return slot.fail(
        new ConnectionError(
          `Cannot send ${slot.description}: the connection is lost`,
          { cause },
        ),
      );
    }
    try {
      slot.check();
    } catch (error) {
      return slot.fail(error);
    }
    this.#own.push(slot);
    if (slot.deadline < this.#alarm.at) this.#alarm.set(slot.deadline, TICK);
    this.write();
  }

  /** Sends a PING; without one, where it would disturb the order of replies. */
  ping(timeout = Infinity): Slot {
    const slot = new CommandSlot(PING).limit(timeout, 0);
    // Callers look at the connection, and need not await this.
    slot.promise.catch(() => {});
    if (this.keepalive) this.execute(slot);
    return slot;
  }

  /** Writes the commands of this queue from now on; without a queue, only its own. */
  serve(outbox: SlotQueue | undefined): void {
    if (!this.alive) return;
    this.#outbox = outbox;
    this.write();
  }

  /** Writes waiting commands: at the end of this tick, or at once if they are many bytes. */
  write(): void {
    if (this.#writer === "writing" || this.#writer === "failed") return;
    if (this.#own.length === 0 && this.#window.isFull(this.#inflight.bytes)) {
      return;
    }
    if (this.#own.bytes + (this.#outbox?.bytes ?? 0) > EAGER_BYTES) {
      return this.#flush();
    }
    if (this.#writer === "scheduled") return;
    this.#writer = "scheduled";
    queueMicrotask(this.#flush);
  }

  /** Stops reading until the promise settles: for a reader that is too slow. */
  pause(until: Promise<void>): void {
    const pause = this.#pause = Promise.withResolvers<void>();
    until.then(pause.resolve);
  }

  /** Resolves when all its slots have settled, or the connection is dead. */
  async drain(): Promise<void> {
    while (!this.dead) {
      const queues = [this.#own, this.#inflight, this.#outbox];
      const slots = queues.flatMap((queue) => queue?.unsettled() ?? []);
      if (slots.length === 0) return;
      const settled = Promise.allSettled(slots.map(({ promise }) => promise));
      await Promise.race([settled, this.closed]);
    }
  }

  /** Takes no new commands, and ends when all its slots have settled. */
  async retire(reason: Error): Promise<void> {
    if (this.#state.kind === "open") {
      this.#leave({ kind: "retiring", reason }, reason);
    }
    await this.drain();
    this.destroy(reason);
  }

  /** Ends the connection at once. */
  destroy(reason: unknown): void {
    if (this.#state.kind === "dead") return;
    const written = this.#inflight.takeAll();
    const unwritten = this.#own.takeAll();
    const death = { reason, written, unwritten };
    this.#leave({ kind: "dead", death }, reason);
    this.#alarm.set(Infinity);
    this.#refusals.flush();
    this.#pause?.resolve();
    this.#probing?.stop.abort(reason);
    this.#transport[Symbol.dispose]();
  }

  /** The one place that changes the state: it takes no new commands from now on. */
  #leave(state: State, reason: unknown): void {
    this.#state = state;
    this.#outbox = undefined;
    this.#leaving.resolve(reason);
  }

  /** Says whether the process lives while the connection is open: the default. */
  ref(live: boolean): void {
    if (live) this.#transport.ref?.();
    else this.#transport.unref?.();
    this.#alarm.ref(live);
  }

  // -- Writing --

  readonly #flush = (): void => {
    if (this.dead || this.#writer === "writing" || this.#writer === "failed") {
      return;
    }
    this.#writer = "writing";
    this.#writing = this.#writeAll();
  };

  async #writeAll(): Promise<void> {
    try {
      for (let bytes; (bytes = this.#fill()).length > 0;) {
        await this.#transport.write([bytes]);
        if (this.dead) return;
        this.#resume();
        if (this.dead) return;
      }
      this.#writer = "idle";
    } catch (error) {
      this.#writer = "failed";
      if (this.dead) return;
      // The server may have said why it closed: read on for a moment.
      const timer = setTimeout(() => this.destroy(error), LAST_WORDS);
      await this.#reading;
      clearTimeout(timer);
      this.destroy(error);
    }
  }

  /** Encodes waiting commands, as far as they fit, and returns the bytes to be written. */
  #fill(): Uint8Array {
    const before = this.#inflight.bytes;
    while (!this.#encoder.full) {
      const slot = this.#next();
      if (slot === undefined) break;
      this.#encode(slot);
    }
    const added = this.#inflight.bytes - before;
    if (added > 0) this.#window.wrote(added, before, now());
    return this.#encoder.take();
  }

  /** The next slot to be written, if one may be. */
  #next(): Slot | undefined {
    const own = this.#own.shiftUnsettled();
    if (own !== undefined) return own;
    const outbox = this.#outbox;
    if (outbox === undefined || outbox.length === 0) return undefined;
    const { bytes } = this.#inflight;
    if (this.#window.isFull(bytes)) return undefined;
    for (;;) {
      const slot = outbox.shiftUnsettled();
      if (slot === undefined) return undefined;
      const time = now();
      const delay = this.#window.delay(bytes, slot.size, time);
      if (delay === 0 || slot.deadline > time + delay) return slot;
      // It would be late: leave the link to commands that can still be in time.
      this.#refusals.add(slot, tooSlow(slot));
    }
  }

  #encode(slot: Slot): void {
    const encoder = this.#encoder;
    const mark = encoder.length;
    try {
      slot.encode(encoder, this);
    } catch (error) {
      encoder.rewind(mark);
      return slot.fail(error);
    }
    slot.written = true;
    if (this.#inflight.length === 0) this.#heard = now();
    this.#inflight.push(slot);
    const due = Math.min(slot.deadline, this.#heard + this.#limits.stall);
    if (due < this.#alarm.at) this.#alarm.set(due, TICK);
    if (encoder.unfinished) {
      this.#unfinished = slot;
      slot.onHalfWritten = this.#abandon;
    }
  }

  /** Encodes on where the buffer was full; a command that cannot be completed ends the connection. */
  #resume(): void {
    try {
      this.#encoder.resume();
      if (this.#encoder.unfinished || !this.#unfinished) return;
      this.#unfinished.onHalfWritten = undefined;
      this.#unfinished = undefined;
    } catch (error) {
      this.#unfinished?.fail(error);
      this.destroy(
        new ConnectionError(
          `A command could not be written to its end: ${messageOf(error)}`,
          { cause: error },
        ),
      );
    }
  }

  /** A half-written slot settled: its caller may reuse the memory of the arguments, so their rest is copied. */
  readonly #abandon = (slot: Slot): void => {
    if (this.#unfinished !== slot || this.dead) return;
    const owed = slot.abandon(this.#encoder.abandon(), this.#encoder);
    // Every part that was written has its reply: the next one belongs to another slot.
    if (!owed) this.#inflight.pop();
  };

  // -- Reading --

  async #live(): Promise<Death> {
    this.#reading = this.#readAll();
    await this.#reading;
    await this.#writing;
    await this.#probing?.done;
    if (this.#state.kind !== "dead") throw new TypeError("It reads no more");
    return this.#state.death;
  }

  async #readAll(): Promise<void> {
    let buffer = new Uint8Array(FIRST_READ);
    try {
      while (!this.dead) {
        const into = this.#decoder.room ?? buffer;
        const count = await this.#transport.read(into);
        if (this.dead) return;
        if (count === null) {
          throw new ConnectionError("The server closed the connection");
        }
        this.#heard = now();
        if (into === buffer) {
          this.#decoder.feed(buffer.subarray(0, count));
          if (count === buffer.length && count < READ_BUFFER) {
            buffer = new Uint8Array(Math.min(GROWTH * count, READ_BUFFER));
          }
        } else this.#decoder.filled(count);
        for (let all = false; !all;) {
          all = this.#deliver();
          this.#window.measure(this.#inflight.bytes, now());
          if (this.#outbox !== undefined && this.#outbox.length > 0) {
            this.write();
          }
          do {
            for (let i = 0; i < YIELD_MICROTASKS; i++) await null;
          } while (this.#readersTake());
          if (this.dead) return;
        }
        if (this.#pause !== undefined) {
          await this.#pause.promise;
          this.#pause = undefined;
          this.#heard = now();
        }
      }
    } catch (error) {
      this.destroy(error);
    }
  }

  /** Delivers the replies that were read; returns `false` when it stopped to yield to callers. */
  #deliver(): boolean {
    const inflight = this.#inflight;
    const decoder = this.#decoder;
    const start = decoder.position;
    const { length } = inflight;
    const rest = length > YIELD_SLOTS
      ? Math.min(length - YIELD_SLOTS, length >> 1)
      : -1;
    let least = Math.min(YIELD_REPLIES, length >> 1);
    let mode: Mode = TEXT;
    const goesOn = () => {
      const most = least > 0 ? FEW_BYTES : YIELD_BYTES;
      return decoder.position - start < most && inflight.length > rest;
    };
    // Returns whether the next reply is read alike, and now.
    const take = (reply: Reply | Push): boolean => {
      least--;
      const slot = inflight.peek();
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
      const next = inflight.peek();
      return goesOn() && (next?.mode ?? TEXT) === mode && !next?.modes;
    };
    do {
      const slot = inflight.peek();
      mode = slot?.mode ?? TEXT;
      const modes = slot?.modes;
      if (modes === undefined) {
        if (!decoder.run(mode, take)) return true;
      } else {
        const reply = decoder.next(mode, modes);
        if (reply === MORE) return true;
        take(reply);
      }
    } while (goesOn());
    return false;
  }

  // -- Time --

  /** Fails slots whose deadline has passed, and ends a connection that is silent for too long. */
  #expire(): void {
    if (this.dead) return;
    const time = performance.now();
    const { stall, idle, ping } = this.#limits;
    let next = Math.min(
      this.#inflight.expire(time, noReply),
      this.#own.expire(time, notSent),
    );
    const head = this.#inflight.peek();
    if (this.#pause !== undefined) {
      // It hears nothing while it does not read.
      next = Math.min(next, time + idle);
    } else if (head === undefined) {
      if (this.keepalive && time - this.#heard >= idle) {
        // TCP alone would notice a dead peer only after hours.
        const slot = this.#keepalivePing = this.ping(ping);
        slot.promise.catch((error) => {
          if (!(error instanceof TimeoutError)) return;
          // Commands behind the PING may have longer deadlines.
          if (this.pending > 1) this.#endSilence();
          else this.destroy(error);
        });
        next = slot.deadline;
      } else if (this.keepalive) next = Math.min(next, this.#heard + idle);
    } else if (
      // The PING alone has its own deadline.
      head !== this.#keepalivePing || head.settled && this.pending > 1
    ) {
      const silent = time - this.#heard >= stall;
      if (silent) this.#endSilence();
      next = Math.min(next, (silent ? time : this.#heard) + stall);
    }
    // A callback may have ended it.
    if (!this.dead) this.#alarm.set(next, TICK);
  }

  /** Ends a connection that was silent for too long; asks first where silence alone does not tell. */
  #endSilence(): void {
    const end = () => this.destroy(silence(performance.now() - this.#heard));
    const { isLost } = this.#limits;
    if (isLost === undefined) return end();
    if (this.dead || this.#probing !== undefined) return;
    const stop = new AbortController();
    const done = isLost(this, stop.signal).then((lost) => {
      this.#probing = undefined;
      if (lost) end();
    });
    this.#probing = { stop, done };
  }
}

const PING = { args: ["PING"], shape: RAW };
