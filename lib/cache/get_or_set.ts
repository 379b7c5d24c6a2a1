/**
 * Cache-aside without a stampede: one load for all who miss, in one process and
 * among many.
 *
 * @module
 */

import type { Redis } from "../client/redis.ts";
import type { Script } from "../client/script.ts";
import { Alarm } from "../connection/alarm.ts";
import { cannot, ClosedError, misuse } from "../errors.ts";
import { decodeText, encodeText, joinBytes } from "../resp/bytes.ts";
import type { Reply } from "../resp/reply.ts";
import { type Codec, json } from "./codecs.ts";

/** How a value is loaded and kept. */
export interface GetOrSetOptions<T> {
  /** How long the value is kept, in seconds. */
  ex: number;
  /**
   * How the value is written and read.
   *
   * @default {json()}
   */
  codec?: Codec<T>;
  /**
   * How long others wait for a process that died while it loaded, in milliseconds.
   * One that lives may take longer.
   *
   * @default {2000}
   */
  lockTime?: number;
  /**
   * Loads a value again before it expires, by chance: the sooner, the longer the
   * load took and the higher this number; 1 is usual, 0 is never (XFetch). While
   * that load goes on, the value stays for at most `lockTime` after its `ex`. When
   * it fails, its call rejects, and the value stays until its `ex`.
   *
   * @default {0}
   */
  beta?: number;
}

/** Stands in the place of a value while it is loaded, with a token behind it. */
const LOADING = encodeText("\0sorrel:loading:");
/** Stands in front of a value with the milliseconds that its load took, and a colon. */
const TOOK = encodeText("\0sorrel:took:");
const COLON = 0x3a;

/** Gives what is there and how long it stays, or takes the place with a token. */
const BEGIN = `
local found = redis.call("GET", KEYS[1])
if found then return {found, redis.call("PTTL", KEYS[1])} end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return false`;
/** Replaces the token, or the older value, if the key still has it; wakes those who wait. */
const FINISH = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
redis.call("PUBLISH", ARGV[4], "")
return 1`;
/** Takes the token away, and wakes who waits: another may load. */
const GIVE_UP = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("DEL", KEYS[1])
redis.call("PUBLISH", ARGV[2], "")
return 1`;
/** Sets how long the token, or the older value, stays. */
const STAY = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("PEXPIRE", KEYS[1], ARGV[2])`;

/** What one client has under way. */
interface Desk {
  readonly bytes: Redis<Uint8Array>;
  readonly begin: Script<Reply>;
  readonly finish: Script<Reply>;
  readonly giveUp: Script<Reply>;
  readonly stay: Script<Reply>;
  /** By key. */
  readonly loads: Map<string, Promise<unknown>>;
}

const desks = new WeakMap<object, Desk>();

/**
 * The value of a key; where there is none, `load` makes it, once for all who ask
 * meanwhile: calls through this client, and other processes.
 *
 * Who loads puts a token in the place of the value; others wait for a message, not
 * in a loop. When the loading process dies, another one loads after `lockTime`.
 * What `load` throws reaches every call of this process that waits for it; other
 * processes then try themselves. A key that is deleted or set while its value is
 * loaded stays as it is.
 *
 * Needs scripts (EVALSHA) and PUBLISH. Through a client with a cache, hits are
 * answered from memory.
 *
 * Rejects with a `TypeError` or `RangeError` for an option that cannot be, or where
 * `load` is no function.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 * import { getOrSet } from "@sorrel/redis/cache";
 *
 * await using redis = await connect("redis://localhost:6379");
 * const user = await getOrSet(redis, "user:7", { ex: 60 }, async () => {
 *   return await Promise.resolve({ name: "Ada" }); // from a database
 * });
 * console.assert(user.name === "Ada");
 * ```
 */
export async function getOrSet<T>(
  redis: Redis<string> | Redis<Uint8Array>,
  key: string,
  options: GetOrSetOptions<T>,
  load: () => T | Promise<T>,
): Promise<T> {
  check(options, load);
  const desk = deskOf(redis);
  const { codec = json<T>(), beta = 0 } = options;
  const found = await desk.bytes.get(key);
  let old: Old | undefined;
  if (found !== null && !isLoading(found)) {
    const { value, took } = split(found);
    const left = beta > 0 && took > 0 ? await desk.bytes.pttl(key) : NEVER;
    if (left === NEVER || left > -Math.log(Math.random()) * took * beta) {
      return await codec.decode(value);
    }
    if (left !== GONE) old = { bytes: found, left };
  }
  const running = desk.loads.get(key) as Promise<Uint8Array> | undefined;
  const bytes = running ?? start(desk, key, options, load, codec, old);
  // Each decodes a value of its own.
  return await codec.decode(await bytes);
}

function start<T>(
  desk: Desk,
  key: string,
  options: GetOrSetOptions<T>,
  load: () => T | Promise<T>,
  codec: Codec<T>,
  old: Old | undefined,
): Promise<Uint8Array> {
  const make = async () => {
    const start = performance.now();
    const encoded = await codec.encode(await load());
    const bytes = typeof encoded === "string" ? encodeText(encoded) : encoded;
    if (!(bytes instanceof Uint8Array)) {
      const rule = "its codec must encode it as text or bytes";
      throw new TypeError(`Cannot keep value as ${rule}, not ${typeof bytes}`);
    }
    const took = Math.max(1, Math.round(performance.now() - start));
    return { bytes, took };
  };
  const work = old !== undefined
    ? reload(desk, key, options, make, old)
    : loadOnce(desk, key, options, make);
  const running = work.finally(() => desk.loads.delete(key));
  desk.loads.set(key, running);
  return running;
}

/** A value that may be loaded early, and how long it stays, in ms. */
interface Old {
  readonly bytes: Uint8Array;
  readonly left: number;
}

/** What PTTL says of a key that does not expire, and of one that is not there. */
const NEVER = -1;
const GONE = -2;

type Make = () => Promise<{ bytes: Uint8Array; took: number }>;

/**
 * Loads a value again that is still there: others go on with that. It must not
 * expire before it is replaced: a key that is gone then was deleted.
 */
async function reload<T>(
  desk: Desk,
  key: string,
  options: GetOrSetOptions<T>,
  make: Make,
  { bytes: old, left }: Old,
): Promise<Uint8Array> {
  const { lockTime = 2_000 } = options;
  const end = performance.now() + left;
  const stays = left < lockTime;
  if (stays) await desk.stay.run([key], [old, lockTime]);
  try {
    const { bytes, took } = await make();
    await finish(desk, key, old, join(bytes, took, options), options);
    return bytes;
  } catch (error) {
    if (stays) {
      const rest = Math.max(1, Math.round(end - performance.now()));
      await desk.stay.run([key], [old, rest]).catch(() => {});
    }
    throw error;
  }
}

/** Puts a value in the place of what the key had when its load began. */
async function finish<T>(
  desk: Desk,
  key: string,
  before: Uint8Array,
  value: Uint8Array,
  { ex }: GetOrSetOptions<T>,
): Promise<void> {
  const lives = Math.round(ex * 1_000);
  await desk.finish.run([key], [before, value, lives, channelOf(key)]);
}

/** Where those who wait for a value hear of it. */
function channelOf(key: string): string {
  return `sorrel:loaded:${key}`;
}

/** Loads the value, or waits for who does. */
async function loadOnce<T>(
  desk: Desk,
  key: string,
  options: GetOrSetOptions<T>,
  make: Make,
): Promise<Uint8Array> {
  const { lockTime = 2_000 } = options;
  const token = joinBytes([LOADING, encodeText(crypto.randomUUID())]);
  const first = await desk.begin.run([key], [token, lockTime]);
  const again = () => desk.begin.run([key], [token, lockTime]);
  const found = first === null
    ? null
    : await waitFor(desk, channelOf(key), first, again);
  if (found !== null) return found;
  // Until the token is gone or the client is closed: the load may hang.
  const renewal = setInterval(async () => {
    const goesOn = await desk.stay.run([key], [token, lockTime])
      .catch((error) => !(error instanceof ClosedError));
    if (!goesOn) clearInterval(renewal);
  }, lockTime / 3);
  try {
    const { bytes, took } = await make();
    await finish(desk, key, token, join(bytes, took, options), options);
    return bytes;
  } catch (error) {
    await desk.giveUp.run([key], [token, channelOf(key)]).catch(() => {});
    throw error;
  } finally {
    clearInterval(renewal);
  }
}

/** Waits for the value that another process loads; resolves to `null` when this one has to. */
async function waitFor(
  { bytes: redis }: Desk,
  channel: string,
  first: Reply,
  again: () => Promise<Reply>,
): Promise<Uint8Array | null> {
  if (!isLoading(valueIn(first))) return split(valueIn(first)).value;
  await using messages = await redis.subscribe(channel, { gaps: true });
  // It may have been loaded before the subscription was confirmed.
  let message = messages.next();
  for (;;) {
    const found = await again();
    if (found === null) return null;
    const value = valueIn(found);
    if (!isLoading(value)) return split(value).value;
    const [, lives] = found as [Reply, number];
    const late = Promise.withResolvers<void>();
    const alarm = new Alarm(late.resolve);
    // A token that is not renewed belongs to a process that died.
    alarm.set(performance.now() + Math.max(1, lives + 1));
    const heard = await Promise.race([
      message.then(() => true),
      late.promise.then(() => false),
    ]);
    alarm.set(Infinity);
    if (heard) message = messages.next();
  }
}

function valueIn(found: Reply): Uint8Array {
  return (found as [Uint8Array, number])[0];
}

function isLoading(bytes: Uint8Array): boolean {
  return startsWith(bytes, LOADING);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/** The value, with the time that its load took in front where that is of use. */
function join<T>(
  bytes: Uint8Array,
  took: number,
  { beta = 0 }: GetOrSetOptions<T>,
): Uint8Array {
  if (startsWith(bytes, LOADING)) {
    throw new TypeError(
      "Cannot keep value as it begins as the mark of one that is being loaded",
    );
  }
  if (beta === 0 && !startsWith(bytes, TOOK)) return bytes;
  return joinBytes([TOOK, encodeText(`${took}:`), bytes]);
}

function split(bytes: Uint8Array): { value: Uint8Array; took: number } {
  if (!startsWith(bytes, TOOK)) return { value: bytes, took: 0 };
  const end = bytes.indexOf(COLON, TOOK.length);
  const took = Number(decodeText(bytes.subarray(TOOK.length, end)));
  return { value: bytes.subarray(end + 1), took };
}

function deskOf(redis: Redis<string> | Redis<Uint8Array>): Desk {
  let desk = desks.get(redis);
  if (desk === undefined) {
    const bytes: Redis<Uint8Array> = redis.bytes;
    desk = {
      bytes,
      begin: bytes.script(BEGIN),
      finish: bytes.script(FINISH),
      giveUp: bytes.script(GIVE_UP),
      stay: bytes.script(STAY),
      loads: new Map(),
    };
    desks.set(redis, desk);
  }
  return desk;
}

/** The longest life of a value, in seconds. */
const LONGEST = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);
const NAMES = new Set(["ex", "codec", "lockTime", "beta"]);

function check<T>(options: GetOrSetOptions<T>, load: unknown): void {
  const action = "get or set";
  for (const name in options) {
    if (!NAMES.has(name)) throw misuse(action, "its option is unknown", name);
  }
  const { ex, lockTime = 1, beta = 0 } = options;
  if (!(ex >= 0.001 && ex <= LONGEST)) {
    const rule = `"ex" must be seconds, from 0.001 to ${LONGEST}`;
    throw new RangeError(cannot(action, rule, ex));
  }
  if (!(Number.isInteger(lockTime) && lockTime > 0)) {
    const rule = '"lockTime" must be whole milliseconds > 0';
    throw new RangeError(cannot(action, rule, lockTime));
  }
  if (!(beta >= 0)) {
    throw new RangeError(cannot(action, '"beta" must be at least 0', beta));
  }
  if (typeof load !== "function") {
    throw misuse(action, "a function that loads the value comes last", load);
  }
}
