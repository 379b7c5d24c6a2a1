import { ReplicationCommands } from "../../lib/commands/replication.ts";
import { page } from "./modules/support.ts";
import { testFixtures, testLive, testWords } from "./support.ts";

testWords(ReplicationCommands, [
  { call: (c) => c.failover(), words: ["FAILOVER"] },
  { call: (c) => c.failover({ abort: true }), words: ["FAILOVER", "ABORT"] },
  {
    call: (c) => c.failover({ to: ["h", 1], force: true, timeout: 5 }),
    words: ["FAILOVER", "TO", "h", 1, "FORCE", "TIMEOUT", 5],
  },
  { call: (c) => c.replicaof("h", 1), words: ["REPLICAOF", "h", 1] },
  { call: (c) => c.replicaof("no", "one"), words: ["REPLICAOF", "no", "one"] },
  { call: (c) => c.role(), words: ["ROLE"] },
  { call: (c) => c.wait(1, 100), words: ["WAIT", 1, 100] },
  { call: (c) => c.slaveof("h", 1), words: ["SLAVEOF", "h", 1] },
  { call: (c) => c.slaveof("no", "one"), words: ["SLAVEOF", "no", "one"] },
  { call: (c) => c.waitaof(1, 2, 500), words: ["WAITAOF", 1, 2, 500] },
]);

testLive(ReplicationCommands, [
  { call: (redis) => redis.replicaof("no", "one"), expect: "OK" },
  {
    call: (redis) => redis.role(),
    expect: { role: "master", offset: 0, replicas: [] },
  },
  // A master without replicas refuses it.
  {
    call: (redis) =>
      redis.failover().catch((error: { code: string }) => error.code),
    expect: "ERR",
  },
  {
    call: (redis) =>
      redis.pipeline((p) => [p.set("k", "v"), p.wait(0, 10)], {
        transaction: false,
      }),
    expect: ["OK", 0],
  },
  { call: (redis) => redis.slaveof("no", "one"), expect: "OK" },
], ["waitaof"]);

testFixtures(ReplicationCommands, [
  {
    call: (c) => c.waitaof(1, 0, 0),
    source: page("waitaof"),
    resp2: [1, 0],
    value: [1, 0],
  },
]);
