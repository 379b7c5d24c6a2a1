/**
 * Turns tracking on for the connections of cached reads, and hears of every change
 * of what they read.
 *
 * @see https://redis.io/docs/latest/develop/reference/client-side-caching/
 * @module
 */

import type { ConnectionObserver } from "../client/engine.ts";
import type { ResolvedOptions } from "../client/options.ts";
import { type Command, CommandSlot } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { keyOf } from "../connection/names.ts";
import { RedisError, ReplyError } from "../errors.ts";
import { type Arg, type Push, RAW, type Reply, TEXT } from "../resp/reply.ts";
import { Redirect } from "./redirect.ts";
import { Source, type SourceState } from "./source.ts";
import { type Answered, type SourceOf, trackedSlot } from "./tracked_slot.ts";

/** What a tracker tells. */
export interface TrackerEvents {
  /** The keys that have changed; `null` for all that the connection has read. */
  invalidated(keys: readonly string[] | null, source: Source): void;
  /** A connection tells of no more changes. */
  lost(source: Source, reason: unknown): void;
  /** A connection tells of changes from now on. */
  started(source: Source): void;
  /** The server does not tell a connection of changes. */
  refused(): void;
  /** The user may be another, or keys have moved to another server. */
  changed(): void;
}

/** What the keys of a cache begin with. */
export interface TrackerOptions {
  /** What the client puts in front of every key; keys without it are another's. */
  readonly keyPrefix: string;
  /** The prefixes to be told of all changes of; `undefined` to be told of what was read. */
  readonly prefixes: readonly string[] | undefined;
  /** Whether to ask how long the keys of each read live. */
  readonly pttl: boolean;
}

/** The connections that have a cache: two would take each other's tracking away. */
const TAKEN = new WeakMap<Connection, Tracker>();

/** The connections for tracked reads, and whether the server tells them of changes. */
export class Tracker implements ConnectionObserver {
  /** Asks each pool for a connection that only cached reads go to. */
  readonly tracks = true;
  readonly #options: TrackerOptions;
  readonly #events: TrackerEvents;
  readonly #sources = new Map<Connection, Source>();
  readonly #sourceOf: SourceOf = (connection) => this.#sources.get(connection);
  /** For RESP2: what is told of changes in their place, for each pool. */
  readonly #redirects = new Map<ResolvedOptions, Redirect>();
  #ended = false;
  #live = true;

  /** Observes nothing yet. */
  constructor(options: TrackerOptions, events: TrackerEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** What makes the slot of a tracked read, whose replies are told to `answered`. */
  slotFor(answered: Answered): NonNullable<Command<Reply>["slot"]> {
    return (command, retry) =>
      trackedSlot(
        command,
        this.#sourceOf,
        answered,
        this.#options.pttl,
        retry,
      );
  }

  /** A key that the server named, as the client calls it; `undefined` for another's. */
  keyHere(key: string): string | undefined {
    const { keyPrefix } = this.#options;
    return key.startsWith(keyPrefix) ? key.slice(keyPrefix.length) : undefined;
  }

  /** Begins to hear of changes on a connection. */
  opened(
    connection: Connection,
    options: ResolvedOptions,
    isTracked: boolean,
  ): void {
    if (!isTracked || this.#ended || this.#sources.has(connection)) return;
    const source = new Source(connection);
    this.#sources.set(connection, source);
    connection.left.then((reason) => this.#left(source, options, reason));
    if (TAKEN.has(connection)) {
      const error = new TypeError(
        "Cannot cache as the connections of this client have a cache already: use that one, or another client",
      );
      source.state = { kind: "refused", error };
      return;
    }
    TAKEN.set(connection, this);
    if (connection.protocol === 3) {
      connection.onPush = (push) => this.#hear(push, source);
      this.#turnOn(source, options, []);
    } else this.#redirectFor(options).serve(source);
  }

  /** The user may be another, or keys have moved. */
  changed(): void {
    this.#events.changed();
  }

  /** Resolves when all earlier changes were told: `true` unless a connection that tells of them does not answer. */
  async sync(): Promise<boolean> {
    const asked = [...this.#redirects.values()].map((one) => one.isThere());
    for (const { connection } of this.#sources.values()) {
      if (connection.protocol === 2) continue;
      // Silence ends the connection, and that the PING.
      asked.push(connection.ping().promise.then(() => true, () => false));
    }
    return (await Promise.all(asked)).every((isThere) => isThere);
  }

  /** Says whether the process lives for the connections that were opened here: the default. */
  ref(live: boolean): void {
    this.#live = live;
    for (const redirect of this.#redirects.values()) redirect.ref(live);
  }

  /** Turns tracking off and closes what was opened for it. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    for (const { connection, state } of this.#sources.values()) {
      if (TAKEN.get(connection) !== this) continue;
      TAKEN.delete(connection);
      connection.onPush = () => {};
      if (state.kind !== "on" || !connection.alive) continue;
      const slot = new CommandSlot({
        args: ["CLIENT", "TRACKING", "OFF"],
        shape: RAW,
      });
      slot.promise.catch(() => {});
      connection.execute(slot);
    }
    this.#sources.clear();
    const redirects = [...this.#redirects.values()];
    this.#redirects.clear();
    await Promise.all(redirects.map((redirect) => redirect.close()));
  }

  /** Sends CLIENT TRACKING; reads that follow on the connection are tracked once it is accepted. */
  async #turnOn(
    source: Source,
    options: ResolvedOptions,
    redirect: readonly Arg[],
  ): Promise<void> {
    const { prefixes, keyPrefix } = this.#options;
    const how = prefixes === undefined ? [] : [
      "BCAST",
      ...prefixes.flatMap((prefix) => ["PREFIX", keyPrefix + prefix]),
    ];
    // Asked again meanwhile, with another redirection, it is not on yet.
    const asked: SourceState = source.state = { kind: "asked" };
    const slot = new CommandSlot({
      args: ["CLIENT", "TRACKING", "ON", ...redirect, ...how],
      shape: {
        mode: TEXT,
        // At once: replies to tracked reads may have come with this one.
        parse: () => {
          if (source.state === asked) source.state = { kind: "on" };
        },
      },
    });
    source.connection.execute(slot.limit(options.commandTimeout, 0));
    try {
      await slot.promise;
      if (source.isOn) this.#events.started(source);
    } catch (error) {
      const refused = error instanceof ReplyError;
      // The connection to redirect to may be gone, which says nothing of the next.
      const gone = refused && redirect.length > 0 &&
        !await this.#redirects.get(options)?.isThere();
      if (source.state !== asked || gone) return;
      // BUSY will pass: a script has run for too long.
      if (refused && error.code !== "BUSY") {
        source.state = { kind: "refused", error: refusal(error) };
        this.#events.refused();
      } else {
        source.state = { kind: "waiting" };
        // The next connection asks again.
        source.connection.destroy(error);
      }
    }
  }

  #left(source: Source, options: ResolvedOptions, reason: unknown): void {
    this.#sources.delete(source.connection);
    const redirect = this.#redirects.get(options);
    if (redirect?.leave(source)) {
      this.#redirects.delete(options);
      redirect.close();
    }
    this.#lose(source, reason);
  }

  #lose(source: Source, reason: unknown): void {
    if (source.state.kind === "lost") return;
    source.state = { kind: "lost" };
    if (!this.#ended) this.#events.lost(source, reason);
  }

  #redirectFor(options: ResolvedOptions): Redirect {
    let redirect = this.#redirects.get(options);
    if (redirect === undefined) {
      redirect = new Redirect(options, {
        ready: (source, id) => this.#turnOn(source, options, ["REDIRECT", id]),
        invalidated: (keys, sources) => this.#tell(keys, sources),
        lost: (source, reason) => {
          this.#lose(source, reason);
          source.state = { kind: "waiting" };
        },
      });
      redirect.ref(this.#live);
      this.#redirects.set(options, redirect);
    }
    return redirect;
  }

  #hear({ kind, data }: Push, source: Source): void {
    // Of one that was left nothing is kept any more: what it tells is late.
    if (kind !== "invalidate" || source.state.kind === "lost") return;
    this.#tell(data[0], [source]);
  }

  #tell(keys: Reply | undefined, sources: Iterable<Source>): void {
    if (this.#ended) return;
    const names = Array.isArray(keys)
      ? keys.filter((key) =>
        key instanceof Uint8Array || typeof key === "string"
      )
        .map((key) => this.keyHere(keyOf(key)))
        .filter((key) => key !== undefined)
      : null;
    for (const source of sources) {
      this.#events.invalidated(names, source);
      // The names are for all of them, "all keys" is for each.
      if (names !== null) break;
    }
  }
}

/** The server refuses CLIENT TRACKING. */
export class TrackingRefusedError extends RedisError {}

function refusal(cause: ReplyError): Error {
  return new TrackingRefusedError(
    `Cannot cache as the server refused CLIENT TRACKING, which tells of changes (${cause.message}): without it use "tracking: false" with a "ttl"`,
    { cause },
  );
}
