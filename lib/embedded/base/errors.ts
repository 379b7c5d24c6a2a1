/**
 * What a command answers when it fails: Redis's own words, as clients match on
 * them.
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

/** The error for an argument that is no integer of 64 bits. */
export function notAnInteger(): CommandError {
  return err("value is not an integer or out of range");
}

/** The error for an argument that is no double. */
export function notAFloat(): CommandError {
  return err("value is not a valid float");
}

/** Options that make no sense. */
export function syntaxError(): CommandError {
  return err("syntax error");
}

/** A key that holds another type. */
export function wrongType(): CommandError {
  return new CommandError(
    "WRONGTYPE Operation against a key holding the wrong kind of value",
  );
}

/** A key that must exist. */
export function noSuchKey(): CommandError {
  return err("no such key");
}

/** A number of arguments that the command does not take. */
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
