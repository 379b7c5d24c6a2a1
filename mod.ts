/**
 * A Redis client in pure TypeScript, without dependencies.
 *
 * ```ts
 * import { connect } from "@respite/respite";
 *
 * await using redis = await connect("redis://localhost:6379");
 * await redis.set("greeting", "hello");
 * console.assert(await redis.get("greeting") === "hello");
 * ```
 *
 * @module
 */

export { connect, createPool } from "./lib/connect.ts";
export { dial } from "./lib/net/tcp.ts";
