/**
 * A real Redis server as a resource of a test.
 *
 * ```ts
 * await using server = await TestServer.start();
 * await using redis = await connect(server.url);
 * ```
 *
 * @module
 */

import { join } from "node:path";
import { ask } from "./ask.ts";
import { forget, remember, takePort } from "./leftovers.ts";
import { SOCKET_DIRS, SOCKET_NAME, TMP } from "./paths.ts";
import {
  atLeast,
  type Feature,
  offers,
  probe,
  type ServerProgram,
} from "./server_program.ts";

export type { Feature } from "./server_program.ts";

/** Options of {@linkcode TestServer.start}. */
export interface TestServerOptions {
  /** Directives of redis.conf; a list gives several lines of one directive. */
  config?: Record<string, string | readonly string[]>;
  /** The port. @default {a free one} */
  port?: number;
  /** Whether to listen on {@linkcode TestServer.socketPath} too. @default {false} */
  unix?: boolean;
  /** The program to run. @default {REDIS_SERVER, or the machine's own server} */
  program?: ServerProgram;
  /**
   * The files for TLS on {@linkcode TestServer.tlsPort}. Clients need no certificate,
   * unless `config` says otherwise.
   */
  tls?: { cert: string; key: string; ca: string };
}

/** A running process. */
interface Running {
  readonly child: Deno.ChildProcess;
  readonly stderr: Promise<string>;
  /** The output of the embedded server; redis-server logs to a file. */
  stdout: string;
  readonly stdoutRead: Promise<void>;
}

/** The variable with which `deno task test:servers` lets tests speak RESP2. */
export const PROTOCOL = "TEST_PROTOCOL";

const HOSTNAME = "127.0.0.1";
/** The arguments that run the embedded server as a program, after Deno's own options. */
const EMBEDDED_ARGS: readonly string[] = [
  "run",
  "--quiet",
  "--no-check",
  "--no-prompt",
  `--allow-net=${HOSTNAME}`,
  `--allow-read=${TMP}`,
  `--allow-write=${TMP}`,
  "lib/embedded/main.ts",
];
const READY_WITHIN = 60_000;
const ATTEMPTS = 5;

/** A Redis server with its own port and directory. */
export class TestServer implements AsyncDisposable {
  /** The address that it listens on. */
  readonly hostname: string = HOSTNAME;
  /** The port without TLS. */
  readonly port: number;
  /** The port with TLS; `null` without the option `tls`. */
  readonly tlsPort: number | null;
  /** The Unix socket; `null` without the option `unix`. */
  readonly socketPath: string | null;
  readonly #program: ServerProgram;
  readonly #directory: string;
  #process: Running | null = null;

  private constructor(
    program: ServerProgram,
    directory: string,
    options: TestServerOptions,
  ) {
    this.#program = program;
    this.#directory = directory;
    this.port = options.port ?? freePort();
    this.tlsPort = options.tls ? freePort() : null;
    this.socketPath = options.unix ? join(directory, SOCKET_NAME) : null;
  }

  /** Starts a server and waits until it serves clients. */
  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const program = options.program ?? await probe();
    for (let attempt = 1;; attempt++) {
      const directory = await makeDirectory(options.unix ?? false);
      const server = new TestServer(program, directory, options);
      try {
        await Deno.writeTextFile(
          server.#configFile,
          server.#directives(options).join("\n"),
        );
        await server.startAgain();
        return server;
      } catch (error) {
        await server[Symbol.asyncDispose]();
        const collided = /already in use/i.test(String(error));
        if (!collided || options.port || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Whether the server that {@linkcode TestServer.start} would start has `feature`. */
  static async has(feature: Feature): Promise<boolean> {
    return offers(await probe(), feature);
  }

  /** Whether this server has `feature`. */
  has(feature: Feature): boolean {
    return offers(this.#program, feature);
  }

  /** The server's version, such as `"7.0.15"`. */
  get version(): string {
    return this.#program.version;
  }

  /** Its URL; it names RESP2 where {@linkcode PROTOCOL} says so. */
  get url(): string {
    return `${this.plainUrl}${isResp2() ? "?protocol=2" : ""}`;
  }

  /** Its URL without options. */
  get plainUrl(): string {
    return `redis://${this.hostname}:${this.port}`;
  }

  /** The process of the running server. */
  get pid(): number {
    if (this.#process === null) throw new Error("The server does not run");
    return this.#process.child.pid;
  }

  /** Kills the server at once; its port then refuses. */
  async kill(): Promise<void> {
    if (this.#process === null) return;
    const { child, stderr, stdoutRead } = this.#process;
    this.#process = null;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await Promise.all([child.status, stderr, stdoutRead]);
    forget(child);
  }

  /** Starts a killed server on the same port, without its data. */
  async startAgain(): Promise<void> {
    if (this.#process !== null) throw new Error("The server runs already");
    await Deno.remove(this.#logFile).catch(() => {});
    const { embedded = false } = this.#program;
    const child = new Deno.Command(this.#program.path, {
      args: [...embedded ? EMBEDDED_ARGS : [], this.#configFile],
      stdin: "null",
      stdout: embedded ? "piped" : "null",
      stderr: "piped",
      ...embedded && { env: { NO_COLOR: "1" } },
    }).spawn();
    remember(child, this.#directory);
    this.#process = run(child, embedded);
    await this.#ready(child);
  }

  /** Kills the server and starts it on the same port, without its data. */
  async restart(): Promise<void> {
    await this.kill();
    await this.startAgain();
  }

  /** Stops the process (SIGSTOP): its sockets stay open, but it does not reply. */
  pause(): void {
    this.#process?.child.kill("SIGSTOP");
  }

  /** Ends a {@linkcode TestServer.pause}. */
  resume(): void {
    this.#process?.child.kill("SIGCONT");
  }

  /** Sends one command over a new connection and returns the start of the raw reply. */
  ask(...args: string[]): Promise<string> {
    return ask(this.hostname, this.port, args);
  }

  /** Kills the server and removes its directory. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#directory, { recursive: true }).catch(() => {});
  }

  get #configFile(): string {
    return join(this.#directory, "redis.conf");
  }

  /** The directives of redis.conf. */
  #directives({ config, tls }: TestServerOptions): string[] {
    const directives: Record<string, string | readonly string[]> = {
      "port": `${this.port}`,
      "bind": HOSTNAME,
      "save": '""',
      "appendonly": "no",
      "daemonize": "no",
      "dir": JSON.stringify(this.#directory),
    };
    // The embedded server logs to its standard output.
    if (!this.#program.embedded) {
      directives["logfile"] = JSON.stringify(this.#logFile);
    }
    if (this.socketPath) {
      directives["unixsocket"] = JSON.stringify(this.socketPath);
    }
    if (atLeast(this.#program, "7.0")) {
      directives["enable-debug-command"] = "yes";
    }
    if (tls) {
      directives["tls-port"] = `${this.tlsPort}`;
      directives["tls-cert-file"] = JSON.stringify(tls.cert);
      directives["tls-key-file"] = JSON.stringify(tls.key);
      directives["tls-ca-cert-file"] = JSON.stringify(tls.ca);
      directives["tls-auth-clients"] = "optional";
    }
    return Object.entries({ ...directives, ...config })
      .flatMap(([name, lines]) =>
        [lines].flat().map((line) => `${name} ${line}`)
      );
  }

  async #ready(child: Deno.ChildProcess): Promise<void> {
    let exited = false;
    child.status.then(() => exited = true);
    const deadline = Date.now() + READY_WITHIN;
    while (!exited && Date.now() < deadline) {
      // A PONG alone might come from another server that took the port first.
      const bound = /ready to accept connections/i.test(await this.#log());
      if (bound && /^(\+PONG|-NOAUTH)/.test(await this.#ping())) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const running = this.#process;
    await this.kill();
    const what = exited ? "it ended" : `not ready within ${READY_WITHIN} ms`;
    throw new Error(
      `Cannot start ${this.#program.path}: ${what}\n${await running
        ?.stderr}${await this.#log(running)}`,
    );
  }

  #ping(): Promise<string> {
    return this.ask("PING").catch(() => "");
  }

  #log(running: Running | null = this.#process): Promise<string> {
    if (this.#program.embedded) return Promise.resolve(running?.stdout ?? "");
    return Deno.readTextFile(this.#logFile).catch(() => "");
  }

  get #logFile(): string {
    return join(this.#directory, "server.log");
  }
}

function run(child: Deno.ChildProcess, readStdout: boolean): Running {
  const read = async () => {
    if (!readStdout) return;
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) running.stdout += text;
  };
  const running: Running = {
    child,
    stderr: child.stderr.text(),
    stdout: "",
    stdoutRead: Promise.resolve().then(read),
  };
  return running;
}

/** Returns a port of 127.0.0.1 on which nothing listens, and no other test of the run. */
export function freePort(): number {
  for (;;) {
    // Below every system's ephemeral ports, even for the cluster bus (port + 10,000):
    // otherwise the port of a killed server could become the port of a client.
    const port = 11_000 + Math.floor(Math.random() * 10_000);
    try {
      Deno.listen({ hostname: HOSTNAME, port }).close();
      if (takePort(port)) return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

async function makeDirectory(unix: boolean): Promise<string> {
  await Deno.mkdir(TMP, { recursive: true });
  if (!unix) return await Deno.makeTempDir({ dir: TMP, prefix: "server-" });
  for (const directory of SOCKET_DIRS) {
    try {
      await Deno.mkdir(directory);
      return directory;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
  throw new Error(`All Unix sockets are taken: remove ${TMP}`);
}

/** Whether clients that do not say otherwise speak RESP2; programs beside the tests do not. */
function isResp2(): boolean {
  const { state } = Deno.permissions.querySync({
    name: "env",
    variable: PROTOCOL,
  });
  return state === "granted" && Deno.env.get(PROTOCOL) === "2";
}
