/**
 * HELP: lists the sub-commands of a container.
 *
 * @module
 */
import type { Run } from "./host.ts";

/** Makes the HELP of command `name` from these lines. */
export function help(name: string, lines: readonly string[]): Run {
  const all = [
    `${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...lines,
    "HELP",
    "    Print this help.",
  ];
  return ({ reply }) => {
    reply.array(all.length);
    for (const line of all) reply.simple(line);
  };
}
