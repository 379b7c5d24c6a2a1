/**
 * The manifest of an append-only file: the list of its files.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
 * @module
 */

import { binaryToBytes, toBinary } from "../../resp/binary.ts";
import { splitLine } from "../../resp/request_decoder.ts";
import { quoteBytes } from "../base/quote.ts";

/** A file of the manifest. */
export interface AofPart {
  readonly file: string;
  /** The sequence number within its type. */
  readonly seq: number;
  /** `b` for the base, `i` for an increment of commands, `h` for history to be deleted. */
  readonly type: "b" | "i" | "h";
}

/** Reads a manifest: the files in loading order. Throws when it is corrupt. */
export function readManifest(bytes: Uint8Array): AofPart[] {
  const parts: AofPart[] = [];
  const lines = toBinary(bytes, 0, bytes.length).split("\n");
  for (const [i, line] of lines.entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const words = splitLine(line);
    const told = new Map<string, string>();
    for (let at = 0; at + 1 < words.length; at += 2) {
      told.set(words[at]!.toLowerCase(), words[at + 1]!);
    }
    const file = told.get("file");
    const seq = Number(told.get("seq"));
    const type = told.get("type");
    const known = type === "b" || type === "i" || type === "h";
    if (!file || file.includes("/") || !(seq >= 1) || !known) {
      throw new Error(
        `The manifest of the append-only file is corrupt in line ${i + 1}`,
      );
    }
    parts.push({ file, seq, type });
  }
  return [
    ...parts.filter(({ type }) => type === "b"),
    ...parts.filter(({ type }) => type === "i")
      .sort((one, other) => one.seq - other.seq),
    ...parts.filter(({ type }) => type === "h"),
  ];
}

/** Formats a manifest. */
export function writeManifest(parts: readonly AofPart[]): Uint8Array {
  const lines = parts.map(({ file, seq, type }) => {
    const name = /^[\w.+-]+$/.test(file) ? file : quoteBytes(file);
    return `file ${name} seq ${seq} type ${type}\n`;
  });
  return binaryToBytes(lines.join(""));
}
