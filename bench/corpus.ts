/**
 * The replies for measuring decoders.
 *
 * @module
 */

/** A kind of reply, repeated many times. */
export interface Kind {
  /** The name of the kind. */
  readonly type: string;
  /** One reply in wire format. */
  readonly reply: string;
  /** The number of replies that are decoded at a time. */
  readonly replies: number;
  /** Whether it exists only in RESP3. */
  readonly resp3: boolean;
}

const bulk = (length: number) => `$${length}\r\n${"x".repeat(length)}\r\n`;

/** The kinds, each with enough replies for a measurable time. */
export const KINDS: readonly Kind[] = [
  { type: "+OK", reply: "+OK\r\n" },
  { type: "integer", reply: ":1234567\r\n" },
  { type: "double", reply: ",3.25\r\n", resp3: true },
  {
    type: "error",
    reply: "-WRONGTYPE Operation against a key\r\n",
    replies: 1_000,
  },
  { type: "bulk of 16 B", reply: bulk(16) },
  { type: "bulk of 64 B", reply: bulk(64) },
  { type: "bulk of 1 KiB", reply: bulk(1024) },
  {
    type: "array of 1,000 bulks of 16 B",
    reply: `*1000\r\n${bulk(16).repeat(1000)}`,
    replies: 10,
  },
  {
    type: "map of 3 pairs",
    reply: `%3\r\n${`$5\r\nfield\r\n${bulk(16)}`.repeat(3)}`,
    resp3: true,
  },
  { type: "set of 3", reply: `~3\r\n${bulk(16).repeat(3)}`, resp3: true },
  {
    type: "two arrays in an array",
    reply: `*2\r\n${`*2\r\n${bulk(3)}:1\r\n`.repeat(2)}`,
  },
  {
    type: "push of a message of 32 B",
    reply: `>3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n${bulk(32)}`,
    resp3: true,
  },
].map((kind) => ({ replies: 10_000, resp3: false, ...kind }));
