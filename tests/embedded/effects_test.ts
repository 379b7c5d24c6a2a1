import { deepEqual } from "node:assert/strict";
import { Core } from "../../lib/embedded/core.ts";
import type { Effect } from "../../lib/embedded/model/effect.ts";
import { makePipe } from "../../lib/embedded/base/pipe.ts";
import { Player } from "./player.ts";

const AT = "33177117420000";

/** Runs lines on an empty server; returns the commands for files and replicas. */
async function effectsOf(...lines: string[]): Promise<string[]> {
  const core = new Core();
  const effects: Effect[] = [];
  core.effects.sinks.add((some) => effects.push(...some));
  const [ours, theirs] = makePipe();
  const served = core.sessions.serve(ours);
  {
    using player = new Player(theirs);
    await player.send(...lines);
    await player.settled();
  }
  await served;
  core.close();
  // Times that depend on the current time are masked.
  return effects.map(({ db, args }) =>
    `${db} ${args.join(" ").replace(/\b1[6-9]\d{11}\b|\b2\d{12}\b/, "TIME")}`
  );
}

Deno.test("a command that changes nothing does not propagate", async () => {
  deepEqual(
    await effectsOf(
      "GET a",
      "DEL a",
      "EXPIRE a 10",
      "SET a 1 XX",
      "GETEX a",
      "INCRBY a x",
      "SETRANGE a 0 ''",
      "RENAME a b",
      "PERSIST a",
      "SORT a STORE b",
    ),
    [],
  );
});

// The expected commands are those in the append-only file of redis-server 7.0.
Deno.test("relative times propagate as absolute times", async () => {
  deepEqual(
    await effectsOf(
      "SET a 1 EX 100",
      "SETEX a 100 2",
      "PSETEX a 100000 3",
      `SET a 4 NX GET PXAT ${AT}`,
      "EXPIRE a 100",
      `PEXPIREAT a ${AT}`,
      "GETEX a EX 100",
      "GETEX a PERSIST",
      "EXPIRE a -1",
    ),
    [
      "0 SET a 1 PXAT TIME",
      "0 SET a 2 PXAT TIME",
      "0 SET a 3 PXAT TIME",
      "0 PEXPIREAT a TIME",
      `0 PEXPIREAT a ${AT}`,
      "0 PEXPIREAT a TIME",
      "0 PERSIST a",
      "0 DEL a",
    ],
  );
});

Deno.test("commands that depend on the state propagate as their results", async () => {
  deepEqual(
    await effectsOf(
      "SET a 1 NX GET",
      "GETSET a 2",
      "INCRBYFLOAT a 1.5",
      "GETDEL a",
      "SELECT 3",
      "RPUSH l 2 1",
      "SORT l STORE m",
      "MOVE m 4",
      "SETBIT b 7 1",
      "SETBIT b 7 1",
    ),
    [
      "0 SET a 1",
      "0 SET a 2",
      "0 SET a 3.5 KEEPTTL",
      "0 DEL a",
      "3 RPUSH l 2 1",
      "3 SORT l STORE m",
      "3 MOVE m 4",
      "3 SETBIT b 7 1",
    ],
  );
});

Deno.test("an expired key propagates as a deletion", async () => {
  deepEqual(
    (await effectsOf("SET a 1 PX 1", "DEBUG SLEEP 0.01", "GET a")).slice(-1),
    ["0 DEL a"],
  );
});

Deno.test("commands of Redis 8 propagate as commands of Redis 7", async () => {
  deepEqual(
    await effectsOf(
      "SET a 1",
      "SET a 2 IFEQ 1",
      "SET a 3 IFEQ 1",
      "MSETEX 2 a 4 b 5 PXAT " + AT,
      "DELEX a IFNE 5",
      "DELEX b IFNE 5",
      "XADD s 1-0 f v",
      "XADD s 2-0 f v",
      "XGROUP CREATE s g 0",
      "XDELEX s IDS 2 1-0 9-0",
      "XADD s KEEPREF 3-0 f v",
      "XREADGROUP GROUP g c COUNT 1 CLAIM 0 STREAMS s >",
      "XTRIM s MAXLEN ~ 100 KEEPREF",
      "XTRIM s MAXLEN 1 DELREF",
      "XADD s ACKED MAXLEN = 1 4-0 f v",
      "XADD s NOMKSTREAM MINID ~ 4 LIMIT 200 DELREF 5-0 f v",
      "BITOP DIFF d b none",
    ),
    [
      "0 SET a 1",
      "0 SET a 2",
      `0 SET a 4 PXAT ${AT}`,
      `0 SET b 5 PXAT ${AT}`,
      "0 DEL a",
      "0 XADD s 1-0 f v",
      "0 XADD s 2-0 f v",
      "0 XGROUP CREATE s g 0",
      "0 XDEL s 1-0",
      "0 XADD s 3-0 f v",
      "0 XGROUP CREATECONSUMER s g c",
      "0 XCLAIM s g c 0 2-0 TIME TIME RETRYCOUNT 1 FORCE JUSTID LASTID 2-0",
      "0 XACK s g 2-0",
      "0 XDEL s 2-0",
      "0 XADD s 4-0 f v",
      "0 XADD s NOMKSTREAM 5-0 f v",
      "0 XDEL s 3-0",
      "0 SET d 5",
    ],
  );
});

Deno.test("what only Redis 8.6 knows of streams is saved as it is", async () => {
  deepEqual(
    await effectsOf(
      "XADD s 1-0 f v",
      "XIDMPRECORD s p m 1-0",
      "XIDMPRECORD s p m 1-0",
      "XADD s IDMP p n * f w",
      "XADD s IDMP p n * f w",
      "XCFGSET s IDMP-MAXSIZE 5",
      "XCFGSET s IDMP-MAXSIZE 5",
    ),
    [
      "0 XADD s 1-0 f v",
      "0 XIDMPRECORD s p m 1-0",
      "0 XADD s IDMP p n TIME-0 f w",
      "0 XCFGSET s IDMP-MAXSIZE 5",
    ],
  );
});
