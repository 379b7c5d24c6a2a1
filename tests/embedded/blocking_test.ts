/**
 * Blocking commands: the same script, run against the embedded server and a real one
 * by several sessions, gives every session the same bytes.
 */

import { deepEqual } from "node:assert/strict";
import { comparison } from "../support/compared_server.ts";
import { comparePlays, savedBy } from "./play.ts";

const SCRIPTS: Record<string, string[]> = {
  "clients are served in the order of their calls": [
    "a BLPOP k 0",
    "b BLPOP k 0",
    "c BRPOP k 0",
    "d RPUSH k 1 2 3 4",
    "d LRANGE k 0 -1",
  ],
  "one element serves one client": [
    "a BLPOP k 0",
    "b BLPOP k 0",
    "d RPUSH k 1",
    "d EXISTS k",
    "d RPUSH k 2",
  ],
  "an existing element is popped from the first key that has one": [
    "d RPUSH two 2",
    "d RPUSH three 3",
    "a BLPOP one two three 0",
    "a BRPOP one two three 0",
  ],
  "a client blocked on several keys is served once after pushes to two of them":
    [
      "a BLPOP one two 0",
      "d MULTI; RPUSH two 2; RPUSH one 1; EXEC",
      "d LLEN one; LLEN two",
    ],
  "pushes in MULTI are served after EXEC": [
    "a BLPOP k 0",
    "d MULTI; RPUSH k 1; LPUSH k 0; RPUSH k 2; EXEC",
    "d LRANGE k 0 -1",
  ],
  "an element that is popped again in the same EXEC is not served": [
    "a BLPOP k 0",
    "d MULTI; RPUSH k 1; LPOP k; EXEC",
    "d RPUSH k 2",
  ],
  "blocking commands reply at once in EXEC": [
    "d MULTI; BLPOP k 0; BLMOVE k l LEFT LEFT 0; BRPOPLPUSH k l 0; BLMPOP 0 1 k LEFT; EXEC",
  ],
  "BLMOVE serves a client that is blocked on its target": [
    "a BLMOVE one two LEFT RIGHT 0",
    "b BLMOVE two three RIGHT LEFT 0",
    "c BRPOPLPUSH three four 0",
    "e BLPOP four 0",
    "d RPUSH one 1 2",
    "d LRANGE one 0 -1; LRANGE two 0 -1; EXISTS three four",
  ],
  "BLMOVE of a list onto itself": [
    "a BLMOVE k k LEFT RIGHT 0",
    "d RPUSH k 1 2 3",
    "d LRANGE k 0 -1",
  ],
  "BLMOVE to a key of another type ends with an error and leaves the element": [
    "d SET target x",
    "a BLMOVE k target LEFT RIGHT 0",
    "b BLPOP k 0",
    "d RPUSH k 1",
    "d EXISTS k",
  ],
  "BLMPOP pops up to COUNT elements": [
    "a BLMPOP 0 2 one two RIGHT COUNT 2",
    "b BLMPOP 0 1 two LEFT COUNT 10",
    "d RPUSH two 1 2 3 4 5",
    "d EXISTS two",
  ],
  "a key of another type wakes no client that is blocked on a list": [
    "a BLPOP k 0",
    "d SET k x",
    "d DEL k",
    "d SADD k x",
    "d DEL k; RPUSH k 1",
  ],
  "a key of another type is refused at once": [
    "d SET s x",
    "a BLPOP none s 0",
    "a BLMOVE s k LEFT LEFT 0",
    "a BLMPOP 0 2 none s LEFT",
  ],
  "the reply after the timeout": [
    "a BLPOP k 0.01",
    "b BRPOP k 0.02",
    "c BLMOVE k l LEFT LEFT 0.01",
    "e BRPOPLPUSH k l 0.01",
    "f BLMPOP 0.01 1 k LEFT",
  ],
  "a client whose wait timed out gets nothing": [
    "a BLPOP k 0.01; PING over",
    "a PING",
  ],
  "a client that has left gets nothing": [
    "a BLPOP k 0",
    "b BLPOP k 0",
    "a !",
    "d RPUSH k 1",
    "d LLEN k",
  ],
  "commands sent while blocked are executed afterwards": [
    "a BLPOP k 0; RPUSH l x; BLPOP k 0; LLEN l",
    "d RPUSH k 1",
    "d LLEN l",
    "d RPUSH k 2",
  ],
  "a session may serve another and itself": [
    "a BLPOP one 0; RPUSH two 2; BLPOP one 0",
    "b BLPOP two 0; RPUSH one 3; BLPOP two 0",
    "d RPUSH one 1",
    "d RPUSH two 4",
  ],
  "a key twice, and two databases": [
    "a BLPOP k k 0",
    "b SELECT 1; BLPOP k 0",
    "d SELECT 1; RPUSH k other",
    "d SELECT 0; RPUSH k 1",
  ],
  "RENAME and COPY provide a list, too": [
    "a BLPOP k 0",
    "d RPUSH other 1",
    "d RENAME other k",
    "b BLPOP l 0",
    "d RPUSH other 2; COPY other l",
  ],
  "CLIENT UNBLOCK ends a wait, with an error or like a timeout": [
    "a BLPOP k 0; PING after",
    "b BLMOVE k l LEFT LEFT 0",
    "c BLPOP k 0",
    "d CLIENT UNBLOCK $a; CLIENT UNBLOCK $a",
    "d CLIENT UNBLOCK $b ERROR; CLIENT UNBLOCK 123456 ERROR",
    "d MULTI; RPUSH k 1; CLIENT UNBLOCK $c TIMEOUT; EXEC",
    "d LLEN k",
  ],
  "LINSERT, LMOVE and SORT STORE serve blocked clients": [
    "a BLPOP k 0",
    "d RPUSH other 3 1 2; LMOVE other k LEFT LEFT",
    "b BLPOP k 0",
    "d SORT other STORE k",
    "d LRANGE k 0 -1",
  ],
};

for (const protocol of [2, 3] as const) {
  comparison(
    `blocking commands reply as in Redis, RESP${protocol}`,
    (t) => comparePlays(t, protocol, SCRIPTS),
  );
}

Deno.test("a blocking command propagates as its non-blocking form", async () => {
  const saved = await savedBy([
    "a BLPOP k 0",
    "b BLMOVE k l LEFT RIGHT 0",
    "c BLMPOP 0 2 k l RIGHT COUNT 3",
    "d RPUSH k 1 2 3 4",
    "d RPUSH k 5",
    "d BRPOP k 0",
    "d BRPOPLPUSH l l 0",
    "d BLMPOP 0 1 l LEFT COUNT 10",
    "d BLPOP k 0.01",
  ]);
  deepEqual(saved, [
    "RPUSH k 1 2 3 4",
    "LPOP k",
    "LMOVE k l LEFT RIGHT",
    "RPOP k 2",
    "RPUSH k 5",
    "RPOP k",
    "LMOVE l l RIGHT LEFT",
    "LPOP l 1",
  ]);
});
