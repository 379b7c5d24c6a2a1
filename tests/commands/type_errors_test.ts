/**
 * TypeScript's errors for wrong options: short messages that name the option.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { TMP } from "../support/paths.ts";

/** A wrong call, and a pattern of the compiler's message. */
const CASES: [call: string, message: RegExp][] = [
  ['set("k", "v", { EX: 60 })', /'EX' does not exist.*to write 'ex'/],
  ['set("k", "v", { ex: 1, px: 2 })', /'number' is not assignable/],
  ['set("k", "v", { nx: true, xx: true })', /'true' is not assignable/],
  ['set("k", "v", { seconds: 1 })', /'seconds' does not exist/],
  ['set("k", "v", { ex: "1" })', /'string' is not assignable to type 'number'/],
  ['expire("k", 1, "NX")', /'"NX"' is not assignable/],
  ['expire("k", 1, { gt: true, lt: true })', /'true' is not assignable/],
  ['getex("k", { ex: 1, persist: true })', /'true' is not assignable/],
  ['zrange("k", 0, -1, { REV: true })', /'REV' does not exist.*'rev'/],
  ['zadd("k", { ada: "ten" })', /'string' is not assignable to type 'number'/],
  ['hset("k", { admin: true })', /'boolean' is not assignable to type 'Arg'/],
  ["del({})", /'{}' is not assignable/],
];

Deno.test("TypeScript's messages for wrong options are short", async () => {
  const directory = await Deno.makeTempDir({ dir: TMP });
  try {
    const file = join(directory, "wrong.ts");
    const entry = new URL("../../mod.ts", import.meta.url);
    const calls = CASES.map(([call]) => `redis.${call};`);
    await Deno.writeTextFile(
      file,
      `import type { Redis } from "${entry}";\n` +
        `declare const redis: Redis;\n${calls.join("\n")}\n`,
    );
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-config", file],
      env: { NO_COLOR: "1" },
    }).output();
    const errors = new TextDecoder().decode(stderr).split(/(?=^TS\d+ )/m);
    for (const [i, [call, message]] of CASES.entries()) {
      const about = errors.filter((error) =>
        error.includes(`wrong.ts:${i + 3}:`)
      ).join("");
      assert.match(about, message, call);
      // Without the source line that the compiler quotes.
      const said = about.replaceAll(calls[i]!, "");
      assert(said.length < 700, `${call}: ${said.length} characters\n${said}`);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
