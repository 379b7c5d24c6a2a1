/**
 * `deno task start`: serves the gateway for `REDIS_URL`, or for an embedded
 * server whose data is gone at the end, until Ctrl-C.
 *
 * `PORT` and `HOST` are where it listens; its other settings are those of the
 * gateway. Without any token it makes one.
 *
 * @module
 */

// deno-lint-ignore-file no-console

import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { readEnv, serve } from "../../worker/serve.ts";

const port = portFrom(Deno.env.get("PORT") || "8787");
const hostname = Deno.env.get("HOST") || "127.0.0.1";
const env = readEnv();
const others = env.GRANTS ?? env.READ_ONLY_TOKEN;
const token = env.TOKEN ?? (others === undefined ? randomToken() : undefined);
const given = env.REDIS_URL;

await using server = given ? null : await EmbeddedServer.listen({ port: 0 });
const redisUrl = given ?? server!.url;
const settings = {
  ...env,
  REDIS_URL: redisUrl,
  ...(token && { TOKEN: token }),
};
const gateway = serve(settings, { hostname, port });

const prefix = (env.PREFIX ?? "").replace(/\/$/, "");
const url = gateway.url.replace(/\/$/, "") + prefix;
// One that was given is in no log.
const shown = env.TOKEN ? "that of TOKEN" : token;
const curl = `curl -H "Authorization: Bearer ${
  env.TOKEN ? "$TOKEN" : token ?? "…"
}" ${url}`;
console.log(`
Gateway  ${url}
Token    ${shown ?? "those of READ_ONLY_TOKEN and GRANTS"}
Redis    ${given ? "REDIS_URL" : `${redisUrl} (embedded, gone at the end)`}

  ${curl}/set/greeting -d hello
  ${curl}/get/greeting
  ${curl}/publish/news -d hi

Ctrl-C stops it.`);

await Promise.race([gateway.finished, stopSignal()]);
await gateway.shutdown();

function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(
      `Cannot serve as "PORT" must be an integer from 0 to 65535: current value is ${text}`,
    );
  }
  return port;
}

function randomToken(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  const signals = ["SIGINT", "SIGTERM"] as const;
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of signals) Deno.removeSignalListener(signal, stop);
      resolve();
    };
    for (const signal of signals) Deno.addSignalListener(signal, stop);
  });
}
