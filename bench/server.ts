/**
 * The server for benches that run under `deno bench`.
 *
 * @module
 */

import { TestServer } from "../tests/support/test_server.ts";

/**
 * Starts a server, and returns its URL. Without the permissions for that, as in a plain
 * `deno bench`, prints the right command and returns `null`.
 */
export async function serverUrl(bench: string): Promise<string | null> {
  const { state } = Deno.permissions.querySync({ name: "net" });
  const local = Deno.permissions.querySync({ name: "net", host: "127.0.0.1" });
  if (state !== "granted" && local.state !== "granted") {
    // deno-lint-ignore no-console -- tells the user what to run
    console.log(`Left out, as it needs a server: deno task bench ${bench}`);
    return null;
  }
  return (await TestServer.start()).url;
}
