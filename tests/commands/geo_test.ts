import assert from "node:assert/strict";
import { GeoCommands } from "../../lib/commands/geo.ts";
import { bytes, testFixtures, testLive, testWords } from "./support.ts";

const SETUP = [
  "GEOADD k 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
];
const nearly = (value: number, expected: number, within = 1e-3) =>
  assert(Math.abs(value - expected) < within, `${value}`);

testWords(GeoCommands, [
  {
    call: (c) => c.geoadd("k", [[13.5, 38, "m"]]),
    words: ["GEOADD", "k", 13.5, 38, "m"],
  },
  {
    call: (c) =>
      c.geoadd("k", [[1, 2, "m"], [3, 4, bytes("n")]], {
        xx: true,
        ch: true,
      }),
    words: ["GEOADD", "k", "XX", "CH", 1, 2, "m", 3, 4, bytes("n")],
  },
  { call: (c) => c.geodist("k", "m", "n"), words: ["GEODIST", "k", "m", "n"] },
  {
    call: (c) => c.geodist("k", "m", "n", "km"),
    words: ["GEODIST", "k", "m", "n", "km"],
  },
  { call: (c) => c.geohash("k", "m", "n"), words: ["GEOHASH", "k", "m", "n"] },
  { call: (c) => c.geopos("k", "m"), words: ["GEOPOS", "k", "m"] },
  {
    call: (c) => c.georadius("k", 15, 37, 200, "km"),
    words: ["GEORADIUS", "k", 15, 37, 200, "km"],
  },
  {
    call: (c) =>
      c.georadius("k", 15, 37, 200, "km", {
        withcoord: true,
        withdist: true,
        withhash: true,
        desc: true,
        count: 5,
        any: true,
      }),
    words: [
      ...["GEORADIUS", "k", 15, 37, 200, "km", "WITHCOORD", "WITHDIST"],
      ...["WITHHASH", "DESC", "COUNT", 5, "ANY"],
    ],
  },
  {
    call: (c) => c.georadius("k", 15, 37, 200, "km", { store: "d" }),
    words: ["GEORADIUS", "k", 15, 37, 200, "km", "STORE", "d"],
  },
  {
    call: (c) => c.georadiusRo("k", 15, 37, 200, "m", { withdist: true }),
    words: ["GEORADIUS_RO", "k", 15, 37, 200, "m", "WITHDIST"],
  },
  {
    call: (c) => c.georadiusbymember("k", "m", 200, "mi", { storedist: "d" }),
    words: ["GEORADIUSBYMEMBER", "k", "m", 200, "mi", "STOREDIST", "d"],
  },
  {
    call: (c) => c.georadiusbymemberRo("k", "m", 200, "ft", { count: 1 }),
    words: ["GEORADIUSBYMEMBER_RO", "k", "m", 200, "ft", "COUNT", 1],
  },
  {
    call: (c) =>
      c.geosearch("k", {
        bypolygon: [[12.5, 38], [15, 38], [18, 39.5]],
        asc: true,
        withdist: true,
      }),
    words: [
      ...["GEOSEARCH", "k", "BYPOLYGON", 3, 12.5, 38, 15, 38, 18, 39.5, "ASC"],
      "WITHDIST",
    ],
  },
  {
    call: (c) => c.geosearch("k", { frommember: "m", byradius: 100 }),
    words: ["GEOSEARCH", "k", "FROMMEMBER", "m", "BYRADIUS", 100, "m"],
  },
  {
    call: (c) =>
      c.geosearch("k", {
        fromlonlat: [15, 37],
        bybox: [400, 300, "km"],
        asc: true,
        count: 3,
        withcoord: true,
        withdist: true,
      }),
    words: [
      ...["GEOSEARCH", "k", "FROMLONLAT", 15, 37, "BYBOX", 400, 300, "km"],
      ...["ASC", "COUNT", 3, "WITHCOORD", "WITHDIST"],
    ],
  },
  {
    call: (c) =>
      c.geosearchstore("d", "s", {
        frommember: "m",
        byradius: [1, "km"],
        storedist: true,
      }),
    words: [
      ...["GEOSEARCHSTORE", "d", "s", "FROMMEMBER", "m", "BYRADIUS", 1, "km"],
      "STOREDIST",
    ],
  },
]);

testLive(GeoCommands, [
  {
    setup: SETUP,
    call: (redis) =>
      redis.geoadd("k", [[13.5, 38, "Palermo"], [1, 2, "n"]], { ch: true }),
    expect: 2,
  },
  {
    setup: SETUP,
    call: (redis) => redis.geodist("k", "Palermo", "Catania", "km"),
    expect: 166.2742,
  },
  { call: (redis) => redis.geodist("k", "a", "b"), expect: null },
  {
    setup: SETUP,
    call: (redis) => redis.geohash("k", "Palermo", "x"),
    expect: ["sqc8b49rny0", null],
  },
  {
    setup: SETUP,
    call: (redis) => redis.geopos("k", "Palermo", "x"),
    expect: ([palermo, x]: [[number, number], null]) => {
      nearly(palermo[0], 13.361389);
      nearly(palermo[1], 38.115556);
      assert.equal(x, null);
    },
  },
  {
    setup: SETUP,
    call: (redis) => redis.georadius("k", 15, 37, 200, "km", { asc: true }),
    expect: ["Catania", "Palermo"],
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.georadius("k", 15, 37, 100, "km", {
        withdist: true,
        withhash: true,
      }),
    expect: [{
      member: "Catania",
      distance: 56.4413,
      hash: 3_479_447_370_796_909,
    }],
  },
  {
    setup: SETUP,
    call: (redis) => redis.georadius("k", 15, 37, 200, "km", { store: "d" }),
    expect: 2,
  },
  {
    setup: SETUP,
    call: (redis) => redis.georadiusRo("k", 15, 37, 100, "km"),
    expect: ["Catania"],
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.georadiusRo("k", 15, 37, 100, "km", { withhash: true }),
    expect: [{ member: "Catania", hash: 3_479_447_370_796_909 }],
  },
  {
    setup: SETUP,
    call: (redis) => redis.georadiusbymember("k", "Palermo", 100, "km"),
    expect: ["Palermo"],
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.georadiusbymember("k", "Palermo", 1, "km", { storedist: "d" }),
    expect: 1,
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.georadiusbymemberRo("k", "Palermo", 1, "km", { withdist: true }),
    expect: [{ member: "Palermo", distance: 0 }],
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.geosearch("k", {
        fromlonlat: [15, 37],
        bybox: [400, 400, "km"],
        asc: true,
      }),
    expect: ["Catania", "Palermo"],
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.geosearch("k", {
        frommember: "Catania",
        byradius: 1,
        withcoord: true,
        withdist: true,
      }),
    expect: ([{ member, distance, position }]: [{
      member: string;
      distance: number;
      position: [number, number];
    }]) => {
      assert.deepEqual([member, distance], ["Catania", 0]);
      nearly(position[0], 15.087269);
      nearly(position[1], 37.502669);
    },
  },
  {
    call: (redis) => redis.geosearch("k", { fromlonlat: [1, 2], byradius: 1 }),
    expect: [],
  },
  {
    setup: SETUP,
    call: async (redis) => [
      await redis.geosearchstore("d", "k", {
        frommember: "Catania",
        byradius: 1,
        storedist: true,
      }),
      await redis.zscore("d", "Catania"),
    ],
    expect: [1, 0],
  },

  // -- As bytes --
  {
    setup: SETUP,
    call: (redis) =>
      redis.bytes.geosearch("k", {
        frommember: "Catania",
        byradius: 1,
        withdist: true,
      }),
    expect: [{ member: bytes("Catania"), distance: 0 }],
  },
  {
    setup: SETUP,
    call: (redis) => redis.bytes.geohash("k", "Palermo"),
    expect: ["sqc8b49rny0"],
  },
]);

/** A page whose example has the reply. */
const POLYGON =
  "valkey-io/valkey-doc commands/geosearch.md 221f35c8d527f87c951dbc074d030955f46d3cdb";

const CORNERS = [
  [12.41098696654226, 38.05033923003755],
  [15.107936245794182, 38.00616649901906],
  [18.148439288534455, 38.63804787603499],
  [17.80831874257693, 39.50316813110968],
  [12.458468633214036, 38.57719533463012],
] as const;

testFixtures(GeoCommands, [
  {
    call: (c) => c.geosearch("Sicily", { bypolygon: CORNERS }),
    source: POLYGON,
    resp2: ["Palermo", "edge2"],
    value: ["Palermo", "edge2"],
  },
  {
    call: (c) =>
      c.geosearch("Sicily", {
        bypolygon: CORNERS,
        asc: true,
        withdist: true,
      }),
    source: `${POLYGON}: with the distances only`,
    resp2: [["Palermo", "166482.0159"], ["edge2", "180861.7725"]],
    value: [
      { member: "Palermo", distance: 166482.0159 },
      { member: "edge2", distance: 180861.7725 },
    ],
  },
]);
