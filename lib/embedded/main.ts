/**
 * The embedded server as a program, with the options of redis-server:
 *
 * ```sh
 * deno run --allow-net lib/embedded/main.ts --port 6380 --requirepass secret
 * deno run --allow-net --allow-read=data --allow-write=data lib/embedded/main.ts --dir data --appendonly yes
 * ```
 *
 * Data is kept in the directory that `--dir` names; without it in memory only,
 * unless `--appendonly yes` or `--save` ask for more.
 *
 * @module
 */

import { splitLine } from "../resp/request_decoder.ts";
import { VERSION } from "./about.ts";
import { EmbeddedServer } from "./server.ts";

const USAGE = `Usage: main.ts [--port 6379] [--bind 127.0.0.1] [--name value]...
Options are those of redis.conf, as far as the server knows them.`;

/** An option and its values: all words up to the next option. */
type Directive = readonly [name: string, ...values: string[]];

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
  directives: readonly Directive[],
): Promise<EmbeddedServer> {
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
    } else if (name === "save" && config["save"]) config[name] += ` ${value}`;
    else config[name] = value;
  }
  // As of redis-server it is where it was started; but only to save in it.
  if (config["appendonly"] === "yes" || config["save"]) config["dir"] ??= ".";
  return await EmbeddedServer.listen({
    hostname,
    port,
    users,
    renamed,
    config,
  });
}

/** Runs the server until it is told to end; resolves to the exit code. */
async function main(words: readonly string[]): Promise<number> {
  if (words.includes("--help")) {
    say(USAGE);
    return 0;
  }
  if (words.includes("--version")) {
    say(`Redis server v=${VERSION} respite`);
    return 0;
  }
  let server: EmbeddedServer;
  try {
    server = await start(readArguments(words));
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
