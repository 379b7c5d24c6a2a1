/**
 * Pipelines over several nodes: each command has its own outcome.
 *
 * @module
 */

import type { CallOptions } from "../client/engine.ts";
import { now } from "../connection/clock.ts";
import type { Command } from "../connection/command.ts";
import { keysOf } from "../connection/key_positions.ts";
import { effectsOf, onlyReads, traitsOf } from "../connection/traits.ts";
import {
  ConnectionError,
  messageOf,
  RedisError,
  ReplyError,
  TimeoutError,
} from "../errors.ts";
import { decodeText } from "../resp/bytes.ts";
import { checkArgs } from "../resp/encoder.ts";
import type { Arg } from "../resp/reply.ts";
import { redirectionOf } from "./endpoint.ts";
import type { Node } from "./node.ts";
import type { Nodes } from "./nodes.ts";
import { unlessSilent } from "./reading.ts";
import { isRetryable } from "./retryable.ts";
import { type Route, routeOf } from "./route.ts";
import { asNodeError, type Router } from "./router.ts";

/** Redirections of a pipeline that are followed without a pause. */
const QUICK_ROUNDS = 2;

/** The members of a cluster that a pipeline needs. */
export interface PipelineContext {
  readonly nodes: Nodes;
  readonly router: Router;
  readonly maxRedirections: number;
  /** Where all commands read and `readFrom` allows it: the node to read a slot from, and whether there is another one. */
  readonly readerOf?: (
    slot: number,
  ) => Promise<[node: Node, hasOthers: boolean]>;
  /** Executes a command that concerns several nodes, or blocks. */
  readonly executeAlone: (
    command: Command,
    call: CallOptions,
  ) => Promise<unknown>;
}

/** A command that was not executed and may be sent again. */
interface Refused {
  readonly index: number;
  readonly error: Error;
  readonly node: Node;
}

/**
 * Executes commands, those of a node in one write and all nodes at once. An error
 * stands in the place of its command, also where a node was lost.
 */
export async function executePipeline(
  commands: readonly Command[],
  call: CallOptions,
  context: PipelineContext,
): Promise<unknown[]> {
  const routes = commands.map(({ args }) => {
    checkArgs(args);
    return routeOf(args);
  });
  effectsOf(commands, false);
  const pipeline = new ClusterPipeline(commands, routes, call, context);
  return await pipeline.execute();
}

class ClusterPipeline {
  readonly #commands: readonly Command[];
  readonly #routes: readonly Route[];
  readonly #call: CallOptions;
  readonly #context: PipelineContext;
  readonly #deadline: number;
  readonly #results: unknown[];
  /** Where commands were redirected to. */
  readonly #targets = new Map<number, { node: Node; asking: boolean }>();

  constructor(
    commands: readonly Command[],
    routes: readonly Route[],
    call: CallOptions,
    context: PipelineContext,
  ) {
    this.#commands = commands;
    this.#routes = routes;
    this.#call = call;
    this.#context = context;
    this.#deadline = context.router.deadlineOf(call);
    this.#results = new Array(commands.length);
  }

  async execute(): Promise<unknown[]> {
    let together: number[] = [];
    for (const [i, command] of this.#commands.entries()) {
      const { kind } = this.#routes[i]!;
      const { blocks } = traitsOf(command.args);
      const single = kind === "any" || kind === "slot" || kind === "prefer";
      if (single && !blocks) {
        together.push(i);
        continue;
      }
      // It comes after the commands before it, and before those behind it.
      await this.#executeTogether(together);
      together = [];
      await this.#executeAlone(i, blocks ? this.#call : this.#rest());
    }
    await this.#executeTogether(together);
    return this.#results;
  }

  #rest(): CallOptions {
    return this.#context.router.rest(this.#call, this.#deadline);
  }

  async #executeAlone(index: number, call: CallOptions): Promise<void> {
    try {
      this.#results[index] = await this.#context
        .executeAlone(this.#commands[index]!, call);
    } catch (error) {
      call.signal?.throwIfAborted();
      this.#results[index] = error;
    }
  }

  /** Executes commands of one node each, in rounds until none is refused. */
  async #executeTogether(indices: readonly number[]): Promise<void> {
    const { router, nodes, maxRedirections } = this.#context;
    let pending = indices;
    /** Rounds in a row in which only redirections were answered. */
    let redirections = 0;
    for (let round = 1; pending.length > 0; round++) {
      const refused = await this.#executeRound(pending);
      if (refused.length === 0) return;
      nodes.closing.throwIfAborted();
      if (now() >= this.#deadline || redirections >= maxRedirections) {
        for (const each of refused) this.#giveUp(each);
        return;
      }
      const waits = this.#retarget(refused);
      redirections = waits === undefined ? redirections + 1 : 0;
      if (waits !== undefined || round > QUICK_ROUNDS) {
        const { signal } = this.#call;
        await router.pause(round, this.#deadline, signal);
        if (waits === "map") {
          await nodes.refreshUntil(this.#deadline, signal);
        }
      }
      pending = refused.map(({ index }) => index).sort((a, b) => a - b);
    }
  }

  /** Finds the next nodes of refused commands; tells whether these have to wait for the slots to settle, or for a new map. */
  #retarget(refused: readonly Refused[]): "slots" | "map" | undefined {
    const { nodes } = this.#context;
    let waits: "slots" | "map" | undefined;
    for (const { index, error, node } of refused) {
      const to = error instanceof ReplyError
        ? redirectionOf(error, node.endpoint)
        : undefined;
      if (to) {
        node.counts.redirections++;
        const target = nodes.named(to.endpoint);
        const asking = to.kind === "ASK";
        if (!asking) nodes.learn(to.slot, target);
        if (target === node) node.redirectedToItself();
        this.#targets.set(index, { node: target, asking });
      } else if (error instanceof ReplyError && error.code === "TRYAGAIN") {
        waits ??= "slots";
      } else {
        this.#targets.delete(index);
        waits = "map";
      }
    }
    return waits;
  }

  async #executeRound(indices: readonly number[]): Promise<Refused[]> {
    const groups = this.#context.readerOf
      ? await this.#groupForReading(indices, this.#context.readerOf)
      : this.#group(indices);
    const refused = await Promise.all(
      Array.from(
        groups,
        ([node, { group, hasOthers }]) =>
          this.#executeGroup(node, group, hasOthers),
      ),
    );
    // An error of the call itself concerns all of its commands.
    this.#call.signal?.throwIfAborted();
    return refused.flat();
  }

  /** The commands of each node: those that were redirected, too. */
  #group(indices: readonly number[]): Map<Node, Group> {
    const groups = new Map<Node, Group>();
    let any: Node | undefined;
    for (const index of indices) {
      const node = this.#targets.get(index)?.node ??
        this.#nodeOf(this.#routes[index]!) ??
        (any ??= this.#context.nodes.any());
      addTo(groups, node, index, false);
    }
    return groups;
  }

  /** The commands of each node that is read from, one for each shard. */
  async #groupForReading(
    indices: readonly number[],
    readerOf: NonNullable<PipelineContext["readerOf"]>,
  ): Promise<Map<Node, Group>> {
    const { topology } = this.#context.nodes;
    const groups = new Map<Node, Group>();
    const readers = new Map<unknown, ReturnType<typeof readerOf>>();
    for (const index of indices) {
      const route = this.#routes[index]!;
      const target = this.#targets.get(index)?.node;
      if (target || route.kind !== "slot") {
        addTo(groups, target ?? this.#context.nodes.any(), index, false);
        continue;
      }
      const shard = topology.shardOf(route.slot);
      let reader = readers.get(shard);
      if (reader === undefined) {
        readers.set(shard, reader = readerOf(route.slot));
      }
      try {
        const [node, hasOthers] = await reader;
        addTo(groups, node, index, hasOthers);
      } catch (error) {
        this.#results[index] = error;
      }
    }
    return groups;
  }

  #nodeOf(route: Route): Node | undefined {
    const { nodes } = this.#context;
    if (route.kind === "slot") return nodes.ownerOf(route.slot);
    if (route.kind !== "prefer") return undefined;
    const owner = nodes.ownerOf(route.slot);
    return owner.isUp ? owner : undefined;
  }

  /** Executes the commands of one node; returns those that may be sent again. */
  async #executeGroup(
    node: Node,
    group: readonly number[],
    hasOthers: boolean,
  ): Promise<Refused[]> {
    const { nodes } = this.#context;
    const asking = new Set(
      group.keys().filter((i) => this.#targets.get(group[i]!)?.asking),
    );
    nodes.watch();
    let outcomes: unknown[];
    try {
      const commands = group.map((i) => this.#commands[i]!);
      const attempt = node.executeEach(commands, asking, this.#rest());
      outcomes = await (hasOthers ? unlessSilent(node, attempt) : attempt);
    } catch (error) {
      this.#call.signal?.throwIfAborted();
      if (!(error instanceof RedisError)) throw error;
      const own = nodes.closing.aborted ? error : asNodeError(error, node);
      node.noteError(own);
      if (own instanceof ConnectionError) nodes.refreshSoon();
      outcomes = group.map((i) => ofCommand(own, this.#commands[i]!.args));
    }
    const refused: Refused[] = [];
    for (const [i, outcome] of outcomes.entries()) {
      const index = group[i]!;
      this.#results[index] = outcome;
      if (outcome instanceof Error && this.#isRefused(index, outcome, node)) {
        refused.push({ index, error: outcome, node });
      }
    }
    return refused.length === 0 ? refused : this.#inOrder(group, refused);
  }

  #isRefused(index: number, error: Error, node: Node): boolean {
    if (
      error instanceof ReplyError && redirectionOf(error, node.endpoint)
    ) return true;
    const name = `${this.#commands[index]!.args[0]}`;
    return this.#call.retry !== false && isRetryable(error, name);
  }

  /**
   * Leaves out the refused commands that a later command on the same key has
   * overtaken: executed now, they would be in the wrong order. Their errors stand.
   */
  #inOrder(group: readonly number[], refused: readonly Refused[]): Refused[] {
    const again = new Set(refused.map(({ index }) => index));
    const lastUse = new Map<string, number>();
    const lastWrite = new Map<string, number>();
    for (const index of group) {
      if (again.has(index)) continue;
      const { args } = this.#commands[index]!;
      for (const key of keyNames(args)) {
        lastUse.set(key, index);
        if (!onlyReads(args)) lastWrite.set(key, index);
      }
    }
    return refused.filter(({ index }) => {
      const { args } = this.#commands[index]!;
      const last = onlyReads(args) ? lastWrite : lastUse;
      return keyNames(args).every((key) => (last.get(key) ?? -1) < index);
    });
  }

  #giveUp({ index, error, node }: Refused): void {
    const late = now() >= this.#deadline;
    if (late && error instanceof TimeoutError) return;
    const name = this.#commands[index]!.args[0];
    this.#results[index] = new (late ? TimeoutError : ConnectionError)(
      `${name} found no node: ${node.id}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Commands of one node, and whether another node could execute them. */
interface Group {
  readonly group: number[];
  readonly hasOthers: boolean;
}

function addTo(
  groups: Map<Node, Group>,
  node: Node,
  index: number,
  hasOthers: boolean,
): void {
  const known = groups.get(node);
  if (known) known.group.push(index);
  else groups.set(node, { group: [index], hasOthers });
}

function keyNames(args: readonly Arg[]): string[] {
  return keysOf(args).map((i) => {
    const key = args[i]!;
    return key instanceof Uint8Array ? decodeText(key) : `${key}`;
  });
}

/** The error of several commands as that of one, which may only read. */
function ofCommand(error: unknown, args: readonly Arg[]): unknown {
  if (
    !(error instanceof ConnectionError) || !error.maybeExecuted ||
    !onlyReads(args)
  ) return error;
  const Kind = error.constructor as typeof ConnectionError;
  return new Kind(error.message, { cause: error });
}
