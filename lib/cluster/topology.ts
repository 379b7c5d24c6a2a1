/**
 * Which node has which slots, as the cluster says.
 *
 * @see https://redis.io/docs/latest/commands/cluster-slots/
 * @module
 */

import { BatchError, ReplyError } from "../errors.ts";
import type { Reply } from "../resp/reply.ts";
import { SLOTS } from "./slots.ts";

/** Where a node listens. */
export interface Endpoint {
  /** Its name or address; IPv6 without brackets. */
  readonly hostname: string;
  /** Its port. */
  readonly port: number;
}

/** An endpoint as a key of maps. */
export function idOf({ hostname, port }: Endpoint): string {
  return `${hostname}:${port}`;
}

/** Who owns what. */
export class Topology {
  readonly #owners: (Endpoint | undefined)[] = new Array(SLOTS);
  /** The masters that own slots, in the order of their first ones. */
  readonly masters: Endpoint[] = [];

  /** The master of a slot, as far as is known. */
  ownerOf(slot: number): Endpoint | undefined {
    return this.#owners[slot];
  }

  /** A slot that a master has. */
  slotOf(owner: Endpoint): number {
    const id = idOf(owner);
    return this.#owners.findIndex((each) => each && idOf(each) === id);
  }

  /** Says who has the slots from `first` to `last`. */
  assign(first: number, last: number, owner: Endpoint): void {
    this.#owners.fill(owner, first, last + 1);
    const id = idOf(owner);
    if (!this.masters.some((master) => idOf(master) === id)) {
      this.masters.push(owner);
    }
  }
}

/**
 * Reads the reply of CLUSTER SLOTS; `null` when it says nothing of use. What has
 * no name is at the host that was `asked`; `map` says where it is from here.
 */
export function readTopology(
  reply: Reply,
  asked: Endpoint,
  map: (endpoint: Endpoint) => Endpoint,
): Topology | null {
  if (!Array.isArray(reply)) return null;
  const topology = new Topology();
  for (const range of reply) {
    if (!Array.isArray(range)) return null;
    const [first, last, master] = range;
    if (!Array.isArray(master)) return null;
    const hostname = hostOf(master[0], asked);
    if (hostname === undefined) continue;
    const owner = map({ hostname, port: Number(master[1]) });
    topology.assign(Number(first), Number(last), owner);
  }
  return topology.masters.length > 0 ? topology : null;
}

/** Where a command has to go instead. */
export interface Redirection {
  /** Whether it is so from now on, or for this command only. */
  readonly kind: "MOVED" | "ASK";
  /** The slot of its keys. */
  readonly slot: number;
  /** Who said to have it. */
  readonly endpoint: Endpoint;
}

/** Reads `MOVED 3999 127.0.0.1:6381`, which the node `asked` has answered. */
export function redirectionOf(
  error: ReplyError,
  asked: Endpoint,
): Redirection | undefined {
  const [, kind, slot, host, port] =
    /^(MOVED|ASK) (\d+) (.*):(\d+)$/.exec(error.reply) ?? [];
  const hostname = hostOf(host, asked);
  if (kind === undefined || hostname === undefined) return undefined;
  return {
    kind: kind as Redirection["kind"],
    slot: Number(slot),
    endpoint: { hostname, port: Number(port) },
  };
}

/** What the server answered, to a transaction as to a command. */
export function refusalIn(error: unknown): ReplyError | undefined {
  const refusal = error instanceof BatchError ? error.cause : error;
  return refusal instanceof ReplyError ? refusal : undefined;
}

/** Empty for the host that was asked, `?` for none. */
function hostOf(
  name: Reply | undefined,
  { hostname }: Endpoint,
): string | undefined {
  if (name === null || name === undefined || name === "") return hostname;
  return name === "?" ? undefined : String(name);
}
