/**
 * The engine for a Redis Cluster: each command goes to the node that has its slot.
 *
 * @module
 */

import type { Name } from "../connection/names.ts";
import { Client } from "../client/client.ts";
import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  LeasedEngine,
  PooledEngine,
  SubscriptionKind,
} from "../client/engine.ts";
import type { ClientOptions } from "../client/options.ts";
import { sleep } from "../client/sleep.ts";
import type {
  Item,
  Subscription,
  SubscriptionOptions,
} from "../client/subscription.ts";
import { Alarm, onAbort } from "../connection/alarm.ts";
import { jittered } from "../connection/backoff.ts";
import { now } from "../connection/clock.ts";
import type { Command } from "../connection/command.ts";
import { isRetryableLater } from "../connection/error_codes.ts";
import { effectsOf, traitsOf } from "../connection/traits.ts";
import { upper } from "../connection/words.ts";
import {
  cannot,
  ClosedError,
  ConnectionError,
  messageOf,
  misuse,
  ReplyError,
  TimeoutError,
} from "../errors.ts";
import type { Address, Dial, Transport } from "../net/transport.ts";
import { checkArgs } from "../resp/encoder.ts";
import { type Arg, RAW, type Reply, type Shape } from "../resp/reply.ts";
import {
  everywhere,
  mayBeWide,
  pageOf,
  partsOf,
  readCursor,
} from "./everywhere.ts";
import { ClusterLease } from "./lease.ts";
import type { ClusterOptions } from "./options.ts";
import { isRetryable } from "./retryable.ts";
import { Node } from "./node.ts";
import { ShardSubscribers } from "./shard_subscribers.ts";
import { slotOfAll, slotOfCommand } from "./slots.ts";
import {
  type Endpoint,
  idOf,
  readTopology,
  redirectionOf,
  refusalIn,
  Topology,
} from "./topology.ts";

/** A command is sent to so many other nodes at most. */
const REDIRECTIONS = 16;
/** How long a node may take to say who has what, in milliseconds. */
const PATIENCE = 2_000;
/** So long after one answer, in milliseconds, a MOVED alone asks for no other. */
const FRESH = 1_000;

/** The longest time that fits a timer. */
const LONGEST = 2 ** 31 - 1;
/** Who asks so soon after an answer, in milliseconds, hears nothing new. */
const JUST = 100;

/** How one attempt is sent; `asking` when the slot is on its way to the node. */
type Send<T> = (node: Node, call: CallOptions, asking: boolean) => Promise<T>;

/** An engine over the nodes of a cluster. */
export class Cluster implements PooledEngine {
  readonly #options: ClientOptions;
  readonly #seeds: readonly Endpoint[];
  readonly #map: (endpoint: Endpoint) => Endpoint;
  readonly #nodes = new Map<string, Node>();
  /** Nodes that own nothing any more, and still owe replies. */
  readonly #leaving = new Set<Node>();
  readonly #stop = new AbortController();
  readonly #refreshEvery: number;
  readonly #alarm = new Alarm(() => this.refresh());
  /** Subscriptions to channels and patterns: any node has all messages. */
  readonly #listener: Client;
  /** Where that listens. */
  #heardAt: string | undefined;
  readonly #shards: ShardSubscribers;
  #topology = new Topology();
  #refreshing: Promise<void> | undefined;
  #refreshed = -Infinity;
  #closed: Promise<void> | undefined;
  #turn = Math.floor(Math.random() * 1_000);
  #live = true;

  /** Knows nothing before `refresh`. */
  constructor(options: ClusterOptions) {
    const { seeds, refreshInterval, mapAddress, ...others } = options;
    if (seeds.length === 0) {
      throw misuse("create cluster", '"seeds" must name a node', seeds);
    }
    this.#seeds = seeds;
    this.#map = mapAddress ?? ((endpoint) => endpoint);
    this.#refreshEvery = refreshInterval ?? 30_000;
    if (!(this.#refreshEvery >= 0)) {
      throw new RangeError(
        cannot(
          "create cluster",
          '"refreshInterval" must be milliseconds >= 0',
          refreshInterval,
        ),
      );
    }
    this.#options = others;
    this.#alarm.ref(false);
    this.#listener = new Client({
      ...others,
      dial: this.#dialTo(() => {
        const { endpoint } = this.#pick(undefined);
        this.#heardAt = idOf(endpoint);
        return Promise.resolve(endpoint);
      }),
    });
    this.#shards = new ShardSubscribers((slot) => ({
      ...others,
      dial: this.#dialTo(async () => {
        await this.refresh();
        return this.#pick(slot).endpoint;
      }),
    }));
  }

  /** The nodes that own slots, in the order of these. */
  get masters(): Node[] {
    return this.#topology.masters.map((endpoint) => this.#nodeAt(endpoint));
  }

  /** Executes one command, where its keys are. */
  async execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    const { args, shape } = command;
    this.closing.throwIfAborted();
    if (mayBeWide(args)) {
      const whole = await this.#executeWide(args, shape.mode, call);
      if (whole !== undefined) return shape.parse(whole);
    }
    return await this.#route(
      slotOfCommand(args),
      call,
      `${args[0]}`,
      traitsOf(args).blocks?.(args) ?? 0,
      (node, call, asking) =>
        asking
          ? node.executeAsking(command, call)
          : node.client.execute(command, call),
    );
  }

  /**
   * Executes commands together: atomic ones on the one node that has their keys,
   * others on all nodes at once.
   */
  async executeAll(
    commands: readonly Command[],
    { atomic }: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    if (commands.length === 0) return [];
    this.closing.throwIfAborted();
    if (!atomic) return await this.#executeEach(commands, call);
    return await this.#route(
      slotOfAll(commands),
      call,
      "a transaction",
      0,
      (node, call, asking) =>
        asking
          ? node.transactAsking(commands, call)
          : node.client.executeAll(commands, { atomic }, call),
    );
  }

  /** Gives a connection to the caller alone: to the node that has the first key it is used for. */
  async lease(call: CallOptions = {}): Promise<LeasedEngine> {
    this.closing.throwIfAborted();
    const take = (slot: number | undefined, call: CallOptions) =>
      this.#route(
        slot,
        call,
        "a lease",
        0,
        (node, call) => node.client.lease(call),
      );
    return new ClusterLease(await take(undefined, call), {
      take,
      moved: (error) => {
        const to = redirectionOf(error, this.#seeds[0]!);
        if (to?.kind === "MOVED") this.#learn(to.slot, this.#map(to.endpoint));
        if (to) return to.kind === "MOVED" ? to.kind : "later";
        if (!isRetryableLater(error)) return;
        this.#soon();
        return "later";
      },
      patience: this.#options.commandTimeout ?? 5_000,
    });
  }

  /** Listens; on a node that is there, wherever that is from time to time. */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    this.closing.throwIfAborted();
    if (kind !== "shard" || names.length === 0) {
      return await this.#listener.subscribe(kind, names, options, read);
    }
    const slot = slotOfCommand(["SSUBSCRIBE", ...names])!;
    return await this.#shards.subscribe(slot, names, options, read);
  }

  /** Asks for the credentials again and says them to every node. */
  async authenticate(): Promise<void> {
    this.closing.throwIfAborted();
    const clients = [...this.#nodes.values()].map(({ client }) => client);
    await Promise.all(
      [...clients, this.#listener, this.#shards]
        .map((each) => each.authenticate()),
    );
  }

  /** Aborts when the engine is closed. */
  get closing(): AbortSignal {
    return this.#stop.signal;
  }

  /** Lets what was asked come to its end, then closes. */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#closed ??= this.#close(options);
  }

  /** Lets the process live while there is a connection. */
  ref(): void {
    this.#ref(true);
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    this.#ref(false);
  }

  /** The masters and how their connections stand, without secrets. */
  get summary(): string {
    if (this.#closed) return "closed";
    return this.masters.map(({ summary }) => summary).join(", ");
  }

  /** Asks the cluster who has what; keeps what is known when nobody says. */
  refresh(): Promise<void> {
    return this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
      this.#refreshed = now();
      if (this.#refreshEvery > 0 && !this.closing.aborted) {
        // Clients that began together do not all ask together.
        const wait = this.#refreshEvery * (0.75 + Math.random() / 2);
        this.#alarm.set(now() + wait);
      }
    });
  }

  /** Asks the cluster for the first time; rejects when nobody says. */
  async connect(): Promise<void> {
    await this.refresh();
    if (this.#topology.masters.length > 0) return;
    const causes: string[] = [];
    for (const endpoint of this.#seeds) {
      try {
        await this.#ask(endpoint);
        causes.push(`${idOf(endpoint)}: it has no slots`);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        causes.push(`${idOf(endpoint)}: ${messageOf(error)}`);
      }
    }
    throw new ConnectionError(
      `Cannot learn the nodes of the cluster: ${causes.join("; ")}`,
    );
  }

  // -- Where it goes --

  /** Sends until a node executes it, or the time is over. */
  async #route<T>(
    slot: number | undefined,
    call: CallOptions,
    title: string,
    block: number,
    send: Send<T>,
  ): Promise<T> {
    const { commandTimeout = 5_000 } = this.#options;
    const patience = call.timeout ?? (commandTimeout && commandTimeout + block);
    const deadline = now() + (patience || Infinity);
    const causes = new Map<string, string>();
    let node = this.#pick(slot);
    let asking = false;
    /** How many redirections were followed in a row. */
    let hops = 0;
    let rest = call;
    for (let attempt = 1;; attempt++) {
      try {
        return await send(node, rest, asking);
      } catch (error) {
        const { endpoint } = node;
        const refusal = refusalIn(error);
        // A node that is silent, or was lost, may have been replaced.
        if (error instanceof ConnectionError) this.#soon();
        const to = refusal && redirectionOf(refusal, endpoint);
        if (
          !to && (call.retry === false || !isRetryable(refusal ?? error, title))
        ) {
          throw error;
        }
        call.signal?.throwIfAborted();
        this.closing.throwIfAborted();
        const late = now() >= deadline;
        const silent = late && error instanceof TimeoutError;
        if (silent && causes.size === 0) throw error;
        // That the time was over then is no news.
        if (!silent) causes.set(idOf(endpoint), messageOf(error));
        if (late || hops === REDIRECTIONS) {
          const all = [...causes].map((cause) => cause.join(": ")).join("; ");
          throw new (late ? TimeoutError : ConnectionError)(
            `${title} found no node: ${all}`,
            { cause: error },
          );
        }
        if (to) {
          hops++;
          const target = this.#map(to.endpoint);
          asking = to.kind === "ASK";
          if (!asking) this.#learn(to.slot, target);
          node = this.#nodeAt(target);
        } else {
          hops = 0;
          await this.#wait(jittered(attempt), deadline, call.signal);
          if (refusal?.code !== "TRYAGAIN") {
            await this.#refreshUntil(deadline, call.signal);
            node = this.#pick(slot);
            asking = false;
          }
        }
        rest = patience === 0
          ? call
          : { ...call, timeout: Math.max(1, deadline - now()) };
      }
    }
  }

  /** Asks who has what, where nobody just did, as long as the call may wait. */
  async #refreshUntil(deadline: number, signal?: AbortSignal): Promise<void> {
    if (now() - this.#refreshed < JUST) return;
    const stop = new AbortController();
    const release = onAbort(signal, (reason) => stop.abort(reason));
    const waited = this.#wait(Infinity, deadline, stop.signal);
    try {
      await Promise.race([this.refresh(), waited]);
    } finally {
      release();
      waited.catch(() => {});
      stop.abort();
    }
    this.closing.throwIfAborted();
  }

  async #wait(
    time: number,
    deadline: number,
    signal: AbortSignal = this.closing,
  ): Promise<void> {
    const wait = Math.max(0, Math.min(time, deadline - now(), LONGEST));
    await sleep(wait, AbortSignal.any([signal, this.closing]));
  }

  #pick(slot: number | undefined): Node {
    const owner = slot === undefined ? undefined : this.#topology.ownerOf(slot);
    if (owner) return this.#nodeAt(owner);
    // Who has it will be told by any other.
    const known = this.#topology.masters;
    const all = known.length > 0 ? known : this.#seeds;
    return this.#nodeAt(all[this.#turn++ % all.length]!);
  }

  #nodeAt(endpoint: Endpoint): Node {
    const id = idOf(endpoint);
    let node = this.#nodes.get(id);
    if (!node) {
      node = new Node(endpoint, this.#options);
      if (!this.#live) node.client.unref();
      this.#nodes.set(id, node);
    }
    return node;
  }

  /** A slot has moved, and others perhaps with it. */
  #learn(slot: number, owner: Endpoint): void {
    this.#topology.assign(slot, slot, owner);
    this.#soon();
  }

  /** Asks who has what soon, where nobody just did. */
  #soon(): void {
    const soon = this.#refreshed + FRESH;
    if (soon < this.#alarm.at) this.#alarm.set(soon);
  }

  // -- What goes to several --

  /** Executes what concerns several nodes; `undefined` for what goes to one. */
  async #executeWide(
    args: readonly Arg[],
    mode: Shape<unknown>["mode"],
    call: CallOptions,
  ): Promise<Reply | undefined> {
    const shape: Shape<Reply> = { mode, parse: (reply) => reply };
    const at = (slot: number, args: readonly Arg[]) =>
      this.#route(
        slot,
        call,
        `${args[0]}`,
        0,
        (node, call) => node.client.execute({ args, shape }, call),
      );
    const combine = everywhere(args);
    if (combine) {
      const slots = this.#topology.masters
        .map((master) => this.#topology.slotOf(master))
        .filter((slot) => slot >= 0);
      return combine(await all(slots.map((slot) => at(slot, args))));
    }
    if (upper(args[0]) === "SCAN") {
      const [cursor, wanted] = readCursor(args[1]);
      const { masters } = this.#topology;
      const ids = masters.map(idOf).sort();
      // One that left has no more keys: what it had is at the others.
      const id = ids.find((id) => id >= wanted);
      if (id === undefined) return pageOf(["0", []], "", undefined);
      const own = id === wanted || wanted === "" ? cursor : "0";
      const master = masters.find((master) => idOf(master) === id)!;
      const words = ["SCAN", own, ...args.slice(2)];
      const page = await this.#nodeAt(master).client
        .execute({ args: words, shape }, call);
      return pageOf(page, id, ids.find((other) => other > id));
    }
    const parts = partsOf(args);
    if (!parts) return undefined;
    return parts.combine(
      await all(
        parts.commands.map((args) => this.execute({ args, shape }, call)),
      ),
    );
  }

  /** Executes commands one by one, those of a node in one go; an error stands in the place of its command. */
  async #executeEach(
    commands: readonly Command[],
    call: CallOptions,
  ): Promise<unknown[]> {
    // All are looked through before the first is sent.
    effectsOf(commands, false);
    for (const { args } of commands) {
      checkArgs(args);
      if (!this.#isWide(args)) slotOfCommand(args);
    }
    const patience = call.timeout ?? this.#options.commandTimeout ?? 5_000;
    const deadline = now() + (patience || Infinity);
    const rest = () =>
      patience === 0
        ? call
        : { ...call, timeout: Math.max(1, deadline - now()) };
    const results: unknown[] = new Array(commands.length);
    const executeAlone = async (i: number, call: CallOptions) => {
      try {
        results[i] = await this.execute(commands[i]!, call);
      } catch (error) {
        // What concerns the call is thrown, what one command gets stands in its place.
        if (!(error instanceof ReplyError)) throw error;
        results[i] = error;
      }
    };
    const executeGroup = async (places: number[]) => {
      const group = places.map((i) => commands[i]!);
      const replies = await this.#route(
        slotOfCommand(group[0]!.args),
        rest(),
        `a pipeline of ${group.length} commands`,
        0,
        (node, call) => node.client.executeAll(group, { atomic: false }, call),
      );
      // In order, so that what concerns one key stays in order.
      for (const [k, reply] of replies.entries()) {
        const i = places[k]!;
        results[i] = reply;
        if (!(reply instanceof ReplyError)) continue;
        const { args } = commands[i]!;
        const { endpoint } = this.#pick(slotOfCommand(args));
        if (
          redirectionOf(reply, endpoint) || isRetryable(reply, `${args[0]}`)
        ) {
          await executeAlone(i, rest());
        }
      }
    };
    let groups = new Map<Node, number[]>();
    const flush = async () => {
      const places = [...groups.values()];
      groups = new Map();
      await all(places.map(executeGroup));
    };
    for (const [i, { args }] of commands.entries()) {
      if (this.#isWide(args) || traitsOf(args).blocks) {
        // It stands between what is in front of it and what is behind.
        await flush();
        await executeAlone(i, traitsOf(args).blocks ? call : rest());
        continue;
      }
      const node = this.#pick(slotOfCommand(args));
      const group = groups.get(node);
      if (group) group.push(i);
      else groups.set(node, [i]);
    }
    await flush();
    return results;
  }

  /** Whether a command concerns more than one node. */
  #isWide(args: readonly Arg[]): boolean {
    return mayBeWide(args) &&
      (everywhere(args) ?? partsOf(args) ?? upper(args[0]) === "SCAN") !==
        false;
  }

  // -- Who has what --

  async #refresh(): Promise<void> {
    const known = [...this.#topology.masters];
    // A node that is asked is not always the same one.
    if (known.length > 0) {
      known.push(...known.splice(0, this.#turn++ % known.length));
    }
    for (const endpoint of [...known, ...this.#seeds]) {
      if (this.closing.aborted) return;
      try {
        const topology = await this.#ask(endpoint);
        if (topology === null) continue;
        this.#topology = topology;
        this.#forget();
        return;
      } catch {
        // The next one may know.
      }
    }
  }

  async #ask(endpoint: Endpoint): Promise<Topology | null> {
    const { client } = this.#nodeAt(endpoint);
    const command = { args: ["CLUSTER", "SLOTS"], shape: RAW };
    const reply = await client.execute(command, { timeout: PATIENCE });
    return readTopology(reply, endpoint, this.#map);
  }

  /** Nodes that own nothing are left, once their replies are in. */
  #forget(): void {
    const owners = new Set(this.#topology.masters.map(idOf));
    if (this.#heardAt !== undefined && !owners.has(this.#heardAt)) {
      // Nobody may tell it anything any more.
      this.#listener.leave(new ConnectionError("The node owns nothing now"));
    }
    for (const [id, node] of this.#nodes) {
      if (owners.has(id)) continue;
      this.#nodes.delete(id);
      this.#leaving.add(node);
      // What was asked there has its own deadlines.
      node.close({ timeout: Infinity }).then(() => this.#leaving.delete(node));
    }
  }

  /** A dial that goes where `endpoint` says at the time. */
  #dialTo(endpoint: () => Promise<Endpoint>): Dial {
    return async (
      address: Address,
      signal: AbortSignal,
    ): Promise<Transport> => {
      const { hostname, port } = await endpoint();
      const { dial } = this.#options;
      if (!dial) throw misuse("create cluster", '"dial" is needed', dial);
      return await dial({ ...address, hostname, port } as Address, signal);
    };
  }

  #ref(live: boolean): void {
    this.#live = live;
    const clients = [...this.#nodes.values()].map(({ client }) => client);
    for (const client of [...clients, this.#listener]) {
      if (live) client.ref();
      else client.unref();
    }
    this.#shards.ref(live);
  }

  async #close(options: CloseOptions): Promise<void> {
    this.#stop.abort(new ClosedError("The client is closed"));
    this.#alarm.set(Infinity);
    await Promise.all([
      this.#listener.close(options),
      this.#shards.close(),
      ...[...this.#nodes.values(), ...this.#leaving]
        .map((node) => node.close(options)),
    ]);
    await this.#refreshing;
  }
}

/** Resolves when all have; rejects when all have settled and one has rejected, so that nothing is under way then. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((each) => {
    if (each.status === "rejected") throw each.reason;
    return each.value;
  });
}
