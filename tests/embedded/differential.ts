/**
 * Runs random commands against the embedded server and a real one, and compares
 * every reply byte by byte.
 *
 * @module
 */

import { binaryToBytes, toBinary } from "../../lib/resp/binary.ts";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { dial } from "../../lib/net/tcp.ts";
import type { Transport } from "../../lib/net/transport.ts";
import { Random } from "../resp/random.ts";
import { WITHIN } from "../support/ask.ts";
import { comparedServer } from "../support/compared_server.ts";
import type { ServerProgram } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";

/** A group of commands that are compared together. */
export interface Family {
  /** The name of the family in reports. */
  name: string;
  /** Generates a random command; keys come from a small pool, so that commands interact. */
  generate(random: Random): string[];
  /** Commands (lower case) whose array reply is unordered: sorted before comparing. */
  unordered?: ReadonlySet<string>;
  /** Commands (lower case) whose array reply is unordered pairs, flat or nested. */
  pairs?: ReadonlySet<string>;
  /** Whether only a server of the compared version can keep what the commands make. */
  newest?: true;
  /** Replaces what is not determined in a reply, such as the time. */
  normalize?(args: readonly string[], reply: string): string;
}

/** The options of a comparison. */
export interface Comparison {
  /** The seed of the first sequence; each next one uses the next seed. */
  seed: number;
  /** The number of sequences, each on empty servers. */
  sequences: number;
  /** The number of commands in each. */
  commands: number;
  /** The protocol of the connections. */
  protocol: 2 | 3;
  /** The real server. @default {the one that `deno task test` found} */
  program?: ServerProgram;
}

/** The first difference between two servers. */
interface Difference {
  /** The index of the command. */
  at: number;
  ours: string;
  theirs: string;
}

/**
 * Runs random sequences against both servers. Throws at the first difference, with
 * the seed, the sequence, and its shortest part that still differs.
 */
export async function compare(
  family: Family,
  { seed, sequences, commands, protocol, program }: Comparison,
): Promise<void> {
  program ??= await comparedServer();
  await using real = await TestServer.start({ program });
  await using embedded = await EmbeddedServer.create();
  const address = { hostname: real.hostname, port: real.port };
  const run = (sequence: readonly string[][]) =>
    differ(family, sequence, protocol, [
      () => embedded.dial(address, AbortSignal.timeout(WITHIN)),
      () => dial(address, AbortSignal.timeout(WITHIN)),
    ]);
  for (let i = 0; i < sequences; i++) {
    const random = new Random(seed + i);
    const sequence = Array.from(
      { length: commands },
      () => family.generate(random),
    );
    const difference = await run(sequence);
    if (difference === null) continue;
    const whole = sequence.slice(0, difference.at + 1);
    const least = await shorten(whole, async (part) => {
      const found = await run(part);
      return found !== null && found.at === part.length - 1;
    });
    throw new Error(
      `${family.name}, RESP${protocol}, seed ${seed + i}: command ${
        difference.at + 1
      } is answered
  ours:   ${show(difference.ours)}
  theirs: ${show(difference.theirs)}
The shortest that differs:
${least.map(showCommand).join("\n")}
The whole sequence:
${whole.map(showCommand).join("\n")}`,
    );
  }
}

/** Runs one sequence on both; returns their first difference. */
async function differ(
  family: Family,
  sequence: readonly string[][],
  protocol: 2 | 3,
  dials: readonly (() => Promise<Transport>)[],
): Promise<Difference | null> {
  const [ours, theirs] = await Promise.all(dials.map(async (dial) => {
    using wire = new Wire(await dial());
    const prelude = [["FLUSHALL"]];
    if (protocol === 3) prelude.push(["HELLO", "3"]);
    const replies = await wire.ask([...prelude, ...sequence]);
    return replies.slice(prelude.length);
  })) as [string[], string[]];
  for (let at = 0; at < sequence.length; at++) {
    const args = sequence[at]!;
    const pair = [ours[at]!, theirs[at]!].map((reply) =>
      determined(family, args, reply)
    );
    if (pair[0] !== pair[1]) {
      return { at, ours: ours[at]!, theirs: theirs[at]! };
    }
  }
  return null;
}

/** Removes commands that are not needed for the last one to differ. */
async function shorten(
  sequence: readonly string[][],
  differs: (part: string[][]) => Promise<boolean>,
): Promise<string[][]> {
  let least = [...sequence];
  for (let size = least.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at + size < least.length;) {
      const part = least.toSpliced(at, size);
      if (await differs(part)) least = part;
      else at += size;
    }
  }
  return least;
}

/** The deterministic part of a reply. */
function determined(
  family: Family,
  args: readonly string[],
  reply: string,
): string {
  const word = args[0]!.toLowerCase();
  if (family.unordered?.has(word)) reply = sorted(reply, false);
  if (family.pairs?.has(word)) reply = sorted(reply, true);
  return family.normalize?.(args, reply) ?? reply;
}

/** A connection that returns the bytes of complete replies. */
class Wire implements Disposable {
  readonly #transport: Transport;
  readonly #into = new Uint8Array(256 * 1024);
  #text = "";

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends all commands at once and reads a reply to each. */
  async ask(commands: readonly string[][]): Promise<string[]> {
    const timer = setTimeout(() => this[Symbol.dispose](), WITHIN);
    try {
      const bytes = binaryToBytes(commands.map(request).join(""));
      const [replies] = await Promise.all([
        this.#read(commands.length),
        // A failed write shows as a missing reply.
        this.#transport.write([bytes]).catch(() => {}),
      ]);
      return replies;
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }

  /** Replies in order, each with the pushes before it; states which are missing. */
  async #read(count: number): Promise<string[]> {
    const replies: string[] = [];
    let at = 0;
    while (replies.length < count) {
      let end = endOf(this.#text, at);
      while (end > 0 && this.#text[at] === ">") {
        const next = endOf(this.#text, end);
        if (this.#text[end] !== ">") {
          end = next;
          break;
        }
        end = next;
      }
      if (end > 0) {
        replies.push(this.#text.slice(at, end));
        at = end;
        continue;
      }
      const size = await this.#transport.read(this.#into).catch(() => null);
      if (size === null) {
        const none = `(no reply; then ${this.#text.slice(at)})`;
        return [...replies, ...Array(count - replies.length).fill(none)];
      }
      this.#text = this.#text.slice(at) + toBinary(this.#into, 0, size);
      at = 0;
    }
    return replies;
  }
}

function request(args: readonly string[]): string {
  const bulks = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("");
  return `*${args.length}\r\n${bulks}`;
}

/** The end of the reply that begins at `at`; -1 when it is incomplete. */
function endOf(text: string, at: number): number {
  const line = text.indexOf("\r\n", at);
  if (line < 0) return -1;
  const count = Number(text.slice(at + 1, line));
  switch (text[at]) {
    case "$":
    case "=": {
      const end = count < 0 ? line + 2 : line + 2 + count + 2;
      return end > text.length ? -1 : end;
    }
    case "*":
    case "~":
    case ">":
    case "%": {
      let end = line + 2;
      const parts = text[at] === "%" ? count * 2 : count;
      for (let i = 0; i < parts && end > 0; i++) end = endOf(text, end);
      return end;
    }
  }
  return line + 2;
}

/** Sorts the innermost aggregates of a reply: by elements, or by pairs. */
function sorted(reply: string, pairs: boolean): string {
  const type = reply[0]!;
  if (!"*~%".includes(type)) return reply;
  const first = reply.indexOf("\r\n") + 2;
  const elements: string[] = [];
  for (let at = first; at < reply.length;) {
    const end = endOf(reply, at);
    elements.push(reply.slice(at, end));
    at = end;
  }
  const header = reply.slice(0, first);
  // Outer aggregates keep their order; a pair may be an aggregate itself.
  if (elements.some((element) => "*~%".includes(element[0]!))) {
    if (!pairs) return header + elements.map((e) => sorted(e, false)).join("");
    const all = elements.every((element) => element.startsWith("*2\r\n"));
    const parts = all ? elements.sort() : elements.map((e) => sorted(e, true));
    return header + parts.join("");
  }
  if (!pairs && type !== "%") return header + elements.sort().join("");
  const entries: string[] = [];
  for (let i = 0; i < elements.length; i += 2) {
    entries.push(elements[i]! + (elements[i + 1] ?? ""));
  }
  return header + entries.sort().join("");
}

const MOST_SHOWN = 2000;

/** Binary text in the notation of `redis-cli`. */
function show(text: string): string {
  const shown = text.slice(0, MOST_SHOWN).replace(
    /[^ -~]|["\\]/g,
    (char) =>
      char === '"' || char === "\\"
        ? `\\${char}`
        : char === "\r"
        ? "\\r"
        : char === "\n"
        ? "\\n"
        : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  const rest = text.length - MOST_SHOWN;
  return rest > 0 ? `"${shown}" (${rest} more)` : `"${shown}"`;
}

function showCommand(args: readonly string[]): string {
  return "  " +
    args.map((arg) => /^[\w.:*?+-]+$/.test(arg) ? arg : show(arg)).join(" ");
}
