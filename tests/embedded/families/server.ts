/**
 * Commands about the server: every line here has one right reply, regardless of the
 * commands before it.
 *
 * @module
 */

import { splitLine } from "../../../lib/resp/request_decoder.ts";
import type { Family } from "../differential.ts";

const LINES = String.raw`
PING
PING x
PING x y
ECHO
ECHO a
CONFIG
CONFIG foo
CONFIG GET
CONFIG SET a b c
CONFIG SET nosuch b
CONFIG SET maxmemory x
CONFIG SET maxmemory 1 maxmemory 2
CONFIG SET maxmemory 1 nosuch 2
CONFIG SET maxmemory-policy foo
CONFIG SET timeout -1
CONFIG SET timeout abc
CONFIG SET databases 3
CONFIG SET maxmemory 100mb
CONFIG GET maxmemory
CONFIG SET maxmemory 0
CONFIG SET hash-max-ziplist-entries 200
CONFIG GET hash-max-listpack-entries
CONFIG SET hash-max-ziplist-entries 512
CONFIG SET client-output-buffer-limit 'normal 0 0'
CONFIG SET client-output-buffer-limit 'foo 0 0 0'
CONFIG SET client-output-buffer-limit 'normal a 0 0'
CONFIG GET client-output-buffer-limit
CONFIG GET nope
CONFIG SET notify-keyspace-events q
CONFIG SET notify-keyspace-events gxnmKE
CONFIG GET notify-keyspace-events
CONFIG SET notify-keyspace-events AmnKE
CONFIG SET notify-keyspace-events ''
CLIENT
CLIENT foo
CLIENT HELPX
CLIENT SETNAME 'a b'
CLIENT SETNAME ab
CLIENT GETNAME
CLIENT SETNAME ''
CLIENT KILL 1.2.3.4:5
CLIENT KILL ID x
CLIENT KILL ID
CLIENT KILL ID 99999
CLIENT KILL foo bar
CLIENT KILL TYPE foo
CLIENT KILL SKIPME x
CLIENT KILL
CLIENT REPLY foo
CLIENT PAUSE x
CLIENT PAUSE -1
CLIENT PAUSE
CLIENT UNPAUSE
CLIENT UNBLOCK x
CLIENT UNBLOCK 9999
CLIENT UNBLOCK 9999 foo
CLIENT UNBLOCK 9999 error
CLIENT NO-EVICT on
CLIENT NO-EVICT foo
CLIENT TRACKING foo
CLIENT TRACKING on
CLIENT TRACKINGINFO
CLIENT TRACKING on REDIRECT 99999
CLIENT TRACKING on REDIRECT x
CLIENT TRACKING on PREFIX a
CLIENT TRACKING on BCAST PREFIX a PREFIX ab
CLIENT TRACKING on OPTIN OPTOUT
CLIENT TRACKING on OPTIN BCAST
CLIENT TRACKING on foo
CLIENT TRACKING off
CLIENT TRACKING on BCAST PREFIX a PREFIX b
CLIENT TRACKING on BCAST PREFIX ac
CLIENT TRACKING on OPTIN NOLOOP
CLIENT CACHING yes
CLIENT CACHING no
CLIENT CACHING foo
CLIENT TRACKING on OPTOUT
CLIENT GETREDIR
PUBLISH a b
SPUBLISH a b
MEMORY HELP
DEBUG foo
DEBUG OBJECT nope
DEBUG SET-ACTIVE-EXPIRE 1
DEBUG PROTOCOL string
DEBUG PROTOCOL integer
DEBUG PROTOCOL double
DEBUG PROTOCOL bignum
DEBUG PROTOCOL null
DEBUG PROTOCOL array
DEBUG PROTOCOL set
DEBUG PROTOCOL map
DEBUG PROTOCOL attrib
DEBUG PROTOCOL verbatim
DEBUG PROTOCOL true
DEBUG PROTOCOL false
DEBUG PROTOCOL foo
DEBUG ERROR 'foo bar'
WAIT 0 0
WAIT a 0
WAIT 0 -1
WAIT 0 a
WAITAOF 0 0 0
WAITAOF 1 0 0
WAITAOF 2 0 0
WAITAOF -1 0 0
WAITAOF a 0 0
WAITAOF 0 -1 0
WAITAOF 0 a 0
WAITAOF 0 0 -1
WAITAOF 0 0 a
WAITAOF 0 1
WAITAOF 1 -1 a
WAITAOF 0 1 1
CLUSTER INFO
READONLY
READWRITE
ASKING
TIME x
ACL CAT
ACL CAT nope
ACL CAT a b
ACL GENPASS 0
ACL GENPASS 5000
ACL GETUSER nope
ACL DRYRUN nope get a
ACL DRYRUN default get a
ACL DRYRUN default get
ACL SETUSER a1 on +@all -@write +set ~a* %R~b* %RW~c* &ch* >pw '(+get ~x*)'
ACL GETUSER a1
ACL SETUSER a1 reset
ACL SETUSER a2 allkeys allchannels allcommands nopass
ACL GETUSER a2
ACL GETUSER default
ACL SETUSER a3 +@all -config
ACL SETUSER a4 +client|id +client|list -client|list
ACL SETUSER a4 +client
ACL SETUSER a6 +get +select|0 on
ACL SETUSER a5 +foo
ACL SETUSER a5 +@foo
ACL SETUSER a5 +config|foo
ACL SETUSER a5 allkeys ~b
ACL SETUSER a5 allchannels &b
ACL SETUSER a5 %X~b
ACL SETUSER a5 '%R~b c'
ACL SETUSER a5 <foo
ACL SETUSER a5 #foo
ACL SETUSER a5 !foo
ACL SETUSER a5 '(+get'
ACL SETUSER a5 foo
ACL SETUSER 'a b' on
ACL SETUSER a5 '(nope)'
ACL SETUSER a5 -get|x
ACL SETUSER a5 +config|get|x
ACL SETUSER a5 +get|x
ACL DRYRUN bob set r1 x
ACL DRYRUN bob set w1 x
ACL DRYRUN bob set w1 x get
ACL DRYRUN bob publish x x
ACL DRYRUN bob publish c x
ACL DRYRUN bob psubscribe c*
ACL DRYRUN bob psubscribe ca*
ACL DRYRUN bob del x
ACL DRYRUN bob client list
ACL DRYRUN bob client id
ACL DRYRUN bob mget a b
PUBLISH x y
COMMAND foo
COMMAND DOCS nope
COMMAND LIST FILTERBY foo bar
COMMAND LIST FILTERBY ACLCAT foo
COMMAND LIST FILTERBY MODULE foo
COMMAND LIST foo
COMMAND GETKEYS foo bar
COMMAND GETKEYS mset a b c d
COMMAND GETKEYS ping a
COMMAND GETKEYS get a b
COMMAND GETKEYS eval x 2 a b
COMMAND GETKEYS eval x 0 a b
COMMAND GETKEYS eval x z a b
COMMAND GETKEYSANDFLAGS set a b
COMMAND GETKEYSANDFLAGS set a b get
COMMAND GETKEYSANDFLAGS sort a store b
COMMAND GETKEYSANDFLAGS bitfield a get u8 0
COMMAND GETKEYSANDFLAGS bitfield a set u8 0 1
COMMAND GETKEYSANDFLAGS copy a b
COMMAND GETKEYSANDFLAGS zunionstore d 2 a b
COMMAND GETKEYSANDFLAGS zunion 2 a b
COMMAND GETKEYSANDFLAGS xread count 1 streams a b 0 0
COMMAND GETKEYSANDFLAGS georadius a 0 0 1 m store x
COMMAND GETKEYSANDFLAGS mset a b c d
COMMAND GETKEYSANDFLAGS bitop and d a b
COMMAND GETKEYSANDFLAGS lmpop 1 a left
COMMAND GETKEYSANDFLAGS object encoding a
COMMAND GETKEYSANDFLAGS xgroup create a b 0
COMMAND GETKEYS memory usage a
COMMAND GETKEYS config get a
COMMAND HELP
ACL HELP
`.trim().split("\n");

/** CONFIG, CLIENT, ACL, COMMAND, DEBUG and their errors. */
export const SERVER_FAMILY: Family = {
  name: "server",
  generate: (random) => splitLine(random.pick(LINES)),
};

const KEYS = ["a", "b", "c"];

const STEPS: readonly ((key: string, other: string) => string[])[] = [
  () => ["MULTI"],
  () => ["EXEC"],
  () => ["EXEC", "x"],
  () => ["DISCARD"],
  () => ["UNWATCH"],
  () => ["WATCH"],
  () => ["PING"],
  () => ["SELECT", "0"],
  () => ["SELECT", "99"],
  () => ["nope"],
  () => ["SHUTDOWN", "NOSAVE", "ABORT"],
  (key) => ["WATCH", key],
  (key, other) => ["WATCH", key, other],
  (key) => ["GET", key],
  (key) => ["GET", key, "more"],
  (key) => ["INCR", key],
  (key) => ["DEL", key],
  (key, other) => ["SET", key, other],
  (key, other) => ["RPUSH", key, other],
  (key) => ["PUBLISH", key, "message"],
  (key) => ["COMMAND", "GETKEYS", "GET", key],
];

/** MULTI, EXEC, WATCH and the commands between them. */
export const TRANSACTION_FAMILY: Family = {
  name: "transactions",
  generate: (random) =>
    random.pick(STEPS)(random.pick(KEYS), random.pick(KEYS)),
};
