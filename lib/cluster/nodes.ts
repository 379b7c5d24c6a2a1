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
import {
  type Endpoint,
  idOf,
  type NamedEndpoint,
  readSlots,
  type SlotRange,
} from "./endpoint.ts";
import { Observers } from "./observers.ts";
import { Node, type NodeStatistics, SILENT_MS } from "./node.ts";
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
  readonly #observers = new Observers();
  /** Nodes without slots that still have pending commands. */
  readonly #leaving = new Map<Node, Promise<void>>();
  #topology = new Topology();
  /** The nodes of the topology, by the ids that they know each other by. */
  #byNodeId = new Map<string, Node>();
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
    return this.#observers.add(observer, this.all);
  }

  /** The node with an address that the cluster named. */
  named(endpoint: Endpoint): Node {
    return this.#at(this.#options.mapAddress(endpoint));
  }

  /** The node with an id of the cluster, where it has slots. */
  withNodeId(nodeId: string): Node | undefined {
    return this.#byNodeId.get(nodeId);
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
      this.#observers.changed();
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

  /** Asks for the slots; keeps the known ones when no node answers. */
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
        const ranges = await this.#ask(node);
        node.answered();
        if (ranges === null) continue;
        const before = this.#topology;
        this.#learnAll(ranges);
        const moved = !this.#topology.hasOwnersOf(before);
        this.#leaveOthers(masters);
        if (moved) this.#observers.changed();
        return;
      } catch {
        node.failed();
      }
    }
  }

  async #ask(node: Node): Promise<SlotRange[] | null> {
    const command = { args: ["CLUSTER", "SLOTS"], shape: RAW };
    const reply = await node.client.execute(command, { timeout: ANSWER_MS });
    return readSlots(reply, node.endpoint);
  }

  #learnAll(ranges: readonly SlotRange[]): void {
    this.#topology = new Topology();
    this.#byNodeId = new Map();
    const nodeAt = ({ nodeId, hostname, port }: NamedEndpoint) => {
      const node = this.named({ hostname, port });
      this.#byNodeId.set(nodeId, node);
      return node;
    };
    for (const { first, last, master, replicas } of ranges) {
      this.#topology.assign(first, last, nodeAt(master), replicas.map(nodeAt));
    }
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

  /** Asks the others when a node is silent: it may have been replaced. */
  #lookForSilence(): void {
    const { all } = this;
    const silent = all.filter((node) => node.isSilent);
    for (const node of silent) node.failed();
    if (silent.length > 0) this.refreshSoon();
    if (all.some(({ pending }) => pending > 0)) this.watch();
  }

  // -- All of them --

  /** The statistics of each node. */
  get statistics(): NodeStatistics[] {
    return Array.from(this.#topology.sizes, ([{ master, replicas }, slots]) => [
      master.statistics({ role: "master", slots }),
      ...replicas.map((node) => node.statistics({ role: "replica", slots })),
    ]).flat();
  }

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
      this.#observers.watch(node.client);
      this.#nodes.set(id, node);
    }
    return node;
  }
}
