/**
 * Arguments that a method would ignore: it throws instead.
 *
 * @module
 */

import { quote } from "../errors.ts";
import { isArg } from "./arguments.ts";

type Method = (...args: unknown[]) => unknown;

/**
 * Makes the methods of `prototype`, and of those above it up to `base`, throw a
 * `TypeError` for more arguments than they take.
 */
export function refuseSurplus(prototype: object, base: object): void {
  for (
    let each = prototype;
    each !== base;
    each = Object.getPrototypeOf(each)
  ) {
    const members = Object.getOwnPropertyDescriptors(each);
    for (const [name, { value }] of Object.entries(members)) {
      if (typeof value !== "function" || name === "constructor") continue;
      if (takesAnyNumber(value)) continue;
      Object.defineProperty(each, name, {
        value: exact(each, name, value),
        configurable: true,
        writable: true,
      });
    }
  }
}

/**
 * Whether a method has a rest parameter, which its `length` does not tell, or
 * looks at its `arguments` itself.
 */
function takesAnyNumber(method: Method): boolean {
  const source = String(method);
  // Some runtimes keep no source: there no method is refused anything.
  return !source.includes("return") ||
    /^[^{]*\.\.\.|\barguments\b/.test(source);
}

function exact(prototype: object, name: string, method: Method): Method {
  const most = method.length;
  // Six parameters, as many as any method has: passing on `arguments` takes
  // several times as long.
  return function (this: object, a, b, c, d, e, f) {
    if (arguments.length <= most) return method.call(this, a, b, c, d, e, f);
    checkFirst(this, method, arguments);
    const many = `m${name}`;
    throw surplus(
      `${name}()`,
      most,
      arguments,
      many in prototype && isArg(arguments[most]) ? `${many}()` : undefined,
    );
  };
}

/**
 * Calls a method without sending anything: options as words, as in
 * `set(k, v, "EX", 60)`, have an error of their own.
 */
function checkFirst(
  commands: object,
  method: Method,
  given: ArrayLike<unknown>,
): void {
  const value = () => new Promise(() => {});
  const own = Object.getOwnPropertyDescriptor(commands, "send");
  Object.defineProperty(commands, "send", { value, configurable: true });
  try {
    method.apply(commands, Array.from(given));
  } finally {
    Reflect.deleteProperty(commands, "send");
    if (own !== undefined) Object.defineProperty(commands, "send", own);
  }
}

/** The error for more than `most` arguments; `many` takes them. */
export function surplus(
  what: string,
  most: number,
  given: ArrayLike<unknown>,
  many?: string,
): TypeError {
  const next = given[most];
  const hint = typeof next === "function"
    ? "it returns a promise, and calls no function"
    : many === undefined
    ? `nothing is done with ${quote(next)}`
    : `use ${many}`;
  const arguments_ = `${most} argument${most === 1 ? "" : "s"}`;
  return new TypeError(
    `${what} takes ${arguments_}, not ${given.length}: ${hint}`,
  );
}
