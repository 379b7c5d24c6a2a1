/**
 * Every `ts` example of the READMEs and of the doc comments, type-checked and
 * run against a real server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import {
  checkExamples,
  type Example,
  examplesOf,
  runExamples,
  writeExamples,
} from "./support/examples.ts";
import { readSources } from "./support/imports.ts";
import { ROOT, TMP } from "./support/paths.ts";
import { TestServer } from "./support/test_server.ts";

/** Matches examples that run Lua on the server. */
const SCRIPTED = /\.(lock|script|library|eval|fcall)[(<]/;
const DIRECTORY = join(TMP, "docs");
const READMES = [
  "README.md",
  "bench/README.md",
  "lib/README.md",
  "lib/cache/README.md",
  "lib/cluster/README.md",
  "lib/embedded/README.md",
  "worker/README.md",
];

Deno.test("every example of the READMEs and the doc comments works", async (t) => {
  const examples = await allExamples();
  await Deno.remove(DIRECTORY, { recursive: true }).catch(() => {});
  await using server = await TestServer.start();
  const modules = await writeExamples(DIRECTORY, examples, server);

  await t.step("type-checks", async () => {
    const { success, output } = await checkExamples(DIRECTORY, modules);
    assert.ok(success, output);
  });
  await t.step("runs", async () => {
    const { success, output } = await runExamples(DIRECTORY, modules, server);
    assert.ok(success, output);
  });
});

async function allExamples(): Promise<Example[]> {
  const readmes = await Promise.all(
    READMES.map(async (file) =>
      [file, await Deno.readTextFile(join(ROOT, file))] as const
    ),
  );
  const sources = await readSources(["mod.ts", "lib", "worker"]);
  const scripting = await TestServer.has("scripting");
  return [...readmes, ...sources]
    .flatMap(([file, text]) => examplesOf(file, text))
    .filter(({ code }) => scripting || !SCRIPTED.test(code));
}

Deno.test("every link of the READMEs into the repository leads somewhere", async () => {
  for (const file of READMES) {
    const text = await Deno.readTextFile(join(ROOT, file));
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path, anchor] = target.split("#");
      const to = path ? join(ROOT, dirname(file), path) : join(ROOT, file);
      const found = await Deno.stat(to).catch(() => null);
      assert(found, `${file} links to ${target}, which is not there`);
      if (anchor === undefined) continue;
      const anchors = anchorsOf(await Deno.readTextFile(to));
      assert(anchors.has(anchor), `${file}: no heading is #${anchor}`);
    }
  }
});

/** The anchors that the headings of a Markdown file have. */
function anchorsOf(text: string): Set<string> {
  return new Set(Array.from(
    text.matchAll(/^#+ (.*)$/gm),
    ([, heading = ""]) =>
      heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"),
  ));
}

// -- The machinery itself, on made-up examples --

Deno.test("examplesOf() finds the blocks of a Markdown file", () => {
  const text = "# A\n\n```ts\nlet a;\n\nlet b;\n```\n\n```sh\nls\n```\n";
  assert.deepEqual(examplesOf("README.md", text), [
    { file: "README.md", line: 4, code: "let a;\n\nlet b;\n" },
  ]);
  assert.throws(() => examplesOf("README.md", "```ts\n"), /README\.md:2/);
});

Deno.test("examplesOf() finds the blocks of doc comments", () => {
  const text = [
    "/** One. */",
    "const code = `",
    "```ts",
    "`;",
    "  /**",
    "   * Two.",
    "   *",
    "   * ```ts",
    "   * if (a) {",
    "   *   b();",
    "   * }",
    "   * ```",
    "   */",
  ].join("\n");
  assert.deepEqual(examplesOf("mod.ts", text), [
    { file: "mod.ts", line: 9, code: "if (a) {\n  b();\n}\n" },
  ]);
});

Deno.test("an example that fails is reported with its origin", async (t) => {
  const directory = join(TMP, "docs-failing");
  await using server = await TestServer.start();

  const outcomes = async (code: string) => {
    const example = { file: "lib/made/up.ts", line: 40, code };
    const modules = await writeExamples(directory, [example], server);
    return {
      check: () => checkExamples(directory, modules),
      run: () => runExamples(directory, modules, server),
    };
  };

  await t.step("by its types", async () => {
    const { check } = await outcomes("\nconst a: string = 1;\n");
    const { success, output } = await check();
    assert.equal(success, false);
    assert.match(output, /lib\/made\/up\.ts:41:7/);
  });
  for (
    const [name, code, message] of [
      ["by console.assert", "console.assert(1 > 2);", /Assertion failed/],
      ["by throwing", "throw new Error('thrown');", /thrown/],
      ["by a rejection", "Promise.reject(new Error('late'));", /late/],
      ["by ending the process", "Deno.exit(0);", /^$/],
      [
        "by using a server that is not its own",
        "await Deno.connect({ port: 6_379, hostname: 'localhost' });",
        /Requires net access/,
      ],
    ] as const
  ) {
    await t.step(name, async () => {
      const { run } = await outcomes(code);
      const { success, output } = await run();
      assert.equal(success, false);
      assert.match(output, message);
      if (output) assert.match(output, /lib\/made\/up\.ts:40 failed/);
    });
  }
  await t.step("and one that passes is not reported", async () => {
    const { check, run } = await outcomes(
      `import assert from "node:assert/strict";
      const url = new URL("redis://localhost:6379");
      const { hostname, port } = { hostname: url.hostname, port: 6379 };
      using connection = await Deno.connect({ hostname, port });
      console.log("hello");
      console.assert(connection.remoteAddr.port === Number(url.port));
      assert.equal(Deno.env.get("REDIS_URL"), \`redis://127.0.0.1:\${port}\`);`,
    );
    assert.deepEqual(await check(), { success: true, output: "" });
    const { success, output } = await run();
    assert.ok(success, output);
  });
  await Deno.remove(directory, { recursive: true });
});
