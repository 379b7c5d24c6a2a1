import { deepEqual, equal, ok } from "node:assert/strict";
import { Dict } from "../../lib/embedded/base/dict.ts";
import { hashOf, Keys } from "../../lib/embedded/base/keys.ts";
import { Random } from "../resp/random.ts";

Deno.test("a Dict has the same content as a Map", () => {
  const random = new Random(1);
  const dict = new Dict<number>();
  const map = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const key = `k${random.below(400)}`;
    if (random.chance(0.45)) {
      equal(dict.delete(key), map.delete(key));
    } else {
      equal(dict.set(key, i), !map.has(key));
      map.set(key, i);
    }
    equal(dict.size, map.size);
    equal(dict.get(key), map.get(key));
  }
  deepEqual([...dict.keys()].sort(), [...map.keys()].sort());
  dict.keys().forEach((key, i) => equal(dict.values()[i], map.get(key)));
});

Deno.test("a small Dict keeps the order of insertion", () => {
  const dict = new Dict<null>();
  for (const key of ["c", "a", "d", "b"]) dict.set(key, null);
  dict.delete("a");
  dict.set("c", null);
  dict.set("a", null);
  deepEqual(dict.keys(), ["c", "d", "b", "a"]);
});

Deno.test("a scan visits every key that is present from its start to its end", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed);
    const dict = new Dict<null>();
    const size = random.below(random.pick([10, 150, 600]));
    for (let i = 0; i < size; i++) dict.set(`stays${i}`, null);
    for (let i = 0; i < size; i++) dict.set(`leaves${i}`, null);
    const seen = new Set<string>();
    let cursor = 0;
    do {
      cursor = dict.scan(cursor, 1 + random.below(20), (key) => seen.add(key));
      for (let i = 0; i < 10; i++) {
        dict.delete(`leaves${random.below(size + 1)}`);
        if (random.chance(0.3)) dict.set(`new${random.below(50)}`, null);
      }
    } while (cursor !== 0);
    for (let i = 0; i < size; i++) {
      ok(seen.has(`stays${i}`), `seed ${seed}: stays${i} was not seen`);
    }
  }
});

Deno.test("random() draws every key sooner or later", () => {
  const dict = new Dict<null>();
  equal(dict.random(), undefined);
  for (let i = 0; i < 10; i++) dict.set(`k${i}`, null);
  const drawn = new Set<string | undefined>();
  for (let i = 0; i < 2000; i++) drawn.add(dict.random());
  equal(drawn.size, 10);
});

Deno.test("Keys finds the same as a Map while it grows and shrinks, and keeps its order", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const keys = new Keys();
    let expected: string[] = [];
    for (const most of [20, 3000, 40, 700, 0]) {
      while (expected.length !== most) {
        const key = `k${random.below(100_000)}`;
        const place = keys.find(key);
        equal(place >= 0, place >= 0 && expected[place] === key, key);
        if (expected.length < most) {
          if (place >= 0) continue;
          equal(keys.add(key), expected.length);
          expected.push(key);
        } else if (random.chance(0.5)) {
          const at = random.below(expected.length);
          keys.remove(at);
          const last = expected.pop()!;
          if (at < expected.length) expected[at] = last;
        } else {
          const at = random.below(expected.length);
          keys.removeInOrder(at);
          expected = expected.toSpliced(at, 1);
        }
      }
      deepEqual(keys.all, expected);
      expected.forEach((key, place) => equal(keys.find(key), place));
      expected.forEach((key) => equal(keys.find(`${key}.`), -1));
    }
  }
});

Deno.test("similar keys have well-distributed hashes", () => {
  const SLOTS = 2 ** 17;
  for (const name of ["", "key:", "user:0123456789:"]) {
    const slots = new Set<number>();
    for (let i = 0; i < 100_000; i++) slots.add(hashOf(name + i) & (SLOTS - 1));
    // A random distribution would give 69,900.
    ok(slots.size > 65_000, `${slots.size} slots`);
  }
});
