import { deepEqual } from "node:assert/strict";
import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { GEO_FAMILY } from "./families/geo.ts";
import { savedBy } from "./play.ts";

for (const protocol of [2, 3] as const) {
  comparison(
    `geo: every reply is Redis's, RESP${protocol}`,
    () =>
      compare(GEO_FAMILY, {
        seed: 1000 * protocol,
        sequences: 40,
        commands: 60,
        protocol,
      }),
  );
}

Deno.test("GEOADD propagates as the scores that it adds", async () => {
  const saved = await savedBy([
    "a GEOADD k NX 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
  ]);
  deepEqual(saved, [
    "ZADD k NX 3479099956230698 Palermo 3479447370796909 Catania",
  ]);
});
