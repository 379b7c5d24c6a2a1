/**
 * Geo commands: places in sorted sets whose scores are geohashes.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import {
  distanceOf,
  distanceWithin,
  geohashOf,
  isOnMap,
  type Place,
  placeOf,
  scoreOf,
  scoreRanges,
  type Shape,
} from "../base/geohash.ts";
import {
  formatDouble,
  parseFloat64,
  toFloat,
  toInteger,
} from "../base/numbers.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { SortedSet } from "../values/sorted_set.ts";
import { storeSortedSet } from "./sorted_set_ranges.ts";
import { addMembers, NO_OPTIONS } from "./sorted_sets.ts";

/** The commands of this family. */
export const GEO: readonly CommandSpec[] = [
  {
    name: "GEOADD",
    run: geoadd,
  },
  {
    name: "GEODIST",
    run: geodist,
  },
  {
    name: "GEOHASH",
    run: geohash,
  },
  {
    name: "GEOPOS",
    run: geopos,
  },
  {
    name: "GEORADIUS",
    keys: storedAt(6),
    run: (session, args) =>
      search(session, args, { from: "place", stores: true }),
  },
  {
    name: "GEORADIUS_RO",
    run: (session, args) => search(session, args, { from: "place" }),
  },
  {
    name: "GEORADIUSBYMEMBER",
    keys: storedAt(5),
    run: (session, args) =>
      search(session, args, { from: "member", stores: true }),
  },
  {
    name: "GEORADIUSBYMEMBER_RO",
    run: (session, args) => search(session, args, { from: "member" }),
  },
  {
    name: "GEOSEARCH",
    run: (session, args) => search(session, args, {}),
  },
  {
    name: "GEOSEARCHSTORE",
    run: (session, args) => search(session, args, { target: true }),
  },
];

const UNITS: Readonly<Record<string, number>> = {
  m: 1,
  km: 1000,
  ft: 0.3048,
  mi: 1609.34,
};

/** The indexes of the key, and of the key after STORE or STOREDIST. */
function storedAt(first: number): (args: readonly string[]) => number[] {
  return (args) => {
    const places = [1];
    for (let i = first; i < args.length - 1; i++) {
      if (/^store(?:dist)?$/i.test(args[i]!)) places[1] = ++i;
    }
    return places;
  };
}

function parseUnit(word: string): number {
  const unit = word.toLowerCase();
  if (!Object.hasOwn(UNITS, unit)) {
    throw err("unsupported unit provided. please use M, KM, FT, MI");
  }
  return UNITS[unit]!;
}

function parsePlace(args: readonly string[], at: number): Place {
  const place = {
    longitude: toFloat(args[at]!),
    latitude: toFloat(args[at + 1]!),
  };
  if (isOnMap(place)) return place;
  throw err(
    `invalid longitude,latitude pair ${fixed(place.longitude)},${
      fixed(place.latitude)
    }`,
  );
}

/** Formats as C's `%f`. */
function fixed(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0.000000";
  if (Math.abs(value) < 1e21) return value.toFixed(6);
  return `${BigInt(value)}.000000`;
}

function geoadd(session: Session, args: string[]): void {
  let at = 2;
  const options = { ...NO_OPTIONS };
  for (; at < args.length; at++) {
    const name = args[at]!.toLowerCase();
    if (name !== "nx" && name !== "xx" && name !== "ch") break;
    options[name] = true;
  }
  if ((args.length - at) % 3 !== 0 || options.nx && options.xx) {
    throw syntaxError();
  }
  const added = ["ZADD", ...args.slice(1, at)];
  const first = added.length;
  for (; at < args.length; at += 3) {
    added.push(String(scoreOf(parsePlace(args, at))), args[at + 2]!);
  }
  session.rewrite(added);
  addMembers(session, added, first, options);
}

function geodist({ db, reply }: Session, args: string[]): void {
  const [, key, from, to, unit] = args;
  if (args.length > 5) throw syntaxError();
  const scale = unit === undefined ? 1 : parseUnit(unit);
  const set = db.get(key!, SortedSet);
  const [one, other] = [set?.score(from!), set?.score(to!)];
  if (one === undefined || other === undefined) return reply.null();
  const distance = distanceOf(placeOf(one), placeOf(other));
  reply.bulk((distance / scale).toFixed(4));
}

function geohash({ db, reply }: Session, args: string[]): void {
  const set = db.get(args[1]!, SortedSet);
  reply.array(args.length - 2);
  for (let i = 2; i < args.length; i++) {
    const score = set?.score(args[i]!);
    reply.bulkOrNull(score === undefined ? null : geohashOf(score));
  }
}

function geopos({ db, reply }: Session, args: string[]): void {
  const set = db.get(args[1]!, SortedSet);
  reply.array(args.length - 2);
  for (let i = 2; i < args.length; i++) {
    const score = set?.score(args[i]!);
    if (score === undefined) reply.nullArray();
    else showPlace(reply, placeOf(score));
  }
}

function showPlace(reply: ReplyEncoder, { longitude, latitude }: Place): void {
  reply.array(2);
  reply.double(formatDouble(longitude));
  reply.double(formatDouble(latitude));
}

/** The form of a search command. */
interface Form {
  /** The arguments behind the key; left out where options tell them. */
  readonly from?: "place" | "member";
  /** Whether it has the options STORE and STOREDIST. */
  readonly stores?: boolean;
  /** Whether its first argument is a destination key. */
  readonly target?: boolean;
}

/** A search: its center, shape, order and limit. */
interface Query {
  center?: Place;
  /** Whether a center was given; for a missing key `center` stays unknown. */
  centered: boolean;
  radius?: number;
  box?: { width: number; height: number };
  /** The unit, in meters. */
  scale: number;
  withDistance: boolean;
  withHash: boolean;
  withPlace: boolean;
  order?: "ASC" | "DESC";
  any: boolean;
  /** The most results; 0 for all. */
  count: number;
  target?: string;
  storesDistance: boolean;
}

/** A found member. */
interface Found {
  readonly member: string;
  readonly score: number;
  readonly place: Place;
  /** In meters. */
  readonly distance: number;
}

function search(session: Session, args: string[], form: Form): void {
  const { db, reply } = session;
  const set = db.get(args[form.target ? 2 : 1]!, SortedSet);
  const query = parseQuery(args, form, set);
  if (set === undefined) {
    if (query.target === undefined) return reply.array(0);
    storeSortedSet(session, query.target, new SortedSet(), "");
    return reply.integer(0);
  }
  const found = find(set, query);
  if (query.target === undefined) return show(reply, found, query);
  const result = new SortedSet();
  for (const { member, score, distance } of found) {
    const stored = query.storesDistance ? distance / query.scale : score;
    result.set(member, stored);
  }
  const event = form.target ? "geosearchstore" : "georadiusstore";
  storeSortedSet(session, query.target, result, event);
  reply.integer(result.size);
}

/** Reads the arguments of a search; `set` provides the places of members. */
function parseQuery(
  args: string[],
  form: Form,
  set: SortedSet | undefined,
): Query {
  const query: Query = {
    centered: form.from !== undefined,
    scale: 1,
    withDistance: false,
    withHash: false,
    withPlace: false,
    any: false,
    count: 0,
    storesDistance: false,
  };
  let at = 2;
  if (form.target) {
    query.target = args[1]!;
    at = 3;
  } else if (form.from === "place") {
    query.center = parsePlace(args, 2);
    parseRadius(args, 4, query);
    at = 6;
  } else if (form.from === "member") {
    if (set !== undefined) {
      query.center = placeIn(set, args[2]!);
      parseRadius(args, 3, query);
    }
    at = 5;
  }
  while (at < args.length) at = parseOption(args, at, form, set, query);
  check(args[0]!, form, query);
  if (query.count > 0 && !query.any) query.order ??= "ASC";
  return query;
}

/** Reads one option; returns the index of the next. */
function parseOption(
  args: string[],
  at: number,
  form: Form,
  set: SortedSet | undefined,
  query: Query,
): number {
  const word = args[at++]!.toUpperCase();
  const left = args.length - at;
  const free = form.from === undefined;
  if (word === "WITHDIST") query.withDistance = true;
  else if (word === "WITHHASH") query.withHash = true;
  else if (word === "WITHCOORD") query.withPlace = true;
  else if (word === "ANY") query.any = true;
  else if (word === "ASC" || word === "DESC") query.order = word;
  else if (word === "COUNT" && left >= 1) {
    query.count = toInteger(args[at++]!);
    if (query.count <= 0) throw err("COUNT must be > 0");
  } else if (/^STORE(?:DIST)?$/.test(word) && form.stores && left >= 1) {
    query.target = args[at++]!;
    query.storesDistance = word === "STOREDIST";
  } else if (word === "STOREDIST" && form.target) {
    query.storesDistance = true;
  } else if (!free) {
    throw syntaxError();
  } else if (word === "FROMMEMBER" && left >= 1 && !query.center) {
    query.centered = true;
    if (set !== undefined) query.center = placeIn(set, args[at]!);
    at++;
  } else if (word === "FROMLONLAT" && left >= 2) {
    query.centered = true;
    query.center = parsePlace(args, at);
    at += 2;
  } else if (word === "BYRADIUS" && left >= 2 && !query.box) {
    parseRadius(args, at, query);
    at += 2;
  } else if (word === "BYBOX" && left >= 3 && query.radius === undefined) {
    parseBox(args, at, query);
    at += 3;
  } else {
    throw syntaxError();
  }
  return at;
}

function check(name: string, form: Form, query: Query): void {
  const shown = query.withDistance || query.withHash || query.withPlace;
  if (query.target !== undefined && shown) {
    throw err(
      `${
        form.target ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS"
      } is not compatible with WITHDIST, WITHHASH and WITHCOORD options`,
    );
  }
  if (!query.centered) {
    throw err(
      `exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`,
    );
  }
  if (form.from === undefined && query.radius === undefined && !query.box) {
    throw err(
      `exactly one of BYRADIUS and BYBOX can be specified for ${name}`,
    );
  }
  if (query.any && query.count === 0) {
    throw err("the ANY argument requires COUNT argument");
  }
}

function placeIn(set: SortedSet, member: string): Place {
  const score = set.score(member);
  if (score === undefined) {
    throw err("could not decode requested zset member");
  }
  return placeOf(score);
}

function parseRadius(args: string[], at: number, query: Query): void {
  const radius = parseLength(args[at]!, "radius");
  if (radius < 0) throw err("radius cannot be negative");
  query.scale = parseUnit(args[at + 1]!);
  query.radius = radius;
}

function parseBox(args: string[], at: number, query: Query): void {
  const width = parseLength(args[at]!, "width");
  const height = parseLength(args[at + 1]!, "height");
  if (width < 0 || height < 0) {
    throw err("height or width cannot be negative");
  }
  query.scale = parseUnit(args[at + 2]!);
  query.box = { width, height };
}

function parseLength(text: string, name: string): number {
  const length = parseFloat64(text);
  if (length === null) throw err(`need numeric ${name}`);
  return length;
}

/** The members within the shape, in the order of the reply. */
function find(set: SortedSet, query: Query): Found[] {
  const { count, any, order } = query;
  const shape = shapeOf(query);
  const most = any ? count : Infinity;
  const found: Found[] = [];
  for (const [min, max] of scoreRanges(shape)) {
    if (found.length >= most) break;
    const start = set.count((_, score) => score < min);
    set.each(start, set.size, (member, score) => {
      if (score >= max) return false;
      const place = placeOf(score);
      const distance = distanceWithin(shape, place);
      if (distance !== undefined) {
        found.push({ member, score, place, distance });
      }
      return found.length < most;
    });
  }
  if (order !== undefined) {
    const sign = order === "ASC" ? 1 : -1;
    found.sort((one, other) => sign * (one.distance - other.distance));
  }
  return count > 0 ? found.slice(0, count) : found;
}

function shapeOf({ center, radius, box, scale }: Query): Shape {
  if (box === undefined) return { center: center!, radius: radius! * scale };
  return {
    center: center!,
    width: box.width * scale,
    height: box.height * scale,
  };
}

function show(reply: ReplyEncoder, found: Found[], query: Query): void {
  const { withDistance, withHash, withPlace, scale } = query;
  const parts = 1 + Number(withDistance) + Number(withHash) +
    Number(withPlace);
  reply.array(found.length);
  for (const { member, score, place, distance } of found) {
    if (parts > 1) reply.array(parts);
    reply.bulk(member);
    if (withDistance) reply.bulk((distance / scale).toFixed(4));
    if (withHash) reply.integer(Math.trunc(score));
    if (withPlace) showPlace(reply, place);
  }
}
