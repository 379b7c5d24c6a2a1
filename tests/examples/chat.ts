/**
 * A chat in the terminal: every process in the same room sees all messages.
 *
 * ```sh
 * deno run --allow-net --allow-env=REDIS_URL chat.ts lobby ada
 * deno run --allow-net --allow-env=REDIS_URL chat.ts lobby grace
 * ```
 *
 * Pub/sub keeps nothing: a process that joins later, or loses its connection
 * for a moment, misses messages, and reports the gap.
 *
 * @module
 */

// deno-lint-ignore-file no-console

import { connect } from "../../mod.ts";

const [room = "lobby", name = "somebody"] = Deno.args;

await using redis = await connect();
await using messages = await redis.subscribe(`chat:${room}`, { gaps: true });
console.log(`You are in ${room}`);

const printing = print();
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let rest = "";
for await (const text of lines) {
  const parts = (rest + text).split("\n");
  rest = parts.pop() ?? "";
  for (const line of parts) {
    await redis.publish(`chat:${room}`, `${name}: ${line}`);
  }
}
await messages.close(); // ends the loop below
await printing;

async function print(): Promise<void> {
  for await (const item of messages) {
    if ("message" in item) console.log(item.message);
    else console.log("(some messages were missed)");
  }
}
