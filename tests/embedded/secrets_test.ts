/**
 * Passwords of commands in SLOWLOG and MONITOR.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { Asker } from "./asker.ts";
import { Member } from "./replication.ts";

const SECRET = "sesame";

const COMMANDS = [
  ["AUTH", SECRET],
  ["AUTH", "default", SECRET],
  ["HELLO", 2, "AUTH", "default", SECRET],
  ["HELLO", 2, "SETNAME", "a", "AUTH", "default", SECRET],
  ["CONFIG", "SET", "masterauth", SECRET, "timeout", 0, "REQUIREPASS", ""],
  ["CONFIG", "SET", "timeout", 0],
  ["ACL", "SETUSER", "ann", "on", `>${SECRET}`],
  ["ACL", "GETUSER", "ann"],
  ["ACL", "DELUSER", "ann", "bob"],
  ["MIGRATE", "127.0.0.1", 1, "none", 0, 100, "COPY", "AUTH", SECRET],
  ["MIGRATE", "127.0.0.1", 1, "", 0, 9, "AUTH2", "a", SECRET, "KEYS", "none"],
];

Deno.test("SLOWLOG and MONITOR redact secrets as Redis does", async () => {
  const shown: unknown[] = [];
  for (const start of [() => Member.real(), () => Member.ours()]) {
    await using server = await start();
    using monitor = await Asker.to(server);
    equal(await monitor.ask("MONITOR"), "OK");
    await server.ask("CONFIG", "SET", "slowlog-log-slower-than", 0);
    await server.asker.all(COMMANDS);
    const entries = await server.ask("SLOWLOG", "GET", COMMANDS.length);
    const words = (entries as string[][][]).map((entry) => entry[3]!.join(" "));
    await server.ask("ECHO", "end");
    const told: string[] = [];
    for (let line = ""; !line.includes('"end"');) {
      line = String(await monitor.next());
      told.push(line.replace(/^[^\]]*\] /, ""));
    }
    ok(!JSON.stringify([words, told]).includes(SECRET));
    shown.push({ words, told });
  }
  deepEqual(shown[1], shown[0]);
});
