/**
 * Geohashes: places on earth as numbers; close places mostly have close numbers.
 *
 * @module
 */

/** Bits of each coordinate in a score. */
const STEPS = 26;
/** The largest mapped latitude: the limit of Web Mercator maps. */
const LATITUDE = 85.05112878;
const LONGITUDE = 180;
const EARTH_RADIUS = 6372797.560856;
const MERCATOR = 20037726.37;

/** A place in degrees. */
export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** A cell of the grid with 2^steps columns and 2^steps rows. */
export interface Cell {
  /** The column, from the west. */
  readonly x: number;
  /** The row, from the south. */
  readonly y: number;
  readonly steps: number;
}

/** The searched area. Lengths in meters. */
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

/** Interleaves the bits of two 13-bit numbers: x at the odd positions. */
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

/** The 52 bits of a cell of the finest grid; a double holds 53 exactly. */
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
  // ZADD can store any score in a geo set: clamp it to a valid place. Places on
  // the very edge of the map have one bit more.
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

/** The standard geohash of 11 characters, as GEOHASH returns it. */
export function geohashOf(score: number): string {
  // The standard maps latitudes up to 90 and encodes 55 bits; a score has only 52.
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

/** The distance from a shape's center to a place; `undefined` outside of the shape. */
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

/** Score ranges, upper end excluded, that together cover a shape. */
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
  // On a grid with few cells every neighbour is needed.
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
    // On a grid with few cells the neighbours on both sides can be the same cell.
    const before = last > 0 ? ranges.at(-1) : undefined;
    if (before?.[0] === range[0]) continue;
    ranges.push(range);
    last = at;
  }
  return ranges;
}

/** The order in which Redis visits a cell and its neighbours. */
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
  // A place on the very edge lies one cell beyond the grid: wrap only a moved coordinate.
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
  // Cells get narrower towards the poles.
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
  // The farther from the equator, the more degrees of longitude a length spans.
  const far = latitude < 0 ? latitude - up : latitude + up;
  const aside = degrees(width / EARTH_RADIUS / Math.cos(radians(far)));
  return {
    west: longitude - aside,
    east: longitude + aside,
    south: latitude - up,
    north: latitude + up,
  };
}

/** Whether a cell and its neighbours cover a box. */
function covers(cell: Cell, box: Box): boolean {
  return edges(move(cell, 0, 1)).north >= box.north &&
    edges(move(cell, 0, -1)).south <= box.south &&
    edges(move(cell, 1, 0)).east >= box.east &&
    edges(move(cell, -1, 0)).west <= box.west;
}
