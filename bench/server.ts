/**
 * The server of benches that `deno bench` loads.
 *
 * @module
 */

import { TestServer } from "../tests/support/test_server.ts";

/**
 * Starts a server, and returns its URL. Where the permissions for that are not
 * granted, as in a plain `deno bench`, says what to call and returns `null`.
 */
export async function serverUrl(bench: string): Promise<string | null> {
  const { state } = Deno.permissions.querySync({ name: "net" });
  const local = Deno.permissions.querySync({ name: "net", host: "127.0.0.1" });
  if (state !== "granted" && local.state !== "granted") {
    // deno-lint-ignore no-console -- what the caller needs to know
    console.log(`Left out, as it needs a server: deno task bench ${bench}`);
    return null;
  }
  return (await TestServer.start()).url;
}
