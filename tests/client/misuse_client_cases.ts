/**
 * Calls about the client itself, as in the documents of other clients:
 * subscriptions, batches, iterations, streams, locks, scripts, connections.
 *
 * @module
 */

import {
  connectCluster,
  connectReplicas,
  connectSentinel,
} from "../../lib/cluster/connect.ts";
import { connect } from "../../mod.ts";
import type { Misuse } from "./misuse_cases.ts";

const ask = connect as unknown as (...args: unknown[]) => Promise<unknown>;
const cluster = connectCluster as unknown as typeof ask;
const sentinel = connectSentinel as unknown as typeof ask;
const replicas = connectReplicas as unknown as typeof ask;

export const around: Misuse[] = [
  // -- Subscriptions --
  { call: (r) => r.subscribe(), error: /names must be strings.*undefined/ },
  { call: (r) => r.subscribe({ a: 1 }), error: /names must .*plain object/ },
  { call: (r) => r.subscribe(["a", 5]), error: /names must be .*: .* 5/ },
  {
    call: (r) => r.subscribe("news", (message: string) => message, true),
    error: /such as \{ gaps: true \}: current value is a function/,
  },
  { call: (r) => r.psubscribe("a*", "b*"), error: /options .*"b\*"/ },
  { call: (r) => r.pSubscribe("a*", () => {}), error: /name in lower case/ },
  { call: (r) => r.sSubscribe("a", () => {}), error: /name in lower case/ },
  { call: (r) => r.punsubscribe("a*"), error: /close\(\) of the subscription/ },
  { call: (r) => r.pUnsubscribe("a*"), error: /close\(\) of the subscription/ },
  { call: (r) => r.sunsubscribe("a"), error: /close\(\) of the subscription/ },
  { call: (r) => r.pubsub(), error: /a method for each sub-command/ },
  { call: (r) => r.subscribe("a", { signal: 5 }), error: /AbortSignal: .* 5/ },
  // -- Events --
  { call: (r) => r.once("ready", () => {}), error: /the option "onEvent"/ },
  { call: (r) => r.off("error", () => {}), error: /the option "onEvent"/ },
  { call: (r) => r.emit("error"), error: /the option "onEvent"/ },
  {
    call: (r) => r.addEventListener("error", () => {}),
    error: /the option "onEvent"/,
  },
  // -- Batches --
  {
    call: (r) => r.pipeline(false),
    error: /such as \{ transaction: true \}: current value is false/,
  },
  { call: (r) => r.multi([["get", "k"]]), error: /use transaction\(\)/ },
  { call: (r) => r.tx(), error: /use transaction\(\)/ },
  {
    call: (r) => r.transaction([["get", "k"]]),
    error: /a function returns the commands/,
  },
  {
    call: (r) => r.pipeline((p: typeof r) => p.get("k")),
    error: /must return an array of its commands' promises/,
  },
  {
    call: (r) =>
      r.pipeline(async (p: typeof r) => {
        await p.get("k");
      }),
    error: /it is not async, and awaits nothing/,
  },
  {
    call: (r) =>
      r.pipeline((p: typeof r) => {
        p.get("k");
      }),
    error: /must return an array of its commands' promises/,
  },
  {
    call: (r) => r.pipeline(() => [1]),
    error: /element 0 of the returned array is not one of its commands/,
  },
  {
    call: (r) => r.pipeline().get("k").execute(),
    error: /Cannot call execute\(\) on the promise .* on the pipeline/,
  },
  { call: (r) => r.createPipeline(), error: /use pipeline\(\)/ },
  { call: (r) => r.batch(), error: /use pipeline\(\)/ },
  { call: (r) => r.pipeline().flush(), error: /use execute\(\)/ },
  { call: (r) => r.unwatch(), error: /use watch\(\)/ },
  { call: (r) => r.executeIsolated(() => {}), error: /use watch\(\)/ },
  { call: (r) => r.watch("k", "j"), error: /a function stands .*: .*"j"/ },
  { call: (r) => r.watch(["k"]), error: /a function stands behind the keys/ },
  // -- Iterations --
  {
    call: (r) => r.scan("user:*"),
    error: /its cursor is "0" at first: .*user/,
  },
  { call: (r) => r.hscan("k", "f*"), error: /its cursor is "0" at first/ },
  { call: (r) => r.zscan("k", "*"), error: /its cursor is "0" at first/ },
  { call: (r) => r.sscan("k", "*"), error: /its cursor is "0" at first/ },
  { call: (r) => r.scan(0, "user:*"), error: /SCAN takes its options as an/ },
  { call: (r) => r.scan({ match: "u" }), error: /SCAN: argument 1 .* object/ },
  { call: (r) => r.scanIter("user:*", 100), error: /SCAN takes its options/ },
  { call: (r) => r.hscanIter("k", "f*"), error: /HSCAN takes its options/ },
  { call: (r) => r.scanIterator({ MATCH: "u" }), error: /use scanIter\(\)/ },
  { call: (r) => r.hscanStream("k"), error: /use hscanIter\(\), sscanIter/ },
  { call: (r) => r.zScanIterator("k"), error: /use hscanIter\(\), sscanIter/ },
  { call: (r) => r.scan_iter("u:*"), error: /use scanIter\(\)/ },
  { call: (r) => r.keys(), error: /KEYS: argument 1 must be .* undefined/ },
  // -- Streams --
  { call: (r) => r.xadd("s", "*"), error: /XADD needs at least one more/ },
  { call: (r) => r.xadd("s", "*", {}), error: /XADD needs at least one more/ },
  { call: (r) => r.xadd("s", { a: 1 }, "*"), error: /XADD as its id is "\*"/ },
  { call: (r) => r.xAdd("s", "*", {}), error: /its name in lower case/ },
  { call: (r) => r.xread("s", "0"), error: /XREAD takes its options .*"0"/ },
  { call: (r) => r.xread({ s: "0" }, 10, 1_000), error: /XREAD takes its opt/ },
  {
    call: (r) => r.xreadgroup("GROUP", "g", "c", "STREAMS", "s", ">"),
    error: /XREADGROUP takes its options as an object/,
  },
  {
    call: (r) => r.xreadgroup("g", "c", { s: ">" }, { BLOCK: 5 }),
    error: /XREADGROUP has no option "BLOCK": use "block"/,
  },
  { call: (r) => r.xReadGroup("g", "c", []), error: /name in lower case/ },
  {
    call: (r) => r.xgroupCreate("s", "g", "$", "MKSTREAM"),
    error: /XGROUP takes .*such as \{ mkstream: true \}/,
  },
  { call: (r) => r.xack("s", "g", ["1-0"]), words: ["XACK", "s", "g", "1-0"] },
  { call: (r) => r.xack("s", "g"), error: /XACK needs at least one more/ },
  { call: (r) => r.xrange("s", "-", "+", "COUNT", 2), error: /XRANGE takes/ },
  { call: (r) => r.xtrim("s", { MAXLEN: 5 }), error: /"MAXLEN": use "maxlen"/ },
  { call: (r) => r.xpending("s", "g", "-", "+", 10), error: /XPENDING takes/ },
  { call: (r) => r.xinfo("STREAM", "s"), error: /xgroupCreate\(\)/ },
  { call: (r) => r.readGroup("s", "g", "c", 10), error: /readGroup takes its/ },
  // -- Locks --
  { call: (r) => r.lock("k", 10_000), error: /such as \{ ttl: 10_000 \}/ },
  {
    call: (r) => r.lock("k", { ttl: "10" }),
    error: /lock as it needs the mil/,
  },
  {
    call: (r) => r.lock("k", { ex: 10 }),
    error: /lock as it needs the millis/,
  },
  {
    call: (r) => r.lock("k", { ttl: 10, blocking: false }),
    error: /lock has no option "blocking": it has ttl, wait/,
  },
  // -- Scripts --
  { call: (r) => r.script("LOAD", "return 1"), error: /script takes its opt/ },
  { call: (r) => r.script(), error: /its source is a string: .* undefined/ },
  { call: (r) => r.defineScript({}), error: /use script\(\)/ },
  { call: (r) => r.eval("return 1", 0), error: /it takes arrays, not their n/ },
  { call: (r) => r.fcall("f", 1, "k"), error: /FCALL as it takes arrays/ },
  {
    call: (r) => r.functionLoad("x", { REPLACE: true }),
    error: /FUNCTION has no option "REPLACE": use "replace"/,
  },
  {
    call: (r) => r.scriptLoad("return 1", () => {}),
    error: /scriptLoad\(\) takes 1 argument, not 2: it returns a promise/,
  },
  // -- Closing, and other connections --
  { call: (r) => r.close(() => {}), error: /close takes its .* a function/ },
  { call: (r) => r.quit(() => {}), error: /There is no quit\(\) here/ },
  { call: (r) => r.end(true), error: /There is no end\(\) here: use close/ },
  { call: (r) => r.destroy(), error: /There is no destroy\(\) here: use clo/ },
  { call: (r) => r.select(1), error: /use the option "db" of connect\(\)/ },
  { call: (r) => r.auth("secret"), error: /authenticate\(\)/ },
  { call: (r) => r.client("LIST"), error: /a method for each sub-command/ },
  { call: (r) => r.ping("a", "b"), error: /ping\(\) takes 1 argument, not 2/ },
  { call: (r) => r.with({ signal: {} }), error: /must be an AbortSignal/ },
  // -- Two words, and modules --
  {
    call: (r) => r.clientGetname("x"),
    error: /takes 0 arguments, not 1: .*"x"/,
  },
  { call: (r) => r.clientKill("1.2.3.4:5"), error: /CLIENT takes its options/ },
  { call: (r) => r.clientPause(100, "write", 5), error: /takes 2 arguments/ },
  {
    call: (r) => r.flushall(() => {}),
    error: /words must be strings: .* func/,
  },
  { call: (r) => r.memoryUsage("k", "SAMPLES", 0), error: /MEMORY takes its/ },
  { call: (r) => r.slowlogGet(10, () => {}), error: /calls no function/ },
  { call: (r) => r.objectFreq("a", "b"), error: /objectFreq\(\) takes 1 arg/ },
  { call: (r) => r.bf.add("k", "a", "b"), error: /takes 2 .*: use madd\(\)/ },
  { call: (r) => r.cf.exists("k", "a", "b"), error: /use mexists\(\)/ },
  { call: (r) => r.json.del("k", "$.a", "$.b"), error: /takes 2 .*"\$\.b"/ },
  { call: (r) => r.json.set("k", { a: 1 }), error: /JSON.SET: argument 2/ },
  { call: (r) => r.json.mset("k", "$", 1), error: /it takes an array of/ },
  { call: (r) => r.ts.add("k", "*", 1, "RETENTION", 5), error: /TS.ADD takes/ },
  { call: (r) => r.ts.madd(["k", "*", 1]), error: /\[key, timestamp, value\]/ },
  { call: (r) => r.tdigest.add("k", [1]), words: ["TDIGEST.ADD", "k", 1] },
  { call: (r) => r.topk.list("k", "WITHCOUNT"), error: /TOPK.LIST takes its/ },
  {
    call: (r) => r.search.create("i", "ON", "HASH"),
    error: /FT.CREATE takes its options/,
  },
  {
    call: (r) => r.search.create("i", "title TEXT"),
    error: /a schema is as \{ title: "text"/,
  },
  {
    call: (r) => r.search.search("i", "*", { limit: 5 }, "x"),
    error: /search\(\) takes 3 arguments, not 4/,
  },
  // -- Options of connect() --
  { call: () => ask({ lazyConnect: true }), error: /use await connect\(\)/ },
  { call: () => ask({ retryStrategy: () => 1 }), error: /use "backoff"/ },
  { call: () => ask({ maxRetriesPerRequest: 3 }), error: /use "retries"/ },
  { call: () => ask({ connectionName: "x" }), error: /use "name"/ },
  { call: () => ask({ socket_timeout: 5 }), error: /use "commandTimeout"/ },
  { call: () => ask({ ssl: true }), error: /use "tls"/ },
  { call: () => ask({ RESP: 3 }), error: /use "protocol"/ },
  { call: () => ask({ sentinels: [] }), error: /use connectSentinel\(\)/ },
  { call: () => ask({ rootNodes: [] }), error: /use connectCluster\(\)/ },
  { call: () => ask({ decode_responses: true }), error: /use redis.bytes/ },
  { call: () => ask({ tls: "yes" }), error: /"tls" must be true or its opt/ },
  {
    call: () => ask({ tls: { rejectUnauthorized: false } }),
    error: /"tls" has caCerts, cert, .*"rejectUnauthorized"/,
  },
  { call: () => ask({ password: 5 }), error: /"password" must be a string$/ },
  { call: () => ask({ onEvent: true }), error: /"onEvent" must be a function/ },
  { call: () => ask("http://h"), error: /its scheme must be redis, rediss/ },
  { call: () => ask("h", 6379), error: /its options are an object: .* 6379/ },
  { call: () => ask("redis://h", "redis://i"), error: /options are an object/ },
  { call: () => ask(["redis://h"]), error: /it takes a URL or options/ },
  { call: () => cluster({ rootNodes: [] }), error: /cluster as it takes URLs/ },
  { call: () => cluster(), error: /cluster as it takes URLs: .* undefined/ },
  { call: () => cluster([]), error: /at least one URL is needed/ },
  {
    call: () => cluster(["redis://h"], { scaleReads: "slave" }),
    error: /its option is unknown: .*"scaleReads"/,
  },
  { call: () => sentinel({ sentinels: [] }), error: /as it takes URLs/ },
  { call: () => replicas("redis://h"), error: /it takes an array of URLs/ },
];
