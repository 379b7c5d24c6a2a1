import { HyperLogLogCommands } from "../../lib/commands/hyperloglog.ts";
import { testLive, testWords } from "./support.ts";

testWords(HyperLogLogCommands, [
  { call: (c) => c.pfadd("k", "a", 2), words: ["PFADD", "k", "a", 2] },
  { call: (c) => c.pfadd("k"), words: ["PFADD", "k"] },
  { call: (c) => c.pfcount("a", "b"), words: ["PFCOUNT", "a", "b"] },
  { call: (c) => c.pfmerge("d", "a", "b"), words: ["PFMERGE", "d", "a", "b"] },
]);

testLive(HyperLogLogCommands, [
  { call: (redis) => redis.pfadd("k", "a", "b"), expect: 1 },
  { setup: ["PFADD k a"], call: (redis) => redis.pfadd("k", "a"), expect: 0 },
  {
    setup: ["PFADD a 1 2", "PFADD b 2 3"],
    call: (redis) => redis.pfcount("a", "b"),
    expect: 3,
  },
  { call: (redis) => redis.bytes.pfcount("a"), expect: 0 },
  {
    setup: ["PFADD a 1"],
    call: (redis) => redis.pfmerge("d", "a"),
    expect: "OK",
  },
]);
