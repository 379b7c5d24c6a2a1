/**
 * `--help` of the tasks.
 *
 * @module
 */

/**
 * Prints how a task is called and ends the program, when its arguments ask for
 * that. Called before anything is started.
 */
export function answerHelp(usage: string): void {
  if (!Deno.args.includes("--help") && !Deno.args.includes("-h")) return;
  // deno-lint-ignore no-console -- a program that prints
  console.log(usage.trim());
  Deno.exit(0);
}
