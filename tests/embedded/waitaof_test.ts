/**
 * WAITAOF with the server's own append-only file; with replicas it is in
 * `replication_test.ts`.
 *
 * @module
 */

import { deepEqual, match } from "node:assert/strict";
import { sleep } from "../../lib/client/sleep.ts";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { Asker } from "./asker.ts";
import { Folder } from "./folder.ts";

Deno.test("WAITAOF ends when the file is switched off", async () => {
  await using folder = await Folder.make();
  await using server = await EmbeddedServer.create({
    dir: folder.path,
    appendonly: true,
    appendfsync: "no",
    save: "",
  });
  using asker = await Asker.within(server);
  using one = await Asker.within(server);
  using other = await Asker.within(server);
  await one.ask("SET", "k", 1);
  const here = one.ask("WAITAOF", 1, 0, 0);
  const both = other.ask("WAITAOF", 1, 1, 0);
  const waiting = async () => String(await asker.ask("INFO", "clients"));
  while (!(await waiting()).includes("blocked_clients:2")) await sleep(5);
  await asker.ask("CONFIG", "SET", "appendonly", "no");
  deepEqual(await here, [1, 0]);
  match(String(await both), /^ERR WAITAOF cannot be used when numlocal is set/);
});
