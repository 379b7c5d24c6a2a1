/**
 * What Redis 7.0 tells of its commands besides flags: which keys they use how,
 * tips for proxies, categories that their flags and group do not tell.
 *
 * Taken from what a redis-server 7.0.15 answers to COMMAND.
 *
 * @module
 */

/** Where some keys of a command are and what it does to them. */
export interface KeySpec {
  /** `RO`, `RW`, `OW` or `RM`, and more, separated by blanks. */
  readonly flags: string;
  /** Where to begin: `index 1`, `keyword STORE 5`. */
  readonly begin: string;
  /** How to go on: `range 0 1 0`, `keynum 0 1 1`. */
  readonly find: string;
  /** What else is to be said. */
  readonly notes: string | undefined;
}

type Row = readonly [
  flags: string,
  begin: string,
  find: string,
  notes: string | undefined,
  names: string,
];

const KEY_SPECS: readonly Row[] = [
  [
    "RW insert",
    "index 1",
    "range 0 1 0",
    undefined,
    "append hsetnx linsert lpush lpushx pfadd rpush rpushx sadd",
  ],
  [
    "RO access",
    "index 1",
    "range 0 1 0",
    undefined,
    "bitcount bitfield_ro bitpos copy dump expiretime geodist geohash geopos georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch get getbit getrange hget hgetall hkeys hmget hrandfield hscan hvals lindex lpos lrange pexpiretime pttl smembers smismember sort sort_ro srandmember sscan substr ttl xpending xrange xrevrange zcount zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore",
  ],
  [
    "RW access update variable_flags",
    "index 1",
    "range 0 1 0",
    "This command allows both access and modification of the key",
    "bitfield",
  ],
  [
    "RW access delete",
    "index 1",
    "range 0 1 0",
    undefined,
    "blmove brpoplpush getdel lmove lpop rename renamenx rpop rpoplpush smove spop zpopmax zpopmin",
  ],
  ["OW update", "index 2", "range 0 1 0", undefined, "bitop copy rename"],
  ["RO access", "index 3", "range -1 1 0", undefined, "bitop"],
  [
    "RW insert",
    "index 2",
    "range 0 1 0",
    undefined,
    "blmove brpoplpush lmove rpoplpush smove xgroup|create xgroup|createconsumer",
  ],
  ["RW access delete", "index 2", "keynum 0 1 1", undefined, "blmpop bzmpop"],
  [
    "RW access delete",
    "index 1",
    "range -2 1 0",
    undefined,
    "blpop brpop bzpopmax bzpopmin",
  ],
  [
    "RW access update",
    "index 1",
    "range 0 1 0",
    undefined,
    "decr decrby getset hincrby hincrbyfloat incr incrby incrbyfloat move setbit zincrby",
  ],
  ["RM delete", "index 1", "range -1 1 0", undefined, "del unlink"],
  [
    "RW access update",
    "index 2",
    "keynum 0 1 1",
    "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE",
    "eval fcall",
  ],
  [
    "RO access",
    "index 2",
    "keynum 0 1 1",
    "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS",
    "eval_ro fcall_ro",
  ],
  ["RW access update", "index 2", "keynum 0 1 1", undefined, "evalsha"],
  ["RO", "index 1", "range -1 1 0", undefined, "exists touch watch"],
  [
    "RW update",
    "index 1",
    "range 0 1 0",
    undefined,
    "expire expireat geoadd hmset hset lset persist pexpire pexpireat setrange sinterstore xack xclaim xsetid zadd",
  ],
  ["OW update", "keyword STORE 6", "range 0 1 0", undefined, "georadius"],
  ["OW update", "keyword STOREDIST 6", "range 0 1 0", undefined, "georadius"],
  [
    "OW update",
    "keyword STORE 5",
    "range 0 1 0",
    undefined,
    "georadiusbymember",
  ],
  [
    "OW update",
    "keyword STOREDIST 5",
    "range 0 1 0",
    undefined,
    "georadiusbymember",
  ],
  [
    "OW update",
    "index 1",
    "range 0 1 0",
    undefined,
    "geosearchstore psetex restore restore-asking sdiffstore setex sunionstore zdiffstore zinterstore zrangestore zunionstore",
  ],
  [
    "RO access",
    "index 2",
    "keynum 0 1 1",
    undefined,
    "evalsha_ro zdiffstore zinterstore zunionstore",
  ],
  [
    "RO access",
    "index 2",
    "range 0 1 0",
    undefined,
    "geosearchstore xinfo|consumers xinfo|groups xinfo|stream zrangestore",
  ],
  [
    "RW access update",
    "index 1",
    "range 0 1 0",
    "RW and UPDATE because it changes the TTL",
    "getex",
  ],
  [
    "RW delete",
    "index 1",
    "range 0 1 0",
    undefined,
    "hdel lrem ltrim srem xautoclaim xdel xtrim zrem zremrangebylex zremrangebyrank zremrangebyscore",
  ],
  [
    "RO",
    "index 1",
    "range 0 1 0",
    undefined,
    "hexists hlen hstrlen llen scard sismember strlen type xlen zcard",
  ],
  ["RO access", "index 1", "range 1 1 0", undefined, "lcs"],
  ["RW access delete", "index 1", "keynum 0 1 1", undefined, "lmpop zmpop"],
  [
    "RO",
    "index 2",
    "range 0 1 0",
    undefined,
    "memory|usage object|encoding object|freq object|idletime object|refcount",
  ],
  [
    "RO access",
    "index 1",
    "range -1 1 0",
    undefined,
    "mget sdiff sinter sunion",
  ],
  ["RW access delete", "index 3", "range 0 1 0", undefined, "migrate"],
  [
    "RW access delete incomplete",
    "keyword KEYS -2",
    "range -1 1 0",
    undefined,
    "migrate",
  ],
  ["OW update", "index 1", "range -1 2 0", undefined, "mset"],
  ["OW insert", "index 1", "range -1 2 0", undefined, "msetnx"],
  [
    "RW access",
    "index 1",
    "range -1 1 0",
    "RW because it may change the internal representation of the key, and propagate to replicas",
    "pfcount",
  ],
  ["RW access", "index 2", "range 0 1 0", undefined, "pfdebug"],
  ["RW access insert", "index 1", "range 0 1 0", undefined, "pfmerge"],
  [
    "RO access",
    "index 2",
    "range -1 1 0",
    undefined,
    "pfmerge sdiffstore sinterstore sunionstore",
  ],
  ["OW insert", "index 2", "range 0 1 0", undefined, "renamenx"],
  [
    "RW access update variable_flags",
    "index 1",
    "range 0 1 0",
    "RW and ACCESS due to the optional `GET` argument",
    "set",
  ],
  ["OW insert", "index 1", "range 0 1 0", undefined, "setnx"],
  [
    "RO access",
    "index 1",
    "keynum 0 1 1",
    undefined,
    "sintercard zdiff zinter zintercard zunion",
  ],
  [
    "RO access",
    "unknown",
    "unknown",
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
    "sort sort_ro",
  ],
  [
    "OW update",
    "unknown",
    "unknown",
    "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
    "sort",
  ],
  ["not_key", "index 1", "range 0 1 0", undefined, "spublish"],
  ["not_key", "index 1", "range -1 1 0", undefined, "ssubscribe sunsubscribe"],
  [
    "RW update",
    "index 1",
    "range 0 1 0",
    "UPDATE instead of INSERT because of the optional trimming feature",
    "xadd",
  ],
  [
    "RW delete",
    "index 2",
    "range 0 1 0",
    undefined,
    "xgroup|delconsumer xgroup|destroy",
  ],
  ["RW update", "index 2", "range 0 1 0", undefined, "xgroup|setid"],
  ["RO access", "keyword STREAMS 1", "range -1 1 2", undefined, "xread"],
  ["RO access", "keyword STREAMS 4", "range -1 1 2", undefined, "xreadgroup"],
];

const TIPS: Readonly<Record<string, string>> = {
  "nondeterministic_output":
    "client|info client|list cluster|bumpepoch cluster|count-failure-reports cluster|getkeysinslot cluster|info cluster|links cluster|nodes cluster|replicas cluster|shards cluster|slaves cluster|slots dump hrandfield hscan lastsave migrate object|encoding object|freq object|idletime object|refcount pttl spop srandmember sscan time ttl xadd xautoclaim xclaim xinfo|consumers xpending xtrim zrandmember zscan",
  "nondeterministic_output_order":
    "command command|docs command|info command|list function|list hgetall hkeys hvals module|list sdiff sinter smembers sunion",
  "request_policy:all_nodes response_policy:all_succeeded":
    "config|set latency|reset script|flush script|load slowlog|reset",
  "request_policy:all_shards response_policy:agg_sum": "dbsize",
  "request_policy:multi_shard response_policy:agg_sum":
    "del exists touch unlink",
  "request_policy:all_shards response_policy:all_succeeded":
    "flushall flushdb function|delete function|flush function|load function|restore memory|purge ping",
  "request_policy:all_shards response_policy:one_succeeded":
    "function|kill script|kill",
  "nondeterministic_output request_policy:all_shards response_policy:special":
    "function|stats info memory|doctor memory|malloc-stats memory|stats",
  "request_policy:all_shards nondeterministic_output_order": "keys",
  "nondeterministic_output request_policy:all_nodes response_policy:special":
    "latency|doctor latency|graph latency|histogram latency|history latency|latest",
  "request_policy:multi_shard": "mget",
  "request_policy:multi_shard response_policy:all_succeeded": "mset",
  "request_policy:multi_shard response_policy:agg_min": "msetnx",
  "request_policy:all_shards nondeterministic_output": "randomkey",
  "nondeterministic_output request_policy:special": "scan",
  "request_policy:all_shards response_policy:agg_logical_and": "script|exists",
  "request_policy:all_nodes nondeterministic_output": "slowlog|get",
  "request_policy:all_nodes response_policy:agg_sum nondeterministic_output":
    "slowlog|len",
  "request_policy:all_shards response_policy:agg_min": "wait",
};

/** A minus takes one away. */
const CATEGORIES: Readonly<Record<string, string>> = {
  "connection":
    "asking command command|count command|docs command|getkeys command|getkeysandflags command|help command|info command|list readonly readwrite",
  "keyspace": "dbsize",
  "dangerous keyspace": "flushall flushdb restore-asking swapdb",
  "dangerous": "info keys migrate restore",
  "admin dangerous": "lastsave role",
  "dangerous list set sortedset -keyspace": "sort sort_ro",
  "connection -keyspace": "wait",
};

/** What is looked up by the command's name in lower case, `container|sub`. */
interface Catalogue {
  readonly keySpecs: ReadonlyMap<string, readonly KeySpec[]>;
  readonly tips: ReadonlyMap<string, readonly string[]>;
  readonly categories: ReadonlyMap<string, readonly string[]>;
}

/** What Redis tells of its commands, by name in lower case, `container|sub`. */
export const CATALOGUE: Catalogue = {
  keySpecs: readSpecs(),
  tips: byName(TIPS),
  categories: byName(CATEGORIES),
};

function readSpecs(): Map<string, KeySpec[]> {
  const specs = new Map<string, KeySpec[]>();
  for (const [flags, begin, find, notes, names] of KEY_SPECS) {
    const spec = { flags, begin, find, notes };
    for (const name of names.split(" ")) {
      const known = specs.get(name);
      if (known === undefined) specs.set(name, [spec]);
      else known.push(spec);
    }
  }
  return specs;
}

function byName(
  table: Readonly<Record<string, string>>,
): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [words, names] of Object.entries(table)) {
    for (const name of names.split(" ")) found.set(name, words.split(" "));
  }
  return found;
}
