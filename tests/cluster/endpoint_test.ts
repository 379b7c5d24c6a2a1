/**
 * Addresses in the replies of a cluster, in the forms of newer and older servers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster } from "../../lib/cluster/connect.ts";
import { readSlots, redirectionOf } from "../../lib/cluster/endpoint.ts";
import { type Redis, ReplyError } from "../../mod.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

const asked = { hostname: "10.0.0.1", port: 7000 };

test("readSlots() reads host names, metadata, IPv6, and nodes without a name", () => {
  const reply = [
    [0, 99, ["10.0.0.2", 7001, "id1", ["hostname", "a.example"]], [
      "::1",
      7002,
      "id2",
      [],
    ]],
    // Empty: the host that was asked. `?`: an unknown host.
    [100, 199, ["", 7003, "id3"], ["?", 7004, "id4"], [null, 7005, "id5"]],
    [200, 299, ["?", 7006, "id6"]],
  ];
  assert.deepEqual(readSlots(reply, asked), [
    {
      first: 0,
      last: 99,
      master: { hostname: "10.0.0.2", port: 7001, nodeId: "id1" },
      replicas: [{ hostname: "::1", port: 7002, nodeId: "id2" }],
    },
    {
      first: 100,
      last: 199,
      master: { hostname: "10.0.0.1", port: 7003, nodeId: "id3" },
      replicas: [{ hostname: "10.0.0.1", port: 7005, nodeId: "id5" }],
    },
  ]);
  assert.equal(readSlots([], asked), null);
  assert.equal(readSlots("no", asked), null);
});

test("redirectionOf() reads MOVED and ASK", () => {
  const of = (message: string) => redirectionOf(new ReplyError(message), asked);
  assert.deepEqual(of("MOVED 5 ::1:7001"), {
    kind: "MOVED",
    slot: 5,
    endpoint: { hostname: "::1", port: 7001 },
  });
  assert.deepEqual(of("ASK 5 :7001")?.endpoint, { ...asked, port: 7001 });
  assert.equal(of("MOVED 5 ?:7001"), undefined);
  assert.equal(of("ERR no"), undefined);
});

const HELLO = "%1\r\n+proto\r\n:3\r\n";
const SLOTS = "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$8\r\n10.0.0.7\r\n:7000\r\n";

function greeted(peer: ScriptedPeer): ScriptedPeer {
  return peer.expect("HELLO", "3").reply(HELLO);
}

const ways: Record<string, (redis: Redis) => Promise<unknown>> = {
  "by a command": (redis) => redis.get("k"),
  "by a pipeline": async (redis) => {
    const [value] = await redis.pipeline((p) => [p.get("k")], {
      transaction: false,
    });
    return value;
  },
};
for (const [name, get] of Object.entries(ways)) {
  test(`a node that redirects to itself gets a new connection, ${name}`, async () => {
    const peer = new ScriptedPeer();
    greeted(peer)
      .expect("CLUSTER", "SLOTS").reply(SLOTS)
      .expect("GET", "k").reply("-MOVED 7629 10.0.0.7:7000\r\n");
    greeted(peer.redial()).expect("GET", "k").reply("$1\r\nv\r\n");
    await using redis = await connectCluster("redis://localhost:7000", {
      dial: peer.dial,
      info: false,
      refreshInterval: 0,
      mapAddress: () => ({ hostname: "localhost", port: 7000 }),
    });
    assert.equal(await get(redis), "v");
    assert.deepEqual(
      peer.dialled.map((address) => "hostname" in address && address.hostname),
      ["localhost", "localhost"],
    );
    await peer.done();
  });
}
