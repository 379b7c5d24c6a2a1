/**
 * A short report of many test files, made from the output of `deno test --parallel`:
 * a line for each file, and the commands that run the failed tests alone.
 *
 * @module
 */

/** The first line of the end of the output: errors with stacks, failed tests, summary. */
const BEGINS_END = /^ (ERRORS|FAILURES) $|^(ok|FAILED) \| /;
const SUMMARY = /^(ok|FAILED) \| /;
/** `./tests/a_test.ts => title ... ok (1ms)`; a file's own error has no title. */
const RESULT =
  /^(?:Uncaught error from )?(\.\/\S+?\.ts)(?: => (.*))? (?:\.\.\. )?\S+(?: \(.*\))?$/;
const FAILED = / FAILED(?: \([^)]*\))*$/;

/** Reads the lines of `deno test` and returns the lines to print instead. */
export class TestReport {
  readonly #files: number;
  readonly #command: string;
  readonly #seen = new Set<string>();
  readonly #commands = new Set<string>();
  #isEnd = false;

  /** A report on `files` files; `command` is the command that runs the tests. */
  constructor(files: number, command: string) {
    this.#files = files;
    this.#command = command;
  }

  /** Returns the lines to print for the next line of `deno test`. */
  read(line: string): string[] {
    this.#isEnd ||= BEGINS_END.test(line);
    if (!this.#isEnd) return this.#result(line);
    if (SUMMARY.test(line)) return [...this.#howToRunAlone(), line];
    return [line];
  }

  #result(line: string): string[] {
    const [, file, title] = RESULT.exec(line) ?? [];
    if (file === undefined) return [];
    const lines: string[] = [];
    if (!this.#seen.has(file)) {
      this.#seen.add(file);
      const files = Math.max(this.#files, this.#seen.size);
      const place = String(this.#seen.size).padStart(String(files).length);
      lines.push(`${place} of ${files}  ${file.slice(2)}`);
    }
    if (FAILED.test(line)) {
      lines.push(line);
      this.#failure(file, title);
    }
    return lines;
  }

  /** The title of a step begins with the title of its test. */
  #failure(file: string, title: string | undefined): void {
    const [test] = title?.split(" ... ") ?? [];
    const filter = test === undefined ? "" : ` --filter ${quoted(test)}`;
    this.#commands.add(`  ${this.#command} ${file.slice(2)}${filter}`);
  }

  #howToRunAlone(): string[] {
    if (this.#commands.size === 0) return [];
    return ["To run what failed alone:", ...this.#commands, ""];
  }
}

/** Quotes `text` for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
