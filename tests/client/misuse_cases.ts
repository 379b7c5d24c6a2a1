/**
 * Calls from the documents of other clients, and the result of each.
 *
 * @module
 */

import { Client } from "../../lib/client/client.ts";
import type { PooledEngine } from "../../lib/client/engine.ts";
import { withPrefix } from "../../lib/client/prefix.ts";
import { AS_TEXT } from "../../lib/commands/shapes.ts";
import type { Command } from "../../lib/connection/command.ts";
import { checkArgs } from "../../lib/resp/encoder.ts";
import { type Arg, connect, createPool, Redis } from "../../mod.ts";

/** A call without its types, and either the command that it sends or its error. */
export interface Misuse {
  // deno-lint-ignore no-explicit-any -- calls that the types reject
  call: (redis: any) => unknown;
  /** The command that it sends, if it does what is meant. */
  words?: Arg[];
  /** The message of the error. */
  error?: RegExp;
}

/** Errors that only tell how this library is written. */
export const INTERNAL =
  /is not a function|is not iterable|destructure|Cannot read prop|Cannot convert|Cannot use 'in'|private (member|field)|serialize|Invalid time/;

/** The words that the client sends. */
export const sent: Arg[][] = [];
const engine: Partial<PooledEngine> = {
  execute<T>({ args }: Command<T>): Promise<T> {
    checkArgs(args);
    sent.push([...args]);
    return new Promise(() => {});
  },
};
export const redis = new Redis(engine as PooledEngine, AS_TEXT);
const at = new Date(1_700_000_000_500);

export const redisPy: Misuse[] = [
  {
    call: (r) => r.set("k", "v", 60),
    error: /SET takes its options as an object, such as \{ ex: value \}: .*60/,
  },
  {
    call: (r) => r.set("k", "v", { ex: 60, nx: true }),
    words: ["SET", "k", "v", "NX", "EX", 60],
  },
  { call: (r) => r.set("k", true), error: /argument 2 must be .*: .*true/ },
  { call: (r) => r.set("k", null), error: /argument 2 must be .*: .*null/ },
  { call: (r) => r.set("k"), error: /argument 2 must be .*: .*undefined/ },
  {
    call: (r) => r.set("k", { a: 1 }),
    error: /SET: argument 2 .* a plain object: JSON.stringify\(\) it/,
  },
  {
    call: (r) => r.set("k", "v", { exat: at }),
    words: ["SET", "k", "v", "EXAT", 1_700_000_000],
  },
  {
    call: (r) => r.set("k", "v", { pxat: at }),
    words: ["SET", "k", "v", "PXAT", 1_700_000_000_500],
  },
  {
    call: (r) => r.set("k", "v", { px: 1, keepttl: true }),
    error: /SET takes only one option of ex, px, exat, pxat, keepttl/,
  },
  {
    call: (r) => r.expireat("k", at),
    words: ["EXPIREAT", "k", 1_700_000_000],
  },
  { call: (r) => r.incr("k", 5), error: /INCR takes 1 .*: use INCRBY/ },
  { call: (r) => r.decr("k", 5), error: /DECR takes 1 .*: use DECRBY/ },
  { call: (r) => r.mget(["a", "b"]), words: ["MGET", "a", "b"] },
  { call: (r) => r.mget("a", "b"), words: ["MGET", "a", "b"] },
  { call: (r) => r.mget([]), error: /MGET needs at least one more argument/ },
  { call: (r) => r.mset({ a: 1, b: 2 }), words: ["MSET", "a", 1, "b", 2] },
  { call: (r) => r.mset({}), error: /MSET needs at least one more argument/ },
  { call: (r) => r.del(), error: /DEL needs at least one more argument/ },
  { call: (r) => r.blpop("jobs", 1), words: ["BLPOP", "jobs", 1] },
  { call: (r) => r.blpop(["a", "b"], 1), words: ["BLPOP", "a", "b", 1] },
  {
    call: (r) => r.blpop("jobs"),
    error: /BLPOP as its timeout in seconds stands behind the keys: .*"jobs"/,
  },
  { call: (r) => r.hset("k", "f", "v"), words: ["HSET", "k", "f", "v"] },
  { call: (r) => r.hset("k", "a", 1, "b"), error: /a value behind "b"/ },
  { call: (r) => r.hset("k", "a"), error: /HSET needs a value behind "a"/ },
  {
    call: (r) => r.hset("k", { a: { b: 1 } }),
    error: /HSET: argument 3 .* plain object/,
  },
  { call: (r) => r.hset("k", {}), error: /HSET needs at least one more/ },
  {
    call: (r) => r.hset("k", { a: 1, b: undefined }),
    error: /HSET needs a value behind "b"/,
  },
  {
    call: (r) => r.zadd("k", { ada: 10, bob: 20 }),
    words: ["ZADD", "k", 10, "ada", 20, "bob"],
  },
  { call: (r) => r.zadd("k", {}), error: /ZADD needs at least one more/ },
  {
    call: (r) => r.zadd("k", { ada: "ten" }),
    error: /ZADD as a score stands in front of each member.*"ten"/,
  },
  {
    call: (r) => r.zrange("k", 0, -1, true),
    error: /ZRANGE takes its options as an object/,
  },
  {
    call: (r) => r.zrange("k", 0, -1, { withscores: true, desc: true }),
    error: /ZRANGE has no option "desc": it has byscore, bylex, rev/,
  },
  {
    call: (r) => r.zunion(["a", "b"], "SUM"),
    error: /ZUNION takes its options as an object/,
  },
  {
    call: (r) => r.xadd("s", { a: 1 }),
    error: /XADD as its id is "\*" or two numbers/,
  },
  {
    call: (r) => r.eval("return 1", 1, "k"),
    error: /EVAL as it takes arrays, not their number: .*1/,
  },
  {
    call: (r) => r.evalsha("abc", 0),
    error: /EVALSHA as it takes arrays, not their number/,
  },
  { call: (r) => r.scan(), error: /SCAN: argument 1 .* undefined/ },
  {
    call: (r) => r.scanIter("user:*"),
    error: /SCAN takes its options as an object, such as \{ match: value \}/,
  },
  {
    call: (r) => r.lock("k"),
    error: /lock as it needs the milliseconds that it is held.*ttl: 10_000/,
  },
  {
    call: (r) => r.lock("k", { timeout: 10 }),
    error: /lock as it needs the milliseconds/,
  },
  {
    call: (r) => r.lock("k", { ttl: 10, blocking_timeout: 5 }),
    error: /lock has no option "blocking_timeout": it has ttl, wait/,
  },
  { call: (r) => r.publish("c", { a: 1 }), error: /PUBLISH: argument 2/ },
];

export const ioredis: Misuse[] = [
  { call: () => new Redis("redis://h" as never, AS_TEXT), error: /connect\(/ },
  {
    call: () => new (Redis as never as { new (): unknown })(),
    error: /connect/,
  },
  {
    call: (r) => r.set("k", "v", "EX", 60),
    error: /SET takes its options as an object, such as \{ ex: value \}/,
  },
  {
    call: (r) => r.set("k", "v", "NX"),
    error: /SET takes its options as an object, such as \{ nx: true \}/,
  },
  { call: (r) => r.set("k", "v", () => {}), error: /options as an object/ },
  {
    call: (r) => r.get("k", () => {}),
    error: /GET takes 1 argument, not 2: it returns a promise, and calls no/,
  },
  { call: (r) => r.get("a", "b"), error: /GET takes 1 .*: use MGET/ },
  {
    call: (r) => r.hgetall("k", () => {}),
    error: /HGETALL takes 1 argument, not 2: it returns a promise/,
  },
  {
    call: (r) => r.hget("k", "f", () => {}),
    error: /HGET takes 2 arguments, not 3: it returns a promise/,
  },
  { call: (r) => r.hget("k", "a", "b"), error: /HGET takes 2 .*: use HMGET/ },
  {
    call: (r) => r.llen("a", "b"),
    error: /LLEN takes 1 argument, not 2: nothing is done with "b"/,
  },
  { call: (r) => r.ttl("k", () => {}), error: /TTL takes 1 argument, not 2/ },
  { call: (r) => r.publish("c", "m", () => {}), error: /PUBLISH takes 2/ },
  { call: (r) => r.zscore("k", "a", "b"), error: /ZSCORE .*: use ZMSCORE/ },
  { call: (r) => r.setex("k", 1, "v", () => {}), error: /SETEX takes 3/ },
  { call: (r) => r.dbsize(() => {}), error: /DBSIZE takes 0 arguments, not 1/ },
  { call: (r) => r.close(500), error: /close takes its options as an object/ },
  {
    call: (r) => r.watch("k", () => {}, () => {}),
    error: /watch takes its options as an object/,
  },
  { call: (r) => r.del("k", () => {}), error: /DEL: argument 2 .* a function/ },
  { call: (r) => r.del(["a", "b"]), words: ["DEL", "a", "b"] },
  { call: (r) => r.exists(["a"], "b"), words: ["EXISTS", "a", "b"] },
  { call: (r) => r.mset("a", 1, "b", 2), words: ["MSET", "a", 1, "b", 2] },
  { call: (r) => r.mset("a", 1), words: ["MSET", "a", 1] },
  { call: (r) => r.mset("a"), error: /MSET needs a value behind "a"/ },
  { call: (r) => r.mset(new Map([["a", 1]])), words: ["MSET", "a", 1] },
  { call: (r) => r.mset(["a", 1]), error: /MSET as it takes \[name, value\]/ },
  {
    call: (r) => r.hset("k", new Map([["a", 1]])),
    words: ["HSET", "k", "a", 1],
  },
  {
    call: (r) => r.hset("k", ["a", 1]),
    error: /HSET as it takes \[name, value\] for each: .*"a"/,
  },
  { call: (r) => r.hset("k", [["a", 1]]), words: ["HSET", "k", "a", 1] },
  {
    call: (r) => r.hset("k", { a: 1 }, { b: 2 }),
    error: /HSET takes one object, or values in a row/,
  },
  {
    call: (r) => r.hmset("k", "a", 1, "b", 2),
    words: ["HMSET", "k", "a", 1, "b", 2],
  },
  { call: (r) => r.hmget("k", ["a", "b"]), words: ["HMGET", "k", "a", "b"] },
  { call: (r) => r.hdel("k", ["a"]), words: ["HDEL", "k", "a"] },
  { call: (r) => r.sadd("k", ["a", "b"]), words: ["SADD", "k", "a", "b"] },
  {
    call: (r) => r.sadd("k", new Set(["a"])),
    error: /SADD: argument 2 .* a Set/,
  },
  {
    call: (r) => r.sadd("k", [["a"]]),
    error: /SADD: argument 2 .* an Array: spread it/,
  },
  { call: (r) => r.rpush("k", ["a", "b"]), words: ["RPUSH", "k", "a", "b"] },
  { call: (r) => r.rpush("k"), error: /RPUSH needs at least one more/ },
  { call: (r) => r.sinter(["a", "b"]), words: ["SINTER", "a", "b"] },
  {
    call: (r) => r.expire("k", 10, "NX"),
    error: /EXPIRE takes its options as an object, such as \{ nx: true \}/,
  },
  {
    call: (r) => r.zadd("k", 1, "a", 2, "b"),
    words: ["ZADD", "k", 1, "a", 2, "b"],
  },
  {
    call: (r) => r.zadd("k", "NX", 1, "a"),
    error: /ZADD as a score stands in front of each member, options behind/,
  },
  {
    call: (r) => r.zadd("k", 1),
    error: /ZADD: argument 3 .* undefined/,
  },
  {
    call: (r) => r.zrange("k", 0, -1, "WITHSCORES"),
    error: /ZRANGE takes .*such as \{ withscores: true \}/,
  },
  {
    call: (r) => r.zrangebyscore("k", 0, 1, "LIMIT", 0, 5),
    error: /ZRANGEBYSCORE takes .*such as \{ limit: value \}/,
  },
  {
    call: (r) => r.zunionstore("d", 2, "a", "b"),
    error: /keys as it takes them without their number: .*2/,
  },
  {
    call: (r) => r.xadd("s", "*", "a", 1, "b", 2),
    words: ["XADD", "s", "*", "a", 1, "b", 2],
  },
  {
    call: (r) => r.xadd("s", "MAXLEN", "~", 10, "*", "a", 1),
    error: /XADD as its id is "\*" or two numbers: .*"MAXLEN"/,
  },
  {
    call: (r) => r.xread("COUNT", 1, "STREAMS", "s", "0"),
    error: /XREAD needs a value behind "COUNT"|XREAD takes its options/,
  },
  {
    call: (r) => r.scan(0, "MATCH", "user:*", "COUNT", 10),
    error: /SCAN takes .*such as \{ match: value \}/,
  },
  { call: (r) => r.scanIter({ MATCH: "x" }), error: /"MATCH": use "match"/ },
  {
    call: (r) => r.geoadd("k", 13, 38, "Palermo"),
    words: ["GEOADD", "k", 13, 38, "Palermo"],
  },
  { call: (r) => r.geoadd("k", "NX", 13, 38, "Palermo"), error: /GEOADD/ },
  {
    call: (r) => r.geosearch("k", "FROMLONLAT", 1, 2, "BYRADIUS", 5, "km"),
    error: /GEOSEARCH takes .*such as \{ fromlonlat: value \}/,
  },
  {
    call: (r) => r.bitfield("k", "GET", "u8", 0),
    error: /BITFIELD as operations are arrays such as \["get", "u8", 0\]/,
  },
  {
    call: (r) => r.sort("k", "BY", "w_*"),
    error: /SORT takes .*such as \{ by: value \}/,
  },
  {
    call: (r) => r.subscribe("news", () => {}),
    error: /subscribe takes its options as an object/,
  },
  {
    call: (r) => r.subscribe("a", "b"),
    error: /subscribe takes its options as an object/,
  },
  {
    call: (r) => r.monitor(() => {}),
    error: /monitor takes its options as an object/,
  },
  {
    call: (r) => r.pipeline([["set", "a", 1]]),
    error:
      /a function returns the commands, such as \(p\) => \[p.get\("key"\)\]/,
  },
  { call: (r) => r.send("PING"), error: /send as a command is an array/ },
  { call: (r) => r.send("SET", "k", "v"), error: /command is an array/ },
  { call: (r) => r.pipeline().send("PING"), error: /command is an array/ },
  {
    call: () => connect({ host: "h" } as never),
    error: /option is unknown: use "hostname": .*"host"/,
  },
  {
    call: () => connect({ keyPrefix: "p:" } as never),
    error: /unknown: use withPrefix/,
  },
  { call: () => connect(6379 as never), error: /connect as it takes a URL/ },
  { call: () => createPool(6379 as never), error: /it takes a URL or options/ },
  { call: () => connect("localhost:6379"), error: /its scheme must be redis/ },
  { call: () => connect("localhost"), error: /must look like redis:\/\// },
  { call: (r) => withPrefix(r, undefined as never), error: /prefix must be/ },
];

/** A Date, a Map and the like have no option of their own, and so would be empty options. */
export const noOptions: Misuse[] = [
  {
    call: (r) => r.set("k", "v", new Date()),
    error: /SET takes its options as an object, .*: current value is a Date/,
  },
  {
    call: (r) => r.set("k", "v", new Map()),
    error: /SET takes its options as an object, .*: current value is a Map/,
  },
  { call: (r) => r.set("k", "v", []), error: /current value is an Array/ },
  { call: (r) => r.expire("k", 10, new Date()), error: /EXPIRE .* a Date/ },
  { call: (r) => r.getex("k", new Date()), error: /GETEX .* a Date/ },
  { call: (r) => r.scanIter(new Date()), error: /SCAN .* a Date/ },
  { call: (r) => r.pipeline(new Date()), error: /pipeline .* a Date/ },
  { call: (r) => r.with(200), error: /with takes its options .*: .* 200/ },
  { call: (r) => r.with(null), error: /with takes its options .*: .* null/ },
  {
    call: (r) => r.with({ replies: "buffer" }),
    error: /"replies" must be "text" or "bytes": current value is "buffer"/,
  },
  {
    call: () => connect(new Date() as never),
    error: /connect as it takes a URL or options: current value is a Date/,
  },
  { call: () => connect([] as never), error: /URL or options: .* an Array/ },
  { call: () => connect(null as never), error: /URL or options: .* null/ },
  {
    call: () => connect("redis://h", new Date() as never),
    error: /connect as its options are an object: current value is a Date/,
  },
  {
    call: () => connect("redis://h", (() => {}) as never),
    error: /connect as its options are an object: .* a function/,
  },
  { call: () => connect("redis://h", null as never), error: /.* null/ },
  {
    call: () => createPool(new Map() as never),
    error: /URL or options: current value is a Map/,
  },
];

export const nodeRedis: Misuse[] = [
  {
    call: (r) => r.set("k", "v", { EX: 60 }),
    error: /SET has no option "EX": use "ex"/,
  },
  {
    call: (r) => r.set("k", "v", { ex: 60, NX: true }),
    error: /SET has no option "NX": use "nx"/,
  },
  {
    call: (r) => r.set("k", "v", { expiration: { type: "EX", value: 10 } }),
    error: /SET has no option "expiration": it has nx, xx/,
  },
  {
    call: (r) => r.set("k", "v", { nx: 1 }),
    error: /SET option "nx" is true or left out: 1/,
  },
  {
    call: (r) => r.set("k", "v", { ex: true }),
    error: /SET option "ex" needs a value: true/,
  },
  {
    call: (r) => r.set("k", "v", { ex: null }),
    error: /SET option "ex" needs a value: null/,
  },
  {
    call: (r) => r.set("k", "v", { ex: undefined }),
    words: ["SET", "k", "v"],
  },
  { call: (r) => r.set("k", "v", null), error: /SET takes its options as an/ },
  {
    call: (r) => r.zadd("k", { score: 1, value: "a" }),
    words: ["ZADD", "k", 1, "a"],
  },
  {
    call: (r) => r.zadd("k", [{ score: 1, value: "a" }]),
    words: ["ZADD", "k", 1, "a"],
  },
  {
    call: (r) => r.zadd("k", new Map([["a", 1]])),
    words: ["ZADD", "k", 1, "a"],
  },
  {
    call: (r) => r.zrange("k", 0, 9, { BY: "SCORE", REV: true }),
    error: /ZRANGE has no option "BY"/,
  },
  {
    call: (r) => r.eval("return 1", { keys: ["k"], arguments: ["a"] }),
    error: /EVAL as it takes arrays/,
  },
  {
    call: (r) => r.xread({ key: "s", id: "0" }, { COUNT: 1 }),
    error: /XREAD has no option "COUNT": use "count"/,
  },
  {
    call: (r) => r.xread([{ key: "s", id: "0" }]),
    error: /XREAD as it takes \[name, value\] for each/,
  },
  {
    call: (r) => r.xtrim("s", "MAXLEN", 100),
    error: /XTRIM takes .*such as \{ maxlen: value \}/,
  },
  { call: (r) => r.xtrim("s", {}), error: /XTRIM needs .*"maxlen" or "minid"/ },
  {
    call: (r) => r.xgroupCreate("s", "g", "$", { MKSTREAM: true }),
    error: /XGROUP has no option "MKSTREAM": use "mkstream"/,
  },
  {
    call: (r) => r.clientKill({ FILTER: "ID", id: 1 }),
    error: /CLIENT has no option "FILTER"/,
  },
  {
    call: (r) => r.hexpire("k", 10, "f"),
    words: ["HEXPIRE", "k", 10, "FIELDS", 1, "f"],
  },
  {
    call: (r) => r.hexpire("k", 10, ["f"], "NX"),
    error: /HEXPIRE takes .*such as \{ nx: true \}/,
  },
  {
    call: (r) => r.lmpop("k", "left", { COUNT: 2 }),
    error: /LMPOP has no option "COUNT": use "count"/,
  },
  { call: (r) => r.lmpop("k", "left"), words: ["LMPOP", 1, "k", "LEFT"] },
  { call: (r) => r.lmpop([], "left"), error: /LMPOP needs at least one more/ },
  {
    call: (r) => r.json.set("k", "$", 1, { NX: true }),
    error: /JSON.SET has no option "NX": use "nx"/,
  },
  {
    call: (r) => r.ts.add("k", "*", 1, { RETENTION: 5 }),
    error: /TS.ADD has no option "RETENTION": use "retention"/,
  },
  {
    call: (r) => r.search.search("i", "*", { LIMIT: { from: 0, size: 1 } }),
    error: /FT.SEARCH has no option "LIMIT": use "limit"/,
  },
  {
    call: (r) => r.search.search("i", "*", "LIMIT"),
    error: /FT.SEARCH takes .*such as \{ limit: value \}/,
  },
  { call: (r) => r.watch("k"), error: /watch as a function stands behind/ },
  {
    call: () => connect({ url: "redis://h" } as never),
    error: /unknown: use connect\(url, options\)/,
  },
  {
    call: () => connect({ socket: { host: "h" } } as never),
    error: /unknown: use "hostname"/,
  },
];

export const others: Misuse[] = [
  // -- @upstash/redis --
  {
    call: (r) => r.zadd("k", { score: 1, member: "a" }),
    words: ["ZADD", "k", 1, "a"],
  },
  {
    call: (r) => r.zadd("k", { nx: true }, { score: 1, member: "a" }),
    error: /ZADD has no option "score"|ZADD as a score/,
  },
  {
    call: (r) => r.zrange("k", 0, 1, { byScore: true }),
    error: /ZRANGE has no option "byScore": use "byscore"/,
  },
  {
    call: (r) => r.set("k", "v", { keepTtl: true }),
    error: /SET has no option "keepTtl": use "keepttl"/,
  },
  {
    call: (r) => r.xadd("s", "*", { a: 1 }, { trim: { type: "MAXLEN" } }),
    error: /XADD has no option "trim": it has nomkstream/,
  },
  {
    call: (r) => r.scan(0, { match: "x", pattern: "y" }),
    error: /SCAN has no option "pattern": it has match, count, type/,
  },
  { call: (r) => r.hmget("k"), error: /HMGET needs at least one more/ },
  { call: (r) => r.set("k", [1]), error: /SET: argument 2 .* spread it/ },
  { call: (r) => r.set("k", at), error: /SET: argument 2 .* a Date/ },
  {
    call: (r) => r.set("k", Promise.resolve(1)),
    error: /argument 2 .* a Promise/,
  },
  // -- deno-redis --
  {
    call: (r) => r.blpop(0, "jobs"),
    error: /BLPOP as its timeout in seconds stands behind the keys/,
  },
  { call: (r) => r.blpop("a", "b", 0), words: ["BLPOP", "a", "b", 0] },
  {
    call: (r) => r.xadd("s", "*", new Map([["a", 1]])),
    words: ["XADD", "s", "*", "a", 1],
  },
  {
    call: (r) => r.xadd("s", "*", { a: 1 }, { elements: 10 }),
    error: /XADD has no option "elements"/,
  },
  {
    call: (r) => r.zadd("k", [[1, "a"]], { mode: "NX" }),
    error: /ZADD has no option "mode": it has nx, xx/,
  },
  {
    call: (r) => r.zadd("k", [["a", 1]]),
    error: /ZADD as a score stands in front/,
  },
  {
    call: (r) => r.zadd("k", 1, "a", { ch: true }),
    words: ["ZADD", "k", "CH", 1, "a"],
  },
  {
    call: (r) => r.set("k", "v", { mode: "NX" }),
    error: /SET has no option "mode"/,
  },
  {
    call: (r) => r.script("return 1", { lua: "" }),
    error: /script has no option "lua": it has parse, readOnly/,
  },
  {
    call: (r) => r.with({ timeout: 5, reply: "bytes" }),
    error: /with has no option "reply": it has signal, timeout, retry/,
  },
  {
    call: (r) => r.readGroup("s", "g", "c", { block: 1, claim: 5 }),
    error: /readGroup has no option "claim"/,
  },
  // -- Methods that other clients have --
  { call: (r) => r.quit(), error: /There is no quit\(\) here: use close\(\)/ },
  { call: (r) => r.disconnect(), error: /use close\(\)/ },
  { call: (r) => r.on("error", () => {}), error: /use the option "onEvent"/ },
  { call: (r) => r.multi().get("k"), error: /use transaction\(\)/ },
  { call: (r) => r.duplicate(), error: /use connect\(\) again/ },
  { call: (r) => r.pipeline().exec(), error: /use execute\(\) of a pipeline/ },
  {
    call: (r) => r.pipeline().get("a").incr("b").exec(),
    error: /Cannot call INCR on the promise .* on the pipeline/,
  },
  {
    call: (r) => r.pipeline().set("a", 1).exec(),
    error: /use execute\(\) of a pipeline/,
  },
  { call: (r) => r.connect(), error: /use the client as it is/ },
  { call: (r) => r.getBuffer("k"), error: /use redis.bytes/ },
  { call: (r) => r.call("PING"), error: /use send\(\["SET"/ },
  { call: (r) => r.unsubscribe("c"), error: /use close\(\) of the subscr/ },
  { call: (r) => r.scanStream(), error: /use scanIter\(\)/ },
  { call: (r) => r.config("GET", "save"), error: /such as configGet\(\)/ },
  { call: (r) => r.xgroup("CREATE", "s", "g", "$"), error: /xgroupCreate/ },
  { call: (r) => r.hGetAll("k"), error: /its name in lower case/ },
  // -- Bun --
  { call: (r) => r.send("GET", ["k"]), error: /command is an array/ },
  { call: (r) => r.hmset("k", ["a", 1]), error: /HMSET as it takes \[name/ },
  { call: () => client().send("PING" as never), error: /command is an array/ },
  { call: (r) => r.zinter("a", "b"), words: ["ZINTER", 2, "a", "b"] },
  {
    call: (r) => r.zinter("a", "b", { withscores: true }),
    words: ["ZINTER", 2, "a", "b", "WITHSCORES"],
  },
  { call: (r) => r.zinter([]), error: /ZINTER needs at least one more/ },
  { call: (r) => r.sunionstore("d", ["a"]), words: ["SUNIONSTORE", "d", "a"] },
];

function client(): Client {
  return new Client({ dial: () => Promise.reject(new Error("no dial")) });
}
