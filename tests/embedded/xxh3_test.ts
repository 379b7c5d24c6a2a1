import { equal } from "node:assert/strict";
import { xxh3 } from "../../lib/embedded/base/xxh3.ts";

const hex = (bytes: Uint8Array) => xxh3(bytes).toString(16).padStart(16, "0");

Deno.test("XXH3 equals DIGEST of Redis 8.6.3", () => {
  // From `recordings/redis-8.6.3.jsonl`: DIGEST of "y" and of "v".
  equal(hex(new TextEncoder().encode("y")), "272b57e6d7c0a9e5");
  equal(hex(new TextEncoder().encode("v")), "f7042be43fb80714");
});

/** Lengths around the limits of its algorithms, hashed by hash-wasm 4.12.0. */
const HASHES: readonly (readonly [length: number, hash: string])[] = [
  [0, "2d06800538d394c2"],
  [3, "c3489259e968ad9e"],
  [4, "d3d60c1519014e89"],
  [8, "b88dee77f6bf6980"],
  [9, "03688dcad730d826"],
  [16, "9da23836adf2be1e"],
  [17, "f34c3c9cf5a112d1"],
  [32, "99cb9ad0f1a11fbe"],
  [33, "c077b45492d29cde"],
  [128, "65f3c2c00fa93185"],
  [129, "28065c6ec25f5b25"],
  [144, "600e8d345ff9620d"],
  [240, "4917a75c0ef8eed7"],
  [241, "541b19226f0052e8"],
  [256, "ff5a1cefade75bb9"],
  [1024, "dc5acf0b043c445b"],
  [1025, "e1d9cd946277ae26"],
  [1088, "4a9c221912b93194"],
  [5000, "6abe8be5abcb2760"],
];

Deno.test("XXH3 is correct for every range of lengths", () => {
  for (const [length, hash] of HASHES) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    equal(hex(bytes), hash, `of ${length} bytes`);
  }
});
