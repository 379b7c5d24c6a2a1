/**
 * What statistics and the slow log tell of commands that are timed together.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { Asker } from "./asker.ts";

/** The calls and microseconds of a command in INFO. */
async function statsOf(asker: Asker, name: string): Promise<number[]> {
  const info = String(await asker.ask("INFO", "commandstats"));
  const line = new RegExp(`cmdstat_${name}:calls=(\\d+),usec=(\\d+)`)
    .exec(info);
  return line === null ? [] : line.slice(1).map(Number);
}

Deno.test("every command of a pipeline counts, with the time it took", async () => {
  await using server = await EmbeddedServer.create();
  using asker = await Asker.within(server);
  const pipeline = Array.from({ length: 1000 }, (_, i) => ["SET", i, i]);
  await asker.all([
    ...pipeline,
    ...Array.from({ length: 37 }, () => ["GET", "k"]),
    ["MULTI"],
    ...Array.from({ length: 5 }, () => ["INCR", "n"]),
    ["EXEC"],
    ["EVAL", "for _ = 1, 20 do redis.call('INCR', 'n') end", 0],
    ["GET", "k"],
  ]);
  const [calls, usec] = await statsOf(asker, "set");
  equal(calls, 1000);
  ok(usec! > 0);
  equal((await statsOf(asker, "get"))[0], 38);
  equal((await statsOf(asker, "incr"))[0], 25);
  equal((await statsOf(asker, "eval"))[0], 1);
  const histogram = JSON.stringify(
    await asker.ask("LATENCY", "HISTOGRAM", "set"),
  );
  match(histogram, /"set",\["calls",1000,/);
});

Deno.test("the slow log has each command when it keeps short ones", async () => {
  await using server = await EmbeddedServer.create();
  using asker = await Asker.within(server);
  await asker.all([
    ["CONFIG", "SET", "slowlog-log-slower-than", 0],
    ["SLOWLOG", "RESET"],
    ["SET", "a", 1],
    ["SET", "b", 2],
    ["SET", "c", 3],
  ]);
  const entries = await asker.ask("SLOWLOG", "GET", 3) as string[][];
  deepEqual(entries.map((entry) => entry[3]), [
    ["SET", "c", "3"],
    ["SET", "b", "2"],
    ["SET", "a", "1"],
  ]);
});
