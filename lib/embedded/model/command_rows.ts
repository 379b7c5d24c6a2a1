/**
 * The commands of Redis, as it tells of them itself.
 *
 * Made by `deno task table` from tests/commands/table/commands.tsv.
 *
 * @module
 */

/** A line for each command, in the columns of the table without `from`. */
export const COMMAND_ROWS = `
ACL	-2		slow		6.0.0		server	A container for Access List Control commands.
ACL|CAT	-2	noscript loading stale	slow		6.0.0		server	Lists the ACL categories, or the commands inside a category.
ACL|DELUSER	-3	admin noscript loading stale	admin slow dangerous		6.0.0	request_policy:all_nodes response_policy:all_succeeded	server	Deletes ACL users, and terminates their connections.
ACL|DRYRUN	-4	admin noscript loading stale	admin slow dangerous		7.0.0		server	Simulates the execution of a command by a user, without executing the command.
ACL|GENPASS	-2	noscript loading stale	slow		6.0.0		server	Generates a pseudorandom, secure password that can be used to identify ACL users.
ACL|GETUSER	3	admin noscript loading stale	admin slow dangerous		6.0.0		server	Lists the ACL rules of a user.
ACL|HELP	2	loading stale	slow		6.0.0		server	Returns helpful text about the different subcommands.
ACL|LIST	2	admin noscript loading stale	admin slow dangerous		6.0.0		server	Dumps the effective rules in ACL file format.
ACL|LOAD	2	admin noscript loading stale	admin slow dangerous		6.0.0		server	Reloads the rules from the configured ACL file.
ACL|LOG	-2	admin noscript loading stale	admin slow dangerous		6.0.0		server	Lists recent security events generated due to ACL rules.
ACL|SAVE	2	admin noscript loading stale	admin slow dangerous		6.0.0	request_policy:all_nodes response_policy:all_succeeded	server	Saves the effective ACL rules in the configured ACL file.
ACL|SETUSER	-3	admin noscript loading stale	admin slow dangerous		6.0.0	request_policy:all_nodes response_policy:all_succeeded	server	Creates and modifies an ACL user and its rules.
ACL|USERS	2	admin noscript loading stale	admin slow dangerous		6.0.0		server	Lists all ACL users.
ACL|WHOAMI	2	noscript loading stale	slow		6.0.0		server	Returns the authenticated username of the current connection.
APPEND	3	write denyoom fast	write string fast	RW insert@1:0,1,0	2.0.0		string	Appends a string to the value of a key. Creates the key if it doesn't exist.
ASKING	1	fast	fast connection		3.0.0		cluster	Signals that a cluster client is following an -ASK redirect.
AUTH	-2	noscript loading stale fast no_auth allow_busy	fast connection		1.0.0		connection	Authenticates the connection.
BGREWRITEAOF	1	admin noscript no_async_loading	admin slow dangerous		1.0.0		server	Asynchronously rewrites the append-only file to disk.
BGSAVE	-1	admin noscript no_async_loading	admin slow dangerous		1.0.0		server	Asynchronously saves the database(s) to disk.
BITCOUNT	-2	readonly	read bitmap slow	RO access@1:0,1,0	2.6.0		bitmap	Counts the number of set bits (population counting) in a string.
BITFIELD	-2	write denyoom	write bitmap slow	RW access update variable_flags@1:0,1,0 (This command allows both access and modification of the key)	3.2.0		bitmap	Performs arbitrary bitfield integer operations on strings.
BITFIELD_RO	-2	readonly fast	read bitmap fast	RO access@1:0,1,0	6.0.0		bitmap	Performs arbitrary read-only bitfield integer operations on strings.
BITOP	-4	write denyoom	write bitmap slow	OW update@2:0,1,0; RO access@3:-1,1,0	2.6.0		bitmap	Performs bitwise operations on multiple strings, and stores the result.
BITPOS	-3	readonly	read bitmap slow	RO access@1:0,1,0	2.8.7		bitmap	Finds the first set (1) or clear (0) bit in a string.
BLMOVE	6	write denyoom blocking	write list slow blocking	RW access delete@1:0,1,0; RW insert@2:0,1,0	6.2.0		list	Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.
BLMPOP	-5	write blocking movablekeys	write list slow blocking	RW access delete@2:#0,1,1	7.0.0		list	Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
BLPOP	-3	write blocking	write list slow blocking	RW access delete@1:-2,1,0	2.0.0		list	Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
BRPOP	-3	write blocking	write list slow blocking	RW access delete@1:-2,1,0	2.0.0		list	Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
BRPOPLPUSH	4	write denyoom blocking	write list slow blocking	RW access delete@1:0,1,0; RW insert@2:0,1,0	2.2.0		list	Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.
BZMPOP	-5	write blocking movablekeys	write sortedset slow blocking	RW access delete@2:#0,1,1	7.0.0		sorted-set	Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.
BZPOPMAX	-3	write blocking fast	write sortedset fast blocking	RW access delete@1:-2,1,0	5.0.0		sorted-set	Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member available otherwise.  Deletes the sorted set if the last element was popped.
BZPOPMIN	-3	write blocking fast	write sortedset fast blocking	RW access delete@1:-2,1,0	5.0.0		sorted-set	Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.
CLIENT	-2		slow		2.4.0		connection	A container for client connection commands.
CLIENT|CACHING	3	noscript loading stale	slow connection		6.0.0		connection	Instructs the server whether to track the keys in the next request.
CLIENT|GETNAME	2	noscript loading stale	slow connection		2.6.9		connection	Returns the name of the connection.
CLIENT|GETREDIR	2	noscript loading stale	slow connection		6.0.0		connection	Returns the client ID to which the connection's tracking notifications are redirected.
CLIENT|HELP	2	loading stale	slow connection		5.0.0		connection	Returns helpful text about the different subcommands.
CLIENT|ID	2	noscript loading stale	slow connection		5.0.0		connection	Returns the unique client ID of the connection.
CLIENT|INFO	2	noscript loading stale	slow connection		6.2.0	nondeterministic_output	connection	Returns information about the connection.
CLIENT|KILL	-3	admin noscript loading stale	admin slow dangerous connection		2.4.0		connection	Terminates open connections.
CLIENT|LIST	-2	admin noscript loading stale	admin slow dangerous connection		2.4.0	nondeterministic_output	connection	Lists open connections.
CLIENT|NO-EVICT	3	admin noscript loading stale	admin slow dangerous connection		7.0.0		connection	Sets the client eviction mode of the connection.
CLIENT|NO-TOUCH	3	noscript loading stale	slow connection		7.2.0		connection	Controls whether commands sent by the client affect the LRU/LFU of accessed keys.
CLIENT|PAUSE	-3	admin noscript loading stale	admin slow dangerous connection		3.0.0		connection	Suspends commands processing.
CLIENT|REPLY	3	noscript loading stale	slow connection		3.2.0		connection	Instructs the server whether to reply to commands.
CLIENT|SETINFO	4	noscript loading stale	slow connection		7.2.0	request_policy:all_nodes response_policy:all_succeeded	connection	Sets information specific to the client or connection.
CLIENT|SETNAME	3	noscript loading stale	slow connection		2.6.9	request_policy:all_nodes response_policy:all_succeeded	connection	Sets the connection name.
CLIENT|TRACKING	-3	noscript loading stale	slow connection		6.0.0		connection	Controls server-assisted client-side caching for the connection.
CLIENT|TRACKINGINFO	2	noscript loading stale	slow connection		6.2.0		connection	Returns information about server-assisted client-side caching for the connection.
CLIENT|UNBLOCK	-3	admin noscript loading stale	admin slow dangerous connection		5.0.0		connection	Unblocks a client blocked by a blocking command from a different connection.
CLIENT|UNPAUSE	2	admin noscript loading stale	admin slow dangerous connection		6.2.0		connection	Resumes processing commands from paused clients.
CLUSTER	-2		slow		3.0.0		cluster	A container for Redis Cluster commands.
CLUSTER|ADDSLOTS	-3	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Assigns new hash slots to a node.
CLUSTER|ADDSLOTSRANGE	-4	admin stale no_async_loading	admin slow dangerous		7.0.0		cluster	Assigns new hash slot ranges to a node.
CLUSTER|BUMPEPOCH	2	admin stale no_async_loading	admin slow dangerous		3.0.0	nondeterministic_output	cluster	Advances the cluster config epoch.
CLUSTER|COUNT-FAILURE-REPORTS	3	admin stale	admin slow dangerous		3.0.0	nondeterministic_output	cluster	Returns the number of active failure reports active for a node.
CLUSTER|COUNTKEYSINSLOT	3	stale	slow		3.0.0		cluster	Returns the number of keys in a hash slot.
CLUSTER|DELSLOTS	-3	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Sets hash slots as unbound for a node.
CLUSTER|DELSLOTSRANGE	-4	admin stale no_async_loading	admin slow dangerous		7.0.0		cluster	Sets hash slot ranges as unbound for a node.
CLUSTER|FAILOVER	-2	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Forces a replica to perform a manual failover of its master.
CLUSTER|FLUSHSLOTS	2	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Deletes all slots information from a node.
CLUSTER|FORGET	3	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Removes a node from the nodes table.
CLUSTER|GETKEYSINSLOT	4	stale	slow		3.0.0	nondeterministic_output	cluster	Returns the key names in a hash slot.
CLUSTER|HELP	2	loading stale	slow		5.0.0		cluster	Returns helpful text about the different subcommands.
CLUSTER|INFO	2	stale	slow		3.0.0	nondeterministic_output	cluster	Returns information about the state of a node.
CLUSTER|KEYSLOT	3	stale	slow		3.0.0		cluster	Returns the hash slot for a key.
CLUSTER|LINKS	2	stale	slow		7.0.0	nondeterministic_output	cluster	Returns a list of all TCP links to and from peer nodes.
CLUSTER|MEET	-4	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Forces a node to handshake with another node.
CLUSTER|MIGRATION	-4	admin stale no_async_loading	admin slow dangerous		8.4.0		cluster	Start, monitor and cancel slot migration.
CLUSTER|MYID	2	stale	slow		3.0.0		cluster	Returns the ID of a node.
CLUSTER|MYSHARDID	2	stale	slow		7.2.0	nondeterministic_output	cluster	Returns the shard ID of a node.
CLUSTER|NODES	2	stale	slow		3.0.0	nondeterministic_output	cluster	Returns the cluster configuration for a node.
CLUSTER|REPLICAS	3	admin stale	admin slow dangerous		5.0.0	nondeterministic_output	cluster	Lists the replica nodes of a master node.
CLUSTER|REPLICATE	3	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Configure a node as replica of a master node.
CLUSTER|RESET	-2	admin noscript stale	admin slow dangerous		3.0.0		cluster	Resets a node.
CLUSTER|SAVECONFIG	2	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Forces a node to save the cluster configuration to disk.
CLUSTER|SET-CONFIG-EPOCH	3	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Sets the configuration epoch for a new node.
CLUSTER|SETSLOT	-4	admin stale no_async_loading	admin slow dangerous		3.0.0		cluster	Binds a hash slot to a node.
CLUSTER|SHARDS	2	loading stale	slow		7.0.0	nondeterministic_output	cluster	Returns the mapping of cluster slots to shards.
CLUSTER|SLAVES	3	admin stale	admin slow dangerous		3.0.0	nondeterministic_output	cluster	Lists the replica nodes of a master node.
CLUSTER|SLOT-STATS	-4	loading stale	slow		8.2.0	nondeterministic_output request_policy:all_shards	cluster	Return an array of slot usage statistics for slots assigned to the current node.
CLUSTER|SLOTS	2	loading stale	slow		3.0.0	nondeterministic_output	cluster	Returns the mapping of cluster slots to nodes.
CLUSTER|SYNCSLOTS	-3	admin stale no_async_loading	admin slow dangerous		8.4.0	nondeterministic_output	cluster	Internal command for atomic slot migration protocol between cluster nodes.
COMMAND	-1	loading stale	slow connection		2.8.13	nondeterministic_output_order	server	Returns detailed information about all commands.
COMMAND|COUNT	2	loading stale	slow connection		2.8.13		server	Returns a count of commands.
COMMAND|DOCS	-2	loading stale	slow connection		7.0.0	nondeterministic_output_order	server	Returns documentary information about one, multiple or all commands.
COMMAND|GETKEYS	-3	loading stale	slow connection		2.8.13		server	Extracts the key names from an arbitrary command.
COMMAND|GETKEYSANDFLAGS	-3	loading stale	slow connection		7.0.0		server	Extracts the key names and access flags for an arbitrary command.
COMMAND|HELP	2	loading stale	slow connection		5.0.0		server	Returns helpful text about the different subcommands.
COMMAND|INFO	-2	loading stale	slow connection		2.8.13	nondeterministic_output_order	server	Returns information about one, multiple or all commands.
COMMAND|LIST	-2	loading stale	slow connection		7.0.0	nondeterministic_output_order	server	Returns a list of command names.
CONFIG	-2		slow		2.0.0		server	A container for server configuration commands.
CONFIG|GET	-3	admin noscript loading stale	admin slow dangerous		2.0.0		server	Returns the effective values of configuration parameters.
CONFIG|HELP	2	loading stale	slow		5.0.0		server	Returns helpful text about the different subcommands.
CONFIG|RESETSTAT	2	admin noscript loading stale	admin slow dangerous		2.0.0	request_policy:all_nodes response_policy:all_succeeded	server	Resets the server's statistics.
CONFIG|REWRITE	2	admin noscript loading stale	admin slow dangerous		2.8.0	request_policy:all_nodes response_policy:all_succeeded	server	Persists the effective configuration to file.
CONFIG|SET	-4	admin noscript loading stale	admin slow dangerous		2.0.0	request_policy:all_nodes response_policy:all_succeeded	server	Sets configuration parameters in-flight.
COPY	-3	write denyoom	keyspace write slow	RO access@1:0,1,0; OW update@2:0,1,0	6.2.0		generic	Copies the value of a key to a new key.
DBSIZE	1	readonly fast	keyspace read fast		1.0.0	request_policy:all_shards response_policy:agg_sum	server	Returns the number of keys in the database.
DEBUG	-2	admin noscript loading stale	admin slow dangerous		1.0.0		server	A container for debugging commands.
DECR	2	write denyoom fast	write string fast	RW access update@1:0,1,0	1.0.0		string	Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.
DECRBY	3	write denyoom fast	write string fast	RW access update@1:0,1,0	1.0.0		string	Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't exist.
DEL	-2	write	keyspace write slow	RM delete@1:-1,1,0	1.0.0	request_policy:multi_shard response_policy:agg_sum	generic	Deletes one or more keys.
DELEX	-2	write fast	write string fast	RW delete variable_flags@1:0,1,0	8.4.0		string	Conditionally removes the specified key based on value or digest comparison.
DIGEST	2	readonly fast	read string fast	RO access@1:0,1,0	8.4.0		string	Returns the XXH3 hash of a string value.
DISCARD	1	noscript loading stale fast allow_busy	fast transaction		2.0.0		transactions	Discards a transaction.
DUMP	2	readonly	keyspace read slow	RO access@1:0,1,0	2.6.0	nondeterministic_output	generic	Returns a serialized representation of the value stored at a key.
ECHO	2	loading stale fast	fast connection		1.0.0		connection	Returns the given string.
EVAL	-3	noscript stale skip_monitor no_mandatory_keys movablekeys	slow scripting	RW access update@2:#0,1,1 (We cannot tell how the keys will be used so we assume the worst, RW and UPDATE)	2.6.0		scripting	Executes a server-side Lua script.
EVALSHA	-3	noscript stale skip_monitor no_mandatory_keys movablekeys	slow scripting	RW access update@2:#0,1,1	2.6.0		scripting	Executes a server-side Lua script by SHA1 digest.
EVALSHA_RO	-3	readonly noscript stale skip_monitor no_mandatory_keys movablekeys	slow scripting	RO access@2:#0,1,1	7.0.0		scripting	Executes a read-only server-side Lua script by SHA1 digest.
EVAL_RO	-3	readonly noscript stale skip_monitor no_mandatory_keys movablekeys	slow scripting	RO access@2:#0,1,1 (We cannot tell how the keys will be used so we assume the worst, RO and ACCESS)	7.0.0		scripting	Executes a read-only server-side Lua script.
EXEC	1	noscript loading stale skip_slowlog	slow transaction		1.2.0		transactions	Executes all commands in a transaction.
EXISTS	-2	readonly fast	keyspace read fast	RO@1:-1,1,0	1.0.0	request_policy:multi_shard response_policy:agg_sum	generic	Determines whether one or more keys exist.
EXPIRE	-3	write fast	keyspace write fast	RW update@1:0,1,0	1.0.0		generic	Sets the expiration time of a key in seconds.
EXPIREAT	-3	write fast	keyspace write fast	RW update@1:0,1,0	1.2.0		generic	Sets the expiration time of a key to a Unix timestamp.
EXPIRETIME	2	readonly fast	keyspace read fast	RO access@1:0,1,0	7.0.0		generic	Returns the expiration time of a key as a Unix timestamp.
FAILOVER	-1	admin noscript stale	admin slow dangerous		6.2.0		server	Starts a coordinated failover from a server to one of its replicas.
FCALL	-3	noscript stale skip_monitor no_mandatory_keys movablekeys	slow scripting	RW access update@2:#0,1,1 (We cannot tell how the keys will be used so we assume the worst, RW and UPDATE)	7.0.0		scripting	Invokes a function.
FCALL_RO	-3	readonly noscript stale skip_monitor no_mandatory_keys movablekeys	slow scripting	RO access@2:#0,1,1 (We cannot tell how the keys will be used so we assume the worst, RO and ACCESS)	7.0.0		scripting	Invokes a read-only function.
FLUSHALL	-1	write	keyspace write slow dangerous		1.0.0	request_policy:all_shards response_policy:all_succeeded	server	Removes all keys from all databases.
FLUSHDB	-1	write	keyspace write slow dangerous		1.0.0	request_policy:all_shards response_policy:all_succeeded	server	Remove all keys from the current database.
FUNCTION	-2		slow		7.0.0		scripting	A container for function commands.
FUNCTION|DELETE	3	write noscript	write slow scripting		7.0.0	request_policy:all_shards response_policy:all_succeeded	scripting	Deletes a library and its functions.
FUNCTION|DUMP	2	noscript	slow scripting		7.0.0		scripting	Dumps all libraries into a serialized binary payload.
FUNCTION|FLUSH	-2	write noscript	write slow scripting		7.0.0	request_policy:all_shards response_policy:all_succeeded	scripting	Deletes all libraries and functions.
FUNCTION|HELP	2	loading stale	slow scripting		7.0.0		scripting	Returns helpful text about the different subcommands.
FUNCTION|KILL	2	noscript allow_busy	slow scripting		7.0.0	request_policy:all_shards response_policy:one_succeeded	scripting	Terminates a function during execution.
FUNCTION|LIST	-2	noscript	slow scripting		7.0.0	nondeterministic_output_order	scripting	Returns information about all libraries.
FUNCTION|LOAD	-3	write denyoom noscript	write slow scripting		7.0.0	request_policy:all_shards response_policy:all_succeeded	scripting	Creates a library.
FUNCTION|RESTORE	-3	write denyoom noscript	write slow scripting		7.0.0	request_policy:all_shards response_policy:all_succeeded	scripting	Restores all libraries from a payload.
FUNCTION|STATS	2	noscript allow_busy	slow scripting		7.0.0	nondeterministic_output request_policy:all_shards response_policy:special	scripting	Returns information about a function during execution.
GEOADD	-5	write denyoom	write geo slow	RW update@1:0,1,0	3.2.0		geo	Adds one or more members to a geospatial index. The key is created if it doesn't exist.
GEODIST	-4	readonly	read geo slow	RO access@1:0,1,0	3.2.0		geo	Returns the distance between two members of a geospatial index.
GEOHASH	-2	readonly	read geo slow	RO access@1:0,1,0	3.2.0		geo	Returns members from a geospatial index as geohash strings.
GEOPOS	-2	readonly	read geo slow	RO access@1:0,1,0	3.2.0		geo	Returns the longitude and latitude of members from a geospatial index.
GEORADIUS	-6	write denyoom movablekeys	write geo slow	RO access@1:0,1,0; OW update@STORE 6:0,1,0; OW update@STOREDIST 6:0,1,0	3.2.0		geo	Queries a geospatial index for members within a distance from a coordinate, optionally stores the result.
GEORADIUSBYMEMBER	-5	write denyoom movablekeys	write geo slow	RO access@1:0,1,0; OW update@STORE 5:0,1,0; OW update@STOREDIST 5:0,1,0	3.2.0		geo	Queries a geospatial index for members within a distance from a member, optionally stores the result.
GEORADIUSBYMEMBER_RO	-5	readonly	read geo slow	RO access@1:0,1,0	3.2.10		geo	Returns members from a geospatial index that are within a distance from a member.
GEORADIUS_RO	-6	readonly	read geo slow	RO access@1:0,1,0	3.2.10		geo	Returns members from a geospatial index that are within a distance from a coordinate.
GEOSEARCH	-7	readonly	read geo slow	RO access@1:0,1,0	6.2.0		geo	Queries a geospatial index for members inside an area of a box or a circle.
GEOSEARCHSTORE	-8	write denyoom	write geo slow	OW update@1:0,1,0; RO access@2:0,1,0	6.2.0		geo	Queries a geospatial index for members inside an area of a box or a circle, optionally stores the result.
GET	2	readonly fast	read string fast	RO access@1:0,1,0	1.0.0		string	Returns the string value of a key.
GETBIT	3	readonly fast	read bitmap fast	RO access@1:0,1,0	2.2.0		bitmap	Returns a bit value by offset.
GETDEL	2	write fast	write string fast	RW access delete@1:0,1,0	6.2.0		string	Returns the string value of a key after deleting the key.
GETEX	-2	write fast	write string fast	RW access update@1:0,1,0 (RW and UPDATE because it changes the TTL)	6.2.0		string	Returns the string value of a key after setting its expiration time.
GETRANGE	4	readonly	read string slow	RO access@1:0,1,0	2.4.0		string	Returns a substring of the string stored at a key.
GETSET	3	write denyoom fast	write string fast	RW access update@1:0,1,0	1.0.0		string	Returns the previous string value of a key after setting it to a new value.
HDEL	-3	write fast	write hash fast	RW delete@1:0,1,0	2.0.0		hash	Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.
HELLO	-1	noscript loading stale fast no_auth allow_busy	fast connection		6.0.0		connection	Handshakes with the Redis server.
HEXISTS	3	readonly fast	read hash fast	RO@1:0,1,0	2.0.0		hash	Determines whether a field exists in a hash.
HEXPIRE	-6	write fast	write hash fast	RW update@1:0,1,0	7.4.0		hash	Set expiry for hash field using relative time to expire (seconds)
HEXPIREAT	-6	write fast	write hash fast	RW update@1:0,1,0	7.4.0		hash	Set expiry for hash field using an absolute Unix timestamp (seconds)
HEXPIRETIME	-5	readonly fast	read hash fast	RO access@1:0,1,0	7.4.0		hash	Returns the expiration time of a hash field as a Unix timestamp, in seconds.
HGET	3	readonly fast	read hash fast	RO access@1:0,1,0	2.0.0		hash	Returns the value of a field in a hash.
HGETALL	2	readonly	read hash slow	RO access@1:0,1,0	2.0.0	nondeterministic_output_order	hash	Returns all fields and values in a hash.
HGETDEL	-5	write fast	write hash fast	RW access delete@1:0,1,0	8.0.0		hash	Returns the value of a field and deletes it from the hash.
HGETEX	-5	write fast	write hash fast	RW access update@1:0,1,0 (RW and UPDATE because it changes the TTL)	8.0.0		hash	Get the value of one or more fields of a given hash key, and optionally set their expiration.
HINCRBY	4	write denyoom fast	write hash fast	RW access update@1:0,1,0	2.0.0		hash	Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.
HINCRBYFLOAT	4	write denyoom fast	write hash fast	RW access update@1:0,1,0	2.6.0		hash	Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.
HKEYS	2	readonly	read hash slow	RO access@1:0,1,0	2.0.0	nondeterministic_output_order	hash	Returns all fields in a hash.
HLEN	2	readonly fast	read hash fast	RO@1:0,1,0	2.0.0		hash	Returns the number of fields in a hash.
HMGET	-3	readonly fast	read hash fast	RO access@1:0,1,0	2.0.0		hash	Returns the values of all fields in a hash.
HMSET	-4	write denyoom fast	write hash fast	RW update@1:0,1,0	2.0.0		hash	Sets the values of multiple fields.
HOTKEYS	-2		slow		8.6.0		server	A container for hotkeys tracking commands.
HOTKEYS|GET	2	admin noscript	admin slow dangerous		8.6.0	nondeterministic_output request_policy:special response_policy:special	server	Returns lists of top K hotkeys depending on metrics chosen in HOTKEYS START command.
HOTKEYS|HELP	2	loading stale	slow		8.6.1		server	Return helpful text about HOTKEYS command parameters.
HOTKEYS|RESET	2	admin noscript	admin slow dangerous		8.6.0	request_policy:special	server	Release the resources used for hotkey tracking.
HOTKEYS|START	-2	admin noscript	admin slow dangerous		8.6.0	request_policy:special	server	Starts hotkeys tracking.
HOTKEYS|STOP	2	admin noscript	admin slow dangerous		8.6.0	request_policy:special	server	Stops hotkeys tracking.
HPERSIST	-5	write fast	write hash fast	RW update@1:0,1,0	7.4.0		hash	Removes the expiration time for each specified field
HPEXPIRE	-6	write fast	write hash fast	RW update@1:0,1,0	7.4.0		hash	Set expiry for hash field using relative time to expire (milliseconds)
HPEXPIREAT	-6	write fast	write hash fast	RW update@1:0,1,0	7.4.0		hash	Set expiry for hash field using an absolute Unix timestamp (milliseconds)
HPEXPIRETIME	-5	readonly fast	read hash fast	RO access@1:0,1,0	7.4.0		hash	Returns the expiration time of a hash field as a Unix timestamp, in msec.
HPTTL	-5	readonly fast	read hash fast	RO access@1:0,1,0	7.4.0	nondeterministic_output	hash	Returns the TTL in milliseconds of a hash field.
HRANDFIELD	-2	readonly	read hash slow	RO access@1:0,1,0	6.2.0	nondeterministic_output	hash	Returns one or more random fields from a hash.
HSCAN	-3	readonly	read hash slow	RO access@1:0,1,0	2.8.0	nondeterministic_output	hash	Iterates over fields and values of a hash.
HSET	-4	write denyoom fast	write hash fast	RW update@1:0,1,0	2.0.0		hash	Creates or modifies the value of a field in a hash.
HSETEX	-6	write denyoom fast	write hash fast	RW update@1:0,1,0	8.0.0		hash	Set the value of one or more fields of a given hash key, and optionally set their expiration.
HSETNX	4	write denyoom fast	write hash fast	RW insert@1:0,1,0	2.0.0		hash	Sets the value of a field in a hash only when the field doesn't exist.
HSTRLEN	3	readonly fast	read hash fast	RO@1:0,1,0	3.2.0		hash	Returns the length of the value of a field.
HTTL	-5	readonly fast	read hash fast	RO access@1:0,1,0	7.4.0	nondeterministic_output	hash	Returns the TTL in seconds of a hash field.
HVALS	2	readonly	read hash slow	RO access@1:0,1,0	2.0.0	nondeterministic_output_order	hash	Returns all values in a hash.
INCR	2	write denyoom fast	write string fast	RW access update@1:0,1,0	1.0.0		string	Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.
INCRBY	3	write denyoom fast	write string fast	RW access update@1:0,1,0	1.0.0		string	Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.
INCRBYFLOAT	3	write denyoom fast	write string fast	RW access update@1:0,1,0	2.6.0		string	Increment the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.
INFO	-1	loading stale	slow dangerous		1.0.0	nondeterministic_output request_policy:all_shards response_policy:special	server	Returns information and statistics about the server.
KEYS	2	readonly	keyspace read slow dangerous		1.0.0	request_policy:all_shards nondeterministic_output_order	generic	Returns all key names that match a pattern.
LASTSAVE	1	loading stale fast	admin fast dangerous		1.0.0	nondeterministic_output	server	Returns the Unix timestamp of the last successful save to disk.
LATENCY	-2		slow		2.8.13		server	A container for latency diagnostics commands.
LATENCY|DOCTOR	2	admin noscript loading stale	admin slow dangerous		2.8.13	nondeterministic_output request_policy:all_nodes response_policy:special	server	Returns a human-readable latency analysis report.
LATENCY|GRAPH	3	admin noscript loading stale	admin slow dangerous		2.8.13	nondeterministic_output request_policy:all_nodes response_policy:special	server	Returns a latency graph for an event.
LATENCY|HELP	2	loading stale	slow		2.8.13		server	Returns helpful text about the different subcommands.
LATENCY|HISTOGRAM	-2	admin noscript loading stale	admin slow dangerous		7.0.0	nondeterministic_output request_policy:all_nodes response_policy:special	server	Returns the cumulative distribution of latencies of a subset or all commands.
LATENCY|HISTORY	3	admin noscript loading stale	admin slow dangerous		2.8.13	nondeterministic_output request_policy:all_nodes response_policy:special	server	Returns timestamp-latency samples for an event.
LATENCY|LATEST	2	admin noscript loading stale	admin slow dangerous		2.8.13	nondeterministic_output request_policy:all_nodes response_policy:special	server	Returns the latest latency samples for all events.
LATENCY|RESET	-2	admin noscript loading stale	admin slow dangerous		2.8.13	request_policy:all_nodes response_policy:agg_sum	server	Resets the latency data for one or more events.
LCS	-3	readonly	read string slow	RO access@1:1,1,0	7.0.0		string	Finds the longest common substring.
LINDEX	3	readonly	read list slow	RO access@1:0,1,0	1.0.0		list	Returns an element from a list by its index.
LINSERT	5	write denyoom	write list slow	RW insert@1:0,1,0	2.2.0		list	Inserts an element before or after another element in a list.
LLEN	2	readonly fast	read list fast	RO@1:0,1,0	1.0.0		list	Returns the length of a list.
LMOVE	5	write denyoom	write list slow	RW access delete@1:0,1,0; RW insert@2:0,1,0	6.2.0		list	Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.
LMPOP	-4	write movablekeys	write list slow	RW access delete@1:#0,1,1	7.0.0		list	Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.
LOLWUT	-1	readonly fast	read fast		5.0.0		server	Displays computer art and the Redis version
LPOP	-2	write fast	write list fast	RW access delete@1:0,1,0	1.0.0		list	Returns the first elements in a list after removing it. Deletes the list if the last element was popped.
LPOS	-3	readonly	read list slow	RO access@1:0,1,0	6.0.6		list	Returns the index of matching elements in a list.
LPUSH	-3	write denyoom fast	write list fast	RW insert@1:0,1,0	1.0.0		list	Prepends one or more elements to a list. Creates the key if it doesn't exist.
LPUSHX	-3	write denyoom fast	write list fast	RW insert@1:0,1,0	2.2.0		list	Prepends one or more elements to a list only when the list exists.
LRANGE	4	readonly	read list slow	RO access@1:0,1,0	1.0.0		list	Returns a range of elements from a list.
LREM	4	write	write list slow	RW delete@1:0,1,0	1.0.0		list	Removes elements from a list. Deletes the list if the last element was removed.
LSET	4	write denyoom	write list slow	RW update@1:0,1,0	1.0.0		list	Sets the value of an element in a list by its index.
LTRIM	4	write	write list slow	RW delete@1:0,1,0	1.0.0		list	Removes elements from both ends a list. Deletes the list if all elements were trimmed.
MEMORY	-2		slow		4.0.0		server	A container for memory diagnostics commands.
MEMORY|DOCTOR	2		slow		4.0.0	nondeterministic_output request_policy:all_shards response_policy:special	server	Outputs a memory problems report.
MEMORY|HELP	2	loading stale	slow		4.0.0		server	Returns helpful text about the different subcommands.
MEMORY|MALLOC-STATS	2		slow		4.0.0	nondeterministic_output request_policy:all_shards response_policy:special	server	Returns the allocator statistics.
MEMORY|PURGE	2		slow		4.0.0	request_policy:all_shards response_policy:all_succeeded	server	Asks the allocator to release memory.
MEMORY|STATS	2		slow		4.0.0	nondeterministic_output request_policy:all_shards response_policy:special	server	Returns details about memory usage.
MEMORY|USAGE	-3	readonly	read slow	RO@2:0,1,0	4.0.0		server	Estimates the memory usage of a key.
MGET	-2	readonly fast	read string fast	RO access@1:-1,1,0	1.0.0	request_policy:multi_shard	string	Atomically returns the string values of one or more keys.
MIGRATE	-6	write movablekeys	keyspace write slow dangerous	RW access delete@3:0,1,0; RW access delete incomplete@KEYS -2:-1,1,0	2.6.0	nondeterministic_output	generic	Atomically transfers a key from one Redis instance to another.
MODULE	-2		slow		4.0.0		server	A container for module commands.
MODULE|HELP	2	loading stale	slow		5.0.0		server	Returns helpful text about the different subcommands.
MODULE|LIST	2	admin noscript	admin slow dangerous		4.0.0	nondeterministic_output_order	server	Returns all loaded modules.
MODULE|LOAD	-3	admin noscript no_async_loading	admin slow dangerous		4.0.0		server	Loads a module.
MODULE|LOADEX	-3	admin noscript no_async_loading	admin slow dangerous		7.0.0		server	Loads a module using extended parameters.
MODULE|UNLOAD	3	admin noscript no_async_loading	admin slow dangerous		4.0.0		server	Unloads a module.
MONITOR	1	admin noscript loading stale	admin slow dangerous		1.0.0		server	Listens for all requests received by the server in real-time.
MOVE	3	write fast	keyspace write fast	RW access update@1:0,1,0	1.0.0		generic	Moves a key to another database.
MSET	-3	write denyoom	write string slow	OW update@1:-1,2,0	1.0.1	request_policy:multi_shard response_policy:all_succeeded	string	Atomically creates or modifies the string values of one or more keys.
MSETEX	-4	write denyoom movablekeys	write string slow	OW update@1:#0,1,2	8.4.0	request_policy:multi_shard response_policy:all_succeeded	string	Atomically sets multiple string keys with a shared expiration in a single operation. Supports flexible argument parsing where condition and expiration flags can appear in any order.
MSETNX	-3	write denyoom	write string slow	OW insert@1:-1,2,0	1.0.1		string	Atomically modifies the string values of one or more keys only when all keys don't exist.
MULTI	1	noscript loading stale fast allow_busy	fast transaction		1.2.0		transactions	Starts a transaction.
OBJECT	-2		slow		2.2.3		generic	A container for object introspection commands.
OBJECT|ENCODING	3	readonly	keyspace read slow	RO@2:0,1,0	2.2.3	nondeterministic_output	generic	Returns the internal encoding of a Redis object.
OBJECT|FREQ	3	readonly	keyspace read slow	RO@2:0,1,0	4.0.0	nondeterministic_output	generic	Returns the logarithmic access frequency counter of a Redis object.
OBJECT|HELP	2	loading stale	keyspace slow		6.2.0		generic	Returns helpful text about the different subcommands.
OBJECT|IDLETIME	3	readonly	keyspace read slow	RO@2:0,1,0	2.2.3	nondeterministic_output	generic	Returns the time since the last access to a Redis object.
OBJECT|REFCOUNT	3	readonly	keyspace read slow	RO@2:0,1,0	2.2.3	nondeterministic_output	generic	Returns the reference count of a value of a key.
PERSIST	2	write fast	keyspace write fast	RW update@1:0,1,0	2.2.0		generic	Removes the expiration time of a key.
PEXPIRE	-3	write fast	keyspace write fast	RW update@1:0,1,0	2.6.0		generic	Sets the expiration time of a key in milliseconds.
PEXPIREAT	-3	write fast	keyspace write fast	RW update@1:0,1,0	2.6.0		generic	Sets the expiration time of a key to a Unix milliseconds timestamp.
PEXPIRETIME	2	readonly fast	keyspace read fast	RO access@1:0,1,0	7.0.0		generic	Returns the expiration time of a key as a Unix milliseconds timestamp.
PFADD	-2	write denyoom fast	write hyperloglog fast	RW insert@1:0,1,0	2.8.9		hyperloglog	Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.
PFCOUNT	-2	readonly	read hyperloglog slow	RW access@1:-1,1,0 (RW because it may change the internal representation of the key, and propagate to replicas)	2.8.9		hyperloglog	Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).
PFDEBUG	3	write denyoom admin	write hyperloglog admin slow dangerous	RW access@2:0,1,0	2.8.9		hyperloglog	Internal commands for debugging HyperLogLog values.
PFMERGE	-2	write denyoom	write hyperloglog slow	RW access insert@1:0,1,0; RO access@2:-1,1,0	2.8.9		hyperloglog	Merges one or more HyperLogLog values into a single key.
PFSELFTEST	1	admin	hyperloglog admin slow dangerous		2.8.9		hyperloglog	An internal command for testing HyperLogLog values.
PING	-1	fast	fast connection		1.0.0	request_policy:all_shards response_policy:all_succeeded	connection	Returns the server's liveliness response.
PSETEX	4	write denyoom	write string slow	OW update@1:0,1,0	2.6.0		string	Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.
PSUBSCRIBE	-2	denyoom pubsub noscript loading stale	pubsub slow		2.0.0		pubsub	Listens for messages published to channels that match one or more patterns.
PSYNC	-3	admin noscript no_async_loading no_multi	admin slow dangerous		2.8.0		server	An internal command used in replication.
PTTL	2	readonly fast	keyspace read fast	RO access@1:0,1,0	2.6.0	nondeterministic_output	generic	Returns the expiration time in milliseconds of a key.
PUBLISH	3	pubsub loading stale fast	pubsub fast		2.0.0		pubsub	Posts a message to a channel.
PUBSUB	-2		slow		2.8.0		pubsub	A container for Pub/Sub commands.
PUBSUB|CHANNELS	-2	pubsub loading stale	pubsub slow		2.8.0		pubsub	Returns the active channels.
PUBSUB|HELP	2	loading stale	slow		6.2.0		pubsub	Returns helpful text about the different subcommands.
PUBSUB|NUMPAT	2	pubsub loading stale	pubsub slow		2.8.0		pubsub	Returns a count of unique pattern subscriptions.
PUBSUB|NUMSUB	-2	pubsub loading stale	pubsub slow		2.8.0		pubsub	Returns a count of subscribers to channels.
PUBSUB|SHARDCHANNELS	-2	pubsub loading stale	pubsub slow		7.0.0		pubsub	Returns the active shard channels.
PUBSUB|SHARDNUMSUB	-2	pubsub loading stale	pubsub slow		7.0.0		pubsub	Returns the count of subscribers of shard channels.
PUNSUBSCRIBE	-1	pubsub noscript loading stale	pubsub slow		2.0.0		pubsub	Stops listening to messages published to channels that match one or more patterns.
QUIT	-1	noscript loading stale fast no_auth allow_busy	fast connection		1.0.0		connection	Closes the connection.
RANDOMKEY	1	readonly	keyspace read slow		1.0.0	request_policy:all_shards response_policy:special nondeterministic_output	generic	Returns a random key name from the database.
READONLY	1	loading stale fast	fast connection		3.0.0		cluster	Enables read-only queries for a connection to a Redis Cluster replica node.
READWRITE	1	loading stale fast	fast connection		3.0.0		cluster	Enables read-write queries for a connection to a Reids Cluster replica node.
RENAME	3	write	keyspace write slow	RW access delete@1:0,1,0; OW update@2:0,1,0	1.0.0		generic	Renames a key and overwrites the destination.
RENAMENX	3	write fast	keyspace write fast	RW access delete@1:0,1,0; OW insert@2:0,1,0	1.0.0		generic	Renames a key only when the target key name doesn't exist.
REPLCONF	-1	admin noscript loading stale allow_busy	admin slow dangerous		3.0.0		server	An internal command for configuring the replication stream.
REPLICAOF	3	admin noscript stale no_async_loading	admin slow dangerous		5.0.0		server	Configures a server as replica of another, or promotes it to a master.
RESET	1	noscript loading stale fast no_auth allow_busy	fast connection		6.2.0		connection	Resets the connection.
RESTORE	-4	write denyoom	keyspace write slow dangerous	OW update@1:0,1,0	2.6.0		generic	Creates a key from the serialized representation of a value.
RESTORE-ASKING	-4	write denyoom asking	keyspace write slow dangerous	OW update@1:0,1,0	3.0.0		server	An internal command for migrating keys in a cluster.
ROLE	1	noscript loading stale fast	admin fast dangerous		2.8.12		server	Returns the replication role.
RPOP	-2	write fast	write list fast	RW access delete@1:0,1,0	1.0.0		list	Returns and removes the last elements of a list. Deletes the list if the last element was popped.
RPOPLPUSH	3	write denyoom	write list slow	RW access delete@1:0,1,0; RW insert@2:0,1,0	1.2.0		list	Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.
RPUSH	-3	write denyoom fast	write list fast	RW insert@1:0,1,0	1.0.0		list	Appends one or more elements to a list. Creates the key if it doesn't exist.
RPUSHX	-3	write denyoom fast	write list fast	RW insert@1:0,1,0	2.2.0		list	Appends an element to a list only when the list exists.
SADD	-3	write denyoom fast	write set fast	RW insert@1:0,1,0	1.0.0		set	Adds one or more members to a set. Creates the key if it doesn't exist.
SAVE	1	admin noscript no_async_loading no_multi	admin slow dangerous		1.0.0		server	Synchronously saves the database(s) to disk.
SCAN	-2	readonly	keyspace read slow		2.8.0	nondeterministic_output request_policy:special response_policy:special	generic	Iterates over the key names in the database.
SCARD	2	readonly fast	read set fast	RO@1:0,1,0	1.0.0		set	Returns the number of members in a set.
SCRIPT	-2		slow		2.6.0		scripting	A container for Lua scripts management commands.
SCRIPT|DEBUG	3	noscript	slow scripting		3.2.0		scripting	Sets the debug mode of server-side Lua scripts.
SCRIPT|EXISTS	-3	noscript	slow scripting		2.6.0	request_policy:all_shards response_policy:agg_logical_and	scripting	Determines whether server-side Lua scripts exist in the script cache.
SCRIPT|FLUSH	-2	noscript	slow scripting		2.6.0	request_policy:all_nodes response_policy:all_succeeded	scripting	Removes all server-side Lua scripts from the script cache.
SCRIPT|HELP	2	loading stale	slow scripting		5.0.0		scripting	Returns helpful text about the different subcommands.
SCRIPT|KILL	2	noscript allow_busy	slow scripting		2.6.0	request_policy:all_shards response_policy:one_succeeded	scripting	Terminates a server-side Lua script during execution.
SCRIPT|LOAD	3	noscript stale	slow scripting		2.6.0	request_policy:all_nodes response_policy:all_succeeded	scripting	Loads a server-side Lua script to the script cache.
SDIFF	-2	readonly	read set slow	RO access@1:-1,1,0	1.0.0	nondeterministic_output_order	set	Returns the difference of multiple sets.
SDIFFSTORE	-3	write denyoom	write set slow	OW update@1:0,1,0; RO access@2:-1,1,0	1.0.0		set	Stores the difference of multiple sets in a key.
SELECT	2	loading stale fast	fast connection		1.0.0		connection	Changes the selected database.
SET	-3	write denyoom	write string slow	RW access update variable_flags@1:0,1,0 (RW and ACCESS due to the optional \`GET\` argument)	1.0.0		string	Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.
SETBIT	4	write denyoom	write bitmap slow	RW access update@1:0,1,0	2.2.0		bitmap	Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist.
SETEX	4	write denyoom	write string slow	OW update@1:0,1,0	2.0.0		string	Sets the string value and expiration time of a key. Creates the key if it doesn't exist.
SETNX	3	write denyoom fast	write string fast	OW insert@1:0,1,0	1.0.0		string	Set the string value of a key only when the key doesn't exist.
SETRANGE	4	write denyoom	write string slow	RW update@1:0,1,0	2.2.0		string	Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.
SHUTDOWN	-1	admin noscript loading stale no_multi allow_busy	admin slow dangerous		1.0.0		server	Synchronously saves the database(s) to disk and shuts down the Redis server.
SINTER	-2	readonly	read set slow	RO access@1:-1,1,0	1.0.0	nondeterministic_output_order	set	Returns the intersect of multiple sets.
SINTERCARD	-3	readonly movablekeys	read set slow	RO access@1:#0,1,1	7.0.0		set	Returns the number of members of the intersect of multiple sets.
SINTERSTORE	-3	write denyoom	write set slow	OW update@1:0,1,0; RO access@2:-1,1,0	1.0.0		set	Stores the intersect of multiple sets in a key.
SISMEMBER	3	readonly fast	read set fast	RO@1:0,1,0	1.0.0		set	Determines whether a member belongs to a set.
SLAVEOF	3	admin noscript stale no_async_loading	admin slow dangerous		1.0.0		server	Sets a Redis server as a replica of another, or promotes it to being a master.
SLOWLOG	-2		slow		2.2.12		server	A container for slow log commands.
SLOWLOG|GET	-2	admin loading stale	admin slow dangerous		2.2.12	request_policy:all_nodes nondeterministic_output	server	Returns the slow log's entries.
SLOWLOG|HELP	2	loading stale	slow		6.2.0		server	Show helpful text about the different subcommands
SLOWLOG|LEN	2	admin loading stale	admin slow dangerous		2.2.12	request_policy:all_nodes response_policy:agg_sum nondeterministic_output	server	Returns the number of entries in the slow log.
SLOWLOG|RESET	2	admin loading stale	admin slow dangerous		2.2.12	request_policy:all_nodes response_policy:all_succeeded	server	Clears all entries from the slow log.
SMEMBERS	2	readonly	read set slow	RO access@1:0,1,0	1.0.0	nondeterministic_output_order	set	Returns all members of a set.
SMISMEMBER	-3	readonly fast	read set fast	RO access@1:0,1,0	6.2.0		set	Determines whether multiple members belong to a set.
SMOVE	4	write fast	write set fast	RW access delete@1:0,1,0; RW insert@2:0,1,0	1.0.0		set	Moves a member from one set to another.
SORT	-2	write denyoom movablekeys	write set sortedset list slow dangerous	RO access@1:0,1,0; RO access@?:? (For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort); OW update@?:? (For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array)	1.0.0		generic	Sorts the elements in a list, a set, or a sorted set, optionally storing the result.
SORT_RO	-2	readonly movablekeys	read set sortedset list slow dangerous	RO access@1:0,1,0; RO access@?:? (For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort)	7.0.0		generic	Returns the sorted elements of a list, a set, or a sorted set.
SPOP	-2	write fast	write set fast	RW access delete@1:0,1,0	1.0.0	nondeterministic_output	set	Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.
SPUBLISH	3	pubsub loading stale fast	pubsub fast	not_key@1:0,1,0	7.0.0		pubsub	Post a message to a shard channel
SRANDMEMBER	-2	readonly	read set slow	RO access@1:0,1,0	1.0.0	nondeterministic_output	set	Get one or multiple random members from a set
SREM	-3	write fast	write set fast	RW delete@1:0,1,0	1.0.0		set	Removes one or more members from a set. Deletes the set if the last member was removed.
SSCAN	-3	readonly	read set slow	RO access@1:0,1,0	2.8.0	nondeterministic_output	set	Iterates over members of a set.
SSUBSCRIBE	-2	denyoom pubsub noscript loading stale	pubsub slow	not_key@1:-1,1,0	7.0.0		pubsub	Listens for messages published to shard channels.
STRLEN	2	readonly fast	read string fast	RO@1:0,1,0	2.2.0		string	Returns the length of a string value.
SUBSCRIBE	-2	denyoom pubsub noscript loading stale	pubsub slow		2.0.0		pubsub	Listens for messages published to channels.
SUBSTR	4	readonly	read string slow	RO access@1:0,1,0	1.0.0		string	Returns a substring from a string value.
SUNION	-2	readonly	read set slow	RO access@1:-1,1,0	1.0.0	nondeterministic_output_order	set	Returns the union of multiple sets.
SUNIONSTORE	-3	write denyoom	write set slow	OW update@1:0,1,0; RO access@2:-1,1,0	1.0.0		set	Stores the union of multiple sets in a key.
SUNSUBSCRIBE	-1	pubsub noscript loading stale	pubsub slow	not_key@1:-1,1,0	7.0.0		pubsub	Stops listening to messages posted to shard channels.
SWAPDB	3	write fast	keyspace write fast dangerous		4.0.0		server	Swaps two Redis databases.
SYNC	1	admin noscript no_async_loading no_multi	admin slow dangerous		1.0.0		server	An internal command used in replication.
TIME	1	loading stale fast	fast		2.6.0	nondeterministic_output	server	Returns the server time.
TOUCH	-2	readonly fast	keyspace read fast	RO@1:-1,1,0	3.2.1	request_policy:multi_shard response_policy:agg_sum	generic	Returns the number of existing keys out of those specified after updating the time they were last accessed.
TRIMSLOTS	-5	write	keyspace write slow dangerous		8.4.0		server	Trim the keys that belong to specified slots.
TTL	2	readonly fast	keyspace read fast	RO access@1:0,1,0	1.0.0	nondeterministic_output	generic	Returns the expiration time in seconds of a key.
TYPE	2	readonly fast	keyspace read fast	RO@1:0,1,0	1.0.0		generic	Determines the type of value stored at a key.
UNLINK	-2	write fast	keyspace write fast	RM delete@1:-1,1,0	4.0.0	request_policy:multi_shard response_policy:agg_sum	generic	Asynchronously deletes one or more keys.
UNSUBSCRIBE	-1	pubsub noscript loading stale	pubsub slow		2.0.0		pubsub	Stops listening to messages posted to channels.
UNWATCH	1	noscript loading stale fast allow_busy	fast transaction		2.2.0		transactions	Forgets about watched keys of a transaction.
WAIT	3	blocking	slow blocking connection		3.0.0	request_policy:all_shards response_policy:agg_min	generic	Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.
WAITAOF	4	blocking	slow blocking connection		7.2.0	request_policy:all_shards response_policy:agg_min	generic	Blocks until all of the preceding write commands sent by the connection are written to the append-only file of the master and/or replicas.
WATCH	-2	noscript loading stale fast allow_busy	fast transaction	RO@1:-1,1,0	2.2.0		transactions	Monitors changes to keys to determine the execution of a transaction.
XACK	-4	write fast	write stream fast	RW update@1:0,1,0	5.0.0		stream	Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.
XACKDEL	-6	write fast	write stream fast	RW update delete@1:0,1,0	8.2.0		stream	Acknowledges and deletes one or multiple messages for a stream consumer group.
XADD	-5	write denyoom fast	write stream fast	RW update@1:0,1,0 (UPDATE instead of INSERT because of the optional trimming feature)	5.0.0	nondeterministic_output	stream	Appends a new message to a stream. Creates the key if it doesn't exist.
XAUTOCLAIM	-6	write fast	write stream fast	RW delete@1:0,1,0	6.2.0	nondeterministic_output	stream	Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to as consumer group member.
XCFGSET	-2	write fast	write stream fast	RW update@1:0,1,0	8.6.0		stream	Sets the IDMP configuration parameters for a stream.
XCLAIM	-6	write fast	write stream fast	RW update@1:0,1,0	5.0.0	nondeterministic_output	stream	Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered a consumer group member.
XDEL	-3	write fast	write stream fast	RW delete@1:0,1,0	5.0.0		stream	Returns the number of messages after removing them from a stream.
XDELEX	-5	write fast	write stream fast	RW delete@1:0,1,0	8.2.0		stream	Deletes one or multiple entries from the stream.
XGROUP	-2		slow		5.0.0		stream	A container for consumer groups commands.
XGROUP|CREATE	-5	write denyoom	write stream slow	RW insert@2:0,1,0	5.0.0		stream	Creates a consumer group.
XGROUP|CREATECONSUMER	5	write denyoom	write stream slow	RW insert@2:0,1,0	6.2.0		stream	Creates a consumer in a consumer group.
XGROUP|DELCONSUMER	5	write	write stream slow	RW delete@2:0,1,0	5.0.0		stream	Deletes a consumer from a consumer group.
XGROUP|DESTROY	4	write	write stream slow	RW delete@2:0,1,0	5.0.0		stream	Destroys a consumer group.
XGROUP|HELP	2	loading stale	stream slow		5.0.0		stream	Returns helpful text about the different subcommands.
XGROUP|SETID	-5	write	write stream slow	RW update@2:0,1,0	5.0.0		stream	Sets the last-delivered ID of a consumer group.
XIDMPRECORD	5	write denyoom fast	write stream fast	RW update@1:0,1,0	8.6.2		stream	An internal command for setting IDMP metadata on an existing stream message.
XINFO	-2		slow		5.0.0		stream	A container for stream introspection commands.
XINFO|CONSUMERS	4	readonly	read stream slow	RO access@2:0,1,0	5.0.0	nondeterministic_output	stream	Returns a list of the consumers in a consumer group.
XINFO|GROUPS	3	readonly	read stream slow	RO access@2:0,1,0	5.0.0		stream	Returns a list of the consumer groups of a stream.
XINFO|HELP	2	loading stale	stream slow		5.0.0		stream	Returns helpful text about the different subcommands.
XINFO|STREAM	-3	readonly	read stream slow	RO access@2:0,1,0	5.0.0		stream	Returns information about a stream.
XLEN	2	readonly fast	read stream fast	RO@1:0,1,0	5.0.0		stream	Return the number of messages in a stream.
XPENDING	-3	readonly	read stream slow	RO access@1:0,1,0	5.0.0	nondeterministic_output	stream	Returns the information and entries from a stream consumer group's pending entries list.
XRANGE	-4	readonly	read stream slow	RO access@1:0,1,0	5.0.0		stream	Returns the messages from a stream within a range of IDs.
XREAD	-4	readonly blocking movablekeys	read stream slow blocking	RO access@STREAMS 1:-1,1,2	5.0.0		stream	Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.
XREADGROUP	-7	write blocking movablekeys	write stream slow blocking	RO access@STREAMS 4:-1,1,2	5.0.0		stream	Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.
XREVRANGE	-4	readonly	read stream slow	RO access@1:0,1,0	5.0.0		stream	Returns the messages from a stream within a range of IDs in reverse order.
XSETID	-3	write denyoom fast	write stream fast	RW update@1:0,1,0	5.0.0		stream	An internal command for replicating stream values.
XTRIM	-4	write	write stream slow	RW delete@1:0,1,0	5.0.0	nondeterministic_output	stream	Deletes messages from the beginning of a stream.
ZADD	-4	write denyoom fast	write sortedset fast	RW update@1:0,1,0	1.2.0		sorted-set	Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.
ZCARD	2	readonly fast	read sortedset fast	RO@1:0,1,0	1.2.0		sorted-set	Returns the number of members in a sorted set.
ZCOUNT	4	readonly fast	read sortedset fast	RO access@1:0,1,0	2.0.0		sorted-set	Returns the count of members in a sorted set that have scores within a range.
ZDIFF	-3	readonly movablekeys	read sortedset slow	RO access@1:#0,1,1	6.2.0		sorted-set	Returns the difference between multiple sorted sets.
ZDIFFSTORE	-4	write denyoom movablekeys	write sortedset slow	OW update@1:0,1,0; RO access@2:#0,1,1	6.2.0		sorted-set	Stores the difference of multiple sorted sets in a key.
ZINCRBY	4	write denyoom fast	write sortedset fast	RW access update@1:0,1,0	1.2.0		sorted-set	Increments the score of a member in a sorted set.
ZINTER	-3	readonly movablekeys	read sortedset slow	RO access@1:#0,1,1	6.2.0		sorted-set	Returns the intersect of multiple sorted sets.
ZINTERCARD	-3	readonly movablekeys	read sortedset slow	RO access@1:#0,1,1	7.0.0		sorted-set	Returns the number of members of the intersect of multiple sorted sets.
ZINTERSTORE	-4	write denyoom movablekeys	write sortedset slow	OW update@1:0,1,0; RO access@2:#0,1,1	2.0.0		sorted-set	Stores the intersect of multiple sorted sets in a key.
ZLEXCOUNT	4	readonly fast	read sortedset fast	RO access@1:0,1,0	2.8.9		sorted-set	Returns the number of members in a sorted set within a lexicographical range.
ZMPOP	-4	write movablekeys	write sortedset slow	RW access delete@1:#0,1,1	7.0.0		sorted-set	Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted set if the last member was popped.
ZMSCORE	-3	readonly fast	read sortedset fast	RO access@1:0,1,0	6.2.0		sorted-set	Returns the score of one or more members in a sorted set.
ZPOPMAX	-2	write fast	write sortedset fast	RW access delete@1:0,1,0	5.0.0		sorted-set	Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.
ZPOPMIN	-2	write fast	write sortedset fast	RW access delete@1:0,1,0	5.0.0		sorted-set	Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.
ZRANDMEMBER	-2	readonly	read sortedset slow	RO access@1:0,1,0	6.2.0	nondeterministic_output	sorted-set	Returns one or more random members from a sorted set.
ZRANGE	-4	readonly	read sortedset slow	RO access@1:0,1,0	1.2.0		sorted-set	Returns members in a sorted set within a range of indexes.
ZRANGEBYLEX	-4	readonly	read sortedset slow	RO access@1:0,1,0	2.8.9		sorted-set	Returns members in a sorted set within a lexicographical range.
ZRANGEBYSCORE	-4	readonly	read sortedset slow	RO access@1:0,1,0	1.0.5		sorted-set	Returns members in a sorted set within a range of scores.
ZRANGESTORE	-5	write denyoom	write sortedset slow	OW update@1:0,1,0; RO access@2:0,1,0	6.2.0		sorted-set	Stores a range of members from sorted set in a key.
ZRANK	-3	readonly fast	read sortedset fast	RO access@1:0,1,0	2.0.0		sorted-set	Returns the index of a member in a sorted set ordered by ascending scores.
ZREM	-3	write fast	write sortedset fast	RW delete@1:0,1,0	1.2.0		sorted-set	Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.
ZREMRANGEBYLEX	4	write	write sortedset slow	RW delete@1:0,1,0	2.8.9		sorted-set	Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.
ZREMRANGEBYRANK	4	write	write sortedset slow	RW delete@1:0,1,0	2.0.0		sorted-set	Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.
ZREMRANGEBYSCORE	4	write	write sortedset slow	RW delete@1:0,1,0	1.2.0		sorted-set	Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.
ZREVRANGE	-4	readonly	read sortedset slow	RO access@1:0,1,0	1.2.0		sorted-set	Returns members in a sorted set within a range of indexes in reverse order.
ZREVRANGEBYLEX	-4	readonly	read sortedset slow	RO access@1:0,1,0	2.8.9		sorted-set	Returns members in a sorted set within a lexicographical range in reverse order.
ZREVRANGEBYSCORE	-4	readonly	read sortedset slow	RO access@1:0,1,0	2.2.0		sorted-set	Returns members in a sorted set within a range of scores in reverse order.
ZREVRANK	-3	readonly fast	read sortedset fast	RO access@1:0,1,0	2.0.0		sorted-set	Returns the index of a member in a sorted set ordered by descending scores.
ZSCAN	-3	readonly	read sortedset slow	RO access@1:0,1,0	2.8.0	nondeterministic_output	sorted-set	Iterates over members and scores of a sorted set.
ZSCORE	3	readonly fast	read sortedset fast	RO access@1:0,1,0	1.2.0		sorted-set	Returns the score of a member in a sorted set.
ZUNION	-3	readonly movablekeys	read sortedset slow	RO access@1:#0,1,1	6.2.0		sorted-set	Returns the union of multiple sorted sets.
ZUNIONSTORE	-4	write denyoom movablekeys	write sortedset slow	OW update@1:0,1,0; RO access@2:#0,1,1	2.0.0		sorted-set	Stores the union of multiple sorted sets in a key.`;
