/**
 * Which commands there are.
 */

import { deepEqual } from "node:assert/strict";
import { Member } from "./replication.ts";

Deno.test("COMMAND LIST has every command that redis-server has", async () => {
  await using real = await Member.real();
  await using ours = await Member.ours();
  const known = new Set(await ours.ask("COMMAND", "LIST") as string[]);
  const wanted = await real.ask("COMMAND", "LIST") as string[];
  deepEqual(wanted.filter((name) => !known.has(name)), []);
});
