import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { BITMAP_FAMILY } from "./families/bitmaps.ts";

for (const protocol of [2, 3] as const) {
  comparison(
    `bitmaps answer as in Redis, RESP${protocol}`,
    () =>
      compare(BITMAP_FAMILY, {
        seed: 1000 * protocol,
        sequences: 40,
        commands: 100,
        protocol,
      }),
  );
}
