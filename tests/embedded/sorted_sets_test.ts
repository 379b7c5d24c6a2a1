import { deepEqual, equal, ok } from "node:assert/strict";
import { SortedTree } from "../../lib/embedded/values/sorted_tree.ts";
import { SortedSet } from "../../lib/embedded/values/sorted_set.ts";
import { Random } from "../resp/random.ts";
import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { SORTED_SET_FAMILY } from "./families/sorted_sets.ts";
import { comparePlays, savedBy } from "./play.ts";

for (const protocol of [2, 3] as const) {
  comparison(
    `sorted sets: every reply is Redis's, RESP${protocol}`,
    () =>
      compare(SORTED_SET_FAMILY, {
        seed: 1000 * protocol,
        sequences: 30,
        commands: 80,
        protocol,
      }),
  );
}

Deno.test("SortedTree has the same order and ranks as a sorted array", () => {
  const random = new Random(7);
  const tree = new SortedTree();
  const entries: { score: number; member: string }[] = [];
  const compareEntries = (one: (typeof entries)[0], other: typeof one) =>
    one.score - other.score ||
    (one.member < other.member ? -1 : Number(one.member > other.member));
  // The tree grows, and shrinks to nothing, six times.
  for (let i = 0; i < 60_000; i++) {
    const growing = i % 10_000 < 5_000;
    if (entries.length > 0 && random.chance(growing ? 0.3 : 0.8)) {
      const at = random.below(entries.length);
      const { score, member } = entries[at]!;
      equal(tree.rank(score, member), at);
      tree.delete(score, member);
      entries.splice(at, 1);
    } else {
      const entry = { score: random.below(50), member: `m${i}` };
      let at = entries.findIndex((other) => compareEntries(entry, other) < 0);
      if (at < 0) at = entries.length;
      tree.add(entry.score, entry.member);
      entries.splice(at, 0, entry);
    }
    equal(tree.size, entries.length);
    if (i % 500 !== 0) continue;
    const start = random.below(entries.length + 1);
    const end = start + random.below(100);
    const seen: string[] = [];
    tree.each(start, end, (member) => {
      seen.push(member);
    });
    const members = entries.slice(start, end).map(({ member }) => member);
    deepEqual(seen, members);
    const back: string[] = [];
    tree.eachBack(start, end, (member) => {
      back.push(member);
    });
    deepEqual(back, members.toReversed());
    const below = entries.filter(({ score }) => score < 25).length;
    equal(tree.count((_, score) => score < 25), below);
  }
});

Deno.test("SortedSet.scan visits every member that stays while others change", () => {
  const set = new SortedSet();
  for (let i = 0; i < 500; i++) set.set(`stays${i}`, i);
  for (let i = 0; i < 500; i++) set.set(`goes${i}`, i);
  const seen = new Set<string>();
  let cursor = 0;
  let step = 0;
  do {
    cursor = set.scan(cursor, 10, (member) => {
      seen.add(member);
    });
    set.delete(`goes${step++ * 5}`);
    set.set(`stays${step}`, 1000 - step);
  } while (cursor !== 0);
  for (let i = 0; i < 500; i++) ok(seen.has(`stays${i}`));
});

const SCRIPTS = {
  "clients are served in the order of their calls": [
    "a BZPOPMIN k 0",
    "b BZPOPMAX k 0",
    "c BZMPOP 0 2 none k MAX COUNT 2",
    "d ZADD k 1 one 2 two 3 three 4 four 5 five",
    "d ZRANGE k 0 -1 WITHSCORES",
  ],
  "the first key that has a member": [
    "d ZADD two 2.5 x; ZADD three 3 y",
    "a BZPOPMIN one two three 0",
    "a BZMPOP 0 2 one three MIN",
    "d EXISTS two three",
  ],
  "other commands that create a sorted set serve blocked clients": [
    "a BZPOPMIN k 0",
    "d ZADD other 1 x 2 y; ZUNIONSTORE k 1 other",
    "b BZPOPMIN l 0",
    "d RENAME other l",
    "c BZPOPMAX m 0",
    "d GEOADD m 1 2 place",
    "e BZPOPMAX n 0",
    "d ZADD other 1 x; ZRANGESTORE n other 0 -1",
  ],
  "a key of another type wakes no client, and is refused at once": [
    "a BZPOPMIN k 0",
    "d SET k x",
    "b BZPOPMIN none k 0",
    "b BZMPOP 0 1 k MIN",
    "d DEL k; ZADD k 1 x",
  ],
  "in EXEC no command blocks": [
    "d MULTI; BZPOPMIN k 0; BZMPOP 0 1 k MIN; EXEC",
  ],
  "the reply after the timeout": [
    "a BZPOPMIN k 0.01",
    "b BZMPOP 0.01 1 k MAX",
  ],
};

for (const protocol of [2, 3] as const) {
  comparison(
    `blocking pops of sorted sets reply as in Redis, RESP${protocol}`,
    (t) => comparePlays(t, protocol, SCRIPTS),
  );
}

comparison(
  "sums of zeros and of infinities are the same as in Redis",
  (t) =>
    comparePlays(t, 2, {
      "sums": [
        "a ZADD c 1 a 0 b inf c -inf d",
        "a ZUNION 2 c c WEIGHTS -1 -2 WITHSCORES; ZUNION 1 c WEIGHTS -1 WITHSCORES",
        "a ZUNION 2 c c WEIGHTS 1 -1 WITHSCORES; ZINTER 2 c c WEIGHTS 0 -1 WITHSCORES",
        "a ZINTERSTORE e 2 c c WEIGHTS -1 -1; ZRANGE e 0 -1 WITHSCORES",
      ],
    }),
);

Deno.test("pops propagate as ZPOPMIN and ZPOPMAX", async () => {
  const saved = await savedBy([
    "a BZPOPMIN k 0",
    "b BZMPOP 0 2 none k MAX COUNT 2",
    "d ZADD k 1 a 2 b 3 c 4 d 5 e",
    "d ZMPOP 1 k MIN COUNT 10",
    "d ZADD k XX 1 a",
  ]);
  deepEqual(saved, [
    "ZADD k 1 a 2 b 3 c 4 d 5 e",
    "ZPOPMIN k",
    "ZPOPMAX k 2",
    "ZPOPMIN k 2",
  ]);
});
