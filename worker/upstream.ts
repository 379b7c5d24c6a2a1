/**
 * Where a request gets its client: all that differs between the platforms.
 *
 * @module
 */

import { Client, type Dial, fromUrl } from "../lib/client/client.ts";
import { Refusal } from "./refusal.ts";

/** Runs `work` with a client for the server at `redisUrl`. */
export type Upstream = <T>(
  redisUrl: string,
  work: (client: Client) => Promise<T>,
) => Promise<T>;

/**
 * Makes a client as the gateway needs it; the URL's own options go first.
 *
 * It speaks RESP2: the shapes of its replies are the ones of the convention.
 * After `attempts` failed ones in a row to connect, who waits gets an error.
 */
export function makeClient(
  redisUrl: string,
  dial: Dial,
  attempts: number,
): Client {
  try {
    return new Client({
      connectAttempts: attempts,
      // Telling the library's name would cost a request of its own a round trip.
      info: false,
      ...fromUrl(redisUrl),
      protocol: 2,
      dial,
    });
  } catch (error) {
    // Says which rule the URL breaks, nothing secret of it.
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new Refusal(500, `ERR cannot use REDIS_URL: ${error.message}`);
    }
    throw error;
  }
}

/**
 * On Cloudflare a socket belongs to the request that opened it: each gets a
 * client of its own, closed at its end.
 *
 * @see https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
 */
export async function perRequest<T>(
  redisUrl: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  // By a literal that only Cloudflare follows: Deno cannot load that module.
  const { dial } = await import("./socket.ts");
  const client = makeClient(redisUrl, dial, 1);
  try {
    return await work(client);
  } finally {
    await client.close({ timeout: 0 });
  }
}

/** Where a process outlives its requests they all share one client. */
export function shared(client: Client): Upstream {
  return (_redisUrl, work) => work(client);
}
