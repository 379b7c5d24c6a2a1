/**
 * The rules of the architecture, as functions from sources to violations.
 *
 * @module
 */

import {
  type Import,
  importsOf,
  reach,
  says,
  type Sources,
} from "./imports.ts";

/** What each room may import besides itself; `lib/` aside. Keep it in step with the README. */
const BELOW: Record<string, readonly string[]> = (() => {
  const net = ["resp", "errors"];
  const connection = ["net", ...net];
  const client = ["commands", "connection", ...connection];
  const cluster = ["client", ...client];
  const cache = ["client", ...client];
  const connect = ["cluster", ...cluster];
  return {
    errors: [],
    sha256: [],
    resp: ["errors"],
    net,
    connection,
    // Command families are pure functions on values: they need no socket.
    commands: ["resp", "errors"],
    client,
    cluster,
    cache,
    connect,
    mod: ["connect", ...connect],
    embedded: ["net", "resp", "errors", "sha256"],
    worker: ["connection", "sha256", ...connection],
  };
})();

/** The rooms of `lib/embedded/`, lowest first: each may import those before it. */
const EMBEDDED_ROOMS: readonly string[] = [
  "base",
  "values",
  "rdb",
  "keyspace",
  "model",
  "access",
  "session",
  "watchers",
  "persistence",
  "replication",
  "lua",
  "scripting",
  "commands",
  "top",
];

/** The small entry point. */
const SMALL_DOOR = "lib/client/client.ts";

/** All of `client` and `cache` that the worker may import. */
const FOR_WORKER: readonly string[] = [
  SMALL_DOOR,
  "lib/client/monitor.ts",
  "lib/client/url.ts",
  // With CACHE only: `worker.ts` has their types.
  "lib/cache/engine.ts",
  "lib/cache/options.ts",
  "lib/cache/stats.ts",
  "lib/cache/tracker.ts",
];

const MAY_SAY_DENO: readonly string[] = [
  "lib/net/tcp.ts",
  "lib/embedded/base/disk.ts",
  "lib/embedded/main.ts",
  "worker/serve.ts",
  "worker/server/tcp_listener.ts",
];

const PLATFORM_IMPORTS: Record<string, string> = {
  "worker/cloudflare.ts": "cloudflare:sockets",
  "worker/hub.ts": "cloudflare:workers",
};

const MOST_LINES = 650;

/** The room of a file: `net` for `lib/net/tcp.ts`, `errors` for `lib/errors.ts`. */
export function roomOf(path: string): string {
  const [top, room] = path.replace(/\.ts$/, "").split("/");
  return (top === "lib" ? room : top) ?? "";
}

/** Imports of packages: neither relative nor of the platform. */
export function packageImports(sources: Sources): string[] {
  return problems(
    sources,
    (path, { target, specifier }) =>
      target !== null || PLATFORM_IMPORTS[path] === specifier
        ? null
        : `imports the package "${specifier}": mod.ts, lib/ and worker/ have no dependencies`,
  );
}

/** Imports that do not point down. */
export function upwardImports(sources: Sources): string[] {
  return problems(sources, (path, { target }) => {
    if (target === null) return null;
    const [from, to] = [roomOf(path), roomOf(target)];
    const below = BELOW[from];
    if (below === undefined) {
      return `is in the room "${from}", which has no floor`;
    }
    if (from === "embedded" && to === "embedded") {
      return upwardWithinEmbedded(path, target);
    }
    if (from === to || below.includes(to)) return null;
    if (from === "worker" && FOR_WORKER.includes(target)) return null;
    return `imports ${target}: ${from} may import ${
      ["itself", ...below].join(", ")
    }${from === "worker" ? ` and ${FOR_WORKER.join(", ")}` : ""} only`;
  });
}

function upwardWithinEmbedded(path: string, target: string): string | null {
  const [from, to] = [embeddedRoomOf(path), embeddedRoomOf(target)];
  const [at, of] = [from, to].map((room) => EMBEDDED_ROOMS.indexOf(room));
  if (at! < 0) return `is in the room "${from}", which has no floor`;
  if (of! <= at! && of! >= 0) return null;
  return `imports ${target}: ${from} is below ${to} in lib/embedded/`;
}

/** The room within `lib/embedded/`; `top` for a file outside of all rooms. */
function embeddedRoomOf(path: string): string {
  const [, , room, file] = path.split("/");
  return file === undefined ? "top" : room!;
}

/** Files that mention `Deno` without permission to. */
export function denoOutOfPlace(sources: Sources): string[] {
  return [...sources]
    .filter(([path, source]) =>
      !MAY_SAY_DENO.includes(path) && says("Deno", source)
    )
    .map(([path]) => `${path} says Deno: only ${MAY_SAY_DENO.join(", ")} may`);
}

/** Forbidden imports of the small entry point. */
export function smallEntryLeaks(sources: Sources): string[] {
  const leaks: string[] = [];
  for (const [path, way] of reach(sources, SMALL_DOOR, { types: false })) {
    if (roomOf(path) !== "commands") continue;
    leaks.push(
      `The small entry point reaches a command family: ${way.join(" -> ")}`,
    );
  }
  for (const [path, way] of reach(sources, SMALL_DOOR, { types: true })) {
    if (!says("Deno", sources.get(path) ?? "")) continue;
    leaks.push(`The small entry point reaches Deno: ${way.join(" -> ")}`);
  }
  return leaks;
}

/** Import cycles among the files below `folder`, type imports included. */
export function circles(sources: Sources, folder: string): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const follow = (path: string, way: readonly string[]) => {
    if (done.has(path) || !path.startsWith(folder)) return;
    const at = way.indexOf(path);
    if (at >= 0) {
      found.push(`Circle: ${[...way.slice(at), path].join(" -> ")}`);
      return;
    }
    for (const { target } of importsOf(path, sources.get(path) ?? "")) {
      if (target !== null) follow(target, [...way, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) follow(path, []);
  return found;
}

/** Files with too many lines. */
export function longFiles(sources: Sources): string[] {
  return [...sources]
    .map(([path, source]) => ({
      path,
      lines: source.trimEnd().split("\n").length,
    }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) =>
      `${path} has ${lines} lines: at most ${MOST_LINES}, split it`
    );
}

function problems(
  sources: Sources,
  check: (path: string, found: Import) => string | null,
): string[] {
  return [...sources].flatMap(([path, source]) =>
    importsOf(path, source).flatMap((found) => {
      const problem = check(path, found);
      return problem === null ? [] : [`${path}:${found.line} ${problem}`];
    })
  );
}
