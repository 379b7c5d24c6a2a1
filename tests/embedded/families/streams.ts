/**
 * Random commands on streams.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import {
  anyCase,
  anyCount,
  anyInteger,
  anyText,
  mangled,
} from "../arguments.ts";
import type { Family } from "../differential.ts";

const KEYS = ["a", "b", "long", "none", "text"];
const GROUPS = ["g", "h", "none"];
const CONSUMERS = ["alice", "bob", "carol"];

/** An id from the clock, with its length: its sequence number may have any number of digits. */
const NEW_ID = /(\$\d+\r\n)?\d{13}-\d+/g;

/** Streams. Ids are explicit, as the clocks of two servers differ. */
export const STREAM_FAMILY: Family = {
  name: "streams",
  generate(random) {
    const args = random.pick(COMMANDS)(random);
    // BLOCK is not mangled: the timeout must stay short.
    return args.includes("BLOCK") ? args : mangled(random, args);
  },
  normalize(args, reply) {
    const word = args[0]!.toLowerCase();
    const sub = args[1]?.toLowerCase();
    if (word === "xinfo" && (sub === "consumers" || sub === "stream")) {
      return reply.replace(/(idle|inactive|seen-time)\r\n:\d+/g, "$1")
        .replace(/\r\n:\d{13}\r\n/g, "\r\n:time\r\n");
    }
    // So it does the fields, with CLAIM.
    if (word === "xreadgroup") {
      return reply.replace(/\r\n:\d+(\r\n:\d+\r\n)/g, "\r\n:idle$1");
    }
    // The idle time follows the consumer.
    if (word === "xpending") {
      return reply.replace(/(\$\d+\r\n\w+\r\n):\d+(\r\n:\d+)/g, "$1:idle$2");
    }
    // An id from the clock.
    return word === "xadd" ? reply.replace(NEW_ID, "now") : reply;
  },
};

/** A stream of several nodes, and commands that trim it. */
export const LONG_STREAM_FAMILY: Family = {
  name: "long streams",
  generate(random) {
    if (random.chance(0.85)) return ["XADD", "long", "5-*", ...pairs(random)];
    const at = `5-${random.below(400)}`;
    const share = String(random.below(400));
    const sign = random.chance(0.8) ? "~" : "=";
    return random.pick([
      ["XTRIM", "long", "MAXLEN", sign, share],
      ["XTRIM", "long", "MAXLEN", "~", share, "LIMIT", share],
      ["XTRIM", "long", "MINID", sign, at],
      ["XADD", "long", "MAXLEN", "~", share, "5-*", ...pairs(random)],
      ["XDEL", "long", at],
      ["XLEN", "long"],
      ["XRANGE", "long", at, "+", "COUNT", "3"],
      ["XREVRANGE", "long", at, "-", "COUNT", "3"],
      ["XINFO", "STREAM", "long"],
      ["COPY", "long", "long", "DB", "1", "REPLACE"],
    ]);
  },
};

/** Messages that producers send more than once; ids are the clock's. */
export const PRODUCER_FAMILY: Family = {
  name: "producers",
  newest: true,
  generate(random) {
    const args = random.pick(PRODUCER_COMMANDS)(random);
    return random.chance(0.05) ? mangled(random, args) : args;
  },
  normalize: (_args, reply) => reply.replaceAll(NEW_ID, "now"),
};

function key(random: Random): string {
  return random.pick(KEYS.slice(0, random.chance(0.9) ? 2 : KEYS.length));
}

function group(random: Random): string {
  return random.pick(GROUPS.slice(0, random.chance(0.9) ? 2 : 3));
}

function number(random: Random): string {
  if (random.chance(0.02)) {
    return random.pick([
      "18446744073709551615",
      "9007199254740991",
      "x",
      "007",
    ]);
  }
  return String(random.below(60));
}

function id(random: Random): string {
  if (random.chance(0.02)) return anyText(random);
  if (random.chance(0.3)) return number(random);
  return `${number(random)}-${random.below(3)}`;
}

function newId(random: Random): string {
  if (random.chance(0.1)) return `${number(random)}-*`;
  return id(random);
}

function start(random: Random): string {
  if (random.chance(0.4)) return "-";
  return (random.chance(0.2) ? "(" : "") + id(random);
}

function end(random: Random): string {
  if (random.chance(0.4)) return "+";
  return (random.chance(0.2) ? "(" : "") + id(random);
}

function some<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: 1 + random.below(most) }, make);
}

function words(random: Random, share: number, ...all: string[]): string[] {
  return all.filter(() => random.chance(share)).map((w) => anyCase(random, w));
}

function count(random: Random, share = 0.4): string[] {
  return random.chance(share) ? ["COUNT", anyCount(random)] : [];
}

function pairs(random: Random): string[] {
  if (random.chance(0.5)) return ["f", anyText(random), "g", anyText(random)];
  return some(random, 3, () => [anyText(random), anyText(random)]).flat();
}

function trim(random: Random): string[] {
  const sign = random.pick([[], ["="], ["~"], ["~"]]);
  const what = random.chance(0.6)
    ? ["MAXLEN", ...sign, anyCount(random)]
    : ["MINID", ...sign, id(random)];
  return random.chance(0.2) ? [...what, "LIMIT", anyInteger(random)] : what;
}

function reference(random: Random, share: number): string[] {
  return random.chance(share)
    ? [anyCase(random, random.pick(["KEEPREF", "DELREF", "ACKED"]))]
    : [];
}

/** What XDELEX and XACKDEL delete, and what becomes of references. */
function references(random: Random): string[] {
  const ids = some(random, 3, () => id(random));
  const count = random.chance(0.95) ? String(ids.length) : anyCount(random);
  return [
    ...reference(random, 0.7),
    anyCase(random, "IDS"),
    count,
    ...ids,
    ...words(random, 0.02, "ACKED"),
  ];
}

function sources(random: Random, last: () => string): string[] {
  const keys = some(random, 2, () => key(random));
  return ["STREAMS", ...keys, ...keys.map(last)];
}

const ADD = (random: Random): string[] => [
  anyCase(random, "XADD"),
  key(random),
  ...words(random, 0.05, "NOMKSTREAM"),
  ...reference(random, 0.05),
  ...(random.chance(0.15) ? trim(random) : []),
  ...reference(random, 0.05),
  newId(random),
  ...pairs(random),
];

const CREATE = (random: Random): string[] => [
  "XGROUP",
  anyCase(random, "CREATE"),
  key(random),
  group(random),
  random.pick(["0", "$", id(random)]),
  ...words(random, 0.7, "MKSTREAM"),
  ...(random.chance(0.2) ? ["ENTRIESREAD", anyCount(random)] : []),
];

const READ_GROUP = (random: Random): string[] => [
  anyCase(random, "XREADGROUP"),
  "GROUP",
  group(random),
  random.pick(CONSUMERS),
  ...count(random),
  ...words(random, 0.2, "NOACK"),
  ...(random.chance(0.2)
    ? [anyCase(random, "CLAIM"), random.pick(["0", "0", "100000", "-1", "x"])]
    : []),
  ...sources(random, () => random.chance(0.7) ? ">" : id(random)),
];

const SENT = (random: Random): string[] => [
  anyCase(random, "XADD"),
  random.pick(["i", "j"]),
  ...words(random, 0.1, "NOMKSTREAM"),
  ...(random.chance(0.1) ? ["MAXLEN", anyCount(random)] : []),
  ...random.pick([
    () => [
      anyCase(random, "IDMP"),
      random.pick(["p", "q", ""]),
      random.pick(["1", "2", "3", "4", "5", ""]),
    ],
    () => [anyCase(random, "IDMPAUTO"), random.pick(["p", "q", "r"])],
  ])(),
  ...(random.chance(0.03) ? ["IDMP", "p", "1"] : []),
  ...(random.chance(0.1) ? ["KEEPREF"] : []),
  random.chance(0.95) ? "*" : id(random),
  ...random.pick([["f", "1"], ["f", "2"], ["f", "1", "g", "2"], [
    "g",
    "2",
    "f",
    "1",
  ], ["f"]]),
];

const PRODUCER_COMMANDS: readonly ((random: Random) => string[])[] = [
  SENT,
  SENT,
  SENT,
  SENT,
  (r) => [
    anyCase(r, "XCFGSET"),
    r.pick(["i", "j", "none"]),
    ...(r.chance(0.5)
      ? ["IDMP-DURATION", r.pick(["0", "60", "100", "86401", "x"])]
      : []),
    ...(r.chance(0.6)
      ? ["IDMP-MAXSIZE", r.pick(["0", "1", "2", "3", "x"])]
      : []),
    ...(r.chance(0.05) ? ["IDMP-MAXSIZE"] : []),
  ],
  (r) => [
    "XIDMPRECORD",
    r.pick(["i", "k", "none"]),
    r.pick(["p", "q", ""]),
    r.pick(["1", "6", ""]),
    id(r),
  ],
  (r) => ["XADD", "k", id(r), "f", "v"],
  (r) => ["XINFO", "STREAM", r.pick(["i", "j", "k"])],
  (r) => ["XLEN", r.pick(["i", "j"])],
  () => ["COPY", "i", "k", "REPLACE"],
  (r) => ["DEL", r.pick(["i", "j", "k"])],
  () => ["SET", "j", "text"],
  (r) => [
    "CONFIG",
    "SET",
    r.pick(["stream-idmp-duration", "stream-idmp-maxsize"]),
    r.pick(["100", "100", "100", "0"]),
  ],
];

const COMMANDS: readonly ((random: Random) => string[])[] = [
  ADD,
  ADD,
  ADD,
  ADD,
  ADD,
  (r) => ["XADD", "long", `${number(r)}00-*`, ...pairs(r)],
  (r) => ["XADD", "clock", "*", ...pairs(r)],
  (r) => ["XTRIM", "long", ...trim(r)],
  (r) => ["XTRIM", key(r), ...trim(r)],
  (
    r,
  ) => ["XTRIM", key(r), ...reference(r, 0.2), ...trim(r), ...reference(r, 1)],
  (r) => ["XLEN", key(r)],
  (r) => ["XDEL", key(r), ...some(r, 3, () => id(r))],
  (r) => ["XRANGE", key(r), start(r), end(r), ...count(r)],
  (r) => ["XREVRANGE", key(r), end(r), start(r), ...count(r)],
  (r) => [
    "XREAD",
    ...count(r),
    ...(r.chance(0.1) ? ["BLOCK", "1"] : []),
    ...sources(r, () => r.chance(0.2) ? "$" : id(r)),
  ],
  (r) => [
    "XSETID",
    key(r),
    id(r),
    ...(r.chance(0.3) ? ["ENTRIESADDED", anyCount(r)] : []),
    ...(r.chance(0.3) ? ["MAXDELETEDID", id(r)] : []),
  ],
  CREATE,
  CREATE,
  READ_GROUP,
  READ_GROUP,
  READ_GROUP,
  (r) => [
    "XGROUP",
    "SETID",
    key(r),
    group(r),
    r.pick(["0", "$", id(r)]),
    ...(r.chance(0.3) ? ["ENTRIESREAD", anyCount(r)] : []),
  ],
  (r) => ["XGROUP", "DESTROY", key(r), group(r)],
  (r) => [
    "XGROUP",
    r.pick(["CREATECONSUMER", "DELCONSUMER"]),
    key(r),
    group(r),
    r.pick(CONSUMERS),
  ],
  (r) => ["XACK", key(r), group(r), ...some(r, 3, () => id(r))],
  (r) => [anyCase(r, "XDELEX"), key(r), ...references(r)],
  (r) => [anyCase(r, "XDELEX"), key(r), ...references(r)],
  (r) => [anyCase(r, "XACKDEL"), key(r), group(r), ...references(r)],
  (r) => [anyCase(r, "XACKDEL"), key(r), group(r), ...references(r)],
  (r) => ["XPENDING", key(r), group(r)],
  (r) => [
    "XPENDING",
    key(r),
    group(r),
    ...(r.chance(0.2) ? ["IDLE", r.pick(["0", "100000"])] : []),
    start(r),
    end(r),
    anyCount(r),
    ...(r.chance(0.3) ? [r.pick(CONSUMERS)] : []),
  ],
  (r) => [
    "XCLAIM",
    key(r),
    group(r),
    r.pick(CONSUMERS),
    r.pick(["0", "0", "100000"]),
    ...some(r, 4, () => id(r)),
    ...words(r, 0.3, "FORCE", "JUSTID"),
    ...(r.chance(0.2) ? ["IDLE", "200000"] : []),
    ...(r.chance(0.2) ? ["RETRYCOUNT", anyCount(r)] : []),
    ...(r.chance(0.1) ? ["LASTID", id(r)] : []),
  ],
  (r) => [
    "XAUTOCLAIM",
    key(r),
    group(r),
    r.pick(CONSUMERS),
    r.pick(["0", "0", "100000"]),
    start(r),
    ...count(r),
    ...words(r, 0.2, "JUSTID"),
  ],
  (r) => ["XINFO", "STREAM", key(r)],
  (r) => ["XINFO", "STREAM", key(r), "FULL", ...count(r)],
  (r) => ["XINFO", "GROUPS", key(r)],
  (r) => ["XINFO", "CONSUMERS", key(r), group(r)],
  (r) => [r.pick(["XINFO", "XGROUP"]), anyCase(r, "HELP")],
  (r) => ["OBJECT", "ENCODING", key(r)],
  (r) => ["DEL", key(r)],
  () => ["SET", "text", "text"],
];
