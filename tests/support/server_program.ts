/**
 * The Redis server's program: its path, version and features.
 *
 * @module
 */

import { join } from "node:path";
import { VERSION } from "../../lib/embedded/base/about.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { EMBEDDED, permittedServer } from "./find_server.ts";
import { SOCKET_DIRS, SOCKET_NAME } from "./paths.ts";

/**
 * Something that not every server offers. A test that needs more than commands
 * names it, so that other servers plug in without touching the test.
 */
export type Feature =
  /** EVAL, EVALSHA, SCRIPT. */
  | "scripting"
  /** FUNCTION, FCALL. */
  | "functions"
  /** SSUBSCRIBE, SPUBLISH. */
  | "sharded pubsub"
  /** HELLO 3. */
  | "resp3"
  /** ACL users and rules. */
  | "acl"
  /** CLIENT TRACKING. */
  | "client tracking"
  /** The command DEBUG. */
  | "debug"
  /** The command MONITOR. */
  | "monitor"
  /** REPLICAOF and what follows from it. */
  | "replication"
  /** `cluster-enabled yes`. */
  | "cluster"
  /** The option `--sentinel`. */
  | "sentinel"
  /** The commands of its version, and none that came later. */
  | "only its version's commands"
  /** The option `tls` of TestServer.start. */
  | "tls"
  /** The option `unix` of TestServer.start. */
  | "unix socket"
  /** The commands that came with Redis 7.0. */
  | "commands of 7.0"
  /** The commands that came with Redis 7.2. */
  | "commands of 7.2"
  /** The commands that came with Redis 7.4, such as HEXPIRE. */
  | "commands of 7.4"
  /** The commands that came with Redis 8.0, such as HGETEX. */
  | "commands of 8.0";

/** What is known of a server program before it is started. */
export interface ServerProgram {
  /** Its path. */
  readonly path: string;
  /** Whose it is. */
  readonly kind: "redis" | "valkey";
  /** Its version, such as `"7.0.15"`. */
  readonly version: string;
  /** Whether it was built with TLS. */
  readonly tls: boolean;
  /** Whether this process may use the Unix sockets of the tests. */
  readonly unix: boolean;
  /** Whether it is the embedded server, run by the program. */
  readonly embedded?: boolean;
}

/** Says whether `program` offers `feature`. */
export function offers(program: ServerProgram, feature: Feature): boolean {
  if (program.embedded && EXCEPTIONS.has(feature)) return false;
  switch (feature) {
    case "scripting":
    case "debug":
    case "monitor":
    case "replication":
    case "cluster":
    case "sentinel":
    case "only its version's commands":
      return true;
    case "tls":
      return program.tls;
    case "unix socket":
      return program.unix;
    case "resp3":
    case "acl":
    case "client tracking":
      return atLeast(program, "6.0");
    case "functions":
    case "sharded pubsub":
    case "commands of 7.0":
      return atLeast(program, "7.0");
    case "commands of 7.2":
      return atLeast(program, "7.2");
    // Valkey left Redis after 7.2 and counts on its own.
    case "commands of 7.4":
      return program.kind === "redis" && atLeast(program, "7.4");
    case "commands of 8.0":
      return program.kind === "redis" && atLeast(program, "8.0");
  }
}

/** `Deno.test`, or what leaves a test out where the server does not offer `feature`. */
export async function testWith(
  feature: Feature,
): Promise<Deno.DenoTest["ignore"]> {
  return offers(await probe(), feature) ? Deno.test : Deno.test.ignore;
}

/** Says whether the version of `program` is `wanted`, such as `"7.2"`, or later. */
export function atLeast(program: ServerProgram, wanted: string): boolean {
  const [major = 0, minor = 0] = program.version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || major === wantedMajor && minor >= wantedMinor;
}

/** Reads what `--version` prints. */
export function parseVersion(
  said: string,
): { kind: "redis" | "valkey"; version: string } {
  const version = /v=(\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (version === undefined) {
    throw new Error(`Cannot read a version in ${JSON.stringify(said)}`);
  }
  return { kind: /valkey/i.test(said) ? "valkey" : "redis", version };
}

let program: Promise<ServerProgram> | undefined;

/** Returns the program that this process runs as its servers. */
export function probe(): Promise<ServerProgram> {
  program ??= probeServer();
  return program;
}

async function probeServer(): Promise<ServerProgram> {
  return probeAt(await permittedServer());
}

/** Returns what is known of the program at `path`. */
export async function probeAt(path: string): Promise<ServerProgram> {
  if (path === EMBEDDED) {
    return {
      path: Deno.execPath(),
      kind: "redis",
      version: VERSION,
      tls: false,
      unix: false,
      embedded: true,
    };
  }
  const version = await output(path, ["--version"]);
  // A server without TLS names the first of these lines as the bad one, a
  // server with TLS the second.
  const complaint = await output(path, ["--tls-port", "0", "--port", "99999"]);
  const socket = join(SOCKET_DIRS[0]!, SOCKET_NAME);
  const unix = Deno.permissions.querySync({
    name: "net",
    host: `unix:${socket}`,
  });
  return {
    path,
    ...parseVersion(version),
    tls: !complaint.includes("'tls-port"),
    // 104 bytes is the longest path of a socket on macOS, 108 on Linux.
    unix: unix.state === "granted" && socket.length < 100,
  };
}

async function output(path: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(path, {
    args,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}
