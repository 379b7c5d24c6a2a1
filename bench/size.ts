/**
 * Bundles each entry point and prints its bytes, minified and gzipped.
 *
 * `deno task bench:size`
 *
 * @module
 */

import { join } from "node:path";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:size

Bundles each entry point and prints its bytes, minified and gzipped.`);

const ROOT = new URL("../", import.meta.url);
const entries: Record<string, string> = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", ROOT)),
).exports;

for (const [name, file] of Object.entries(entries)) {
  const minified = await bundle(join(import.meta.dirname!, "..", file));
  const gzipped = await new Response(
    new Blob([minified]).stream().pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  // deno-lint-ignore no-console -- a program that prints
  console.log(
    `${name.padEnd(12)} ${kilobytes(minified)} minified, ${
      kilobytes(gzipped)
    } gzipped`,
  );
}

async function bundle(entry: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--minify", "--external", "cloudflare:*"],
        ...["--output", file, entry],
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return await Deno.readFile(file);
  } finally {
    await Deno.remove(file);
  }
}

function kilobytes(bytes: Uint8Array): string {
  return `${(bytes.length / 1000).toFixed(1)} KB`.padStart(9);
}
