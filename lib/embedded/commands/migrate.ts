/**
 * MIGRATE: moves keys to another server.
 *
 * As in Redis, no client is served meanwhile, so a key is on exactly one of the two
 * servers at any time. EXEC refuses it, as its commands cannot block.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import type { Dial, Transport } from "../../net/transport.ts";
import { binaryToBytes } from "../../resp/binary.ts";
import { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { CommandError, err, syntaxError } from "../base/errors.ts";
import { MasterInput } from "../replication/master_input.ts";
import { toInteger } from "../base/numbers.ts";
import { dump } from "../rdb/payload.ts";

/** The commands of this family. */
export const MIGRATE: readonly CommandSpec[] = [
  {
    name: "MIGRATE",
    keys: keysOf,
    run: migrate,
  },
];

/** The default timeout, in ms. */
const TIMEOUT = 1000;

interface Options {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly timeout: number;
  readonly copy: boolean;
  readonly replace: boolean;
  readonly auth: readonly string[];
  readonly keys: readonly string[];
}

/** A key to move, with its RESTORE command. */
interface Leaving {
  readonly key: string;
  readonly restore: readonly string[];
}

function migrate(session: Session, args: string[]): void {
  const { core, db, reply } = session;
  const options = readOptions(args);
  const leaving = options.keys.flatMap((key): Leaving[] => {
    const value = db.use(key);
    if (value === undefined) return [];
    const expiry = db.expiryOf(key);
    const ttl = expiry === undefined ? 0 : Math.max(1, expiry - core.now);
    const restore = ["RESTORE", key, String(ttl), dump(value)];
    if (options.replace) restore.push("REPLACE");
    return [{ key, restore }];
  });
  if (leaving.length === 0) return reply.simple("NOKEY");
  if (session.inExec) {
    throw err("MIGRATE needs another server, and EXEC cannot wait here");
  }
  session.waiting = true;
  const gone: string[] = [];
  core.pause.hold(async () => {
    const dial = core.replication.dial;
    const error = await send(dial, options, leaving, (key) => gone.push(key))
      .then(() => null, (error: unknown) => error);
    return () => {
      session.waiting = false;
      session.run(null, () => {
        if (!options.copy) remove(session, gone);
        if (error !== null) throw error;
        reply.ok();
      });
      core.settle();
      session.wrote();
      session.resume();
    };
  });
}

function remove(session: Session, keys: readonly string[]): void {
  const { db } = session;
  if (keys.length === 0) return;
  for (const key of keys) {
    if (db.delete(key)) session.notify("g", "del", key);
  }
  session.core.propagate(db, ["DEL", ...keys]);
}

/** Sends keys to the other server; reports each accepted key. Throws its error replies. */
async function send(
  dial: Dial | null,
  options: Options,
  leaving: readonly Leaving[],
  taken: (key: string) => void,
): Promise<void> {
  using peer = await Peer.reach(dial, options);
  const refused = (line: string) =>
    err(`Target instance replied with error: ${line.slice(1)}`);
  const before = [
    ...options.auth.length > 0 ? [["AUTH", ...options.auth]] : [],
    ["SELECT", String(options.db)],
  ];
  await peer.write(before);
  let refusal: string | undefined;
  for (const _ of before) {
    const line = await peer.line();
    if (line.startsWith("-")) refusal ??= line;
  }
  if (refusal !== undefined) throw refused(refusal);
  await peer.write(leaving.map(({ restore }) => restore));
  for (const { key } of leaving) {
    const line = await peer.line();
    if (line.startsWith("-")) refusal ??= line;
    else taken(key);
  }
  if (refusal !== undefined) throw refused(refusal);
}

/** The connection to the other server. Every operation has the timeout. */
class Peer implements Disposable {
  readonly #transport: Transport;
  readonly #input: MasterInput;
  readonly #timeout: number;

  private constructor(transport: Transport, timeout: number) {
    this.#transport = transport;
    this.#input = new MasterInput(transport, () => {});
    this.#timeout = timeout;
  }

  static async reach(
    dial: Dial | null,
    { host, port, timeout }: Options,
  ): Promise<Peer> {
    const failed = (what: string) =>
      new CommandError(`IOERR error or timeout ${what}`);
    if (dial === null) throw failed("connecting to the client");
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeout);
    try {
      const address = { hostname: host, port };
      return new Peer(await dial(address, stop.signal), timeout);
    } catch (error) {
      // Redis connects asynchronously and notices a refused connection only on writing.
      throw (error as Error).name === "ConnectionRefused"
        ? failed("writing to target instance")
        : failed("connecting to the client");
    } finally {
      clearTimeout(timer);
    }
  }

  async write(commands: readonly (readonly string[])[]): Promise<void> {
    const encoder = new ReplyEncoder();
    for (const command of commands) encoder.bulks(command);
    await this.#within(
      this.#transport.write([encoder.take()]),
      "writing to target instance",
    );
  }

  async line(): Promise<string> {
    return await this.#within(
      this.#input.line(),
      "reading to target instance",
    );
  }

  async #within<T>(work: Promise<T>, what: string): Promise<T> {
    const timer = setTimeout(
      () => this.#transport[Symbol.dispose](),
      this.#timeout,
    );
    try {
      return await work;
    } catch {
      throw new CommandError(`IOERR error or timeout ${what}`);
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}

function readOptions(args: readonly string[]): Options {
  const [, host, port, key, db, timeout] = args as [string, ...string[]];
  let copy = false;
  let replace = false;
  let auth: readonly string[] = [];
  let keys: readonly string[] = [key!];
  for (let i = 6; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    const left = args.length - 1 - i;
    if (word === "COPY") copy = true;
    else if (word === "REPLACE") replace = true;
    else if (word === "AUTH" || word === "AUTH2") {
      const count = word === "AUTH" ? 1 : 2;
      if (left < count) throw syntaxError();
      auth = args.slice(i + 1, i + 1 + count);
      i += count;
    } else if (word === "KEYS") {
      if (key !== "") {
        throw err(
          "When using MIGRATE KEYS option, the key argument must be set to the empty string",
        );
      }
      keys = args.slice(i + 1);
      break;
    } else throw syntaxError();
  }
  const ms = toInteger(timeout!);
  const number = toInteger(db!);
  return {
    host: new TextDecoder().decode(binaryToBytes(host!)),
    port: Number(port),
    db: number,
    timeout: ms <= 0 ? TIMEOUT : ms,
    copy,
    replace,
    auth,
    keys,
  };
}

function keysOf(args: readonly string[]): number[] {
  if (args[3] !== "") return [3];
  for (let at = 6; at < args.length; at++) {
    const word = args[at]!.toUpperCase();
    // The password follows, which may look like an option.
    if (word === "AUTH") at++;
    if (word === "AUTH2") at += 2;
    if (word === "KEYS") return args.slice(at + 1).map((_, i) => at + 1 + i);
  }
  return [3];
}
