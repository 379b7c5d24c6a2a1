/**
 * A real sentinel as a resource of a test.
 *
 * @module
 */

import { join } from "node:path";
import { ask } from "../support/ask.ts";
import { forget, remember } from "../support/leftovers.ts";
import { TMP } from "../support/paths.ts";
import { probe } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import type { LiveServer } from "./support.ts";

const READY_WITHIN = 60_000;

let watched: TestServer | undefined;

/** The master of the sentinel. */
export function master(): TestServer {
  if (!watched) throw new Error("No sentinel was started");
  return watched;
}

/** A running sentinel. */
export interface SentinelServer extends LiveServer {
  /** Its process, so that a test can pause or kill it. */
  readonly child: Deno.ChildProcess;
}

/** TLS settings of a sentinel that accepts and uses only TLS. */
export interface SentinelTls {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  /** Further lines of its configuration. */
  readonly config: readonly string[];
}

/**
 * Starts a sentinel that watches the master `of` under the name `m`; without `of` it
 * starts one. `quorum` sentinels must agree that it is down. With `tls` it uses the
 * TLS port of the master.
 */
export async function startSentinel(
  of?: TestServer,
  quorum = 1,
  tls?: SentinelTls,
): Promise<SentinelServer> {
  watched = of ?? await TestServer.start();
  const { path } = await probe();
  const directory = await Deno.makeTempDir({ dir: TMP, prefix: "sentinel-" });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const file = join(directory, "sentinel.conf");
  await Deno.writeTextFile(
    file,
    [
      ...tls ? tlsLines(port, tls) : [`port ${port}`],
      "bind 127.0.0.1",
      `dir ${JSON.stringify(directory)}`,
      `sentinel monitor m 127.0.0.1 ${
        tls ? watched.tlsPort : watched.port
      } ${quorum}`,
      "sentinel down-after-milliseconds m 1000",
      "sentinel failover-timeout m 3000",
    ].join("\n"),
  );
  const child = new Deno.Command(path, {
    args: [file, "--sentinel"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  remember(child, directory);
  let exited = false;
  child.status.then(() => exited = true);
  for (const deadline = Date.now() + READY_WITHIN;;) {
    const said = await ask("127.0.0.1", port, ["PING"]).catch(() => "");
    // A sentinel with TLS does not understand this, and closes the connection.
    if (said.startsWith("+PONG") || tls && await listens(port)) break;
    if (exited || Date.now() > deadline) {
      throw new Error(`Cannot start ${path} as a sentinel`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url: `redis${tls ? "s" : ""}://127.0.0.1:${port}`,
    keyless: true,
    child,
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // A test has killed it.
      }
      await child.status;
      forget(child);
      await Deno.remove(directory, { recursive: true });
      if (!of) await watched?.[Symbol.asyncDispose]();
    },
  };
}

function tlsLines(port: number, tls: SentinelTls): string[] {
  return [
    "port 0",
    `tls-port ${port}`,
    `tls-cert-file ${JSON.stringify(tls.cert)}`,
    `tls-key-file ${JSON.stringify(tls.key)}`,
    `tls-ca-cert-file ${JSON.stringify(tls.ca)}`,
    "tls-replication yes",
    "tls-auth-clients yes",
    ...tls.config,
  ];
}

async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
