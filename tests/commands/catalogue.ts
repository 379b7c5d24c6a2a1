/**
 * Facts that the tests' server does not know: the commands of newer servers, and why
 * some commands are not methods. Sub-commands are written as `CONTAINER|SUB`.
 *
 * @module
 */

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
    const container = table.has(`${name}|HELP`) || table.has(`${name}|SET`);
    // Valkey's Sentinel has its commands about masters under another name, too.
    if (container || /^SENTINEL\|.*PRIMAR/.test(name)) continue;
    const { redis, valkey } = since;
    const [who, version] = redis ? ["Redis", redis] : ["Valkey", valkey];
    if (version === undefined) continue;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major < 7 || major === 7 && minor === 0) continue;
    (found[`${who} ${major}.${minor}`] ??= []).push(name);
  }
  return found;
}

/** The commands that are not methods, by reason. */
export const NOT_METHODS: Record<string, string[]> = {
  "changes its connection: an option of connect() does it instead": names(
    `AUTH CLIENT|CAPA CLIENT|SETINFO CLIENT|SETNAME HELLO SELECT`,
  ),
  "changes its connection: send() it on a lease": names(`ASKING CLIENT|CACHING
    CLIENT|IMPORT-SOURCE CLIENT|MAINT_NOTIFICATIONS CLIENT|NO-EVICT CLIENT|NO-TOUCH
    CLIENT|TRACKING HIMPORT|DISCARD HIMPORT|DISCARDALL HIMPORT|PREPARE HIMPORT|SET
    READONLY READWRITE RESET`),
  "begins or ends a transaction: transaction() and watch()": names(
    `DISCARD EXEC MULTI UNWATCH WATCH`,
  ),
  "does not answer once: subscribe(), psubscribe() and ssubscribe()": names(
    `PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE UNSUBSCRIBE`,
  ),
  "does not answer once: monitor()": names(`MONITOR`),
  "ends its connection: close()": names(`QUIT`),
  "would leave answers out, and every later one shifted": names(`CLIENT|REPLY`),
  "is for a debugger at a prompt": names(`SCRIPT|DEBUG`),
  "is for tests of the server itself": names(
    `DEBUG PFDEBUG PFSELFTEST SENTINEL|SIMULATE-FAILURE`,
  ),
  "is for servers among themselves": names(`CLUSTER|SYNCSLOTS PSYNC REPLCONF
    RESTORE-ASKING SENTINEL|IS-MASTER-DOWN-BY-ADDR SYNC TRIMSLOTS XIDMPRECORD`),
};
