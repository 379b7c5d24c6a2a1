/**
 * The gateway as a Durable Object: its clients outlive requests.
 *
 * On Cloudflare a socket belongs to the request that opened it, but all requests
 * to one object share what is its own. So the requests of many are pipelined
 * into one socket, and streams share subscriptions. Which object a request goes
 * to, and who may ask, the Worker decides before.
 *
 * An object that nobody uses has no timer and no socket, so that it can sleep;
 * when it is called again it connects again.
 *
 * @see https://developers.cloudflare.com/durable-objects/
 * @module
 */

import type { Env } from "./env.ts";
import { type Gateway, makeGateway } from "./gateway.ts";
import { Refusal } from "./refusal.ts";
import { dial, upgrade } from "./socket.ts";
import { Clients } from "./upstream.ts";

/** What is used of the binding to a class of Durable Objects. */
export interface HubBinding {
  /** The id of the object with this name. */
  idFromName(name: string): unknown;
  /** The object, which is made where it is not there yet. */
  get(
    id: unknown,
    options?: { locationHint?: string },
  ): { fetch(request: Request): Promise<Response> };
}

/** Unused connections are closed after so long, in milliseconds: an object sleeps after 10 s. */
const IDLE = 5_000;
/**
 * Cloudflare lets a request have six sockets open: these, one that commands
 * share, one for subscriptions.
 */
const POOL = 4;

/** The Durable Object. */
export class Hub {
  readonly #env: Env;
  readonly #gateway: Gateway;

  /** Called by Cloudflare, with the bindings of the Worker. */
  constructor(_state: unknown, env: Env) {
    // The object itself has no hub to ask.
    const { HUB: _, ...own } = env;
    this.#env = own;
    const clients = new Clients({ dial, poolSize: POOL, idle: IDLE });
    const { engine, upstream } = clients;
    this.#gateway = makeGateway({ engine, upstream, upgrade });
  }

  /** Answers what the Worker passes on. */
  fetch(request: Request): Promise<Response> {
    return this.#gateway.fetch(request, this.#env);
  }
}

/** Has one of the objects for a server answer, where there are any. */
export function askHub(
  request: Request,
  redisUrl: string,
  env: Env = {},
): Promise<Response> | undefined {
  const { HUB, SHARDS = "1", LOCATION } = env;
  if (HUB === undefined) return undefined;
  const shard = Math.floor(Math.random() * (Number(SHARDS) || 1));
  // Shown in Cloudflare's dashboard: so without the user and the password.
  const { protocol, host, pathname } = new URL(redisUrl);
  const id = HUB.idFromName(`${protocol}//${host}${pathname}#${shard}`);
  const object = HUB.get(id, LOCATION ? { locationHint: LOCATION } : {});
  return object.fetch(request).catch(() => {
    // It was moved, replaced or overloaded. Nothing says how far it had come.
    throw new Refusal(
      503,
      "ERR the gateway's hub was lost: the command may have been executed",
      { "retry-after": "1" },
    );
  });
}
