/**
 * Connections: whether the server answers, and who its clients are.
 *
 * Commands that change the connection they run on (`SELECT`, `AUTH`, `CLIENT
 * SETNAME` ...) are not methods: use the options of `connect()`.
 *
 * @see https://redis.io/docs/latest/commands/?group=connection
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import { addGiven, addWord, type AtLeastOne } from "./arguments.ts";
import { FunctionCommands } from "./functions.ts";
import { addOptions, amend } from "./option_words.ts";
import { type TrackingInfo, trackingInfo } from "./server_shapes.ts";
import { integer, ok, pong, text, textOrNull, texts } from "./shapes.ts";

/** The type of a client. */
export type ClientType =
  | "normal"
  | "master"
  | "primary"
  | "replica"
  | "pubsub";

/** Filters of clients: all given ones must match. */
export interface ClientKillFilter {
  /** The one that has this id; since Valkey 8.1 those that have these. */
  id: number | readonly number[];
  /** Those of this type. */
  type: ClientType;
  /** Those authenticated as this user. */
  user: string;
  /** Those connected for this many seconds; since Redis 7.4 and Valkey 8.0. */
  maxage: number;
  /** The one that connects from this address, such as `"127.0.0.1:50123"`. */
  addr: string;
  /** Those connected to this address of the server, such as `"127.0.0.1:6379"`. */
  laddr: string;
  /** Those of this name; this and what follows since Valkey 9.0. */
  name: string;
  /** Those that sent nothing for this many seconds. */
  idle: number;
  /** Those that have all of these flags, as `clientList` gives them. */
  flags: string;
  /** Those whose library has this name. */
  libName: string;
  /** Those whose library has this version. */
  libVer: string;
  /** Those that chose this database. */
  db: number;
  /** Those that said that they can do this. */
  capa: string;
  /** Those that connect from this host. */
  ip: string;
  /** Not those of this type; this and what follows since Valkey 9.0. */
  notType: ClientType;
  /** Not the one that has this id, or those that have these. */
  notId: number | readonly number[];
  /** Not those authenticated as this user. */
  notUser: string;
  /** Not the one that connects from this address. */
  notAddr: string;
  /** Not those connected to this address of the server. */
  notLaddr: string;
  /** Not those of this name. */
  notName: string;
  /** Not those that have all of these flags. */
  notFlags: string;
  /** Not those whose library has this name. */
  notLibName: string;
  /** Not those whose library has this version. */
  notLibVer: string;
  /** Not those that chose this database. */
  notDb: number;
  /** Not those that said that they can do this. */
  notCapa: string;
  /** Not those that connect from this host. */
  notIp: string;
  /**
   * Whether to spare the connection that the command runs on.
   *
   * @default {true}
   */
  skipme: boolean;
}

const FILTER = "id type user addr laddr maxage name idle flags db capa ip " +
  "libName- libVer- notType- notId- notUser- notAddr- notLaddr- notName- " +
  "notFlags- notLibName- notLibVer- notDb- notCapa- notIp- skipme";

function addFilter(
  words: Arg[],
  filter: Partial<ClientKillFilter> | undefined,
): Arg[] {
  const sent = amend(filter, ({ skipme }) => ({
    skipme: skipme === undefined ? undefined : skipme ? "yes" : "no",
  }));
  return addOptions(words, sent, FILTER);
}

/** Commands on connections. */
export abstract class ConnectionCommands<B extends string | Uint8Array>
  extends FunctionCommands<B> {
  /**
   * Returns the name of the connection that the command runs on, or `null` when
   * it has none.
   *
   * @see https://redis.io/docs/latest/commands/client-getname/
   */
  clientGetname(): Promise<string | null> {
    return this.send(["CLIENT", "GETNAME"], textOrNull);
  }

  /**
   * Returns the id of the connection that gets the invalidation messages, in
   * place of the one that the command runs on; 0 when it is that one, -1 when
   * no keys are tracked.
   *
   * @see https://redis.io/docs/latest/commands/client-getredir/
   */
  clientGetredir(): Promise<number> {
    return this.send(["CLIENT", "GETREDIR"], integer);
  }

  /**
   * Returns the help text of `CLIENT`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/client-help/
   */
  clientHelp(): Promise<string[]> {
    return this.send(["CLIENT", "HELP"], texts);
  }

  /**
   * Returns the id of the connection that the command runs on.
   *
   * @see https://redis.io/docs/latest/commands/client-id/
   */
  clientId(): Promise<number> {
    return this.send(["CLIENT", "ID"], integer);
  }

  /**
   * Returns information about the connection that the command runs on, as a
   * line of `name=value`.
   *
   * @see https://redis.io/docs/latest/commands/client-info/
   */
  clientInfo(): Promise<string> {
    return this.send(["CLIENT", "INFO"], text);
  }

  /**
   * Disconnects clients and returns how many there were, 0 when none is meant.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * console.assert(await redis.clientKill({ type: "pubsub" }) === 0);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/client-kill/
   */
  clientKill(filter: AtLeastOne<ClientKillFilter>): Promise<number> {
    return this.send(addFilter(["CLIENT", "KILL"], filter), integer);
  }

  /**
   * Returns information about the clients, a line of `name=value` for each;
   * empty when none is meant. Other filters than one of `type` and `id` (one or
   * many) need Valkey 8.1.
   *
   * @see https://redis.io/docs/latest/commands/client-list/
   */
  clientList(filter?: Partial<ClientKillFilter>): Promise<string> {
    return this.send(addFilter(["CLIENT", "LIST"], filter), text);
  }

  /**
   * Blocks all clients for this many milliseconds: with `"write"` only those
   * that write, else all.
   *
   * @see https://redis.io/docs/latest/commands/client-pause/
   */
  clientPause(timeout: number, mode?: "write" | "all"): Promise<"OK"> {
    return this.send(addWord(["CLIENT", "PAUSE", timeout], mode), ok);
  }

  /**
   * Returns how keys are tracked for the connection that the command runs on,
   * under the server's own field names; the flag `"off"` when they are not.
   *
   * @see https://redis.io/docs/latest/commands/client-trackinginfo/
   */
  clientTrackinginfo(): Promise<TrackingInfo> {
    return this.send(["CLIENT", "TRACKINGINFO"], trackingInfo);
  }

  /**
   * Ends the wait of the connection that has this id, in a blocking command, and
   * returns 1; 0 when it does not wait, or there is none. It gets what a timeout
   * gives, or an error with the code `UNBLOCKED`.
   *
   * @see https://redis.io/docs/latest/commands/client-unblock/
   */
  clientUnblock(id: number, reason?: "timeout" | "error"): Promise<number> {
    return this.send(addWord(["CLIENT", "UNBLOCK", id], reason), integer);
  }

  /**
   * Ends what {@linkcode ConnectionCommands.clientPause} began, if anything.
   *
   * @see https://redis.io/docs/latest/commands/client-unpause/
   */
  clientUnpause(): Promise<"OK"> {
    return this.send(["CLIENT", "UNPAUSE"], ok);
  }

  /**
   * Returns `message`.
   *
   * @see https://redis.io/docs/latest/commands/echo/
   */
  echo(message: Arg): Promise<B> {
    return this.sendExact(["ECHO", message], this.as.some, arguments);
  }

  /**
   * Returns `"PONG"`, when the server answers.
   *
   * @see https://redis.io/docs/latest/commands/ping/
   */
  ping(): Promise<"PONG">;
  /**
   * Returns `message`, when the server answers.
   *
   * @see https://redis.io/docs/latest/commands/ping/
   */
  ping(message: Arg): Promise<B>;
  ping(message?: Arg): Promise<"PONG" | B> {
    return this.send<"PONG" | B>(
      addGiven(["PING"], message),
      message === undefined ? pong : this.as.some,
    );
  }
}
