/**
 * A part of the work with one client; `rivals.ts` runs it.
 *
 * It runs in its own process, so that the garbage and timers of one client (some set a
 * timer for each command) do not slow down another.
 *
 * @module
 */

import { CONTENDERS } from "./contenders.ts";
import { measureAll } from "./work.ts";

const [name = "", url = "", duration, warmUp, only = "", checkout = ""] =
  Deno.args;
const contender = await CONTENDERS[name]!(url, checkout);
const measured = await measureAll(
  contender,
  Number(duration),
  Number(warmUp),
  only,
);
// deno-lint-ignore no-console -- a program that prints
console.log(JSON.stringify(measured));
// The clients' timers would keep the process alive for seconds.
Deno.exit();
