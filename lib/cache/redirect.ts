/**
 * The connection that is told of changes in the place of RESP2 connections: they
 * cannot be told anything between their replies.
 *
 * @module
 */

import type { ResolvedOptions } from "../client/options.ts";
import { CommandSlot, SubscribeSlot } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { Link } from "../connection/link.ts";
import { ConnectionError } from "../errors.ts";
import { RAW, type Reply } from "../resp/reply.ts";
import type { Source } from "./source.ts";

/** Where tracking tells a RESP2 connection of changes. */
const CHANNEL = "__redis__:invalidate";

/** What a redirect tells. */
interface RedirectEvents {
  /** The source may turn tracking on, redirected to the connection with this number. */
  ready(source: Source, id: number): void;
  /** Keys have changed, or all where there is no list. */
  invalidated(keys: Reply | undefined, sources: Iterable<Source>): void;
  /** Changes are told of no more. */
  lost(source: Source, reason: unknown): void;
}

/** Who is subscribed, as long as the connection lives. */
interface Subscribed {
  readonly connection: Connection;
  readonly id: number;
  /** Names the server process; empty where the user may not ask. */
  readonly server: string;
}

/** A subscription to changes, for the connections of a pool. */
export class Redirect {
  readonly #options: ResolvedOptions;
  readonly #events: RedirectEvents;
  readonly #link: Link;
  readonly #sources = new Set<Source>();
  #subscribed: Subscribed | undefined;

  /** Connects when the first source is served. */
  constructor(options: ResolvedOptions, events: RedirectEvents) {
    this.#options = { ...options, protocol: 2, connectAttempts: Infinity };
    this.#events = events;
    this.#link = new Link(this.#options);
    this.#link.onPush = ({ kind, data }) => {
      // The user's own subscriptions are on other connections. What anybody has
      // published there is text, and the server's own message is none.
      if (kind !== "message") return;
      const [, keys] = data;
      if (keys !== null && !Array.isArray(keys)) return;
      events.invalidated(keys, this.#sources);
    };
    this.#link.onReady = (connection) => void this.#subscribe(connection);
    this.#link.onLost = (reason) => {
      this.#subscribed = undefined;
      for (const source of this.#sources) events.lost(source, reason);
    };
  }

  /** Makes a source ready, now or once the subscription is confirmed. */
  serve(source: Source): void {
    this.#sources.add(source);
    this.#link.connect().catch(() => {});
    if (this.#subscribed) this.#join(source, this.#subscribed);
  }

  /** Forgets a source; returns whether it was the last one. */
  leave(source: Source): boolean {
    return this.#sources.delete(source) && this.#sources.size === 0;
  }

  /** Whether the subscription is there; where it is not, the next one makes the sources ready. */
  async isThere(): Promise<boolean> {
    const { connection } = this.#subscribed ?? {};
    if (connection === undefined) return false;
    try {
      await connection.ping(this.#options.commandTimeout).promise;
      return true;
    } catch (error) {
      connection.destroy(error);
      return false;
    }
  }

  /** Says whether the process lives while it is connected: the default. */
  ref(live: boolean): void {
    this.#link.ref(live);
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    this.#sources.clear();
    await this.#link.close(0);
  }

  async #subscribe(connection: Connection): Promise<void> {
    connection.subscribeOnly();
    // Before SUBSCRIBE, behind which RESP2 allows neither.
    const id = this.#ask(connection, ["CLIENT", "ID"]);
    id.catch(() => {});
    try {
      const server = this.#serverOf(connection);
      const slot = new SubscribeSlot("SUBSCRIBE", [CHANNEL]);
      connection.execute(slot.limit(this.#options.commandTimeout, 0));
      await slot.promise;
      this.#subscribed = {
        connection,
        id: Number(await id),
        server: await server,
      };
      for (const source of this.#sources) this.#join(source, this.#subscribed);
    } catch (error) {
      connection.destroy(error);
    }
  }

  /** Numbers of connections mean something on one server: behind one address there may be several. */
  async #join(source: Source, subscribed: Subscribed): Promise<void> {
    const server = await this.#serverOf(source.connection);
    if (this.#subscribed !== subscribed || !this.#sources.has(source)) return;
    if (server === subscribed.server) {
      this.#events.ready(source, subscribed.id);
    } else {
      subscribed.connection.destroy(
        new ConnectionError("Changes are told by another server"),
      );
    }
  }

  async #serverOf(connection: Connection): Promise<string> {
    const info = await this.#ask(connection, ["INFO", "server"])
      .catch(() => "");
    return /^run_id:(\w+)/m.exec(String(info))?.[1] ?? "";
  }

  async #ask(connection: Connection, args: string[]): Promise<Reply> {
    const slot = new CommandSlot({ args, shape: RAW });
    connection.execute(slot.limit(this.#options.commandTimeout, 0));
    return await slot.promise;
  }
}
