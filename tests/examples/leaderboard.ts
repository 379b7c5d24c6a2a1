/**
 * A leaderboard: a sorted set keeps each player's best score in order.
 *
 * ```sh
 * deno run --allow-net --allow-env=REDIS_URL leaderboard.ts ada=120 grace=150
 * ```
 *
 * @module
 */

// deno-lint-ignore-file no-console

import { connect } from "../../mod.ts";

const BOARD = "scores";

await using redis = await connect();

for (const arg of Deno.args) {
  const [player = "", points] = arg.split("=");
  // "gt" keeps the best score: a lower one changes nothing.
  await redis.zadd(BOARD, { [player]: Number(points) }, { gt: true });
}

console.log("Top three");
const top = await redis.zrange(BOARD, 0, 2, { rev: true, withscores: true });
for (const [index, [player, score]] of top.entries()) {
  console.log(`${index + 1}. ${player} ${score}`);
}

const [lastArg = ""] = Deno.args.slice(-1);
const [player = ""] = lastArg.split("=");
const rank = await redis.zrevrank(BOARD, player);
if (rank !== null) {
  const from = Math.max(0, rank - 1);
  const near = await redis.zrange(BOARD, from, rank + 1, { rev: true });
  console.log(`${player} is number ${rank + 1}, among ${near.join(", ")}`);
}
