import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { HASH_FAMILY, LARGE_HASH_FAMILY } from "./families/hashes.ts";

for (const family of [HASH_FAMILY, LARGE_HASH_FAMILY]) {
  for (const protocol of [2, 3] as const) {
    comparison(
      `${family.name}: every reply is Redis's, RESP${protocol}`,
      () =>
        compare(family, {
          seed: 1000 * protocol,
          sequences: 40,
          commands: 80,
          protocol,
        }),
    );
  }
}
