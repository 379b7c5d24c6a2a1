import assert from "node:assert/strict";
import { ConnectionCommands } from "../../lib/commands/connection.ts";
import { bare, bytes, testLive, testWords } from "./support.ts";

testWords(ConnectionCommands, [
  {
    call: (c) =>
      c.clientKill({ type: "primary", notId: [1, 2], notLibName: "x" }),
    words: [
      ...["CLIENT", "KILL", "TYPE", "primary", "NOT-ID", 1, 2],
      ...["NOT-LIB-NAME", "x"],
    ],
  },
  {
    call: (c) => c.clientList({ notType: "pubsub", notUser: "u", notDb: 0 }),
    words: [
      ...["CLIENT", "LIST", "NOT-TYPE", "pubsub", "NOT-USER", "u"],
      ...["NOT-DB", 0],
    ],
  },
  { call: (c) => c.clientGetname(), words: ["CLIENT", "GETNAME"] },
  { call: (c) => c.clientId(), words: ["CLIENT", "ID"] },
  { call: (c) => c.clientInfo(), words: ["CLIENT", "INFO"] },
  { call: (c) => c.clientKill({ id: 7 }), words: ["CLIENT", "KILL", "ID", 7] },
  {
    call: (c) => c.clientKill({ id: [7, 8], type: "pubsub" }),
    words: ["CLIENT", "KILL", "ID", 7, 8, "TYPE", "pubsub"],
  },
  {
    call: (c) =>
      c.clientKill({
        type: "normal",
        user: "u",
        addr: "a:1",
        laddr: "b:2",
        skipme: false,
      }),
    words: [
      ...["CLIENT", "KILL", "TYPE", "normal", "USER", "u", "ADDR", "a:1"],
      ...["LADDR", "b:2", "SKIPME", "no"],
    ],
  },
  { call: (c) => c.clientList(), words: ["CLIENT", "LIST"] },
  {
    call: (c) => c.clientList({ type: "pubsub" }),
    words: ["CLIENT", "LIST", "TYPE", "pubsub"],
  },
  {
    call: (c) => c.clientList({ id: [1, 2] }),
    words: ["CLIENT", "LIST", "ID", 1, 2],
  },
  {
    call: (c) => c.clientList({ id: [1, 2], type: "normal" }),
    words: ["CLIENT", "LIST", "ID", 1, 2, "TYPE", "normal"],
  },
  {
    call: (c) => c.clientList({ type: "normal", user: "u", skipme: false }),
    words: "CLIENT LIST TYPE normal USER u SKIPME no".split(" "),
  },
  {
    call: (c) =>
      c.clientKill({ name: "n", idle: 60, flags: "N", libName: "l", db: 1 }),
    words: [
      ...["CLIENT", "KILL", "NAME", "n", "IDLE", 60, "FLAGS", "N", "DB", 1],
      ...["LIB-NAME", "l"],
    ],
  },
  {
    call: (c) => c.clientKill({ libVer: "1", capa: "redirect", ip: "::1" }),
    words: "CLIENT KILL CAPA redirect IP ::1 LIB-VER 1".split(" "),
  },
  { call: (c) => c.clientPause(50), words: ["CLIENT", "PAUSE", 50] },
  {
    call: (c) => c.clientPause(50, "write"),
    words: ["CLIENT", "PAUSE", 50, "WRITE"],
  },
  { call: (c) => c.clientUnblock(7), words: ["CLIENT", "UNBLOCK", 7] },
  {
    call: (c) => c.clientUnblock(7, "error"),
    words: ["CLIENT", "UNBLOCK", 7, "ERROR"],
  },
  { call: (c) => c.clientUnpause(), words: ["CLIENT", "UNPAUSE"] },
  { call: (c) => c.echo("m"), words: ["ECHO", "m"] },
  { call: (c) => c.ping(), words: ["PING"] },
  { call: (c) => c.ping("m"), words: ["PING", "m"] },
  { call: (c) => c.clientGetredir(), words: ["CLIENT", "GETREDIR"] },
  { call: (c) => c.clientHelp(), words: ["CLIENT", "HELP"] },
  {
    call: (c) => c.clientKill({ maxage: 60 }),
    words: ["CLIENT", "KILL", "MAXAGE", 60],
  },
  { call: (c) => c.clientTrackinginfo(), words: ["CLIENT", "TRACKINGINFO"] },
]);

testLive(ConnectionCommands, [
  {
    call: (redis) => redis.clientGetname(),
    expect: (name: unknown) =>
      assert(name === null || typeof name === "string"),
  },
  {
    call: (redis) => redis.clientId(),
    expect: (id: unknown) => assert(Number.isInteger(id)),
  },
  {
    call: (redis) => redis.clientInfo(),
    expect: (info: string) => assert.match(info, /^id=\d+ addr=/),
  },
  {
    call: (redis) => redis.bytes.clientInfo(),
    expect: (info: string) => assert.match(info, /^id=\d+ addr=/),
  },
  { call: (redis) => redis.clientKill({ id: 123_456 }), expect: 0 },
  {
    call: (redis) => redis.clientList({ type: "normal" }),
    expect: (list: string) => assert.match(list, /^id=\d+ addr=.*\n$/s),
  },
  { call: (redis) => redis.clientList({ id: [123_456] }), expect: "" },
  { call: (redis) => redis.clientPause(1, "write"), expect: "OK" },
  { call: (redis) => redis.clientUnblock(123_456), expect: 0 },
  { call: (redis) => redis.clientUnpause(), expect: "OK" },
  { call: (redis) => redis.echo("größe"), expect: "größe" },
  { call: (redis) => redis.ping(), expect: "PONG" },
  { call: (redis) => redis.ping("m"), expect: "m" },
  { call: (redis) => redis.bytes.ping(), expect: "PONG" },
  { call: (redis) => redis.bytes.ping("m"), expect: bytes("m") },
  { call: (redis) => redis.clientGetredir(), expect: -1 },
  {
    call: (redis) => redis.clientHelp(),
    expect: ([first]: string[]) => assert.match(first!, /^CLIENT/),
  },
  {
    call: (redis) => redis.clientTrackinginfo(),
    expect: bare<unknown>({ flags: ["off"], redirect: -1, prefixes: [] }),
  },
  {
    call: (redis) => redis.bytes.clientTrackinginfo(),
    expect: bare<unknown>({ flags: ["off"], redirect: -1, prefixes: [] }),
  },
]);
