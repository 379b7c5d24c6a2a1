/**
 * What a server can be told when it is made.
 *
 * @module
 */

/** What the server can be told when it is made. */
export interface CoreOptions {
  /**
   * The password of the default user; none is asked for when left out.
   */
  password?: string;
  /**
   * How many numbered databases there are.
   *
   * @default {16}
   */
  databases?: number;
  /**
   * Parameters as of redis.conf, such as `{ "maxclients": "100" }`. Throws a
   * `TypeError` on those that are not known here.
   */
  config?: Readonly<Record<string, string>>;
  /**
   * Users, each as a line of redis.conf has it, such as
   * `"ann on >secret ~cache:* +@read"`.
   */
  users?: readonly string[];
  /** Other names for commands; the empty one takes a command away. */
  renamed?: Readonly<Record<string, string>>;
  /**
   * Called with each line of the server's log: what failed, and what it made of
   * that.
   */
  log?: (line: string) => void;
}
