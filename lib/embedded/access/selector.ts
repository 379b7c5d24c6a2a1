/**
 * Permissions of a user: allowed commands, keys and channels, combined.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 * @module
 */

import type { Command } from "../model/command.ts";
import type { CommandTable } from "../model/table.ts";
import { matches } from "../base/glob.ts";

/** Why a command is denied. */
export interface Denial {
  /** The kind of the missing permission. */
  readonly reason: "command" | "key" | "channel" | "auth";
  /** The denied command, key or channel. */
  readonly object: string;
}

/** An invalid rule; the text is Redis's. */
export class RuleError extends Error {
  /** The name of the error's class. */
  override readonly name: string = "RuleError";
}

const UNKNOWN = "Unknown command or category name in ACL";

interface KeyPattern {
  readonly pattern: string;
  readonly read: boolean;
  readonly write: boolean;
}

/** Permissions for commands, keys and channels that apply together. */
export class Selector {
  /** Whether everything is allowed. */
  unrestricted = false;
  readonly #table: CommandTable;
  /** Commands by name, `container|sub`. */
  #allowed = new Set<string>();
  /** `+select|0`: commands that are allowed only with some first arguments. */
  #firstArguments = new Map<string, Set<string>>();
  /** The rules that led here, for ACL LIST; without those that were overridden. */
  #rules: string[] = ["-@all"];
  #keys: KeyPattern[] = [];
  #channels: string[] = [];

  /** Makes a selector that allows nothing. */
  constructor(table: CommandTable) {
    this.#table = table;
  }

  /** A copy. */
  copy(): Selector {
    const copy = new Selector(this.#table);
    copy.#allowed = new Set(this.#allowed);
    for (const [name, words] of this.#firstArguments) {
      copy.#firstArguments.set(name, new Set(words));
    }
    copy.#rules = [...this.#rules];
    copy.#keys = [...this.#keys];
    copy.#channels = [...this.#channels];
    copy.#settle();
    return copy;
  }

  /** Applies a rule about commands, keys or channels; throws when it is invalid. */
  apply(rule: string): void {
    this.#apply(rule);
    this.#settle();
  }

  #apply(rule: string): void {
    switch (rule.toLowerCase()) {
      case "allkeys":
      case "~*":
        this.#keys = [{ pattern: "*", read: true, write: true }];
        return;
      case "resetkeys":
        this.#keys = [];
        return;
      case "allchannels":
      case "&*":
        this.#channels = ["*"];
        return;
      case "resetchannels":
        this.#channels = [];
        return;
      case "allcommands":
      case "+@all":
        this.#firstArguments.clear();
        for (const name of this.#table.names()) this.#allowed.add(name);
        this.#rules = ["+@all"];
        return;
      case "nocommands":
      case "-@all":
        this.#firstArguments.clear();
        this.#allowed.clear();
        this.#rules = ["-@all"];
        return;
    }
    const rest = rule.slice(1);
    switch (rule[0]) {
      case "~":
        return this.#addKeys(rest, true, true);
      case "%": {
        const [, modes, pattern] = /^([RW]+)~(.*)$/is.exec(rest) ?? [];
        if (modes === undefined) throw new RuleError("Syntax error");
        return this.#addKeys(pattern!, /r/i.test(modes), /w/i.test(modes));
      }
      case "&":
        if (this.#channels[0] === "*") {
          throw new RuleError(
            "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels",
          );
        }
        this.#noBlanks(rest);
        if (!this.#channels.includes(rest)) this.#channels.push(rest);
        return;
      case "+":
      case "-":
        if (rest[0] === "@") this.#setCategory(rule[0], rest.slice(1));
        else this.#setCommand(rule[0], rest.toLowerCase());
        return;
    }
    throw new RuleError("Syntax error");
  }

  #addKeys(pattern: string, read: boolean, write: boolean): void {
    if (
      this.#keys[0]?.pattern === "*" && this.#keys[0].read &&
      this.#keys[0].write
    ) {
      throw new RuleError(
        "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns",
      );
    }
    this.#noBlanks(pattern);
    const known = this.#keys.findIndex((key) => key.pattern === pattern);
    if (known < 0) this.#keys.push({ pattern, read, write });
    else {
      const { read: mayRead, write: mayWrite } = this.#keys[known]!;
      this.#keys[known] = {
        pattern,
        read: read || mayRead,
        write: write || mayWrite,
      };
    }
  }

  #noBlanks(pattern: string): void {
    if (/[\s\0]/.test(pattern)) throw new RuleError("Syntax error");
  }

  #setCategory(sign: "+" | "-", category: string): void {
    const name = category.toLowerCase();
    if (!CATEGORY_NAMES.includes(name)) throw new RuleError(UNKNOWN);
    for (const command of this.#table.all()) {
      if (command.categories.has(name)) this.#set(sign, command.name);
    }
    this.#note(sign, `@${name}`);
  }

  #setCommand(sign: "+" | "-", words: string): void {
    const command = this.#table.named(words);
    if (command !== undefined) {
      this.#set(sign, command.name);
      for (const sub of command.subcommands?.values() ?? []) {
        this.#set(sign, sub.name);
      }
      return this.#note(sign, command.name);
    }
    const bar = words.lastIndexOf("|");
    const parent = bar < 0 ? undefined : this.#table.named(words.slice(0, bar));
    if (parent === undefined || parent.subcommands !== null || sign === "-") {
      throw new RuleError(UNKNOWN);
    }
    if (parent.name.includes("|")) {
      throw new RuleError(
        "Allowing first-arg of a subcommand is not supported",
      );
    }
    const word = words.slice(bar + 1);
    const known = this.#firstArguments.get(parent.name);
    if (known === undefined) {
      this.#firstArguments.set(parent.name, new Set([word]));
    } else known.add(word);
    this.#rules.push(`+${words}`);
  }

  #set(sign: "+" | "-", name: string): void {
    if (sign === "+") this.#allowed.add(name);
    else this.#allowed.delete(name);
    this.#firstArguments.delete(name);
  }

  /** Adds a rule and drops the rules that it overrides. */
  #note(sign: "+" | "-", name: string): void {
    this.#rules = this.#rules.filter((rule) => {
      const ruled = rule.slice(1);
      return ruled !== name && !ruled.startsWith(`${name}|`);
    });
    this.#rules.push(sign + name);
  }

  #settle(): void {
    this.unrestricted = this.#rules.length === 1 &&
      this.#rules[0] === "+@all" && this.#channels[0] === "*" &&
      this.#keys.some((key) => key.pattern === "*" && key.read && key.write);
  }

  /** Why a command is denied; `null` when it is allowed. */
  check(command: Command, args: readonly string[]): Denial | null {
    if (this.unrestricted) return null;
    // AUTH and HELLO are always allowed, so that a client can change its user.
    if (
      !command.flags.has("no_auth") && !this.#allowed.has(command.name) &&
      !this.#firstArguments.get(command.name)?.has(args[1]?.toLowerCase() ?? "")
    ) return { reason: "command", object: command.name };
    for (const { at, flags } of command.keysWithFlags(args)) {
      if (flags.includes("not_key")) continue;
      const reads = flags.includes("access");
      const writes = /insert|update|delete/.test(flags);
      if (!this.allowsKey(args[at]!, reads, writes)) {
        return { reason: "key", object: args[at]! };
      }
    }
    const channels = CHANNELS[command.name];
    if (channels !== undefined) {
      for (const channel of args.slice(1, channels.last)) {
        if (!this.allowsChannel(channel, channels.pattern)) {
          return { reason: "channel", object: channel };
        }
      }
    }
    return null;
  }

  /** Whether a key may be read, written, or both. */
  allowsKey(key: string, reads: boolean, writes: boolean): boolean {
    return this.#keys.some(({ pattern, read, write }) =>
      (read || !reads) && (write || !writes) && matches(pattern, key)
    );
  }

  /** Whether a channel may be used; a pattern must equal an allowed one. */
  allowsChannel(channel: string, pattern: boolean): boolean {
    return this.#channels.some((allowed) =>
      allowed === "*" ||
      (pattern ? allowed === channel : matches(allowed, channel))
    );
  }

  /** The commands, as ACL GETUSER shows them. */
  get commands(): string {
    const [first] = this.#rules;
    return (first === "+@all" || first === "-@all" ? [] : ["-@all"])
      .concat(this.#rules).join(" ");
  }

  /** The keys, as ACL GETUSER shows them. */
  get keys(): string {
    return this.#keys.map(({ pattern, read, write }) =>
      read && write ? `~${pattern}` : `%${read ? "R" : "W"}~${pattern}`
    ).join(" ");
  }

  /** The channels, as ACL GETUSER shows them. */
  get channels(): string {
    return this.#channels.map((channel) => `&${channel}`).join(" ");
  }

  /** The whole selector, as ACL LIST shows it. */
  toString(): string {
    const channels = this.#channels[0] === "*"
      ? "&*"
      : `resetchannels ${this.channels}`.trimEnd();
    return [this.keys, channels, this.commands].filter((part) => part !== "")
      .join(" ");
  }
}

/** The arguments that are channels, by command. */
const CHANNELS: Record<string, { last?: number; pattern: boolean }> = {
  "publish": { last: 2, pattern: false },
  "spublish": { last: 2, pattern: false },
  "subscribe": { pattern: false },
  "ssubscribe": { pattern: false },
  "psubscribe": { pattern: true },
};

/** The categories in the order ACL CAT shows them. */
export const CATEGORY_NAMES: readonly string[] = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
];
