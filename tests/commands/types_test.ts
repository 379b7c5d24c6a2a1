/**
 * Types of replies and of rejected options, asserted at compile time: `deno check` is
 * the test, and running the calls shows that they do not throw.
 *
 * @module
 */

import type {
  AclLogEntry,
  LibraryInfo,
  LibraryWithCode,
} from "../../lib/commands/server_shapes.ts";
import type {
  GroupEntry,
  PendingSummary,
  StreamEntry,
} from "../../lib/commands/stream_shapes.ts";
import type { Fields, LcsMatches, Page } from "../../lib/commands/shapes.ts";
import type { SortOptions } from "../../lib/commands/keys.ts";
import type { XaddOptions } from "../../lib/commands/streams.ts";
import type { SetOptions } from "../../lib/commands/strings.ts";

import { Commands } from "../../lib/commands/commands.ts";
import { AS_BYTES, type Readings } from "../../lib/commands/shapes.ts";
import { Recorder } from "./support.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only when the promise's type is exactly `T`. */
function is<T>() {
  return <P>(
    _promise: Promise<P>,
    ..._proof: Same<P, T> extends true ? [] : [differs: P]
  ): void => {};
}

class ByteRecorder extends Commands<Uint8Array> {
  protected override readonly as: Readings<Uint8Array> = AS_BYTES;

  override send(): Promise<never> {
    return new Promise(() => {});
  }
}

/** The same promise, with its type written out. */
function flat<T>(promise: Promise<T[]>): Promise<{ [K in keyof T]: T[K] }[]> {
  return promise;
}

const c = new Recorder();
const b = new ByteRecorder();

// Options of which only the type is known, as in a program that builds them.
const SET = {} as SetOptions;
const SORT = {} as SortOptions;
const XADD = {} as XaddOptions;

Deno.test("Commands have exact reply types", { permissions: "none" }, () => {
  is<"OK">()(c.set("k", "v"));
  is<"OK">()(c.set("k", "v", {}));
  is<"OK">()(c.set("k", "v", { ex: 1 }));
  is<"OK" | null>()(c.set("k", "v", { nx: true }));
  is<"OK" | null>()(c.set("k", "v", { xx: true, ex: 1 }));
  is<string | null>()(c.set("k", "v", { get: true }));
  is<string | null>()(c.set("k", "v", { get: true, nx: true }));
  is<Uint8Array | null>()(b.set("k", "v", { get: true }));
  is<"OK" | string | null>()(c.set("k", "v", SET));
  is<"OK" | Uint8Array | null>()(b.set("k", "v", SET));
  is<string>()(c.lcs("a", "b"));
  is<number>()(c.lcs("a", "b", { len: true }));
  is<LcsMatches>()(c.lcs("a", "b", { idx: true }));
  is<(string | null)[]>()(c.mget("a", "b"));
  is<Uint8Array | null>()(c.dump("k"));
  is<Page<string>>()(c.scan(0));
  is<string[]>()(c.sort("k"));
  is<(string | null)[]>()(c.sort("k", { get: ["#"] }));
  is<number>()(c.sort("k", { store: "d" }));
  is<(string | null)[]>()(c.sort("k", SORT));
  is<string[]>()(c.sortRo("k", { alpha: true }));
  is<(string | null)[]>()(c.sortRo("k", { get: ["#"] }));
  is<(Uint8Array | null)[]>()(b.sortRo("k", SORT));
  is<Record<string, string>>()(c.hgetall("k"));
  is<Fields<Uint8Array>>()(b.hgetall("k"));
  is<string | null>()(c.hrandfield("k"));
  is<string[]>()(c.hrandfield("k", 2));
  is<[string, string][]>()(c.hrandfield("k", 2, { withvalues: true }));
  is<string | null>()(c.lpop("k"));
  is<string[] | null>()(c.lpop("k", 2));
  is<number | null>()(c.lpos("k", "e", { rank: 2 }));
  is<number[]>()(c.lpos("k", "e", { count: 2 }));
  is<[string, string[]] | null>()(c.lmpop(["k"], "left"));
  is<string | null>()(c.spop("k"));
  is<string[]>()(c.spop("k", 2));
  is<number>()(c.zadd("k", 1, "m", { ch: true }));
  is<number>()(c.zadd("k", [[1, "m"]]));
  is<number | null>()(c.zadd("k", 1, "m", { incr: true }));
  is<string[]>()(c.zrange("k", 0, -1));
  is<[string, number][]>()(c.zrange("k", 0, -1, { withscores: true }));
  is<string[]>()(c.zrange("k", "-inf", 5, { byscore: true }));
  is<string[]>()(c.zrange("k", "-", "[b", { bylex: true }));
  is<[string, number] | null>()(c.zpopmin("k"));
  is<[string, number][]>()(c.zpopmin("k", 2));
  is<number | null>()(c.zrank("k", "m"));
  is<[number, number] | null>()(c.zrank("k", "m", { withscore: true }));
  is<[string, string, number] | null>()(c.bzpopmin(["k"], 1));
  is<(number | null)[]>()(c.bitfield("k", ["get", "u8", 0]));
  is<number[]>()(c.bitfieldRo("k", ["get", "u8", 0]));
  is<string[]>()(c.geosearch("k", { frommember: "m", byradius: 1 }));
  is<{ member: string; distance: number }[]>()(
    flat(c.geosearch("k", {
      frommember: "m",
      byradius: 1,
      withdist: true,
    })),
  );
  is<number>()(c.georadius("k", 1, 2, 3, "m", { store: "d" }));
  is<number>()(c.pfcount("k"));
  is<number[]>()(c.hexpire("k", 1, ["f"]));
  is<(string | null)[]>()(c.hgetex("k", ["f"]));
  is<Page<string>>()(c.hscan("k", 0, { novalues: true }));
  is<string>()(c.xadd("k", "*", { f: 1 }));
  is<string>()(c.xadd("k", "*", { f: 1 }, { keepref: true }));
  is<string | null>()(c.xadd("k", "*", { f: 1 }, { nomkstream: true }));
  is<string | null>()(c.xadd("k", "*", { f: 1 }, XADD));
  is<StreamEntry<string>[]>()(c.xrange("k", "-", "+"));
  is<[string, StreamEntry<string>[]][] | null>()(c.xread({ k: 0 }));
  is<[Uint8Array, GroupEntry<Uint8Array>[]][] | null>()(
    b.xreadgroup("g", "c", { k: ">" }),
  );
  is<PendingSummary<string>>()(c.xpending("k", "g"));
  is<string[]>()(c.xclaim("k", "g", "c", 0, ["1-1"], { justid: true }));
  is<number[] | null>()(c.vemb("k", "e"));
  is<string[]>()(c.vsim("k", { ele: "e" }));
  is<[string, number][]>()(c.vsim("k", [1], { withscores: true }));
  is<[string, string | null][]>()(c.vsim("k", [1], { withattribs: true }));
  is<(string | null)[]>()(c.armget("k", 0));
  is<[number, string][]>()(
    c.argrep("k", 0, 1, [["exact", "a"]], { withvalues: true }),
  );
  is<number | null>()(c.arop("k", 0, 1, "sum"));
  is<number>()(c.arop("k", 0, 1, "used"));
  is<Uint8Array>()(c.functionDump());
  is<LibraryInfo[]>()(c.functionList());
  is<LibraryWithCode[]>()(c.functionList({ withcode: true }));
  is<"OK">()(c.aclLog("reset"));
  is<AclLogEntry[]>()(c.aclLog(5));
  is<"OK">()(c.clusterSetslot(1, "stable"));
  is<[host: string, port: number] | null>()(
    c.sentinelGetMasterAddrByName("m"),
  );
  is<[local: number, replicas: number]>()(c.waitaof(1, 0, 0));
  is<"OK" | "NOKEY">()(c.migrate("h", 1, ["k"], 0, 1));
  is<[key: Uint8Array, flags: string[]][]>()(
    b.commandGetkeysandflags("GET", "k"),
  );
  is<"PONG">()(b.ping());
  is<Uint8Array>()(b.ping("m"));
  is<string>()(b.info());
});

interface User {
  name: string;
  age: number;
  nick?: string;
}

/** Only its types are checked. */
function shapesAtHand(
  user: User,
  ages: Map<string, number>,
  ttl: number | undefined,
  options: SetOptions,
  list: readonly string[],
): void {
  const at = new Date();
  is<number>()(c.hset("k", user));
  is<number>()(c.hset("k", ages));
  is<number>()(c.hset("k", [["f", 1]]));
  is<number>()(c.hset("k", "f", 1, "g", 2));
  is<"OK">()(c.mset(user));
  is<"OK">()(c.mset("a", 1, "b", 2));
  is<string>()(c.xadd("k", "*", user));
  is<string>()(c.xadd("k", "*", "f", 1));
  is<number>()(c.zadd("k", { ada: 10 }));
  is<number>()(c.zadd("k", ages));
  is<number>()(c.zadd("k", { score: 1, value: "ada" }));
  is<number>()(c.zadd("k", [{ score: 1, value: "ada" }]));
  is<number>()(c.zadd("k", [[1, "ada"]]));
  is<number>()(c.zadd("k", 1, "ada", 2, "bob"));
  is<number | null>()(c.zadd("k", { ada: 1 }, { incr: true }));
  is<number>()(c.del(...list));
  is<number>()(c.del(list));
  is<[string, string] | null>()(c.blpop("jobs", 1));
  is<[string, string] | null>()(c.blpop("a", "b", 1));
  is<string[]>()(c.zinter("a", "b"));
  is<"OK">()(c.set("k", "v", { ex: ttl }));
  is<string | null>()(c.set("k", "v", options));
  is<"OK">()(c.set("k", "v", { exat: at }));
  is<"OK">()(c.set("k", "v", { pxat: { epochMilliseconds: 1 } }));
  is<number>()(c.expireat("k", at, { xx: true, gt: true }));
  // @ts-expect-error -- a boolean is not a value
  c.hset("k", { admin: true });
  // @ts-expect-error -- a score is a number
  c.zadd("k", { ada: "ten" });
}
void shapesAtHand;

// Only its types are checked: most of these calls throw.
function impossibleOptions(): void {
  const limit = { offset: 0, count: 1 };
  // @ts-expect-error -- two expiries
  c.set("k", "v", { ex: 1, px: 1 });
  // @ts-expect-error -- two expiries
  c.set("k", "v", { ex: 1, keepttl: true });
  // @ts-expect-error -- not a condition of SET
  c.set("k", "v", { gt: true });
  // @ts-expect-error -- a string is not a length of time
  c.set("k", "v", { ex: "1" });
  // @ts-expect-error -- GETEX has no KEEPTTL
  c.getex("k", { keepttl: true });
  // @ts-expect-error -- two expiries
  c.getex("k", { persist: true, ex: 1 });
  // @ts-expect-error -- LEN or IDX
  c.lcs("a", "b", { len: true, idx: true });
  // @ts-expect-error -- MINMATCHLEN needs IDX
  c.lcs("a", "b", { minmatchlen: 4 });
  // @ts-expect-error -- NX with GT
  c.expire("k", 1, { nx: true, gt: true });
  // @ts-expect-error -- GT or LT
  c.expire("k", 1, { gt: true, lt: true });
  // @ts-expect-error -- NX with GT
  c.zadd("k", 1, "m", { nx: true, gt: true });
  // @ts-expect-error -- the score must come first
  c.zadd("k", [["m", 1]]);
  // @ts-expect-error -- LIMIT needs BYSCORE or BYLEX
  c.zrange("k", 0, -1, { limit });
  // @ts-expect-error -- BYLEX has no WITHSCORES
  c.zrange("k", "-", "+", { bylex: true, withscores: true });
  // @ts-expect-error -- a bound without its [ or (
  c.zrange("k", "a", "b", { bylex: true });
  // @ts-expect-error -- a bound of scores needs BYSCORE
  c.zrange("k", "(1", "+inf");
  // @ts-expect-error -- IDLETIME or FREQ
  c.restore("k", 0, new Uint8Array(), { idletime: 1, freq: 1 });
  // @ts-expect-error -- WITHVALUES needs a count
  c.hrandfield("k", { withvalues: true });
  // @ts-expect-error -- no filter at all
  c.clientKill({});
  // @ts-expect-error -- FORCE needs TIMEOUT
  c.failover({ to: ["h", 1], force: true });
  // @ts-expect-error -- ABORT stands alone
  c.failover({ abort: true, timeout: 1 });
  // @ts-expect-error -- the value is missing
  c.hset("k", "f");
  // @ts-expect-error -- NX or IFEQ
  c.set("k", "v", { nx: true, ifeq: "w" });
  // @ts-expect-error -- IFEQ or IFDEQ
  c.delex("k", { ifeq: "w", ifdeq: "0" });
  // @ts-expect-error -- ENX needs an expiry
  c.increx("k", { enx: true });
  // @ts-expect-error -- BYINT or BYFLOAT
  c.increx("k", { byint: 1, byfloat: 0.5 });
  // @ts-expect-error -- only GET
  c.bitfieldRo("k", ["set", "u8", 0, 1]);
  // @ts-expect-error -- the center is missing
  c.geosearch("k", { byradius: 1 });
  // @ts-expect-error -- two areas
  c.geosearch("k", { frommember: "m", byradius: 1, bybox: [1, 1] });
  // @ts-expect-error -- ANY needs COUNT
  c.geosearch("k", { frommember: "m", byradius: 1, any: true });
  // @ts-expect-error -- STORE has no WITHDIST
  c.georadius("k", 1, 2, 3, "m", { store: "d", withdist: true });
  // @ts-expect-error -- MAXLEN or MINID
  c.xtrim("k", { maxlen: 1, minid: "1" });
  // @ts-expect-error -- LIMIT needs ~
  c.xtrim("k", { maxlen: 1, limit: 5 });
  // @ts-expect-error -- IDLE or TIME
  c.xclaim("k", "g", "c", 0, ["1-1"], { idle: 1, time: 1 });
  // @ts-expect-error -- COUNT or EXACTLY
  c.lmovem("a", "b", "left", "left", { count: 1, exactly: 1, obo: true });
  // @ts-expect-error -- `obo` is missing
  c.lmovem("a", "b", "left", "left", { count: 1 });
  // @ts-expect-error -- the node is missing
  c.clusterSetslot(1, "importing");
  // @ts-expect-error -- ID or ALL
  c.clusterMigrationStatus({ id: "i", all: true });
  // @ts-expect-error -- LIMIT needs ORDERBY
  c.clusterSlotStats({ slotsrange: [0, 1] }, { limit: 1 });
  // @ts-expect-error -- SLOTSRANGE or ORDERBY
  c.clusterSlotStats({ slotsrange: [0, 1], orderby: "key-count" });
  // @ts-expect-error -- NOT takes one key
  c.bitop("not", "d", "a", "b");
  // @ts-expect-error -- ABORT stands alone
  c.shutdown({ abort: true, now: true });
}
void impossibleOptions;
