import { equal } from "node:assert/strict";
import { toBinary } from "../../lib/resp/binary.ts";
import { ReplyEncoder } from "../../lib/resp/reply_encoder.ts";

/** The written bytes as text, in RESP2 and RESP3. */
function both(write: (reply: ReplyEncoder) => void): [string, string] {
  const [two, three] = ([2, 3] as const).map((protocol) => {
    const reply = new ReplyEncoder();
    reply.protocol = protocol;
    write(reply);
    return taken(reply);
  });
  return [two!, three!];
}

function taken(reply: ReplyEncoder): string {
  const bytes = reply.take();
  return toBinary(bytes, 0, bytes.length);
}

Deno.test("each kind of reply has its form in RESP2 and RESP3", () => {
  const cases: [(reply: ReplyEncoder) => void, string, string?][] = [
    [(reply) => reply.ok(), "+OK\r\n"],
    [(reply) => reply.error("ERR no"), "-ERR no\r\n"],
    [(reply) => reply.integer(7), ":7\r\n"],
    [(reply) => reply.integer(-1), ":-1\r\n"],
    [(reply) => reply.integer(-(2n ** 63n)), ":-9223372036854775808\r\n"],
    [(reply) => reply.bulk("a\r\n\xff"), "$4\r\na\r\n\xff\r\n"],
    [(reply) => reply.bulk(""), "$0\r\n\r\n"],
    [(reply) => reply.bytes(new Uint8Array([0, 255])), "$2\r\n\0\xff\r\n"],
    [(reply) => reply.bulkOrNull("x"), "$1\r\nx\r\n"],
    [(reply) => reply.bulkOrNull(undefined), "$-1\r\n", "_\r\n"],
    [(reply) => reply.null(), "$-1\r\n", "_\r\n"],
    [(reply) => reply.nullArray(), "*-1\r\n", "_\r\n"],
    [(reply) => reply.array(2), "*2\r\n"],
    [(reply) => reply.map(2), "*4\r\n", "%2\r\n"],
    [(reply) => reply.set(2), "*2\r\n", "~2\r\n"],
    [(reply) => reply.push(2), "*2\r\n", ">2\r\n"],
    [(reply) => reply.bulks(["a", "b"]), "*2\r\n$1\r\na\r\n$1\r\nb\r\n"],
    [(reply) => reply.double("1.5"), "$3\r\n1.5\r\n", ",1.5\r\n"],
    [(reply) => reply.boolean(true), ":1\r\n", "#t\r\n"],
    [(reply) => reply.boolean(false), ":0\r\n", "#f\r\n"],
    [(reply) => reply.bigNumber("123"), "$3\r\n123\r\n", "(123\r\n"],
    [(reply) => reply.verbatim("txt", "a"), "$1\r\na\r\n", "=5\r\ntxt:a\r\n"],
    [(reply) => reply.raw("+ready\r\n"), "+ready\r\n"],
  ];
  for (const [write, two, three = two] of cases) {
    const written = both(write);
    equal(written[0], two);
    equal(written[1], three);
  }
});

Deno.test("an error is one line, whatever its text contains", () => {
  const [two] = both((reply) => reply.error("ERR a\r\nb\n\r\n"));
  equal(two, "-ERR a  b\r\n");
});

Deno.test("numbers of every size are written in full", () => {
  const numbers = [0, 9, 10, 99, 100, 12345, 2 ** 30 - 1, 2 ** 30, 2 ** 53 - 1];
  for (const number of [...numbers, ...numbers.map((n) => -n)]) {
    if (Object.is(number, -0)) continue;
    equal(both((reply) => reply.integer(number))[0], `:${number}\r\n`);
  }
});

Deno.test("replies longer than the buffer are complete", () => {
  const reply = new ReplyEncoder();
  const long = "x".repeat(3_000_000);
  reply.ok();
  reply.bulk(long);
  reply.bulk("end");
  equal(taken(reply), `+OK\r\n$3000000\r\n${long}\r\n$3\r\nend\r\n`);
  equal(reply.length, 0);
});

Deno.test("the taken bytes do not change until the next take", () => {
  const reply = new ReplyEncoder();
  reply.bulk("first");
  const first = reply.take();
  reply.bulk("other");
  equal(toBinary(first, 0, first.length), "$5\r\nfirst\r\n");
  equal(taken(reply), "$5\r\nother\r\n");
});

Deno.test("a partly written reply can be dropped", () => {
  const reply = new ReplyEncoder();
  reply.ok();
  const { length } = reply;
  reply.array(3);
  reply.bulk("x");
  reply.truncate(length);
  reply.error("ERR no");
  equal(taken(reply), "+OK\r\n-ERR no\r\n");
});
