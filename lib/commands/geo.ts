/**
 * Geospatial indices: members with a place on Earth, kept in a sorted set.
 *
 * Positions are longitude and latitude in degrees; the server keeps them to
 * about half a metre.
 *
 * @see https://redis.io/docs/latest/commands/?group=geo
 * @module
 */

import { misuse } from "../errors.ts";
import type { Arg, Shape } from "../resp/reply.ts";
import {
  addFlat,
  addGiven,
  type AtMostOne,
  checkIterable,
  checkTuple,
  type ExactlyOne,
  isArg,
  type OneOrMany,
} from "./arguments.ts";
import { addOptions, amend } from "./option_words.ts";
import {
  doubleOrNull,
  type GeoMatch,
  integer,
  positions,
  type Readings,
  textsOrNulls,
} from "./shapes.ts";
import { SortedSetCommands } from "./sorted_sets.ts";

/** A unit of length: metres, kilometres, miles or feet. */
export type GeoUnit = "m" | "km" | "mi" | "ft";

/** A member and its position, in degrees. */
export type GeoPlace = readonly [
  longitude: number,
  latitude: number,
  member: Arg,
];

/** Which members get a position. */
export interface GeoaddConditions {
  /** Only new members. */
  nx: boolean;
  /** Only members that have a position. */
  xx: boolean;
}

/** How members get a position. */
export type GeoaddOptions = AtMostOne<GeoaddConditions> & {
  /**
   * Whether to count the members that move too.
   *
   * @default {false}
   */
  ch?: boolean;
};

/** The ways to give the centre of a search. */
export interface GeoMiddle {
  /** Where this member is. */
  frommember: Arg;
  /** At this position. */
  fromlonlat: readonly [longitude: number, latitude: number];
}

/** The ways to give the area of a search. */
export interface GeoArea {
  /** A circle: its radius, in metres or with a unit. */
  byradius: number | readonly [radius: number, unit: GeoUnit];
  /** A rectangle along the meridians: width and height, in metres or with a unit. */
  bybox: readonly [width: number, height: number, unit?: GeoUnit];
}

/** How members that are found are ordered, and how many they are. */
export type GeoLimit =
  & AtMostOne<{
    /** The nearest first. In no order without it and `desc`. */
    asc: boolean;
    /** The farthest first. */
    desc: boolean;
  }>
  & (
    | {
      /** How many to give at most. */
      count: number;
      /**
       * Whether those found first will do, which need not be the nearest.
       *
       * @default {false}
       */
      any?: boolean;
    }
    | {
      /** All of them. */
      count?: undefined;
      /** Only with `count`. */
      any?: undefined;
    }
  );

/** An area around one middle. */
export type GeoAround =
  & ExactlyOne<GeoMiddle>
  & ExactlyOne<GeoArea>
  & {
    /** Not around a middle. */
    bypolygon?: undefined;
  };

/** An area between corners; since Valkey 9.0. */
export type GeoPolygon =
  & {
    /** Its corners, three or more; distances are those from its middle, in metres. */
    bypolygon: readonly (readonly [longitude: number, latitude: number])[];
  }
  & {
    /** Not with corners. */
    [K in keyof GeoMiddle | keyof GeoArea]?: undefined;
  };

/** Where members are looked for: around one middle, in one area. */
export type GeoSearch = (GeoAround | GeoPolygon) & GeoLimit;

/** What is given of each member besides its name. */
export interface GeoWith {
  /** Its distance from the middle. */
  withdist?: true;
  /** Where it is, as the index stores it. */
  withhash?: true;
  /** Where it is, in degrees. */
  withcoord?: true;
}

/** A member that was found, with the requested details. */
export type GeoFound<B extends string | Uint8Array, W extends GeoWith> = Pick<
  GeoMatch<B>,
  | "member"
  | (W extends { withdist: true } ? "distance" : never)
  | (W extends { withhash: true } ? "hash" : never)
  | (W extends { withcoord: true } ? "position" : never)
>;

/** Asks for something besides the name. */
export type SomeGeoWith =
  | { withdist: true }
  | { withhash: true }
  | { withcoord: true };

/** Asks for nothing besides the name. */
export type NoGeoWith = { [K in keyof GeoWith]?: never };

/** The ways to store the members that are found. */
export interface GeoStore {
  /** As an index at this key. */
  store: Arg;
  /** As a sorted set of their distances at this key. */
  storedist: Arg;
}

/** Says that what is found is given, not stored. */
export type NoGeoStore = { [K in keyof GeoStore]?: never };

type RadiusOptions =
  & GeoLimit
  & GeoWith
  & {
    [K in keyof GeoStore]?: Arg | undefined;
  };
type Found<B extends string | Uint8Array> = number | GeoMatch<B>[] | B[];

const LIMIT = "asc!|desc! count any!";
const WITH = "withcoord! withdist! withhash!";
const RADIUS = `${WITH} ${LIMIT} store|storedist`;
const SEARCH = "bypolygon frommember|fromlonlat byradius|bybox";

function addSearch(words: Arg[], options: GeoSearch, more: string): Arg[] {
  const sent = amend(options, ({ byradius, bybox, bypolygon }) => ({
    // The unit is metres where none is given.
    byradius: isNumber(byradius) ? [byradius, "m"] : byradius,
    bybox: bybox?.length === 2 ? [...bybox, "m"] : bybox,
    bypolygon: bypolygon && [bypolygon.length, ...bypolygon.flat()],
  }));
  return addOptions(words, sent, `${SEARCH} ${LIMIT} ${more}`);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function matches<B extends string | Uint8Array>(
  as: Readings<B>,
  { withcoord, withdist, withhash }: GeoWith = {},
): Shape<GeoMatch<B>[] | B[]> {
  return withcoord || withdist || withhash ? as.places : as.values;
}

function found<B extends string | Uint8Array>(
  as: Readings<B>,
  options: RadiusOptions = {},
): Shape<Found<B>> {
  return (options.store ?? options.storedist) === undefined
    ? matches(as, options)
    : integer;
}

/** Commands on places. */
export abstract class GeoCommands<B extends string | Uint8Array>
  extends SortedSetCommands<B> {
  /**
   * Gives members their places, creating the index when `key` does not exist,
   * and returns how many of them are new.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.geoadd("cities", [
   *   [13.36, 38.12, "Palermo"],
   *   [15.09, 37.5, "Catania"],
   * ]);
   * const near = await redis.geosearch("cities", {
   *   fromlonlat: [15, 37],
   *   byradius: [100, "km"],
   *   withdist: true,
   * });
   * console.assert(near[0]?.member === "Catania" && near[0].distance < 60);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/geoadd/
   */
  geoadd(
    key: Arg,
    places: Iterable<GeoPlace>,
    options?: GeoaddOptions,
  ): Promise<number>;
  /** The same for one member. */
  geoadd(
    key: Arg,
    longitude: number,
    latitude: number,
    member: Arg,
    options?: GeoaddOptions,
  ): Promise<number>;
  geoadd(
    key: Arg,
    places: number | Iterable<GeoPlace>,
    second?: number | GeoaddOptions,
    member?: Arg,
    options?: GeoaddOptions,
  ): Promise<number> {
    const words = ["GEOADD", key];
    const row = isArg(places);
    const form = "[longitude, latitude, member]";
    addOptions(words, row ? options : second as GeoaddOptions, "nx!|xx! ch!");
    if (!row) checkIterable("GEOADD", places, form);
    for (const place of row ? [[places, second, member]] : places) {
      checkTuple("GEOADD", place, 3, form);
      if (typeof place[0] !== "number") {
        throw misuse("send GEOADD", "positions are numbers", place[0]);
      }
      words.push(...place as GeoPlace);
    }
    return this.send(words, integer);
  }

  /**
   * Returns how far two members are apart, `null` when one of them or `key` does
   * not exist; in metres unless a unit is given.
   *
   * @see https://redis.io/docs/latest/commands/geodist/
   */
  geodist(
    key: Arg,
    member1: Arg,
    member2: Arg,
    unit?: GeoUnit,
  ): Promise<number | null> {
    return this.send(
      addGiven(["GEODIST", key, member1, member2], unit),
      doubleOrNull,
    );
  }

  /**
   * Returns the geohash of each member, 11 characters, `null` when it or `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/geohash/
   */
  geohash(key: Arg, ...members: OneOrMany[]): Promise<(string | null)[]> {
    return this.send(addFlat(["GEOHASH", key], members), textsOrNulls);
  }

  /**
   * Returns the position of each member, `null` when it or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/geopos/
   */
  geopos(
    key: Arg,
    ...members: OneOrMany[]
  ): Promise<([longitude: number, latitude: number] | null)[]> {
    return this.send(addFlat(["GEOPOS", key], members), positions);
  }

  /**
   * Creates a sorted set of the members in a circle at `store`, or at
   * `storedist` with their distances as scores, and returns how many there are;
   * 0, and the set is deleted, when `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearchstore}.
   * @see https://redis.io/docs/latest/commands/georadius/
   */
  georadius(
    key: Arg,
    longitude: number,
    latitude: number,
    radius: number,
    unit: GeoUnit,
    options: GeoLimit & ExactlyOne<GeoStore>,
  ): Promise<number>;
  /**
   * Returns the members in a circle with the requested details, empty when
   * `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearch}.
   * @see https://redis.io/docs/latest/commands/georadius/
   */
  georadius<W extends GeoWith & SomeGeoWith>(
    key: Arg,
    longitude: number,
    latitude: number,
    radius: number,
    unit: GeoUnit,
    options: GeoLimit & W & NoGeoStore,
  ): Promise<GeoFound<B, W>[]>;
  /**
   * Returns the members in a circle, empty when `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearch}.
   * @see https://redis.io/docs/latest/commands/georadius/
   */
  georadius(
    key: Arg,
    longitude: number,
    latitude: number,
    radius: number,
    unit: GeoUnit,
    options?: GeoLimit & NoGeoWith,
  ): Promise<B[]>;
  georadius(
    key: Arg,
    longitude: number,
    latitude: number,
    radius: number,
    unit: GeoUnit,
    options?: RadiusOptions,
  ): Promise<Found<B>> {
    return this.send(
      addOptions(
        ["GEORADIUS", key, longitude, latitude, radius, unit],
        options,
        RADIUS,
      ),
      found(this.as, options),
    );
  }

  /**
   * Does what {@linkcode GeoCommands.georadius} does, on replicas too: none when
   * `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearch}.
   * @see https://redis.io/docs/latest/commands/georadius_ro/
   */
  georadiusRo<W extends GeoWith & SomeGeoWith>(
    key: Arg,
    longitude: number,
    latitude: number,
    radius: number,
    unit: GeoUnit,
    options: GeoLimit & W,
  ): Promise<GeoFound<B, W>[]>;
  /**
   * Does what {@linkcode GeoCommands.georadius} does, on replicas too: none when
   * `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearch}.
   * @see https://redis.io/docs/latest/commands/georadius_ro/
   */
  georadiusRo(
    key: Arg,
    longitude: number,
    latitude: number,
    radius: number,
    unit: GeoUnit,
    options?: GeoLimit & NoGeoWith,
  ): Promise<B[]>;
  georadiusRo(
    key: Arg,
    longitude: number,
    latitude: number,
    radius: number,
    unit: GeoUnit,
    options?: GeoLimit & GeoWith,
  ): Promise<GeoMatch<B>[] | B[]> {
    return this.send(
      addOptions(
        ["GEORADIUS_RO", key, longitude, latitude, radius, unit],
        options,
        RADIUS,
      ),
      matches(this.as, options),
    );
  }

  /**
   * Creates a sorted set of the members around another at `store`, or at
   * `storedist` with their distances as scores, and returns how many there are;
   * 0, and the set is deleted, when `key` does not exist. Fails when `key`
   * exists, and the member does not.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearchstore}.
   * @see https://redis.io/docs/latest/commands/georadiusbymember/
   */
  georadiusbymember(
    key: Arg,
    member: Arg,
    radius: number,
    unit: GeoUnit,
    options: GeoLimit & ExactlyOne<GeoStore>,
  ): Promise<number>;
  /**
   * Returns the members around another with the requested details, empty when
   * `key` does not exist. Fails when `key` exists, and the member does not.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearch}.
   * @see https://redis.io/docs/latest/commands/georadiusbymember/
   */
  georadiusbymember<W extends GeoWith & SomeGeoWith>(
    key: Arg,
    member: Arg,
    radius: number,
    unit: GeoUnit,
    options: GeoLimit & W & NoGeoStore,
  ): Promise<GeoFound<B, W>[]>;
  /**
   * Returns the members around another, empty when `key` does not exist. Fails
   * when `key` exists, and the member does not.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearch}.
   * @see https://redis.io/docs/latest/commands/georadiusbymember/
   */
  georadiusbymember(
    key: Arg,
    member: Arg,
    radius: number,
    unit: GeoUnit,
    options?: GeoLimit & NoGeoWith,
  ): Promise<B[]>;
  georadiusbymember(
    key: Arg,
    member: Arg,
    radius: number,
    unit: GeoUnit,
    options?: RadiusOptions,
  ): Promise<Found<B>> {
    return this.send(
      addOptions(
        ["GEORADIUSBYMEMBER", key, member, radius, unit],
        options,
        RADIUS,
      ),
      found(this.as, options),
    );
  }

  /**
   * Does what {@linkcode GeoCommands.georadiusbymember} does, on replicas too:
   * none when `key` does not exist. Fails when `key` exists, and the member does
   * not.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearch}.
   * @see https://redis.io/docs/latest/commands/georadiusbymember_ro/
   */
  georadiusbymemberRo<W extends GeoWith & SomeGeoWith>(
    key: Arg,
    member: Arg,
    radius: number,
    unit: GeoUnit,
    options: GeoLimit & W,
  ): Promise<GeoFound<B, W>[]>;
  /**
   * Does what {@linkcode GeoCommands.georadiusbymember} does, on replicas too:
   * none when `key` does not exist. Fails when `key` exists, and the member does
   * not.
   *
   * @deprecated Since Redis 6.2: use {@linkcode GeoCommands.geosearch}.
   * @see https://redis.io/docs/latest/commands/georadiusbymember_ro/
   */
  georadiusbymemberRo(
    key: Arg,
    member: Arg,
    radius: number,
    unit: GeoUnit,
    options?: GeoLimit & NoGeoWith,
  ): Promise<B[]>;
  georadiusbymemberRo(
    key: Arg,
    member: Arg,
    radius: number,
    unit: GeoUnit,
    options?: GeoLimit & GeoWith,
  ): Promise<GeoMatch<B>[] | B[]> {
    return this.send(
      addOptions(
        ["GEORADIUSBYMEMBER_RO", key, member, radius, unit],
        options,
        RADIUS,
      ),
      matches(this.as, options),
    );
  }

  /**
   * Returns the members in an area with the requested details, empty when `key`
   * does not exist. Fails when `key` exists, and the member of `frommember`
   * does not.
   *
   * @see https://redis.io/docs/latest/commands/geosearch/
   */
  geosearch<W extends GeoWith & SomeGeoWith>(
    key: Arg,
    options: GeoSearch & W,
  ): Promise<GeoFound<B, W>[]>;
  /**
   * Returns the members in an area, empty when `key` does not exist. Fails when
   * `key` exists, and the member of `frommember` does not.
   *
   * @see https://redis.io/docs/latest/commands/geosearch/
   */
  geosearch(key: Arg, options: GeoSearch & NoGeoWith): Promise<B[]>;
  geosearch(
    key: Arg,
    options: GeoSearch & GeoWith,
  ): Promise<GeoMatch<B>[] | B[]> {
    return this.send(
      addSearch(["GEOSEARCH", key], options, WITH),
      matches(this.as, options),
    );
  }

  /**
   * Stores in `destination` the index of the members of `source` in an area, or
   * with `storedist` a sorted set of their distances, and returns how many
   * there are; 0, and `destination` is deleted, when `source` does not exist.
   * Fails when `source` exists, and the member of `frommember` does not.
   *
   * @see https://redis.io/docs/latest/commands/geosearchstore/
   */
  geosearchstore(
    destination: Arg,
    source: Arg,
    options: GeoSearch & { storedist?: boolean },
  ): Promise<number> {
    return this.send(
      addSearch(
        ["GEOSEARCHSTORE", destination, source],
        options,
        "storedist!",
      ),
      integer,
    );
  }
}
