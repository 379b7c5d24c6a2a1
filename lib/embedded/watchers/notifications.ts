/**
 * Keyspace notifications: key events, published as messages.
 *
 * @see https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
 * @module
 */

import { type Config, ValueError } from "../base/config.ts";
import type { PubSub } from "./pubsub.ts";

/** The classes that `A` stands for, in the order CONFIG GET shows them. */
const ALL = "g$lshzxetd";
/** The classes that `A` leaves out: missed keys and new keys. */
const OTHERS = "mn";

/** Publishes the events that the configuration selects. */
export class Notifications {
  /** Whether any event is published. */
  active = false;
  readonly #pubsub: PubSub;
  #classes = "";
  #byKey = false;
  #byEvent = false;

  /** Follows `notify-keyspace-events` of a configuration; publishes nothing at first. */
  constructor(pubsub: PubSub, config: Config) {
    this.#pubsub = pubsub;
    config.add("notify-keyspace-events", "", (value) => {
      if (this.#set(value)) return;
      throw new ValueError(
        "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
      );
    });
  }

  /** Selects events by letters; returns whether all letters are known. */
  #set(letters: string): boolean {
    const wanted = letters.replaceAll("A", ALL);
    for (const letter of wanted) {
      if (!(ALL + OTHERS + "KE").includes(letter)) return false;
    }
    this.#classes = [...ALL + OTHERS].filter((c) => wanted.includes(c)).join(
      "",
    );
    this.#byKey = wanted.includes("K");
    this.#byEvent = wanted.includes("E");
    this.active = this.#classes !== "" && (this.#byKey || this.#byEvent);
    return true;
  }

  /** The letters as CONFIG GET shows them. */
  get letters(): string {
    const classes = this.#classes;
    const shown = classes.startsWith(ALL) ? "A" : classes.replace("m", "");
    return shown + (this.#byKey ? "K" : "") + (this.#byEvent ? "E" : "") +
      (classes.includes("m") ? "m" : "");
  }

  /** Publishes an event of a key. */
  tell(db: number, type: string, event: string, key: string): void {
    if (!this.#classes.includes(type)) return;
    if (this.#byKey) this.#pubsub.publish(`__keyspace@${db}__:${key}`, event);
    if (this.#byEvent) {
      this.#pubsub.publish(`__keyevent@${db}__:${event}`, key);
    }
  }
}
