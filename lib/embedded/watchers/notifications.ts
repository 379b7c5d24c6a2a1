/**
 * Keyspace notifications: what happens to keys, as messages of pub/sub.
 *
 * @see https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
 * @module
 */

import { type Config, ValueError } from "../base/config.ts";
import type { PubSub } from "./pubsub.ts";

/** The classes that `A` stands for, in the order CONFIG GET shows them. */
const ALL = "g$lshzxetd";
/** Those that `A` leaves out: keys that were not found, new keys. */
const OTHERS = "mn";

/** Which events are told, and telling them. */
export class Notifications {
  /** Whether any is told. */
  active = false;
  readonly #pubsub: PubSub;
  #classes = "";
  #byKey = false;
  #byEvent = false;

  /** Makes it tell what a configuration says: nothing at first. */
  constructor(pubsub: PubSub, config: Config) {
    this.#pubsub = pubsub;
    config.add("notify-keyspace-events", "", (value) => {
      if (this.#set(value)) return;
      throw new ValueError(
        "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
      );
    });
  }

  /** Sets what is told, in letters; says whether they are all known. */
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

  /** What is told, as CONFIG GET shows it. */
  get letters(): string {
    const classes = this.#classes;
    const shown = classes.startsWith(ALL) ? "A" : classes.replace("m", "");
    return shown + (this.#byKey ? "K" : "") + (this.#byEvent ? "E" : "") +
      (classes.includes("m") ? "m" : "");
  }

  /** Tells that `event` happened to a key. */
  tell(db: number, type: string, event: string, key: string): void {
    if (!this.#classes.includes(type)) return;
    if (this.#byKey) this.#pubsub.publish(`__keyspace@${db}__:${key}`, event);
    if (this.#byEvent) {
      this.#pubsub.publish(`__keyevent@${db}__:${event}`, key);
    }
  }
}
