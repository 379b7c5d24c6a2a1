/**
 * The engine for a master and its replicas: `readFrom` says which of them execute
 * commands that only read; all others go to the master.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  ConnectionObserver,
  Engine,
  ReadFrom,
} from "../client/engine.ts";
import { EngineWrapper } from "../client/engine_wrapper.ts";
import { now } from "../connection/clock.ts";
import type { Command } from "../connection/command.ts";
import type { Reader } from "./condition.ts";
import type { Endpoint } from "./endpoint.ts";
import { checkReadFrom, Readers, readsData, type ZoneOf } from "./reading.ts";
import { MasterReader, type Replicas } from "./replica.ts";

/** The parts of a master with replicas. */
export interface ReplicatedOptions {
  /** Closed with the engine. */
  readonly master: Client;
  /** Where the master is at the moment. */
  readonly masterEndpoint: () => Endpoint;
  /** Closed with the engine. */
  readonly replicas: Replicas;
  readonly readFrom: ReadFrom;
  readonly zoneOf: ZoneOf | undefined;
  /** In ms; 0 for none. */
  readonly commandTimeout: number;
}

/** An engine that reads where `readFrom` allows it, and does all else at the master, which is the engine below. */
export class Replicated extends EngineWrapper {
  readonly #masterReader: Reader;
  readonly #replicas: Replicas;
  readonly #readers: Readers;
  readonly #readFrom: ReadFrom;
  readonly #commandTimeout: number;

  /** Connects to replicas when they are first read from. */
  constructor(options: ReplicatedOptions) {
    const { master, masterEndpoint, replicas, readFrom, zoneOf } = options;
    super(master);
    checkReadFrom(readFrom);
    this.#masterReader = new MasterReader(master, masterEndpoint);
    this.#replicas = replicas;
    this.#readFrom = readFrom;
    this.#readers = new Readers(zoneOf, () => this.closing);
    this.#commandTimeout = options.commandTimeout;
  }

  /** Executes one command. */
  override execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    const { readFrom = this.#readFrom } = call;
    return readFrom !== "master" && readsData(command.args)
      ? this.#read(
        command,
        readFrom,
        call,
        (engine, call) => engine.execute(command, call),
      )
      : this.engine.execute(command, call);
  }

  /** Executes commands together; if all of them only read, at one server that `readFrom` allows. */
  override executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    const { readFrom = this.#readFrom } = call;
    const [first] = commands;
    return readFrom !== "master" && first !== undefined &&
        commands.every(({ args }) => readsData(args))
      ? this.#read(
        first,
        readFrom,
        call,
        (engine, call) => engine.executeAll(commands, batch, call),
      )
      : this.engine.executeAll(commands, batch, call);
  }

  /**
   * Tells of the connections to every server.
   *
   * @internal
   */
  override observe(observer: ConnectionObserver): Disposable {
    const all = [this.engine, this.#replicas].map((engine) =>
      engine.observe?.(observer)
    );
    return {
      [Symbol.dispose]: () => all.forEach((one) => one?.[Symbol.dispose]()),
    };
  }

  /** Asks for the credentials again and sends them to every server. */
  override async authenticate(): Promise<void> {
    await Promise.all([
      this.engine.authenticate(),
      this.#replicas.authenticate(),
    ]);
  }

  /** Lets commands in flight come to their end, then closes. */
  override async close(options?: CloseOptions): Promise<void> {
    await Promise.all([
      this.engine.close(options),
      this.#replicas.close(options),
    ]);
  }

  /** Keeps the process alive while there is a connection. */
  override ref(): void {
    this.engine.ref();
    this.#replicas.ref(true);
  }

  /** Lets the process exit although there is a connection. */
  override unref(): void {
    this.engine.unref();
    this.#replicas.ref(false);
  }

  /** The servers and the states of their connections, without secrets. */
  override get summary(): string {
    const replicas = this.#replicas.all.map(({ client }) => client.summary);
    return [this.engine.summary, ...replicas].join(", ");
  }

  async #read<T>(
    { args }: Command,
    readFrom: ReadFrom,
    call: CallOptions,
    send: (engine: Engine, call: CallOptions) => Promise<T>,
  ): Promise<T> {
    checkReadFrom(readFrom);
    const patience = call.timeout ?? this.#commandTimeout;
    return await this.#readers.read<Reader, T>(
      {
        description: `${args[0]}`,
        readFrom,
        call,
        deadline: now() + (patience || Infinity),
        send: ({ client }, call) => send(client, call),
        atMaster: (call) => send(this.engine, call),
      },
      this.#masterReader,
      this.#replicas.all,
    );
  }
}
