/**
 * What tests of replication need: servers of both kinds that follow each other.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import {
  type EmbeddedOptions,
  EmbeddedServer,
} from "../../lib/embedded/server.ts";
import { comparedServer } from "../support/compared_server.ts";
import type { ServerProgram } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { Asker, contents } from "./asker.ts";

const WITHIN = 10_000;

/** A server that is asked things: a real one, or ours. */
export class Member implements AsyncDisposable {
  /** The server. */
  readonly server: TestServer | EmbeddedServer;
  readonly hostname = "127.0.0.1";
  /** Asks it. */
  readonly asker: Asker;

  private constructor(server: TestServer | EmbeddedServer, asker: Asker) {
    this.server = server;
    this.asker = asker;
  }

  /** Starts a real server, a replica of `master` if there is one. */
  static async real(
    master?: Member,
    config: Record<string, string> = {},
    program?: ServerProgram,
  ): Promise<Member> {
    const server = await TestServer.start({
      ...program && { program },
      config: {
        // Not to wait for more replicas to come.
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

  /** Starts an embedded server, a replica of `master` if there is one. */
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

  /** Asks one command. */
  ask(...args: (string | number)[]): ReturnType<Asker["ask"]> {
    return this.asker.ask(...args);
  }

  /** What INFO tells, as text. */
  async info(field: string): Promise<string | undefined> {
    const text = String(await this.ask("INFO", "everything"));
    return new RegExp(`^${field}:(.*)\r$`, "m").exec(text)?.[1];
  }

  /** Waits until it has all that `master` has. */
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

  /** All it holds, but for times and counts that differ between servers. */
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

/** Waits until something is so. */
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
