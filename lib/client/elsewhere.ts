/**
 * Methods that other clients have: calling one here says what to use.
 *
 * @module
 */

/** For each replacement here, the names elsewhere, separated by blanks. */
const ELSEWHERE: Record<string, string> = {
  "close()": "quit disconnect destroy end",
  'the option "onEvent", or "for await" over subscribe() for messages':
    "on once addListener",
  "close() of the subscription, or leave its loop": "unsubscribe punsubscribe",
  "transaction()": "multi",
  "execute() of a pipeline": "exec",
  "the client as it is, which is connected": "connect",
  "redis.bytes, such as redis.bytes.get()": "getBuffer hgetBuffer",
  "connect() again, though one client serves any number of callers":
    "duplicate",
  'send(["SET", "key", "value"])': "call sendCommand executeCommand",
  "scanIter()": "scanStream scanIterator",
  "script()": "defineCommand createScript",
  "a method for each sub-command, such as configGet() or xgroupCreate()":
    "acl client cluster config latency memory module object pubsub slowlog xgroup xinfo",
  "its name in lower case, such as hgetall()":
    "hGet hGetAll hSet hDel lPush lRange rPush sAdd sMembers zAdd zRange setEx mGet mSet incrBy expireAt pSubscribe xAdd xRead",
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
