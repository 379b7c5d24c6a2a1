/**
 * Sorted entries with ranks: the base of large sorted sets.
 *
 * @module
 */

/** The most entries of a node; beyond that it is split in two. */
const MOST = 64;
/** A node with fewer entries tries to join a neighbour. */
const LEAST = MOST / 4;
/** The most entries that two neighbours may have together to be joined. */
const JOINED = MOST * 3 / 4;

/**
 * A leaf with its entries, or an inner node with its children. An inner node's
 * entries are lower bounds: entry `i` sorts at or before everything in child `i`,
 * and after everything in child `i - 1`.
 */
class Node {
  readonly scores: number[];
  readonly members: string[];
  readonly children: Node[] | null;
  /** The number of entries in its subtree. */
  size: number;

  constructor(
    scores: number[],
    members: string[],
    children: Node[] | null,
    size: number,
  ) {
    this.scores = scores;
    this.members = members;
    this.children = children;
    this.size = size;
  }
}

/** Receives an entry; returns `false` to end the visit. */
export type Visit = (member: string, score: number) => boolean | void;

/** Whether an entry sorts before the searched position. */
export type Before = (member: string, score: number) => boolean;

/**
 * Members sorted by score, and by their bytes where scores are equal.
 *
 * A B+ tree whose nodes count the entries below them, so that adding, deleting
 * and ranks take O(log n). Redis uses a skip list; in V8, parallel arrays of
 * numbers and strings are several times faster and need less memory.
 */
export class SortedTree {
  #root = new Node([], [], null, 0);

  /** The number of entries. */
  get size(): number {
    return this.#root.size;
  }

  /** Adds an entry, which must be absent. */
  add(score: number, member: string): void {
    const root = this.#root;
    const right = add(root, score, member);
    if (right === null) return;
    this.#root = new Node(
      [root.scores[0]!, right.scores[0]!],
      [root.members[0]!, right.members[0]!],
      [root, right],
      root.size + right.size,
    );
  }

  /** Deletes an entry, which must be present. */
  delete(score: number, member: string): void {
    remove(this.#root, score, member);
    while (this.#root.children?.length === 1) {
      this.#root = this.#root.children[0]!;
    }
  }

  /** How many entries sort before this one. */
  rank(score: number, member: string): number {
    let rank = 0;
    let node = this.#root;
    while (node.children !== null) {
      const at = childOf(node, score, member);
      for (let i = 0; i < at; i++) rank += node.children[i]!.size;
      node = node.children[at]!;
    }
    return rank + lowerBound(node, score, member);
  }

  /** Counts the entries for which `before` is true: a prefix of the order. */
  count(before: Before): number {
    let count = 0;
    let node = this.#root;
    while (node.children !== null) {
      const at = Math.max(partition(node, before, 1) - 1, 0);
      for (let i = 0; i < at; i++) count += node.children[i]!.size;
      node = node.children[at]!;
    }
    return count + partition(node, before, 0);
  }

  /** Visits the entries from rank `start` to before `end`. */
  each(start: number, end: number, visit: Visit): void {
    forward(this.#root, start, end, visit);
  }

  /** As {@linkcode SortedTree.each}, last entry first. */
  eachBack(start: number, end: number, visit: Visit): void {
    backward(this.#root, start, end, visit);
  }
}

/** The index of the first entry that does not sort before (score, member). */
function lowerBound(node: Node, score: number, member: string): number {
  const { scores, members } = node;
  let low = 0;
  let high = members.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = scores[middle]!;
    if (other < score || (other === score && members[middle]! < member)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The index of the child that (score, member) belongs to. */
function childOf(node: Node, score: number, member: string): number {
  const at = lowerBound(node, score, member);
  if (node.scores[at] === score && node.members[at] === member) return at;
  return at === 0 ? 0 : at - 1;
}

/** The end of the prefix of a node's entries, from `low` on, for which `before` is true. */
function partition(node: Node, before: Before, low: number): number {
  const { scores, members } = node;
  let high = members.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(members[middle]!, scores[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertAt<T>(list: T[], at: number, value: T): void {
  list.push(value);
  for (let i = list.length - 1; i > at; i--) list[i] = list[i - 1]!;
  list[at] = value;
}

function removeAt<T>(list: T[], at: number): void {
  for (let i = at + 1; i < list.length; i++) list[i - 1] = list[i]!;
  list.pop();
}

/** Lowers the first bound of an inner node to a new entry that sorts before it. */
function lowerFirst(node: Node, score: number, member: string): void {
  const { scores, members } = node;
  const first = scores[0]!;
  if (score < first || (score === first && member < members[0]!)) {
    scores[0] = score;
    members[0] = member;
  }
}

/** Adds an entry below a node; returns the new right half when the node was split. */
function add(node: Node, score: number, member: string): Node | null {
  node.size++;
  let at: number;
  if (node.children === null) {
    at = lowerBound(node, score, member);
    insertAt(node.scores, at, score);
    insertAt(node.members, at, member);
  } else {
    at = childOf(node, score, member);
    if (at === 0) lowerFirst(node, score, member);
    const right = add(node.children[at]!, score, member);
    if (right === null) return null;
    at++;
    insertAt(node.scores, at, right.scores[0]!);
    insertAt(node.members, at, right.members[0]!);
    insertAt(node.children, at, right);
  }
  const count = node.members.length;
  if (count <= MOST) return null;
  // Appending splits at the end, so that ascending inserts leave full nodes behind.
  return split(node, at === count - 1 ? at : count >>> 1);
}

function split(node: Node, at: number): Node {
  const children = node.children?.splice(at) ?? null;
  const members = node.members.splice(at);
  let size = members.length;
  if (children !== null) {
    size = 0;
    for (const child of children) size += child.size;
  }
  node.size -= size;
  return new Node(node.scores.splice(at), members, children, size);
}

function remove(node: Node, score: number, member: string): void {
  node.size--;
  const { children } = node;
  if (children === null) {
    const at = lowerBound(node, score, member);
    removeAt(node.scores, at);
    removeAt(node.members, at);
    return;
  }
  const at = childOf(node, score, member);
  const child = children[at]!;
  remove(child, score, member);
  if (child.size === 0 && children.length > 1) {
    dropChild(node, at);
  } else if (child.members.length < LEAST) {
    const left = at > 0 && fits(children[at - 1]!, child);
    if (left) join(node, at - 1);
    else if (at + 1 < children.length && fits(child, children[at + 1]!)) {
      join(node, at);
    }
  }
}

function fits(left: Node, right: Node): boolean {
  return left.members.length + right.members.length <= JOINED;
}

/** Joins a child and the next. */
function join(node: Node, at: number): void {
  const left = node.children![at]!;
  const right = node.children![at + 1]!;
  if (right.children !== null) left.children!.push(...right.children);
  left.scores.push(...right.scores);
  left.members.push(...right.members);
  left.size += right.size;
  dropChild(node, at + 1);
}

function dropChild(node: Node, at: number): void {
  removeAt(node.scores, at);
  removeAt(node.members, at);
  removeAt(node.children!, at);
}

function forward(
  node: Node,
  start: number,
  end: number,
  visit: Visit,
): boolean {
  if (node.children === null) {
    const { scores, members } = node;
    const last = Math.min(end, members.length);
    for (let i = Math.max(start, 0); i < last; i++) {
      if (visit(members[i]!, scores[i]!) === false) return false;
    }
    return true;
  }
  let first = 0;
  for (const child of node.children) {
    if (first >= end) break;
    const next = first + child.size;
    if (next > start && !forward(child, start - first, end - first, visit)) {
      return false;
    }
    first = next;
  }
  return true;
}

function backward(
  node: Node,
  start: number,
  end: number,
  visit: Visit,
): boolean {
  if (node.children === null) {
    const { scores, members } = node;
    const first = Math.max(start, 0);
    for (let i = Math.min(end, members.length) - 1; i >= first; i--) {
      if (visit(members[i]!, scores[i]!) === false) return false;
    }
    return true;
  }
  const { children } = node;
  let next = node.size;
  for (let i = children.length - 1; i >= 0 && next > start; i--) {
    const child = children[i]!;
    const first = next - child.size;
    if (first < end && !backward(child, start - first, end - first, visit)) {
      return false;
    }
    next = first;
  }
  return true;
}
