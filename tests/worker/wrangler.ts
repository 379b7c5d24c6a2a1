/**
 * Cloudflare's wrangler as a resource of a test: the real workerd, locally.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT, TMP } from "../support/paths.ts";
import { freePort } from "../support/test_server.ts";

/** A version of wrangler, and the packages to install. */
export interface Wrangler {
  readonly name: string;
  readonly packages: readonly string[];
}

/** The newest version with the Node that it needs, and the last that runs on Node 20. */
export const WRANGLERS: readonly Wrangler[] = [
  {
    name: "the newest wrangler",
    packages: ["node@22.23.3", "wrangler@4.164.0"],
  },
  { name: "wrangler 4.86", packages: ["wrangler@4.86.0"] },
];

/** The timeout for starting, including the installation the first time. */
const READY_WITHIN = 180_000;
/** The supervisor kills after 5 s; this timeout should never fire. */
const ENDED_WITHIN = 20_000;

const SUPERVISOR = join(ROOT, "tests", "worker", "supervise.mjs");

/** Options for running the worker. */
export interface DevOptions {
  /** Whether it has the binding to its Durable Objects. */
  hub: boolean;
  /**
   * The version.
   *
   * @default {WRANGLERS[0]}
   */
  wrangler?: Wrangler;
}

/** A directory with the worker's configuration, in which wrangler runs. */
class Project implements AsyncDisposable {
  readonly directory: string;
  readonly #wrangler: Wrangler;

  private constructor(directory: string, wrangler: Wrangler) {
    this.directory = directory;
    this.#wrangler = wrangler;
  }

  /** Copies wrangler.jsonc, as wrangler writes files next to it. */
  static async make(
    vars: Record<string, string>,
    { hub, wrangler = WRANGLERS[0]! }: DevOptions,
  ): Promise<Project> {
    await Deno.mkdir(TMP, { recursive: true });
    const directory = await Deno.makeTempDir({ dir: TMP, prefix: "run-" });
    const worker = join(ROOT, "worker");
    const config = await Deno.readTextFile(join(worker, "wrangler.jsonc"));
    const main = JSON.stringify(join(worker, "worker.ts"));
    const assets = JSON.stringify(join(worker, "console"));
    let text = config.replace('"worker.ts"', () => main)
      .replace('"./console"', () => assets);
    // The class must stay; with another name for the binding the Worker does not find it.
    if (!hub) text = text.replace('"name": "HUB"', '"name": "NOBODY"');
    await Deno.writeTextFile(join(directory, "wrangler.jsonc"), text);
    // Single quotes, as dotenv does not remove backslashes within double quotes.
    const lines = Object.entries(vars).map(([name, value]) =>
      `${name}='${value}'\n`
    );
    await Deno.writeTextFile(join(directory, ".dev.vars"), lines.join(""));
    return new Project(directory, wrangler);
  }

  /** Starts wrangler; it ends when its standard input closes. */
  spawn(args: readonly string[]): Deno.ChildProcess {
    return new Deno.Command("npx", {
      // `-c` instead of arguments, so that the supervisor starts the installed program.
      args: [
        "-y",
        ...this.#wrangler.packages.flatMap((name) => ["-p", name]),
        ...["-c", 'node "$SUPERVISOR"'],
      ],
      cwd: this.directory,
      env: {
        SUPERVISOR,
        PROGRAM: JSON.stringify(["wrangler", ...args]),
        WRANGLER_HIDE_BANNER: "true",
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_SEND_ERROR_REPORTS: "false",
        WRANGLER_LOG_PATH: join(this.directory, "logs"),
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        XDG_CONFIG_HOME: join(this.directory, "config"),
        NO_COLOR: "1",
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Runs wrangler to its end; resolves to its output. Throws if it failed. */
export async function runWrangler(args: readonly string[]): Promise<string> {
  await using project = await Project.make({}, { hub: true });
  await using run = new Run(project.spawn(args));
  const { success } = await run.ended(READY_WITHIN);
  if (success) return run.said;
  throw new Error(`wrangler ${args.join(" ")} failed:\n${run.said}`);
}

/** The worker under `wrangler dev`. */
export class DevServer implements AsyncDisposable {
  /** Its address. */
  readonly url: string;
  readonly #project: Project;
  readonly #run: Run;

  private constructor(url: string, project: Project, run: Run) {
    this.url = url;
    this.#project = project;
    this.#run = run;
  }

  /** Starts it with these bindings and waits until it responds. */
  static async start(
    vars: Record<string, string>,
    options: DevOptions,
  ): Promise<DevServer> {
    const port = freePort();
    const project = await Project.make(vars, options);
    const run = new Run(project.spawn([
      "dev",
      ...["--ip", "127.0.0.1", "--port", `${port}`, "--inspector-port", "0"],
    ]));
    const server = new DevServer(`http://127.0.0.1:${port}`, project, run);
    try {
      await server.#ready();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Ends wrangler and all processes that it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run[Symbol.asyncDispose]();
    await this.#project[Symbol.asyncDispose]();
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN;
    while (Date.now() < deadline && this.#run.running) {
      try {
        const response = await fetch(this.url, { method: "OPTIONS" });
        await response.body?.cancel();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw new Error(`wrangler dev did not get ready:\n${this.#run.said}`);
  }
}

/** A process under the supervisor, and its output. */
class Run implements AsyncDisposable {
  /** Whether it is running. */
  running = true;
  /** Its output so far. */
  said = "";
  readonly #child: Deno.ChildProcess;
  readonly #end: Promise<Deno.CommandStatus>;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    const streams = [child.stdout, child.stderr].map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        this.said += text;
      }
    });
    this.#end = Promise.all([child.status, ...streams]).then(([status]) => {
      this.running = false;
      return status;
    });
  }

  /** Resolves when it has ended; kills it if that takes too long. */
  async ended(within: number): Promise<Deno.CommandStatus> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), within);
    const status = await this.#end;
    clearTimeout(timer);
    return status;
  }

  /** Ends it and all processes that it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close().catch(() => {});
    await this.ended(ENDED_WITHIN);
  }
}
