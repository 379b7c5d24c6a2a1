/**
 * What the server here cannot tell: the commands that newer servers add, and why
 * some commands are no methods. Sub-commands stand behind `|`.
 *
 * @module
 */

function names(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** The commands that came after Redis 7.0, by who brought them. */
export const NEWER: Record<string, string[]> = {
  "Redis 7.2": names(
    `CLIENT|NO-TOUCH CLIENT|SETINFO CLUSTER|MYSHARDID WAITAOF`,
  ),
  "Redis 7.4": names(`HEXPIRE HEXPIREAT HEXPIRETIME HPERSIST HPEXPIRE HPEXPIREAT
    HPEXPIRETIME HPTTL HTTL`),
  "Redis 8.0": names(`HGETDEL HGETEX HSETEX VADD VCARD VDIM VEMB VGETATTR VINFO
    VLINKS VRANDMEMBER VREM VSETATTR VSIM`),
  "Redis 8.2": names(`CLUSTER|SLOT-STATS VISMEMBER XACKDEL XDELEX`),
  "Redis 8.4": names(
    `CLUSTER|MIGRATION CLUSTER|SYNCSLOTS
    DELEX DIGEST MSETEX TRIMSLOTS VRANGE`,
  ),
  "Redis 8.6": names(`HOTKEYS|GET HOTKEYS|HELP HOTKEYS|RESET HOTKEYS|START
    HOTKEYS|STOP XCFGSET`),
  "Redis 8.8": names(`ARCOUNT ARDEL ARDELRANGE ARGET ARGETRANGE ARGREP ARINFO
    ARINSERT ARLASTITEMS ARLEN ARMGET ARMSET ARNEXT AROP ARRING ARSCAN ARSEEK ARSET
    INCREX XIDMPRECORD XNACK`),
  "Redis 8.10": names(`BACKUP|ABORT BACKUP|CLEANUP BACKUP|HELP BACKUP|LIST
    BACKUP|SEAL BACKUP|START BACKUP|STATUS BLMOVEM HIMPORT|DISCARD
    HIMPORT|DISCARDALL HIMPORT|PREPARE HIMPORT|SET LMOVEM SDIFFCARD SUNIONCARD`),
  "Redis Software": names(`CLIENT|MAINT_NOTIFICATIONS`),
  "Valkey 8.0": names(`CLIENT|CAPA SCRIPT|SHOW`),
  "Valkey 8.1": names(`CLIENT|IMPORT-SOURCE COMMANDLOG|GET COMMANDLOG|HELP
    COMMANDLOG|LEN COMMANDLOG|RESET`),
  "Valkey 9.0": names(`CLUSTER|CANCELSLOTMIGRATIONS CLUSTER|FLUSHSLOT
    CLUSTER|GETSLOTMIGRATIONS CLUSTER|MIGRATESLOTS DELIFEQ`),
  "Valkey 9.1": names(`CLUSTERSCAN`),
};

/** The commands that are no methods, by the reason. */
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
