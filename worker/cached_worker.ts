/**
 * The gateway as a Cloudflare Worker whose Durable Objects have a cache: where the
 * setting CACHE is to be used, `"main"` of `wrangler.jsonc` is this file. It is
 * `worker.ts` and some 21 KB more.
 *
 * @module
 */

import { CACHE_FAMILIES } from "./cache.ts";
import type { Gateway } from "./gateway.ts";
import { makeWorker } from "./worker.ts";

export { Hub } from "./cached_hub.ts";

/** The gateway on Cloudflare. */
const gateway: Gateway = makeWorker({
  cacheFamilies: CACHE_FAMILIES,
});

export default gateway;
