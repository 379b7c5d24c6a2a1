/**
 * The bytes of subscriptions, in RESP2 and RESP3.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import { TimeoutError } from "../../lib/errors.ts";
import { WELCOME } from "../connection/support.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { sleep, take, until } from "./support.ts";

// -- On the wire --

const RESP3 = (kind: string, name: string, last: string) =>
  `>3\r\n+${kind}\r\n$${name.length}\r\n${name}\r\n${last}\r\n`;
const RESP2 = (...words: [string, string, string]) =>
  RESP3(...words).replace(">", "*");

for (const [protocol, say] of [[2, RESP2], [3, RESP3]] as const) {
  /** A peer with two dials: for the client, and for its subscriptions. */
  const greeted = () => {
    const hello = (peer: ScriptedPeer) =>
      protocol === 3 ? peer.expect("HELLO", "3").reply(WELCOME) : peer;
    return hello(hello(new ScriptedPeer()).redial());
  };
  const client = (peer: ScriptedPeer) =>
    connect({ dial: peer.dial, protocol, info: false, backoff: () => 0 });

  Deno.test(`behaviour 17: RESP${protocol} messages that come before the last confirmation are delivered`, async () => {
    const peer = greeted().expect("SUBSCRIBE", "a", "b").reply(
      say("subscribe", "b", ":1") + say("message", "b", "$2\r\nb1") +
        say("message", "a", "$5\r\nearly"),
    ).silence();
    await using redis = await client(peer);
    let resolved = false;
    const subscribing = redis.subscribe(["a", "b"])
      .then((news) => (resolved = true, news));
    await until(() => peer.received.some(([word]) => word === "SUBSCRIBE"));
    await sleep(5);
    assert.equal(resolved, false);
    peer.sendNow(say("subscribe", "a", ":2"));
    const news = await subscribing;
    const messages = await take(news, 2);
    assert.deepEqual(messages.map(({ message }) => message), ["b1", "early"]);
  });

  Deno.test(`RESP${protocol} a late confirmation is ignored`, async () => {
    const peer = greeted().silence();
    await using redis = await connect({
      dial: peer.dial,
      protocol,
      info: false,
      commandTimeout: 300,
    });
    const stop = new AbortController();
    const late = redis.subscribe("a", { signal: stop.signal });
    late.catch(() => {});
    await until(() => peer.received.some(([word]) => word === "SUBSCRIBE"));
    stop.abort(new Error("changed my mind"));
    await assert.rejects(late, /changed my mind/);
    const next = redis.subscribe("b");
    await until(() => peer.received.some(([word]) => word === "UNSUBSCRIBE"));
    peer.sendNow(say("subscribe", "a", ":1"));
    peer.sendNow(say("unsubscribe", "a", ":0"));
    peer.sendNow(say("subscribe", "b", ":1") + say("message", "b", "$1\r\nx"));
    assert.equal((await (await next).next()).value?.message, "x");
  });

  Deno.test(`RESP${protocol} a reader that keeps up loses no message of a burst that is longer than its queue`, async () => {
    const count = 5_000;
    const burst = Array.from(
      { length: count },
      (_, i) => say("message", "a", `$4\r\n${String(i).padStart(4, "0")}`),
    );
    const peer = greeted().expect("SUBSCRIBE", "a").reply(
      say("subscribe", "a", ":1"),
    ).silence();
    await using redis = await client(peer);
    const news = await redis.subscribe("a");
    const reading = (async () => {
      let read = 0;
      for await (const { message, missed } of news) {
        assert.deepEqual([Number(message), missed], [read, null]);
        // As in a loop inside its own async function.
        await null;
        await null;
        if (++read === count) break;
      }
    })();
    peer.sendNow(burst.join(""));
    await reading;
    assert.equal(news.dropped, 0);
  });

  Deno.test(`RESP${protocol} subscribe() times out`, async () => {
    const peer = greeted().silence();
    await using redis = await connect({
      dial: peer.dial,
      protocol,
      info: false,
      commandTimeout: 50,
      backoff: () => 60_000,
    });
    await assert.rejects(redis.subscribe("a"), TimeoutError);
  });

  Deno.test(`RESP${protocol} unexpected confirmations and unknown pushes are ignored`, async () => {
    const peer = greeted().expect("SUBSCRIBE", "a").reply(
      say("sunsubscribe", "a", ":0") + say("subscribe", "b", ":1") +
        say("subscribe", "a", ":1") +
        say("unsubscribe", "a", ":0") + say("novelty", "a", ":1") +
        say("message", "other", "$1\r\n?") + say("message", "a", "$1\r\n!"),
    ).silence();
    await using redis = await client(peer);
    const news = await redis.subscribe("a");
    assert.equal((await news.next()).value?.message, "!");
  });
}
