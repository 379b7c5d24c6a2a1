import { ArrayCommands } from "../../lib/commands/arrays.ts";
import { d, map } from "./modules/support.ts";
import { bare, testFixtures, testWords } from "./support.ts";

testWords(ArrayCommands, [
  { call: (c) => c.arcount("k"), words: ["ARCOUNT", "k"] },
  { call: (c) => c.ardel("k", 0, 2n), words: ["ARDEL", "k", 0, 2n] },
  {
    call: (c) => c.ardelrange("k", [0, 2], [10, 11]),
    words: ["ARDELRANGE", "k", 0, 2, 10, 11],
  },
  { call: (c) => c.arget("k", 3), words: ["ARGET", "k", 3] },
  { call: (c) => c.argetrange("k", 0, 3), words: ["ARGETRANGE", "k", 0, 3] },
  {
    call: (c) => c.argrep("k", "-", "+", [["match", "error"]]),
    words: ["ARGREP", "k", "-", "+", "MATCH", "error"],
  },
  {
    call: (c) =>
      c.argrep("k", 0, 9, [["glob", "a*"], ["exact", "b"]], {
        and: true,
        limit: 3,
        withvalues: true,
        nocase: true,
      }),
    words: [
      ...["ARGREP", "k", 0, 9, "GLOB", "a*", "EXACT", "b", "AND", "LIMIT", 3],
      ...["WITHVALUES", "NOCASE"],
    ],
  },
  { call: (c) => c.arinfo("k"), words: ["ARINFO", "k"] },
  {
    call: (c) => c.arinfo("k", { full: true }),
    words: ["ARINFO", "k", "FULL"],
  },
  { call: (c) => c.arinsert("k", "a", 2), words: ["ARINSERT", "k", "a", 2] },
  {
    call: (c) => c.arlastitems("k", 3, { rev: true }),
    words: ["ARLASTITEMS", "k", 3, "REV"],
  },
  { call: (c) => c.arlen("k"), words: ["ARLEN", "k"] },
  { call: (c) => c.armget("k", 0, 1), words: ["ARMGET", "k", 0, 1] },
  {
    call: (c) => c.armset("k", [[0, "a"], [5, "b"]]),
    words: ["ARMSET", "k", 0, "a", 5, "b"],
  },
  { call: (c) => c.arnext("k"), words: ["ARNEXT", "k"] },
  { call: (c) => c.arop("k", 0, 2, "sum"), words: ["AROP", "k", 0, 2, "SUM"] },
  {
    call: (c) => c.arop("k", 0, 2, "used"),
    words: ["AROP", "k", 0, 2, "USED"],
  },
  {
    call: (c) => c.arop("k", 0, 2, "match", 10),
    words: ["AROP", "k", 0, 2, "MATCH", 10],
  },
  {
    call: (c) => c.arring("k", 3, "a", "b"),
    words: ["ARRING", "k", 3, "a", "b"],
  },
  { call: (c) => c.arscan("k", 0, 10), words: ["ARSCAN", "k", 0, 10] },
  {
    call: (c) => c.arscan("k", 0, 10, { limit: 5 }),
    words: ["ARSCAN", "k", 0, 10, "LIMIT", 5],
  },
  { call: (c) => c.arseek("k", 10), words: ["ARSEEK", "k", 10] },
  {
    call: (c) => c.arset("k", 2, "a", "b"),
    words: ["ARSET", "k", 2, "a", "b"],
  },
]);

/** The pages of the commands, and a client's tests against Redis 8.8. */
const source =
  "redis/docs content/commands/ar*.md; dahomey-technologies/rustis src/tests/array_commands.rs";
const INFO = {
  count: 3,
  len: 101,
  "next-insert-index": 1,
  slices: 1,
  "slice-size": 4096,
  "directory-size": 1,
  "super-dir-entries": 0,
};

testFixtures(ArrayCommands, [
  { call: (c) => c.arcount("k"), source, resp2: 4, value: 4 },
  { call: (c) => c.ardel("k", 0, 1, 99), source, resp2: 2, value: 2 },
  { call: (c) => c.ardelrange("k", [2, 4]), source, resp2: 5, value: 5 },
  { call: (c) => c.arget("k", 3), source, resp2: "B", value: "B" },
  { call: (c) => c.arget("k", 1), source, resp2: null, value: null },
  {
    call: (c) => c.argetrange("k", 0, 3),
    source,
    resp2: ["z", null, "a", "B"],
    value: ["z", null, "a", "B"],
  },
  {
    call: (c) => c.argrep("log", "-", "+", [["match", "error"]]),
    source,
    resp2: [2, 4],
    value: [2, 4],
  },
  {
    call: (c) =>
      c.argrep("log", "-", "+", [["match", "error"]], { withvalues: true }),
    source,
    resp2: [[2, "ERROR: cpu"], [4, "error: net"]],
    value: [[2, "ERROR: cpu"], [4, "error: net"]],
  },
  {
    call: (c) => c.arinfo("k"),
    source,
    resp2: Object.entries(INFO).flat(),
    resp3: map(INFO),
    value: bare(INFO),
  },
  {
    call: (c) => c.arinfo("k", { full: true }),
    source,
    resp2: ["count", 3, "dense-slices", 0, "avg-sparse-size", "8"],
    resp3: map({ count: 3, "dense-slices": 0, "avg-sparse-size": d(8) }),
    value: bare({ count: 3, "dense-slices": 0, "avg-sparse-size": 8 }),
  },
  { call: (c) => c.arinsert("k", "a", "b", "c"), source, resp2: 2, value: 2 },
  {
    call: (c) => c.arlastitems("k", 2),
    source,
    resp2: ["c", "d"],
    value: ["c", "d"],
  },
  { call: (c) => c.arlen("k"), source, resp2: 11, value: 11 },
  {
    call: (c) => c.armget("k", 0, 1, 100),
    source,
    resp2: ["z", null, "far"],
    value: ["z", null, "far"],
  },
  { call: (c) => c.armset("k", [[0, "z"]]), source, resp2: 2, value: 2 },
  { call: (c) => c.arnext("k"), source, resp2: 3, value: 3 },
  { call: (c) => c.arop("k", 0, 2, "sum"), source, resp2: "60", value: 60 },
  { call: (c) => c.arop("k", 50, 60, "sum"), source, resp2: null, value: null },
  { call: (c) => c.arop("k", 0, 2, "or"), source, resp2: 255, value: 255 },
  { call: (c) => c.arop("k", 0, 2, "match", 10), source, resp2: 1, value: 1 },
  { call: (c) => c.arring("k", 3, "v1", "v2"), source, resp2: 2, value: 2 },
  {
    call: (c) => c.arscan("k", 0, 100, { limit: 2 }),
    source,
    resp2: [0, "z", 2, "a"],
    resp3: [[0, "z"], [2, "a"]],
    value: [[0, "z"], [2, "a"]],
  },
  { call: (c) => c.arseek("missing", 1), source, resp2: 0, value: 0 },
  { call: (c) => c.arset("k", 2, "a", "b", "c"), source, resp2: 3, value: 3 },
]);
