import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import type { ClientOptions } from "../../lib/client/options.ts";
import {
  ConnectionError,
  ProtocolError,
  TimeoutError,
} from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import type { TlsOptions } from "../../lib/net/transport.ts";
import { TMP } from "../support/paths.ts";
import { TestServer } from "../support/test_server.ts";
import {
  Authority,
  type Certificate,
  selfSigned,
  type Subject,
  writeCertificates,
} from "./certificates.ts";

const LOCAL: Subject = {
  commonName: "sorrel test server",
  dns: ["localhost"],
  ip: ["127.0.0.1"],
};

interface TlsServer extends AsyncDisposable {
  readonly authority: Authority;
  readonly port: number;
}

/** A server with a certificate of `subject`, signed by a new authority. */
async function serveTls(
  subject: Subject = LOCAL,
  config: Record<string, string> = {},
): Promise<TlsServer> {
  const authority = await Authority.create();
  const certificate = await authority.issue(subject);
  const server = await serveWith(certificate, authority.cert, config);
  return Object.assign(server, { authority });
}

/** A server with a self-signed certificate, marked as an authority's or not. */
async function serveSelfSigned(
  authority: boolean,
): Promise<AsyncDisposable & { port: number; cert: string }> {
  const certificate = await selfSigned(LOCAL, authority);
  const server = await serveWith(certificate, certificate.cert);
  return Object.assign(server, { cert: certificate.cert });
}

async function serveWith(
  certificate: Certificate,
  ca: string,
  config: Record<string, string> = {},
): Promise<AsyncDisposable & { port: number }> {
  await Deno.mkdir(TMP, { recursive: true });
  const directory = await Deno.makeTempDir({ dir: TMP, prefix: "server-tls-" });
  const tls = await writeCertificates(directory, certificate, ca);
  const server = await TestServer.start({ tls, config });
  return {
    port: server.tlsPort!,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Connects and sends PING; returns the outcome. */
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

Deno.test(
  "dial() suggests caCerts when no known authority signed the certificate",
  {
    ignore,
  },
  async () => {
    await using server = await serveTls();
    const other = await Authority.create("Another authority");
    const error =
      /ConnectionError: Cannot connect to rediss:\/\/127\.0\.0\.1:\d+ as no known authority .*"tls\.caCerts"/;
    await assert.rejects(ping(server.port, true), error);
    const caCerts = [other.cert];
    await assert.rejects(ping(server.port, { caCerts }), error);
  },
);

Deno.test("dial() suggests serverName when the certificate has another name", {
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
  "dial() without verifyHostname accepts any name, but no other authority",
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

Deno.test("dial() sends a client certificate", { ignore }, async () => {
  await using server = await serveTls(LOCAL, { "tls-auth-clients": "yes" });
  const caCerts = [server.authority.cert];
  const client = await server.authority.issue({ commonName: "client" });
  assert.equal(await ping(server.port, { caCerts, ...client }), "PONG");
  await assert.rejects(ping(server.port, { caCerts }), ConnectionError);
});

Deno.test("dial() rejects contradictory TLS options", async () => {
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

Deno.test("dial() leaves nothing open when a certificate is not PEM", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  const caCerts = [
    "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----",
  ];
  await assert.rejects(ping(port, { caCerts }), ConnectionError);
  using _socket = await accepting;
});

/** The error of connecting: one sentence. */
async function refusalOf(options: ClientOptions): Promise<ConnectionError> {
  try {
    await using redis = await connect(options);
    await redis.ping();
  } catch (error) {
    assert(error instanceof ConnectionError || error instanceof ProtocolError);
    assert.doesNotMatch(error.message, /\n/);
    return error as ConnectionError;
  }
  throw new Error("It connected");
}

Deno.test("dial() says what to do about a port without TLS", async (t) => {
  const tls = true;
  const hint =
    /^Cannot connect to rediss:\/\/127\.0\.0\.1:\d+ .*TLS.*redis:\/\//;
  await t.step("of Redis, which waits for a line end", async () => {
    await using server = await TestServer.start();
    const { port } = server;
    // With a line end among the random bytes of the handshake, the server replies with an error.
    for (let i = 0; i < 5; i++) {
      const { message } = await refusalOf({ port, tls, connectTimeout: 200 });
      assert.match(message, hint);
    }
  });
  await t.step("of a server that replies with an error", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const serving = (async () => {
      using socket = await listener.accept();
      await socket.read(new Uint8Array(1024));
      await socket.write(
        new TextEncoder().encode("-ERR unknown command\r\n"),
      );
      while (await socket.read(new Uint8Array(1024)) !== null);
    })();
    const { message } = await refusalOf({ port, tls });
    assert.match(message, hint);
    await serving.catch(() => {});
  });
  await t.step("of a web server", async () => {
    await using web = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(),
    );
    const { message } = await refusalOf({ port: web.addr.port, tls });
    assert.match(message, hint);
  });
  await t.step("that is closed at once", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const serving = (async () => {
      using socket = await listener.accept();
      await socket.read(new Uint8Array(1024));
    })();
    const { message } = await refusalOf({ port, tls });
    assert.match(message, hint);
    await serving;
  });
});

Deno.test("connect() without TLS suggests TLS when the port expects it", {
  ignore,
}, async () => {
  await using server = await serveTls();
  for (const options of [{}, { protocol: 2 }, { db: 1 }] as ClientOptions[]) {
    const { message } = await refusalOf({ port: server.port, ...options });
    assert.match(message, /a port for TLS needs rediss:\/\//);
  }
});

Deno.test(
  "dial() says what to do about a certificate that is marked as an authority's",
  {
    ignore,
  },
  async () => {
    await using server = await serveSelfSigned(true);
    for (const caCerts of [[server.cert], []]) {
      const { message } = await refusalOf({
        port: server.port,
        tls: { caCerts },
      });
      assert.match(
        message,
        /authority's \(CA:TRUE.*CA:FALSE.*subjectAltName.*"tls\.caCerts"/,
      );
    }
  },
);

Deno.test(
  "dial() accepts a self-signed certificate in caCerts if it is not marked as an authority's",
  {
    ignore,
  },
  async () => {
    await using server = await serveSelfSigned(false);
    const caCerts = [server.cert];
    assert.equal(await ping(server.port, { caCerts }), "PONG");
    const { message } = await refusalOf({ port: server.port, tls: true });
    assert.match(message, /"tls\.caCerts"/);
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
    // Deno closes a socket during the handshake only when the peer sends something.
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
  // Deno does not pass a signal to the dial of a socket with a client certificate.
  stop.abort(new Error("changed my mind"));
  await assert.rejects(dialling, /changed my mind/);
  using _socket = await accepting;
});
