/**
 * All commands of the server.
 *
 * @module
 */

import { Command, type CommandSpec } from "./command.ts";
import { BITFIELD } from "./commands/bitfield.ts";
import { BITMAPS } from "./commands/bitmaps.ts";
import { HYPERLOGLOG } from "./commands/hyperloglog.ts";
import { CONNECTION } from "./commands/connection.ts";
import { DUMP } from "./commands/dump.ts";
import { GEO } from "./commands/geo.ts";
import { HASH_FIELDS } from "./commands/hash_fields.ts";
import { HASHES } from "./commands/hashes.ts";
import { EXPIRES } from "./commands/expires.ts";
import { KEYS } from "./commands/keys.ts";
import { OBJECT } from "./commands/object.ts";
import { SORT } from "./commands/sort.ts";
import { KEYSPACE } from "./commands/keyspace.ts";
import { BLOCKING_LISTS } from "./commands/list_blocking.ts";
import { LISTS } from "./commands/lists.ts";
import { SETS } from "./commands/sets.ts";
import { SORTED_SET_ALGEBRA } from "./commands/sorted_set_algebra.ts";
import { SORTED_SET_POPS } from "./commands/sorted_set_pops.ts";
import { SORTED_SET_RANGES } from "./commands/sorted_set_ranges.ts";
import { SORTED_SETS } from "./commands/sorted_sets.ts";
import { STREAM_CLAIMS } from "./commands/stream_claims.ts";
import { STREAM_GROUPS } from "./commands/stream_groups.ts";
import { STREAM_INFO } from "./commands/stream_info.ts";
import { STREAM_READS } from "./commands/stream_reads.ts";
import { STREAMS } from "./commands/streams.ts";
import { ACL } from "./commands/acl.ts";
import { CLIENT } from "./commands/client.ts";
import { COMMAND } from "./commands/command_info.ts";
import { CONFIG } from "./commands/config.ts";
import { DEBUG } from "./commands/debug.ts";
import { MEMORY } from "./commands/memory.ts";
import { MIGRATE } from "./commands/migrate.ts";
import { MISSING } from "./commands/missing.ts";
import { PERSISTENCE } from "./commands/persistence.ts";
import { PUBSUB } from "./commands/pubsub.ts";
import { REPLICATION } from "./commands/replication.ts";
import { SERVER } from "./commands/server.ts";
import { SLOWLOG } from "./commands/slow_log.ts";
import { STRINGS } from "./commands/strings.ts";
import { TRANSACTIONS } from "./commands/transactions.ts";

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
  MISSING,
  PERSISTENCE,
  PUBSUB,
  REPLICATION,
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
