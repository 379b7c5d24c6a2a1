/**
 * Sentinels with TLS, client certificates, and their own user and password.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectSentinel } from "../../lib/cluster/connect.ts";
import { AuthenticationError, connect, ConnectionError } from "../../mod.ts";
import {
  Authority,
  type Certificate,
  writeCertificates,
} from "../net/certificates.ts";
import { TMP } from "../support/paths.ts";
import { offers, probe } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import {
  type SentinelServer,
  startSentinel,
} from "../commands/sentinel_server.ts";
import { becomes } from "./test_cluster.ts";

const program = await probe();
const ignore = !offers(program, "sentinel") || !offers(program, "tls") ||
  !offers(program, "acl");

const LOCAL = { commonName: "server", dns: ["localhost"], ip: ["127.0.0.1"] };
/** The users of the sentinels, and the authentication between them. */
const SENTINEL_USERS = [
  "user default on >for-sentinels +@all &*",
  "user app on >for-app +@all &*",
  "sentinel sentinel-pass for-sentinels",
  "sentinel auth-pass m of-master",
];

/** A master, a replica and three sentinels that only accept TLS. */
class TlsDeployment implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly sentinels: SentinelServer[] = [];
  authority!: Authority;
  client!: Certificate;

  static async start(): Promise<TlsDeployment> {
    const self = new TlsDeployment();
    self.authority = await Authority.create();
    self.client = await self.authority.issue({ commonName: "client" });
    await Deno.mkdir(TMP, { recursive: true });
    const directory = await Deno.makeTempDir({ dir: TMP, prefix: "tls-" });
    self.#stack.defer(() => Deno.remove(directory, { recursive: true }));
    const paths = await writeCertificates(
      directory,
      await self.authority.issue(LOCAL),
      self.authority.cert,
    );
    const config = {
      "requirepass": "of-master",
      "masterauth": "of-master",
      "tls-replication": "yes",
      "tls-auth-clients": "yes",
      "repl-diskless-sync-delay": "0",
    };
    const master = self.#stack.use(
      await TestServer.start({ tls: paths, config }),
    );
    self.#stack.use(
      await TestServer.start({
        tls: paths,
        config: { ...config, replicaof: `127.0.0.1 ${master.tlsPort}` },
      }),
    );
    for (let i = 0; i < 3; i++) {
      const tls = { ...paths, config: SENTINEL_USERS };
      self.sentinels.push(self.#stack.use(await startSentinel(master, 2, tls)));
    }
    return self;
  }

  get tls() {
    return { caCerts: [this.authority.cert], ...this.client };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

Deno.test(
  "sentinels have their own CA, client certificate, user and password",
  { ignore },
  async () => {
    await using all = await TlsDeployment.start();
    const { tls } = all;
    const [first, ...others] = all.sentinels as [
      SentinelServer,
      ...SentinelServer[],
    ];
    const own = { tls, username: "app", password: "for-app" };
    for (const { url } of all.sentinels) {
      await using sentinel = await connect(url, own);
      await becomes(async () => {
        const [known, [replica]] = await Promise.all([
          sentinel.sentinelSentinels("m"),
          sentinel.sentinelReplicas("m"),
        ]);
        return known.length === 2 && replica?.["master-link-status"] === "ok";
      });
    }
    // The URL has one sentinel; the others are discovered, and reached the same way.
    let asked = 0;
    await using redis = await connectSentinel(first.url, {
      master: "m",
      tls,
      password: "of-master",
      readFrom: "preferReplica",
      sentinel: {
        tls,
        credentials: () => {
          asked++;
          return { username: "app", password: "for-app" };
        },
      },
    });
    assert.equal(await redis.set("k", "v"), "OK");
    await using second = await connect(others[0]!.url, own);
    await using third = await connect(others[1]!.url, own);
    for (const sentinel of [second, third]) {
      await becomes(async () => {
        const list = String(await sentinel.send(["CLIENT", "LIST"]));
        return / sub=3 [^\n]*user=app/.test(list);
      });
    }
    assert(asked >= 3, `credentials were asked for ${asked} times`);
    await becomes(async () => await redis.get("k") === "v");
    const port = async () => {
      const [, config] = await redis.transaction((t) => [
        t.set("k", "w"),
        t.configGet("tls-port"),
      ]);
      return config["tls-port"];
    };
    const old = await port();
    first.child.kill("SIGKILL");
    await second.sentinelFailover("m");
    await becomes(async () =>
      await port().then((now) => now !== old, () => false)
    );

    // Each of the options is needed.
    const options = { master: "m", tls, password: "of-master" };
    await assert.rejects(
      connectSentinel(others[0]!.url, {
        ...options,
        sentinel: { tls, username: "app", password: "wrong" },
      }),
      (error: Error) => {
        assert(error instanceof ConnectionError, `${error}`);
        assert.match(error.message, /WRONGPASS/);
        assert.doesNotMatch(error.message, /of-master/);
        return true;
      },
    );
    const stranger = await Authority.create();
    for (
      const bad of [
        { caCerts: [stranger.cert], ...all.client },
        { caCerts: [all.authority.cert] },
      ]
    ) {
      await assert.rejects(
        connectSentinel(others[0]!.url, {
          ...options,
          sentinel: { ...own, tls: bad },
        }),
        ConnectionError,
      );
    }
    await assert.rejects(
      connectSentinel(others[0]!.url, {
        ...options,
        password: "wrong",
        sentinel: own,
      }),
      AuthenticationError,
    );
  },
);
