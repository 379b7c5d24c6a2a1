/**
 * The condition of servers that are read from: their availability zone, how far
 * behind their master they are, how long they take to answer.
 *
 * @see https://redis.io/docs/latest/commands/info/
 * @module
 */

import type { Client } from "../client/client.ts";
import type { CallOptions, Engine } from "../client/engine.ts";
import { atMost } from "../connection/alarm.ts";
import { now } from "../connection/clock.ts";
import type { Command } from "../connection/command.ts";
import { ReplyError } from "../errors.ts";
import { RAW } from "../resp/reply.ts";
import type { Endpoint } from "./endpoint.ts";

/** Servers that are read from are inspected this often, in ms. */
const INTERVAL_MS = 2_000;
/** A condition older than this, in ms, is not relied on. */
const STALE_MS = 10_000;
/** How long a server may take to answer, in ms. */
const ANSWER_MS = 1_000;
/** How long a read waits for the first inspection, in ms. */
const PATIENCE_MS = 500;
/** The shortest of this many round trips counts: the others met a busy program. */
const ROUND_TRIPS = 5;

/** A server that commands that only read may go to. */
export interface Reader {
  readonly endpoint: Endpoint;
  /** Executes commands there. */
  readonly client: Engine & Pick<Client, "silence" | "isConnected">;
  readonly condition: Condition;
  /** Whether it answers, as far as is known. */
  readonly isUp: boolean;
  /** Notes that it did not answer. */
  failed(): void;
  /** Notes that it answered. */
  answered(): void;
}

/** How much a server has written; offsets of the same history can be compared. */
interface Offset {
  readonly history: string;
  readonly bytes: number;
}

const PING: Command = { args: ["PING"], shape: RAW };
const SERVER: Command = { args: ["INFO", "server"], shape: RAW };
const REPLICATION: Command = { args: ["INFO", "replication"], shape: RAW };
const CALL: CallOptions = { timeout: ANSWER_MS, retry: false };

/** The facts known about one server; a server that was never inspected has none. */
export class Condition {
  /** When it was last inspected, on the clock of `now()`. */
  inspectedAt = -Infinity;
  /** Its availability zone, as Valkey tells it. */
  zone: string | undefined;
  /** Whether it is a master, or a replica that keeps up with its master. */
  isCurrent = false;
  /** How much it has written, or copied. */
  offset: Offset | undefined;
  readonly #roundTrips: number[] = [];

  /** How long it takes to answer, in ms; `Infinity` where that is not known. */
  get roundTrip(): number {
    return Math.min(Infinity, ...this.#roundTrips);
  }

  /** Notes a server's reply to INFO, and how long that took. */
  learn(server: string, replication: string, roundTrip: number): void {
    this.#roundTrips.push(roundTrip);
    if (this.#roundTrips.length > ROUND_TRIPS) this.#roundTrips.shift();
    this.zone = field(server, "availability_zone") || undefined;
    const isReplica = field(replication, "role") === "slave";
    const bytes = isReplica ? "slave_repl_offset" : "master_repl_offset";
    this.offset = {
      history: field(replication, "master_replid") ?? "",
      bytes: Number(field(replication, bytes)),
    };
    this.isCurrent = !isReplica ||
      field(replication, "master_link_status") === "up";
  }

  /** Notes that the server refuses INFO to this user: it counts as current. */
  learnNothing(roundTrip: number): void {
    this.#roundTrips.push(roundTrip);
    this.isCurrent = true;
  }
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1];
}

/** Inspects masters and their replicas while they are read from. */
export class Inspector {
  readonly #inspections = new WeakMap<Reader, Promise<void>>();

  /**
   * Resolves when enough is known to choose a server; begins a due inspection in
   * the background.
   */
  async prepare(master: Reader, replicas: readonly Reader[]): Promise<void> {
    let oldest = Infinity;
    for (const { condition, isUp } of [master, ...replicas]) {
      if (isUp) oldest = Math.min(oldest, condition.inspectedAt);
    }
    const age = now() - oldest;
    if (!(age > INTERVAL_MS)) return;
    const inspection = this.#inspect(master, replicas);
    if (age > STALE_MS) await atMost(PATIENCE_MS, inspection);
  }

  /** One inspection of a master and its replicas at a time. */
  #inspect(master: Reader, replicas: readonly Reader[]): Promise<void> {
    let inspection = this.#inspections.get(master);
    if (inspection === undefined) {
      inspection = inspectAll(master, replicas)
        .finally(() => this.#inspections.delete(master));
      this.#inspections.set(master, inspection);
    }
    return inspection;
  }
}

/**
 * A replica that has not yet copied what its master had written at the last
 * inspection lags by more than the time between two inspections: it is not current.
 */
async function inspectAll(
  master: Reader,
  replicas: readonly Reader[],
): Promise<void> {
  const { offset: before, inspectedAt } = master.condition;
  const comparable = now() - inspectedAt < STALE_MS ? before : undefined;
  await Promise.all([master, ...replicas].map(async (reader) => {
    const { condition } = reader;
    if (!reader.isUp) return;
    await inspect(reader);
    condition.inspectedAt = now();
    const { offset } = condition;
    if (
      offset && comparable && offset.history === comparable.history &&
      offset.bytes < comparable.bytes
    ) condition.isCurrent = false;
  }));
}

async function inspect(reader: Reader): Promise<void> {
  try {
    // The time to connect must not count as a round trip.
    if (reader.condition.inspectedAt === -Infinity) {
      await reader.client.execute(PING, CALL);
    }
    const start = now();
    const [server, replication] = await reader.client
      .executeAll([SERVER, REPLICATION], { atomic: false }, CALL);
    const time = now() - start;
    if (server instanceof ReplyError || replication instanceof ReplyError) {
      reader.condition.learnNothing(time);
    } else reader.condition.learn(`${server}`, `${replication}`, time);
  } catch {
    reader.failed();
  }
}
