/**
 * The order in which a link retries commands, and the events that end its waits.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  ClosedError,
  ConnectionError,
  QueueFullError,
} from "../../lib/errors.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { ask, errorOf, linkTo, sleep, slotOf, until } from "./support.ts";

const left = new Error("The server is left");

async function assertMaybeExecuted(call: Promise<unknown>): Promise<void> {
  const error = await errorOf(call);
  assert(error instanceof ConnectionError, String(error));
  assert.equal(error.maybeExecuted, true);
}

// -- Order --

Deno.test("a write is not retried after a later one that may have been executed", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "1").expect("GET", "k").expect("SET", "k", "2")
    .expect("SET", "k", "3").hangUp()
    .redial()
    .expect("GET", "k").expect("SET", "k", "3").reply("+2\r\n+OK\r\n");
  await using link = linkTo(peer);
  const first = ask(link.it, "SET k 1", { retry: true });
  const read = ask(link.it, "GET k");
  const second = ask(link.it, "SET k 2");
  const third = ask(link.it, "SET k 3", { retry: true });
  await assertMaybeExecuted(first);
  await assertMaybeExecuted(second);
  assert.deepEqual(await Promise.all([read, third]), ["2", "OK"]);
  await peer.done();
});

Deno.test("a write is not retried after a later one that timed out in flight", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "1").expect("SET", "k", "2").silence();
  await using link = linkTo(peer);
  const first = ask(link.it, "SET k 1", { retry: true });
  const second = ask(link.it, "SET k 2", { timeout: 20 });
  await errorOf(second);
  peer.hangUpNow();
  await assertMaybeExecuted(first);
});

Deno.test("a write on an abandoned connection is not retried after a later write", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "1").expect("GET", "k").silence()
    .redial()
    .expect("SET", "k", "2").reply("+OK\r\n")
    .expect("GET", "k").reply("+2\r\n");
  await using link = linkTo(peer);
  const first = ask(link.it, "SET k 1", { retry: true });
  const read = ask(link.it, "GET k");
  await until(() => peer.received.length === 2);
  link.it.leave(left);
  assert.equal(await ask(link.it, "SET k 2"), "OK");
  peer.hangUpNow(0);
  await assertMaybeExecuted(first);
  assert.equal(await read, "2");
  await peer.done();
});

Deno.test("a refused write does not overtake one that was aborted in flight", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "1").expect("SET", "k", "2").expect("SET", "k", "3");
  await using link = linkTo(peer, { backoff: () => 1 });
  const first = ask(link.it, "SET k 1");
  const second = slotOf(["SET", "k", "2"]);
  second.promise.catch(() => {});
  link.it.execute(second);
  const third = ask(link.it, "SET k 3");
  await until(() => peer.received.length === 3);
  second.fail(new Error("It was aborted"));
  peer.sendNow("-LOADING a\r\n+OK\r\n+OK\r\n");
  assert.match((await errorOf(first)).message, /^LOADING a/);
  assert.equal(await third, "OK");
});

Deno.test("a write that was aborted in flight and refused delays no other command", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "1").expect("SET", "k", "2")
    .expect("SET", "k", "1").reply("+OK\r\n");
  await using link = linkTo(peer, { backoff: () => 1 });
  const first = ask(link.it, "SET k 1");
  const second = slotOf(["SET", "k", "2"]);
  second.promise.catch(() => {});
  link.it.execute(second);
  await until(() => peer.received.length === 2);
  second.fail(new Error("It was aborted"));
  peer.sendNow("-LOADING a\r\n-LOADING b\r\n");
  assert.equal(await first, "OK");
  await peer.done();
});

// -- Leaving --

Deno.test("Link.leave() ends the backoff before the next attempt", async () => {
  const peer = new ScriptedPeer().refuse().redial()
    .expect("PING").reply("+PONG\r\n");
  await using link = linkTo(peer, { backoff: () => 60_000 });
  const answer = ask(link.it, "PING");
  await until(() => link.it.state.kind === "waiting");
  link.it.leave(left);
  assert.equal(await answer, "PONG");
  await peer.done();
});

Deno.test("Link.leave() aborts a dial in progress, and dials again", async () => {
  const peer = new ScriptedPeer().stall().redial()
    .expect("PING").reply("+PONG\r\n");
  await using link = linkTo(peer, {
    backoff: () => 60_000,
    connectAttempts: 1,
  });
  const answer = ask(link.it, "PING");
  await until(() => peer.dialled.length === 1);
  link.it.leave(left);
  assert.equal(await answer, "PONG");
  await peer.done();
});

// -- Closing --

Deno.test("close() waits for commands that the server refuses temporarily", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "1").reply("-LOADING not yet\r\n")
    .expect("SET", "k", "1").reply("-LOADING not yet\r\n")
    .expect("SET", "k", "1").reply("+OK\r\n");
  await using link = linkTo(peer, { backoff: () => 20 });
  const answer = ask(link.it, "SET k 1", { timeout: 5_000 });
  await until(() => {
    const { state } = link.it;
    return state.kind === "ready" && state.hold !== undefined;
  });
  await link.it.close(5_000);
  assert.equal(await answer, "OK");
  await peer.done();
});

Deno.test("close() notices that the commands it waits for were aborted", async () => {
  const peer = new ScriptedPeer().expect("GET", "k").silence();
  await using link = linkTo(peer);
  const slot = slotOf(["GET", "k"]);
  slot.promise.catch(() => {});
  link.it.execute(slot);
  await until(() => peer.received.length === 1);
  const began = performance.now();
  const closed = link.it.close(10_000);
  await sleep(5);
  slot.fail(new Error("It was aborted"));
  await closed;
  assert(performance.now() - began < 5_000);
});

// -- The queue --

Deno.test("held commands and pending replies of an abandoned connection count towards queueSize", async () => {
  const peer = new ScriptedPeer()
    .expect("GET", "a").silence().redial().expect("GET", "b").silence();
  await using link = linkTo(peer, { queueSize: 2 });
  ask(link.it, "GET a");
  await until(() => peer.received.length === 1);
  link.it.leave(left);
  ask(link.it, "GET b");
  await until(() => peer.received.length === 2);
  assert.equal(link.it.pending, 2);
  const error = await errorOf(ask(link.it, "GET c"));
  assert(error instanceof QueueFullError, String(error));
});

Deno.test("a caller that retries at once after QueueFullError does not block the reading of replies", async () => {
  const peer = new ScriptedPeer().expect("GET", "a")
    .expect("GET", "b").reply("+w\r\n");
  await using link = linkTo(peer, { queueSize: 1 });
  const answer = ask(link.it, "GET a");
  await until(() => peer.received.length === 1);
  setTimeout(() => peer.sendNow("+v\r\n"), 5);
  let refusals = 0;
  for (;;) {
    try {
      assert.equal(await ask(link.it, "GET b"), "w");
      break;
    } catch (error) {
      assert(error instanceof QueueFullError, String(error));
      // Without the fix the loop would not end, as no timer could run.
      assert(++refusals < 100_000);
    }
  }
  assert(refusals > 0);
  assert.equal(await answer, "v");
});

Deno.test('with whenFull: "wait" commands that were aborted are not kept', async () => {
  const peer = new ScriptedPeer().stall();
  await using link = linkTo(peer, { queueSize: 10, whenFull: "wait" });
  for (let i = 0; i < 1_000; i++) {
    const slot = slotOf(["GET", `${i}`]);
    slot.promise.catch(() => {});
    link.it.execute(slot);
    slot.fail(new Error("It was aborted"));
    if (i % 100 === 0) await sleep(25);
  }
  assert(link.it.pending < 200, `${link.it.pending}`);
  await link.it.close(0);
  assert((await errorOf(ask(link.it, "PING"))) instanceof ClosedError);
});
