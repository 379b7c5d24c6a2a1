/**
 * The options of a server.
 *
 * @module
 */

/** The options of a server, apart from its address and storage. */
export interface CoreOptions {
  /**
   * The password of the default user; absent for none.
   */
  password?: string;
  /**
   * The number of numbered databases.
   *
   * @default {16}
   */
  databases?: number;
  /**
   * Parameters of redis.conf, such as `{ "maxclients": "100" }`. An unknown
   * parameter throws a `TypeError`.
   */
  config?: Readonly<Record<string, string>>;
  /**
   * Users, each in the form of redis.conf, such as
   * `"ann on >secret ~cache:* +@read"`.
   */
  users?: readonly string[];
  /** New names for commands; an empty name disables a command. */
  renamed?: Readonly<Record<string, string>>;
  /**
   * Called with each line of the server's log: failures, and how the server handled
   * them.
   */
  log?: (line: string) => void;
}
