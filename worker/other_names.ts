/**
 * The commands that neither have keys nor only read, but for those that are
 * `GUARDED` by name and nothing more, and those that change their connection.
 *
 * Made by `deno task table` from tests/commands/table/commands.tsv.
 *
 * @module
 */

/**
 * Groups in the form of `groupsIn()`. Behind `@`, the categories `read`, `write`
 * and `blocking` are left out, as they follow from what else is known.
 */
export const OTHER_NAMES = `
=
*;MEMORY|: DOCTOR MALLOC-STATS PURGE
=admin connection
-;CLIENT|: KILL PAUSE UNBLOCK UNPAUSE
=admin hyperloglog
*;PFSELFTEST
=admin keyspace write
*;CLUSTER|FLUSHSLOT
=admin
*;BGREWRITEAOF BGSAVE FAILOVER REPLICAOF SAVE SLAVEOF
-;MONITOR REPLCONF SHUTDOWN SLOWLOG|RESET
-;LATENCY|: DOCTOR GRAPH HISTOGRAM HISTORY LATEST RESET
-;COMMANDLOG|: GET LEN RESET
=blocking connection
-;WAIT WAITAOF
=connection
-;CLIENT|: GETREDIR TRACKINGINFO
=dangerous keyspace write
*;SWAPDB TRIMSLOTS
*;FLUSH: ALL DB
=dangerous search write
?;FT.DRO: P PINDEX
=pubsub
-;PSUBSCRIBE PUBLISH SPUBLISH SUBSCRIBE
=scripting write
*;FUNCTION|: DELETE FLUSH LOAD RESTORE
=scripting
*;FUNCTION|KILL
*;SCRIPT|: FLUSH KILL LOAD SHOW
=search write
?;FT.ADD FT.DEL
=search
?;FT.: ALIASADD ALIASDEL ALIASUPDATE ALTER CREATE DICTADD DICTDEL SYNUPDATE
@admin search
?;FT.CONFIG|: GET SET
@search
?;FT.CURSOR|: DEL GC READ`;
