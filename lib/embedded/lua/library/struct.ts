/**
 * The library `struct`: packs values as the bytes of C structures.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import type { NativeFunction, Value } from "../value.ts";
import { library, number, optionalInteger, text } from "./arguments.ts";

/** Adds `struct` to the global variables. */
export function openStruct(m: Machine): void {
  m.globals.set("struct", library(FUNCTIONS));
}

const MAX_INTEGER = 32;
const NATIVE_ALIGNMENT = 8;
const LARGEST_SIZE = 0x7fffffff;

/** Reads a format, option by option. */
class Format {
  readonly #m: Machine;
  readonly #text: string;
  #at = 0;
  /** Whether the byte order is big-endian. */
  isBig = false;
  #alignment = 1;

  constructor(m: Machine, text: string) {
    this.#m = m;
    const end = text.indexOf("\0");
    this.#text = end < 0 ? text : text.slice(0, end);
  }

  /** The next option and its size; `null` at the end. */
  next(): { option: string; size: number } | null {
    const option = this.#text[this.#at++];
    return option === undefined ? null : { option, size: this.#size(option) };
  }

  /** The number of bytes that align an item. */
  padding(at: number, option: string, size: number): number {
    if (size === 0 || option === "c") return 0;
    const to = Math.min(size, this.#alignment);
    return to - (at & to - 1) & to - 1;
  }

  /** Applies an option that is not an item. */
  control(option: string): void {
    switch (option) {
      case " ":
        return;
      case ">":
        this.isBig = true;
        return;
      case "<":
        this.isBig = false;
        return;
      case "!": {
        const to = this.#number(NATIVE_ALIGNMENT);
        if (to <= 0 || (to & to - 1) !== 0) {
          throw this.#m.error(`alignment ${to} is not a power of 2`);
        }
        this.#alignment = to;
        return;
      }
    }
    throw this.#m.argumentError(1, `invalid format option '${option}'`);
  }

  #size(option: string): number {
    switch (option) {
      case "B":
      case "b":
      case "x":
        return 1;
      case "H":
      case "h":
        return 2;
      case "f":
        return 4;
      case "L":
      case "l":
      case "T":
      case "d":
        return 8;
      case "c":
        return this.#number(1);
      case "i":
      case "I": {
        const size = this.#number(4);
        if (size > MAX_INTEGER) {
          throw this.#m.error(
            `integral size ${size} is larger than limit of ${MAX_INTEGER}`,
          );
        }
        return size;
      }
    }
    return 0;
  }

  #number(otherwise: number): number {
    let value = -1;
    for (;;) {
      const digit = this.#text.charCodeAt(this.#at) - 48;
      if (!(digit >= 0 && digit <= 9)) return value < 0 ? otherwise : value;
      value = Math.max(0, value) * 10 + digit;
      if (value > LARGEST_SIZE) throw this.#m.error("integral size overflow");
      this.#at++;
    }
  }
}

const FUNCTIONS: Readonly<Record<string, NativeFunction["run"]>> = {
  pack(given, m) {
    const format = new Format(m, text(m, given, 0));
    // In C a nil stands behind the arguments: that is what a missing one is.
    const args = [...given, undefined];
    let made = "";
    let arg = 1;
    for (let item; (item = format.next()) !== null;) {
      const { option, size } = item;
      made += "\0".repeat(format.padding(made.length, option, size));
      switch (option) {
        case "b":
        case "B":
        case "h":
        case "H":
        case "l":
        case "L":
        case "T":
        case "i":
        case "I":
          made += packInteger(number(m, args, arg++), size, format.isBig);
          break;
        case "x":
          made += "\0";
          break;
        case "f":
        case "d":
          made += packFloat(number(m, args, arg++), size, format.isBig);
          break;
        case "c":
        case "s": {
          const value = text(m, args, arg++);
          const count = size === 0 ? value.length : size;
          if (value.length < count) {
            throw m.argumentError(arg + 1, "string too short");
          }
          made += value.slice(0, count);
          if (option === "s") made += "\0";
          break;
        }
        default:
          format.control(option);
      }
      m.charge(made.length);
    }
    return made;
  },
  size(args, m) {
    const format = new Format(m, text(m, args, 0));
    let at = 0;
    for (let item; (item = format.next()) !== null;) {
      const { option, size } = item;
      at += format.padding(at, option, size);
      if (option === "s") {
        throw m.argumentError(1, "option 's' has no fixed size");
      }
      if (option === "c" && size === 0) {
        throw m.argumentError(1, "option 'c0' has no fixed size");
      }
      if (!/[A-Za-z0-9]/.test(option)) format.control(option);
      at += size;
    }
    return at;
  },
  unpack(args, m) {
    const format = new Format(m, text(m, args, 0));
    const data = text(m, args, 1);
    let at = optionalInteger(m, args, 2, 1) - 1;
    if (at < 0) throw m.argumentError(3, "offset must be 1 or greater");
    const values: Value[] = [];
    const check = (size: number) => {
      if (size > data.length || at > data.length - size) {
        throw m.argumentError(2, "data string too short");
      }
    };
    for (let item; (item = format.next()) !== null;) {
      const { option } = item;
      let { size } = item;
      at += format.padding(at, option, size);
      check(size);
      switch (option) {
        case "b":
        case "B":
        case "h":
        case "H":
        case "l":
        case "L":
        case "T":
        case "i":
        case "I": {
          const isSigned = option >= "a";
          values.push(
            unpackInteger(data.slice(at, at + size), isSigned, format.isBig),
          );
          break;
        }
        case "x":
          break;
        case "f":
        case "d":
          values.push(unpackFloat(data.slice(at, at + size), format.isBig));
          break;
        case "c":
          if (size === 0) {
            const last = values.pop();
            if (typeof last !== "number") {
              throw m.error("format 'c0' needs a previous size");
            }
            size = last < 0 ? Infinity : Math.trunc(last);
            check(size);
          }
          values.push(data.slice(at, at + size));
          break;
        case "s": {
          const end = data.indexOf("\0", at);
          if (end < 0) throw m.error("unfinished string in data");
          values.push(data.slice(at, end));
          size = end - at + 1;
          break;
        }
        default:
          format.control(option);
      }
      at += size;
    }
    return [...values, at + 1];
  },
};

function packInteger(value: number, size: number, isBig: boolean): string {
  const fits = Math.abs(value) < 2 ** 63 || (value > 0 && value < 2 ** 64);
  let rest = BigInt.asUintN(64, fits ? BigInt(Math.trunc(value)) : 1n << 63n);
  let bytes = "";
  for (let i = 0; i < size; i++) {
    const byte = String.fromCharCode(Number(rest & 255n));
    bytes = isBig ? byte + bytes : bytes + byte;
    rest >>= 8n;
  }
  return bytes;
}

function unpackInteger(
  bytes: string,
  isSigned: boolean,
  isBig: boolean,
): number {
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) {
    const at = isBig ? i : bytes.length - 1 - i;
    value = value << 8n | BigInt(bytes.charCodeAt(at));
  }
  value = BigInt.asUintN(64, value);
  if (!isSigned) return Number(value);
  return Number(BigInt.asIntN(Math.min(64, bytes.length * 8), value));
}

function packFloat(value: number, size: number, isBig: boolean): string {
  const view = new DataView(new ArrayBuffer(8));
  if (size === 4) view.setFloat32(0, value, !isBig);
  else view.setFloat64(0, value, !isBig);
  return String.fromCharCode(...new Uint8Array(view.buffer, 0, size));
}

function unpackFloat(bytes: string, isBig: boolean): number {
  const view = new DataView(
    Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)).buffer,
  );
  return bytes.length === 4
    ? view.getFloat32(0, !isBig)
    : view.getFloat64(0, !isBig);
}
