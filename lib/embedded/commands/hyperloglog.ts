/**
 * Commands on HyperLogLogs, which are strings.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import type { Database } from "../keyspace/database.ts";
import { CommandError, err, shown } from "../base/errors.ts";
import {
  estimate,
  HyperLogLog,
  isHyperLogLog,
  REGISTERS,
} from "../values/hyperloglog.ts";
import { StringValue } from "../values/string.ts";

/** The commands of this family. */
export const HYPERLOGLOG: readonly CommandSpec[] = [
  {
    name: "PFADD",
    run: add,
  },
  {
    name: "PFCOUNT",
    run: count,
  },
  {
    name: "PFMERGE",
    run: merge,
  },
  {
    name: "PFDEBUG",
    run: debug,
  },
  {
    name: "PFSELFTEST",
    run: selfTest,
  },
];

/** The HyperLogLog in a string value, for reading or for writing. */
function sketchOf(value: StringValue, toWrite = false): HyperLogLog {
  const { bytes } = value;
  if (isHyperLogLog(bytes)) {
    return new HyperLogLog(toWrite ? value.writable(0) : bytes);
  }
  throw new CommandError(
    "WRONGTYPE Key is not a valid HyperLogLog string value.",
  );
}

function broken(): CommandError {
  return new CommandError("INVALIDOBJ Corrupted HLL object detected");
}

function add(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const value = db.get(key, StringValue);
  const sketch = value === undefined
    ? new HyperLogLog()
    : sketchOf(value, true);
  let changed = value === undefined;
  for (let i = 2; i < args.length; i++) {
    const added = sketch.add(args[i]!);
    if (added === null) {
      // Elements that were added before stay.
      value?.setBytes(sketch.bytes);
      throw broken();
    }
    changed ||= added;
  }
  if (changed) {
    sketch.known = null;
    save(session, key, value, sketch);
  }
  reply.integer(changed ? 1 : 0);
}

function save(
  session: Session,
  key: string,
  value: StringValue | undefined,
  { bytes }: HyperLogLog,
): void {
  const { db } = session;
  if (value === undefined) {
    db.set(key, StringValue.ofBytes(bytes));
  } else {
    value.setBytes(bytes);
    db.changed(key);
  }
  session.notify("$", "pfadd", key);
}

function count({ db, reply }: Session, args: string[]): void {
  if (args.length > 2) {
    reply.integer(estimate(union(db, args.slice(1)).registers));
    return;
  }
  const key = args[1]!;
  const value = db.get(key, StringValue);
  if (value === undefined) return reply.integer(0);
  const sketch = sketchOf(value, true);
  let { known } = sketch;
  if (known === null) {
    known = estimate(registersOf(sketch));
    // The count is cached in the value: a change to be propagated.
    sketch.known = known;
    value.setBytes(sketch.bytes);
    db.changed(key);
  }
  reply.integer(known);
}

function registersOf(sketch: HyperLogLog): Uint8Array {
  const registers = new Uint8Array(REGISTERS);
  if (!sketch.each((index, count) => registers[index] = count)) throw broken();
  return registers;
}

/** The maximum of each register, and whether any of the HyperLogLogs is dense. */
function union(
  db: Database,
  keys: readonly string[],
): { registers: Uint8Array; dense: boolean } {
  const registers = new Uint8Array(REGISTERS);
  let dense = false;
  for (const key of keys) {
    const value = db.get(key, StringValue);
    if (value === undefined) continue;
    const sketch = sketchOf(value);
    dense ||= sketch.dense;
    const whole = sketch.each((index, count) => {
      if (count > registers[index]!) registers[index] = count;
    });
    if (!whole) throw broken();
  }
  return { registers, dense };
}

function merge(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const { registers, dense } = union(db, args.slice(1));
  const value = db.get(key, StringValue);
  const sketch = value === undefined
    ? new HyperLogLog()
    : sketchOf(value, true);
  if (dense && !sketch.becomeDense()) throw broken();
  registers.forEach((count, index) => {
    if (count > 0) sketch.raise(index, count);
  });
  sketch.known = null;
  save(session, key, value, sketch);
  reply.ok();
}

function debug(session: Session, args: string[]): void {
  const { db, reply } = session;
  const [, word, key] = args as [string, string, string];
  const value = db.get(key, StringValue);
  if (value === undefined) throw err("The specified key does not exist");
  const sketch = sketchOf(value, true);
  switch (word.toUpperCase()) {
    case "GETREG": {
      becomeDense(session, key, value, sketch);
      const registers = registersOf(sketch);
      reply.array(REGISTERS);
      for (const register of registers) reply.integer(register);
      return;
    }
    case "DECODE":
      if (sketch.dense) throw err("HLL encoding is not sparse");
      return reply.bulk(sketch.describe());
    case "ENCODING":
      return reply.simple(sketch.dense ? "dense" : "sparse");
    case "TODENSE":
      return reply.integer(becomeDense(session, key, value, sketch) ? 1 : 0);
  }
  throw err(`Unknown PFDEBUG subcommand '${shown(word)}'`);
}

/** Converts to the dense form; returns whether it was sparse before. */
function becomeDense(
  { db }: Session,
  key: string,
  value: StringValue,
  sketch: HyperLogLog,
): boolean {
  if (sketch.dense) return false;
  if (!sketch.becomeDense()) throw broken();
  value.setBytes(sketch.bytes);
  db.changed(key);
  return true;
}

const TESTED = 50_000;
/** The standard error of an estimate. */
const DEVIATION = 1.04 / Math.sqrt(REGISTERS);

/** Compares the sparse with the dense form, and the estimates with the true counts. */
function selfTest({ reply }: Session): void {
  const sparse = new HyperLogLog();
  const dense = new HyperLogLog();
  dense.becomeDense();
  let check = 10;
  for (let i = 1; i <= TESTED; i++) {
    const changed = sparse.add(String(i));
    if (dense.add(String(i)) !== changed) {
      throw new CommandError(
        `TESTFAILED sparse and dense differ at element ${i}`,
      );
    }
    if (i < check && i < TESTED) continue;
    check *= 10;
    const registers = registersOf(sparse);
    const same = registersOf(dense).every((r, at) => r === registers[at]);
    const error = Math.abs(Number(estimate(registers)) - i);
    if (!same || error > Math.ceil(DEVIATION * 6 * i)) {
      throw new CommandError(
        `TESTFAILED after ${i} elements the error is ${error}`,
      );
    }
  }
  reply.ok();
}
