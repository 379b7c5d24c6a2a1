/**
 * The engine for a Redis Cluster: each command goes to the node that has its slot.
 *
 * ```text
 * cluster.ts    the engine: one command, transactions, leases, subscriptions
 *   route.ts      where does a command go?
 *   router.ts     sends it there, follows redirections, waits out failovers
 *   pipeline.ts   the same for many commands at once
 *   scan.ts       SCAN over all nodes
 *   combine.ts    the replies of several nodes as one
 *   nodes.ts      which nodes there are, and how their slots are learned
 * ```
 *
 * @module
 */

import { Client } from "../client/client.ts";
import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  ConnectionObserver,
  LeasedEngine,
  PooledEngine,
  ReadFrom,
  SubscriptionKind,
} from "../client/engine.ts";
import type { ClientOptions } from "../client/options.ts";
import type {
  Item,
  Payloads,
  Subscription,
  SubscriptionOptions,
} from "../client/subscription.ts";
import type { Command } from "../connection/command.ts";
import { isRetryableLater } from "../connection/error_codes.ts";
import { keyOf, type Name } from "../connection/names.ts";
import { onlyReads, traitsOf } from "../connection/traits.ts";
import { cannot, ConnectionError, misuse } from "../errors.ts";
import type { Address, Dial, Transport } from "../net/transport.ts";
import type { Arg, Reply, Shape } from "../resp/reply.ts";
import { combined } from "./combine.ts";
import { scanPage } from "./cursor.ts";
import { type Endpoint, redirectionOf } from "./endpoint.ts";
import { ClusterLease } from "./lease.ts";
import type { Node, NodeStatistics } from "./node.ts";
import { Nodes } from "./nodes.ts";
import type { ClusterOptions } from "./options.ts";
import { executePipeline } from "./pipeline.ts";
import { checkReadFrom, Readers, readsData } from "./reading.ts";
import { type Route, routeOf } from "./route.ts";
import { type Dispatch, Router } from "./router.ts";
import { scanCluster } from "./scan.ts";
import { ShardSubscribers } from "./shard_subscribers.ts";
import { slotOf, slotOfAll, slotOfCommand } from "./slots.ts";
import type { Shard } from "./topology.ts";

/** An engine over the nodes of a cluster. */
export class Cluster implements PooledEngine {
  readonly #options: ClientOptions;
  readonly #commandTimeout: number;
  readonly #maxRedirections: number;
  readonly #readFrom: ReadFrom;
  readonly #readers: Readers;
  readonly #nodes: Nodes;
  readonly #router: Router;
  /** Subscriptions to channels and patterns: any node has all messages. */
  readonly #listener: Client;
  /** The node that this listens to. */
  #heard: Node | undefined;
  readonly #shards: ShardSubscribers;
  #closed: Promise<void> | undefined;

  /** Knows no slots before {@linkcode Cluster.connect}. */
  constructor(options: ClusterOptions) {
    const {
      seeds,
      refreshInterval = 30_000,
      mapAddress = (endpoint: Endpoint) => endpoint,
      maxRedirections = 16,
      readFrom = "master",
      zoneOf,
      ...client
    } = options;
    if (seeds.length === 0) {
      throw misuse("create cluster", '"seeds" must name a node', seeds);
    }
    checkNumber("refreshInterval", refreshInterval);
    checkNumber("maxRedirections", maxRedirections);
    checkReadFrom(readFrom);
    this.#readFrom = readFrom;
    this.#readers = new Readers(zoneOf, () => this.closing);
    this.#options = client;
    this.#commandTimeout = client.commandTimeout ?? 5_000;
    this.#maxRedirections = maxRedirections;
    this.#nodes = new Nodes({ seeds, mapAddress, refreshInterval, client });
    this.#router = new Router(this.#nodes, {
      commandTimeout: this.#commandTimeout,
      maxRedirections,
    });
    this.#listener = new Client({
      ...client,
      dial: this.#dialTo(() => {
        this.#heard = this.#nodes.any();
        return Promise.resolve(this.#heard.endpoint);
      }),
    });
    this.#shards = new ShardSubscribers(this.#nodes, (node) => {
      let lost = false;
      const dial = this.#dialTo(async () => {
        // A node that was lost may have been replaced.
        if (lost) await this.#nodes.refresh();
        lost = true;
        return node.endpoint;
      });
      return { ...client, dial };
    });
    this.#nodes.onLeft = (nodes) => {
      const reason = new ConnectionError("The node has no slots any more");
      this.#shards.leave(nodes);
      if (this.#heard && nodes.includes(this.#heard)) {
        this.#listener.leave(reason);
      }
    };
  }

  /** Learns the nodes; rejects when none answers. */
  connect(): Promise<void> {
    return this.#nodes.connect();
  }

  /** The masters with slots, each as a client of its own over the same connections. */
  get masters(): Client[] {
    return this.#nodes.masters.map((node) => node.newClient());
  }

  /** The statistics of each node. */
  get statistics(): NodeStatistics[] {
    return this.#nodes.statistics;
  }

  /** Asks the cluster for the slots; keeps the known ones when no node answers. */
  refresh(): Promise<void> {
    return this.#nodes.refresh();
  }

  // -- Commands --

  /** Executes one command. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    let route: Route;
    try {
      this.closing.throwIfAborted();
      route = routeOf(command.args);
    } catch (error) {
      return Promise.reject(error);
    }
    return route.kind === "slot"
      ? this.#executeIn(route.slot, command, call)
      : this.#executeBy(route, command, call);
  }

  /** Executes a command for a slot: at its master, or where `readFrom` allows it. */
  #executeIn<T>(
    slot: number,
    command: Command<T>,
    call: CallOptions,
  ): Promise<T> {
    const { readFrom = this.#readFrom } = call;
    return readFrom !== "master" && readsData(command.args)
      ? this.#readAt(slot, command, call, readFrom)
      : this.#executeAt(slot, command, call);
  }

  /** Executes a command that only reads at a node of its shard that `readFrom` allows. */
  async #readAt<T>(
    slot: number,
    command: Command<T>,
    call: CallOptions,
    readFrom: ReadFrom,
  ): Promise<T> {
    checkReadFrom(readFrom);
    const shard = this.#nodes.topology.shardOf(slot);
    if (shard === undefined) return await this.#executeAt(slot, command, call);
    this.#nodes.watch();
    return await this.#readers.read<Node, T>(
      {
        description: `${command.args[0]}`,
        readFrom,
        call,
        deadline: this.#router.deadlineOf(call),
        send: async (node, call) => {
          if (node !== shard.master) node.serveReads();
          try {
            return await node.execute(command, call);
          } catch (error) {
            this.#nodes.refreshSoon();
            throw error;
          }
        },
        atMaster: (call) => this.#executeAt(slot, command, call),
      },
      shard.master,
      shard.replicas,
    );
  }

  /** The node to read a slot from, and whether there is another one. */
  async #readerOf(
    slot: number,
    readFrom: ReadFrom,
  ): Promise<[node: Node, hasOthers: boolean]> {
    const nodes = this.#nodes;
    const { master = nodes.ownerOf(slot), replicas = [] } =
      nodes.topology.shardOf(slot) ?? {};
    const order = await this.#readers.choose(readFrom, master, replicas);
    const [node] = order;
    if (node === undefined) {
      throw new ConnectionError("No replica of the slot is current");
    }
    if (node !== master) node.serveReads();
    return [node, order.length > 1];
  }

  /** The short way, which nearly all commands take. */
  #executeAt<T>(
    slot: number,
    command: Command<T>,
    call: CallOptions,
  ): Promise<T> {
    const nodes = this.#nodes;
    const node = nodes.ownerOf(slot);
    const block = traitsOf(command.args).blocks?.(command.args);
    const deadline = this.#router.deadlineOf(call, block);
    nodes.watch();
    return node.execute(command, call).catch((error) =>
      this.#router
        .sendAgain(dispatchOf(command, slot), call, deadline, node, error)
    );
  }

  async #executeBy<T>(
    route: Route,
    command: Command<T>,
    call: CallOptions,
  ): Promise<T> {
    const { args, shape } = command;
    const router = this.#router;
    const raw: Shape<Reply> = { mode: shape.mode, parse: (reply) => reply };
    switch (route.kind) {
      case "any":
        return await router.send(dispatchOf(command, undefined), call);
      case "slot":
        return await this.#executeIn(route.slot, command, call);
      case "prefer": {
        const owner = this.#nodes.ownerOf(route.slot);
        const slot = owner.isUp ? route.slot : undefined;
        return await router.send(dispatchOf(command, slot), call);
      }
      case "cursor":
        return await scanPage(
          command,
          call,
          (commands, call) => this.#executeTogether(route.slot, commands, call),
        )!;
      case "scan":
        return shape.parse(
          await scanCluster(args, shape.mode, call, this.#nodes, router),
        );
      case "parts": {
        const { commands, slots, combine } = route.parts;
        const part = { ...command, shape: raw } as Command<Reply>;
        const parts = commands.map((args, i) =>
          this.#executeIn(slots[i]!, { ...part, args }, call)
        );
        return shape.parse(await combined(parts, combine, args));
      }
      case "everywhere": {
        const parts = this.#nodes.topology.shards.flatMap((shard) => [
          this.#executeOnMaster(shard, { args, shape: raw }, call),
          ...route.to === "masters"
            ? []
            : shard.replicas.map((replica) =>
              replica.execute({ args, shape: raw }, call)
            ),
        ]);
        return shape.parse(await combined(parts, route.combine, args));
      }
    }
  }

  /** Executes a command on the master of a shard, or on the one that takes its place. */
  async #executeOnMaster<T>(
    { master, slot }: Shard,
    command: Command<T>,
    call: CallOptions,
  ): Promise<T> {
    const deadline = this.#router.deadlineOf(call);
    this.#nodes.watch();
    try {
      return await master.execute(command, call);
    } catch (error) {
      return await this.#router
        .sendAgain(dispatchOf(command, slot), call, deadline, master, error);
    }
  }

  /** Executes commands on one connection to the node of a slot. */
  async #executeTogether(
    slot: number | undefined,
    commands: readonly Command[],
    call: CallOptions,
  ): Promise<unknown[]> {
    return await this.#router.send({
      description: `${commands.at(-1)!.args[0]}`,
      slot,
      attempt: async (node, call, asking) => {
        const each = new Set(asking ? commands.keys() : []);
        const replies = await node.executeEach(commands, each, call);
        const last = replies.at(-1);
        if (last instanceof Error) throw last;
        return replies;
      },
    }, call);
  }

  /**
   * Executes commands together: a transaction on the node that has its keys, others
   * on all nodes at once.
   */
  async executeAll(
    commands: readonly Command[],
    { atomic }: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    if (commands.length === 0) return [];
    this.closing.throwIfAborted();
    if (!atomic) {
      const { readFrom = this.#readFrom } = call;
      if (readFrom !== "master") checkReadFrom(readFrom);
      const reads = readFrom !== "master" &&
        commands.every(({ args }) => readsData(args));
      return await executePipeline(commands, call, {
        nodes: this.#nodes,
        router: this.#router,
        maxRedirections: this.#maxRedirections,
        executeAlone: (command, call) => this.execute(command, call),
        ...reads ? { readerOf: (slot) => this.#readerOf(slot, readFrom) } : {},
      });
    }
    return await this.#router.send({
      description: "a transaction",
      slot: slotOfAll(commands),
      attempt: (node, call, asking) =>
        asking
          ? node.transactAsking(commands, call)
          : node.transact(commands, call),
    }, call);
  }

  // -- Connections of one caller --

  /** Lends a connection to the node of a key, or of the first key that it is used for. */
  async lease(call: CallOptions = {}, key?: Arg): Promise<LeasedEngine> {
    this.closing.throwIfAborted();
    const take = (slot: number | undefined, call: CallOptions) =>
      this.#router.send({
        description: "a lease",
        slot,
        attempt: (node, call) => node.client.lease(call),
      }, call);
    const slot = key === undefined ? undefined : slotOf(key);
    return new ClusterLease(await take(slot, call), slot, {
      take,
      closing: this.closing,
      moved: (error) => {
        const to = redirectionOf(error, this.#nodes.any().endpoint);
        if (to?.kind === "MOVED") {
          this.#nodes.learn(to.slot, this.#nodes.named(to.endpoint));
        }
        if (to) return to.kind === "MOVED" ? to.kind : "later";
        if (!isRetryableLater(error)) return undefined;
        this.#nodes.refreshSoon();
        return "later";
      },
      patience: this.#commandTimeout,
    });
  }

  /** Subscribes at a node that answers, or for shard channels at the node of their slot. */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    payloads: Payloads,
  ): Promise<Subscription<B, T>> {
    this.closing.throwIfAborted();
    if (kind === "shard" && names.length > 0) {
      const slot = slotOfCommand(["SSUBSCRIBE", ...names])!;
      return await this.#shards.subscribe(slot, names, options, payloads);
    }
    const event = names.map(keyOf).find((name) =>
      /^__key(space|event)@/.test(name)
    );
    if (event !== undefined) {
      throw misuse(
        "subscribe in a cluster",
        "each node notifies of its own keys only: subscribe on each of masters()",
        event,
      );
    }
    return await this.#listener.subscribe(kind, names, options, payloads);
  }

  /** Asks for the credentials again and sends them to every node. */
  async authenticate(): Promise<void> {
    this.closing.throwIfAborted();
    const clients = this.#nodes.all.map(({ client }) => client);
    await Promise.all(
      [...clients, this.#listener, this.#shards]
        .map((each) => each.authenticate()),
    );
  }

  /**
   * Tells of the connections to every node, and when slots have moved.
   *
   * @internal
   */
  observe(observer: ConnectionObserver): Disposable {
    return this.#nodes.observe(observer);
  }

  // -- The life of the engine --

  /** Aborts when the engine is closed. */
  get closing(): AbortSignal {
    return this.#nodes.closing;
  }

  /** Lets commands in flight come to their end, then closes. */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#closed ??= this.#close(options);
  }

  async #close(options: CloseOptions): Promise<void> {
    await Promise.all([
      this.#nodes.close(options),
      this.#listener.close(options),
      this.#shards.close(),
    ]);
  }

  /** Keeps the process alive while there is a connection. */
  ref(): void {
    this.#nodes.ref(true);
    this.#listener.ref();
    this.#shards.ref(true);
  }

  /** Lets the process exit although there is a connection. */
  unref(): void {
    this.#nodes.ref(false);
    this.#listener.unref();
    this.#shards.ref(false);
  }

  /** The masters and the states of their connections, without secrets. */
  get summary(): string {
    if (this.#closed) return "closed";
    return this.#nodes.masters.map(({ summary }) => summary).join(", ");
  }

  /** A dial that goes to the address that `endpoint` gives at that time. */
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
}

function dispatchOf<T>(
  command: Command<T>,
  slot: number | undefined,
): Dispatch<T> {
  const { args } = command;
  return {
    description: `${args[0]}`,
    slot,
    readOnly: onlyReads(args),
    block: traitsOf(args).blocks?.(args) ?? 0,
    attempt: (node, call, asking) =>
      asking ? node.executeAsking(command, call) : node.execute(command, call),
  };
}

function checkNumber(name: string, value: number): void {
  if (value >= 0) return;
  throw new RangeError(
    cannot("create cluster", `"${name}" must be at least 0`, value),
  );
}
