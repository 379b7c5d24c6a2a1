/**
 * HyperLogLog: estimates the number of distinct elements, in at most 12 kB.
 *
 * The bytes have Redis's own sparse and dense layout, so that a value can be
 * copied between the two servers.
 *
 * @see https://github.com/redis/redis/blob/7.0/src/hyperloglog.c
 * @module
 */

/** The bits of a hash that select a register. */
const INDEX_BITS = 14;
/** The number of registers. */
export const REGISTERS: number = 1 << INDEX_BITS;
/** The bits of a hash in which the run of zeros is counted. */
const COUNTED_BITS = 50;
/** Bits of a register in the dense form. */
const REGISTER_BITS = 6;
const LARGEST_REGISTER = 63;
const HEADER = 16;
const DENSE_SIZE = HEADER + REGISTERS * REGISTER_BITS / 8;
const MAGIC = [0x48, 0x59, 0x4c, 0x4c];
/** The offset of the header's encoding byte. */
const FORM = 4;
const DENSE = 0;
const SPARSE = 1;
/** The offset of the cached count: 8 bytes, little-endian. */
const COUNT = 8;
/** The bit, in the last byte of the cached count, that marks it as stale. */
const STALE = 0x80;
/** Redis's default of `hll-sparse-max-bytes`. */
const LARGEST_SPARSE = 3000;

// The sparse form, a list of runs:
//   00nnnnnn            ZERO: n + 1 registers of 0
//   01nnnnnn nnnnnnnn   XZERO: the same, of more
//   1vvvvvnn            VAL: n + 1 registers of v + 1
const LONGEST_ZERO = 64;
const LONGEST_VAL = 4;
const LARGEST_VAL = 32;

/** A HyperLogLog in Redis's byte layout. */
export class HyperLogLog {
  /** The bytes; a new array when their number changes. */
  bytes: Uint8Array;

  /** Makes an empty one, or wraps bytes that passed {@linkcode isHyperLogLog}. */
  constructor(bytes?: Uint8Array) {
    if (bytes !== undefined) {
      this.bytes = bytes;
      return;
    }
    this.bytes = new Uint8Array(HEADER + 2);
    this.bytes.set(MAGIC);
    this.bytes[FORM] = SPARSE;
    this.bytes.set(zeros(REGISTERS), HEADER);
  }

  /** Whether the bytes are in the dense form. */
  get dense(): boolean {
    return this.bytes[FORM] === DENSE;
  }

  /** Adds an element; returns whether a register changed, `null` when corrupt. */
  add(element: string): boolean | null {
    const hash = murmur(element);
    const index = Number(hash & BigInt(REGISTERS - 1));
    let rest = (hash >> BigInt(INDEX_BITS)) | (1n << BigInt(COUNTED_BITS));
    let count = 1;
    for (; (rest & 1n) === 0n; rest >>= 1n) count++;
    return this.raise(index, count);
  }

  /** Raises a register to `count`; returns whether it was lower, `null` when corrupt. */
  raise(index: number, count: number): boolean | null {
    if (!this.dense) return this.#raiseSparse(index, count);
    const registers = this.bytes.subarray(HEADER);
    if (readRegister(registers, index) >= count) return false;
    writeRegister(registers, index, count);
    return true;
  }

  /** Converts to the dense form; returns false when the bytes are corrupt. */
  becomeDense(): boolean {
    if (this.dense) return true;
    const dense = new Uint8Array(DENSE_SIZE);
    dense.set(this.bytes.subarray(0, HEADER));
    dense[FORM] = DENSE;
    const registers = dense.subarray(HEADER);
    const whole = this.each((index, count) =>
      writeRegister(registers, index, count)
    );
    if (whole) this.bytes = dense;
    return whole;
  }

  /** Calls `visit` for each nonzero register; returns false when the bytes are corrupt. */
  each(visit: (index: number, count: number) => void): boolean {
    if (this.dense) {
      const registers = this.bytes.subarray(HEADER);
      for (let i = 0; i < REGISTERS; i++) {
        const count = readRegister(registers, i);
        if (count !== 0) visit(i, count);
      }
      return true;
    }
    let index = 0;
    for (let at = HEADER; at < this.bytes.length;) {
      const { size, span, value } = this.#run(at);
      if (index + span > REGISTERS) return false;
      if (value > 0) {
        for (let i = 0; i < span; i++) visit(index + i, value);
      }
      index += span;
      at += size;
    }
    return index === REGISTERS;
  }

  /** The runs of the sparse form as PFDEBUG DECODE shows them. */
  describe(): string {
    const shown: string[] = [];
    for (let at = HEADER; at < this.bytes.length;) {
      const { size, span, value } = this.#run(at);
      shown.push(
        value > 0 ? `v:${value},${span}` : `${size === 1 ? "z" : "Z"}:${span}`,
      );
      at += size;
    }
    return shown.join(" ");
  }

  /** The cached count; `null` when it is stale. */
  get known(): bigint | null {
    if (this.bytes[COUNT + 7]! & STALE) return null;
    return this.#view().getBigUint64(COUNT, true);
  }

  /** Caches the count; `null` marks it as stale. */
  set known(count: bigint | null) {
    if (count !== null) this.#view().setBigUint64(COUNT, count, true);
    else this.bytes[COUNT + 7]! |= STALE;
  }

  #view(): DataView {
    const { buffer, byteOffset, length } = this.bytes;
    return new DataView(buffer, byteOffset, length);
  }

  #run(at: number): { size: number; span: number; value: number } {
    const byte = this.bytes[at]!;
    if (byte & 0x80) {
      return { size: 1, span: (byte & 3) + 1, value: (byte >> 2 & 31) + 1 };
    }
    if (!(byte & 0x40)) return { size: 1, span: (byte & 63) + 1, value: 0 };
    const low = this.bytes[at + 1] ?? 0;
    return { size: 2, span: ((byte & 63) << 8 | low) + 1, value: 0 };
  }

  #raiseSparse(index: number, count: number): boolean | null {
    if (count > LARGEST_VAL) return this.#promote(index, count);
    let at = HEADER;
    let first = 0;
    let before = at;
    let run = this.#run(at);
    while (index > first + run.span - 1) {
      before = at;
      at += run.size;
      first += run.span;
      if (at >= this.bytes.length) return null;
      run = this.#run(at);
    }
    const { size, span, value } = run;
    if (at + size > this.bytes.length) return null;
    if (value >= count) return false;
    // The remaining parts of the run on both sides of the register.
    const [left, right] = [index - first, first + span - 1 - index];
    const fill = (length: number) =>
      length === 0 ? [] : value > 0 ? [val(value, length)] : zeros(length);
    const runs = [...fill(left), val(count, 1), ...fill(right)];
    const longer = runs.length - size;
    if (longer > 0 && this.bytes.length + longer > LARGEST_SPARSE) {
      return this.#promote(index, count);
    }
    this.#replace(at, size, runs);
    this.#join(before);
    this.known = null;
    return true;
  }

  #promote(index: number, count: number): boolean | null {
    return this.becomeDense() ? this.raise(index, count) : null;
  }

  #replace(at: number, size: number, runs: readonly number[]): void {
    if (runs.length !== size) {
      const bytes = new Uint8Array(this.bytes.length + runs.length - size);
      bytes.set(this.bytes.subarray(0, at));
      bytes.set(this.bytes.subarray(at + size), at + runs.length);
      this.bytes = bytes;
    }
    this.bytes.set(runs, at);
  }

  /** Joins neighbouring runs of the same value; like Redis, looks at five runs only. */
  #join(at: number): void {
    for (let runs = 5; runs > 0 && at < this.bytes.length; runs--) {
      const { size, span, value } = this.#run(at);
      const behind = at + size < this.bytes.length
        ? this.#run(at + size)
        : { value: -1, span: 0 };
      const joined = span + behind.span;
      if (value > 0 && value === behind.value && joined <= LONGEST_VAL) {
        this.#replace(at, 2, [val(value, joined)]);
      } else {
        at += size;
      }
    }
  }
}

/** Whether the header is a HyperLogLog's; the registers may still be corrupt. */
export function isHyperLogLog(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER) return false;
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return false;
  const form = bytes[FORM];
  return form === SPARSE || form === DENSE && bytes.length === DENSE_SIZE;
}

/** Estimates the number of distinct elements from the registers, by Ertl's method. */
export function estimate(registers: Uint8Array): bigint {
  const counts = new Uint32Array(LARGEST_REGISTER + 1);
  for (const register of registers) counts[register]!++;
  const m = REGISTERS;
  let z = m * tau((m - counts[COUNTED_BITS + 1]!) / m);
  for (let i = COUNTED_BITS; i >= 1; i--) z = (z + counts[i]!) * 0.5;
  z += m * sigma(counts[0]! / m);
  const count = Math.round(0.721347520444481703680 * m * m / z);
  return count < 2 ** 63 ? BigInt(count) : TOO_MANY;
}

/** C's conversion of a double beyond 64 bits. Only forged registers give one. */
const TOO_MANY = -(2n ** 63n);

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let y = 1;
  let z = 1 - x;
  for (let last = NaN; last !== z;) {
    x = Math.sqrt(x);
    last = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

function sigma(x: number): number {
  if (x === 1) return Infinity;
  let y = 1;
  let z = x;
  for (let last = NaN; last !== z;) {
    x *= x;
    last = z;
    z += x * y;
    y += y;
  }
  return z;
}

function zeros(length: number): number[] {
  const n = length - 1;
  return length > LONGEST_ZERO ? [0x40 | n >> 8, n & 0xff] : [n];
}

function val(value: number, length: number): number {
  return 0x80 | (value - 1) << 2 | (length - 1);
}

// Registers of six bits, the lowest bits first.
function readRegister(registers: Uint8Array, index: number): number {
  const bit = index * REGISTER_BITS;
  const [at, shift] = [bit >> 3, bit & 7];
  const pair = registers[at]! | (registers[at + 1] ?? 0) << 8;
  return pair >> shift & LARGEST_REGISTER;
}

function writeRegister(registers: Uint8Array, index: number, value: number) {
  const bit = index * REGISTER_BITS;
  const [at, shift] = [bit >> 3, bit & 7];
  const pair = registers[at]! | (registers[at + 1] ?? 0) << 8;
  const changed = pair & ~(LARGEST_REGISTER << shift) | value << shift;
  registers[at] = changed;
  if (at + 1 < registers.length) registers[at + 1] = changed >> 8;
}

const SEED = 0xadc83b19n;
const M = 0xc6a4a7935bd1e995n;
const WORD = 8;

/** MurmurHash64A of bytes. */
function murmur(text: string): bigint {
  const times = (value: bigint) => BigInt.asUintN(64, value * M);
  const { length } = text;
  let hash = SEED ^ times(BigInt(length));
  const whole = length - length % WORD;
  for (let at = 0; at < whole; at += WORD) {
    let k = times(littleEndian(text, at, at + WORD));
    k = times(k ^ k >> 47n);
    hash = times(hash ^ k);
  }
  if (whole < length) hash = times(hash ^ littleEndian(text, whole, length));
  hash = times(hash ^ hash >> 47n);
  return hash ^ hash >> 47n;
}

function littleEndian(text: string, start: number, end: number): bigint {
  let [low, high] = [0, 0];
  for (let i = end - 1; i >= start; i--) {
    if (i - start >= 4) high = high << 8 | text.charCodeAt(i);
    else low = low << 8 | text.charCodeAt(i);
  }
  return BigInt(high >>> 0) << 32n | BigInt(low >>> 0);
}
