/**
 * Users: who they are and what they may do.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 * @module
 */

import { sha256 } from "../../sha256.ts";
import type { Config } from "../base/config.ts";
import type { Command } from "../model/command.ts";
import type { CommandTable } from "../model/table.ts";
import { err } from "../base/errors.ts";
import { type Denial, RuleError, Selector } from "./selector.ts";

/** How grave a denial is: of several selectors the gravest one is reported. */
const GRAVITY = { command: 1, key: 2, auth: 3, channel: 4 } as const;
const HASH = /^[0-9a-f]{64}$/;

/** One user. */
export class User {
  /** Its name. */
  readonly name: string;
  /** Whether it may log in. */
  enabled = false;
  /** Whether any password is right. */
  anyPassword = false;
  /** What was said of RESTORE's payload: shown only. */
  sanitizing: "sanitize-payload" | "skip-sanitize-payload" = "sanitize-payload";
  /** The digests of its passwords, in hexadecimal. */
  passwords: string[] = [];
  /** What it may do; the first is changed by rules of its own. */
  selectors: Selector[];
  readonly #table: CommandTable;

  /** Makes a user that may nothing. */
  constructor(name: string, table: CommandTable) {
    this.name = name;
    this.#table = table;
    this.selectors = [new Selector(table)];
  }

  /** Applies rules, all or none; throws what ACL SETUSER answers. */
  apply(rules: readonly string[]): void {
    const draft = new User(this.name, this.#table);
    draft.#become(this);
    for (const rule of joinSelectors(rules)) {
      try {
        draft.#apply(rule);
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        throw err(
          `Error in ACL SETUSER modifier '${rule}': ${error.message}`,
        );
      }
    }
    this.#become(draft);
  }

  /** The reason why a command is denied; `null` when it is allowed. */
  check(command: Command, args: readonly string[]): Denial | null {
    let worst: Denial | null = null;
    for (const selector of this.selectors) {
      const denial = selector.check(command, args);
      if (denial === null) return null;
      if (worst === null || GRAVITY[denial.reason] > GRAVITY[worst.reason]) {
        worst = denial;
      }
    }
    return worst;
  }

  /** Whether everything is allowed. */
  get unrestricted(): boolean {
    return this.selectors[0]!.unrestricted;
  }

  /** Whether a password is one of its own. */
  accepts(password: string): boolean {
    return this.enabled &&
      (this.anyPassword || this.passwords.includes(digest(password)));
  }

  /** The user as ACL LIST shows it. */
  toString(): string {
    const [own, ...others] = this.selectors;
    return [
      "user",
      this.name,
      ...this.flags,
      ...this.passwords.map((hash) => `#${hash}`),
      String(own),
      ...others.map((selector) => `(${selector})`),
    ].join(" ");
  }

  /** The flags as ACL GETUSER shows them. */
  get flags(): string[] {
    const flags = [this.enabled ? "on" : "off"];
    if (this.anyPassword) flags.push("nopass");
    flags.push(this.sanitizing);
    return flags;
  }

  #become(other: User): void {
    this.enabled = other.enabled;
    this.anyPassword = other.anyPassword;
    this.sanitizing = other.sanitizing;
    this.passwords = [...other.passwords];
    this.selectors = other.selectors.map((selector) => selector.copy());
  }

  #apply(rule: string): void {
    const rest = rule.slice(1);
    switch (rule.toLowerCase()) {
      case "on":
      case "off":
        this.enabled = rule.toLowerCase() === "on";
        return;
      case "nopass":
        this.anyPassword = true;
        this.passwords = [];
        return;
      case "resetpass":
        this.anyPassword = false;
        this.passwords = [];
        return;
      case "sanitize-payload":
        this.sanitizing = "sanitize-payload";
        return;
      case "skip-sanitize-payload":
        this.sanitizing = "skip-sanitize-payload";
        return;
      case "clearselectors":
        this.selectors.length = 1;
        return;
      case "reset":
        this.#become(new User(this.name, this.#table));
        this.sanitizing = "sanitize-payload";
        return;
    }
    switch (rule[0]) {
      case ">":
        return this.#addPassword(digest(rest));
      case "#":
        return this.#addPassword(checkHash(rest));
      case "<":
        return this.#removePassword(digest(rest));
      case "!":
        return this.#removePassword(checkHash(rest));
      case "(": {
        const selector = new Selector(this.#table);
        for (const word of rule.slice(1, -1).split(" ")) {
          if (word !== "") selector.apply(word);
        }
        this.selectors.push(selector);
        return;
      }
    }
    this.selectors[0]!.apply(rule);
  }

  #addPassword(hash: string): void {
    if (!this.passwords.includes(hash)) this.passwords.push(hash);
    this.anyPassword = false;
  }

  #removePassword(hash: string): void {
    const at = this.passwords.indexOf(hash);
    if (at < 0) {
      throw new RuleError(
        "The password you are trying to remove from the user does not exist",
      );
    }
    this.passwords.splice(at, 1);
  }
}

/** All users. */
export class Users {
  /** Each by its name. */
  readonly byName = new Map<string, User>();
  /** Who a connection is before it says so. */
  readonly default: User;
  readonly #table: CommandTable;

  /**
   * Makes the user `default`, who may do everything; without a password, unless
   * the configuration requires one.
   */
  constructor(table: CommandTable, config: Config) {
    this.#table = table;
    this.default = new User("default", table);
    this.default.apply(["on", "nopass", "~*", "&*", "+@all"]);
    this.byName.set("default", this.default);
    config.onSet("requirepass", (value) => this.#requirePassword(value));
  }

  /** Makes a user of a line of an ACL file: its name and its rules. */
  load(line: string): void {
    const [name = "", ...rules] = line.trim().split(/\s+/);
    // The line says all of the user `default`, who is there already.
    this.set(name, name === "default" ? ["reset", ...rules] : rules);
  }

  /** Makes or changes a user. */
  set(name: string, rules: readonly string[]): User {
    const known = this.byName.get(name);
    const user = known ?? new User(name, this.#table);
    user.apply(rules);
    if (known === undefined) this.byName.set(name, user);
    return user;
  }

  /** Sets the password of the user `default`, or takes it away. */
  #requirePassword(password: string): void {
    this.default.apply(
      password === "" ? ["nopass"] : [
        "resetpass",
        `>${password}`,
      ],
    );
  }

  /** Whether a connection must log in. */
  get required(): boolean {
    return !this.default.enabled || !this.default.anyPassword;
  }

  /** The user of that name with that password, if there is one. */
  authenticate(name: string, password: string): User | undefined {
    const user = this.byName.get(name);
    return user?.accepts(password) ? user : undefined;
  }
}

/** The digest of a password, in hexadecimal. */
function digest(password: string): string {
  return Array.from(
    sha256(password),
    (word) => (word >>> 0).toString(16).padStart(8, "0"),
  ).join("");
}

function checkHash(hash: string): string {
  if (HASH.test(hash)) return hash;
  throw new RuleError(
    "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters",
  );
}

/** Joins what stands in parentheses, which may be several arguments. */
function joinSelectors(rules: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < rules.length; i++) {
    let rule = rules[i]!;
    if (rule.startsWith("(")) {
      const first = rule;
      while (!rule.endsWith(")")) {
        if (++i === rules.length) {
          throw err(
            `Unmatched parenthesis in acl selector starting at '${first}'.`,
          );
        }
        rule += ` ${rules[i]}`;
      }
    }
    joined.push(rule);
  }
  return joined;
}
