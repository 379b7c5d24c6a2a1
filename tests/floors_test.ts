/**
 * The architecture as a test: which files may import which, and which may use
 * Deno.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  circles,
  denoOutOfPlace,
  longFiles,
  packageImports,
  smallEntryLeaks,
  upwardImports,
} from "./support/floors.ts";
import { importsOf, readSources, type Sources } from "./support/imports.ts";
import { codeOf } from "./support/source_text.ts";

const sources = await readSources(["mod.ts", "lib", "worker"]);

function files(record: Record<string, string>): Sources {
  return new Map(Object.entries(record));
}

// -- The repository --

Deno.test("mod.ts, lib/ and worker/ import no package", () => {
  assert.deepEqual(packageImports(sources), []);
});

Deno.test("imports only point down the floors", () => {
  assert.deepEqual(upwardImports(sources), []);
});

Deno.test("only the files that may use Deno do", () => {
  assert.deepEqual(denoOutOfPlace(sources), []);
});

Deno.test("the small entry point imports no command family and does not use Deno", () => {
  assert.ok(sources.has("lib/client/client.ts"));
  assert.deepEqual(smallEntryLeaks(sources), []);
});

Deno.test("the files of worker/ do not import each other in a circle", () => {
  assert.deepEqual(circles(sources, "worker/"), []);
});

Deno.test("no source file is too long", () => {
  assert.deepEqual(longFiles(sources), []);
});

// -- The rules themselves, on examples --

Deno.test("packageImports() finds packages of every kind", () => {
  for (
    const name of ["npm:a", "jsr:@a/b", "node:net", "https://a.b/c.ts", "a"]
  ) {
    const found = packageImports(
      files({ "lib/net/tcp.ts": `import "./x.ts";\nimport a from "${name}";` }),
    );
    assert.equal(found.length, 1);
    assert.match(found[0]!, /^lib\/net\/tcp\.ts:2 imports the package/);
  }
});

Deno.test("packageImports() allows each cloudflare import in one file", () => {
  const sockets = `const { connect } = await import("cloudflare:sockets");`;
  const workers = `import { DurableObject } from "cloudflare:workers";`;
  const allowed = { "worker/cloudflare.ts": sockets, "worker/hub.ts": workers };
  assert.deepEqual(packageImports(files(allowed)), []);

  const swapped = { "worker/cloudflare.ts": workers, "worker/hub.ts": sockets };
  assert.equal(packageImports(files(swapped)).length, 2);
});

Deno.test("upwardImports() finds imports that point up", () => {
  const up: [string, string][] = [
    ["lib/errors.ts", "./resp/bytes.ts"],
    ["lib/resp/decoder.ts", "../net/tcp.ts"],
    ["lib/net/tcp.ts", "../connection/link.ts"],
    ["lib/connection/link.ts", "../commands/shapes.ts"],
    ["lib/commands/strings.ts", "../connection/traits.ts"],
    ["lib/commands/strings.ts", "../net/transport.ts"],
    ["lib/client/client.ts", "../cluster/cluster.ts"],
    ["lib/client/client.ts", "../connect.ts"],
    ["lib/cluster/cluster.ts", "../../worker/worker.ts"],
    ["lib/cluster/cluster.ts", "../connect.ts"],
    ["lib/connect.ts", "../mod.ts"],
    ["lib/embedded/server.ts", "../client/client.ts"],
    ["lib/client/client.ts", "../embedded/server.ts"],
    ["lib/embedded/base/dict.ts", "../values/value.ts"],
    ["lib/embedded/session/session.ts", "../core.ts"],
    ["lib/embedded/session/session.ts", "../watchers/tracking.ts"],
    ["lib/embedded/lua/machine.ts", "../commands/host.ts"],
    ["lib/embedded/elsewhere/a.ts", "../base/dict.ts"],
    ["lib/embedded/core.ts", "./elsewhere/a.ts"],
    ["worker/perform.ts", "../lib/client/redis.ts"],
    ["worker/perform.ts", "../lib/commands/shapes.ts"],
    ["worker/perform.ts", "../lib/connect.ts"],
    ["lib/elsewhere/a.ts", "../errors.ts"],
  ];
  for (const [path, specifier] of up) {
    for (const how of [`import type { A }`, `export *`]) {
      const found = upwardImports(
        files({ [path]: `${how} from "${specifier}";` }),
      );
      assert.equal(found.length, 1, `${path} -> ${specifier}`);
    }
  }
});

Deno.test("upwardImports() allows imports that point down", () => {
  const down: [string, string][] = [
    ["lib/resp/decoder.ts", "../errors.ts"],
    ["lib/resp/decoder.ts", "./bytes.ts"],
    ["lib/connection/connection.ts", "../net/transport.ts"],
    ["lib/commands/strings.ts", "../resp/reply.ts"],
    ["lib/client/redis.ts", "../commands/commands.ts"],
    ["lib/cluster/cluster.ts", "../client/pool.ts"],
    ["lib/connect.ts", "./cluster/cluster.ts"],
    ["lib/connect.ts", "./net/tcp.ts"],
    ["lib/embedded/server.ts", "../resp/request_decoder.ts"],
    ["lib/embedded/server.ts", "./core.ts"],
    ["lib/embedded/core.ts", "./commands/table.ts"],
    ["lib/embedded/commands/strings.ts", "../values/string.ts"],
    ["lib/embedded/commands/strings.ts", "./expiry.ts"],
    ["worker/perform.ts", "../lib/client/client.ts"],
    ["worker/perform.ts", "../lib/connection/traits.ts"],
    ["mod.ts", "./lib/connect.ts"],
    ["mod.ts", "./lib/client/redis.ts"],
  ];
  const imports = down.map(([path, specifier], index) =>
    [path, `import { a${index} } from "${specifier}";`] as const
  );
  for (const entry of imports) {
    assert.deepEqual(upwardImports(new Map([entry])), []);
  }
});

Deno.test("denoOutOfPlace() looks at code, not at comments and strings", () => {
  assert.deepEqual(
    denoOutOfPlace(files({
      "lib/net/tcp.ts": `Deno.connect({ port });`,
      "worker/serve.ts": `Deno.serve(fetch);`,
      "lib/a.ts": `// Deno.connect\n/* Deno */ const a = "Deno.inspect";`,
    })),
    [],
  );
  for (const code of ["Deno.args", "globalThis.Deno?.args", "`${Deno.args}`"]) {
    const found = denoOutOfPlace(files({ "lib/resp/bytes.ts": code }));
    assert.match(found.join(), /^lib\/resp\/bytes\.ts says Deno/);
  }
});

Deno.test("smallEntryLeaks() follows imports", () => {
  const reachesFamily = (type: string) =>
    smallEntryLeaks(files({
      "lib/client/client.ts": `import ${type} { Pool } from "./pool.ts";`,
      "lib/client/pool.ts": `import { keys } from "../commands/keys.ts";`,
    }));
  assert.deepEqual(reachesFamily(""), [
    "The small entry point reaches a command family: lib/client/client.ts -> lib/client/pool.ts -> lib/commands/keys.ts",
  ]);
  assert.deepEqual(reachesFamily("type"), []);

  const reachesDeno = smallEntryLeaks(files({
    "lib/client/client.ts": `import type { dial } from "../net/tcp.ts";`,
    "lib/net/tcp.ts": `export const dial = Deno.connect;`,
  }));
  assert.deepEqual(reachesDeno, [
    "The small entry point reaches Deno: lib/client/client.ts -> lib/net/tcp.ts",
  ]);
});

Deno.test("circles() finds files that import each other", () => {
  const way = {
    "worker/a.ts": `import type { B } from "./b.ts";`,
    "worker/b.ts": `import { c } from "./c.ts";\nimport "../lib/d.ts";`,
    "worker/c.ts": "",
    "lib/d.ts": `import "../worker/a.ts";`,
  };
  assert.deepEqual(circles(files(way), "worker/"), []);
  const closed = { ...way, "worker/c.ts": `export * from "./a.ts";` };
  assert.deepEqual(circles(files(closed), "worker/"), [
    "Circle: worker/a.ts -> worker/b.ts -> worker/c.ts -> worker/a.ts",
  ]);
});

Deno.test("longFiles() counts lines", () => {
  assert.deepEqual(longFiles(files({ "lib/a.ts": "x\n".repeat(650) })), []);
  assert.match(
    longFiles(files({ "lib/a.ts": "x\n".repeat(651) })).join(),
    /^lib\/a\.ts has 651 lines/,
  );
});

// -- Reading sources --

Deno.test("importsOf() finds every form of import and nothing else", () => {
  const source = `
import "./a.ts";
import b from "./b.ts";
import b, { c } from './c.ts';
import * as d from "../d.ts";
import type { E } from "./e.ts";
import {
  type F,
  f,
} from "./f.ts";
export * from "./g.ts";
export * as h from "./h.ts";
export { i } from "./i.ts";
export type { J } from "./j.ts";
const k = await import("./k.ts");
const l = await import(\`./l.ts\`);
// import m from "./m.ts";
/** \`import n from "./n.ts"\` */
const o = 'import o from "./o.ts"';
const p = \`import p from "./p.ts"; \${await import("./q.ts")}\`;
export const from = "./r.ts";
`;
  const found = importsOf("lib/x/y.ts", source);
  assert.deepEqual(
    found.map(({ target, typeOnly }) => typeOnly ? `type ${target}` : target),
    [
      "lib/x/a.ts",
      "lib/x/b.ts",
      "lib/x/c.ts",
      "lib/d.ts",
      "type lib/x/e.ts",
      "lib/x/f.ts",
      "lib/x/g.ts",
      "lib/x/h.ts",
      "lib/x/i.ts",
      "type lib/x/j.ts",
      "lib/x/k.ts",
      "lib/x/l.ts",
      "lib/x/q.ts",
    ],
  );
  assert.deepEqual(found.map(({ line }) => line).slice(0, 7), [
    2,
    3,
    4,
    5,
    6,
    7,
    11,
  ]);
});

Deno.test("codeOf() blanks comments and strings, and keeps every position", () => {
  const cases: [string, string][] = [
    [`a // b\nc`, `a     \nc`],
    [`a /* b */ c`, `a         c`],
    [`"a\\"b" + c`, `"    " + c`],
    [`'"' + c`, `' ' + c`],
    ["`a${b}c` + d", "` ${b} ` + d"],
    ["`a${`b${c}`}` + { d }", "` ${` ${c}`}` + { d }"],
    ["`${{ a: '}' }}b`", "`${{ a: ' ' }} `"],
    [`x = /"[/]\\/"/g; y`, `x = /       /g; y`],
    [`a / b / c; "d"`, `a / b / c; " "`],
    [`f(a) / 2 // c`, `f(a) / 2     `],
    [`return /a'/.test(b)`, `return /  /.test(b)`],
  ];
  for (const [source, code] of cases) {
    assert.equal(codeOf(source), code);
    assert.equal(code.length, source.length);
  }
  for (const [path, source] of sources) {
    assert.equal(codeOf(source).length, source.length, path);
  }
});
