/**
 * Methods and options that other clients have: using one here says what to write.
 *
 * @module
 */

import { unknownOption } from "./options.ts";

/** For each replacement here, the names elsewhere, separated by blanks. */
const ELSEWHERE: Record<string, string> = {
  "close()": "quit disconnect destroy end",
  'the option "onEvent", or "for await" over subscribe() for messages':
    "on once off emit addListener removeListener addEventListener",
  "close() of the subscription, or leave its loop":
    "unsubscribe punsubscribe sunsubscribe pUnsubscribe sUnsubscribe",
  "transaction()": "multi tx",
  "watch()": "unwatch executeIsolated",
  "pipeline()": "batch createPipeline",
  "execute() of a pipeline": "exec execAsPipeline flush",
  'the option "db" of connect()': "select",
  'the options "username" and "password" of connect(), or authenticate()':
    "auth",
  "the client as it is, which is connected": "connect",
  "redis.bytes, such as redis.bytes.get()": "getBuffer hgetBuffer",
  "connect() again, though one client serves any number of callers":
    "duplicate",
  'send(["SET", "key", "value"])': "call sendCommand executeCommand",
  "scanIter()": "scanStream scanIterator scan_iter",
  "hscanIter(), sscanIter() or zscanIter()":
    "hscanStream sscanStream zscanStream hScanIterator sScanIterator zScanIterator",
  "script()": "defineCommand createScript defineScript registerScript",
  "a method for each sub-command, such as configGet() or xgroupCreate()":
    "acl client cluster config latency memory module object pubsub slowlog xgroup xinfo",
  "its name in lower case, such as hgetall()":
    "hGet hGetAll hMGet hSet hDel hExists hIncrBy hKeys hLen hVals lLen lPop lPush lRange rPop rPush sAdd sCard sIsMember sMembers sRem zAdd zCard zIncrBy zRange zRank zRem zScore setEx setNX mGet mSet incrBy expireAt pExpire pSubscribe sSubscribe xAck xAdd xDel xLen xRange xRead xReadGroup xTrim geoAdd geoSearch dbSize flushAll flushDb",
};

/** Gives `prototype` a method for each name of {@linkcode ELSEWHERE}: it throws a `TypeError`. */
export function explainOtherNames(prototype: object): void {
  for (const [use, names] of Object.entries(ELSEWHERE)) {
    for (const name of names.split(" ")) {
      const value = () => {
        throw new TypeError(`There is no ${name}() here: use ${use}`);
      };
      Object.defineProperty(prototype, name, { value, configurable: true });
    }
  }
}

/** The same for options. */
const OPTIONS: Record<string, string> = {
  '"hostname"': "host socket",
  "connect(url, options)": "url",
  '"username"': "user",
  '"db"': "database",
  '"tls"': "ssl",
  '"name"': "connectionName clientName client_name",
  '"protocol"': "RESP",
  '"backoff"': "retryStrategy reconnectStrategy retry_strategy",
  '"retries"': "retry maxRetriesPerRequest maxRetries retry_on_timeout",
  '"connectAttempts"': "maxRetryCount",
  '"commandTimeout"': "timeout socket_timeout socketTimeout",
  '"pingInterval"': "keepAlive health_check_interval healthCheckInterval",
  '"poolSize"': "max_connections",
  '"whenFull"': "enableOfflineQueue disableOfflineQueue",
  "await connect(), which connects at once": "lazyConnect",
  "redis.bytes for bytes": "decode_responses",
  withPrefix: "keyPrefix",
  "connectSentinel()": "sentinels",
  "connectCluster()": "nodes rootNodes",
};

/** What to use, by the name of the option. */
const USES = new Map(
  Object.entries(OPTIONS).flatMap(([use, names]) =>
    names.split(" ").map((name) => [name, use] as const)
  ),
);

/** Throws a `TypeError` for an option of {@linkcode OPTIONS}. */
export function explainOtherOptions(options: object): void {
  for (const name of Object.keys(options)) {
    const use = USES.get(name);
    if (use !== undefined) throw unknownOption(`: use ${use}`, name);
  }
}
