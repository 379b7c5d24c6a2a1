/**
 * One client at some of the work, in a process of its own; run by `rivals.ts`.
 *
 * Its own process, as what a client leaves behind (some make a timer for each
 * command, which runs seconds later) is then paid for by nobody else.
 *
 * @module
 */

import { CONTENDERS } from "./contenders.ts";
import { measureAll } from "./work.ts";

const [name = "", url = "", duration, warmUp, only = ""] = Deno.args;
const contender = await CONTENDERS[name]!(url);
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
