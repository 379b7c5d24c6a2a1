/**
 * Runs scripts of several sessions against a server.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { Core } from "../../lib/embedded/core.ts";
import type { Effect } from "../../lib/embedded/model/effect.ts";
import { makePipe } from "../../lib/embedded/base/pipe.ts";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { dial } from "../../lib/net/tcp.ts";
import type { Transport } from "../../lib/net/transport.ts";
import { binaryToBytes, toBinary } from "../../lib/resp/binary.ts";
import { WITHIN } from "../support/ask.ts";
import { comparedServer } from "../support/compared_server.ts";
import { TestServer } from "../support/test_server.ts";
import { Player } from "./player.ts";

/**
 * Runs lines of `session command; command`; the commands of a line are sent together.
 * The command `!` closes the session; `$name` stands for the id of a session.
 * Returns the bytes that each session received.
 */
async function play(
  connect: () => Promise<Transport>,
  lines: readonly string[],
): Promise<Record<string, string>> {
  const players = new Map<string, Player>();
  const ids = new Map<string, string>();
  const join = async (name: string) => {
    const player = new Player(await connect());
    players.set(name, player);
    ids.set(name, (await player.ask("CLIENT ID")).slice(1, -2));
    return player;
  };
  const control = await join("control");
  try {
    await control.ask("FLUSHALL");
    for (const line of lines) {
      const [name, rest] = line.split(/ (.*)/) as [string, string];
      const player = players.get(name) ?? await join(name);
      if (rest === "!") {
        player[Symbol.dispose]();
        players.delete(name);
      } else {
        const commands = rest.replace(/\$(\w+)/g, (_, of) => ids.get(of)!);
        await player.send(...commands.split("; "));
        // Redis 8 replies to a flush only once a thread has freed the data, and serves
        // other sessions meanwhile.
        if (/FLUSH(ALL|DB)/.test(commands)) await player.settled();
      }
      // The reply shows that everything before it was read. Timeouts of blocked clients
      // and the end of a connection need one more tick.
      await control.settled();
      await control.settled();
    }
    const got: Record<string, string> = {};
    for (const [name, player] of players) {
      if (name !== "control") got[name] = await player.rest();
    }
    return got;
  } finally {
    for (const player of players.values()) player[Symbol.dispose]();
  }
}

/** Runs scripts against the embedded server and a real one, and compares all output. */
export async function comparePlays(
  t: Deno.TestContext,
  protocol: 2 | 3,
  scripts: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  await using real = await TestServer.start({
    program: await comparedServer(),
  });
  await using embedded = await EmbeddedServer.create();
  const address = { hostname: real.hostname, port: real.port };
  const hello = (reach: () => Promise<Transport>) => async () => {
    const transport = await reach();
    if (protocol === 3) {
      await transport.write([binaryToBytes("HELLO 3\r\nPING hello\r\n")]);
      await skipHello(transport);
    }
    return transport;
  };
  for (const [name, lines] of Object.entries(scripts)) {
    await t.step(name, async () => {
      const signal = AbortSignal.timeout(WITHIN);
      const ours = hello(() => embedded.dial(address, signal));
      const theirs = hello(() => dial(address, signal));
      const found = differences(
        await play(ours, lines),
        await play(theirs, lines),
      );
      equal(found.join("\n"), "");
    });
  }
}

/** The differences between two runs, line by line of each session's output. */
function differences(
  ours: Record<string, string>,
  theirs: Record<string, string>,
): string[] {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...names].flatMap((name) => {
    const mine = ours[name]?.split("\r\n") ?? [];
    const wanted = theirs[name]?.split("\r\n") ?? [];
    return Array.from({ length: Math.max(mine.length, wanted.length) })
      .flatMap((_, i) =>
        mine[i] === wanted[i]
          ? []
          : `${name} ${i}: ${mine[i]}, not ${wanted[i]}`
      );
  });
}

/** Reads the replies to HELLO and to the PING after it. */
async function skipHello(transport: Transport): Promise<void> {
  const into = new Uint8Array(4096);
  for (let got = ""; !got.endsWith("$5\r\nhello\r\n");) {
    const size = await transport.read(into);
    ok(size !== null, `The connection ended behind ${got}`);
    got += toBinary(into, 0, size);
  }
}

/** Runs a script; returns the commands that its changes propagate as. */
export async function savedBy(lines: readonly string[]): Promise<string[]> {
  const core = new Core();
  const saved: string[] = [];
  core.effects.sinks.add((effects: readonly Effect[]) => {
    for (const { args } of effects) saved.push(args.join(" "));
  });
  const served: Promise<void>[] = [];
  const connect = () => {
    const [ours, theirs] = makePipe();
    served.push(core.sessions.serve(theirs));
    return Promise.resolve(ours);
  };
  await play(connect, lines);
  core.close();
  await Promise.all(served);
  deepEqual(core.waiting.size, 0);
  // The script began with FLUSHALL.
  return saved.filter((line) => line !== "FLUSHALL");
}
