/**
 * The embedded server as a program, with the options of redis-server:
 *
 * ```sh
 * deno run --allow-net lib/embedded/main.ts --port 6380 --requirepass secret
 * deno run --allow-net --allow-read=data --allow-write=data lib/embedded/main.ts --dir data --appendonly yes
 * ```
 *
 * The first argument may be the path of a redis.conf; options override it. Data is
 * kept in the directory of `--dir`. Without `--dir` it is kept in memory only,
 * unless `--appendonly yes` or `--save` is given.
 *
 * @module
 */

import { toBinary } from "../resp/binary.ts";
import { splitLine } from "../resp/request_decoder.ts";
import { VERSION } from "./base/about.ts";
import { type Directive, readDirectives } from "./config_file.ts";
import { EmbeddedServer } from "./server.ts";

const USAGE =
  `Usage: main.ts [redis.conf] [--port 6379] [--bind 127.0.0.1] [--name value]...
Options are those of redis.conf, as far as the server knows them.`;

/** Options that may occur several times. */
const SEVERAL: ReadonlySet<string> = new Set([
  "client-output-buffer-limit",
  "save",
]);

/** Options, each with its words up to the next option. */
function readArguments(words: readonly string[]): Directive[] {
  const directives: [string, ...string[]][] = [];
  for (const word of words) {
    if (word.startsWith("--")) {
      directives.push([word.slice(2).toLowerCase()]);
      continue;
    }
    const last = directives.at(-1);
    if (last === undefined) {
      throw new TypeError(`Cannot read "${word}": options begin with "--"`);
    }
    last.push(word);
  }
  return directives;
}

async function start(
  file: string | undefined,
  words: readonly string[],
): Promise<EmbeddedServer> {
  const directives = [
    ...file === undefined ? [] : readFile(file),
    ...readArguments(words),
  ];
  let hostname = "127.0.0.1";
  let port = 6379;
  const users: string[] = [];
  const renamed: Record<string, string> = {};
  const config: Record<string, string> = {};
  for (const [name, ...values] of directives) {
    const value = values.join(" ");
    if (name === "port") {
      if (!/^\d{1,5}$/.test(value)) {
        throw new TypeError(`Cannot listen on port "${value}"`);
      }
      port = Number(value);
    } else if (name === "bind") hostname = values[0] ?? hostname;
    else if (name === "user") users.push(value);
    else if (name === "rename-command") {
      const [command = "", other = ""] = splitLine(value);
      renamed[command] = other;
    } else if (SEVERAL.has(name) && value !== "" && config[name]) {
      config[name] += ` ${value}`;
    } else config[name] = value;
  }
  // redis-server defaults to the working directory; here only if data is to be saved.
  if (config["appendonly"] === "yes" || config["save"]) config["dir"] ??= ".";
  return await EmbeddedServer.listen({
    hostname,
    port,
    users,
    renamed,
    config,
    log: say,
    ...file !== undefined && { configFile: file },
  });
}

function readFile(path: string): Directive[] {
  const bytes = Deno.readFileSync(path);
  return readDirectives(toBinary(bytes, 0, bytes.length));
}

/** Runs the server until it is stopped; resolves to the exit code. */
async function main(words: readonly string[]): Promise<number> {
  if (words.includes("--help")) {
    say(USAGE);
    return 0;
  }
  if (words.includes("--version")) {
    say(`Redis server v=${VERSION} sorrel`);
    return 0;
  }
  let server: EmbeddedServer;
  try {
    const [first = "--"] = words;
    server = first.startsWith("--")
      ? await start(undefined, words)
      : await start(first, words.slice(1));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = error instanceof Deno.errors.AddrInUse
      ? "Address already in use"
      : error.message;
    say(`Cannot start the server: ${reason}`);
    return 1;
  }
  say(`Ready to accept connections on ${server.url}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      server.close().catch((error) => say(`Cannot save: ${error.message}`));
    });
  }
  await server.closed;
  return 0;
}

function say(text: string): void {
  // deno-lint-ignore no-console -- it is a program
  console.log(text);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
