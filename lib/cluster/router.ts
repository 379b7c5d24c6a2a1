/**
 * Sends commands to nodes until one executes them.
 *
 * @module
 */

import type { CallOptions } from "../client/engine.ts";
import { sleep } from "../client/sleep.ts";
import { jittered } from "../connection/backoff.ts";
import { now } from "../connection/clock.ts";
import {
  ClosedError,
  ConnectionError,
  messageOf,
  TimeoutError,
} from "../errors.ts";
import { redirectionOf, refusalIn } from "./endpoint.ts";
import { type Node, SILENT_MS } from "./node.ts";
import type { Nodes } from "./nodes.ts";
import { isRetryable } from "./retryable.ts";

/** The longest pause between attempts, in ms: commands reach a new master this late at most. */
const LONGEST_PAUSE_MS = 300;

/** Something to send, and where to. */
export interface Dispatch<T> {
  /** Its name in errors. */
  readonly description: string;
  /** The slot of its keys; `undefined` when any node can execute it. */
  readonly slot: number | undefined;
  /** It only reads, so that a node that does not answer soon can be given up. */
  readonly readOnly?: boolean;
  /** How long it may block, in ms. */
  readonly block?: number;
  /** Sends it once; `asking` when its slot is being moved to the node. */
  readonly attempt: (
    node: Node,
    call: CallOptions,
    asking: boolean,
  ) => Promise<T>;
}

/** Follows redirections, and waits where the cluster cannot serve a slot for now. */
export class Router {
  readonly #nodes: Nodes;
  readonly #commandTimeout: number;
  readonly #maxRedirections: number;

  /** Takes the nodes and the options of the cluster. */
  constructor(
    nodes: Nodes,
    { commandTimeout, maxRedirections }: {
      commandTimeout: number;
      maxRedirections: number;
    },
  ) {
    this.#nodes = nodes;
    this.#commandTimeout = commandTimeout;
    this.#maxRedirections = maxRedirections;
  }

  /** The deadline of a call that starts now; `Infinity` for none. */
  deadlineOf({ timeout }: CallOptions, block = 0): number {
    const patience = timeout ??
      (this.#commandTimeout && this.#commandTimeout + block);
    return now() + (patience || Infinity);
  }

  /** The call with the time that is left of it. */
  rest(call: CallOptions, deadline: number): CallOptions {
    return deadline === Infinity
      ? call
      : { ...call, timeout: Math.max(1, deadline - now()) };
  }

  /** Sends it to a node, then on until one executes it or its deadline passes. */
  async send<T>(dispatch: Dispatch<T>, call: CallOptions): Promise<T> {
    const { slot, block } = dispatch;
    const deadline = this.deadlineOf(call, block);
    const node = slot === undefined
      ? this.#nodes.any()
      : this.#nodes.ownerOf(slot);
    try {
      return await this.#attempt(dispatch, node, call, deadline);
    } catch (error) {
      return await this.sendAgain(dispatch, call, deadline, node, error);
    }
  }

  async #attempt<T>(
    { slot, readOnly, attempt }: Dispatch<T>,
    node: Node,
    call: CallOptions,
    deadline: number,
    asking = false,
  ): Promise<T> {
    this.#nodes.watch();
    if (slot !== undefined || !readOnly) {
      return await attempt(node, call, asking);
    }
    // Where this node does not answer, another one can.
    const timeout = Math.max(1, Math.min(SILENT_MS, deadline - now()));
    const reply = await attempt(node, { ...call, timeout }, asking);
    node.answered();
    return reply;
  }

  /** Goes on after `node` has answered with an error, or not at all. */
  async sendAgain<T>(
    dispatch: Dispatch<T>,
    call: CallOptions,
    deadline: number,
    node: Node,
    error: unknown,
  ): Promise<T> {
    const nodes = this.#nodes;
    const { slot, description } = dispatch;
    const causes = new Map<string, string>();
    /** Nodes that redirected it, since it last waited for a new map of the slots. */
    let visited = new Set<Node>();
    let redirections = 0;
    let asking = false;
    for (let attempt = 1;; attempt++) {
      error = nodes.closing.aborted ? error : asNodeError(error, node);
      node.noteError(error);
      if (error instanceof ConnectionError) nodes.refreshSoon();
      const refusal = refusalIn(error);
      const to = refusal && redirectionOf(refusal, node.endpoint);
      if (
        !to &&
        (call.retry === false || !isRetryable(refusal ?? error, description))
      ) throw error;
      call.signal?.throwIfAborted();
      nodes.closing.throwIfAborted();
      const late = now() >= deadline;
      const silent = late && error instanceof TimeoutError;
      if (silent && causes.size === 0) throw error;
      // The error of the last server says more than the passed deadline.
      if (!silent) causes.set(node.id, messageOf(error));
      if (late || redirections >= this.#maxRedirections) {
        const all = [...causes].map((cause) => cause.join(": ")).join("; ");
        throw new (late ? TimeoutError : ConnectionError)(
          `${description} found no node: ${all}`,
          { cause: error },
        );
      }
      if (to) {
        redirections++;
        node.counts.redirections++;
        const from = node;
        node = nodes.named(to.endpoint);
        asking = to.kind === "ASK";
        if (!asking) nodes.learn(to.slot, node);
        visited.add(from);
        // Nodes that redirect to each other have not agreed yet. A name that redirects
        // to itself leads to another server by now.
        if (visited.has(node)) {
          if (node === from) node.redirectedToItself();
          await this.pause(redirections, deadline, call.signal);
        }
      } else {
        redirections = 0;
        visited = new Set();
        await this.pause(attempt, deadline, call.signal);
        if (refusal?.code !== "TRYAGAIN") {
          await nodes.refreshUntil(deadline, call.signal);
          node = slot === undefined ? nodes.any() : nodes.ownerOf(slot);
          asking = false;
        }
      }
      nodes.closing.throwIfAborted();
      try {
        const rest = this.rest(call, deadline);
        return await this.#attempt(dispatch, node, rest, deadline, asking);
      } catch (next) {
        error = next;
      }
    }
  }

  /** Backs off before an attempt, at most until the deadline. */
  async pause(
    attempt: number,
    deadline: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const { closing } = this.#nodes;
    const time = Math.min(jittered(attempt), LONGEST_PAUSE_MS);
    const wait = Math.max(0, Math.min(time, deadline - now()));
    await sleep(wait, signal ? AbortSignal.any([signal, closing]) : closing);
  }
}

/** Whether the client of a removed node is closed, and not the cluster's. */
export function asNodeError(error: unknown, node: Node): unknown {
  if (!(error instanceof ClosedError)) return error;
  return new ConnectionError(
    `The node ${node.id} was left before the reply came`,
    { cause: error, maybeExecuted: error.maybeExecuted },
  );
}
