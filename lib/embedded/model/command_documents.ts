/**
 * What COMMAND DOCS tells of commands besides their rows: arguments, complexity,
 * deprecation, history.
 *
 * Made by `deno task table` from Redis's own reply.
 *
 * @module
 */

/** A line for each command, in the form that `commands/command_docs.ts` reads. */
export const COMMAND_DOCUMENTS = `
acl		Depends on subcommand.
acl|cat	category?	O(1) since the categories and commands are a fixed set.
acl|deluser	username*	O(1) amortized time considering the typical user.
acl|dryrun	username command arg?*	O(1).
acl|genpass	bits:integer?	O(1)
acl|getuser	username	O(N). Where N is the number of password, command and pattern rules that the user has.				6.2.0 Added Pub/Sub channel patterns. | 7.0.0 Added selectors and changed the format of key and channel patterns from a list to their rule representation.
acl|help		O(1)
acl|list		O(N). Where N is the number of configured users.
acl|load		O(N). Where N is the number of configured users.
acl|log	operation<count:integer|'RESET'>?	O(N) with N being the number of entries shown.				7.2.0 Added entry ID, timestamp created, and timestamp last updated.
acl|save		O(N). Where N is the number of configured users.
acl|setuser	username rule?*	O(N). Where N is the number of rules provided.				6.2.0 Added Pub/Sub channel patterns. | 7.0.0 Added selectors and key based permissions.
acl|users		O(N). Where N is the number of configured users.
acl|whoami		O(1)
append	key#0 value	O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.
asking		O(1)
auth	username@6.0.0? password	O(N) where N is the number of passwords defined for the user				6.0.0 Added ACL style (username and password).
bgrewriteaof		O(1)
bgsave	'SCHEDULE'@3.2.2?	O(1)				3.2.2 Added the \`SCHEDULE\` option.
bitcount	key#0 range(start:integer end:integer unit@7.0.0<'BYTE'|'BIT'>?)?	O(N)				7.0.0 Added the \`BYTE|BIT\` option.
bitfield	key#0 operation<'GET'get-block(encoding offset:integer)|write('OVERFLOW'overflow-block<'WRAP'|'SAT'|'FAIL'>? write-operation<'SET'set-block(encoding offset:integer value:integer)|'INCRBY'incrby-block(encoding offset:integer increment:integer)>)>?*	O(1) for each subcommand specified
bitfield_ro	key#0 'GET'get-block(encoding offset:integer)?*+	O(1) for each subcommand specified
bitop	operation<'AND'|'OR'|'XOR'|'NOT'|'DIFF'|'DIFF1'|'ANDOR'|'ONE'> destkey#0 key#1*	O(N)
bitpos	key#0 bit:integer range(start:integer end-unit-block(end:integer unit@7.0.0<'BYTE'|'BIT'>?)?)?	O(N)				7.0.0 Added the \`BYTE|BIT\` option.
blmove	source#0 destination#1 wherefrom<'LEFT'|'RIGHT'> whereto<'LEFT'|'RIGHT'> timeout:double	O(1)
blmpop	timeout:double numkeys:integer key#0* where<'LEFT'|'RIGHT'> 'COUNT'count:integer?	O(N+M) where N is the number of provided keys and M is the number of elements returned.
blpop	key#0* timeout:double	O(N) where N is the number of provided keys.				6.0.0 \`timeout\` is interpreted as a double instead of an integer.
brpop	key#0* timeout:double	O(N) where N is the number of provided keys.				6.0.0 \`timeout\` is interpreted as a double instead of an integer.
brpoplpush	source#0 destination#1 timeout:double	O(1)	deprecated	6.2.0	\`BLMOVE\` with the \`RIGHT\` and \`LEFT\` arguments	6.0.0 \`timeout\` is interpreted as a double instead of an integer.
bzmpop	timeout:double numkeys:integer key#0* where<'MIN'|'MAX'> 'COUNT'count:integer?	O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.
bzpopmax	key#0* timeout:double	O(log(N)) with N being the number of elements in the sorted set.				6.0.0 \`timeout\` is interpreted as a double instead of an integer.
bzpopmin	key#0* timeout:double	O(log(N)) with N being the number of elements in the sorted set.				6.0.0 \`timeout\` is interpreted as a double instead of an integer.
client		Depends on subcommand.
client|caching	mode<'YES'|'NO'>	O(1)
client|getname		O(1)
client|getredir		O(1)
client|help		O(1)
client|id		O(1)
client|info		O(1)
client|kill	filter<old-format=ip:port!2.8.12|new-format<'ID'client-id:integer@2.8.12?|'TYPE'client-type@2.8.12<'NORMAL'|'MASTER'@3.2.0|'SLAVE'|'REPLICA'@5.0.0|'PUBSUB'>?|'USER'username?|'ADDR'addr=ip:port?|'LADDR'laddr=ip:port@6.2.0?|'SKIPME'skipme<'YES'|'NO'>?|'MAXAGE'maxage:integer@7.4.0?>*>	O(N) where N is the number of client connections				2.8.12 Added new filter format. | 2.8.12 \`ID\` option. | 3.2.0 Added \`master\` type in for \`TYPE\` option. | 5.0.0 Replaced \`slave\` \`TYPE\` with \`replica\`. \`slave\` still supported for backward compatibility. | 6.2.0 \`LADDR\` option. | 7.4.0 \`MAXAGE\` option.
client|list	'TYPE'client-type@5.0.0<'NORMAL'|'MASTER'|'REPLICA'|'PUBSUB'>? 'ID'client-id:integer@6.2.0?*	O(N) where N is the number of client connections				2.8.12 Added unique client \`id\` field. | 5.0.0 Added optional \`TYPE\` filter. | 6.0.0 Added \`user\` field. | 6.2.0 Added \`argv-mem\`, \`tot-mem\`, \`laddr\` and \`redir\` fields and the optional \`ID\` filter. | 7.0.0 Added \`resp\`, \`multi-mem\`, \`rbs\` and \`rbp\` fields. | 7.0.3 Added \`ssub\` field. | 7.2.0 Added \`lib-name\` and \`lib-ver\` fields. | 7.4.0 Added \`watch\` field. | 8.0.0 Added \`io-thread\` field.
client|no-evict	enabled<'ON'|'OFF'>	O(1)
client|no-touch	enabled<'ON'|'OFF'>	O(1)
client|pause	timeout:integer mode@6.2.0<'WRITE'|'ALL'>?	O(1)				6.2.0 \`CLIENT PAUSE WRITE\` mode added along with the \`mode\` option.
client|reply	action<'ON'|'OFF'|'SKIP'>	O(1)
client|setinfo	attr<'LIB-NAME'libname|'LIB-VER'libver>	O(1)
client|setname	connection-name	O(1)
client|tracking	status<'ON'|'OFF'> 'REDIRECT'client-id:integer? 'PREFIX'prefix?*+ 'BCAST'? 'OPTIN'? 'OPTOUT'? 'NOLOOP'?	O(1). Some options may introduce additional complexity.
client|trackinginfo		O(1)
client|unblock	client-id:integer unblock-type<'TIMEOUT'|'ERROR'>?	O(log N) where N is the number of client connections
client|unpause		O(N) Where N is the number of paused clients
cluster		Depends on subcommand.
cluster|addslots	slot:integer*	O(N) where N is the total number of hash slot arguments
cluster|addslotsrange	range(start-slot:integer end-slot:integer)*	O(N) where N is the total number of the slots between the start slot and end slot arguments.
cluster|bumpepoch		O(1)
cluster|count-failure-reports	node-id	O(N) where N is the number of failure reports
cluster|countkeysinslot	slot:integer	O(1)
cluster|delslots	slot:integer*	O(N) where N is the total number of hash slot arguments
cluster|delslotsrange	range(start-slot:integer end-slot:integer)*	O(N) where N is the total number of the slots between the start slot and end slot arguments.
cluster|failover	options<'FORCE'|'TAKEOVER'>?	O(1)
cluster|flushslots		O(1)
cluster|forget	node-id	O(1)
cluster|getkeysinslot	slot:integer count:integer	O(N) where N is the number of requested keys
cluster|help		O(1)
cluster|info		O(1)
cluster|keyslot	key	O(N) where N is the number of bytes in the key
cluster|links		O(N) where N is the total number of Cluster nodes
cluster|meet	ip port:integer cluster-bus-port:integer@4.0.0?	O(1)				4.0.0 Added the optional \`cluster_bus_port\` argument.
cluster|migration	subcommand<'IMPORT'import(start-slot:integer end-slot:integer)*|'CANCEL'cancel<'ID'task-id|'ALL'>|'STATUS'status<'ID'task-id?|'ALL'?>>	O(N) where N is the total number of the slots between the start slot and end slot arguments.
cluster|myid		O(1)
cluster|myshardid		O(1)
cluster|nodes		O(N) where N is the total number of Cluster nodes
cluster|replicas	node-id	O(N) where N is the number of replicas.
cluster|replicate	node-id	O(1)
cluster|reset	reset-type<'HARD'|'SOFT'>?	O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.
cluster|saveconfig		O(1)
cluster|set-config-epoch	config-epoch:integer	O(1)
cluster|setslot	slot:integer subcommand<'IMPORTING'importing=node-id|'MIGRATING'migrating=node-id|'NODE'node=node-id|'STABLE'>	O(1)
cluster|shards		O(N) where N is the total number of cluster nodes
cluster|slaves	node-id	O(N) where N is the number of replicas.	deprecated	5.0.0	\`CLUSTER REPLICAS\`
cluster|slot-stats	filter<'SLOTSRANGE'slotsrange(start-slot:integer end-slot:integer)|'ORDERBY'orderby(metric 'LIMIT'limit:integer? order<'ASC'|'DESC'>?)>	O(N) where N is the total number of slots based on arguments. O(N*log(N)) with ORDERBY subcommand.
cluster|slots		O(N) where N is the total number of Cluster nodes	deprecated	7.0.0	\`CLUSTER SHARDS\`	4.0.0 Added node IDs. | 7.0.0 Added additional networking metadata field.
cluster|syncslots	subcommand<'SYNC'sync(task-id slot-range(start-slot:integer end-slot:integer)*)|'RDBCHANNEL'task-id|'SNAPSHOT-EOF'|'STREAM-EOF'|'ACK'ack(state offset:integer)|'FAIL'error|'CONF'conf(option* value*)>	O(1)
command		O(N) where N is the total number of Redis commands
command|count		O(1)
command|docs	command-name?*	O(N) where N is the number of commands to look up
command|getkeys	command arg?*	O(N) where N is the number of arguments to the command
command|getkeysandflags	command arg?*	O(N) where N is the number of arguments to the command
command|help		O(1)
command|info	command-name?*	O(N) where N is the number of commands to look up				7.0.0 Allowed to be called with no argument to get info on all commands.
command|list	'FILTERBY'filterby<'MODULE'module-name|'ACLCAT'category|'PATTERN'pattern:pattern>?	O(N) where N is the total number of Redis commands
config		Depends on subcommand.
config|get	parameter*	O(N) when N is the number of configuration parameters provided				7.0.0 Added the ability to pass multiple pattern parameters in one call
config|help		O(1)
config|resetstat		O(1)
config|rewrite		O(1)
config|set	data(parameter value)*	O(N) when N is the number of configuration parameters provided				7.0.0 Added the ability to set multiple parameters in one call.
copy	source#0 destination#1 'DB'destination-db:integer? 'REPLACE'?	O(N) worst case for collections, where N is the number of nested items. O(1) for string values.
dbsize		O(1)
debug		Depends on subcommand.	syscmd
decr	key#0	O(1)
decrby	key#0 decrement:integer	O(1)
del	key#0*	O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).
delex	key#0 condition<'IFEQ'ifeq-value|'IFNE'ifne-value|'IFDEQ'ifdeq-digest:integer|'IFDNE'ifdne-digest:integer>?	O(1) for IFEQ/IFNE, O(N) for IFDEQ/IFDNE where N is the length of the string value.
digest	key#0	O(N) where N is the length of the string value.
discard		O(N), when N is the number of queued commands
dump	key#0	O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).
echo	message	O(1)
eval	script numkeys:integer key#0?* arg?*	Depends on the script that is executed.
eval_ro	script numkeys:integer key#0?* arg?*	Depends on the script that is executed.
evalsha	sha1 numkeys:integer key#0?* arg?*	Depends on the script that is executed.
evalsha_ro	sha1 numkeys:integer key#0?* arg?*	Depends on the script that is executed.
exec		Depends on commands in the transaction
exists	key#0*	O(N) where N is the number of keys to check.				3.0.3 Accepts multiple \`key\` arguments.
expire	key#0 seconds:integer condition@7.0.0<'NX'|'XX'|'GT'|'LT'>?	O(1)				7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.
expireat	key#0 unix-time-seconds:unix-time condition@7.0.0<'NX'|'XX'|'GT'|'LT'>?	O(1)				7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.
expiretime	key#0	O(1)
failover	'TO'target(host port:integer 'FORCE'?)? 'ABORT'? 'TIMEOUT'milliseconds:integer?	O(1)
fcall	function numkeys:integer key#0?* arg?*	Depends on the function that is executed.
fcall_ro	function numkeys:integer key#0?* arg?*	Depends on the function that is executed.
flushall	flush-type<'ASYNC'@4.0.0|'SYNC'@6.2.0>?	O(N) where N is the total number of keys in all databases				4.0.0 Added the \`ASYNC\` flushing mode modifier. | 6.2.0 Added the \`SYNC\` flushing mode modifier.
flushdb	flush-type<'ASYNC'@4.0.0|'SYNC'@6.2.0>?	O(N) where N is the number of keys in the selected database				4.0.0 Added the \`ASYNC\` flushing mode modifier. | 6.2.0 Added the \`SYNC\` flushing mode modifier.
function		Depends on subcommand.
function|delete	library-name	O(1)
function|dump		O(N) where N is the number of functions
function|flush	flush-type<'ASYNC'|'SYNC'>?	O(N) where N is the number of functions deleted
function|help		O(1)
function|kill		O(1)
function|list	'LIBRARYNAME'library-name-pattern? 'WITHCODE'?	O(N) where N is the number of functions
function|load	'REPLACE'? function-code	O(1) (considering compilation time is redundant)
function|restore	serialized-value policy<'FLUSH'|'APPEND'|'REPLACE'>?	O(N) where N is the number of functions on the payload
function|stats		O(1)
geoadd	key#0 condition@6.2.0<'NX'|'XX'>? 'CH'change:pure-token@6.2.0? data(longitude:double latitude:double member)*	O(log(N)) for each item added, where N is the number of elements in the sorted set.				6.2.0 Added the \`CH\`, \`NX\` and \`XX\` options.
geodist	key#0 member1 member2 unit<'M'|'KM'|'FT'|'MI'>?	O(1)
geohash	key#0 member?*	O(1) for each member requested.
geopos	key#0 member?*	O(1) for each member requested.
georadius	key#0 longitude:double latitude:double radius:double unit<'M'|'KM'|'FT'|'MI'> 'WITHCOORD'? 'WITHDIST'? 'WITHHASH'? count-block('COUNT'count:integer 'ANY'@6.2.0?)? order<'ASC'|'DESC'>? store<'STORE'storekey=key#1|'STOREDIST'storedistkey=key#2>?	O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.	deprecated	6.2.0	\`GEOSEARCH\` and \`GEOSEARCHSTORE\` with the \`BYRADIUS\` argument	6.2.0 Added the \`ANY\` option for \`COUNT\`. | 7.0.0 Added support for uppercase unit names.
georadius_ro	key#0 longitude:double latitude:double radius:double unit<'M'|'KM'|'FT'|'MI'> 'WITHCOORD'? 'WITHDIST'? 'WITHHASH'? count-block('COUNT'count:integer 'ANY'@6.2.0?)? order<'ASC'|'DESC'>?	O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.	deprecated	6.2.0	\`GEOSEARCH\` with the \`BYRADIUS\` argument	6.2.0 Added the \`ANY\` option for \`COUNT\`. | 7.0.0 Added support for uppercase unit names.
georadiusbymember	key#0 member radius:double unit<'M'|'KM'|'FT'|'MI'> 'WITHCOORD'? 'WITHDIST'? 'WITHHASH'? count-block('COUNT'count:integer 'ANY'?)? order<'ASC'|'DESC'>? store<'STORE'storekey=key#1|'STOREDIST'storedistkey=key#2>?	O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.	deprecated	6.2.0	\`GEOSEARCH\` and \`GEOSEARCHSTORE\` with the \`BYRADIUS\` and \`FROMMEMBER\` arguments	6.2.0 Added the \`ANY\` option for \`COUNT\`. | 7.0.0 Added support for uppercase unit names.
georadiusbymember_ro	key#0 member radius:double unit<'M'|'KM'|'FT'|'MI'> 'WITHCOORD'? 'WITHDIST'? 'WITHHASH'? count-block('COUNT'count:integer 'ANY'?)? order<'ASC'|'DESC'>?	O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.	deprecated	6.2.0	\`GEOSEARCH\` with the \`BYRADIUS\` and \`FROMMEMBER\` arguments	6.2.0 Added the \`ANY\` option for \`COUNT\`. | 7.0.0 Added support for uppercase unit names.
geosearch	key#0 from<'FROMMEMBER'member|'FROMLONLAT'fromlonlat(longitude:double latitude:double)> by<circle('BYRADIUS'radius:double unit<'M'|'KM'|'FT'|'MI'>)|box('BYBOX'width:double height:double unit<'M'|'KM'|'FT'|'MI'>)> order<'ASC'|'DESC'>? count-block('COUNT'count:integer 'ANY'?)? 'WITHCOORD'? 'WITHDIST'? 'WITHHASH'?	O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape				7.0.0 Added support for uppercase unit names.
geosearchstore	destination#0 source#1 from<'FROMMEMBER'member|'FROMLONLAT'fromlonlat(longitude:double latitude:double)> by<circle('BYRADIUS'radius:double unit<'M'|'KM'|'FT'|'MI'>)|box('BYBOX'width:double height:double unit<'M'|'KM'|'FT'|'MI'>)> order<'ASC'|'DESC'>? count-block('COUNT'count:integer 'ANY'?)? 'STOREDIST'?	O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape				7.0.0 Added support for uppercase unit names.
get	key#0	O(1)
getbit	key#0 offset:integer	O(1)
getdel	key#0	O(1)
getex	key#0 expiration<'EX'seconds:integer|'PX'milliseconds:integer|'EXAT'unix-time-seconds:unix-time|'PXAT'unix-time-milliseconds:unix-time|'PERSIST'>?	O(1)
getrange	key#0 start:integer end:integer	O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.
getset	key#0 value	O(1)	deprecated	6.2.0	\`SET\` with the \`!GET\` argument
hdel	key#0 field*	O(N) where N is the number of fields to be removed.				2.4.0 Accepts multiple \`field\` arguments.
hello	arguments(protover:integer 'AUTH'auth(username password)? 'SETNAME'clientname?)?	O(1)				6.2.0 \`protover\` made optional; when called without arguments the command reports the current connection's context.
hexists	key#0 field	O(1)
hexpire	key#0 seconds:integer condition<'NX'|'XX'|'GT'|'LT'>? 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hexpireat	key#0 unix-time-seconds:unix-time condition<'NX'|'XX'|'GT'|'LT'>? 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hexpiretime	key#0 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hget	key#0 field	O(1)
hgetall	key#0	O(N) where N is the size of the hash.
hgetdel	key#0 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hgetex	key#0 expiration<'EX'seconds:integer|'PX'milliseconds:integer|'EXAT'unix-time-seconds:unix-time|'PXAT'unix-time-milliseconds:unix-time|'PERSIST'>? 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hincrby	key#0 field increment:integer	O(1)
hincrbyfloat	key#0 field increment:double	O(1)
hkeys	key#0	O(N) where N is the size of the hash.
hlen	key#0	O(1)
hmget	key#0 field*	O(N) where N is the number of fields being requested.
hmset	key#0 data(field value)*	O(N) where N is the number of fields being set.	deprecated	4.0.0	\`HSET\` with multiple field-value pairs
hotkeys		Depends on subcommand.
hotkeys|get		O(K) where K is the number of hotkeys returned.
hotkeys|help		O(1)
hotkeys|reset		O(1)
hotkeys|start	'METRICS'metrics(count:integer 'CPU'? 'NET'?) 'COUNT'k:integer? 'DURATION'seconds:integer? 'SAMPLE'ratio:integer? 'SLOTS'slots(count:integer slot:integer*)?	O(1)
hotkeys|stop		O(1)
hpersist	key#0 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hpexpire	key#0 milliseconds:integer condition<'NX'|'XX'|'GT'|'LT'>? 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hpexpireat	key#0 unix-time-milliseconds:unix-time condition<'NX'|'XX'|'GT'|'LT'>? 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hpexpiretime	key#0 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hpttl	key#0 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hrandfield	key#0 options(count:integer 'WITHVALUES'?)?	O(N) where N is the number of fields returned
hscan	key#0 cursor:integer 'MATCH'pattern:pattern? 'COUNT'count:integer? 'NOVALUES'?	O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
hset	key#0 data(field value)*	O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.				4.0.0 Accepts multiple \`field\` and \`value\` arguments.
hsetex	key#0 condition<'FNX'|'FXX'>? expiration<'EX'seconds:integer|'PX'milliseconds:integer|'EXAT'unix-time-seconds:unix-time|'PXAT'unix-time-milliseconds:unix-time|'KEEPTTL'>? 'FIELDS'fields(numfields:integer data(field value)*)	O(N) where N is the number of fields being set.
hsetnx	key#0 field value	O(1)
hstrlen	key#0 field	O(1)
httl	key#0 'FIELDS'fields(numfields:integer field*)	O(N) where N is the number of specified fields
hvals	key#0	O(N) where N is the size of the hash.
incr	key#0	O(1)
incrby	key#0 increment:integer	O(1)
incrbyfloat	key#0 increment:double	O(1)
info	section?*	O(1)				7.0.0 Added support for taking multiple section arguments.
keys	pattern:pattern	O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.
lastsave		O(1)
latency		Depends on subcommand.
latency|doctor		O(1)
latency|graph	event	O(1)
latency|help		O(1)
latency|histogram	command?*	O(N) where N is the number of commands with latency information being retrieved.
latency|history	event	O(1)
latency|latest		O(1)
latency|reset	event?*	O(1)
lcs	key1#0 key2#0 'LEN'? 'IDX'? 'MINMATCHLEN'min-match-len:integer? 'WITHMATCHLEN'?	O(N*M) where N and M are the lengths of s1 and s2, respectively
lindex	key#0 index:integer	O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).
linsert	key#0 where<'BEFORE'|'AFTER'> pivot element	O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).
llen	key#0	O(1)
lmove	source#0 destination#1 wherefrom<'LEFT'|'RIGHT'> whereto<'LEFT'|'RIGHT'>	O(1)
lmpop	numkeys:integer key#0* where<'LEFT'|'RIGHT'> 'COUNT'count:integer?	O(N+M) where N is the number of provided keys and M is the number of elements returned.
lolwut	'VERSION'version:integer?
lpop	key#0 count:integer@6.2.0?	O(N) where N is the number of elements returned				6.2.0 Added the \`count\` argument.
lpos	key#0 element 'RANK'rank:integer? 'COUNT'num-matches:integer? 'MAXLEN'len:integer?	O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.
lpush	key#0 element*	O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.				2.4.0 Accepts multiple \`element\` arguments.
lpushx	key#0 element*	O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.				4.0.0 Accepts multiple \`element\` arguments.
lrange	key#0 start:integer stop:integer	O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.
lrem	key#0 count:integer element	O(N+M) where N is the length of the list and M is the number of elements removed.
lset	key#0 index:integer element	O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).
ltrim	key#0 start:integer stop:integer	O(N) where N is the number of elements to be removed by the operation.
memory		Depends on subcommand.
memory|doctor		O(1)
memory|help		O(1)
memory|malloc-stats		Depends on how much memory is allocated, could be slow
memory|purge		Depends on how much memory is allocated, could be slow
memory|stats		O(1)
memory|usage	key#0 'SAMPLES'count:integer?	O(N) where N is the number of samples.
mget	key#0*	O(N) where N is the number of keys to retrieve.
migrate	host port:integer key-selector<key#0|''empty-string:pure-token> destination-db:integer timeout:integer 'COPY'@3.0.0? 'REPLACE'@3.0.0? authentication<'AUTH'auth=password@4.0.7|'AUTH2'auth2@6.0.0(username password)>? 'KEYS'keys=key#1@3.0.6?*	This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.				3.0.0 Added the \`COPY\` and \`REPLACE\` options. | 3.0.6 Added the \`KEYS\` option. | 4.0.7 Added the \`AUTH\` option. | 6.0.0 Added the \`AUTH2\` option.
module		Depends on subcommand.
module|help		O(1)
module|list		O(N) where N is the number of loaded modules.
module|load	path arg?*	O(1)
module|loadex	path 'CONFIG'configs(name value)?*+ 'ARGS'args?*	O(1)
module|unload	name	O(1)
monitor
move	key#0 db:integer	O(1)
mset	data(key#0 value)*	O(N) where N is the number of keys to set.
msetex	numkeys:integer data(key#0 value)* condition<'NX'|'XX'>? expiration<'EX'seconds:integer|'PX'milliseconds:integer|'EXAT'unix-time-seconds:unix-time|'PXAT'unix-time-milliseconds:unix-time|'KEEPTTL'>?	O(N) where N is the number of keys to set.
msetnx	data(key#0 value)*	O(N) where N is the number of keys to set.
multi		O(1)
object		Depends on subcommand.
object|encoding	key#0	O(1)
object|freq	key#0	O(1)
object|help		O(1)
object|idletime	key#0	O(1)
object|refcount	key#0	O(1)
persist	key#0	O(1)
pexpire	key#0 milliseconds:integer condition@7.0.0<'NX'|'XX'|'GT'|'LT'>?	O(1)				7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.
pexpireat	key#0 unix-time-milliseconds:unix-time condition@7.0.0<'NX'|'XX'|'GT'|'LT'>?	O(1)				7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.
pexpiretime	key#0	O(1)
pfadd	key#0 element?*	O(1) to add every element.
pfcount	key#0*	O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.
pfdebug	subcommand key#0	N/A	syscmd
pfmerge	destkey#0 sourcekey#1?*	O(N) to merge N HyperLogLogs, but with high constant times.
pfselftest		N/A	syscmd
ping	message?	O(1)
psetex	key#0 milliseconds:integer value	O(1)	deprecated	2.6.12	\`SET\` with the \`PX\` argument
psubscribe	pattern:pattern*	O(N) where N is the number of patterns to subscribe to.
psync	replicationid offset:integer
pttl	key#0	O(1)				2.8.0 Added the -2 reply.
publish	channel message	O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).
pubsub		Depends on subcommand.
pubsub|channels	pattern:pattern?	O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)
pubsub|help		O(1)
pubsub|numpat		O(1)
pubsub|numsub	channel?*	O(N) for the NUMSUB subcommand, where N is the number of requested channels
pubsub|shardchannels	pattern:pattern?	O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).
pubsub|shardnumsub	shardchannel?*	O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels
punsubscribe	pattern:pattern?*	O(N) where N is the number of patterns to unsubscribe.
quit		O(1)	deprecated	7.2.0	just closing the connection
randomkey		O(1)
readonly		O(1)
readwrite		O(1)
rename	key#0 newkey#1	O(1)
renamenx	key#0 newkey#1	O(1)				3.2.0 The command no longer returns an error when source and destination names are the same.
replconf		O(1)	syscmd
replicaof	args<host-port(host port:integer)|no-one('NO' 'ONE')>	O(1)
reset		O(1)
restore	key#0 ttl:integer serialized-value 'REPLACE'@3.0.0? 'ABSTTL'@5.0.0? 'IDLETIME'seconds:integer@5.0.0? 'FREQ'frequency:integer@5.0.0?	O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).				3.0.0 Added the \`REPLACE\` modifier. | 5.0.0 Added the \`ABSTTL\` modifier. | 5.0.0 Added the \`IDLETIME\` and \`FREQ\` options.
restore-asking	key#0 ttl:integer serialized-value 'REPLACE'@3.0.0? 'ABSTTL'@5.0.0? 'IDLETIME'seconds:integer@5.0.0? 'FREQ'frequency:integer@5.0.0?	O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).	syscmd			3.0.0 Added the \`REPLACE\` modifier. | 5.0.0 Added the \`ABSTTL\` modifier. | 5.0.0 Added the \`IDLETIME\` and \`FREQ\` options.
role		O(1)
rpop	key#0 count:integer@6.2.0?	O(N) where N is the number of elements returned				6.2.0 Added the \`count\` argument.
rpoplpush	source#0 destination#1	O(1)	deprecated	6.2.0	\`LMOVE\` with the \`RIGHT\` and \`LEFT\` arguments
rpush	key#0 element*	O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.				2.4.0 Accepts multiple \`element\` arguments.
rpushx	key#0 element*	O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.				4.0.0 Accepts multiple \`element\` arguments.
sadd	key#0 member*	O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.				2.4.0 Accepts multiple \`member\` arguments.
save		O(N) where N is the total number of keys in all databases
scan	cursor:integer 'MATCH'pattern:pattern? 'COUNT'count:integer? 'TYPE'type@6.0.0?	O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.				6.0.0 Added the \`TYPE\` subcommand.
scard	key#0	O(1)
script		Depends on subcommand.
script|debug	mode<'YES'|'SYNC'|'NO'>	O(1)
script|exists	sha1*	O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).
script|flush	flush-type@6.2.0<'ASYNC'|'SYNC'>?	O(N) with N being the number of scripts in cache				6.2.0 Added the \`ASYNC\` and \`SYNC\` flushing mode modifiers.
script|help		O(1)
script|kill		O(1)
script|load	script	O(N) with N being the length in bytes of the script body.
sdiff	key#0*	O(N) where N is the total number of elements in all given sets.
sdiffstore	destination#0 key#1*	O(N) where N is the total number of elements in all given sets.
select	index:integer	O(1)
set	key#0 value condition@2.6.12<'NX'|'XX'|'IFEQ'ifeq-value@8.4.0|'IFNE'ifne-value@8.4.0|'IFDEQ'ifdeq-digest:integer@8.4.0|'IFDNE'ifdne-digest:integer@8.4.0>? 'GET'@6.2.0? expiration<'EX'seconds:integer@2.6.12|'PX'milliseconds:integer@2.6.12|'EXAT'unix-time-seconds:unix-time@6.2.0|'PXAT'unix-time-milliseconds:unix-time@6.2.0|'KEEPTTL'@6.0.0>?	O(1)				2.6.12 Added the \`EX\`, \`PX\`, \`NX\` and \`XX\` options. | 6.0.0 Added the \`KEEPTTL\` option. | 6.2.0 Added the \`GET\`, \`EXAT\` and \`PXAT\` option. | 7.0.0 Allowed the \`NX\` and \`GET\` options to be used together. | 8.4.0 Added 'IFEQ', 'IFNE', 'IFDEQ', 'IFDNE' options.
setbit	key#0 offset:integer value:integer	O(1)
setex	key#0 seconds:integer value	O(1)	deprecated	2.6.12	\`SET\` with the \`EX\` argument
setnx	key#0 value	O(1)	deprecated	2.6.12	\`SET\` with the \`NX\` argument
setrange	key#0 offset:integer value	O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.
shutdown	save-selector<'NOSAVE'|'SAVE'>? 'NOW'@7.0.0? 'FORCE'@7.0.0? 'ABORT'@7.0.0?	O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)				7.0.0 Added the \`NOW\`, \`FORCE\` and \`ABORT\` modifiers.
sinter	key#0*	O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
sintercard	numkeys:integer key#0* 'LIMIT'limit:integer?	O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
sinterstore	destination#0 key#1*	O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
sismember	key#0 member	O(1)
slaveof	args<host-port(host port:integer)|no-one('NO' 'ONE')>	O(1)	deprecated	5.0.0	\`REPLICAOF\`
slowlog		Depends on subcommand.
slowlog|get	count:integer?	O(N) where N is the number of entries returned				4.0.0 Added client IP address, port and name to the reply.
slowlog|help		O(1)
slowlog|len		O(1)
slowlog|reset		O(N) where N is the number of entries in the slowlog
smembers	key#0	O(N) where N is the set cardinality.
smismember	key#0 member*	O(N) where N is the number of elements being checked for membership
smove	source#0 destination#1 member	O(1)
sort	key#0 'BY'by-pattern:pattern=pattern#1? 'LIMIT'limit(offset:integer count:integer)? 'GET'get-pattern:pattern=pattern#1?*+ order<'ASC'|'DESC'>? 'ALPHA'sorting:pure-token? 'STORE'destination#2?	O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).
sort_ro	key#0 'BY'by-pattern:pattern=pattern#1? 'LIMIT'limit(offset:integer count:integer)? 'GET'get-pattern:pattern=pattern#1?*+ order<'ASC'|'DESC'>? 'ALPHA'sorting:pure-token?	O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).
spop	key#0 count:integer@3.2.0?	Without the count argument O(1), otherwise O(N) where N is the value of the passed count.				3.2.0 Added the \`count\` argument.
spublish	shardchannel message	O(N) where N is the number of clients subscribed to the receiving shard channel.
srandmember	key#0 count:integer@2.6.0?	Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.				2.6.0 Added the optional \`count\` argument.
srem	key#0 member*	O(N) where N is the number of members to be removed.				2.4.0 Accepts multiple \`member\` arguments.
sscan	key#0 cursor:integer 'MATCH'pattern:pattern? 'COUNT'count:integer?	O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
ssubscribe	shardchannel*	O(N) where N is the number of shard channels to subscribe to.
strlen	key#0	O(1)
subscribe	channel*	O(N) where N is the number of channels to subscribe to.
substr	key#0 start:integer end:integer	O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.	deprecated	2.0.0	\`GETRANGE\`
sunion	key#0*	O(N) where N is the total number of elements in all given sets.
sunionstore	destination#0 key#1*	O(N) where N is the total number of elements in all given sets.
sunsubscribe	shardchannel?*	O(N) where N is the number of shard channels to unsubscribe.
swapdb	index1:integer index2:integer	O(N) where N is the count of clients watching or blocking on keys from both databases.
sync
time		O(1)
touch	key#0*	O(N) where N is the number of keys that will be touched.
trimslots	'RANGES'ranges(numranges:integer slots(startslot:integer endslot:integer)*)	O(N) where N is the total number of keys in all databases
ttl	key#0	O(1)				2.8.0 Added the -2 reply.
type	key#0	O(1)
unlink	key#0*	O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.
unsubscribe	channel?*	O(N) where N is the number of channels to unsubscribe.
unwatch		O(1)
wait	numreplicas:integer timeout:integer	O(1)
waitaof	numlocal:integer numreplicas:integer timeout:integer	O(1)
watch	key#0*	O(1) for every key.
xack	key#0 group id*	O(1) for each message ID processed.
xackdel	key#0 group condition<'KEEPREF'|'DELREF'|'ACKED'>? 'IDS'ids(numids:integer id*)	O(1) for each message ID processed.
xadd	key#0 'NOMKSTREAM'@6.2.0? condition<'KEEPREF'|'DELREF'|'ACKED'>? idmp<idmpauto-with-pid('IDMPAUTO'idmpauto-token:pure-token pid)|idmp-with-pid-iid('IDMP'idmp-token:pure-token pid iid)>? trim(strategy<'MAXLEN'|'MINID'@6.2.0> operator<'='equal:pure-token|'~'approximately:pure-token>? threshold 'LIMIT'count:integer@6.2.0?)? id-selector<'*'auto-id:pure-token|id> data(field value)*	O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.				6.2.0 Added the \`NOMKSTREAM\` option, \`MINID\` trimming strategy and the \`LIMIT\` option. | 7.0.0 Added support for the \`<ms>-*\` explicit ID form. | 8.2.0 Added the \`KEEPREF\`, \`DELREF\` and \`ACKED\` options.
xautoclaim	key#0 group consumer min-idle-time start 'COUNT'count:integer? 'JUSTID'?	O(1) if COUNT is small.				7.0.0 Added an element to the reply array, containing deleted entries the command cleared from the PEL
xcfgset	key#0 idmp-duration-block('IDMP-DURATION'idmp-duration-token:pure-token duration:integer)? idmp-maxsize-block('IDMP-MAXSIZE'idmp-maxsize-token:pure-token maxsize:integer)?	O(1)
xclaim	key#0 group consumer min-idle-time id* 'IDLE'ms:integer? 'TIME'unix-time-milliseconds:unix-time? 'RETRYCOUNT'count:integer? 'FORCE'? 'JUSTID'? 'LASTID'lastid?	O(log N) with N being the number of messages in the PEL of the consumer group.
xdel	key#0 id*	O(1) for each single item to delete in the stream, regardless of the stream size.
xdelex	key#0 condition<'KEEPREF'|'DELREF'|'ACKED'>? 'IDS'ids(numids:integer id*)	O(1) for each single item to delete in the stream, regardless of the stream size.
xgroup		Depends on subcommand.
xgroup|create	key#0 group id-selector<id|'\$'new-id:pure-token> 'MKSTREAM'? 'ENTRIESREAD'entriesread:integer=entries-read?	O(1)				7.0.0 Added the \`entries_read\` named argument.
xgroup|createconsumer	key#0 group consumer	O(1)
xgroup|delconsumer	key#0 group consumer	O(1)
xgroup|destroy	key#0 group	O(N) where N is the number of entries in the group's pending entries list (PEL).
xgroup|help		O(1)
xgroup|setid	key#0 group id-selector<id|'\$'new-id:pure-token> 'ENTRIESREAD'entriesread:integer=entries-read?	O(1)				7.0.0 Added the optional \`entries_read\` argument.
xidmprecord	key#0 pid iid stream-id	O(1)
xinfo		Depends on subcommand.
xinfo|consumers	key#0 group	O(1)				7.2.0 Added the \`inactive\` field, and changed the meaning of \`idle\`.
xinfo|groups	key#0	O(1)				7.0.0 Added the \`entries-read\` and \`lag\` fields
xinfo|help		O(1)
xinfo|stream	key#0 full-block('FULL' 'COUNT'count:integer?)?	O(1)				6.0.0 Added the \`FULL\` modifier. | 7.0.0 Added the \`max-deleted-entry-id\`, \`entries-added\`, \`recorded-first-entry-id\`, \`entries-read\` and \`lag\` fields | 7.2.0 Added the \`active-time\` field, and changed the meaning of \`seen-time\`. | 8.6.0 Added the \`idmp-duration\`, \`idmp-maxsize\`, \`pids-tracked\`, \`iids-tracked\`, \`iids-added\` and \`iids-duplicates\` fields for IDMP tracking.
xlen	key#0	O(1)
xpending	key#0 group filters('IDLE'min-idle-time:integer@6.2.0? start end count:integer consumer?)?	O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.				6.2.0 Added the \`IDLE\` option and exclusive range intervals.
xrange	key#0 start end 'COUNT'count:integer?	O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).				6.2.0 Added exclusive ranges.
xread	'COUNT'count:integer? 'BLOCK'milliseconds:integer? 'STREAMS'streams(key#0* id*)
xreadgroup	'GROUP'group-block(group consumer) 'COUNT'count:integer? 'BLOCK'milliseconds:integer? 'CLAIM'min-idle-time:integer? 'NOACK'? 'STREAMS'streams(key#0* id*)	For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.
xrevrange	key#0 end start 'COUNT'count:integer?	O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).				6.2.0 Added exclusive ranges.
xsetid	key#0 last-id 'ENTRIESADDED'entries-added:integer@7.0.0? 'MAXDELETEDID'max-deleted-id@7.0.0?	O(1)				7.0.0 Added the \`entries_added\` and \`max_deleted_entry_id\` arguments.
xtrim	key#0 trim(strategy<'MAXLEN'|'MINID'@6.2.0> operator<'='equal:pure-token|'~'approximately:pure-token>? threshold 'LIMIT'count:integer@6.2.0? condition<'KEEPREF'|'DELREF'|'ACKED'>?)	O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.				6.2.0 Added the \`MINID\` trimming strategy and the \`LIMIT\` option. | 8.2.0 Added the \`KEEPREF\`, \`DELREF\` and \`ACKED\` options.
zadd	key#0 condition@3.0.2<'NX'|'XX'>? comparison@6.2.0<'GT'|'LT'>? 'CH'change:pure-token@3.0.2? 'INCR'increment:pure-token@3.0.2? data(score:double member)*	O(log(N)) for each item added, where N is the number of elements in the sorted set.				2.4.0 Accepts multiple elements. | 3.0.2 Added the \`XX\`, \`NX\`, \`CH\` and \`INCR\` options. | 6.2.0 Added the \`GT\` and \`LT\` options.
zcard	key#0	O(1)
zcount	key#0 min:double max:double	O(log(N)) with N being the number of elements in the sorted set.
zdiff	numkeys:integer key#0* 'WITHSCORES'?	O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.
zdiffstore	destination#0 numkeys:integer key#1*	O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.
zincrby	key#0 increment:integer member	O(log(N)) where N is the number of elements in the sorted set.
zinter	numkeys:integer key#0* 'WEIGHTS'weight:integer?* 'AGGREGATE'aggregate<'SUM'|'MIN'|'MAX'>? 'WITHSCORES'?	O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.
zintercard	numkeys:integer key#0* 'LIMIT'limit:integer?	O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.
zinterstore	destination#0 numkeys:integer key#1* 'WEIGHTS'weight:integer?* 'AGGREGATE'aggregate<'SUM'|'MIN'|'MAX'>?	O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.
zlexcount	key#0 min max	O(log(N)) with N being the number of elements in the sorted set.
zmpop	numkeys:integer key#0* where<'MIN'|'MAX'> 'COUNT'count:integer?	O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.
zmscore	key#0 member*	O(N) where N is the number of members being requested.
zpopmax	key#0 count:integer?	O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.
zpopmin	key#0 count:integer?	O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.
zrandmember	key#0 options(count:integer 'WITHSCORES'?)?	O(N) where N is the number of members returned
zrange	key#0 start stop sortby@6.2.0<'BYSCORE'|'BYLEX'>? 'REV'@6.2.0? 'LIMIT'limit@6.2.0(offset:integer count:integer)? 'WITHSCORES'?	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.				6.2.0 Added the \`REV\`, \`BYSCORE\`, \`BYLEX\` and \`LIMIT\` options.
zrangebylex	key#0 min max 'LIMIT'limit(offset:integer count:integer)?	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).	deprecated	6.2.0	\`ZRANGE\` with the \`BYLEX\` argument
zrangebyscore	key#0 min:double max:double 'WITHSCORES'@2.0.0? 'LIMIT'limit(offset:integer count:integer)?	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).	deprecated	6.2.0	\`ZRANGE\` with the \`BYSCORE\` argument	2.0.0 Added the \`WITHSCORES\` modifier.
zrangestore	dst#0 src#1 min max sortby<'BYSCORE'|'BYLEX'>? 'REV'? 'LIMIT'limit(offset:integer count:integer)?	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.
zrank	key#0 member 'WITHSCORE'?	O(log(N))				7.2.0 Added the optional \`WITHSCORE\` argument.
zrem	key#0 member*	O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.				2.4.0 Accepts multiple elements.
zremrangebylex	key#0 min max	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.
zremrangebyrank	key#0 start:integer stop:integer	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.
zremrangebyscore	key#0 min:double max:double	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.
zrevrange	key#0 start:integer stop:integer 'WITHSCORES'?	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.	deprecated	6.2.0	\`ZRANGE\` with the \`REV\` argument
zrevrangebylex	key#0 max min 'LIMIT'limit(offset:integer count:integer)?	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).	deprecated	6.2.0	\`ZRANGE\` with the \`REV\` and \`BYLEX\` arguments
zrevrangebyscore	key#0 max:double min:double 'WITHSCORES'? 'LIMIT'limit(offset:integer count:integer)?	O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).	deprecated	6.2.0	\`ZRANGE\` with the \`REV\` and \`BYSCORE\` arguments	2.1.6 \`min\` and \`max\` can be exclusive.
zrevrank	key#0 member 'WITHSCORE'?	O(log(N))				7.2.0 Added the optional \`WITHSCORE\` argument.
zscan	key#0 cursor:integer 'MATCH'pattern:pattern? 'COUNT'count:integer?	O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
zscore	key#0 member	O(1)
zunion	numkeys:integer key#0* 'WEIGHTS'weight:integer?* 'AGGREGATE'aggregate<'SUM'|'MIN'|'MAX'>? 'WITHSCORES'?	O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.
zunionstore	destination#0 numkeys:integer key#1* 'WEIGHTS'weight:integer?* 'AGGREGATE'aggregate<'SUM'|'MIN'|'MAX'>?	O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.`;
