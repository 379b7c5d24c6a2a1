/**
 * Raw workerd as a resource: only the Worker, without the proxy and the log of
 * `wrangler dev`, which make it ten times slower.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT, TMP } from "../support/paths.ts";
import { freePort } from "../support/test_server.ts";

/** The version of the npm package. */
export const WORKERD = "workerd@1.20261117.1";

const SUPERVISOR = join(ROOT, "tests", "worker", "supervise.mjs");
/** The timeout for starting, including the installation the first time. */
const READY_WITHIN_MS = 120_000;

/** The configuration of a Worker: its module and its bindings. */
export interface WorkerConfig {
  /** The name of its service. */
  readonly name: string;
  /** The file of its module, in the directory of the configuration. */
  readonly module: string;
  /** Further modules, imported by the first. */
  readonly moreModules?: readonly string[];
  /** Environment variables. */
  readonly vars?: Record<string, string>;
  /** Further bindings, as Cap'n Proto. */
  readonly bindings?: readonly string[];
  /** The classes of its Durable Objects. */
  readonly classes?: readonly string[];
}

/** A process of workerd that serves each Worker on its own port. */
export class Workerd implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #directory: string;
  readonly #urls: ReadonlyMap<string, string>;
  /** Its output. */
  said = "";
  #running = true;
  readonly #ended: Promise<unknown>;

  private constructor(
    child: Deno.ChildProcess,
    directory: string,
    urls: ReadonlyMap<string, string>,
  ) {
    this.#child = child;
    this.#directory = directory;
    this.#urls = urls;
    const streams = [child.stdout, child.stderr].map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        this.said += text;
      }
    });
    this.#ended = Promise.all([child.status, ...streams]).then(() => {
      this.#running = false;
    });
  }

  /** Starts the Workers; `files` are written next to the configuration. */
  static async start(
    workers: readonly WorkerConfig[],
    files: Record<string, string>,
  ): Promise<Workerd> {
    await Deno.mkdir(TMP, { recursive: true });
    const directory = await Deno.makeTempDir({ dir: TMP, prefix: "run-" });
    const urls = new Map<string, string>();
    for (const { name } of workers) {
      urls.set(name, `http://127.0.0.1:${freePort()}`);
    }
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, name), text);
    }
    const config = join(directory, "config.capnp");
    await Deno.writeTextFile(config, configText(workers, urls));
    const child = new Deno.Command("npx", {
      args: ["-y", "-p", WORKERD, "-c", 'exec node "$SUPERVISOR"'],
      env: {
        SUPERVISOR,
        PROGRAM: JSON.stringify(["workerd", "serve", config]),
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const workerd = new Workerd(child, directory, urls);
    try {
      for (const url of urls.values()) await workerd.#ready(url);
      return workerd;
    } catch (error) {
      await workerd[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The address of a Worker. */
  urlOf(name: string): string {
    return this.#urls.get(name)!;
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close().catch(() => {});
    await this.#ended;
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #ready(url: string): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (this.#running && Date.now() < deadline) {
      try {
        const response = await fetch(url, { method: "OPTIONS" });
        await response.body?.cancel();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error(`workerd did not get ready:\n${this.said}`);
  }
}

/** The gateway as a Worker, bundled as it is deployed; `main` is its file in `worker/`. */
export async function bundleGateway(main = "worker.ts"): Promise<string> {
  await Deno.mkdir(TMP, { recursive: true });
  const file = await Deno.makeTempFile({ dir: TMP, suffix: ".js" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--quiet", "--minify", "--external", "cloudflare:*"],
        ...["--output", file, join(ROOT, "worker", main)],
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return await Deno.readTextFile(file);
  } finally {
    await Deno.remove(file);
  }
}

/** The configuration of the gateway, whose module is `gateway.js`. */
export function gatewayConfig(
  name: string,
  vars: Record<string, string>,
  { hub }: { hub: boolean },
): WorkerConfig {
  return {
    name,
    module: "gateway.js",
    vars,
    bindings: hub ? [`(name = "HUB", durableObjectNamespace = "Hub")`] : [],
    classes: hub ? ["Hub"] : [],
  };
}

function configText(
  workers: readonly WorkerConfig[],
  urls: ReadonlyMap<string, string>,
): string {
  const names = workers.map(({ name }) => name);
  const service = (name: string) => `(name = "${name}", worker = .${name})`;
  const socket = (name: string) =>
    `(name = "${name}", address = "${
      new URL(urls.get(name)!).host
    }", http = (), service = "${name}")`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${names.map(service).join(",\n    ")},
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [
    ${names.map(socket).join(",\n    ")},
  ],
);
${workers.map(workerText).join("\n")}`;
}

function workerText(
  { name, module, moreModules = [], vars = {}, bindings = [], classes = [] }:
    WorkerConfig,
): string {
  const modules = [module, ...moreModules].map((file) =>
    `(name = "${file}", esModule = embed "${file}")`
  );
  const all = [
    ...Object.entries(vars).map(([name, text]) =>
      `(name = "${name}", text = ${JSON.stringify(text)})`
    ),
    ...bindings,
  ];
  const objects = classes.map((name) =>
    `(className = "${name}", uniqueKey = "${name}")`
  );
  return `const ${name} :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = "2026-04-01",
  compatibilityFlags = ["enable_request_signal"],
  bindings = [${all.join(", ")}],
  durableObjectNamespaces = [${objects.join(", ")}],
  durableObjectStorage = (inMemory = void),
);`;
}
