import assert from "node:assert/strict";
import { PubSubCommands } from "../../lib/commands/pubsub.ts";
import { bytes, testLive, testWords } from "./support.ts";

testWords(PubSubCommands, [
  { call: (c) => c.publish("c", "m"), words: ["PUBLISH", "c", "m"] },
  { call: (c) => c.pubsubChannels(), words: ["PUBSUB", "CHANNELS"] },
  { call: (c) => c.pubsubChannels("a*"), words: ["PUBSUB", "CHANNELS", "a*"] },
  { call: (c) => c.pubsubNumpat(), words: ["PUBSUB", "NUMPAT"] },
  {
    call: (c) => c.pubsubNumsub("a", "b"),
    words: ["PUBSUB", "NUMSUB", "a", "b"],
  },
  { call: (c) => c.pubsubShardchannels(), words: ["PUBSUB", "SHARDCHANNELS"] },
  {
    call: (c) => c.pubsubShardchannels("a*"),
    words: ["PUBSUB", "SHARDCHANNELS", "a*"],
  },
  {
    call: (c) => c.pubsubShardnumsub("a"),
    words: ["PUBSUB", "SHARDNUMSUB", "a"],
  },
  { call: (c) => c.spublish("c", "m"), words: ["SPUBLISH", "c", "m"] },
  { call: (c) => c.pubsubHelp(), words: ["PUBSUB", "HELP"] },
]);

testLive(PubSubCommands, [
  { call: (redis) => redis.publish("c", "m"), expect: 0 },
  {
    call: async (redis) => {
      await using _news = await redis.subscribe("news");
      return [
        await redis.publish("news", "m"),
        await redis.pubsubChannels(),
        await redis.pubsubChannels("x*"),
        await redis.pubsubNumsub("news", "old"),
        await redis.bytes.pubsubNumsub("news"),
      ];
    },
    expect: [
      1,
      ["news"],
      [],
      [["news", 1], ["old", 0]],
      [[bytes("news"), 1]],
    ],
  },
  { call: (redis) => redis.pubsubNumpat(), expect: 0 },
  { call: (redis) => redis.pubsubShardchannels(), expect: [] },
  { call: (redis) => redis.pubsubShardnumsub("a"), expect: [["a", 0]] },
  { call: (redis) => redis.pubsubShardnumsub(), expect: [] },
  { call: (redis) => redis.spublish("c", "m"), expect: 0 },
  {
    call: (redis) => redis.pubsubHelp(),
    expect: ([first]: string[]) => assert.match(first!, /^PUBSUB/),
  },
]);
