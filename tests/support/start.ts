/**
 * `deno task start`: serves the gateway until Ctrl-C, for `REDIS_URL` or for an
 * embedded server whose data is lost at the end.
 *
 * It listens on `PORT` and `HOST`; its other settings are those of the gateway.
 * Without any token it generates one. It prints a line when Redis cannot be reached,
 * and when it is back.
 *
 * @module
 */

// deno-lint-ignore-file no-console

import { Client } from "../../lib/client/client.ts";
import { resolveOptions } from "../../lib/client/options.ts";
import { fromUrl } from "../../lib/client/url.ts";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { AuthenticationError, messageOf } from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { showAddress } from "../../lib/net/transport.ts";
import { type Env, readSettings } from "../../worker/env.ts";
import { Refusal } from "../../worker/refusal.ts";
import { type GatewayServer, readEnv, serve } from "../../worker/serve.ts";
import { answerHelp } from "./usage.ts";

answerHelp(`
Usage: [VARIABLE=value …] deno task start

Serves the HTTP gateway until Ctrl-C. It takes its settings from the environment:

  PORT             where to listen (default: 8787; 0 for a free port)
  HOST             the address to listen on (default: 127.0.0.1)
  REDIS_URL        the server (default: an embedded one, gone at the end)
  TOKEN            the token with all permissions (default: a random one)
  READ_ONLY_TOKEN  a token that only reads
  GRANTS           more tokens and their permissions, as JSON
  PREFIX           the path to serve at, such as /redis
  QUERY_TOKEN      where a token may be in the query: off, streams, on
  CORS_ORIGIN      the origins of browsers that may call (default: *)
  CONSOLE          on: serve a page with a command line at /console
  CACHE            on, or bytes such as 64mb: answer reads from memory
  MAX_CONNECTIONS  how many connections may be open (default: 4096)
  MAX_REQUESTS     how many requests may be in flight (default: 3000)

worker/README.md tells more of each.`);

/** An error in one sentence that keeps the program from starting. */
class StartError extends Error {}

try {
  await start();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(`Cannot start: ${error.message}`);
  Deno.exitCode = 1;
}

async function start(): Promise<void> {
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
  const gateway = listen(settings, hostname, port);

  const prefix = (env.PREFIX ?? "").replace(/\/$/, "");
  const url = gateway.url.replace(/\/$/, "") + prefix;
  // A token from the environment must not appear in a log.
  const shown = env.TOKEN ? "that of TOKEN" : token;
  const curl = `curl -H "Authorization: Bearer ${
    env.TOKEN ? "$TOKEN" : token ?? "…"
  }" ${url}`;
  console.log(`
Gateway  ${url}${
    readSettings(settings).console ? `\nConsole  ${url}/console` : ""
  }
Token    ${shown ?? "those of READ_ONLY_TOKEN and GRANTS"}
Redis    ${addressOf(redisUrl)} ${
    given ? "(REDIS_URL)" : "(embedded, gone at the end)"
  }

  ${curl}/set/greeting -d hello
  ${curl}/get/greeting
  ${curl}/publish/news -d hi

Ctrl-C stops it.`);

  const watches = given ? redisUrlsOf(settings).map(watch) : [];
  await Promise.race([gateway.finished, stopSignal()]);
  await gateway.shutdown();
  await Promise.all(watches.map((client) => client.close({ timeout: 0 })));
}

/** Serves the gateway; reports an invalid setting in one sentence. */
function listen(env: Env, hostname: string, port: number): GatewayServer {
  try {
    return serve(env, { hostname, port });
  } catch (error) {
    if (error instanceof Refusal) {
      throw new StartError(error.message.replace(/^ERR /, ""));
    }
    const where = `${hostname}:${port}`;
    if (error instanceof Deno.errors.AddrInUse) {
      throw new StartError(
        `${where} is in use: set PORT to another port, or to 0 for a free one`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new StartError(
        `${where} may not be listened on: set PORT to 1024 or more`,
      );
    }
    throw new StartError(
      `${where} cannot be listened on: check HOST and PORT (${
        messageOf(error)
      })`,
    );
  }
}

/** The servers of the settings, without duplicates. */
function redisUrlsOf(env: Env): string[] {
  const { credentials } = readSettings(env);
  return [...new Set(credentials.map(({ grant }) => grant.redisUrl))];
}

function addressOf(redisUrl: string): string {
  return showAddress(resolveOptions({ dial, ...fromUrl(redisUrl) }).address);
}

/**
 * Prints a line when a server cannot be reached or refuses the gateway, and when it
 * is back. Uses a connection of its own, as requests may come much later.
 */
function watch(redisUrl: string): Client {
  const address = addressOf(redisUrl);
  let lost = false;
  const client = new Client({
    dial,
    ...fromUrl(redisUrl),
    pingInterval: 5_000,
    connections: 1,
    connectAttempts: Infinity,
    onEvent(event) {
      // The first attempt after a loss usually succeeds: report only further ones.
      if (event.kind === "reconnecting" && event.attempt > 1 && !lost) {
        lost = true;
        const { reason } = event;
        const what = reason instanceof AuthenticationError
          ? "refuses the gateway"
          : "cannot be reached";
        const why = messageOf(reason).replace(
          `Cannot connect to ${address}`,
          "",
        )
          .replace(/^[: ]+/, "");
        console.error(`Redis    ${address} ${what}: ${why}`);
      } else if (event.kind === "connected" && lost) {
        lost = false;
        console.error(`Redis    ${address} is back`);
      }
    },
  });
  // The event handler reports a failure, and the client tries again.
  client.connect().catch(() => {});
  return client;
}

function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartError(
      `PORT must be an integer from 0 to 65535: current value is ${text}`,
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
