/**
 * The commands by name.
 *
 * @module
 */

import { Command, type CommandSpec } from "./command.ts";

/** The commands, by name. */
export class CommandTable {
  /** Each command by its name in upper case. */
  readonly byName = new Map<string, Command>();
  // Names as clients write them, so that a lookup need not convert to upper case.
  readonly #asWritten = new Map<string, Command>();
  // The last command found. A pipeline often repeats one command, and comparing a
  // short text costs less than hashing it.
  #lastWord = "";
  #last: Command | undefined;

  /** Makes the table of all commands of these families. */
  constructor(families: readonly (readonly CommandSpec[])[]) {
    for (const specs of families) {
      for (const spec of specs) this.byName.set(spec.name, new Command(spec));
    }
  }

  /** Finds a command by its name, in any case. */
  find(word: string): Command | undefined {
    if (word === this.#lastWord) return this.#last;
    const known = this.#asWritten.get(word);
    if (known !== undefined) {
      this.#lastWord = word;
      this.#last = known;
      return known;
    }
    const command = this.byName.get(word.toUpperCase());
    // Bounded: a name has many spellings, but few are in use.
    if (command !== undefined && this.#asWritten.size < 10_000) {
      this.#asWritten.set(word, command);
    }
    return command;
  }

  /** Renames a command; an empty name disables it. */
  rename(name: string, other: string): void {
    const command = this.byName.get(name.toUpperCase());
    if (command === undefined) {
      throw new TypeError(`Cannot rename "${name}": there is no such command`);
    }
    this.byName.delete(name.toUpperCase());
    this.#asWritten.clear();
    this.#lastWord = "";
    this.#last = undefined;
    if (other !== "") this.byName.set(other.toUpperCase(), command);
  }

  /** All commands and sub-commands. */
  *all(): Generator<Command> {
    for (const command of this.byName.values()) {
      yield command;
      if (command.subcommands !== null) yield* command.subcommands.values();
    }
  }

  /** Resets the counters of all commands. */
  forgetCalls(): void {
    for (const command of this.all()) command.forgetCalls();
  }

  /** The names of all commands and sub-commands. */
  *names(): Generator<string> {
    for (const command of this.all()) yield command.name;
  }

  /** Finds a command by its full name such as `config|get`, in any case. */
  named(name: string): Command | undefined {
    const [word, sub] = name.toUpperCase().split("|");
    const command = this.byName.get(word!);
    if (sub === undefined || name.split("|").length > 2) {
      return name.includes("|") ? undefined : command;
    }
    return command?.subcommands?.get(sub);
  }
}
