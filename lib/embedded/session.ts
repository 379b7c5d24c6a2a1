/**
 * One client of the server: its connection, its state, its turn.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import type { Transport } from "../net/transport.ts";
import { ReplyEncoder } from "../resp/reply_encoder.ts";
import {
  DEFAULT_LIMITS,
  RequestDecoder,
  UNAUTHENTICATED,
} from "../resp/request_decoder.ts";
import type { Core } from "./core.ts";
import type { Database } from "./database.ts";
import { dispatch } from "./dispatch.ts";
import { CommandError } from "./errors.ts";
import type { Transaction } from "./transaction.ts";

const READ_BUFFER = 16 * 1024;
/** With more to be written than this, no more is read until it is. */
const MUCH = 1024 * 1024;

/** One client of the server. */
export class Session {
  /** Its number: CLIENT ID. */
  readonly id: number;
  /** The server it is a client of. */
  readonly core: Core;
  /** Where replies are written. */
  readonly reply = new ReplyEncoder();
  /** The selected database. */
  db: Database;
  /** What CLIENT SETNAME gave it. */
  name = "";
  /** Whether it has shown a password, or none is asked for. */
  authenticated: boolean;
  /** What MULTI began. */
  transaction: Transaction | null = null;
  /** Whether it waits for keys, and executes nothing meanwhile. */
  waiting = false;
  /** Whether to close when all is written. */
  closing = false;
  /** When it was made, in ms since 1970. */
  readonly since: number;
  /** When it executed a command last, in ms since 1970. */
  lastUse: number;
  /** The name of the command it executed last. */
  lastCommand = "";
  readonly #transport: Transport;
  readonly #requests: RequestDecoder;
  #writing = false;
  #drained: (() => void) | null = null;
  #closed = false;

  /** Makes the session of a new connection. */
  constructor(core: Core, transport: Transport) {
    this.core = core;
    this.id = core.nextSessionId();
    this.db = core.databases[0]!;
    this.since = this.lastUse = core.now;
    this.#transport = transport;
    this.authenticated = !core.asksForPassword;
    this.#requests = new RequestDecoder(
      this.authenticated ? DEFAULT_LIMITS : UNAUTHENTICATED,
    );
  }

  /** Lets it do what it may now that it has shown its password. */
  admit(): void {
    this.authenticated = true;
    this.#requests.limits = DEFAULT_LIMITS;
  }

  /** Reads and executes until the connection ends. */
  async serve(): Promise<void> {
    const into = new Uint8Array(READ_BUFFER);
    try {
      while (!this.#closed) {
        const size = await this.#transport.read(into);
        if (size === null) break;
        this.#requests.feed(into.subarray(0, size));
        this.#process();
        if (this.reply.length > MUCH) await this.#drain();
      }
    } catch {
      // The connection was lost, or closed by us.
    } finally {
      this.close();
    }
  }

  /**
   * Runs `work` as one command: an error is its reply, and what it changed is
   * saved as `args`, unless it says how else with `rewrite`.
   */
  run(args: readonly string[] | null, work: () => void): void {
    const { core, reply } = this;
    const start = reply.length;
    const { dirty } = core;
    core.rewritten = args;
    try {
      work();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      reply.truncate(start);
      reply.error(error.message);
    }
    if (core.dirty !== dirty && core.rewritten !== null) {
      core.propagate(this.db, core.rewritten);
    }
  }

  /** Saves what the running command changes as these arguments; `null` for not at all. */
  rewrite(args: readonly string[] | null): void {
    this.core.rewritten = args;
  }

  /** Goes on after a wait. */
  resume(): void {
    this.#process();
  }

  /** Starts to write what there is. */
  flush(): void {
    if (this.#writing || this.#closed || this.reply.length === 0) return;
    this.#writing = true;
    void this.#write();
  }

  /** Ends the connection at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#transport[Symbol.dispose]();
    this.#drained?.();
    this.core.left(this);
  }

  #process(): void {
    const { core } = this;
    core.tick();
    try {
      while (!this.waiting && !this.closing) {
        const args = this.#requests.next();
        if (args === null) break;
        dispatch(this, args);
        core.settle();
      }
      // Of a chunk that is not read to its end the rest is kept.
      this.#requests.keep();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.reply.error(`ERR ${error.message}`);
      this.closing = true;
    }
    this.flush();
    if (this.closing && !this.#writing) this.close();
  }

  async #write(): Promise<void> {
    try {
      while (this.reply.length > 0) {
        await this.#transport.write([this.reply.take()]);
      }
    } catch {
      this.closing = true;
    }
    this.#writing = false;
    this.#drained?.();
    if (this.closing) this.close();
  }

  #drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = () => {
        this.#drained = null;
        resolve();
      };
    });
  }
}
