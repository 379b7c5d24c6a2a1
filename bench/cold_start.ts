/**
 * The first GET of a process: import, connect, handshake, GET; compared with other
 * clients in alternating runs.
 *
 * `deno task bench:start`. Measures whole processes, including the start of the
 * runtime; an empty program shows the latter. All sources are cached.
 *
 * @module
 */

import { TestServer } from "../tests/support/test_server.ts";
import { median } from "./work.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:start

Compares the first GET of a process with that of other clients.`);

const ROUNDS = 15;
const HERE = new URL("./", import.meta.url);

const PROGRAMS: Record<string, (url: string) => string> = {
  "empty program": () => "",
  "sorrel": (url) =>
    `import { connect } from "${new URL("../mod.ts", HERE)}";
     await (await connect("${url}")).get("key"); Deno.exit();`,
  "sorrel, ./client": (url) =>
    `import { Client } from "${new URL("../lib/client/client.ts", HERE)}";
     import { dial } from "${new URL("../lib/net/tcp.ts", HERE)}";
     const port = ${new URL(url).port};
     await new Client({ port, dial }).send(["GET", "key"]); Deno.exit();`,
  "ioredis": (url) =>
    `import { Redis } from "npm:ioredis@6.0.0";
     await new Redis("${url}").get("key"); Deno.exit();`,
  "node-redis": (url) =>
    `import { createClient } from "npm:redis@6.3.1";
     const redis = createClient({ url: "${url}" });
     await redis.connect(); await redis.get("key"); Deno.exit();`,
};

await using server = await TestServer.start();
await server.ask("SET", "key", "value");
const times = new Map<string, number[]>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, source] of Object.entries(PROGRAMS)) {
    const file = new URL(
      `../tests/.tmp/start_${name.replaceAll(/\W/g, "_")}.ts`,
      HERE,
    );
    if (round === 0) await Deno.writeTextFile(file, source(server.url));
    const start = performance.now();
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--cached-only", "--no-check", "--allow-net=127.0.0.1"],
        `--lock=${new URL("../tests/deno.lock", HERE).pathname}`,
        ...["--allow-env", "--allow-sys", "--allow-read", file.pathname],
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    // The first round fills the caches.
    if (round === 0) continue;
    times.set(name, [
      ...times.get(name) ?? [],
      performance.now() - start,
    ]);
  }
}
for (const [name, runs] of times) {
  // deno-lint-ignore no-console -- a program that prints
  console.log(`${name.padEnd(20)} ${median(runs).toFixed(0).padStart(5)} ms`);
}
