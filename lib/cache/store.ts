/**
 * What a cache holds, by key: replies, and requests that are under way.
 *
 * @module
 */

import type { Reply } from "../resp/reply.ts";
import { bytesOf, stringBytes } from "./copy.ts";
import { type Flight, NONE } from "./flight.ts";
import type { Source } from "./source.ts";

/** What an entry takes besides its key and its reply, in bytes: `bench/cache.ts` measures it. */
const ENTRY = 205;
/** What an entry takes for each further key. */
const LINK = 180;

/** A reply in memory. */
export class Entry {
  /** The first key of its command; most have no others. */
  readonly key: string;
  readonly #others: readonly string[];
  readonly signature: string;
  readonly reply: Reply;
  /** About how many bytes it takes. */
  readonly bytes: number;
  /** When it was asked for, on the clock of `performance.now()`. */
  readonly since: number;
  /** When it is no longer valid, on that clock; `undefined` for never. */
  readonly until: number | undefined;
  /** The connections that tell when it changes; none where no server does. */
  readonly sources: readonly Source[];
  /** The number of the newest entry when it was used last. */
  usedAt = 0;
  /** Its neighbours in the order of use. */
  older: Entry | undefined;
  newer: Entry | undefined;

  /** Takes the place of a flight, whose reply came. */
  constructor(
    { keys, sources, since, until }: Flight,
    signature: string,
    reply: Reply,
    bytes: number,
  ) {
    this.key = keys[0]!;
    this.#others = keys.length === 1 ? NONE : keys.slice(1);
    this.signature = signature;
    this.reply = reply;
    this.bytes = bytes;
    this.since = since;
    this.until = until;
    this.sources = sources;
  }

  /** The keys of its command. */
  get keys(): readonly string[] {
    return [this.key, ...this.#others];
  }
}

/** A reply, or the request for it. */
export type Held = Entry | Flight;

/** The limits of a cache. */
export interface Limits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** Entries and flights by key, within limits: the entry that was used least recently goes first. */
export class Store {
  /** Called with each entry that had to go. */
  onEvicted: (entry: Entry) => void = () => {};
  readonly #limits: Limits;
  /** By key; a `Map` by signature where a key has more than one. */
  readonly #byKey = new Map<string, Held | Map<string, Held>>();
  /** Of the flights that are not forgotten: one number for all, so that all can be forgotten at once. */
  #epoch = 1;
  #newest: Entry | undefined;
  #oldest: Entry | undefined;
  #bytes = 0;
  #entries = 0;
  /** How many entries have come. */
  #arrivals = 0;

  /** Holds nothing at first. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** About how many bytes the entries take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many entries there are. */
  get entries(): number {
    return this.#entries;
  }

  /** What is held for a command, by its first key; a flight may be forgotten already. */
  find(key: string, signature: string): Held | undefined {
    const at = this.#byKey.get(key);
    if (at === undefined) return undefined;
    if (at instanceof Map) return at.get(signature);
    return at.signature === signature ? at : undefined;
  }

  /** Notes a request, in the place of what was found for its command. */
  begin(flight: Flight, before: Held | undefined): void {
    if (before !== undefined) this.#remove(before);
    flight.epoch = this.#epoch;
    this.#put(flight);
  }

  /** Whether a request is not forgotten. */
  isUnderWay(flight: Flight): boolean {
    return flight.epoch === this.#epoch;
  }

  /** Forgets a request. */
  end(flight: Flight): void {
    if (flight.epoch === 0) return;
    flight.epoch = 0;
    this.#unlink(flight);
  }

  /** Keeps a reply in the place of its request, unless that was dropped or the reply is too long. */
  keep(flight: Flight, reply: Reply, signature = flight.signature): void {
    const bytes = this.isUnderWay(flight)
      ? size(flight.keys, signature, reply)
      : undefined;
    if (bytes === undefined || bytes > this.#limits.maxBytes) {
      return this.end(flight);
    }
    const entry = new Entry(flight, signature, reply, bytes);
    if (signature !== flight.signature) {
      this.end(flight);
      const before = this.find(entry.key, signature);
      if (before !== undefined) this.#remove(before);
    }
    flight.epoch = 0;
    this.#put(entry);
    this.#bytes += bytes;
    this.#entries++;
    this.#arrivals++;
    this.#link(entry);
    const { maxBytes, maxEntries } = this.#limits;
    while (this.#bytes > maxBytes || this.#entries > maxEntries) {
      const oldest = this.#oldest!;
      this.#remove(oldest);
      this.onEvicted(oldest);
    }
  }

  /**
   * Notes that an entry was used: once between two arrivals, which is enough to keep
   * it behind all that were not used since.
   */
  use(entry: Entry): void {
    if (entry.usedAt === this.#arrivals) return;
    this.#unchain(entry);
    this.#link(entry);
  }

  /** Drops all that is held for a key; returns whether something was. */
  drop(key: string): boolean {
    const at = this.#byKey.get(key);
    if (at === undefined) return false;
    if (at instanceof Map) {
      for (const held of [...at.values()]) this.#remove(held);
    } else this.#remove(at);
    return true;
  }

  /** Forgets every request: a change may have been missed. Each leaves its keys when it ends. */
  endFlights(): void {
    this.#epoch++;
  }

  /** Drops what was read on a connection, and every request. */
  dropSource(source: Source): void {
    this.endFlights();
    for (let entry = this.#oldest; entry !== undefined;) {
      const { newer } = entry;
      if (entry.sources.includes(source)) this.#remove(entry);
      entry = newer;
    }
  }

  /** Drops everything. */
  clear(): void {
    this.#byKey.clear();
    this.endFlights();
    this.#newest = this.#oldest = undefined;
    this.#bytes = this.#entries = 0;
  }

  #remove(held: Held): void {
    if (!(held instanceof Entry)) return this.end(held);
    this.#unlink(held);
    this.#unchain(held);
    this.#bytes -= held.bytes;
    this.#entries--;
  }

  // -- By key --

  #put(held: Held): void {
    const { keys } = held;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const signature = signatureAt(keys, held.signature, i);
      const at = this.#byKey.get(key);
      if (at instanceof Map) at.set(signature, held);
      else if (i === 0 && (at === undefined || at.signature === signature)) {
        this.#byKey.set(key, held);
      } else {
        const all = new Map<string, Held>();
        if (at !== undefined) all.set(at.signature, at);
        this.#byKey.set(key, all.set(signature, held));
      }
    }
  }

  #unlink(held: Held): void {
    const { keys } = held;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const at = this.#byKey.get(key);
      if (at === held) this.#byKey.delete(key);
      else if (at instanceof Map) {
        const signature = signatureAt(keys, held.signature, i);
        if (at.get(signature) === held) at.delete(signature);
        if (at.size === 0) this.#byKey.delete(key);
      }
    }
  }

  // -- In the order of use --

  #link(entry: Entry): void {
    entry.usedAt = this.#arrivals;
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest) this.#newest.newer = entry;
    else this.#oldest = entry;
    this.#newest = entry;
  }

  #unchain(entry: Entry): void {
    if (entry.older) entry.older.newer = entry.newer;
    else this.#oldest = entry.newer;
    if (entry.newer) entry.newer.older = entry.older;
    else this.#newest = entry.older;
  }
}

/** What a command with several keys is stored as under each: it is found by the first one. */
function signatureAt(
  keys: readonly string[],
  signature: string,
  i: number,
): string {
  return i === 0 ? signature : `& ${keys[0]!.length}:${keys[0]} ${signature}`;
}

function size(
  keys: readonly string[],
  signature: string,
  reply: Reply,
): number | undefined {
  const bytes = bytesOf(reply);
  if (bytes === undefined) return undefined;
  let total = ENTRY + bytes;
  for (const key of keys) total += stringBytes(key);
  // The signature of a command with one key and nothing else is shared.
  if (signature.includes(" ")) total += stringBytes(signature);
  if (keys.length === 1) return total;
  // Under each further key the first one stands in the signature, too.
  const link = LINK + stringBytes(signature) + stringBytes(keys[0]!);
  return total + (keys.length - 1) * link;
}
