/**
 * Addresses of nodes, as the cluster gives them.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
 * @module
 */

import { BatchError, ReplyError } from "../errors.ts";
import type { Reply } from "../resp/reply.ts";

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

/** Where a node listens, and the id that other nodes know it by. */
export interface NamedEndpoint extends Endpoint {
  readonly nodeId: string;
}

/** Slots that follow each other and are on the same nodes. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly master: NamedEndpoint;
  readonly replicas: readonly NamedEndpoint[];
}

/**
 * Reads the reply of CLUSTER SLOTS; `null` when it names no master. A node without
 * a name is on the host that was `asked`.
 *
 * @see https://redis.io/docs/latest/commands/cluster-slots/
 */
export function readSlots(reply: Reply, asked: Endpoint): SlotRange[] | null {
  if (!Array.isArray(reply)) return null;
  const ranges: SlotRange[] = [];
  for (const range of reply) {
    if (!Array.isArray(range)) return null;
    const [first, last, ...nodes] = range;
    const [master, ...replicas] = nodes.map((node) => readNode(node, asked));
    if (!master) continue;
    ranges.push({
      first: Number(first),
      last: Number(last),
      master,
      replicas: replicas.filter((replica) => replica !== undefined),
    });
  }
  return ranges.length > 0 ? ranges : null;
}

/** Reads `[host, port, id, [metadata]]`. */
function readNode(node: Reply, asked: Endpoint): NamedEndpoint | undefined {
  if (!Array.isArray(node)) return undefined;
  const hostname = hostOf(node[0], asked);
  return hostname === undefined
    ? undefined
    : { hostname, port: Number(node[1]), nodeId: String(node[2]) };
}

/** Which node has the slot of a command instead. */
export interface Redirection {
  /** From now on, or for this command only. */
  readonly kind: "MOVED" | "ASK";
  readonly slot: number;
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

/** The server's error in the answer of a command or of a transaction. */
export function refusalIn(error: unknown): ReplyError | undefined {
  const refusal = error instanceof BatchError ? error.cause : error;
  return refusal instanceof ReplyError ? refusal : undefined;
}

/** A host is empty where it is the one that was asked, and `?` where it is not known. */
function hostOf(
  name: Reply | undefined,
  { hostname }: Endpoint,
): string | undefined {
  if (name === null || name === undefined || name === "") return hostname;
  return name === "?" ? undefined : String(name);
}
