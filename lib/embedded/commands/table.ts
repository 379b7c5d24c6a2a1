/**
 * All commands of the server.
 *
 * @module
 */

import { Command, type CommandSpec } from "../model/command.ts";
import { BITFIELD } from "./bitfield.ts";
import { BITMAPS } from "./bitmaps.ts";
import { HYPERLOGLOG } from "./hyperloglog.ts";
import { CONNECTION } from "./connection.ts";
import { DUMP } from "./dump.ts";
import { GEO } from "./geo.ts";
import { HASH_FIELDS } from "./hash_fields.ts";
import { HASHES } from "./hashes.ts";
import { EXPIRES } from "./expires.ts";
import { KEYS } from "./keys.ts";
import { OBJECT } from "./object.ts";
import { SORT } from "./sort.ts";
import { KEYSPACE } from "./keyspace.ts";
import { BLOCKING_LISTS } from "./list_blocking.ts";
import { LISTS } from "./lists.ts";
import { SETS } from "./sets.ts";
import { SORTED_SET_ALGEBRA } from "./sorted_set_algebra.ts";
import { SORTED_SET_POPS } from "./sorted_set_pops.ts";
import { SORTED_SET_RANGES } from "./sorted_set_ranges.ts";
import { SORTED_SETS } from "./sorted_sets.ts";
import { STREAM_CLAIMS } from "./stream_claims.ts";
import { STREAM_GROUPS } from "./stream_groups.ts";
import { STREAM_INFO } from "./stream_info.ts";
import { STREAM_READS } from "./stream_reads.ts";
import { STREAMS } from "./streams.ts";
import { ACL } from "./acl.ts";
import { CLIENT } from "./client.ts";
import { COMMAND } from "./command_info.ts";
import { CONFIG } from "./config.ts";
import { DEBUG } from "./debug.ts";
import { MEMORY } from "./memory.ts";
import { MIGRATE } from "./migrate.ts";
import { FUNCTIONS } from "./functions.ts";
import { MISSING } from "./missing.ts";
import { PERSISTENCE } from "./persistence.ts";
import { PUBSUB } from "./pubsub.ts";
import { REPLICATION } from "./replication.ts";
import { SCRIPTING } from "./scripting.ts";
import { SERVER } from "./server.ts";
import { SLOWLOG } from "./slow_log.ts";
import { STRINGS } from "./strings.ts";
import { TRANSACTIONS } from "./transactions.ts";

const FAMILIES: readonly (readonly CommandSpec[])[] = [
  SORTED_SETS,
  SORTED_SET_RANGES,
  SORTED_SET_ALGEBRA,
  SORTED_SET_POPS,
  GEO,
  STREAMS,
  STREAM_READS,
  STREAM_GROUPS,
  STREAM_CLAIMS,
  STREAM_INFO,
  LISTS,
  BLOCKING_LISTS,
  SETS,
  HASHES,
  HASH_FIELDS,
  CONNECTION,
  DUMP,
  EXPIRES,
  KEYS,
  OBJECT,
  SORT,
  BITFIELD,
  BITMAPS,
  HYPERLOGLOG,
  KEYSPACE,
  ACL,
  CLIENT,
  COMMAND,
  CONFIG,
  DEBUG,
  MEMORY,
  MIGRATE,
  FUNCTIONS,
  MISSING,
  PERSISTENCE,
  PUBSUB,
  REPLICATION,
  SCRIPTING,
  SERVER,
  SLOWLOG,
  STRINGS,
  TRANSACTIONS,
];

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

  /** Makes the table of all families. */
  constructor() {
    for (const specs of FAMILIES) {
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
