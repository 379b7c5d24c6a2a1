/**
 * Geospatial indices: members with a place on Earth, kept in a sorted set.
 *
 * Positions are longitude and latitude in degrees; the server keeps them to
 * about half a metre.
 *
 * @see https://redis.io/docs/latest/commands/?group=geo
 * @module
 */

import type { Arg, Shape } from "../resp/reply.ts";
import {
  addAll,
  addGiven,
  addNamed,
  addWord,
  type ExactlyOne,
} from "./arguments.ts";
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

/** A member and its place. */
export type GeoPlace = readonly [
  longitude: number,
  latitude: number,
  member: Arg,
];

/** How members get a place. */
export interface GeoaddOptions {
  /** `"nx"`: only new members; `"xx"`: only members that have a place. */
  condition?: "nx" | "xx";
  /**
   * Whether to count the members that move too.
   *
   * @default {false}
   */
  ch?: boolean;
}

/** The ways to say where the middle of a search is. */
export interface GeoMiddle {
  /** Where this member is. */
  frommember: Arg;
  /** At this position. */
  fromlonlat: readonly [longitude: number, latitude: number];
}

/** The ways to say how large the area of a search is. */
export interface GeoArea {
  /** A circle. */
  byradius: number;
  /** A rectangle along the meridians. */
  bybox: readonly [width: number, height: number];
}

/** How members that are found are ordered, and how many they are. */
export type GeoLimit =
  & {
    /** The nearest first, or the farthest; without it, in no order. */
    order?: "asc" | "desc";
  }
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
      count?: never;
      /** Only with `count`. */
      any?: never;
    }
  );

/** An area around one middle. */
export type GeoAround =
  & ExactlyOne<GeoMiddle>
  & ExactlyOne<GeoArea>
  & {
    /**
     * The unit of radius, width, height and distances.
     *
     * @default {"m"}
     */
    unit?: GeoUnit;
    /** Not around a middle. */
    bypolygon?: never;
  };

/** An area between corners; since Valkey 9.0. */
export type GeoPolygon =
  & {
    /** Its corners, three or more; distances are those from its middle, in metres. */
    bypolygon: readonly (readonly [longitude: number, latitude: number])[];
  }
  & {
    /** Not with corners. */
    [K in keyof GeoMiddle | keyof GeoArea | "unit"]?: never;
  };

/** Where members are looked for: around one middle, in one area. */
export type GeoSearch = (GeoAround | GeoPolygon) & GeoLimit;

/** What is given of each member besides its name. */
export interface GeoWith {
  /** Its distance from the middle. */
  withdist?: true;
  /** Where it is, as the index keeps it. */
  withhash?: true;
  /** Where it is, in degrees. */
  withcoord?: true;
}

/** A member that was found, with what was asked for. */
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

/** The ways to say where members that are found are stored. */
export interface GeoStore {
  /** As an index at this key. */
  store: Arg;
  /** As a sorted set of their distances at this key. */
  storedist: Arg;
}

/** Says that what is found is given, not stored. */
export type NoGeoStore = { [K in keyof GeoStore]?: never };

type RadiusOptions = GeoLimit & GeoWith & Partial<GeoStore>;
type Found<B extends string | Uint8Array> = number | GeoMatch<B>[] | B[];

function addSearch(words: Arg[], options: GeoSearch): Arg[] {
  const { bypolygon, unit = "m" } = options;
  if (bypolygon) {
    words.push("BYPOLYGON", bypolygon.length);
    addAll(words, bypolygon.flat());
  } else {
    addNamed(words, options, "frommember fromlonlat byradius bybox");
    words.push(unit);
  }
  return addLimits(words, options);
}

function addLimits(words: Arg[], options: GeoLimit): Arg[] {
  return addNamed(addWord(words, options.order), options, "count any");
}

const WITH = "withcoord withdist withhash";

function addRadius(words: Arg[], options: RadiusOptions): Arg[] {
  addLimits(addNamed(words, options, WITH), options);
  return addNamed(words, options, "store storedist");
}

function matches<B extends string | Uint8Array>(
  as: Readings<B>,
  { withcoord, withdist, withhash }: GeoWith,
): Shape<GeoMatch<B>[] | B[]> {
  return withcoord || withdist || withhash ? as.places : as.values;
}

function found<B extends string | Uint8Array>(
  as: Readings<B>,
  options: RadiusOptions,
): Shape<Found<B>> {
  return (options.store ?? options.storedist) === undefined
    ? matches(as, options)
    : integer;
}

/** Commands on places. */
export abstract class GeoCommands<B extends string | Uint8Array>
  extends SortedSetCommands<B> {
  /**
   * Gives members their places, making the index when `key` does not exist, and
   * returns how many of them are new.
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
   *   byradius: 100,
   *   unit: "km",
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
    options: GeoaddOptions = {},
  ): Promise<number> {
    const words = addWord(["GEOADD", key], options.condition);
    addNamed(words, options, "ch");
    for (const place of places) words.push(...place);
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
  geohash(key: Arg, ...members: Arg[]): Promise<(string | null)[]> {
    return this.send(["GEOHASH", key, ...members], textsOrNulls);
  }

  /**
   * Returns the position of each member, `null` when it or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/geopos/
   */
  geopos(
    key: Arg,
    ...members: Arg[]
  ): Promise<([longitude: number, latitude: number] | null)[]> {
    return this.send(["GEOPOS", key, ...members], positions);
  }

  /**
   * Makes a sorted set of the members in a circle at `store`, or at `storedist`
   * with their distances as scores, and returns how many there are; 0, and the
   * set is deleted, when `key` does not exist.
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
   * Returns the members in a circle with what was asked for, none when `key` does
   * not exist.
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
   * Returns the members in a circle, none when `key` does not exist.
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
    options: RadiusOptions = {},
  ): Promise<Found<B>> {
    return this.send(
      addRadius(["GEORADIUS", key, longitude, latitude, radius, unit], options),
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
    options: GeoLimit & GeoWith = {},
  ): Promise<GeoMatch<B>[] | B[]> {
    return this.send(
      addRadius(
        ["GEORADIUS_RO", key, longitude, latitude, radius, unit],
        options,
      ),
      matches(this.as, options),
    );
  }

  /**
   * Makes a sorted set of the members around another at `store`, or at
   * `storedist` with their distances as scores, and returns how many there are;
   * 0, and the set is deleted, when `key` does not exist. Fails when `key` exists,
   * and the member does not.
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
   * Returns the members around another with what was asked for, none when `key`
   * does not exist. Fails when `key` exists, and the member does not.
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
   * Returns the members around another, none when `key` does not exist. Fails when
   * `key` exists, and the member does not.
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
    options: RadiusOptions = {},
  ): Promise<Found<B>> {
    return this.send(
      addRadius(["GEORADIUSBYMEMBER", key, member, radius, unit], options),
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
    options: GeoLimit & GeoWith = {},
  ): Promise<GeoMatch<B>[] | B[]> {
    return this.send(
      addRadius(["GEORADIUSBYMEMBER_RO", key, member, radius, unit], options),
      matches(this.as, options),
    );
  }

  /**
   * Returns the members in an area with what was asked for, none when `key` does
   * not exist. Fails when `key` exists, and the member of `frommember` does not.
   *
   * @see https://redis.io/docs/latest/commands/geosearch/
   */
  geosearch<W extends GeoWith & SomeGeoWith>(
    key: Arg,
    options: GeoSearch & W,
  ): Promise<GeoFound<B, W>[]>;
  /**
   * Returns the members in an area, none when `key` does not exist. Fails when
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
      addNamed(addSearch(["GEOSEARCH", key], options), options, WITH),
      matches(this.as, options),
    );
  }

  /**
   * Makes `destination` the index of the members of `source` in an area, or with
   * `storedist` a sorted set of their distances, and returns how many there are;
   * 0, and `destination` is deleted, when `source` does not exist. Fails when
   * `source` exists, and the member of `frommember` does not.
   *
   * @see https://redis.io/docs/latest/commands/geosearchstore/
   */
  geosearchstore(
    destination: Arg,
    source: Arg,
    options: GeoSearch & { storedist?: boolean },
  ): Promise<number> {
    return this.send(
      addNamed(
        addSearch(["GEOSEARCHSTORE", destination, source], options),
        options,
        "storedist",
      ),
      integer,
    );
  }
}
