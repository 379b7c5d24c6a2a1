/**
 * Servers newer than the machine's own, from Debian's newer suites. They are
 * unpacked under `tests/.tmp`, so that the system does not change.
 *
 * A newer server needs newer libraries, even the C library. They are unpacked
 * next to it, and their own loader starts it.
 *
 * @module
 */

import { join } from "node:path";
import { isFile } from "./find_server.ts";
import { TMP } from "./paths.ts";

/** A server that can be started on this machine. */
export interface NewerServer {
  /** Its kind and version, such as `"redis-8.6.3"`. */
  readonly name: string;
  /** The program that starts it, in place of `redis-server`. */
  readonly path: string;
}

const SUITES = ["stable", "unstable", "experimental"];
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const HOME = join(TMP, "servers");
const APT = join(HOME, "apt");
const LIBRARIES = join(HOME, "libraries");

/** A server's package, as apt lists it. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly kind: "redis" | "valkey";
  /** The server's own version. */
  readonly server: readonly number[];
}

/**
 * Returns the servers of Debian's newer suites, newest first: one for each minor
 * version. Throws if apt is missing or cannot reach the suites.
 */
export async function newerServers(): Promise<NewerServer[]> {
  await prepare();
  await apt(["apt-get", "-q", "update", "--allow-releaseinfo-change"]);
  const packages = newestOfMinors(
    readPackages(
      await apt(["apt-cache", "madison", "redis-tools", "valkey-tools"]),
    ),
  );
  if (packages.length === 0) throw new Error("Debian has no newer server");
  const missing: Package[] = [];
  for (const one of packages) {
    if (!await isFile(pathOf(one))) missing.push(one);
  }
  if (missing.length > 0) await unpack(missing);
  return packages.map((one) => ({ name: nameOf(one), path: pathOf(one) }));
}

/** Returns the servers that are unpacked already, without querying Debian. */
export async function unpackedServers(): Promise<NewerServer[]> {
  const found: NewerServer[] = [];
  const names = await Array.fromAsync(Deno.readDir(HOME)).catch(() => []);
  for (const { name } of names) {
    const [kind] = name.split("-");
    const path = join(HOME, name, `${kind}-server`);
    if (await isFile(path)) found.push({ name, path });
  }
  return found;
}

/** The newest Redis and the newest Valkey of `servers`, which is sorted newest first. */
export function newestOfEach(servers: readonly NewerServer[]): NewerServer[] {
  return ["redis-", "valkey-"].flatMap((kind) =>
    servers.find(({ name }) => name.startsWith(kind)) ?? []
  );
}

/** Parses the output of `apt-cache madison`: `redis-tools | 5:8.6.3-1 | …`. */
export function readPackages(printed: string): Package[] {
  return printed.split("\n").flatMap((line) => {
    const [name = "", version = ""] = line.split("|").map((cell) =>
      cell.trim()
    );
    const [, kind] = /^(redis|valkey)-tools$/.exec(name) ?? [];
    const [, server] = /^(?:\d+:)?(\d+\.\d+\.\d+)/.exec(version) ?? [];
    if (kind === undefined || server === undefined) return [];
    return [{
      name,
      version,
      kind: kind as Package["kind"],
      server: server.split(".").map(Number),
    }];
  });
}

/** The newest package of each kind and minor version, the newest first. */
export function newestOfMinors(packages: readonly Package[]): Package[] {
  const newest = new Map<string, Package>();
  const sorted = packages.toSorted((a, b) =>
    a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : compare(b.server, a.server)
  );
  for (const one of sorted) {
    const minor = `${one.kind} ${one.server.slice(0, 2)}`;
    if (!newest.has(minor)) newest.set(minor, one);
  }
  return [...newest.values()];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

function nameOf({ kind, server }: Package): string {
  return `${kind}-${server.join(".")}`;
}

function pathOf(one: Package): string {
  return join(HOME, nameOf(one), `${one.kind}-server`);
}

/** Creates directories for a separate apt, and configures the newer suites in it. */
async function prepare(): Promise<void> {
  for (
    const directory of ["state/lists/partial", "cache/archives/partial", "debs"]
  ) await Deno.mkdir(join(APT, directory), { recursive: true });
  await Deno.writeTextFile(join(APT, "status"), "");
  const signed = await isFile(KEYRING) ? `[signed-by=${KEYRING}] ` : "";
  const address = await archive();
  await Deno.writeTextFile(
    join(APT, "sources.list"),
    SUITES.map((suite) => `deb ${signed}${address} ${suite} main\n`).join(""),
  );
}

/** The address of Debian's archive, from the machine's own configuration. */
async function archive(): Promise<string> {
  const printed = await output([
    ...["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)"],
    "Created-By: Packages",
  ]);
  for (const line of printed.split("\n")) {
    // The suites of updates and security fixes contain a hyphen: skip them.
    const [, address] = /^(\S+) [a-z]+$/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error("The machine's apt has no archive of Debian");
}

/** Downloads the servers and their libraries, and writes their start scripts. */
async function unpack(packages: readonly Package[]): Promise<void> {
  const wanted = packages.map(({ name, version }) => `${name}=${version}`);
  const libraries = new Set<string>();
  for (const one of wanted) {
    const simulated = await apt([
      ...["apt-get", "-s", "install", "--no-install-recommends"],
      one,
    ]);
    for (const [, name] of simulated.matchAll(/^Inst ((?:lib|zlib)\S+)/gm)) {
      libraries.add(name!);
    }
  }
  await apt(["apt-get", "-q", "download", ...wanted, ...libraries]);
  const loader = await unpackLibraries([...libraries]);
  for (const one of packages) {
    const directory = join(HOME, nameOf(one));
    const [deb] = await debsOf(one.name, one.version);
    await output(["dpkg", "-x", deb!, directory]);
    // The package has the server's binary only under this name.
    const binary = join(directory, "usr", "bin", `${one.kind}-check-rdb`);
    const words = [
      ...[loader, "--library-path", join(loader, "..")],
      ...["--argv0", `${one.kind}-server`, binary],
    ].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    const script = `#!/usr/bin/env bash\nexec ${words.join(" ")} "$@"\n`;
    const draft = join(directory, "draft");
    await Deno.writeTextFile(draft, script);
    await Deno.chmod(draft, 0o755);
    await output([draft, "--version"]);
    await Deno.rename(draft, pathOf(one));
  }
}

/** Unpacks libraries into one directory and returns their loader. */
async function unpackLibraries(names: readonly string[]): Promise<string> {
  for (const name of names) {
    for (const deb of await debsOf(name)) {
      await output(["dpkg", "-x", deb, LIBRARIES]);
    }
  }
  const folder = join(LIBRARIES, "usr", "lib");
  for await (const { name: machine } of Deno.readDir(folder)) {
    if (!machine.includes("-linux-")) continue;
    for await (const { name } of Deno.readDir(join(folder, machine))) {
      if (name.startsWith("ld-linux")) return join(folder, machine, name);
    }
  }
  throw new Error("The C library that was unpacked has no loader");
}

/** The downloaded files of a package. */
async function debsOf(name: string, version = ""): Promise<string[]> {
  const found: string[] = [];
  const start = `${name}_${version.replaceAll(":", "%3a")}`;
  for await (const { name: file } of Deno.readDir(join(APT, "debs"))) {
    if (file.startsWith(start)) found.push(join(APT, "debs", file));
  }
  return found;
}

/** Runs an apt program for the newer suites, as if on an empty system. */
function apt([command, ...args]: readonly string[]): Promise<string> {
  const settings = {
    "Dir::State": join(APT, "state"),
    "Dir::State::status": join(APT, "status"),
    "Dir::Cache": join(APT, "cache"),
    "Dir::Etc::sourcelist": join(APT, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Acquire::Languages": "none",
    "APT::Sandbox::User": "",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => [
    "-o",
    `${name}=${value}`,
  ]);
  return output([command!, ...options, ...args], join(APT, "debs"));
}

async function output(
  [command, ...args]: readonly string[],
  cwd: string = TMP,
): Promise<string> {
  const run = new Deno.Command(command!, { args, cwd, stdin: "null" });
  const { success, stdout, stderr } = await run.output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`${command} ${args.at(0)} failed: ${decoder.decode(stderr)}`);
}
