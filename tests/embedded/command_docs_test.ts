/**
 * COMMAND DOCS, byte for byte as Redis replies to it.
 */

import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { dial } from "../../lib/net/tcp.ts";
import { toBinary } from "../../lib/resp/binary.ts";
import { DOCUMENTS, documentsOf } from "../commands/table/documents.ts";
import { comparison } from "../support/compared_server.ts";
import { ROOT } from "../support/paths.ts";
import { Member } from "./replication.ts";

/** The bytes of the replies to COMMAND DOCS of each command, in a protocol. */
async function replies(
  member: Member,
  protocol: 2 | 3,
  names: readonly string[],
): Promise<string[]> {
  const signal = AbortSignal.timeout(60_000);
  using transport = await dial(member, signal);
  const into = new Uint8Array(64 * 1024);
  const ask = async (line: string) => {
    const end = "$7\r\nthe end\r\n";
    const request = `${line}\r\nECHO "the end"\r\n`;
    await transport.write([new TextEncoder().encode(request)]);
    let text = "";
    while (!text.endsWith(end)) {
      const size = await transport.read(into);
      ok(size !== null, "the connection ended");
      text += toBinary(into, 0, size);
    }
    return text.slice(0, -end.length);
  };
  await ask(`HELLO ${protocol}`);
  const found: string[] = [];
  for (const name of names) found.push(await ask(`COMMAND DOCS ${name}`));
  return found;
}

comparison("COMMAND DOCS tells what Redis tells of each command", async () => {
  await using real = await Member.compared();
  await using ours = await Member.ours();
  const names = await ours.ask("COMMAND", "LIST") as string[];
  ok(names.length > 350);
  // The order of sub-commands is another in each process of Redis.
  const own = (reply: string) => reply.split("$11\r\nsubcommands\r\n")[0];
  for (const protocol of [2, 3] as const) {
    const expected = await replies(real, protocol, names);
    const found = await replies(ours, protocol, names);
    for (const [i, name] of names.entries()) {
      equal(own(found[i]!), own(expected[i]!), `${name} in RESP${protocol}`);
    }
  }
});

comparison("the documents are those of Redis: deno task table", async () => {
  await using real = await Member.compared();
  const text = await documentsOf(`redis://127.0.0.1:${real.port}`);
  equal(await Deno.readTextFile(join(ROOT, DOCUMENTS)), text);
});
