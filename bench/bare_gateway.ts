/**
 * The least that a gateway on Deno does, for `worker.ts` beside it: a request is read,
 * Redis is asked, the reply is answered. No token, no limits, no errors, and only
 * what the bench sends is understood. Arguments: the port to listen on and Redis's.
 *
 * @module
 */

const [port, redisPort] = Deno.args.map(Number);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** The headers of the gateway's answers. */
const HEAD = [
  "HTTP/1.1 200 OK",
  "content-type: application/json",
  "cache-control: no-store",
  `upstash-sync-token: ${crypto.randomUUID()}`,
  "access-control-allow-origin: *",
  "access-control-expose-headers: upstash-sync-token",
  `date: ${new Date().toUTCString()}`,
  "content-length: ",
].join("\r\n");

const redis = await Deno.connect({ hostname: "127.0.0.1", port: redisPort! });
redis.setNoDelay();
/** The requests that wait for a reply, in order. */
const waiting: ((value: string) => void)[] = [];
let commands = "";
let lastWrite = Promise.resolve(0);

/** Gets a value. The commands of all requests that were read leave in one write. */
function get(key: string): Promise<string> {
  if (commands === "") {
    setImmediate(() => {
      const bytes = encoder.encode(commands);
      commands = "";
      lastWrite = lastWrite.then(() => redis.write(bytes));
    });
  }
  commands += `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;
  return new Promise((resolve) => waiting.push(resolve));
}

async function readReplies(): Promise<void> {
  const into = new Uint8Array(64 * 1024);
  let text = "";
  for (let count; (count = await redis.read(into)) !== null;) {
    text += decoder.decode(into.subarray(0, count));
    let at = 0;
    for (let end; (end = text.indexOf("\r\n", at)) >= 0;) {
      const next = end + 2 + Number(text.slice(at + 1, end)) + 2;
      if (next > text.length) break;
      waiting.shift()!(text.slice(end + 2, next - 2));
      at = next;
    }
    text = text.slice(at);
  }
}

async function serve(client: Deno.TcpConn): Promise<void> {
  client.setNoDelay();
  const into = new Uint8Array(2 * 1024);
  const response = new Uint8Array(1024);
  for (let count; (count = await client.read(into)) !== null;) {
    const path = decoder.decode(into.subarray(0, count)).split(" ", 2)[1]!;
    const result = await get(path.slice("/get/".length));
    const body = JSON.stringify({ result });
    const text = `${HEAD}${body.length}\r\n\r\n${body}`;
    const { written } = encoder.encodeInto(text, response);
    await client.write(response.subarray(0, written));
  }
}

readReplies();
for await (
  const client of Deno.listen({ hostname: "127.0.0.1", port: port! })
) serve(client).catch(() => {});
