/**
 * A connection that sends commands and reads replies in binary text; and the data of
 * a server in a form that can be compared.
 *
 * @module
 */

import { deepEqual } from "node:assert/strict";
import { dial } from "../../lib/net/tcp.ts";
import type { Transport } from "../../lib/net/transport.ts";
import { binaryToBytes, toBinary } from "../../lib/resp/binary.ts";
import type { EmbeddedServer } from "../../lib/embedded/server.ts";

/** A RESP2 reply; for an error, its line. */
export type Answer = string | number | null | Answer[];

/** A connection for single commands and for pipelines. */
export class Asker implements Disposable {
  readonly #transport: Transport;
  readonly #into = new Uint8Array(16 * 1024);
  #text = "";

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Connects to a server over TCP. */
  static async to(
    { hostname, port }: { hostname: string; port: number },
  ): Promise<Asker> {
    const signal = AbortSignal.timeout(10_000);
    return new Asker(await dial({ hostname, port }, signal));
  }

  /** Connects to an embedded server, without a socket. */
  static async within(server: EmbeddedServer): Promise<Asker> {
    const address = { hostname: "embedded", port: 0 };
    return new Asker(await server.dial(address, AbortSignal.timeout(10_000)));
  }

  /** Sends one command and returns its reply. */
  async ask(...args: (string | number)[]): Promise<Answer> {
    return (await this.all([args]))[0]!;
  }

  /** Sends many commands at once and returns their replies. */
  async all(commands: readonly (string | number)[][]): Promise<Answer[]> {
    const requests = commands.map((args) =>
      `*${args.length}\r\n` +
      args.map((arg) => `$${String(arg).length}\r\n${arg}\r\n`).join("")
    );
    const written = this.#transport.write([binaryToBytes(requests.join(""))]);
    const answers: Answer[] = [];
    while (answers.length < commands.length) answers.push(await this.next());
    await written;
    return answers;
  }

  /** Sends text without waiting for a reply. */
  async send(text: string): Promise<void> {
    await this.#transport.write([binaryToBytes(text)]);
  }

  /** The next reply. Throws when the connection ends. */
  async next(): Promise<Answer> {
    const at = await this.#find("\r\n", 0);
    const line = this.#text.slice(1, at);
    const type = this.#text[0];
    this.#text = this.#text.slice(at + 2);
    const count = Number(line);
    switch (type) {
      case ":":
        return count;
      case "$": {
        if (count < 0) return null;
        while (this.#text.length < count + 2) await this.#read();
        const text = this.#text.slice(0, count);
        this.#text = this.#text.slice(count + 2);
        return text;
      }
      case "*": {
        if (count < 0) return null;
        const answers: Answer[] = [];
        for (let i = 0; i < count; i++) answers.push(await this.next());
        return answers;
      }
    }
    return line;
  }

  async #find(text: string, from: number): Promise<number> {
    for (;;) {
      const at = this.#text.indexOf(text, from);
      if (at >= 0) return at;
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const size = await this.#transport.read(this.#into);
    if (size === null) throw new Error("The connection ended");
    this.#text += toBinary(this.#into, 0, size);
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}

/** A key's type and value, sorted where the order is not defined. */
export async function contentOf(asker: Asker, key: string): Promise<unknown> {
  const type = await asker.ask("TYPE", key);
  const expiry = await asker.ask("PEXPIRETIME", key);
  return { type, expiry, content: await readContent(asker, key, type) };
}

async function readContent(
  asker: Asker,
  key: string,
  type: Answer,
): Promise<unknown> {
  switch (type) {
    case "string":
      return await asker.ask("GET", key);
    case "list":
      return await asker.ask("LRANGE", key, 0, -1);
    case "set":
      return (await asker.ask("SMEMBERS", key) as string[]).sort();
    case "zset":
      return (await asker.ask("ZRANGE", key, 0, -1, "WITHSCORES") as string[])
        .map((text, i) => i % 2 === 0 ? text : sameScore(text));
    case "hash":
      return pairs(await asker.ask("HGETALL", key) as string[])
        .sort(([a], [b]) => a! < b! ? -1 : 1);
    case "stream":
      return pairs(withoutNewer(
        await asker.ask("XINFO", "STREAM", key, "FULL", "COUNT", 0),
      )).filter(([name]) => !NEWER.test(name!));
  }
  return type;
}

/** A score with the digits that servers since 7.2 print. */
function sameScore(text: string): string {
  return text.includes("inf") ? text : String(Number(text));
}

/** Fields of XINFO STREAM about encodings, and those that are new in 8.6. */
const NEWER = /^(radix|idmp-|pids-|iids-)/;

/** A consumer's fields without those that are new in 7.2. */
function withoutNewer(told: Answer): string[] {
  return JSON.parse(
    JSON.stringify(told).replace(/"active-time",-?\d+,/g, ""),
  );
}

/** All data of a server, by database and key. */
export async function contents(asker: Asker): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for (let db = 0; db < 16; db++) {
    await asker.ask("SELECT", db);
    for (const key of (await asker.ask("KEYS", "*") as string[]).sort()) {
      found.set(`${db} ${key}`, await contentOf(asker, key));
    }
  }
  await asker.ask("SELECT", 0);
  return found;
}

/** Asserts that two servers have the same data; shows the keys that differ. */
export function sameContents(
  one: ReadonlyMap<string, unknown>,
  other: ReadonlyMap<string, unknown>,
): void {
  deepEqual([...one.keys()].sort(), [...other.keys()].sort());
  for (const [key, content] of one) {
    deepEqual(
      content,
      other.get(key),
      `${JSON.stringify(key.slice(0, 40))}:
${differing(content, other.get(key))}`,
    );
  }
}

/** The position where two values begin to differ. */
function differing(one: unknown, other: unknown): string {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const from = Math.max(at - 60, 0);
  return `${a.slice(from, at + 60)}\n${b.slice(from, at + 60)}`;
}

function pairs<T>(flat: readonly T[]): [T, T][] {
  return Array.from(
    { length: flat.length / 2 },
    (_, i) => [flat[i * 2]!, flat[i * 2 + 1]!],
  );
}

/** Commands that create a key of every type in every encoding. */
export function everyKind(): (string | number)[][] {
  const many = (count: number, make: (i: number) => (string | number)[]) =>
    Array.from({ length: count }, (_, i) => make(i)).flat();
  const binary = String.fromCharCode(
    ...Array.from({ length: 256 }, (_, i) => i),
  );
  const integers = [0, 1, 12, 13, 127, 128, -1, -4096, -4097, 4095, 4096];
  integers.push(32767, 32768, -32769, 8388607, -8388609, 2147483647);
  integers.push(2147483648, -2147483649);
  const edges = [...integers, "9223372036854775807", "-9223372036854775808"];
  const texts = ["", "a", "-0", "007", " 1", binary, "x".repeat(63)];
  texts.push("x".repeat(64), "y".repeat(300), "ab".repeat(5000));
  return [
    ...edges.map((value, i) => ["SET", `int:${i}`, value]),
    ...texts.map((value, i) => ["SET", `text:${i}`, value]),
    ["SET", "long", "0123456789".repeat(20_000)],
    ["SET", binary, binary],
    ["SET", "expires", "v", "PXAT", 4102444800123],
    ["RPUSH", "list:small", ...edges, ...texts],
    ["RPUSH", "list:large", ...many(3000, (i) => [`element ${i}`, i])],
    ["RPUSH", "list:huge", "z".repeat(20_000), "a", "b".repeat(20_000)],
    ["SADD", "set:16", 1, 2, -3],
    ["SADD", "set:32", 1, 70000, -70000],
    ["SADD", "set:64", 1, "9223372036854775807", "-9223372036854775808"],
    ["SADD", "set:text", ...edges, ...texts],
    ["SADD", "set:large", ...many(700, (i) => [i])],
    ["HSET", "hash:small", ...edges.flatMap((e) => [`f${e}`, e])],
    [
      "HSET",
      "hash:edges",
      ...edges.flatMap((e) => [e, "v"]),
      "t",
      "x".repeat(64),
    ],
    ["HSET", "hash:text", ...texts.flatMap((t) => [t, t])],
    ["HSET", "hash:large", ...many(600, (i) => [`f${i}`, i])],
    ["ZADD", "zset:small", 1, "a", 1.5, "b", -2, "c", "inf", "d", "-inf", "e"],
    ["ZADD", "zset:edges", ...edges.flatMap((e, i) => [i, e])],
    ["ZADD", "zset:scores", 0.1, "a", 1e300, "b", 5e-324, "c", 3, "7"],
    ["ZADD", "zset:text", ...texts.flatMap((t, i) => [i / 7, t])],
    ["ZADD", "zset:large", ...many(400, (i) => [i / 3, `m${i}`])],
    ["PEXPIREAT", "zset:small", 4102444800123],
    ["SETBIT", "bits", 100_000, 1],
    ["PFADD", "hll", ...many(100, (i) => [i])],
    ...streams(),
    ["SELECT", 9],
    ["SET", "other", "database"],
    ["SELECT", 0],
  ];
}

function streams(): (string | number)[][] {
  const commands: (string | number)[][] = [];
  for (let i = 0; i < 250; i++) {
    const more = i % 7 === 0 ? ["more", "y".repeat(i)] : [];
    commands.push([
      "XADD",
      "stream",
      `${1000 + i}-${i % 3}`,
      "n",
      i,
      "t",
      "x",
      ...more,
    ]);
  }
  commands.push(
    ["XDEL", "stream", "1003-0", "1100-1", "1249-0"],
    ["XADD", "stream:edges", "1-18446744073709551615", "a", "\0\xff"],
    ["XADD", "stream:edges", "18446744073709551614-5", "f", ""],
    [
      "XADD",
      "stream:edges",
      "18446744073709551615-3",
      "f",
      "-9223372036854775808",
    ],
    ["XGROUP", "CREATE", "stream:edges", "none", "5-5"],
    ["XADD", "stream:emptied", "5-5", "f", "v"],
    ["XDEL", "stream:emptied", "5-5"],
    ["XGROUP", "CREATE", "stream:group", "g", "$", "MKSTREAM"],
    ["XGROUP", "CREATE", "stream", "one", "0"],
    ["XGROUP", "CREATE", "stream", "two", "1100-0", "ENTRIESREAD", 100],
    ["XGROUP", "CREATECONSUMER", "stream", "one", "idle"],
    [
      "XREADGROUP",
      "GROUP",
      "one",
      "ann",
      "COUNT",
      30,
      "STREAMS",
      "stream",
      ">",
    ],
    [
      "XREADGROUP",
      "GROUP",
      "one",
      "bob",
      "COUNT",
      20,
      "STREAMS",
      "stream",
      ">",
    ],
    ["XREADGROUP", "GROUP", "two", "ann", "COUNT", 5, "STREAMS", "stream", ">"],
    ["XACK", "stream", "one", "1001-1", "1002-2"],
    ["XCLAIM", "stream", "one", "bob", 0, "1005-2"],
  );
  return commands;
}
