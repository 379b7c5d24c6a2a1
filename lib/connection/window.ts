/**
 * How many bytes of commands may be in flight on one connection.
 *
 * @module
 */

/** How long bytes in flight may wait in the network's buffers, in ms. */
const QUEUE_MS = 100;
/** The window of a new connection in bytes. */
const FIRST = 64 * 1024;
/** The least window in bytes: some hundred small commands. */
const LEAST = 4 * 1024;
/** The largest window in bytes: what 1 Gbit/s carries in 32 ms. */
const MOST = 4 * 1024 * 1024;

/** How much longer than estimated the bytes in flight may take, as a factor. */
const MARGIN = 2;
/** A round trip of at most this many bytes shows how long the empty link takes. */
const SMALL = 1024;

/**
 * Limits the bytes in flight, so that with a slow link or server they do not pile
 * up in the network's buffers: there they cannot be taken back, and every command
 * behind them misses its deadline.
 *
 * It measures one round trip at a time, from a write to the answer of its last
 * command. While commands wait because the window is full, each round trip without
 * queuing doubles it; with queuing, it is brought near the bytes that are answered
 * within the empty link's round trip plus {@linkcode QUEUE_MS}. With a fast server
 * it grows until it hardly ever limits anything.
 */
export class Window {
  /** How many bytes may be in flight. */
  size = FIRST;
  /** The last round trip, where something queued: when it ended, how long it took, the bytes answered. */
  #slow: { end: number; took: number; bytes: number } | undefined;
  /** The round trip of the empty link, in ms. */
  #base = Infinity;
  /** Bytes written since the connection began. */
  #written = 0;
  /** The round trip that is measured. */
  #trip:
    | { start: number; mark: number; answered: number; alone: boolean }
    | undefined;
  /** Whether commands waited because of the window during this round trip. */
  #met = false;

  /** Notes that bytes were written, and how many were in flight before. */
  wrote(bytes: number, inFlight: number, time: number): void {
    const answered = this.#written - inFlight;
    this.#written += bytes;
    if (this.#trip !== undefined) return;
    const alone = inFlight === 0 && bytes <= SMALL;
    this.#trip = { start: time, mark: this.#written, answered, alone };
    this.#met = false;
  }

  /** Whether nothing more may be written for now. */
  isFull(inFlight: number): boolean {
    if (inFlight < this.size) return false;
    this.#met = true;
    return true;
  }

  /** Notes how many bytes are still in flight after replies came. */
  measure(inFlight: number, time: number): void {
    const trip = this.#trip;
    const answered = this.#written - inFlight;
    if (trip === undefined || answered < trip.mark) return;
    this.#trip = undefined;
    const took = Math.max(time - trip.start, 0.01);
    // A small command alone waits behind nothing, nor do commands in the least
    // window: this is the empty link's round trip.
    const empty = trip.alone || this.size === LEAST;
    this.#base = empty ? took : Math.min(this.#base, took);
    // Without queuing, bytes per ms do not show the rate of the link.
    const queued = took >= this.#base + QUEUE_MS / 2;
    const bytes = answered - trip.answered;
    this.#slow = this.#met && queued ? { end: time, took, bytes } : undefined;
    if (!this.#met) return;
    const fits = queued
      ? bytes / took * (this.#base + QUEUE_MS)
      : this.size * 2;
    const near = Math.min(Math.max(fits, this.size / 2), this.size * 2);
    this.size = Math.min(Math.max(near, LEAST), MOST);
  }

  /**
   * Estimates the time in ms until the reply to a command that is written now; 0
   * while nothing queues.
   *
   * Bytes in flight count twice, as this is an estimate. No size counts for more
   * than the bytes of the last round trip: where the server or the replies are
   * slow, and not the way there, a large command takes as long as a small one.
   */
  delay(inFlight: number, size: number, time: number): number {
    const slow = this.#slow;
    if (slow === undefined) return 0;
    // An idle link must be tried again: only that shows whether it is still slow.
    if (inFlight === 0 && time - slow.end > slow.took) return 0;
    const trips = inFlight / slow.bytes;
    // A small command hardly adds to the queue.
    if (size <= SMALL) return this.#base + slow.took * Math.min(trips, MARGIN);
    const own = slow.took * Math.min(size / slow.bytes, 1);
    return this.#base + slow.took * Math.min(trips * MARGIN, MARGIN) + own;
  }
}
