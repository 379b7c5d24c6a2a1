/**
 * How the replies of several nodes become one.
 *
 * @see https://redis.io/docs/latest/develop/reference/command-tips/#response_policy
 * @module
 */

import { ConnectionError } from "../errors.ts";
import { onlyReads } from "../connection/traits.ts";
import type { Arg, Reply } from "../resp/reply.ts";

/** Makes one reply of several outcomes, in the order of the nodes; throws where one failed that must not. */
export type Combine = (
  outcomes: readonly PromiseSettledResult<Reply>[],
  args: readonly Arg[],
) => Reply;

/** Resolves when all have settled, so that nothing is in flight then. */
export async function combined(
  promises: readonly Promise<Reply>[],
  combine: Combine,
  args: readonly Arg[],
): Promise<Reply> {
  return combine(await Promise.allSettled(promises), args);
}

/** The replies; throws the first error, which tells whether any part was executed. */
function values(
  outcomes: readonly PromiseSettledResult<Reply>[],
  args: readonly Arg[],
): Reply[] {
  const executed = !onlyReads(args) &&
    outcomes.some((outcome) =>
      outcome.status === "fulfilled" ||
      outcome.reason instanceof ConnectionError && outcome.reason.maybeExecuted
    );
  return outcomes.map((outcome) => {
    if (outcome.status === "fulfilled") return outcome.value;
    throw ofAllParts(outcome.reason, executed);
  });
}

/** The error of a part as the error of the whole. */
export function ofAllParts(error: unknown, executed: boolean): unknown {
  if (!(error instanceof ConnectionError) || error.maybeExecuted || !executed) {
    return error;
  }
  const Kind = error.constructor as typeof ConnectionError;
  return new Kind(`${error.message}; other parts were executed`, {
    cause: error,
    maybeExecuted: true,
  });
}

/** The reply of the first node, where all have succeeded. */
const allSucceeded: Combine = (outcomes, args) => values(outcomes, args)[0]!;

/** The first reply, where one has succeeded at least. */
const oneSucceeded: Combine = (outcomes, args) => {
  const done = outcomes.find(({ status }) => status === "fulfilled");
  return done?.status === "fulfilled" ? done.value : values(outcomes, args)[0]!;
};

/** The sum of numbers. */
const sum: Combine = (outcomes, args) =>
  values(outcomes, args)
    .reduce<number>((total, reply) => total + Number(reply), 0);

/** The least number at each place: 1 where all nodes say so. */
const minimums: Combine = (outcomes, args) => {
  const [first, ...others] = values(outcomes, args) as Reply[][];
  return first!.map((number, i) =>
    Math.min(Number(number), ...others.map((reply) => Number(reply[i])))
  );
};

/** A reply that is not null, of a node by chance. */
const anyValue: Combine = (outcomes, args) => {
  const found = values(outcomes, args).filter((reply) => reply !== null);
  return found[Math.floor(Math.random() * found.length)] ?? null;
};

/** The elements of all replies. */
const joined: Combine = (outcomes, args) =>
  (values(outcomes, args) as Reply[][]).flat();

/** The elements of all replies, each at its index in the whole. */
export function placed(indices: readonly (readonly number[])[]): Combine {
  return (outcomes, args) => {
    const whole: Reply[] = [];
    values(outcomes, args).forEach((reply, part) =>
      indices[part]!.forEach((index, i) =>
        whole[index] = (reply as Reply[])[i]!
      )
    );
    return whole;
  };
}

/** The elements of all replies, each once. */
const union: Combine = (outcomes, args) => {
  const byText = new Map<string, Reply>();
  for (const element of values(outcomes, args).flat() as Reply[]) {
    byText.set(keyOf(element), element);
  }
  return [...byText.values()];
};

/** Names and numbers alternately, as PUBSUB NUMSUB has them: the sum for each name. */
const sumsByName: Combine = (outcomes, args) => {
  const [first, ...others] = values(outcomes, args) as Reply[][];
  return first!.map((part, i) =>
    i % 2 === 0 ? part : others.reduce<number>(
      (total, reply) => total + Number(reply[i]),
      Number(part),
    )
  );
};

/** An element as a key of maps: bytes differ as objects where they are the same. */
function keyOf(element: Reply): string {
  return element instanceof Uint8Array
    ? `bytes ${element.join()}`
    : `${element}`;
}

export {
  allSucceeded,
  anyValue,
  joined,
  minimums,
  oneSucceeded,
  sum,
  sumsByName,
  union,
};
