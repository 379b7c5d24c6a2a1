/**
 * Redacts passwords in commands, as MONITOR and SLOWLOG must not show them.
 *
 * @module
 */

import type { Command } from "../model/command.ts";

const REDACTED = "(redacted)";

/** Parameters whose values are secret. */
const PARAMETERS: ReadonlySet<string> = new Set([
  "masterauth",
  "masteruser",
  "requirepass",
]);

/** The arguments, with secrets redacted. */
export function withoutSecrets(
  command: Command,
  args: readonly string[],
): readonly string[] {
  switch (command.name) {
    case "auth":
      return redact(args, (at) => at > 0);
    case "acl|setuser":
      return redact(args, (at) => at > 1);
    case "config|set":
      return redact(
        args,
        (at) =>
          at > 2 && at % 2 === 1 && PARAMETERS.has(args[at - 1]!.toLowerCase()),
      );
    case "hello":
      return redactBehind(args, { "AUTH": 2 });
    case "migrate":
      return redactBehind(args, { "AUTH": 1, "AUTH2": 2 });
  }
  return args;
}

/** Redacts the arguments that follow the first of some keywords. */
function redactBehind(
  args: readonly string[],
  words: Readonly<Record<string, number>>,
): readonly string[] {
  for (const [i, arg] of args.entries()) {
    const count = words[arg.toUpperCase()];
    if (count === undefined || i + count >= args.length) continue;
    return redact(args, (at) => at > i && at <= i + count);
  }
  return args;
}

function redact(
  args: readonly string[],
  secret: (at: number) => boolean,
): readonly string[] {
  return args.map((arg, at) => secret(at) ? REDACTED : arg);
}
