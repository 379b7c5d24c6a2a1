/**
 * Which node has which slots.
 *
 * @module
 */

import type { Node } from "./node.ts";
import { SLOTS } from "./slots.ts";

/** A master with slots, and its replicas. */
export interface Shard {
  readonly master: Node;
  readonly replicas: readonly Node[];
  /** One of its slots. */
  slot: number;
}

/** The owners of all slots, as far as they are known. */
export class Topology {
  readonly #shardOf: (Shard | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly #shards = new Map<Node, Shard>();

  /** The masters with slots and their replicas. */
  get shards(): Shard[] {
    for (const [master, shard] of this.#shards) {
      if (this.#shardOf[shard.slot] === shard) continue;
      // That slot was given to another master.
      shard.slot = this.#shardOf.indexOf(shard);
      if (shard.slot < 0) this.#shards.delete(master);
    }
    return [...this.#shards.values()];
  }

  /** The shard that has a slot. */
  shardOf(slot: number): Shard | undefined {
    return this.#shardOf[slot];
  }

  /** How many slots each shard has. */
  get sizes(): Map<Shard, number> {
    const sizes = new Map<Shard, number>();
    for (const shard of this.#shardOf) {
      if (shard) sizes.set(shard, (sizes.get(shard) ?? 0) + 1);
    }
    return sizes;
  }

  /** The master of a slot. */
  ownerOf(slot: number): Node | undefined {
    return this.#shardOf[slot]?.master;
  }

  /** Whether every slot has the master that it has in `other`. */
  hasOwnersOf(other: Topology): boolean {
    return this.#shardOf.every((shard, slot) =>
      shard?.master === other.ownerOf(slot)
    );
  }

  /** Gives the slots from `first` to `last` to a master. */
  assign(
    first: number,
    last: number,
    master: Node,
    replicas: readonly Node[] = [],
  ): void {
    let shard = this.#shards.get(master);
    if (shard === undefined) {
      shard = { master, replicas, slot: first };
      this.#shards.set(master, shard);
    }
    this.#shardOf.fill(shard, first, last + 1);
  }

  /** Whether a node has slots, or a copy of some. */
  has(node: Node): boolean {
    return this.shards.some(({ master, replicas }) =>
      master === node || replicas.includes(node)
    );
  }
}
