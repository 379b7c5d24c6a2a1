/**
 * Lists: elements in a ring, in O(1) at both ends and by index.
 *
 * @module
 */

import { parseInteger } from "../base/numbers.ts";
import { Collection } from "./value.ts";

/** An end of a list, as LMOVE and LMPOP name it. */
export type End = "LEFT" | "RIGHT";

/** The initial capacity; a capacity is always a power of two. */
const FIRST_ROOM = 8;

/** A listpack's bytes besides its entries, and the most bytes of a list's listpack. */
const LISTPACK_BYTES = 7;
const NODE_BYTES = 8192;

/** A list. */
export class ListValue extends Collection {
  /** The name of the type. */
  readonly type = "list";
  #ring: string[] = [];
  #head = 0;
  #size = 0;

  /** Makes a list of these elements. */
  constructor(elements: readonly string[] = []) {
    super();
    this.#fill(elements);
  }

  /**
   * The encoding that Redis would use. Redis converts a list that shrank only at
   * half of the limit; here only the current size counts.
   */
  get encoding(): "listpack" | "quicklist" {
    let bytes = LISTPACK_BYTES;
    for (let i = 0; i < this.#size && bytes <= NODE_BYTES; i++) {
      bytes += entryBytes(this.at(i));
    }
    return bytes <= NODE_BYTES ? "listpack" : "quicklist";
  }

  /** How many elements there are. */
  get size(): number {
    return this.#size;
  }

  /** The element at an index, which must exist. */
  at(index: number): string {
    return this.#ring[this.#place(index)]!;
  }

  /** Replaces the element at an index, which must exist. */
  set(index: number, element: string): void {
    this.#ring[this.#place(index)] = element;
  }

  /** Adds an element at an end. */
  push(end: End, element: string): void {
    if (this.#size === this.#ring.length) this.#move(this.#size * 2);
    if (end === "LEFT") {
      this.#head = (this.#head - 1) & (this.#ring.length - 1);
      this.#ring[this.#head] = element;
    } else {
      this.#ring[this.#place(this.#size)] = element;
    }
    this.#size++;
  }

  /** Removes and returns the element at an end. The list must not be empty. */
  pop(end: End): string {
    const place = end === "LEFT" ? this.#head : this.#place(this.#size - 1);
    const element = this.#ring[place]!;
    this.#ring[place] = "";
    if (end === "LEFT") this.#head = this.#place(1);
    this.#size--;
    // A quarter, not half, so that a list around a limit does not move with each change.
    if (this.#ring.length > FIRST_ROOM && this.#size < this.#ring.length / 4) {
      this.#move(this.#ring.length / 2);
    }
    return element;
  }

  /** Inserts an element before an index; at the end when the index is the size. */
  insert(index: number, element: string): void {
    if (index < this.#size / 2) {
      this.push("LEFT", element);
      for (let i = 0; i < index; i++) this.set(i, this.at(i + 1));
    } else {
      this.push("RIGHT", element);
      for (let i = this.#size - 1; i > index; i--) this.set(i, this.at(i - 1));
    }
    this.set(index, element);
  }

  /** Removes `left` elements at the left end and `right` at the right end. */
  trim(left: number, right: number): void {
    const kept = this.#size - left - right;
    if (kept < left + right) {
      return this.#fill(this.elements(left, left + kept));
    }
    for (let i = 0; i < left; i++) this.pop("LEFT");
    for (let i = 0; i < right; i++) this.pop("RIGHT");
  }

  /**
   * Removes up to `most` elements equal to `element`, starting from an end; returns
   * how many were removed.
   */
  remove(element: string, end: End, most: number): number {
    const size = this.#size;
    const kept: string[] = [];
    for (let i = 0; i < size; i++) {
      const other = this.at(end === "LEFT" ? i : size - 1 - i);
      const removed = i - kept.length;
      if (other !== element || removed >= most) kept.push(other);
    }
    if (kept.length === size) return 0;
    this.#fill(end === "LEFT" ? kept : kept.reverse());
    return size - kept.length;
  }

  /** A copy. */
  copy(): ListValue {
    return new ListValue(this.elements());
  }

  /** The elements from index `from` to before `to`, in a new array. */
  elements(from = 0, to = this.#size): string[] {
    return Array.from({ length: to - from }, (_, i) => this.at(from + i));
  }

  #place(index: number): number {
    return (this.#head + index) & (this.#ring.length - 1);
  }

  #move(room: number): void {
    const ring = makeRing(room);
    for (let i = 0; i < this.#size; i++) ring[i] = this.at(i);
    this.#ring = ring;
    this.#head = 0;
  }

  #fill(elements: readonly string[]): void {
    let room = FIRST_ROOM;
    while (room < elements.length) room *= 2;
    this.#ring = makeRing(room);
    this.#head = 0;
    this.#size = elements.length;
    for (let i = 0; i < elements.length; i++) this.#ring[i] = elements[i]!;
  }
}

function makeRing(room: number): string[] {
  return new Array<string>(room).fill("");
}

/** The bytes of an element in a listpack: header, content and back length. */
function entryBytes(text: string): number {
  const integer = parseInteger(text);
  if (integer !== null) return integerBytes(integer) + 1;
  const { length } = text;
  const bytes = length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
  return bytes +
    (bytes < 128 ? 1 : bytes < 16_384 ? 2 : bytes < 2 ** 21 ? 3 : 5);
}

function integerBytes(integer: bigint): number {
  if (integer >= 0n && integer < 128n) return 1;
  for (const [bits, bytes] of [[13, 2], [16, 3], [24, 4], [32, 5]] as const) {
    if (BigInt.asIntN(bits, integer) === integer) return bytes;
  }
  return 9;
}
