/**
 * The error replies of commands, in Redis's own words: clients match on them.
 *
 * @module
 */

/** A command's error reply. */
export class CommandError extends Error {
  /** The name of the error's class. */
  override readonly name: string = "CommandError";
}

/** An error with the code `ERR`. */
export function err(text: string): CommandError {
  return new CommandError(`ERR ${text}`);
}

/** For an argument that is not a 64-bit integer. */
export function notAnInteger(): CommandError {
  return err("value is not an integer or out of range");
}

/** For an argument that is not a double. */
export function notAFloat(): CommandError {
  return err("value is not a valid float");
}

/** For options that are unknown or contradict each other. */
export function syntaxError(): CommandError {
  return err("syntax error");
}

/** For a key that holds another type. */
export function wrongType(): CommandError {
  return new CommandError(
    "WRONGTYPE Operation against a key holding the wrong kind of value",
  );
}

/** For a missing key that the command needs. */
export function noSuchKey(): CommandError {
  return err("no such key");
}

/** For a wrong number of arguments. */
export function wrongArity(name: string): CommandError {
  return err(
    `wrong number of arguments for '${name.toLowerCase()}' command`,
  );
}

/** Text as C prints it in an error: up to its first zero byte. */
export function shown(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
