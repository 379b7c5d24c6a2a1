/**
 * The part of a message before its payload.
 *
 * @module
 */

/** Longer headings are read anew each time. */
const LONGEST = 128;

/**
 * The kind and the names of the last message, as `>3 message news` without its
 * payload. The next message is most often of the same channel: then its heading
 * has the same bytes, and its names are the strings that are here already.
 */
export class Heading {
  /** The kind of push, such as `"message"`. */
  kind = "";
  /** The channel, or the pattern and the channel. */
  names: readonly (string | Uint8Array)[] = [];
  readonly #bytes = new Uint8Array(LONGEST);
  #length = 0;

  /** Takes what `bytes` say from `start` to `end`. */
  set(
    kind: string,
    names: readonly (string | Uint8Array)[],
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.kind = kind;
    this.names = names;
    this.#length = 0;
    // Names that are bytes are their message's own.
    if (end - start > LONGEST || names.some(isBytes)) return;
    for (let i = start; i < end; i++) this.#bytes[i - start] = bytes[i]!;
    this.#length = end - start;
  }

  /** The length of the heading when it stands at `at` again, else 0. */
  lengthAt(bytes: Uint8Array, at: number, end: number): number {
    const length = this.#length;
    if (at + length > end) return 0;
    for (let i = 0; i < length; i++) {
      if (bytes[at + i] !== this.#bytes[i]) return 0;
    }
    return length;
  }
}

function isBytes(name: string | Uint8Array): boolean {
  return typeof name !== "string";
}
