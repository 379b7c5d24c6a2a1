/**
 * All commands of the server.
 *
 * @module
 */

import { Command, type CommandSpec } from "./command.ts";
import { CONNECTION } from "./commands/connection.ts";
import { STRINGS } from "./commands/strings.ts";

const FAMILIES: readonly (readonly CommandSpec[])[] = [
  CONNECTION,
  STRINGS,
];

/** The commands, by name. */
export class CommandTable {
  /** Each command by its name in upper case. */
  readonly byName = new Map<string, Command>();
  // As clients write them: looked up without making them upper case.
  readonly #asWritten = new Map<string, Command>();

  /** Makes the table of all families. */
  constructor() {
    for (const specs of FAMILIES) {
      for (const spec of specs) this.byName.set(spec.name, new Command(spec));
    }
  }

  /** The command of that name, in any case. */
  find(word: string): Command | undefined {
    const known = this.#asWritten.get(word);
    if (known !== undefined) return known;
    const command = this.byName.get(word.toUpperCase());
    // Of a name there are few spellings in use.
    if (command !== undefined && this.#asWritten.size < 10_000) {
      this.#asWritten.set(word, command);
    }
    return command;
  }
}
