/**
 * The examples of the README and of the doc comments, as programs.
 *
 * @module
 */

import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./paths.ts";
import type { TestServer } from "./test_server.ts";

/** A `ts` block. */
export interface Example {
  /** The file that it is in, from the repository's root. */
  file: string;
  /** The line of its first line of code, from 1. */
  line: number;
  /** The code. */
  code: string;
}

/** An example written to a file that {@linkcode ./run_examples.ts} imports. */
export interface ExampleModule {
  /** The URL of the file. */
  url: string;
  /** The place of the example, such as `README.md:12`. */
  origin: string;
}

/** The result of a batch of examples. */
export interface Outcome {
  /** Whether all examples passed. */
  success: boolean;
  /** The errors, with the examples' origins. */
  output: string;
}

/** The address in the examples, so that readers can paste them. */
const PASTEABLE_URL = "redis://localhost:6379";
const PASTEABLE_PORT = "port: 6379";

/** Returns the `ts` blocks of a Markdown file, or of a TypeScript file's doc comments. */
export function examplesOf(file: string, text: string): Example[] {
  const examples: Example[] = [];
  let open: Example | null = null;
  for (const [index, line] of docLines(file, text).entries()) {
    if (open === null) {
      if (!/^\s*```(ts|typescript)\b/.test(line)) continue;
      open = { file, line: index + 2, code: "" };
    } else if (/^\s*```\s*$/.test(line)) {
      examples.push(open);
      open = null;
    } else {
      open.code += `${line}\n`;
    }
  }
  if (open) throw new Error(`${file}:${open.line} The example has no end`);
  return examples;
}

/** The lines of a file, with everything but documentation blanked. */
function docLines(file: string, text: string): string[] {
  const lines = text.split("\n");
  if (file.endsWith(".md")) return lines;
  let inside = false;
  return lines.map((line) => {
    if (/^\s*\/\*\*/.test(line)) inside = true;
    const doc = inside ? line.replace(/^\s*(\/\*)?\* ?/, "") : "";
    if (line.includes("*/")) inside = false;
    return doc;
  });
}

/** Writes each example as a file in `directory`, with the line numbers of its origin. */
export async function writeExamples(
  directory: string,
  examples: readonly Example[],
  server: TestServer,
): Promise<ExampleModule[]> {
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(
    join(directory, "deno.json"),
    JSON.stringify(await configuration(directory)),
  );
  const modules: ExampleModule[] = [];
  for (const { file, line, code } of examples) {
    const path = join(directory, `${file.replaceAll("/", "__")}.L${line}.ts`);
    const text = code
      .replaceAll(PASTEABLE_URL, server.url)
      .replaceAll(PASTEABLE_PORT, `port: ${server.port}`);
    await Deno.writeTextFile(path, "\n".repeat(line - 1) + text);
    modules.push({ url: pathToFileURL(path).href, origin: `${file}:${line}` });
  }
  return modules;
}

/** The root's compiler options, with its public names as imports. */
async function configuration(directory: string): Promise<unknown> {
  const { name, exports, compilerOptions } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const imports = Object.fromEntries(
    Object.entries<string>(exports).map(([entry, path]) => [
      name + entry.slice(1),
      relative(directory, join(ROOT, path)),
    ]),
  );
  return { imports, compilerOptions, lock: false };
}

/** Type-checks examples, in one process. */
export async function checkExamples(
  directory: string,
  modules: readonly ExampleModule[],
): Promise<Outcome> {
  const args = ["check", "--quiet", "--config", join(directory, "deno.json")];
  const urls = modules.map(({ url }) => url);
  return await deno([...args, ...urls], modules);
}

/** Runs examples one after another, in one process, each on an empty server. */
export async function runExamples(
  directory: string,
  modules: readonly ExampleModule[],
  server: TestServer,
): Promise<Outcome> {
  const manifest = join(directory, "manifest.json");
  await Deno.writeTextFile(manifest, JSON.stringify(modules));
  const own = ["127.0.0.1", "localhost", "[::1]"];
  const args = [
    "run",
    "--no-prompt",
    "--no-check",
    "--quiet",
    `--config=${join(directory, "deno.json")}`,
    `--allow-net=${own.join(",")}`,
    // The examples must not use a server that runs already.
    `--deny-net=${own.map((host) => `${host}:6379`).join(",")}`,
    "--allow-read",
    "--allow-env=REDIS_URL,TOKEN",
    join(dirname(import.meta.filename!), "run_examples.ts"),
    manifest,
    String(server.port),
  ];
  const outcome = await deno(args, modules, { REDIS_URL: server.url });
  // If an example exits the process, the others have not run: that is a failure.
  const success = outcome.success &&
    outcome.output.includes(`${modules.length} examples ran`);
  return { ...outcome, success };
}

async function deno(
  args: string[],
  modules: readonly ExampleModule[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  let output = decoder.decode(stdout) + decoder.decode(stderr);
  for (const { url, origin } of modules) {
    output = output.replaceAll(url, origin.replace(/:\d+$/, ""));
  }
  return { success, output };
}
