import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { KEY_FAMILY, SORT_FAMILY } from "./families/keys.ts";

for (const family of [KEY_FAMILY, SORT_FAMILY]) {
  for (const protocol of [2, 3] as const) {
    comparison(
      `${family.name} answer as in Redis, RESP${protocol}`,
      () =>
        compare(family, {
          seed: 1000 * protocol,
          sequences: 40,
          commands: 100,
          protocol,
        }),
    );
  }
}
