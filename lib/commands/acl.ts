/**
 * Users, and what they may do.
 *
 * @see https://redis.io/docs/latest/commands/?group=server
 * @module
 */

import { addFlat, addGiven, addMany, type OneOrMany } from "./arguments.ts";
import { ConnectionCommands } from "./connection.ts";
import {
  aclLog,
  type AclLogEntry,
  type AclUser,
  aclUserOrNull,
} from "./server_shapes.ts";
import { integer, ok, text, texts } from "./shapes.ts";

/** Commands on users. */
export abstract class AclCommands<B extends string | Uint8Array>
  extends ConnectionCommands<B> {
  /**
   * Returns the categories of commands, or the commands of one; fails when
   * there is no such category.
   *
   * @see https://redis.io/docs/latest/commands/acl-cat/
   */
  aclCat(category?: string): Promise<string[]> {
    return this.send(addGiven(["ACL", "CAT"], category), texts);
  }

  /**
   * Deletes users and returns how many there were; those that do not exist count
   * as 0. Their connections are closed.
   *
   * @see https://redis.io/docs/latest/commands/acl-deluser/
   */
  aclDeluser(...usernames: OneOrMany<string>[]): Promise<number> {
    return this.send(addMany(["ACL", "DELUSER"], usernames), integer);
  }

  /**
   * Returns `"OK"` when a user may send a command, else why not; fails when the
   * user or the command does not exist.
   *
   * @see https://redis.io/docs/latest/commands/acl-dryrun/
   */
  aclDryrun(
    username: string,
    command: string,
    ...args: OneOrMany[]
  ): Promise<string> {
    return this.send(addFlat(["ACL", "DRYRUN", username, command], args), text);
  }

  /**
   * Returns a random password of this many bits: 256 unless given.
   *
   * @see https://redis.io/docs/latest/commands/acl-genpass/
   */
  aclGenpass(bits?: number): Promise<string> {
    return this.send(addGiven(["ACL", "GENPASS"], bits), text);
  }

  /**
   * Returns what a user may do, under the server's own field names, or `null`
   * when there is no such user.
   *
   * @see https://redis.io/docs/latest/commands/acl-getuser/
   */
  aclGetuser(username: string): Promise<AclUser | null> {
    return this.send(["ACL", "GETUSER", username], aclUserOrNull);
  }

  /**
   * Returns the help text of `ACL`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/acl-help/
   */
  aclHelp(): Promise<string[]> {
    return this.send(["ACL", "HELP"], texts);
  }

  /**
   * Returns the rules of all users, a line for each.
   *
   * @see https://redis.io/docs/latest/commands/acl-list/
   */
  aclList(): Promise<string[]> {
    return this.send(["ACL", "LIST"], texts);
  }

  /**
   * Reads the users from the server's file of users; fails when it has none.
   *
   * @see https://redis.io/docs/latest/commands/acl-load/
   */
  aclLoad(): Promise<"OK"> {
    return this.send(["ACL", "LOAD"], ok);
  }

  /**
   * Forgets what users tried and may not do, if anything.
   *
   * @see https://redis.io/docs/latest/commands/acl-log/
   */
  aclLog(reset: "reset"): Promise<"OK">;
  /**
   * Returns what users tried and may not do, the newest first and under the
   * server's own field names: `count` of them, 10 unless given; empty when
   * nothing was refused.
   *
   * @see https://redis.io/docs/latest/commands/acl-log/
   */
  aclLog(count?: number): Promise<AclLogEntry[]>;
  aclLog(count?: number | "reset"): Promise<"OK" | AclLogEntry[]> {
    if (count === "reset") return this.send(["ACL", "LOG", "RESET"], ok);
    return this.send(addGiven(["ACL", "LOG"], count), aclLog);
  }

  /**
   * Writes the users to the server's file of users; fails when it has none.
   *
   * @see https://redis.io/docs/latest/commands/acl-save/
   */
  aclSave(): Promise<"OK"> {
    return this.send(["ACL", "SAVE"], ok);
  }

  /**
   * Adds rules to those of a user, created when there is none of this name:
   * all, or none when one is wrong.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.aclSetuser("ann", "on", ">secret", "~user:*", "+@read");
   * const user = await redis.aclGetuser("ann");
   * console.assert(user?.keys === "~user:*");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/acl-setuser/
   */
  aclSetuser(username: string, ...rules: OneOrMany<string>[]): Promise<"OK"> {
    return this.send(addFlat(["ACL", "SETUSER", username], rules), ok);
  }

  /**
   * Returns the names of all users.
   *
   * @see https://redis.io/docs/latest/commands/acl-users/
   */
  aclUsers(): Promise<string[]> {
    return this.send(["ACL", "USERS"], texts);
  }

  /**
   * Returns the name of the user that the command runs as.
   *
   * @see https://redis.io/docs/latest/commands/acl-whoami/
   */
  aclWhoami(): Promise<string> {
    return this.send(["ACL", "WHOAMI"], text);
  }
}
