/**
 * SCAN over all nodes of a cluster.
 *
 * Slots move and masters change while an iteration runs. So its cursor carries the
 * slots that are done: a node's slots are done when the node had all of them from
 * the first page to the last, and served them from one process. All others are
 * scanned again, wherever they are by then. A key that exists all the time is
 * therefore found, some more than once.
 *
 * A slot on its way from one node to another may stay so for long. It is done when
 * the node that gives it away was scanned, and after that the one that gets it.
 *
 * @see https://redis.io/docs/latest/commands/scan/
 * @module
 */

import type { CallOptions } from "../client/engine.ts";
import { now } from "../connection/clock.ts";
import { ConnectionError } from "../errors.ts";
import { type Arg, type Mode, RAW, type Reply } from "../resp/reply.ts";
import { cursorText, fetchPage, START, toReply } from "./cursor.ts";
import { type NamedEndpoint, refusalIn } from "./endpoint.ts";
import type { Node } from "./node.ts";
import type { Nodes } from "./nodes.ts";
import { isRetryable } from "./retryable.ts";
import { asNodeError, type Router } from "./router.ts";
import { SLOTS } from "./slots.ts";

/** Slots by number. */
type SlotSet = Set<number>;

/** The parts of a cursor, in their order. */
interface Position {
  /** The cursor of the node; `0` before its first page. */
  cursor: string;
  /** The run id of the node's process. */
  run: string;
  /** The node that is being scanned; empty when the next one is to be chosen. */
  id: string;
  /** The slots that will be done when the node still has them at the end. */
  held: string;
  /** The slots that the node was giving away at its first page. */
  leaving: string;
  done: string;
  /** Slots whose old node was scanned while they are on their way. */
  half: string;
}

/** Fetches one page of the cluster. */
export async function scanCluster(
  args: readonly Arg[],
  mode: Mode,
  call: CallOptions,
  nodes: Nodes,
  router: Router,
): Promise<Reply> {
  const deadline = router.deadlineOf(call);
  const position = readPosition(cursorText(args[1]));
  for (let attempt = 1;; attempt++) {
    let node: Node | undefined;
    try {
      node = await choose(position, nodes, router.rest(call, deadline));
      if (node === undefined) return toReply(START, [], mode);
      const rest = router.rest(call, deadline);
      return await fetchNext(args, mode, position, node, rest);
    } catch (error) {
      call.signal?.throwIfAborted();
      nodes.closing.throwIfAborted();
      const own = node ? asNodeError(error, node) : error;
      node?.noteError(own);
      if (!isRetryable(refusalIn(own) ?? own, "SCAN") || now() >= deadline) {
        throw own;
      }
      nodes.refreshSoon();
      await router.pause(attempt, deadline, call.signal);
      await nodes.refreshUntil(deadline, call.signal);
      // A node that is no master any more has to be scanned elsewhere.
      if (!nodes.masters.some(({ id }) => id === position.id)) {
        position.id = "";
      }
    }
  }
}

async function fetchNext(
  args: readonly Arg[],
  mode: Mode,
  position: Position,
  node: Node,
  call: CallOptions,
): Promise<Reply> {
  const page = await fetchPage(
    args,
    position,
    mode,
    call,
    (commands, call) =>
      node.client.executeAll(commands, { atomic: false }, call),
  );
  if (page.cursor !== START) {
    const { cursor, run } = page;
    return toReply(
      writePosition({ ...position, cursor, run }),
      page.items,
      mode,
    );
  }
  const end = finished(position, await stateOf(node, call));
  const isLast = parse(end.done).size === SLOTS;
  return toReply(isLast ? START : writePosition(end), page.items, mode);
}

// -- Which node is next --

/** The node of a position, or the next one; `undefined` when all slots are done. */
async function choose(
  position: Position,
  nodes: Nodes,
  call: CallOptions,
): Promise<Node | undefined> {
  const current = nodes.all.find(({ id }) => id === position.id);
  if (position.id !== "" && current) return current;
  const done = parse(position.done);
  const half = parse(position.half);
  const { topology } = nodes;
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot)
    .filter((slot) => !done.has(slot) && topology.ownerOf(slot));
  if (slots.length === 0) return undefined;
  const slot = slots.find((slot) => !half.has(slot)) ?? slots[0]!;
  let node = topology.ownerOf(slot)!;
  let state = await stateOf(node, call);
  const target = half.has(slot) ? state.migrating.get(slot) : undefined;
  if (half.has(slot)) {
    half.delete(slot);
    if (target) {
      node = nodes.withNodeId(target.nodeId) ?? nodes.named(target);
      state = await stateOf(node, call);
      half.add(slot);
    }
  }
  const held = new Set(
    [...state.owned].filter((slot) => !state.migrating.has(slot)),
  );
  for (const slot of half) if (state.importing.has(slot)) held.add(slot);
  if (!held.has(slot) && !state.migrating.has(slot)) {
    throw new ConnectionError(`${node.id} has given the slot ${slot} away`);
  }
  Object.assign(position, {
    cursor: START,
    run: "",
    id: node.id,
    held: format(held),
    leaving: format(new Set(state.migrating.keys())),
    half: format(half),
  });
  return node;
}

/** The position after the last page of a node. */
function finished(position: Position, end: NodeState): Position {
  const done = parse(position.done);
  const half = parse(position.half);
  for (const slot of parse(position.held)) {
    const stays = end.owned.has(slot) && !end.migrating.has(slot);
    if (stays || end.importing.has(slot)) done.add(slot);
    else if (end.migrating.has(slot)) half.add(slot);
  }
  for (const slot of parse(position.leaving)) {
    if (end.migrating.has(slot)) half.add(slot);
  }
  for (const slot of done) half.delete(slot);
  return {
    cursor: START,
    run: "",
    id: "",
    held: "",
    leaving: "",
    done: format(done),
    half: format(half),
  };
}

/** A node's own line in CLUSTER NODES. */
interface NodeState {
  readonly owned: SlotSet;
  /** Slots that it gives away, and to whom. */
  readonly migrating: Map<number, NamedEndpoint>;
  /** Slots that it gets. */
  readonly importing: SlotSet;
}

const NODES = { args: ["CLUSTER", "NODES"], shape: RAW };

/** @see https://redis.io/docs/latest/commands/cluster-nodes/ */
async function stateOf(node: Node, call: CallOptions): Promise<NodeState> {
  const lines = String(await node.client.execute(NODES, call)).split("\n");
  const endpoints = new Map(lines.map((line) => {
    const [nodeId = "", address = ""] = line.split(" ");
    // As 10.0.0.1:6379@16379,host.name
    const [, hostname = "", port] = /^(.*):(\d+)@?/.exec(address) ?? [];
    return [nodeId, {
      hostname: hostname || node.endpoint.hostname,
      port: Number(port),
      nodeId,
    }];
  }));
  const own = lines.find((line) => line.includes("myself")) ?? "";
  const state: NodeState = {
    owned: new Set(),
    migrating: new Map(),
    importing: new Set(),
  };
  for (const part of own.split(" ").slice(8)) {
    const [, slot, way, other] = /^\[(\d+)-([<>])-(\w+)\]$/.exec(part) ?? [];
    if (way === "<") state.importing.add(Number(slot));
    else if (way === ">") {
      state.migrating.set(Number(slot), endpoints.get(other!)!);
    } else if (/^\d/.test(part)) {
      const [first, last = first] = part.split("-").map(Number);
      for (let slot = first!; slot <= last!; slot++) state.owned.add(slot);
    }
  }
  return state;
}

// -- Cursors --

function readPosition(text: string): Position {
  const [cursor = START, run = "", id = "", ...sets] = text.split("@");
  const [held = "", leaving = "", done = "", half = ""] = sets;
  return { cursor, run, id, held, leaving, done, half };
}

function writePosition(position: Position): string {
  const { cursor, run, id, held, leaving, done, half } = position;
  return [cursor, run, id, held, leaving, done, half].join("@");
}

/** Reads ranges such as `0-46w.7ps`, in base 36. */
function parse(text: string): SlotSet {
  const set: SlotSet = new Set();
  for (const range of text.split(".")) {
    const [first, last = first] = range.split("-").map((n) => parseInt(n, 36));
    for (let slot = first!; slot <= Math.min(last!, SLOTS - 1); slot++) {
      set.add(slot);
    }
  }
  return set;
}

function format(set: SlotSet): string {
  const ranges: string[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    if (!set.has(slot)) continue;
    const first = slot;
    while (set.has(slot + 1)) slot++;
    const start = first.toString(36);
    ranges.push(first === slot ? start : `${start}-${slot.toString(36)}`);
  }
  return ranges.join(".");
}
