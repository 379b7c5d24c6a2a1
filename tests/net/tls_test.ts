import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import { ConnectionError, TimeoutError } from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import type { TlsOptions } from "../../lib/net/transport.ts";
import { TMP } from "../support/paths.ts";
import { TestServer } from "../support/test_server.ts";
import { Authority, type Subject, writeCertificates } from "./certificates.ts";

const LOCAL: Subject = {
  commonName: "sorrel test server",
  dns: ["localhost"],
  ip: ["127.0.0.1"],
};

interface TlsServer extends AsyncDisposable {
  readonly authority: Authority;
  readonly port: number;
}

/** A server whose certificate is `subject`'s, signed by an authority of its own. */
async function serveTls(
  subject: Subject = LOCAL,
  config: Record<string, string> = {},
): Promise<TlsServer> {
  const authority = await Authority.create();
  await Deno.mkdir(TMP, { recursive: true });
  const directory = await Deno.makeTempDir({ dir: TMP, prefix: "server-tls-" });
  const files = await writeCertificates(
    directory,
    await authority.issue(subject),
    authority.cert,
  );
  const server = await TestServer.start({ tls: files, config });
  return {
    authority,
    port: server.tlsPort!,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Connects and says PING; what comes of it. */
async function ping(
  port: number,
  tls: true | TlsOptions,
  hostname = "127.0.0.1",
): Promise<string> {
  await using redis = await connect({ hostname, port, tls, info: false });
  return await redis.ping();
}

const ignore = !await TestServer.has("tls");

Deno.test(
  "dial() reaches a server whose authority is in caCerts",
  { ignore },
  async () => {
    await using server = await serveTls();
    const tls = { caCerts: [server.authority.cert] };
    assert.equal(await ping(server.port, tls), "PONG");
    assert.equal(await ping(server.port, tls, "localhost"), "PONG");
    await using redis = await connect(`rediss://127.0.0.1:${server.port}/2`, {
      tls,
    });
    const value = "x".repeat(1_000_000);
    await redis.set("large", value);
    assert.equal(await redis.get("large"), value);
  },
);

Deno.test("dial() names caCerts when nobody known signed the certificate", {
  ignore,
}, async () => {
  await using server = await serveTls();
  const other = await Authority.create("Another authority");
  const error =
    /ConnectionError: Cannot connect to rediss:\/\/127\.0\.0\.1:\d+ as no known authority .*"tls\.caCerts"/;
  await assert.rejects(ping(server.port, true), error);
  const caCerts = [other.cert];
  await assert.rejects(ping(server.port, { caCerts }), error);
});

Deno.test("dial() names serverName when the certificate bears another name", {
  ignore,
}, async () => {
  await using server = await serveTls({
    commonName: "elsewhere",
    dns: ["redis.example"],
  });
  const caCerts = [server.authority.cert];
  await assert.rejects(
    ping(server.port, { caCerts }),
    /ConnectionError: .* bears another name: .*"tls\.serverName"/,
  );
  const serverName = "redis.example";
  assert.equal(await ping(server.port, { caCerts, serverName }), "PONG");
});

Deno.test(
  "dial() lets any name pass without verifyHostname, but no other authority",
  { ignore },
  async () => {
    await using server = await serveTls({
      commonName: "x",
      dns: ["a.example"],
    });
    const caCerts = [server.authority.cert];
    const verifyHostname = false;
    assert.equal(await ping(server.port, { caCerts, verifyHostname }), "PONG");
    await assert.rejects(ping(server.port, { verifyHostname }), /caCerts/);
  },
);

Deno.test("dial() shows a client certificate", { ignore }, async () => {
  await using server = await serveTls(LOCAL, { "tls-auth-clients": "yes" });
  const caCerts = [server.authority.cert];
  const client = await server.authority.issue({ commonName: "client" });
  assert.equal(await ping(server.port, { caCerts, ...client }), "PONG");
  await assert.rejects(ping(server.port, { caCerts }), ConnectionError);
});

Deno.test("dial() refuses TLS options that do not go together", async () => {
  const authority = await Authority.create();
  const { cert, key } = await authority.issue(LOCAL);
  const refused: [TlsOptions, RegExp][] = [
    [{ cert }, /^TypeError: .*"tls\.cert" and "tls\.key" go together/],
    [{ key }, /^TypeError: .*"tls\.cert" and "tls\.key" go together/],
    [
      { cert, key, serverName: "a.example" },
      /^TypeError: .*"tls\.serverName" cannot be combined/,
    ],
  ];
  for (const [tls, message] of refused) {
    await assert.rejects(ping(1, tls), message);
  }
});

Deno.test("dial() leaves nothing open when a certificate is no PEM", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  const caCerts = [
    "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----",
  ];
  await assert.rejects(ping(port, { caCerts }), ConnectionError);
  using _socket = await accepting;
});

Deno.test(
  "dial() rejects when the port does not speak TLS",
  { ignore },
  async () => {
    await using server = await TestServer.start();
    // The server takes what it gets for the start of a line, and waits for its end.
    const { port } = server;
    const options = { port, tls: true, connectTimeout: 200 };
    await assert.rejects(connect(options), ConnectionError);
  },
);

Deno.test("behaviour 23: connectTimeout covers the TLS handshake", async () => {
  const authority = await Authority.create();
  const client = await authority.issue(LOCAL);
  for (const tls of [{}, client]) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const accepting = listener.accept();
    const options = { port, tls, connectTimeout: 100 };
    await assert.rejects(connect(options), TimeoutError);
    // Deno closes a socket in handshake only when the peer does something.
    using _socket = await accepting;
  }
});

Deno.test("dial() leaves nothing open when it is aborted at any moment", {
  ignore,
}, async () => {
  await using server = await serveTls();
  const { port, authority } = server;
  const client = await authority.issue(LOCAL);
  const caCerts = [authority.cert];
  const reason = new Error("changed my mind");
  for (const tls of [{ caCerts }, { caCerts, ...client }]) {
    for (let delay = 0; delay < 12; delay++) {
      const stop = new AbortController();
      const address = { hostname: "127.0.0.1", port, tls };
      const dialling = dial(address, stop.signal);
      const timer = setTimeout(() => stop.abort(reason), delay / 2);
      try {
        (await dialling)[Symbol.dispose]();
      } catch (error) {
        assert.equal(error, reason);
      }
      clearTimeout(timer);
    }
  }
});

Deno.test("dial() closes a TLS socket that was aborted before its handshake", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  const authority = await Authority.create();
  const tls = await authority.issue(LOCAL);
  const stop = new AbortController();
  const dialling = dial({ hostname: "127.0.0.1", port, tls }, stop.signal);
  // No signal reaches the dial of a socket with a client certificate.
  stop.abort(new Error("changed my mind"));
  await assert.rejects(dialling, /changed my mind/);
  using _socket = await accepting;
});
