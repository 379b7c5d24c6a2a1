/**
 * Union, intersection and difference of sorted sets, which may also be sets.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError, wrongType } from "../base/errors.ts";
import {
  formatDouble,
  parseFloat64,
  toInteger,
  toRange,
} from "../base/numbers.ts";
import { SetValue } from "../values/set.ts";
import { SortedSet } from "../values/sorted_set.ts";
import { storeSortedSet } from "./sorted_set_ranges.ts";

/** The commands of this family. */
export const SORTED_SET_ALGEBRA: readonly CommandSpec[] = [
  {
    name: "ZDIFF",
    run: zdiff,
  },
  {
    name: "ZDIFFSTORE",
    run: zdiffstore,
  },
  {
    name: "ZINTER",
    run: zinter,
  },
  {
    name: "ZINTERCARD",
    run: zintercard,
  },
  {
    name: "ZINTERSTORE",
    run: zinterstore,
  },
  {
    name: "ZUNION",
    run: zunion,
  },
  {
    name: "ZUNIONSTORE",
    run: zunionstore,
  },
];

type Aggregate = (one: number, other: number) => number;

const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  SUM: (one, other) => {
    const sum = one + other;
    // Infinities that cancel each other give 0.
    return Number.isNaN(sum) ? 0 : sum;
  },
  MIN: (one, other) => other < one ? other : one,
  MAX: (one, other) => other > one ? other : one,
};

/** One of the inputs. */
interface Source {
  readonly value: SortedSet | SetValue | undefined;
  readonly size: number;
  weight: number;
}

/** The arguments of ZUNION, ZINTER and ZDIFF. */
interface Query {
  sources: Source[];
  aggregate: Aggregate;
  withScores: boolean;
  limit: number;
}

/** The options that a command accepts. */
interface Form {
  /** The index of `numkeys`. */
  at: 1 | 2;
  weights?: boolean;
  withScores?: boolean;
  limit?: boolean;
}

function zunion(session: Session, args: string[]): void {
  const form: Form = { at: 1, weights: true, withScores: true };
  const query = parseQuery(session, args, form);
  show(session, query, unite(query));
}

function zunionstore(session: Session, args: string[]): void {
  const query = parseQuery(session, args, { at: 2, weights: true });
  store(session, args, unite(query));
}

function zinter(session: Session, args: string[]): void {
  const form: Form = { at: 1, weights: true, withScores: true };
  const query = parseQuery(session, args, form);
  show(session, query, intersect(query));
}

function zinterstore(session: Session, args: string[]): void {
  const query = parseQuery(session, args, { at: 2, weights: true });
  store(session, args, intersect(query));
}

function zintercard(session: Session, args: string[]): void {
  const query = parseQuery(session, args, { at: 1, limit: true });
  session.reply.integer(intersect(query).size);
}

function zdiff(session: Session, args: string[]): void {
  const query = parseQuery(session, args, { at: 1, withScores: true });
  show(session, query, subtract(query));
}

function zdiffstore(session: Session, args: string[]): void {
  store(session, args, subtract(parseQuery(session, args, { at: 2 })));
}

/** Reads numkeys key [key ...] and the options that the command accepts. */
function parseQuery({ db }: Session, args: string[], form: Form): Query {
  const count = toInteger(args[form.at]!);
  if (count < 1) {
    throw err(
      `at least 1 input key is needed for '${args[0]!.toLowerCase()}' command`,
    );
  }
  let at = form.at + 1;
  if (count > args.length - at) throw syntaxError();
  const sources: Source[] = [];
  for (const last = at + count; at < last; at++) {
    const value = db.use(args[at]!);
    if (
      value !== undefined && !(value instanceof SortedSet) &&
      !(value instanceof SetValue)
    ) {
      throw wrongType();
    }
    sources.push({ value, size: value?.size ?? 0, weight: 1 });
  }
  const query: Query = {
    sources,
    aggregate: AGGREGATES.SUM!,
    withScores: false,
    limit: 0,
  };
  while (at < args.length) {
    const word = args[at++]!.toUpperCase();
    const left = args.length - at;
    if (word === "WEIGHTS" && form.weights && left >= count) {
      for (const source of sources) source.weight = parseWeight(args[at++]!);
    } else if (word === "AGGREGATE" && form.weights && left >= 1) {
      query.aggregate = parseAggregate(args[at++]!);
    } else if (word === "WITHSCORES" && form.withScores) {
      query.withScores = true;
    } else if (word === "LIMIT" && form.limit && left >= 1) {
      const negative = () => err("LIMIT can't be negative");
      query.limit = toRange(args[at++]!, 0, Infinity, negative);
    } else {
      throw syntaxError();
    }
  }
  return query;
}

function parseWeight(text: string): number {
  const weight = parseFloat64(text);
  if (weight === null) throw err("weight value is not a float");
  return weight;
}

function parseAggregate(word: string): Aggregate {
  const name = word.toUpperCase();
  if (!Object.hasOwn(AGGREGATES, name)) throw syntaxError();
  return AGGREGATES[name]!;
}

/** Sorts by size, as Redis does: the order of floating-point sums matters. */
function bySize(sources: Source[]): Source[] {
  return sources.toSorted((one, other) => one.size - other.size);
}

function unite({ sources, aggregate }: Query): SortedSet {
  const scores = new Map<string, number>();
  for (const source of bySize(sources)) {
    each(source, (member, score) => {
      const weighed = weigh(score, source);
      const old = scores.get(member);
      scores.set(member, old === undefined ? weighed : aggregate(old, weighed));
    });
  }
  const result = new SortedSet(true);
  for (const [member, score] of scores) result.set(member, score);
  return result;
}

function intersect({ sources, aggregate, limit }: Query): SortedSet {
  const result = new SortedSet(true);
  const [first, ...others] = bySize(sources) as [Source, ...Source[]];
  each(first, (member, score) => {
    let total = weigh(score, first);
    for (const other of others) {
      const found = scoreIn(other, member);
      if (found === undefined) return;
      total = aggregate(total, found * other.weight);
    }
    result.set(member, total);
    if (result.size === limit) return false;
  });
  return result;
}

function subtract({ sources }: Query): SortedSet {
  const result = new SortedSet(true);
  const [first, ...others] = sources as [Source, ...Source[]];
  each(first, (member, score) => {
    if (others.some((other) => scoreIn(other, member) !== undefined)) return;
    result.set(member, score);
  });
  return result;
}

/** The weighted score; an infinity with weight 0 gives 0. */
function weigh(score: number, { weight }: Source): number {
  const weighed = score * weight;
  return Number.isNaN(weighed) ? 0 : weighed;
}

/** Visits the members until `false`; members of a set have score 1. */
function each(
  { value }: Source,
  visit: (member: string, score: number) => boolean | void,
): void {
  if (value instanceof SortedSet) value.each(0, value.size, visit);
  else if (value !== undefined) {
    for (const member of value.members()) {
      if (visit(member, 1) === false) return;
    }
  }
}

function scoreIn({ value }: Source, member: string): number | undefined {
  if (value instanceof SortedSet) return value.score(member);
  return value?.has(member) ? 1 : undefined;
}

function show({ reply }: Session, query: Query, result: SortedSet): void {
  const { withScores } = query;
  const nested = withScores && reply.protocol === 3;
  reply.array(withScores && !nested ? result.size * 2 : result.size);
  result.each(0, result.size, (member, score) => {
    if (nested) reply.array(2);
    reply.bulk(member);
    if (withScores) reply.double(formatDouble(score));
  });
}

function store(session: Session, args: string[], result: SortedSet): void {
  const event = args[0]!.toLowerCase();
  result.shrink();
  storeSortedSet(session, args[1]!, result, event);
  session.reply.integer(result.size);
}
