import assert from "node:assert/strict";
import { newestOfEach, newestOfMinors, readPackages } from "./newer_servers.ts";
import { summaryOf } from "./summary.ts";

const PRINTED = `
redis-tools |  5:8.6.3-1 | http://h/debian experimental/main amd64 Packages
redis-tools |  5:8.0.6-3 | http://h/debian sid/main amd64 Packages
redis-tools | 5:8.0.2-3+deb13u3 | http://h/debian trixie/main amd64 Packages
valkey-tools | 8.1.1+dfsg1-3+deb13u3 | http://h/debian trixie/main amd64 Packages
valkey-tools |    9.1.2-1 | http://h/debian sid/main amd64 Packages
other-tools |    1.2.3-1 | http://h/debian sid/main amd64 Packages
`;

Deno.test(
  "newestOfMinors() takes the newest of each minor version, the newest first",
  {
    permissions: "none",
  },
  () => {
    const packages = newestOfMinors(readPackages(PRINTED));
    assert.deepEqual(
      packages.map(({ name, version }) => `${name}=${version}`),
      [
        "redis-tools=5:8.6.3-1",
        "redis-tools=5:8.0.6-3",
        "valkey-tools=9.1.2-1",
        "valkey-tools=8.1.1+dfsg1-3+deb13u3",
      ],
    );
  },
);

Deno.test("newestOfEach() takes the newest Redis and the newest Valkey", {
  permissions: "none",
}, () => {
  const servers = ["redis-8.6.3", "redis-8.0.6", "valkey-9.1.2", "valkey-8.1.1"]
    .map((name) => ({ name, path: "" }));
  assert.deepEqual(newestOfEach(servers), [servers[0], servers[2]]);
  assert.deepEqual(newestOfEach(servers.slice(1, 2)), [servers[1]]);
  assert.deepEqual(newestOfEach([]), []);
});

Deno.test("summaryOf() reads the last line of deno test", {
  permissions: "none",
}, () => {
  const line =
    "FAILED | 149 passed (1251 steps) | 3 failed (6 steps) | 2 ignored (5s)";
  assert.deepEqual(summaryOf(`ok | 1 passed (1s)\n${line}\n`), {
    passed: 149,
    failed: 3,
    ignored: 2,
  });
  assert.equal(summaryOf("error: Uncaught\n"), null);
});
