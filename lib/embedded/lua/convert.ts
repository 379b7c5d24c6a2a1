/**
 * Conversions between values, and the names of types.
 *
 * @module
 */

import { Coroutine } from "./coroutine.ts";
import { numberToText, textToNumber } from "./number.ts";
import { LuaTable } from "./table.ts";
import { identity, LightUserdata, type Value } from "./value.ts";

/** The name of a value's type. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case "undefined":
      return "nil";
    case "object":
      break;
    default:
      return typeof value;
  }
  if (value instanceof LuaTable) return "table";
  if (value instanceof Coroutine) return "thread";
  return value instanceof LightUserdata ? "userdata" : "function";
}

/** Converts a number or a numeric string to a number. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? textToNumber(value) : undefined;
}

/** Converts a string or a number to a string. */
export function toText(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? numberToText(value) : undefined;
}

/** The text of a value without a metamethod, as of `tostring`. */
export function display(value: Value): string {
  switch (typeof value) {
    case "undefined":
      return "nil";
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return numberToText(value);
    case "string":
      return value;
  }
  const address = `0x${identity(value).toString(16).padStart(14, "0")}`;
  if (value instanceof LightUserdata) return `userdata: ${value.name}`;
  return `${typeName(value)}: ${address}`;
}
