/**
 * One client at part of the work; `rivals.ts` runs it.
 *
 * It runs in a process of its own, so that the garbage and timers of one client
 * (some make a timer for each command) do not slow down another.
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
// deno-lint-ignore no-console -- what this program is for
console.log(JSON.stringify(measured));
// Their timers would keep the process alive for seconds.
Deno.exit();
