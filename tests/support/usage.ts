/**
 * `--help` of the tasks.
 *
 * @module
 */

/**
 * Prints the usage of a task and ends the program, if its arguments contain
 * `--help`. Called before anything is started.
 */
export function answerHelp(usage: string): void {
  if (!Deno.args.includes("--help") && !Deno.args.includes("-h")) return;
  // deno-lint-ignore no-console -- a program that prints
  console.log(usage.trim());
  Deno.exit(0);
}
