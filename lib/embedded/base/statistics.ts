/**
 * What a server counts: INFO shows it, CONFIG RESETSTAT forgets it.
 *
 * @module
 */

/** Counters of a server. */
export class Statistics {
  /** Commands that were run. */
  calls = 0;
  /** Connections that were made. */
  connections = 0;
  /** Connections that were refused. */
  refused = 0;
  /** Reads of keys that existed. */
  hits = 0;
  /** Reads of keys that did not exist. */
  misses = 0;
  /** Keys that expired. */
  expirations = 0;
  /** Keys that were evicted. */
  evictions = 0;
  /** Reads from sockets, and their bytes. */
  reads = 0;
  bytesRead = 0;
  /** Writes to sockets, and their bytes. */
  writes = 0;
  bytesWritten = 0;
  /** Commands in the last second. */
  callsPerSecond = 0;
  /** KiB that were read and written in the last second. */
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

  /** Measures what happens in a second; called by the server's clock. */
  measure(now: number): void {
    const elapsed = now - this.#measured.at;
    if (elapsed < 1000) return;
    const { calls, bytesRead, bytesWritten } = this;
    const last = this.#measured;
    // A reset in between makes a difference negative.
    const rate = (difference: number) =>
      Math.max(0, difference) * 1000 / elapsed;
    this.callsPerSecond = Math.round(rate(calls - last.calls));
    this.kilobytesReadPerSecond = rate(bytesRead - last.bytesRead) / 1024;
    this.kilobytesWrittenPerSecond = rate(bytesWritten - last.bytesWritten) /
      1024;
    this.#measured = { at: now, calls, bytesRead, bytesWritten };
  }

  /** Begins to count anew. */
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
