/**
 * Vector sets: elements with a vector each, found by likeness; since Redis 8.0.
 *
 * The server that this library is tested with does not have them: their replies
 * are taken from the commands' pages.
 *
 * @see https://redis.io/docs/latest/commands/?group=vector_set
 * @module
 */

import { isOptions } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import {
  addAll,
  addGiven,
  type AtMostOne,
  checkIterable,
} from "./arguments.ts";
import { addOptions } from "./option_words.ts";
import { type VectorSetInfo, vectorSetInfoOrNull } from "./server_shapes.ts";
import {
  doublesOrNull,
  flag,
  integer,
  members,
  type RawVector,
  rawVectorOrNull,
} from "./shapes.ts";
import type { LexBound } from "./sorted_set_ranges.ts";
import { StreamGroupCommands } from "./stream_groups.ts";

/** A vector: its numbers, or bytes that hold them as 32-bit floats, the least significant byte first. */
export type Vector = readonly number[] | Float32Array | Uint8Array;

/** How the numbers of a vector are stored; in 8 bits without an option. */
export interface VectorQuantization {
  /** As they are. */
  noquant: boolean;
  /** In 8 bits each: the default. */
  q8: boolean;
  /** In one bit each. */
  bin: boolean;
}

/** Options of VADD. */
export type VaddOptions = AtMostOne<VectorQuantization> & {
  /** The number of dimensions to reduce its vector to. */
  reduce?: number;
  /**
   * Whether to look for its neighbours in the background.
   *
   * @default {false}
   */
  cas?: boolean;
  /**
   * How much work to do for good neighbours.
   *
   * @default {200}
   */
  ef?: number;
  /** Its attributes, as JSON. */
  setattr?: Arg;
  /**
   * How many neighbours it has at most.
   *
   * @default {16}
   */
  m?: number;
};

/** Options of VSIM. */
export interface VsimOptions {
  /**
   * The maximum number of elements to return.
   *
   * @default {10}
   */
  count?: number;
  /** The greatest distance from the query, from 0 to 1. */
  epsilon?: number;
  /** How much work to do: the more, the better the reply. */
  ef?: number;
  /** What must be true of their attributes, such as `".year > 1950"`. */
  filter?: Arg;
  /** How many elements to try for `filter`. */
  filterEf?: number;
  /**
   * Whether to compare all elements, for an exact reply.
   *
   * @default {false}
   */
  truth?: boolean;
  /**
   * Whether to block all other clients.
   *
   * @default {false}
   */
  nothread?: boolean;
}

/** What a search returns besides the names of elements. */
export interface VsimWith {
  /** The similarity of each to the query, from 0 to 1. */
  withscores?: boolean;
  /** The attributes of each, `null` if it has none. */
  withattribs?: boolean;
}

const VSIM = "withscores! withattribs! count epsilon ef filter filterEf- " +
  "truth! nothread!";

function addVector(words: Arg[], vector: Vector): Arg[] {
  if (vector instanceof Uint8Array) {
    words.push("FP32", vector);
    return words;
  }
  if (vector instanceof Float32Array) {
    const { buffer, byteOffset, byteLength } = vector;
    words.push("FP32", new Uint8Array(buffer, byteOffset, byteLength));
    return words;
  }
  checkIterable(words[0], vector, "numbers, or bytes");
  words.push("VALUES", vector.length);
  return addAll(words, vector);
}

/** Commands on vector sets. */
export abstract class VectorSetCommands<B extends string | Uint8Array>
  extends StreamGroupCommands<B> {
  /**
   * Adds an element, creating the vector set when `key` does not exist, or
   * gives it a new vector, and returns how many elements are new: 1 or 0.
   *
   * @see https://redis.io/docs/latest/commands/vadd/
   */
  vadd(
    key: Arg,
    vector: Vector,
    element: Arg,
    options?: VaddOptions,
  ): Promise<number> {
    const rest = "cas! noquant!|q8!|bin! ef setattr m";
    const words = addOptions(["VADD", key], options, "reduce", rest);
    addVector(words, vector).push(element);
    return this.send(addOptions(words, options, rest, "reduce"), flag);
  }

  /**
   * Returns the number of elements, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vcard/
   */
  vcard(key: Arg): Promise<number> {
    return this.sendExact(["VCARD", key], integer, arguments);
  }

  /**
   * Returns how many dimensions the vectors have; fails when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/vdim/
   */
  vdim(key: Arg): Promise<number> {
    return this.sendExact(["VDIM", key], integer, arguments);
  }

  /**
   * Returns the vector of an element as it is stored, or `null` when it or `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vemb/
   */
  vemb(
    key: Arg,
    element: Arg,
    options: { raw: true },
  ): Promise<RawVector | null>;
  /**
   * Returns about the vector of an element, or `null` when it or `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/vemb/
   */
  vemb(
    key: Arg,
    element: Arg,
    options?: { raw?: false },
  ): Promise<number[] | null>;
  vemb(
    key: Arg,
    element: Arg,
    options?: { raw?: boolean },
  ): Promise<RawVector | number[] | null> {
    return this.send<RawVector | number[] | null>(
      addOptions(["VEMB", key, element], options, "raw!"),
      options?.raw ? rawVectorOrNull : doublesOrNull,
    );
  }

  /**
   * Returns the attributes of an element as JSON, or `null` when it has none, or
   * it or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vgetattr/
   */
  vgetattr(key: Arg, element: Arg): Promise<B | null> {
    return this.sendExact(["VGETATTR", key, element], this.as.value, arguments);
  }

  /**
   * Returns information about a vector set, under the server's own field names,
   * or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vinfo/
   */
  vinfo(key: Arg): Promise<VectorSetInfo | null> {
    return this.sendExact(["VINFO", key], vectorSetInfoOrNull, arguments);
  }

  /**
   * Returns 1 when the vector set has the element; 0 when it has not, or `key`
   * does not exist. Since Redis 8.2.
   *
   * @see https://redis.io/docs/latest/commands/vismember/
   */
  vismember(key: Arg, element: Arg): Promise<number> {
    return this.sendExact(["VISMEMBER", key, element], flag, arguments);
  }

  /**
   * Returns the neighbours of an element in each layer with how like they are, or
   * `null` when it or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vlinks/
   */
  vlinks(
    key: Arg,
    element: Arg,
    options: { withscores: true },
  ): Promise<[B, number][][] | null>;
  /**
   * Returns the neighbours of an element in each layer, or `null` when it or `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vlinks/
   */
  vlinks(
    key: Arg,
    element: Arg,
    options?: { withscores?: false },
  ): Promise<B[][] | null>;
  vlinks(
    key: Arg,
    element: Arg,
    options?: { withscores?: boolean },
  ): Promise<B[][] | [B, number][][] | null> {
    return this.send<B[][] | [B, number][][] | null>(
      addOptions(["VLINKS", key, element], options, "withscores!"),
      options?.withscores ? this.as.scoredLayers : this.as.layers,
    );
  }

  /**
   * Returns `count` random elements, empty when `key` does not exist. With a
   * negative `count` an element may come more than once.
   *
   * @see https://redis.io/docs/latest/commands/vrandmember/
   */
  vrandmember(key: Arg, count: number): Promise<B[]>;
  /**
   * Returns a random element, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vrandmember/
   */
  vrandmember(key: Arg): Promise<B | null>;
  vrandmember(key: Arg, count?: number): Promise<B | null | B[]> {
    return this.send<B | null | B[]>(
      addGiven(["VRANDMEMBER", key], count),
      count === undefined ? this.as.value : this.as.values,
    );
  }

  /**
   * Returns the elements from `start` to `end` in the order of their bytes, at
   * most `count` of them; empty when `key` does not exist. Since Redis 8.4.
   *
   * @see https://redis.io/docs/latest/commands/vrange/
   */
  vrange(
    key: Arg,
    start: LexBound,
    end: LexBound,
    count?: number,
  ): Promise<B[]> {
    return this.send(
      addGiven(["VRANGE", key, start, end], count),
      this.as.values,
    );
  }

  /**
   * Removes an element and returns 1; 0 when it or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vrem/
   */
  vrem(key: Arg, element: Arg): Promise<number> {
    return this.sendExact(["VREM", key, element], flag, arguments);
  }

  /**
   * Sets the attributes of an element, as JSON or empty for none, and returns 1; 0
   * when it or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/vsetattr/
   */
  vsetattr(key: Arg, element: Arg, attributes: Arg): Promise<number> {
    return this.sendExact(
      ["VSETATTR", key, element, attributes],
      flag,
      arguments,
    );
  }

  /**
   * Returns the elements that are most like a vector or an element, the most
   * like first, with scores and attributes; empty when `key` does not exist.
   * Fails when `key` exists, and the element does not.
   *
   * @see https://redis.io/docs/latest/commands/vsim/
   */
  vsim(
    key: Arg,
    like: Vector | { ele: Arg },
    options: VsimOptions & { withscores: true; withattribs: true },
  ): Promise<[B, number, B | null][]>;
  /**
   * Returns the elements that are most like a vector or an element, the most
   * like first, with their scores; empty when `key` does not exist. Fails when
   * `key` exists, and the element does not.
   *
   * @see https://redis.io/docs/latest/commands/vsim/
   */
  vsim(
    key: Arg,
    like: Vector | { ele: Arg },
    options: VsimOptions & { withscores: true; withattribs?: false },
  ): Promise<[B, number][]>;
  /**
   * Returns the elements that are most like a vector or an element, the most
   * like first, with their attributes; empty when `key` does not exist. Fails
   * when `key` exists, and the element does not.
   *
   * @see https://redis.io/docs/latest/commands/vsim/
   */
  vsim(
    key: Arg,
    like: Vector | { ele: Arg },
    options: VsimOptions & { withscores?: false; withattribs: true },
  ): Promise<[B, B | null][]>;
  /**
   * Returns the elements that are most like a vector or an element, the most
   * like first; empty when `key` does not exist. Fails when `key` exists, and
   * the element does not.
   *
   * @see https://redis.io/docs/latest/commands/vsim/
   */
  vsim(
    key: Arg,
    like: Vector | { ele: Arg },
    options?: VsimOptions & { withscores?: false; withattribs?: false },
  ): Promise<B[]>;
  vsim(
    key: Arg,
    like: Vector | { ele: Arg },
    options?: VsimOptions & VsimWith,
  ): Promise<
    B[] | [B, number][] | [B, B | null][] | [B, number, B | null][]
  > {
    const words: Arg[] = ["VSIM", key];
    if (isOptions(like) && "ele" in like) words.push("ELE", like.ele);
    else addVector(words, like as Vector);
    addOptions(words, options, VSIM);
    if (!options?.withattribs) {
      return this.send(words, members(this.as, options));
    }
    return this.send<
      B[] | [B, number][] | [B, B | null][] | [B, number, B | null][]
    >(
      words,
      options.withscores ? this.as.scoredAttributed : this.as.attributed,
    );
  }
}
