/**
 * Pub/sub and keyspace notifications: every session receives the same bytes as from
 * Redis.
 */

import { comparison } from "../support/compared_server.ts";
import { comparePlays } from "./play.ts";

const SCRIPTS: Record<string, string[]> = {
  "a message reaches channels and patterns": [
    "a SUBSCRIBE c d; PSUBSCRIBE c* d?",
    "b PUBLISH c 1; PUBLISH d 2; PUBLISH e 3; PUBLISH cc 4; PUBLISH none 5",
    "b PUBSUB CHANNELS c*; PUBSUB NUMSUB c x; PUBSUB NUMPAT",
    "a UNSUBSCRIBE d; PUNSUBSCRIBE x; PUNSUBSCRIBE c*",
    "b PUBLISH c 6; PUBLISH d 7; PUBSUB NUMSUB c d; PUBSUB NUMPAT",
  ],
  "a second subscription to the same channel changes nothing": [
    "a SUBSCRIBE c c; SUBSCRIBE c",
    "b PUBLISH c 1",
    "a UNSUBSCRIBE c; UNSUBSCRIBE c; UNSUBSCRIBE; PUNSUBSCRIBE; SUNSUBSCRIBE",
    "b PUBLISH c 2",
  ],
  "shard channels have their own namespace": [
    "a SSUBSCRIBE c",
    "b SPUBLISH c 1; PUBLISH c 2; PUBSUB SHARDCHANNELS; PUBSUB SHARDNUMSUB c d; PUBSUB CHANNELS",
    "a SUNSUBSCRIBE c",
    "b SPUBLISH c 3",
  ],
  "patterns have classes, ranges and escapes": [
    "a PSUBSCRIBE h[ae]llo h[^x]y h[a-c] \\\\* [x",
    "b PUBLISH hallo 1; PUBLISH hillo 2; PUBLISH hxy 3; PUBLISH hay 4; PUBLISH hb 5; PUBLISH * 6; PUBLISH z 7; PUBLISH x 8",
  ],
  "a subscribed client": [
    "a SUBSCRIBE c; GET k; PING; PING hello; CLIENT INFOO",
    "a UNSUBSCRIBE; GET k; PING",
    "a SUBSCRIBE c; RESET; GET k",
  ],
  "messages of EXEC arrive in order": [
    "a SUBSCRIBE c",
    "b MULTI; PUBLISH c 1; PUBLISH c 2; EXEC",
  ],
  "a closed session receives nothing": [
    "a SUBSCRIBE c",
    "a !",
    "b PUBLISH c 1; PUBSUB CHANNELS",
  ],
  "notifications by key and by event": [
    "b CONFIG SET notify-keyspace-events KEA",
    "a PSUBSCRIBE __key*__:*",
    "b SET k 1; INCR k; APPEND k x; DEL k; EXPIRE k 10",
    "b RPUSH l 1 2; LPOP l; LPOP l; SADD s a; SREM s a; HSET h f v; HDEL h f",
    "b ZADD z 1 a; ZREM z a; SETEX e 10 v; PERSIST e; RENAME e f; COPY f g",
    "b SELECT 3; SET k 1; FLUSHDB",
    "b CONFIG SET notify-keyspace-events Kg$; SELECT 0; SET k 1; DEL k; RPUSH l 1",
    "b CONFIG SET notify-keyspace-events En; SET new 1; SET new 2; LPUSH l 1",
    "b CONFIG SET notify-keyspace-events ''",
    "b SET k 1",
  ],
};

for (const protocol of [2, 3] as const) {
  comparison(
    `publishing and subscribing, RESP${protocol}`,
    (t) => comparePlays(t, protocol, SCRIPTS),
  );
}

/** Only in RESP3: a subscribed RESP2 client may run few commands. */
comparison("a subscriber runs commands, RESP3", (t) =>
  comparePlays(t, 3, {
    "its own message precedes the reply": [
      "a SUBSCRIBE c; PUBLISH c 1; GET k; PUBLISH c 2",
    ],
    "it may execute any command": [
      "a SUBSCRIBE c; SET k v; GET k; MULTI; GET k; EXEC; PING; PING x",
    ],
  }));
