/**
 * The counters of a server: INFO shows them, CONFIG RESETSTAT resets them.
 *
 * @module
 */

/** Counters of a server. */
export class Statistics {
  /** Executed commands. */
  calls = 0;
  /** Accepted connections. */
  connections = 0;
  /** Refused connections. */
  refused = 0;
  /** Reads of keys that existed. */
  hits = 0;
  /** Reads of keys that did not exist. */
  misses = 0;
  /** Expired keys. */
  expirations = 0;
  /** Evicted keys. */
  evictions = 0;
  /** Reads from sockets, and their bytes. */
  reads = 0;
  bytesRead = 0;
  /** Writes to sockets, and their bytes. */
  writes = 0;
  bytesWritten = 0;
  /** Commands per second, as of the last measurement. */
  callsPerSecond = 0;
  /** KiB read and written per second, as of the last measurement. */
  kilobytesReadPerSecond = 0;
  kilobytesWrittenPerSecond = 0;
  /** Error replies, by their code. */
  readonly errors = new Map<string, number>();
  #measured = { at: Date.now(), calls: 0, bytesRead: 0, bytesWritten: 0 };

  /** Counts an error reply. */
  countError(message: string): void {
    const end = message.indexOf(" ");
    const code = end < 0 ? message : message.slice(0, end);
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  /** Updates the rates per second; called by the server's timer. */
  measure(now: number): void {
    const elapsed = now - this.#measured.at;
    if (elapsed < 1000) return;
    const { calls, bytesRead, bytesWritten } = this;
    const last = this.#measured;
    // A reset in between would give negative differences.
    const rate = (difference: number) =>
      Math.max(0, difference) * 1000 / elapsed;
    this.callsPerSecond = Math.round(rate(calls - last.calls));
    this.kilobytesReadPerSecond = rate(bytesRead - last.bytesRead) / 1024;
    this.kilobytesWrittenPerSecond = rate(bytesWritten - last.bytesWritten) /
      1024;
    this.#measured = { at: now, calls, bytesRead, bytesWritten };
  }

  /** Resets all counters. */
  reset(): void {
    this.calls = this.connections = this.refused = 0;
    this.hits =
      this.misses =
      this.expirations =
      this.evictions =
        0;
    this.reads =
      this.bytesRead =
      this.writes =
      this.bytesWritten =
        0;
    this.errors.clear();
  }
}
