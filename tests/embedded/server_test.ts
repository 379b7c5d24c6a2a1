/**
 * Commands about the server as a whole, and the server as a resource.
 */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { connect } from "../../lib/connect.ts";
import { dial } from "../../lib/net/tcp.ts";
import { toBinary } from "../../lib/resp/binary.ts";
import { comparison } from "../support/compared_server.ts";
import { Asker } from "./asker.ts";
import { compare } from "./differential.ts";
import { SERVER_FAMILY, TRANSACTION_FAMILY } from "./families/server.ts";
import { comparePlays } from "./play.ts";
import { Member } from "./replication.ts";

for (const family of [SERVER_FAMILY, TRANSACTION_FAMILY]) {
  for (const protocol of [2, 3] as const) {
    comparison(
      `${family.name}: every reply is Redis's, RESP${protocol}`,
      () =>
        compare(family, {
          seed: 4000 * protocol,
          sequences: 40,
          commands: 80,
          protocol,
        }),
    );
  }
}

const SCRIPTS: Record<string, string[]> = {
  "EXEC is refused when another session changed a watched key": [
    "a SET k 1; WATCH k; MULTI; INCR k",
    "b INCR k",
    "a EXEC; GET k",
  ],
  "EXEC is refused when a watched key was flushed, and not when it was never there":
    [
      "a SET k 1; WATCH k; MULTI; PING",
      "b FLUSHALL",
      "a EXEC; WATCH gone; MULTI; PING",
      "b FLUSHALL",
      "a EXEC",
    ],
  "a key watched in another database stays watched": [
    "a SELECT 1; WATCH k; SELECT 0; MULTI; PING",
    "b SET k v",
    "b SELECT 1; SET k v",
    "a EXEC",
  ],
  "a deleted and an unwatched key": [
    "a SET k 1; WATCH k; MULTI; PING",
    "b DEL k",
    "a EXEC; SET k 1; WATCH k; UNWATCH",
    "b DEL k",
    "a MULTI; PING; EXEC",
  ],
  "CLIENT REPLY suppresses replies": [
    "a CLIENT REPLY SKIP; PING 1; PING 2",
    "a CLIENT REPLY OFF; PING 3; GET; CLIENT REPLY SKIP; PING 4; CLIENT REPLY ON; PING 5",
    "a CLIENT REPLY SKIP; GET; PING 6",
    "a CLIENT REPLY SKIP; MULTI; PING 7; EXEC",
  ],
  "CLIENT PAUSE WRITE holds writes back, including those in EXEC": [
    "b CLIENT PAUSE 100000 WRITE",
    "a GET k; SET k v; GET k",
    "c MULTI; SET l v; GET l; EXEC; GET l",
    "d MULTI; GET k; EXEC; PUBLISH c m; PING",
    "b GET k; GET l; CLIENT UNPAUSE; PING",
    "b MGET k l",
  ],
  "CLIENT KILL and CLIENT UNBLOCK": [
    "a BLPOP k 0",
    "b BLPOP k 0",
    "c CLIENT UNBLOCK $a; CLIENT UNBLOCK $b ERROR; CLIENT UNBLOCK $b",
    "c CLIENT KILL ID $b; CLIENT KILL ID $c SKIPME YES; CLIENT KILL ID $b",
    "b !",
    "a PING",
  ],
  "CLIENT TRACKING invalidates keys that were read": [
    "a CLIENT TRACKING ON; GET k",
    "b SET k 1; SET k 2",
    "a GET k; MGET k l",
    "b DEL k; SET l 1",
    "a SET k v; GET k; SET k w",
    "a CLIENT TRACKING OFF; GET k",
    "b SET k 3",
  ],
  "CLIENT TRACKING ON BCAST invalidates keys with the prefixes": [
    "a CLIENT TRACKING ON BCAST PREFIX k PREFIX l NOLOOP",
    "b MSET k1 1 l1 1 m1 1",
    "a SET k2 2",
    "b MULTI; SET k1 1; SET l2 1; EXEC",
  ],
  "CLIENT TRACKING ON OPTIN and OPTOUT": [
    "a CLIENT TRACKING ON OPTIN; GET k; CLIENT CACHING YES; GET l; GET m",
    "b MSET k 1 l 1 m 1",
    "a CLIENT TRACKING OFF; CLIENT TRACKING ON OPTOUT; CLIENT CACHING NO; GET k; GET l",
    "b MSET k 1 l 1 m 1",
  ],
  "CLIENT TRACKING reports a flush once, and SWAPDB not at all": [
    "a CLIENT TRACKING ON; SET k 1; GET k; SET l 1; GET l",
    "b SWAPDB 0 1; SWAPDB 0 1",
    "b FLUSHALL",
    "a SET k 1; GET k; FLUSHDB; GET k",
    "b SELECT 3; SET k 1; FLUSHDB",
    "c CLIENT TRACKING ON BCAST NOLOOP; SET k 2; FLUSHALL; PING",
  ],
  "CLIENT TRACKING with BCAST and NOLOOP reports changes of other clients": [
    "c CLIENT TRACKING ON BCAST NOLOOP; SET k 2; PING",
    "b SET k 1",
  ],
  "CLIENT REPLY OFF and SKIP do not suppress confirmations of subscriptions": [
    "a CLIENT REPLY SKIP; SUBSCRIBE c d; PING",
    "a UNSUBSCRIBE c; PUNSUBSCRIBE; UNSUBSCRIBE; PING",
    "b CLIENT REPLY SKIP; SSUBSCRIBE s; PING 2",
    "c MULTI; SUBSCRIBE c; SUBSCRIBE d; EXEC",
    "d CLIENT REPLY OFF; SUBSCRIBE e; UNSUBSCRIBE; CLIENT REPLY ON; PING d",
  ],
  "CLIENT TRACKINGINFO shows the options": [
    "a CLIENT TRACKINGINFO; CLIENT TRACKING ON; CLIENT TRACKINGINFO",
    "a CLIENT TRACKING OFF; CLIENT TRACKING ON BCAST PREFIX a PREFIX b NOLOOP; CLIENT TRACKINGINFO",
    "b CLIENT TRACKING ON OPTIN; CLIENT CACHING YES; CLIENT TRACKINGINFO; CLIENT TRACKINGINFO",
    "b CLIENT TRACKING OFF; CLIENT TRACKING ON OPTOUT; CLIENT CACHING NO; CLIENT TRACKINGINFO",
    "b CLIENT TRACKING OFF; CLIENT TRACKINGINFO; CLIENT GETREDIR",
  ],
  "BITFIELD saturates at the ends of 64 bits": [
    "a BITFIELD b SET i64 0 9223372036854775807 OVERFLOW SAT INCRBY i64 0 1 INCRBY i64 0 9223372036854775807 GET i64 0",
    "a BITFIELD b SET i64 0 -9223372036854775808 OVERFLOW SAT INCRBY i64 0 -1 INCRBY i64 0 -9223372036854775808 GET i64 0",
    "a BITFIELD b SET u63 0 9223372036854775807 OVERFLOW SAT INCRBY u63 0 1 INCRBY u63 0 -9223372036854775808",
    "a BITFIELD b SET i64 0 9223372036854775807 OVERFLOW FAIL INCRBY i64 0 1 INCRBY i64 0 9223372036854775807 OVERFLOW WRAP INCRBY i64 0 9223372036854775807",
    "a BITFIELD b OVERFLOW SAT SET u8 0 -1 SET u8 0 300 SET i8 0 -300 SET i64 64 9223372036854775807 INCRBY i8 0 9223372036854775807 INCRBY i8 0 -9223372036854775808",
    "a BITFIELD b OVERFLOW FAIL SET u8 0 -1 SET i8 0 300 SET u63 0 -1 INCRBY u8 0 -9223372036854775808",
    "a BITFIELD b OVERFLOW WRAP SET u8 0 -1 SET i8 0 300 SET u63 0 -1 INCRBY u63 0 9223372036854775807",
  ],
  "ZINCRBY treats the options of ZADD as Redis does": [
    "a ZADD z 1 a; ZINCRBY z NX 5; ZINCRBY z XX 1 a; ZINCRBY z nan a; ZINCRBY z 1",
    "a ZINCRBY z inf a; ZINCRBY z -inf a; ZINCRBY z 1 a b; ZINCRBY z NX 1 b; ZINCRBY z INCR 1 c; ZINCRBY z CH 1 c",
    "a ZINCRBY z GT 1 a; ZINCRBY z LT 1 a; ZINCRBY z XX 2 nobody; ZRANGE z 0 -1 WITHSCORES",
    "a ZADD z INCR 1 a 2 b; ZADD z NX INCR 1 a; ZADD z GT INCR -5 a; ZADD z XX INCR 1 no",
  ],
  "XGROUP DESTROY deletes the pending entries of the group": [
    "a XADD s 1-1 f v; XADD s 2-1 f v; XGROUP CREATE s g 0; XREADGROUP GROUP g c COUNT 1 STREAMS s >",
    "a XGROUP DESTROY s g; XGROUP DESTROY s g; XINFO STREAM s FULL; XINFO GROUPS s; XGROUP DESTROY no g",
    "a XGROUP CREATE s g $ ENTRIESREAD 1; XINFO GROUPS s; CONFIG RESETSTAT",
    "a XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b XGROUP DESTROY s g",
    "b INFO errorstats",
    "b XGROUP HELP; INFO nothing",
  ],
  "encodings follow their limits": [
    "a CONFIG SET hash-max-listpack-entries 3 hash-max-listpack-value 5 zset-max-ziplist-entries 3 zset-max-ziplist-value 5 set-max-intset-entries 3",
    "a HSET h 1 1 2 2 3 3; OBJECT ENCODING h; HSET h 4 4; OBJECT ENCODING h; HDEL h 4; OBJECT ENCODING h",
    "a HSET h2 f 12345; OBJECT ENCODING h2; HSET h2 f 123456; OBJECT ENCODING h2",
    "a ZADD z 1 a 2 b 3 c; OBJECT ENCODING z; ZADD z 4 d; OBJECT ENCODING z; ZADD z2 1 123456; OBJECT ENCODING z2",
    "a SADD s 1 2 3; OBJECT ENCODING s; SADD s 4; OBJECT ENCODING s; SADD s2 a; OBJECT ENCODING s2",
    "a CONFIG SET hash-max-listpack-entries 0 zset-max-ziplist-entries 0 set-max-intset-entries 0",
    "a HSET h3 f v; OBJECT ENCODING h3; ZADD z3 1 a; OBJECT ENCODING z3; SADD s3 1; OBJECT ENCODING s3",
    "a CONFIG GET hash-max-ziplist-entries; CONFIG GET zset-max-listpack-entries",
    "a CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64 zset-max-ziplist-entries 128 zset-max-ziplist-value 64 set-max-intset-entries 512",
  ],
  "streams are trimmed by nodes as large as their limits": [
    "a CONFIG SET stream-node-max-entries 5",
    `a ${
      Array.from({ length: 23 }, (_, i) => `XADD s 1-${i + 1} f v`).join("; ")
    }`,
    "a XTRIM s MAXLEN ~ 12; XLEN s; XTRIM s MAXLEN = 9; XLEN s; XTRIM s MAXLEN ~ 0 LIMIT 5; XLEN s",
    "a CONFIG SET stream-node-max-entries 0 stream-node-max-bytes 60",
    `a ${
      Array.from({ length: 23 }, (_, i) => `XADD t 1-${i + 1} f v`).join("; ")
    }`,
    "a XTRIM t MAXLEN ~ 12; XLEN t; CONFIG SET stream-node-max-entries 100 stream-node-max-bytes 4096",
  ],
  "proto-max-bulk-len limits the growth of strings": [
    "a CONFIG SET proto-max-bulk-len 1048576; SETRANGE k 1048575 a; SETRANGE k 1048576 a; APPEND k a; STRLEN k",
    "a SETBIT b 8388607 1; SETBIT b 8388608 1; BITFIELD b SET u8 8388608 1; GETBIT b 8388608; CONFIG SET proto-max-bulk-len 536870912",
  ],
  "invalid settings": [
    "a CONFIG SET active-expire-effort 0; CONFIG SET active-expire-effort 10; CONFIG SET active-expire-effort 1; CONFIG SET hz 100; CONFIG SET hz 10",
  ],
  "SLOWLOG shows the newest entry first": [
    "a CONFIG SET slowlog-log-slower-than 0; SLOWLOG RESET; CONFIG SET slowlog-max-len 3; SET k 1; GET k",
    "a SLOWLOG LEN; CONFIG SET slowlog-log-slower-than -1; SLOWLOG LEN; CONFIG SET slowlog-max-len 128 slowlog-log-slower-than 10000",
  ],
  "DEBUG SLEEP replies at its end": ["a DEBUG SLEEP 0.02; PING"],
};

for (const protocol of [2, 3] as const) {
  comparison(
    `sessions that act on each other, RESP${protocol}`,
    (t) => comparePlays(t, protocol, SCRIPTS),
  );
}

// Like Redis, the flag is set by the first lost message, not by the loss of its receiver.
Deno.test("CLIENT TRACKINGINFO reports a broken redirection once a message was lost", async () => {
  await using server = await EmbeddedServer.create();
  using asker = await Asker.within(server);
  {
    using receiver = await Asker.within(server);
    const id = await receiver.ask("CLIENT", "ID") as number;
    await asker.ask("CLIENT", "TRACKING", "ON", "REDIRECT", id);
    await asker.ask("GET", "k");
  }
  using other = await Asker.within(server);
  const flags = async () =>
    (await asker.ask("CLIENT", "TRACKINGINFO") as string[])[1];
  deepEqual(await flags(), ["on"]);
  await other.ask("SET", "k", 1);
  deepEqual(await flags(), ["on", "broken_redirect"]);
});

Deno.test("MONITOR shows exact commands, without passwords", async () => {
  await using server = await EmbeddedServer.create();
  using monitor = await Asker.within(server);
  using asker = await Asker.within(server);
  await monitor.ask("MONITOR");
  await asker.ask("SELECT", "3");
  await asker.ask("AUTH", "default", "s3cret");
  await asker.ask("SET", "a", 'b\0\n\xff"\\');
  await asker.ask("CONFIG", "GET", "port");
  await asker.ask("HELLO", "2", "AUTH", "default", "s3cret");
  const lines = [
    '"SELECT" "3"',
    '"AUTH" "(redacted)" "(redacted)"',
    String.raw`"SET" "a" "b\x00\n\xff\"\\"`,
    '"HELLO" "2" "AUTH" "(redacted)" "(redacted)"',
  ];
  for (const line of lines) {
    const said = await monitor.next();
    match(String(said), /^\d+\.\d{6} \[3 127\.0\.0\.1:0\] /);
    equal(String(said).replace(/^.*?\] /, ""), line);
  }
});

Deno.test("close() runs once, closes the connections and frees the port", async () => {
  const server = await EmbeddedServer.listen({ port: 0 });
  const { port } = server;
  using transport = await dial(
    { hostname: "127.0.0.1", port },
    AbortSignal.timeout(5000),
  );
  await Promise.all([server.close(), server.close(), server.closed]);
  equal(await transport.read(new Uint8Array(8)), null);
  await rejects(
    dial({ hostname: "127.0.0.1", port }, AbortSignal.timeout(5000)),
  );
});

Deno.test("SHUTDOWN closes the server", async () => {
  await using server = await EmbeddedServer.listen({ port: 0 });
  using transport = await dial(
    { hostname: "127.0.0.1", port: server.port },
    AbortSignal.timeout(5000),
  );
  await transport.write([new TextEncoder().encode("SHUTDOWN NOSAVE\r\n")]);
  await server.closed;
});

Deno.test("after SHUTDOWN, dial refuses and says that the server was closed", async () => {
  await using server = await EmbeddedServer.create();
  const { dial } = server;
  {
    using asker = await Asker.within(server);
    await rejects(asker.ask("SHUTDOWN", "NOSAVE"));
  }
  const closed = {
    name: "ConnectionError",
    message:
      "Cannot connect to the embedded server as it was closed: make another one",
  };
  await rejects(connect({ dial }), closed);
  await server.closed;
  await rejects(connect({ dial }), closed);
});

/** What the server answers to bytes that it gets at once, until it closes or `end` is there. */
async function answerTo(
  server: EmbeddedServer,
  sent: string,
  end?: string,
): Promise<string> {
  using transport = await server.dial(
    { hostname: "", port: 0 },
    AbortSignal.timeout(5000),
  );
  await transport.write([new TextEncoder().encode(sent)]);
  let text = "";
  const into = new Uint8Array(1024);
  while (end === undefined || !text.endsWith(end)) {
    const size = await transport.read(into);
    if (size === null) break;
    text += toBinary(into, 0, size);
  }
  return text;
}

Deno.test("commands before a protocol error are executed", async () => {
  await using server = await EmbeddedServer.create();
  equal(
    await answerTo(server, "SET a 1\r\nINCR a\r\n*1\r\n$-5\r\nINCR a\r\n"),
    "+OK\r\n:2\r\n-ERR Protocol error: invalid bulk length\r\n",
  );
  equal(await answerTo(server, "GET a\r\n", "2\r\n"), "$1\r\n2\r\n");
});

Deno.test("a long command may follow AUTH at once", async () => {
  await using server = await EmbeddedServer.create({ password: "secret" });
  const long = "x".repeat(20_000);
  const set = `*3\r\n$3\r\nSET\r\n$1\r\na\r\n$20000\r\n${long}\r\n`;
  equal(
    await answerTo(server, `AUTH secret\r\n${set}STRLEN a\r\n`, "20000\r\n"),
    "+OK\r\n+OK\r\n:20000\r\n",
  );
  match(
    await answerTo(server, `PING\r\n${set}`),
    /^-NOAUTH .*\r\n-ERR Protocol error: unauthenticated bulk length\r\n$/,
  );
});

Deno.test("a pipeline continues in order after a wait and a pause", async () => {
  await using server = await EmbeddedServer.create();
  using other = await Asker.within(server);
  const appends = (first: number) =>
    Array.from({ length: 40 }, (_, i) => `APPEND a ${first + i},\r\n`).join("");
  const answered = answerTo(
    server,
    `${appends(0)}BLPOP q 0\r\n${appends(40)}CLIENT PAUSE 50\r\n${
      appends(80)
    }ECHO end\r\n`,
    "end\r\n",
  );
  while (!String(await other.ask("CLIENT", "LIST")).includes("cmd=blpop")) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  await other.ask("RPUSH", "q", "v");
  equal((await answered).match(/^:/gm)?.length, 120);
  equal(
    await other.ask("GET", "a"),
    Array.from({ length: 120 }, (_, i) => `${i},`).join(""),
  );
});

Deno.test("connections beyond maxclients get an error", async () => {
  await using server = await EmbeddedServer.create({
    config: { maxclients: "1" },
  });
  await using redis = await connect("redis://host:1", { dial: server.dial });
  equal(await redis.ping(), "PONG");
  match(await saidFirst(server), /^-ERR max number of clients reached\r\n$/);
});

Deno.test("unknown parameters and parameters without effect are refused at startup", async () => {
  await rejects(EmbeddedServer.create({ config: { nonsense: "1" } }), {
    name: "TypeError",
    message: 'Cannot configure "nonsense": it is not known here',
  });
  await rejects(
    EmbeddedServer.create({ config: { "cluster-enabled": "yes" } }),
    {
      name: "TypeError",
      message: /only "no" is supported here/,
    },
  );
});

Deno.test("a subscriber that does not read is disconnected", async () => {
  await using server = await EmbeddedServer.listen({
    port: 0,
    config: { "client-output-buffer-limit": "pubsub 1mb 0 0" },
  });
  await using redis = await connect(server.url);
  using idle = await dial(
    { hostname: "127.0.0.1", port: server.port },
    AbortSignal.timeout(5000),
  );
  await idle.write([new TextEncoder().encode("SUBSCRIBE c\r\n")]);
  const message = "x".repeat(1 << 20);
  let listeners = 0;
  // The kernel buffers some of the data.
  for (let i = 0; i < 64; i++) {
    listeners = await redis.publish("c", message);
    if (i > 0 && listeners === 0) break;
  }
  equal(listeners, 0);
});

Deno.test("an idle session is closed after the timeout", async () => {
  await using server = await EmbeddedServer.create({
    config: { timeout: "1" },
  });
  equal(await saidFirst(server), "");
});

/** The bytes that a new connection receives without sending anything, up to its end. */
async function saidFirst(server: EmbeddedServer): Promise<string> {
  using transport = await server.dial(
    { hostname: "host", port: 1 },
    AbortSignal.timeout(5000),
  );
  const into = new Uint8Array(1024);
  let said = "";
  for (;;) {
    const size = await transport.read(into);
    if (size === null) return said;
    said += toBinary(into, 0, size);
  }
}

Deno.test("INFO has the fields of a real server, except those of missing features", async () => {
  await using ours = await Member.ours();
  await using real = await Member.real();
  const fields = async (server: Member): Promise<string[]> => {
    await server.asker.all([["PING"], ["GET", "k"]]);
    const text = String(await server.ask("INFO", "everything"));
    return text.split("\r\n").map((line) => line.split(":")[0]!);
  };
  const [have, wanted] = [await fields(ours), await fields(real)];
  const missing = wanted.filter((name) => !have.includes(name));
  const elsewhere =
    /^(allocator_|rss_overhead|active_defrag|used_memory_|mem_|io_threaded|reply_buffer|total_net_repl|instantaneous_\w+_repl|current_|total_active_defrag|total_eviction|(rdb|aof|module)_|gcc_version|atomicvar_api|slave_expires|dump_payload|expire_cycle|config_file)/;
  deepEqual(missing.filter((name) => !elsewhere.test(name)), []);
  const cpu = Number(await ours.info("used_cpu_user"));
  ok(cpu > 0, `${cpu} seconds`);
  match(
    (await ours.info("latency_percentiles_usec_get"))!,
    /^p50=[\d.]+,p99=[\d.]+,p99\.9=[\d.]+$/,
  );
});
