/**
 * One sentinel: the client asks it for the master and subscribes to its events.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#pubsub-messages
 * @module
 */

import { Client } from "../client/client.ts";
import type { CallOptions } from "../client/engine.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Item, Subscription } from "../client/subscription.ts";
import { sleep } from "../client/sleep.ts";
import { jittered } from "../connection/backoff.ts";
import { ConnectionError, ReplyError } from "../errors.ts";
import { RAW, type Reply } from "../resp/reply.ts";
import type { Endpoint } from "./endpoint.ts";

/** A sentinel's answer: which server is the master. */
export interface MasterReport {
  /** Where the master is. */
  readonly endpoint: Endpoint;
  /** The epoch of the sentinel's configuration; each failover has a higher one. */
  readonly epoch: number;
}

/** Callbacks for what sentinels announce. */
export interface SentinelListener {
  /** It answered which server is the master. */
  onMaster(report: MasterReport): void;
  /** It announced that another server is the master. */
  onSwitch(from: Endpoint, to: Endpoint): void;
  /** It named the other sentinels. */
  onSentinels(others: readonly Endpoint[]): void;
  /** It named the replicas of the master. */
  onReplicas(replicas: readonly Endpoint[]): void;
}

/** Which sentinel is asked, and about which master. */
export interface SentinelTarget {
  readonly endpoint: Endpoint;
  /** The sentinels' name for the master. */
  readonly name: string;
  /** Maps the address that a sentinel gives for a server to one that this client can reach. */
  readonly mapAddress: (endpoint: Endpoint) => Endpoint;
}

/** Each sentinel announces this when it has heard of the failover. */
const SWITCHED = "+switch-master";
/** Only the sentinel that leads the failover announces this, up to seconds earlier. */
const PROMOTED = "+promoted-slave";
/** There is a new replica. */
const ADDED = "+slave";

/** Asks and listens to one sentinel until it is closed. */
export class Sentinel {
  /** Where it is. */
  readonly endpoint: Endpoint;
  readonly #name: string;
  readonly #mapAddress: (endpoint: Endpoint) => Endpoint;
  readonly #client: Client;
  readonly #listener: SentinelListener;
  readonly #listening: Promise<void>;

  /** Connects at once. */
  constructor(
    { endpoint, name, mapAddress }: SentinelTarget,
    options: ClientOptions,
    listener: SentinelListener,
  ) {
    this.endpoint = endpoint;
    this.#name = name;
    this.#mapAddress = mapAddress;
    this.#listener = listener;
    // Its loss is no reason to wait: the other sentinels are there.
    this.#client = new Client({ ...options, ...endpoint, connectAttempts: 1 });
    this.#client.unref();
    this.#listening = this.#listen();
  }

  /** Asks which server is the master. */
  async ask(call: CallOptions): Promise<MasterReport> {
    const [address, info] = await this.#client.executeAll(
      [
        command("GET-MASTER-ADDR-BY-NAME", this.#name),
        command("MASTER", this.#name),
      ],
      { atomic: false },
      call,
    ) as Reply[];
    if (address instanceof Error) throw address;
    if (!Array.isArray(address)) {
      throw new ConnectionError(`it knows no master ${this.#name}`);
    }
    // A user may lack the right to the second command: then all epochs are 0.
    const epoch = info instanceof ReplyError
      ? 0
      : Number(fieldsOf(info!).get("config-epoch") ?? 0);
    return { endpoint: this.#toEndpoint(address[0], address[1]), epoch };
  }

  /** Ends the listening and closes its connections. */
  async close(): Promise<void> {
    await this.#client.close({ timeout: 0 });
    await this.#listening;
  }

  async #listen(): Promise<void> {
    const { closing } = this.#client;
    for (let attempt = 1; !closing.aborted; attempt++) {
      try {
        const said: Subscription<string, Item<string>> = await this.#client
          .subscribe(
            "channel",
            [SWITCHED, PROMOTED, ADDED],
            { gaps: true },
            "text",
          );
        attempt = 0;
        // Events before the subscription are not announced again.
        await this.#ask();
        for await (const item of said) {
          if ("message" in item && item.channel === SWITCHED) {
            this.#announce(item.message);
          }
          // Also after a gap, in which an announcement may have been lost.
          await this.#ask();
        }
      } catch {
        await sleep(jittered(attempt), closing).catch(() => {});
      }
    }
  }

  /** Reads "name 10.0.0.1 6379 10.0.0.2 6379". */
  #announce(message: string): void {
    const [name, ...addresses] = message.split(" ");
    if (name !== this.#name) return;
    const [from, fromPort, to, toPort] = addresses;
    this.#listener.onSwitch(
      this.#toEndpoint(from, fromPort),
      this.#toEndpoint(to, toPort),
    );
  }

  async #ask(): Promise<void> {
    const { onMaster, onSentinels, onReplicas } = this.#listener;
    try {
      onMaster(await this.ask({}));
      onSentinels(await this.#list("SENTINELS"));
      onReplicas(await this.#list("REPLICAS"));
    } catch {
      // It is still listened to, and asked again when it says something.
    }
  }

  async #list(what: "SENTINELS" | "REPLICAS"): Promise<Endpoint[]> {
    const list = await this.#client
      .execute(command(what, this.#name), {}) as Reply[];
    return list.map((one) => {
      const fields = fieldsOf(one);
      return this.#toEndpoint(fields.get("ip"), fields.get("port"));
    });
  }

  #toEndpoint(
    hostname: Reply | undefined,
    port: Reply | undefined,
  ): Endpoint {
    return this.#mapAddress({
      hostname: String(hostname),
      port: Number(port),
    });
  }
}

function command(...words: string[]) {
  return { args: ["SENTINEL", ...words], shape: RAW };
}

/** The fields of a reply: a map in RESP3, a flat list in RESP2. */
function fieldsOf(reply: Reply): Map<string, Reply> {
  if (reply instanceof Map) return reply as Map<string, Reply>;
  const list = reply as Reply[];
  const fields = new Map<string, Reply>();
  for (let i = 0; i + 1 < list.length; i += 2) {
    fields.set(String(list[i]), list[i + 1]!);
  }
  return fields;
}
