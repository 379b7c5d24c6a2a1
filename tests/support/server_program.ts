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
 * A feature that not every server has. A test names the features that it needs
 * besides commands, so that it can run against any server.
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
  /** REPLICAOF and related commands. */
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

/** Facts about a server program that is not started yet. */
export interface ServerProgram {
  /** Its path. */
  readonly path: string;
  /** The project it comes from. */
  readonly kind: "redis" | "valkey";
  /** Its version, such as `"7.0.15"`. */
  readonly version: string;
  /** Whether it was built with TLS. */
  readonly tls: boolean;
  /** Whether this process may use the Unix sockets of the tests. */
  readonly unix: boolean;
  /** Whether it is the embedded server, run as a program. */
  readonly embedded?: boolean;
}

/** Whether `program` has `feature`. */
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
    // Valkey forked from Redis 7.2; its later versions count differently.
    case "commands of 7.4":
      return program.kind === "redis" && atLeast(program, "7.4");
    case "commands of 8.0":
      return program.kind === "redis" && atLeast(program, "8.0");
  }
}

/** `Deno.test`, or a variant that ignores the test if the server lacks `feature`. */
export async function testWith(
  feature: Feature,
): Promise<Deno.DenoTest["ignore"]> {
  return offers(await probe(), feature) ? Deno.test : Deno.test.ignore;
}

/** Whether the version of `program` is `wanted`, such as `"7.2"`, or later. */
export function atLeast(program: ServerProgram, wanted: string): boolean {
  const [major = 0, minor = 0] = program.version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || major === wantedMajor && minor >= wantedMinor;
}

/** Parses the output of `--version`. */
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

/** Returns the program that this process uses for its servers. */
export function probe(): Promise<ServerProgram> {
  program ??= probeServer();
  return program;
}

async function probeServer(): Promise<ServerProgram> {
  return probeAt(await permittedServer());
}

/** Returns the facts about the program at `path`. */
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
  // A server without TLS reports the first of these options as invalid, a server
  // with TLS the second.
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
    // The longest path of a socket is 104 bytes on macOS, 108 on Linux.
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
