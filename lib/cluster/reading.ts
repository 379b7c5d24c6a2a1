/**
 * Chooses the server for a command that only reads, and another one when it does
 * not answer.
 *
 * @module
 */

import type { CallOptions, ReadFrom } from "../client/engine.ts";
import { Alarm } from "../connection/alarm.ts";
import { now } from "../connection/clock.ts";
import { traitsOfCode } from "../connection/error_codes.ts";
import { keysOf } from "../connection/key_positions.ts";
import { traitsOf } from "../connection/traits.ts";
import { upper } from "../connection/words.ts";
import {
  ConnectionError,
  messageOf,
  misuse,
  PoolTimeoutError,
  QueueFullError,
  ReplyError,
  TimeoutError,
} from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import { Inspector, type Reader } from "./condition.ts";
import { type Endpoint, idOf, refusalIn } from "./endpoint.ts";
import { isRetryable } from "./retryable.ts";

/** When a server with pending reads has sent no byte for this long, in ms, another one is asked. */
const PATIENCE_MS = 500;
/** Round trips that differ by less than this, in ms or as a factor, count as equal. */
const NEAR = { ms: 0.3, factor: 1.25 };

/** Tells the availability zone of a server, where the server itself does not. */
export type ZoneOf = (endpoint: Endpoint) => string | undefined;

/** A command, or a batch, that only reads. */
export interface Reading<R extends Reader, T> {
  /** Its name in errors. */
  readonly description: string;
  readonly readFrom: ReadFrom;
  readonly call: CallOptions;
  /** On the clock of `now()`; `Infinity` for none. */
  readonly deadline: number;
  /** Executes it at a server. */
  readonly send: (reader: R, call: CallOptions) => Promise<T>;
  /** Executes it at the master, as a command that writes. */
  readonly atMaster: (call: CallOptions) => Promise<T>;
}

/** Chooses the servers of reads and asks them. */
export class Readers {
  readonly #inspector = new Inspector();
  readonly #zoneOf: ZoneOf;
  readonly #closing: () => AbortSignal;
  #turn = 0;

  /** Takes how zones are given, and the signal that aborts when the client is closed. */
  constructor(zoneOf: ZoneOf | undefined, closing: () => AbortSignal) {
    this.#zoneOf = zoneOf ?? (() => undefined);
    this.#closing = closing;
  }

  /** The servers to ask for a read, in this order; without those that are silent, load, or lag. */
  async choose<R extends Reader>(
    readFrom: ReadFrom,
    master: R,
    replicas: readonly R[],
  ): Promise<R[]> {
    if (readFrom === "master") return [master];
    await this.#inspector.prepare(master, replicas);
    const turn = this.#turn++;
    const current = rotated(replicas.filter(isCurrent), turn);
    if (readFrom === "replica") return current;
    if (readFrom === "preferReplica") return [...current, master];
    const all = rotated([master, ...replicas].filter(isCurrent), turn);
    if (readFrom === "nearest") return [...byDistance(all), master];
    const zone = (reader: R) =>
      this.#zoneOf(reader.endpoint) ?? reader.condition.zone;
    const isHere = (reader: R) => zone(reader) === readFrom.zone;
    return [
      ...current.filter(isHere),
      ...[master].filter(isHere),
      ...current.filter((reader) => !isHere(reader)),
      master,
    ];
  }

  /**
   * Reads from the first server that answers. One that is slow but sends bytes is
   * waited for: asking others, too, would make an overload worse.
   */
  async read<R extends Reader, T>(
    reading: Reading<R, T>,
    master: R,
    replicas: readonly R[],
  ): Promise<T> {
    const { readFrom, call, deadline, description } = reading;
    const order = await this.choose(readFrom, master, replicas);
    let away: unknown;
    for (const [i, reader] of order.entries()) {
      call.signal?.throwIfAborted();
      this.#closing().throwIfAborted();
      const isLast = i === order.length - 1;
      const rest = Math.max(1, deadline - now());
      if (isLast && reader === master) {
        return await reading.atMaster(withTimeout(call, rest));
      }
      const attempt = reading.send(reader, withTimeout(call, rest));
      try {
        const value = await (isLast ? attempt : unlessSilent(reader, attempt));
        reader.answered();
        return value;
      } catch (error) {
        const refusal = refusalIn(error);
        if (!isAway(refusal ?? error, description)) throw error;
        away = error;
        // A server that is slow, or has given a slot away, has not failed.
        const isWell = refusal
          ? traitsOfCode(refusal)?.retry !== "anywhere"
          : error instanceof TimeoutError;
        if (!isWell) reader.failed();
      }
    }
    call.signal?.throwIfAborted();
    this.#closing().throwIfAborted();
    const cause = away === undefined ? "none is current" : messageOf(away);
    throw new ConnectionError(
      `No replica has answered ${description}: ${cause}`,
      { cause: away },
    );
  }
}

/** The outcome of an attempt; rejects when its server has become silent meanwhile, which opens its breaker. */
export async function unlessSilent<T>(
  reader: Reader,
  attempt: Promise<T>,
): Promise<T> {
  const silent = Promise.withResolvers<never>();
  const alarm = new Alarm(() => {
    const { isConnected, silence } = reader.client;
    if (isConnected && silence < PATIENCE_MS) {
      alarm.set(now() + PATIENCE_MS / 2);
      return;
    }
    reader.failed();
    const text = `${idOf(reader.endpoint)} is silent`;
    silent.reject(new TimeoutError(text));
  });
  alarm.set(now() + PATIENCE_MS);
  // A given-up attempt has no reader: its rejection must not end the process.
  attempt.catch(() => {});
  try {
    return await Promise.race([attempt, silent.promise]);
  } finally {
    alarm.set(Infinity);
  }
}

function isCurrent({ isUp, condition }: Reader): boolean {
  return isUp && condition.isCurrent;
}

function rotated<T>(list: readonly T[], turn: number): T[] {
  const first = turn % (list.length || 1);
  return [...list.slice(first), ...list.slice(0, first)];
}

/** The nearest servers, rotated on each call, then the others. */
function byDistance<R extends Reader>(readers: readonly R[]): R[] {
  const least = Math.min(...readers.map((r) => r.condition.roundTrip));
  const bound = Math.max(least + NEAR.ms, least * NEAR.factor);
  const rank = ({ condition: { roundTrip } }: R) =>
    roundTrip <= bound ? 0 : roundTrip;
  return readers.toSorted((a, b) => rank(a) - rank(b));
}

function withTimeout(call: CallOptions, timeout: number): CallOptions {
  return timeout === Infinity ? call : { ...call, timeout };
}

/** Whether another server can be asked instead: a read may be executed twice. */
function isAway(error: unknown, name: string): boolean {
  if (error instanceof ReplyError) return isRetryable(error, name);
  return error instanceof ConnectionError &&
    !(error instanceof QueueFullError || error instanceof PoolTimeoutError);
}

/**
 * Whether a command only reads data, so that any replica can execute it. Cursors
 * belong to one server, and INFO and its kin are about the server itself.
 */
export function readsData(args: readonly Arg[]): boolean {
  const { reads, blocks, state } = traitsOf(args);
  const name = upper(args[0]);
  return reads === true && !blocks && !state && !name.endsWith("SCAN") &&
    (keysOf(args).length > 0 || /^(DBSIZE|KEYS|RANDOMKEY)$/.test(name));
}

/** Throws a `TypeError` for an unknown value of `readFrom`. */
export function checkReadFrom(readFrom: ReadFrom): void {
  if (typeof readFrom === "object") {
    if (typeof readFrom?.zone === "string" && readFrom.zone !== "") return;
  } else if (/^(master|replica|preferReplica|nearest)$/.test(readFrom)) return;
  throw misuse(
    "read",
    '"readFrom" must be "master", "replica", "preferReplica", "nearest" or { zone: "its name" }',
    readFrom,
  );
}
