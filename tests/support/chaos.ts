/**
 * A TCP proxy in front of a server, which simulates faults of a network.
 *
 * ```ts
 * await using chaos = Chaos.before(server);
 * await using redis = await connect(chaos.url);
 * chaos.toClient.delay = 50;
 * chaos.drop();
 * ```
 *
 * @module
 */

/**
 * The faults of one direction. They apply to every connection until they are
 * changed.
 */
export class Faults {
  /** The delay of bytes, in milliseconds. */
  delay = 0;
  /** The maximum number of bytes of a write. TCP may join them again. */
  split = Infinity;
  /** Bytes are collected for this many milliseconds and leave in one write. */
  coalesce = 0;
  /** The maximum number of bytes per millisecond. */
  rate = Infinity;
  /** The connection is closed after this many more bytes. */
  truncate = Infinity;
  /** The highest bit of one byte is flipped after this many more bytes. */
  corrupt = Infinity;
  /** The number of bytes that have passed since the proxy started. */
  carried = 0;
  /** The number of bytes that were corrupted since the proxy started. */
  corrupted = 0;
  #gate: PromiseWithResolvers<void> | undefined;

  /**
   * Holds bytes back while it is `true`. Then all of them arrive, as TCP sends
   * lost bytes again.
   */
  set blackhole(on: boolean) {
    if (on) this.#gate ??= Promise.withResolvers();
    else {
      this.#gate?.resolve();
      this.#gate = undefined;
    }
  }

  /** Pending while bytes are held back; `undefined` when they may pass. */
  get passing(): Promise<void> | undefined {
    return this.#gate?.promise;
  }

  /** Ends the faults. Their effects so far remain. */
  heal(): void {
    this.delay = this.coalesce = 0;
    this.split =
      this.rate =
      this.truncate =
      this.corrupt =
        Infinity;
    this.blackhole = false;
  }

  /** Truncates and corrupts the bytes before they are written. */
  apply(bytes: Uint8Array): { bytes: Uint8Array; last: boolean } {
    const last = bytes.length >= this.truncate;
    if (last) bytes = bytes.subarray(0, this.truncate);
    this.truncate = last ? Infinity : this.truncate - bytes.length;
    this.carried += bytes.length;
    if (this.corrupt < bytes.length) {
      bytes[this.corrupt]! ^= 0x80;
      this.corrupted++;
      this.corrupt = Infinity;
    } else this.corrupt -= bytes.length;
    return { bytes, last };
  }
}

/** The address of the server. */
export interface Behind {
  readonly hostname: string;
  readonly port: number;
}

/** A proxy on a port of its own. */
export class Chaos implements AsyncDisposable {
  /** The faults of bytes from the client. */
  readonly toServer: Faults = new Faults();
  /** The faults of bytes from the server. */
  readonly toClient: Faults = new Faults();
  /** Where the proxy listens. */
  readonly hostname: string = "127.0.0.1";
  /** The port of the proxy, which does not change. */
  readonly port: number;
  /** Whether new connections are accepted but stranded: no bytes pass. */
  newStranded = false;
  /** The number of accepted connections. */
  accepted = 0;
  readonly #server: Behind;
  readonly #pairs = new Set<Pair>();
  readonly #running = new Set<Promise<void>>();
  #listener: Deno.TcpListener | undefined;
  #listening: Promise<void> | undefined;
  #disposed = false;

  private constructor(server: Behind) {
    this.#server = server;
    this.port = this.#listen(0);
  }

  /** Starts a proxy in front of a server. */
  static before(server: Behind): Chaos {
    return new Chaos(server);
  }

  /** The address for clients. */
  get url(): string {
    return `redis://${this.hostname}:${this.port}`;
  }

  /** The number of open connections. */
  get open(): number {
    return this.#pairs.size;
  }

  /**
   * Closes every connection at once; bytes on the way are lost.
   *
   * The peer sees a reset (RST) if it sends more, or if its bytes were not all read;
   * otherwise an end (FIN). Deno has no SO_LINGER to force a reset.
   */
  drop(): void {
    for (const pair of this.#pairs) pair.close();
  }

  /**
   * Silently drops all further bytes of the open connections, as a middlebox does
   * that has forgotten them. New connections work.
   */
  strand(): void {
    for (const pair of this.#pairs) pair.stranded = true;
  }

  /** Ends one direction of every connection; the other direction stays open. */
  halfClose(direction: "toServer" | "toClient"): void {
    for (const { client, server } of this.#pairs) {
      const socket = direction === "toServer" ? server : client;
      socket.closeWrite().catch(() => {});
    }
  }

  /** Blocks all bytes in both directions until {@linkcode Chaos.heal}. */
  blackhole(): void {
    this.toServer.blackhole = this.toClient.blackhole = true;
  }

  /** Refuses new connections until {@linkcode Chaos.heal}; resolves once it refuses. */
  async refuse(): Promise<void> {
    this.#listener?.close();
    this.#listener = undefined;
    await this.#listening;
  }

  /** Ends all faults. */
  heal(): void {
    this.toServer.heal();
    this.toClient.heal();
    if (this.#listener === undefined) this.#listen(this.port);
  }

  /** Stops listening and closes every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.refuse();
    this.drop();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #run(work: Promise<void>): void {
    const done = work.finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  #listen(port: number): number {
    const listener = Deno.listen({ hostname: this.hostname, port });
    this.#listener = listener;
    this.#listening = this.#accept(listener);
    return listener.addr.port;
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    for await (const client of listener) {
      this.accepted++;
      this.#run(this.#join(client));
    }
  }

  async #join(client: Deno.TcpConn): Promise<void> {
    let server: Deno.TcpConn;
    try {
      server = await Deno.connect(this.#server);
    } catch {
      return client.close();
    }
    const pair = new Pair(client, server);
    if (this.#disposed) return pair.close();
    pair.stranded = this.newStranded;
    this.#pairs.add(pair);
    await Promise.all([
      pair.carry(client, server, this.toServer),
      pair.carry(server, client, this.toClient),
    ]);
    this.#pairs.delete(pair);
    pair.close();
  }
}

/** A client's connection and its connection to the server. */
class Pair {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
  /** Whether all further bytes are dropped. */
  stranded = false;
  readonly #closed = Promise.withResolvers<void>();
  #open = true;

  constructor(client: Deno.TcpConn, server: Deno.TcpConn) {
    this.client = client;
    this.server = server;
    client.setNoDelay(true);
    server.setNoDelay(true);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#closed.resolve();
    this.client.close();
    this.server.close();
  }

  /** Copies bytes until the end of the stream, or until the pair is closed. */
  async carry(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    faults: Faults,
  ): Promise<void> {
    const held: { bytes: Uint8Array<ArrayBuffer>; at: number }[] = [];
    let ended = false;
    let arrived = Promise.withResolvers<void>();
    const reading = this.#read(from, (bytes) => {
      if (bytes === null) ended = true;
      else held.push({ bytes, at: performance.now() });
      arrived.resolve();
      arrived = Promise.withResolvers();
    });
    try {
      while (this.#open) {
        if (held.length === 0) {
          if (ended) break;
          await arrived.promise;
          continue;
        }
        await this.#until(faults.passing);
        await this.#sleep(held[0]!.at + faults.delay - performance.now());
        await this.#sleep(faults.coalesce);
        const count = faults.coalesce > 0 ? held.length : 1;
        const chunks = held.splice(0, count).map(({ bytes }) => bytes);
        if (this.stranded) continue;
        const bytes = await new Blob(chunks).bytes();
        for (let at = 0; at < bytes.length;) {
          const piece = bytes.subarray(at, at + Math.max(1, faults.rate * 5));
          at += piece.length;
          await this.#write(to, piece, faults);
          await this.#sleep(piece.length / faults.rate);
        }
      }
      if (this.#open) await to.closeWrite();
    } catch {
      // The other end is gone, so close this one, too.
      this.close();
    }
    await reading;
  }

  async #read(
    from: Deno.TcpConn,
    take: (bytes: Uint8Array<ArrayBuffer> | null) => void,
  ): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        take(buffer.slice(0, count));
      }
    } catch {
      // A reset, or this side closed the connection.
      this.close();
    }
    take(null);
  }

  async #write(
    to: Deno.TcpConn,
    whole: Uint8Array,
    faults: Faults,
  ): Promise<void> {
    const { bytes, last } = faults.apply(whole);
    for (let at = 0; at < bytes.length && this.#open;) {
      at += await to.write(bytes.subarray(at, at + faults.split));
      // Gives the peer time to read each part separately.
      if (at < bytes.length) await this.#sleep(1);
    }
    if (last) this.close();
  }

  /** Waits for some time, or until the pair is closed. */
  async #sleep(ms: number): Promise<void> {
    if (ms <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await this.#until(promise);
    clearTimeout(timer);
  }

  async #until(promise: Promise<void> | undefined): Promise<void> {
    if (promise !== undefined) {
      await Promise.race([promise, this.#closed.promise]);
    }
  }
}
