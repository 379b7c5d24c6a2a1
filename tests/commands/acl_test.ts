import assert from "node:assert/strict";
import { AclCommands } from "../../lib/commands/acl.ts";
import type { AclUser } from "../../lib/commands/server_shapes.ts";
import { bare, testLive, testWords, without } from "./support.ts";

const codeOf = (error: { code: string }) => error.code;

/** The fields of a user that exist in every version. */
function seenByAll(user: AclUser | null) {
  assert(user);
  return bare<unknown>({
    ...without(user, /^databases$/),
    flags: user.flags.filter((flag) => flag !== "sanitize-payload"),
    selectors: user.selectors?.map((each) => without(each, /^databases$/)),
  });
}

testWords(AclCommands, [
  { call: (c) => c.aclCat(), words: ["ACL", "CAT"] },
  { call: (c) => c.aclCat("geo"), words: ["ACL", "CAT", "geo"] },
  { call: (c) => c.aclDeluser("a", "b"), words: ["ACL", "DELUSER", "a", "b"] },
  {
    call: (c) => c.aclDryrun("a", "GET", "k"),
    words: ["ACL", "DRYRUN", "a", "GET", "k"],
  },
  { call: (c) => c.aclGenpass(), words: ["ACL", "GENPASS"] },
  { call: (c) => c.aclGenpass(64), words: ["ACL", "GENPASS", 64] },
  { call: (c) => c.aclGetuser("a"), words: ["ACL", "GETUSER", "a"] },
  { call: (c) => c.aclHelp(), words: ["ACL", "HELP"] },
  { call: (c) => c.aclList(), words: ["ACL", "LIST"] },
  { call: (c) => c.aclLoad(), words: ["ACL", "LOAD"] },
  { call: (c) => c.aclLog(), words: ["ACL", "LOG"] },
  { call: (c) => c.aclLog(5), words: ["ACL", "LOG", 5] },
  { call: (c) => c.aclLog("reset"), words: ["ACL", "LOG", "RESET"] },
  { call: (c) => c.aclSave(), words: ["ACL", "SAVE"] },
  {
    call: (c) => c.aclSetuser("a", "on", ">p"),
    words: ["ACL", "SETUSER", "a", "on", ">p"],
  },
  { call: (c) => c.aclUsers(), words: ["ACL", "USERS"] },
  { call: (c) => c.aclWhoami(), words: ["ACL", "WHOAMI"] },
]);

testLive(AclCommands, [
  {
    call: (redis) => redis.aclCat(),
    expect: (categories: string[]) => assert(categories.includes("geo")),
  },
  {
    call: (redis) => redis.bytes.aclCat("geo"),
    expect: (commands: string[]) => assert(commands.includes("geoadd")),
  },
  {
    call: async (redis) => [
      await redis.aclSetuser(
        "ann",
        "reset",
        "on",
        "nopass",
        "~a*",
        "+get",
        "(+set ~b*)",
      ),
      await redis.aclUsers(),
      seenByAll(await redis.aclGetuser("ann")),
      await redis.bytes.aclGetuser("nobody"),
      await redis.aclDryrun("ann", "GET", "a1"),
      (await redis.aclDryrun("ann", "DEL", "a1")).includes("permissions"),
      await redis.aclDeluser("ann", "nobody"),
      (await redis.aclList()).length,
    ],
    expect: [
      "OK",
      ["ann", "default"],
      bare<unknown>({
        flags: ["on", "nopass"],
        passwords: [],
        commands: "-@all +get",
        keys: "~a*",
        channels: "",
        selectors: [
          bare({ commands: "-@all +set", keys: "~b*", channels: "" }),
        ],
      }),
      null,
      "OK",
      true,
      1,
      1,
    ],
  },
  {
    call: async (redis) => {
      await redis.aclLog("reset");
      using own = await redis.lease();
      await own.send(["AUTH", "ann", "wrong"]).catch(() => {});
      const [entry] = await redis.aclLog(1);
      assert(entry && entry["age-seconds"] >= 0);
      return [entry.reason, entry.context, entry.username, entry.count];
    },
    expect: ["auth", "toplevel", "ann", 1],
  },
  { call: (redis) => redis.aclLog("reset"), expect: "OK" },
  { call: (redis) => redis.aclLog(), expect: [] },
  {
    call: (redis) => redis.aclGenpass(64),
    expect: (password: string) => assert.match(password, /^[0-9a-f]{16}$/),
  },
  { call: (redis) => redis.aclLoad().catch(codeOf), expect: "ERR" },
  { call: (redis) => redis.aclSave().catch(codeOf), expect: "ERR" },
  { call: (redis) => redis.aclWhoami(), expect: "default" },
  {
    call: (redis) => redis.aclHelp(),
    expect: ([first]: string[]) => assert.match(first!, /^ACL/),
  },
]);
