/**
 * Users, their passwords and permissions.
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

/** The order of denials: with several selectors, the highest is reported. */
const GRAVITY = { command: 1, key: 2, auth: 3, channel: 4 } as const;
const HASH = /^[0-9a-f]{64}$/;

/** One user. */
export class User {
  /** Its name. */
  readonly name: string;
  /** Whether it may log in. */
  enabled = false;
  /** Whether any password is accepted: `nopass`. */
  anyPassword = false;
  /** The flag about checking payloads of RESTORE; only shown, without effect. */
  sanitizing: "sanitize-payload" | "skip-sanitize-payload" = "sanitize-payload";
  /** SHA-256 digests of its passwords, in hexadecimal. */
  passwords: string[] = [];
  /** Its selectors. Rules outside of parentheses change the first. */
  selectors: Selector[];
  readonly #table: CommandTable;

  /** Makes a user without permissions. */
  constructor(name: string, table: CommandTable) {
    this.name = name;
    this.#table = table;
    this.selectors = [new Selector(table)];
  }

  /** Applies rules, all or none; throws the error that ACL SETUSER replies. */
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

  /** Why a command is denied; `null` when it is allowed. */
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

  /** Whether a password is valid for this user. */
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

/** The users of a server. */
export class Users {
  /** Each by its name. */
  readonly byName = new Map<string, User>();
  /** The user of connections that have not authenticated. */
  readonly default: User;
  readonly #table: CommandTable;

  /**
   * Makes the user `default` with all permissions, and with a password only if the
   * configuration requires one.
   */
  constructor(table: CommandTable, config: Config) {
    this.#table = table;
    this.default = new User("default", table);
    this.default.apply(["on", "nopass", "~*", "&*", "+@all"]);
    this.byName.set("default", this.default);
    config.onSet("requirepass", (value) => this.#requirePassword(value));
  }

  /** Makes a user from a line of an ACL file: its name and its rules. */
  load(line: string): void {
    const [name = "", ...rules] = line.trim().split(/\s+/);
    // The line defines `default` completely, but that user exists: reset it first.
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

  /** Sets the password of the user `default`; an empty one removes it. */
  #requirePassword(password: string): void {
    this.default.apply(
      password === "" ? ["nopass"] : [
        "resetpass",
        `>${password}`,
      ],
    );
  }

  /** Whether a new connection must authenticate. */
  get required(): boolean {
    return !this.default.enabled || !this.default.anyPassword;
  }

  /** Finds a user by name and password. */
  authenticate(name: string, password: string): User | undefined {
    const user = this.byName.get(name);
    return user?.accepts(password) ? user : undefined;
  }
}

/** The SHA-256 digest of a password, in hexadecimal. */
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

/** Joins the arguments of a selector in parentheses. */
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
