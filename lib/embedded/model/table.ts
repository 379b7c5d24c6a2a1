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
  // As clients write them: looked up without making them upper case.
  readonly #asWritten = new Map<string, Command>();
  // The last one found: in a pipeline many in a row are the same, and to compare
  // a short text costs less than to hash it.
  #lastWord = "";
  #last: Command | undefined;

  /** Makes the table of these families. */
  constructor(families: readonly (readonly CommandSpec[])[]) {
    for (const specs of families) {
      for (const spec of specs) this.byName.set(spec.name, new Command(spec));
    }
  }

  /** The command of that name, in any case. */
  find(word: string): Command | undefined {
    if (word === this.#lastWord) return this.#last;
    const known = this.#asWritten.get(word);
    if (known !== undefined) {
      this.#lastWord = word;
      this.#last = known;
      return known;
    }
    const command = this.byName.get(word.toUpperCase());
    // Of a name there are few spellings in use.
    if (command !== undefined && this.#asWritten.size < 10_000) {
      this.#asWritten.set(word, command);
    }
    return command;
  }

  /** Gives a command another name; the empty one takes it away. */
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

  /** Begins to count calls anew. */
  forgetCalls(): void {
    for (const command of this.all()) command.forgetCalls();
  }

  /** The names of all commands and sub-commands. */
  *names(): Generator<string> {
    for (const command of this.all()) yield command.name;
  }

  /** The command of a name as `config|get`, in any case. */
  named(name: string): Command | undefined {
    const [word, sub] = name.toUpperCase().split("|");
    const command = this.byName.get(word!);
    if (sub === undefined || name.split("|").length > 2) {
      return name.includes("|") ? undefined : command;
    }
    return command?.subcommands?.get(sub);
  }
}
