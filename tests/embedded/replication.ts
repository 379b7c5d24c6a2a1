/**
 * Helpers for replication tests: servers of both kinds that replicate each other.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import {
  type EmbeddedOptions,
  EmbeddedServer,
} from "../../lib/embedded/server.ts";
import { WITHIN } from "../support/ask.ts";
import { comparedServer } from "../support/compared_server.ts";
import type { ServerProgram } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { Asker, contents } from "./asker.ts";

/** A server with a connection to it: a real or an embedded one. */
export class Member implements AsyncDisposable {
  /** The server. */
  readonly server: TestServer | EmbeddedServer;
  readonly hostname = "127.0.0.1";
  /** The connection. */
  readonly asker: Asker;

  private constructor(server: TestServer | EmbeddedServer, asker: Asker) {
    this.server = server;
    this.asker = asker;
  }

  /** Starts a real server, as a replica of `master` if given. */
  static async real(
    master?: Member,
    config: Record<string, string> = {},
    program?: ServerProgram,
  ): Promise<Member> {
    const server = await TestServer.start({
      ...program && { program },
      config: {
        // Otherwise the master would wait for more replicas before a full sync.
        "repl-diskless-sync": "no",
        "repl-diskless-sync-delay": "0",
        ...master && { replicaof: `127.0.0.1 ${master.port}` },
        ...config,
      },
    });
    return new Member(server, await Asker.to(server));
  }

  /** Starts a real server of the version that the embedded one is of. */
  static async compared(master?: Member): Promise<Member> {
    return Member.real(master, {}, await comparedServer());
  }

  /** Starts an embedded server, as a replica of `master` if given. */
  static async ours(
    master?: Member,
    options: EmbeddedOptions = {},
  ): Promise<Member> {
    const server = await EmbeddedServer.listen({
      port: 0,
      ...master && { replicaof: { hostname: "127.0.0.1", port: master.port } },
      ...options,
    });
    return new Member(server, await Asker.within(server));
  }

  get port(): number {
    return this.server.port;
  }

  /** Sends one command. */
  ask(...args: (string | number)[]): ReturnType<Asker["ask"]> {
    return this.asker.ask(...args);
  }

  /** A field of INFO, as text. */
  async info(field: string): Promise<string | undefined> {
    const text = String(await this.ask("INFO", "everything"));
    return new RegExp(`^${field}:(.*)\r$`, "m").exec(text)?.[1];
  }

  /** Waits until it has the whole stream of `master`. */
  async follows(master: Member): Promise<void> {
    await until(async () => {
      if (await this.info("master_link_status") !== "up") return false;
      const ids = [await this.info("master_replid")];
      ids.push(await master.info("master_replid"));
      const there = await master.info("master_repl_offset");
      return ids[0] === ids[1] &&
        await this.info("master_repl_offset") === there;
    }, "the replica has what its master has");
  }

  /** Its data, except times and counts that differ between servers. */
  async contents(): Promise<Map<string, unknown>> {
    const found = await contents(this.asker);
    return new Map([...found].map(([key, value]) => [
      key,
      JSON.parse(
        JSON.stringify(value).replace(/"seen-time",\d+/g, '"seen-time",0'),
      ),
    ]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.asker[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

/** Waits until a condition is true. */
export async function until(
  holds: () => Promise<boolean>,
  what: string,
): Promise<void> {
  const end = Date.now() + WITHIN;
  while (!await holds()) {
    ok(Date.now() < end, `Waited ${WITHIN} ms until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
