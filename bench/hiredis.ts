/**
 * Compares the decoder with hiredis in C, alternating in one run.
 *
 * `deno task bench:hiredis`. Needs a C compiler and hiredis
 * (`apt-get install gcc libc6-dev libhiredis-dev`). Chunks have 64 KiB.
 *
 * @module
 */

import { encodeText } from "../lib/resp/bytes.ts";
import { Decoder } from "../lib/resp/decoder.ts";
import { FLAT, type Mode, TEXT } from "../lib/resp/reply.ts";
import { type Kind, KINDS } from "./corpus.ts";
import { median } from "./work.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:hiredis

Compares the decoder with hiredis in C. Needs gcc and libhiredis-dev.`);

const ROUNDS = 5;
const SECONDS = 0.4;
const CHUNK = 64 * 1024;
const DIRECTORY = new URL("../tests/.tmp/", import.meta.url).pathname;
const PROGRAM = `${DIRECTORY}hiredis`;

await Deno.mkdir(DIRECTORY, { recursive: true });
await outputOf("gcc", [
  ...["-O2", "-o", PROGRAM, new URL("hiredis.c", import.meta.url).pathname],
  "-lhiredis",
]);
print(["replies per second", "hiredis (C)", "sorrel", "ratio"]);
for (const kind of KINDS) {
  row(kind, kind.type, TEXT);
  // Typed commands read a map as a flat list of keys and values.
  if (kind.resp3) row(kind, `${kind.type}, flat`, FLAT);
}

function row(kind: Kind, title: string, mode: Mode): void {
  const wire = encodeText(kind.reply.repeat(kind.replies));
  const file = `${DIRECTORY}replies`;
  Deno.writeFileSync(file, wire);
  const [theirs, ours]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const { stdout } = new Deno.Command(PROGRAM, {
      args: [file, String(kind.replies), String(SECONDS)],
    }).outputSync();
    theirs.push(Number(new TextDecoder().decode(stdout)));
    ours.push(measure(wire, kind.replies, mode));
  }
  const [c, own] = [median(theirs), median(ours)];
  // hiredis before 1.0 does not support RESP3.
  const knows = c > 0;
  print([
    title,
    knows ? Math.round(c).toLocaleString("en") : "unknown to it",
    Math.round(own).toLocaleString("en"),
    knows ? (own / c).toFixed(2) : "",
  ]);
}

function measure(wire: Uint8Array, replies: number, mode: Mode): number {
  const decoder = new Decoder();
  const start = performance.now();
  let total = 0;
  let read = 0;
  const count = () => {
    read++;
    return true;
  };
  while (performance.now() - start < SECONDS * 1_000) {
    read = 0;
    for (let at = 0; at < wire.length; at += CHUNK) {
      decoder.feed(wire.subarray(at, at + CHUNK));
      decoder.run(mode, count);
    }
    if (read !== replies) throw new Error(`Read ${read} of ${replies} replies`);
    total += read;
  }
  return total / (performance.now() - start) * 1_000;
}

async function outputOf(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

function print(cells: readonly string[]): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(
    cells.map((cell, i) => i === 0 ? cell.padEnd(32) : cell.padStart(14))
      .join(""),
  );
}
