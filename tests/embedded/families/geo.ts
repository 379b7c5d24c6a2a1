/**
 * Random geo commands.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import { anyCase, anyCount, anyFloat, anyText, mangled } from "../arguments.ts";
import type { Family } from "../differential.ts";

const KEYS = ["a", "b", "none", "text"];
const MEMBERS = Array.from({ length: 30 }, (_, i) => `p${i}`);

/** Geo commands. */
export const GEO_FAMILY: Family = {
  name: "geo",
  generate: (random) => mangled(random, random.pick(COMMANDS)(random)),
};

function key(random: Random): string {
  return random.pick(KEYS.slice(0, random.chance(0.9) ? 2 : KEYS.length));
}

function member(random: Random): string {
  return random.chance(0.03) ? anyText(random) : random.pick(MEMBERS);
}

/** Longitude and latitude: near a city, anywhere, or invalid. */
function place(random: Random): string[] {
  const around = (value: number, size: number) =>
    (value + (random.next() - 0.5) * size).toFixed(random.below(12));
  if (random.chance(0.6)) return [around(13.4, 1), around(52.5, 1)];
  if (random.chance(0.02)) return [anyFloat(random), anyFloat(random)];
  if (random.chance(0.02)) return ["180", "85.05112878"];
  return [around(0, 360), around(0, 171)];
}

function unit(random: Random): string {
  if (random.chance(0.03)) return anyText(random);
  return anyCase(random, random.pick(["M", "KM", "FT", "MI"]));
}

function length(random: Random): string {
  if (random.chance(0.03)) return anyFloat(random);
  return (random.next() * 10 ** random.below(7)).toFixed(random.below(4));
}

function options(random: Random): string[] {
  const words = ["WITHDIST", "WITHHASH", "WITHCOORD", "ASC", "DESC"]
    .filter(() => random.chance(0.3)).map((word) => anyCase(random, word));
  if (random.chance(0.3)) words.push("COUNT", anyCount(random));
  if (random.chance(0.15)) words.push("ANY");
  return words;
}

function plain(random: Random): string[] {
  const words = random.chance(0.3) ? ["ASC"] : [];
  if (random.chance(0.3)) words.push("COUNT", anyCount(random));
  return words;
}

function from(random: Random): string[] {
  if (random.chance(0.5)) return ["FROMMEMBER", member(random)];
  return ["FROMLONLAT", ...place(random)];
}

function by(random: Random): string[] {
  if (random.chance(0.5)) return ["BYRADIUS", length(random), unit(random)];
  return ["BYBOX", length(random), length(random), unit(random)];
}

const ADD = (random: Random): string[] => {
  const count = 1 + random.below(4);
  const places = Array.from(
    { length: count },
    () => [...place(random), member(random)],
  );
  const words = ["NX", "XX", "CH"].filter(() => random.chance(0.1));
  return ["GEOADD", key(random), ...words, ...places.flat()];
};

const COMMANDS: readonly ((random: Random) => string[])[] = [
  ADD,
  ADD,
  ADD,
  ADD,
  (r) => [
    "GEODIST",
    key(r),
    member(r),
    member(r),
    ...(r.chance(0.5) ? [unit(r)] : []),
  ],
  (r) => ["GEOHASH", key(r), member(r), member(r)],
  (r) => ["GEOPOS", key(r), member(r), member(r)],
  (r) => ["GEORADIUS", key(r), ...place(r), length(r), unit(r), ...options(r)],
  (r) => [
    anyCase(r, "GEORADIUS_RO"),
    key(r),
    ...place(r),
    length(r),
    unit(r),
    ...options(r),
  ],
  (
    r,
  ) => [
    "GEORADIUSBYMEMBER",
    key(r),
    member(r),
    length(r),
    unit(r),
    ...options(r),
  ],
  (r) => [
    "GEORADIUSBYMEMBER_RO",
    key(r),
    member(r),
    length(r),
    unit(r),
    ...options(r),
  ],
  (r) => [
    "GEORADIUS",
    key(r),
    ...place(r),
    length(r),
    unit(r),
    ...plain(r),
    ...(r.chance(0.5) ? ["STORE", key(r)] : ["STOREDIST", "distances"]),
  ],
  // The last bit of a distance depends on the math library.
  () => ["ZRANGE", "distances", "0", "-1"],
  (r) => [anyCase(r, "GEOSEARCH"), key(r), ...from(r), ...by(r), ...options(r)],
  (r) => [anyCase(r, "GEOSEARCH"), key(r), ...by(r), ...from(r), ...options(r)],
  (r) => [
    "GEOSEARCHSTORE",
    key(r),
    key(r),
    ...from(r),
    ...by(r),
    ...plain(r),
  ],
  (r) => ["ZRANGE", key(r), "0", "-1", "WITHSCORES"],
  (r) => ["DEL", key(r)],
  () => ["SET", "text", "text"],
];
