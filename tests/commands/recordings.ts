/**
 * Raw replies of newer servers and of modules: `recordings/*.jsonl`. Each line has the
 * server, the protocol, the arguments of a call, and the bytes of its reply. All calls
 * of a scenario are recorded in RESP2 first, then again in RESP3.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Decoder, MORE } from "../../lib/resp/decoder.ts";
import {
  type Arg,
  Push,
  type Reply,
  type Shape,
} from "../../lib/resp/reply.ts";
import { nameOf } from "./inventory.ts";
import { readTable } from "./table/table.ts";

/** A call, and its reply in both protocols. */
export interface Recording {
  /** The server, such as `valkey 9.1.2`. */
  readonly server: string;
  /** The command, as `CONTAINER|SUB` if it has sub-commands. */
  readonly name: string;
  readonly args: readonly Arg[];
  readonly resp2: Uint8Array;
  readonly resp3: Uint8Array;
}

interface Line {
  server: string;
  proto: 2 | 3;
  args: (string | number | null | { hex: string })[];
  hex: string;
}

/** Reads all recordings, and pairs each call in RESP2 with the same call in RESP3. */
export async function readRecordings(): Promise<Recording[]> {
  const folder = new URL("recordings/", import.meta.url);
  const names = new Set((await readTable()).keys());
  const recordings: Recording[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(new URL(name, folder));
    const lines = text.trimEnd().split("\n")
      .map((line): Line => JSON.parse(line))
      // `null` stands for an argument that was not known when it was recorded.
      .filter(({ args }) => !args.includes(null));
    // A repeated call is a separate one, as the state has changed in between.
    const second = Map.groupBy(
      lines.filter(({ proto }) => proto === 3),
      ({ args }) => JSON.stringify(args),
    );
    for (const { server, proto, args, hex } of lines) {
      const other = proto === 2 && second.get(JSON.stringify(args))?.shift();
      if (!other) continue;
      const words = args.map((arg) =>
        typeof arg === "object" ? Uint8Array.fromHex(arg!.hex) : arg
      );
      recordings.push({
        server,
        name: nameOf(words, names),
        args: words,
        resp2: Uint8Array.fromHex(hex),
        resp3: Uint8Array.fromHex(other.hex),
      });
    }
  }
  return recordings;
}

/** Parses a reply as a connection and its command would. */
export function parseRecorded(
  bytes: Uint8Array,
  shape: Shape<unknown>,
): unknown {
  const decoder = new Decoder();
  decoder.feed(bytes);
  const reply = decoder.next(shape.mode);
  assert(reply !== MORE && !(reply instanceof Push));
  if (reply instanceof Error) throw reply;
  return shape.parse(reply as Reply);
}
