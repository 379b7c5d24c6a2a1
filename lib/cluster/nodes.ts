/**
 * The nodes of a cluster, and how the client learns which has which slots.
 *
 * @module
 */

import type { ClientOptions } from "../client/options.ts";
import type { CloseOptions, ConnectionObserver } from "../client/engine.ts";
import { sleep } from "../client/sleep.ts";
import { Alarm } from "../connection/alarm.ts";
import { now } from "../connection/clock.ts";
import { ClosedError, ConnectionError, messageOf } from "../errors.ts";
import { RAW } from "../resp/reply.ts";
import { type Endpoint, idOf, readSlots } from "./endpoint.ts";
import { Node, SILENT_MS } from "./node.ts";
import { Topology } from "./topology.ts";

/** How long a node may take to answer CLUSTER SLOTS, in ms. */
const ANSWER_MS = 1_000;
/** A MOVED asks for the slots no sooner than this after the last answer, in ms. */
const FRESH_MS = 1_000;
/** An answer this young, in ms, is not asked for again by a command that waits. */
const JUST_MS = 100;
/** The longest time that fits a timer, in ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** How the nodes of a cluster are found. */
export interface NodesOptions {
  readonly seeds: readonly Endpoint[];
  readonly mapAddress: (endpoint: Endpoint) => Endpoint;
  /** In ms; 0 for only when needed. */
  readonly refreshInterval: number;
  /** For the client of each node. */
  readonly client: ClientOptions;
}

/** The nodes that are known, and their slots. */
export class Nodes {
  /** Called with the nodes that have no slots any more. */
  onLeft: (nodes: readonly Node[]) => void = () => {};
  /** Aborts when the cluster is closed. */
  readonly closing: AbortSignal;
  readonly #options: NodesOptions;
  readonly #stop = new AbortController();
  readonly #nodes = new Map<string, Node>();
  /** Who learns of connections, and what ends that at each node. */
  readonly #observers = new Map<ConnectionObserver, Disposable[]>();
  /** Nodes without slots that still owe replies. */
  readonly #leaving = new Map<Node, Promise<void>>();
  #topology = new Topology();
  #refreshing: Promise<void> | undefined;
  #refreshedAt = -Infinity;
  readonly #refreshAlarm = new Alarm(() => this.refresh());
  /** Looks for silent nodes while commands are in flight. */
  readonly #watchdog = new Alarm(() => this.#lookForSilence());
  #turn = Math.floor(Math.random() * 1_000);
  #live = true;

  /** Knows no slots before {@linkcode Nodes.refresh}. */
  constructor(options: NodesOptions) {
    this.#options = options;
    this.closing = this.#stop.signal;
    this.#refreshAlarm.ref(false);
    this.#watchdog.ref(false);
  }

  /** Which node has which slots. */
  get topology(): Topology {
    return this.#topology;
  }

  /** The masters with slots, in the order of these. */
  get masters(): Node[] {
    return this.#topology.shards.map(({ master }) => master);
  }

  /** Every node that there is a client for. */
  get all(): Node[] {
    return [...this.#nodes.values()];
  }

  /** Tells of the connections to every node, and when slots have moved. */
  observe(observer: ConnectionObserver): Disposable {
    const watching = this.all.map(({ client }) => client.observe(observer));
    this.#observers.set(observer, watching);
    return {
      [Symbol.dispose]: () => {
        this.#observers.delete(observer);
        for (const each of watching) each[Symbol.dispose]();
      },
    };
  }

  #tellMoved(): void {
    for (const observer of this.#observers.keys()) observer.changed();
  }

  /** The node with an address that the cluster named. */
  named(endpoint: Endpoint): Node {
    return this.#at(this.#options.mapAddress(endpoint));
  }

  /** The master of a slot; any node where that is not known: it answers MOVED. */
  ownerOf(slot: number): Node {
    return this.#topology.ownerOf(slot) ?? this.any();
  }

  /** A node for a command that any can execute: one that answers, by turns. */
  any(): Node {
    const { masters } = this;
    const nodes = masters.length > 0 ? masters : this.#seeds;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[this.#turn++ % nodes.length]!;
      if (node.isUp) return node;
    }
    return nodes[this.#turn++ % nodes.length]!;
  }

  /** Notes that commands are in flight: from now on silence is noticed. */
  watch(): void {
    if (this.#watchdog.at === Infinity && !this.closing.aborted) {
      this.#watchdog.set(now() + SILENT_MS / 2);
    }
  }

  // -- Learning --

  /** Notes that a slot is at another node, and others perhaps with it. */
  learn(slot: number, owner: Node): void {
    if (this.#topology.ownerOf(slot) !== owner) {
      this.#topology.assign(slot, slot, owner);
      this.#tellMoved();
    }
    this.refreshSoon();
  }

  /** Asks for the slots soon, unless that was just done. */
  refreshSoon(): void {
    const soon = this.#refreshedAt + FRESH_MS;
    if (soon < this.#refreshAlarm.at && !this.closing.aborted) {
      this.#refreshAlarm.set(soon);
    }
  }

  /** Asks for the slots; keeps what is known when no node answers. */
  refresh(): Promise<void> {
    return this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
      this.#refreshedAt = now();
      const { refreshInterval } = this.#options;
      if (this.closing.aborted) return;
      // Clients that began together do not all ask together.
      const wait = refreshInterval > 0
        ? refreshInterval * (0.75 + Math.random() / 2)
        : Infinity;
      this.#refreshAlarm.set(now() + wait);
    });
  }

  /** Asks for the slots as long as a command may wait, unless that was just done. */
  async refreshUntil(deadline: number, signal?: AbortSignal): Promise<void> {
    if (now() - this.#refreshedAt < JUST_MS) return;
    const stop = new AbortController();
    const signals = [stop.signal, this.closing, ...signal ? [signal] : []];
    const waited = sleep(
      Math.max(0, Math.min(deadline - now(), LONGEST_MS)),
      AbortSignal.any(signals),
    );
    try {
      await Promise.race([this.refresh(), waited]);
    } finally {
      waited.catch(() => {});
      stop.abort();
    }
  }

  /** Asks for the slots for the first time; rejects when no node answers. */
  async connect(): Promise<void> {
    await this.refresh();
    if (this.masters.length > 0) return;
    const causes: string[] = [];
    for (const node of this.#seeds) {
      try {
        await this.#ask(node);
        causes.push(`${node.id}: it has no slots`);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        causes.push(`${node.id}: ${messageOf(error)}`);
      }
    }
    throw new ConnectionError(
      `Cannot learn the nodes of the cluster: ${causes.join("; ")}`,
    );
  }

  async #refresh(): Promise<void> {
    const { masters } = this;
    // Another node is asked first each time.
    const first = this.#turn++ % (masters.length || 1);
    const known = [
      ...new Set([
        ...masters.slice(first),
        ...masters.slice(0, first),
        ...this.#topology.shards.flatMap(({ replicas }) => replicas),
        ...this.#seeds,
      ]),
    ];
    // Nodes that failed come last: they would take time.
    const up = known.filter((node) => node.isUp);
    for (const node of new Set([...up, ...known])) {
      if (this.closing.aborted) return;
      try {
        const topology = await this.#ask(node);
        node.answered();
        if (topology === null) continue;
        const moved = !topology.hasOwnersOf(this.#topology);
        this.#topology = topology;
        this.#leaveOthers(masters);
        if (moved) this.#tellMoved();
        return;
      } catch {
        node.failed();
      }
    }
  }

  async #ask(node: Node): Promise<Topology | null> {
    const command = { args: ["CLUSTER", "SLOTS"], shape: RAW };
    const reply = await node.client.execute(command, { timeout: ANSWER_MS });
    const ranges = readSlots(reply, node.endpoint);
    if (ranges === null) return null;
    const topology = new Topology();
    for (const { first, last, master, replicas } of ranges) {
      const copies = replicas.map((replica) => this.named(replica));
      topology.assign(first, last, this.named(master), copies);
    }
    return topology;
  }

  /** Leaves the nodes that are masters no more, and those that are in no shard. */
  #leaveOthers(before: readonly Node[]): void {
    const masters = new Set(this.masters);
    const left: Node[] = [];
    for (const [id, node] of this.#nodes) {
      const demoted = !masters.has(node) && before.includes(node);
      if (!demoted && this.#topology.has(node)) continue;
      this.#nodes.delete(id);
      left.push(node);
      const leaving = node.leave()
        .then(() => void this.#leaving.delete(node));
      this.#leaving.set(node, leaving);
    }
    if (left.length > 0) this.onLeft(left);
  }

  /** A silent node may have been replaced: the others know. */
  #lookForSilence(): void {
    const { all } = this;
    const silent = all.filter((node) => node.isSilent);
    for (const node of silent) node.failed();
    if (silent.length > 0) this.refreshSoon();
    if (all.some((node) => node.isBusy)) this.watch();
  }

  // -- All of them --

  /** Keeps the process alive for the connections, or not. */
  ref(live: boolean): void {
    this.#live = live;
    for (const node of this.#nodes.values()) node.ref(live);
  }

  /** Lets commands in flight come to their end, then closes. */
  async close(options: CloseOptions): Promise<void> {
    this.#stop.abort(new ClosedError("The client is closed"));
    this.#refreshAlarm.set(Infinity);
    this.#watchdog.set(Infinity);
    const nodes = [...this.#nodes.values(), ...this.#leaving.keys()];
    await Promise.all(nodes.map((node) => node.close(options)));
    await Promise.all(this.#leaving.values());
    await this.#refreshing;
    this.#refreshAlarm.set(Infinity);
  }

  get #seeds(): Node[] {
    return this.#options.seeds.map((endpoint) => this.#at(endpoint));
  }

  #at(endpoint: Endpoint): Node {
    const id = idOf(endpoint);
    let node = this.#nodes.get(id);
    if (!node) {
      node = new Node(endpoint, this.#options.client);
      if (!this.#live) node.ref(false);
      for (const [observer, watching] of this.#observers) {
        watching.push(node.client.observe(observer));
      }
      this.#nodes.set(id, node);
    }
    return node;
  }
}
