/**
 * Geohashes: places on earth as numbers that are close where places are.
 *
 * @module
 */

/** Bits of each coordinate in a score. */
const STEPS = 26;
/** The latitudes that are mapped: those of Mercator's maps. */
const LATITUDE = 85.05112878;
const LONGITUDE = 180;
const EARTH_RADIUS = 6372797.560856;
const MERCATOR = 20037726.37;

/** A place in degrees. */
export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** A cell of the grid that has 2^steps columns and as many rows. */
export interface Cell {
  /** The column, from the west. */
  readonly x: number;
  /** The row, from the south. */
  readonly y: number;
  readonly steps: number;
}

/** What is searched. Lengths in meters. */
export type Shape =
  | { readonly center: Place; readonly radius: number }
  | { readonly center: Place; readonly width: number; readonly height: number };

/** Whether a place can be mapped. */
export function isOnMap({ longitude, latitude }: Place): boolean {
  return longitude >= -LONGITUDE && longitude <= LONGITUDE &&
    latitude >= -LATITUDE && latitude <= LATITUDE;
}

function cellOf(place: Place, steps: number, limit = LATITUDE): Cell {
  const size = 2 ** steps;
  const x = (place.longitude + LONGITUDE) / (2 * LONGITUDE) * size;
  const y = (place.latitude + limit) / (2 * limit) * size;
  return { x: Math.floor(x), y: Math.floor(y), steps };
}

/** The edges of a cell, in degrees. */
function edges({ x, y, steps }: Cell) {
  const size = 2 ** steps;
  const width = 2 * LONGITUDE;
  const height = 2 * LATITUDE;
  return {
    west: -LONGITUDE + x / size * width,
    east: -LONGITUDE + (x + 1) / size * width,
    south: -LATITUDE + y / size * height,
    north: -LATITUDE + (y + 1) / size * height,
  };
}

/** The bits of 13-bit numbers, every second one: x at the odd places. */
function interleave(x: number, y: number): number {
  return spread(y) + spread(x) * 2;
}

function spread(bits: number): number {
  let wide = bits;
  wide = (wide | wide << 8) & 0x00ff00ff;
  wide = (wide | wide << 4) & 0x0f0f0f0f;
  wide = (wide | wide << 2) & 0x33333333;
  return (wide | wide << 1) & 0x55555555;
}

function gather(bits: number): number {
  let narrow = bits & 0x55555555;
  narrow = (narrow | narrow >> 1) & 0x33333333;
  narrow = (narrow | narrow >> 2) & 0x0f0f0f0f;
  narrow = (narrow | narrow >> 4) & 0x00ff00ff;
  return (narrow | narrow >> 8) & 0xffff;
}

const HALF_BITS = STEPS / 2;
const HALF = 2 ** HALF_BITS;
const SCORE_HALF = 2 ** STEPS;

/** The 52 bits of a cell of the finest grid; a double holds 53. */
function bitsOf({ x, y }: Cell): number {
  return interleave(x >>> HALF_BITS, y >>> HALF_BITS) * SCORE_HALF +
    interleave(x & HALF - 1, y & HALF - 1);
}

/** The score of a place. */
export function scoreOf(place: Place): number {
  return bitsOf(cellOf(place, STEPS));
}

/** The place of a score: the middle of its cell. */
export function placeOf(score: number): Place {
  // Who adds any scores to the set gets some place; the very edges of the map
  // have one bit more.
  const bits = Math.max(Math.trunc(score), 0) % 2 ** 58;
  const high = Math.floor(bits / SCORE_HALF);
  const low = bits % SCORE_HALF;
  const { west, east, south, north } = edges({
    x: gather(high >>> 1) * HALF + gather(low >>> 1),
    y: gather(high) * HALF + gather(low),
    steps: STEPS,
  });
  return {
    longitude: clamp((west + east) / 2, LONGITUDE),
    latitude: clamp((south + north) / 2, LATITUDE),
  };
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";

/** The geohash as it is known elsewhere, of 11 characters. */
export function geohashOf(score: number): string {
  // There all latitudes are mapped, and 55 bits shown: the last are missing.
  const bits = bitsOf(cellOf(placeOf(score), STEPS, 90));
  let text = "";
  for (let shift = 47; shift >= 0; shift -= 5) {
    text += ALPHABET[Math.floor(bits / 2 ** shift) % 32];
  }
  return text.padEnd(11, "0");
}

function radians(degrees: number): number {
  return degrees * (Math.PI / 180);
}

function degrees(radians: number): number {
  return radians / (Math.PI / 180);
}

function latitudeDistance(one: number, other: number): number {
  return EARTH_RADIUS * Math.abs(radians(other) - radians(one));
}

/** The distance of two places in meters, on a sphere. */
export function distanceOf(one: Place, other: Place): number {
  const from = radians(one.longitude);
  const v = Math.sin((radians(other.longitude) - from) / 2);
  if (v === 0) return latitudeDistance(one.latitude, other.latitude);
  const [south, north] = [radians(one.latitude), radians(other.latitude)];
  const u = Math.sin((north - south) / 2);
  const a = u * u + Math.cos(south) * Math.cos(north) * v * v;
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(a));
}

/** How far a place is from the center of a shape; `undefined` outside of it. */
export function distanceWithin(
  shape: Shape,
  place: Place,
): number | undefined {
  const { center } = shape;
  if (!("width" in shape)) {
    const distance = distanceOf(center, place);
    return distance > shape.radius ? undefined : distance;
  }
  const { latitude } = place;
  if (latitudeDistance(latitude, center.latitude) > shape.height / 2) {
    return undefined;
  }
  const aside = distanceOf(place, { longitude: center.longitude, latitude });
  return aside > shape.width / 2 ? undefined : distanceOf(center, place);
}

/** Ranges of scores, the upper end excluded, in which all of a shape lies. */
export function scoreRanges(shape: Shape): [min: number, max: number][] {
  const { center } = shape;
  const box = boundsOf(shape);
  const radius = "width" in shape
    ? Math.hypot(shape.width / 2, shape.height / 2)
    : shape.radius;
  let steps = stepsFor(radius, center.latitude);
  if (steps > 1 && !covers(cellOf(center, steps), box)) steps--;
  const cell = cellOf(center, steps);
  const { west, east, south, north } = edges(cell);
  // With few cells each of them is needed.
  const fine = steps >= 2;
  const skipSouth = fine && south < box.south;
  const skipNorth = fine && north > box.north;
  const skipWest = fine && west < box.west;
  const skipEast = fine && east > box.east;
  const ranges: [number, number][] = [];
  let last = -1;
  for (const [at, [dx, dy]] of NEIGHBORS.entries()) {
    if (dy < 0 && skipSouth || dy > 0 && skipNorth) continue;
    if (dx < 0 && skipWest || dx > 0 && skipEast) continue;
    const range = rangeOf(move(cell, dx, dy));
    // On a grid of few cells the neighbours of both sides are one.
    const before = last > 0 ? ranges.at(-1) : undefined;
    if (before?.[0] === range[0]) continue;
    ranges.push(range);
    last = at;
  }
  return ranges;
}

/** The order in which Redis looks at a cell and those around it. */
const NEIGHBORS: readonly (readonly [dx: number, dy: number])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

function move({ x, y, steps }: Cell, dx: number, dy: number): Cell {
  const size = 2 ** steps;
  // A place on the very edge is behind the last cell, unless it is moved.
  return {
    x: dx === 0 ? x : (x + dx + size) % size,
    y: dy === 0 ? y : (y + dy + size) % size,
    steps,
  };
}

function rangeOf({ x, y, steps }: Cell): [number, number] {
  const scale = 2 ** (STEPS - steps);
  const min = bitsOf({ x: x * scale, y: y * scale, steps: STEPS });
  return [min, min + scale * scale];
}

function stepsFor(radius: number, latitude: number): number {
  if (radius === 0) return STEPS;
  let steps = 1;
  for (let range = radius; range < MERCATOR; range *= 2) steps++;
  steps -= 2;
  // Towards the poles cells get narrow.
  if (Math.abs(latitude) > 66) steps--;
  if (Math.abs(latitude) > 80) steps--;
  return Math.max(1, Math.min(STEPS, steps));
}

type Box = ReturnType<typeof edges>;

function boundsOf(shape: Shape): Box {
  const { longitude, latitude } = shape.center;
  const height = "width" in shape ? shape.height / 2 : shape.radius;
  const width = "width" in shape ? shape.width / 2 : shape.radius;
  const up = degrees(height / EARTH_RADIUS);
  // Away from the equator a length is more degrees.
  const far = latitude < 0 ? latitude - up : latitude + up;
  const aside = degrees(width / EARTH_RADIUS / Math.cos(radians(far)));
  return {
    west: longitude - aside,
    east: longitude + aside,
    south: latitude - up,
    north: latitude + up,
  };
}

/** Whether a cell and those around it reach as far as a box. */
function covers(cell: Cell, box: Box): boolean {
  return edges(move(cell, 0, 1)).north >= box.north &&
    edges(move(cell, 0, -1)).south <= box.south &&
    edges(move(cell, 1, 0)).east >= box.east &&
    edges(move(cell, -1, 0)).west <= box.west;
}
