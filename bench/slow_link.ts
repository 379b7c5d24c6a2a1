/**
 * A TCP proxy with a limited rate towards the server; `overload.ts` runs it in its own
 * process.
 *
 * @module
 */

const [target = "", rate = ""] = Deno.args;
const bytesPerMs = Number(rate) / 1000;
/** The bytes of one step: 5 ms of a link of 200 kB/s. */
const CHUNK = 1_000;

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
// deno-lint-ignore no-console -- the program that started this reads it
console.log(listener.addr.port);

for await (const client of listener) {
  const server = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(target),
  });
  server.setNoDelay(true);
  client.setNoDelay(true);
  carrySlowly(client, server).catch(() => {});
  server.readable.pipeTo(client.writable).catch(() => {});
}

async function carrySlowly(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(CHUNK);
  let free = performance.now();
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      const time = performance.now();
      // After a late timer, the missed bytes are sent at once.
      free = Math.max(free, time - 50) + count / bytesPerMs;
      if (free > time) {
        await new Promise((resolve) => setTimeout(resolve, free - time));
      }
      for (let at = 0; at < count;) {
        at += await to.write(buffer.subarray(at, count));
      }
    }
  } finally {
    to.close();
  }
}
