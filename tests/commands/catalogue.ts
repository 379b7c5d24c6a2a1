/**
 * What the server here cannot tell: the commands that newer servers add, and which
 * commands are no methods. Sub-commands stand behind `|`.
 *
 * @module
 */

import { traitsOf } from "../../lib/connection/traits.ts";
import { readTable, type Row } from "./table/table.ts";

function names(text: string): string[] {
  return text.trim().split(/\s+/);
}

/**
 * The commands added after Redis 7.0, by the version that added them: `Redis
 * 8.0`.
 */
export const NEWER: Readonly<Record<string, string[]>> = newer(
  await readTable(),
);

function newer(table: ReadonlyMap<string, Row>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { name, since } of table.values()) {
    // Valkey's Sentinel has the commands about masters by another name, too.
    if (isContainer(name, table) || /^SENTINEL\|.*PRIMAR/.test(name)) continue;
    const { redis, valkey } = since;
    const [who, version] = redis ? ["Redis", redis] : ["Valkey", valkey];
    if (version === undefined) continue;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major < 7 || major === 7 && minor === 0) continue;
    (found[`${who} ${major}.${minor}`] ??= []).push(name);
  }
  return found;
}

/** The commands that are no methods: most are refused, as something else does it. */
export const NOT_METHODS: readonly string[] = [
  ...refused(await readTable()),
  // For tests of the server itself.
  ...names(`DEBUG PFDEBUG PFSELFTEST SENTINEL|SIMULATE-FAILURE`),
  // For servers among themselves.
  ...names(`CLUSTER|SYNCSLOTS REPLCONF RESTORE-ASKING
    SENTINEL|IS-MASTER-DOWN-BY-ADDR TRIMSLOTS XIDMPRECORD`),
];

/** The commands that a client refuses to send, or sends on a lease only. */
function refused(table: ReadonlyMap<string, Row>): string[] {
  return [...table.keys()].filter((name) =>
    traitsOf(name.split("|")).state !== undefined && !isContainer(name, table)
  );
}

function isContainer(name: string, table: ReadonlyMap<string, Row>): boolean {
  return table.has(`${name}|HELP`) || table.has(`${name}|SET`);
}
